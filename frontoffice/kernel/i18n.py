"""The four languages: catalogues, and dates, amounts and sizes as each language writes them; no framework."""

import unicodedata
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from gettext import GNUTranslations, NullTranslations
from typing import Literal
from zoneinfo import ZoneInfo

import pycountry
from babel import Locale as BabelLocale
from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal

from frontoffice.settings import resources

Locale = Literal["nl", "fr", "de", "en"]
LOCALES: tuple[Locale, ...] = ("nl", "fr", "de", "en")
LANGUAGE_NAMES = {"nl": "Nederlands", "fr": "Français", "de": "Deutsch", "en": "English"}
BRUSSELS = ZoneInfo("Europe/Brussels")

Translate = Callable[..., str]


def mark(message: str) -> str:
    """Mark an English sentence for the catalogues; it is translated when it is shown."""
    return message


def as_locale(text: str | None) -> Locale | None:
    """The language that `text` names, if it is one of ours."""
    return next((one for one in LOCALES if one == text), None)


@cache
def catalogue(locale: Locale) -> NullTranslations:
    """The compiled texts of one language; an absent catalogue is an error, not English."""
    path = resources("locales") / locale / "LC_MESSAGES" / "frontoffice.mo"
    with path.open("rb") as file:
        return GNUTranslations(file)


@cache
def translator(locale: Locale) -> Translate:
    """A function that translates a msgid and fills its placeholders: `_("Ends on %(day)s", day=…)`."""
    gettext = catalogue(locale).gettext

    def translate(message: str, **params: object) -> str:
        text = gettext(message) if message else ""
        return text % params if params else text

    return translate


def _babel(locale: Locale) -> BabelLocale:
    return _BABEL[locale]


_BABEL = {one: BabelLocale.parse("nl_BE" if one == "nl" else "fr_BE" if one == "fr" else "de_BE" if one == "de" else "en_GB")
          for one in LOCALES}


def show_day(value: date | datetime, locale: Locale) -> str:
    """A day written out: 21 november 2026."""
    if isinstance(value, datetime):
        value = value.astimezone(BRUSSELS).date()
    return format_date(value, "long", locale=_babel(locale))


def show_moment(value: datetime, locale: Locale) -> str:
    """A day and a time in Belgium: 21 november 2026, 14:02."""
    local = value.astimezone(BRUSSELS)
    return f"{show_day(local, locale)}, {format_datetime(local, 'HH:mm', locale=_babel(locale))}"


def show_money(value: Decimal | int, locale: Locale) -> str:
    """An amount in euro: € 48.912,00."""
    return format_currency(value, "EUR", locale=_babel(locale))


def show_number(value: Decimal | int, locale: Locale) -> str:
    """A number with the separators of the language."""
    return format_decimal(value, locale=_babel(locale))


def show_size(size: int, locale: Locale) -> str:
    """A file size in the unit that a person expects."""
    if size < 1000:
        return f"{size} B"
    if size < 1_000_000:
        return f"{format_decimal(round(size / 1000), locale=_babel(locale))} kB"
    return f"{format_decimal(round(Decimal(size) / 1_000_000, 1), locale=_babel(locale))} MB"


@cache
def countries(locale: Locale) -> tuple[tuple[str, str], ...]:
    """Every ISO 3166-1 country as (alpha-3 code, name), in the order of the language's names."""
    names = _babel(locale).territories
    rows = [(one.alpha_3, str(names.get(one.alpha_2, one.name))) for one in pycountry.countries]
    return tuple(sorted(rows, key=lambda row: fold(row[1])))


def fold(text: str) -> str:
    """A text as people look it up: without accents, capitals or hyphens."""
    plain = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return " ".join(plain.casefold().replace("-", " ").split())


@cache
def country_codes() -> frozenset[str]:
    """The three-letter codes of all countries."""
    return frozenset(one.alpha_3 for one in pycountry.countries)


@cache
def _country_names(locale: Locale) -> dict[str, str]:
    return dict(countries(locale))


def country_name(code: str, locale: Locale) -> str:
    """The name of an ISO 3166-1 alpha-3 country; the code itself when unknown."""
    return _country_names(locale).get(code, code)
