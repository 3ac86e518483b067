"""Nationalities and issuers of travel documents that are no country of ISO 3166-1, under the codes of ICAO Doc 9303 part 3."""

from collections.abc import Mapping

from frontoffice.kernel.i18n import LOCALES, Locale, country_name, translator
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.message import Names

# Three times X: "unspecified" in Doc 9303.
UNSPECIFIED = "X" * 3
STATELESS = "XXA"
REFUGEES = frozenset({"XXB", "XXC"})

SPECIAL: Mapping[str, str] = {
    STATELESS: _("Stateless"),
    "XXB": _("Recognised refugee"),
    "XXC": _("Refugee, in another way than under the Convention of 1951"),
    UNSPECIFIED: _("Nationality unknown"),
    "RKS": _("Kosovo"),
    "GBD": _("British citizen of an overseas territory"),
    "GBN": _("British national (overseas)"),
    "GBO": _("British overseas citizen"),
    "GBP": _("British protected person"),
    "GBS": _("British subject"),
    "UNO": _("United Nations"),
    "UNA": _("Specialised agency of the United Nations"),
    "UNK": _("United Nations mission in Kosovo"),
    "EUE": _("European Union"),
    "XOM": _("Sovereign Order of Malta"),
}


def nationality_of(icao: str) -> str:
    """Our code for a State or nationality as a zone writes it: the D of Germany has three letters here, and nothing is unspecified."""
    return {"D": "DEU", "": UNSPECIFIED}.get(icao, icao)


def nationality_names(codes: str) -> Names:
    """The names of countries and special codes, stored with spaces between, in each language."""
    return Names(*(", ".join(_name(code, locale) for code in codes.split()) for locale in LOCALES))


def _name(code: str, locale: Locale) -> str:
    return translator(locale)(SPECIAL[code]) if code in SPECIAL else country_name(code, locale)
