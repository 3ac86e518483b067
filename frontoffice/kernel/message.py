"""A sentence that rules hand out before anyone knows in which language it will be read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple, Union

from frontoffice.kernel.i18n import Locale, show_day, show_money, translator


class Names(NamedTuple):
    """What a place is called in each language."""

    nl: str
    fr: str
    de: str
    en: str

    def in_language(self, locale: Locale) -> str:
        """The name for readers of that language."""
        return str(getattr(self, locale))


# A Decimal is an amount in euro; whole numbers are counts.
Param = Union[str, int, Decimal, date, Names, "Message"]


@dataclass(frozen=True)
class Message:
    """A msgid and what fills its placeholders, other messages included."""

    text: str
    params: Mapping[str, Param] = field(default_factory=dict)


def say(message: Message, locale: Locale) -> str:
    """The message in one language, with its dates, amounts and place names as that language writes them."""
    return translator(locale)(message.text, **{name: _shown(value, locale) for name, value in message.params.items()})


def _shown(value: Param, locale: Locale) -> str:
    if isinstance(value, Message):
        return say(value, locale)
    if isinstance(value, Names):
        return value.in_language(locale)
    if isinstance(value, Decimal):
        return show_money(value, locale)
    if isinstance(value, date):
        return show_day(value, locale)
    return str(value)
