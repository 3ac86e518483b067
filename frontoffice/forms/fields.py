"""Questions: each reads one raw answer into its canonical text, or explains what is wrong with it."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import ClassVar

from frontoffice.forms import identifiers
from frontoffice.forms.conditions import Condition
from frontoffice.forms.identifiers import Wrong
from frontoffice.kernel.i18n import LOCALES, country_codes, country_name, show_number
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.message import Message, Names

Raw = Mapping[str, str]
Option = tuple[str, str, str]

# Cc and Cs never belong in an answer; the bidirectional controls can make one text look like another.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u202a-\u202e\u2066-\u2069\u200e\u200f\ufffd\ud800-\udfff]")
# Joiners have their place inside words of some scripts; alone they leave a blank.
_UNSEEN = re.compile("[\\s\u00ad\u200b-\u200d\u2060-\u2064\ufeff]*")
_FIRST_YEAR, _LAST_YEAR = 1900, 2199


@dataclass(frozen=True, kw_only=True)
class Field:
    """One question. `read` gives the canonical text that is stored ("" when an optional one is left empty).

    `rows` asks for a box of several lines; `read_as` is the label where the answer is told, if the question would read oddly there.
    """

    name: str
    label: str
    hint: str = ""
    optional: bool = False
    when: Condition | None = None
    width: int | None = None
    autocomplete: str | None = None
    inputmode: str | None = None
    prefix: str = ""
    suffix: str = ""
    longest: int = 200
    missing: str = ""
    rows: int = 0
    read_as: str = ""
    kind: ClassVar[str] = "text"

    @property
    def options(self) -> Sequence[Option]:
        """The choices as (value, label, hint); empty for a question that is typed."""
        return ()

    def raw_names(self) -> tuple[str, ...]:
        """The names under which a browser sends this answer."""
        return (self.name,)

    def raw_of(self, value: str) -> dict[str, str]:
        """What the inputs must show for a stored value."""
        return {self.name: value}

    def read(self, raw: Raw) -> str:
        """The canonical text of this answer; raises Wrong with a msgid that says what to do."""
        text = clean(raw.get(self.name, ""))
        if not text:
            if self.optional:
                return ""
            raise Wrong(self.missing or _("Answer this question"))
        if len(text) > self.longest:
            raise Wrong(_("Use %(longest)s characters or fewer; you used %(used)s"), {"longest": self.longest, "used": len(text)})
        if _FORBIDDEN.search(text):
            raise Wrong(_("This contains characters that cannot be printed: type it again"))
        return self.parse(text)

    def parse(self, text: str) -> str:
        """The canonical form of a text that is present and clean; raises Wrong."""
        return text

    def shown(self, value: str) -> Message | Names | str:
        """What people read for a stored value."""
        return value


def clean(text: str) -> str:
    """Unicode in composed form, lines ended one way, no space around; empty when nothing of it can be seen."""
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").strip()
    return "" if _UNSEEN.fullmatch(text) else text


@dataclass(frozen=True, kw_only=True)
class Text(Field):
    """One line, in any script."""

    def parse(self, text: str) -> str:
        return " ".join(text.split())


@dataclass(frozen=True, kw_only=True)
class LongText(Field):
    """Several lines."""

    longest: int = 4000
    kind: ClassVar[str] = "longtext"


@dataclass(frozen=True, kw_only=True)
class Checked(Field):
    """A number or address with a form of its own, read by one function of `identifiers`."""

    reader: Callable[[str], str]
    show: Callable[[str], str] = str
    longest: int = 60

    def parse(self, text: str) -> str:
        return self.reader(text)

    def shown(self, value: str) -> Message | Names | str:
        return self.show(value) if value else ""


@dataclass(frozen=True, kw_only=True)
class Email(Checked):
    """An e-mail address."""

    reader: Callable[[str], str] = field(default=identifiers.email)
    longest: int = 254
    autocomplete: str | None = "email"
    kind: ClassVar[str] = "email"


@dataclass(frozen=True, kw_only=True)
class Phone(Checked):
    """A telephone number, stored as E.164."""

    reader: Callable[[str], str] = field(default=identifiers.phone)
    autocomplete: str | None = "tel"
    kind: ClassVar[str] = "phone"


@dataclass(frozen=True, kw_only=True)
class Choice(Field):
    """One of a few; shown as radio buttons."""

    choices: Sequence[Option]
    kind: ClassVar[str] = "choice"

    @property
    def options(self) -> Sequence[Option]:
        return self.choices

    def parse(self, text: str) -> str:
        if text not in {value for value, _label, _hint in self.choices}:
            raise Wrong(_("Choose one of the answers on the list"))
        return text

    def shown(self, value: str) -> Message | Names | str:
        return Message(next((label for code, label, _hint in self.choices if code == value), value))


@dataclass(frozen=True, kw_only=True)
class Select(Choice):
    """One of many; shown as a list that opens."""

    kind: ClassVar[str] = "select"


@dataclass(frozen=True, kw_only=True)
class YesNo(Choice):
    """Yes or no."""

    choices: Sequence[Option] = (("yes", _("Yes"), ""), ("no", _("No"), ""))
    kind: ClassVar[str] = "yes-no"


@dataclass(frozen=True, kw_only=True)
class Agreement(Field):
    """A box that must be ticked before going on; stored as "yes"."""

    missing: str = _("Tick the box to go on")
    kind: ClassVar[str] = "agreement"

    def parse(self, text: str) -> str:
        if text != "yes":
            raise Wrong(self.missing)
        return text

    def shown(self, value: str) -> Message | Names | str:
        return Message(_("Yes") if value else _("No"))


@dataclass(frozen=True, kw_only=True)
class Country(Field):
    """A country of ISO 3166-1, stored by its three letters; `refuse` turns some away with a reason."""

    refuse: Mapping[str, str] = field(default_factory=dict)
    kind: ClassVar[str] = "country"

    def parse(self, text: str) -> str:
        if text not in country_codes():
            raise Wrong(_("Choose a country from the list"))
        if text in self.refuse:
            raise Wrong(self.refuse[text])
        return text

    def shown(self, value: str) -> Message | Names | str:
        return Names(*(country_name(value, locale) for locale in LOCALES))


@dataclass(frozen=True, kw_only=True)
class Number(Field):
    """A whole number or one with decimals, between two bounds."""

    least: int = 0
    most: int = 10**9
    decimals: int = 0
    inputmode: str | None = "decimal"
    kind: ClassVar[str] = "number"

    def parse(self, text: str) -> str:
        number = read_decimal(text)
        if number is None or -int(number.as_tuple().exponent) > self.decimals:
            raise Wrong(_("Type a number, such as 38 or 3500,50") if self.decimals else _("Type a whole number, such as 38"))
        if not self.least <= number <= self.most:
            raise Wrong(_("Type a number from %(least)s to %(most)s"), {"least": self.least, "most": self.most})
        return format(number.quantize(Decimal(1).scaleb(-self.decimals)), "f")

    def shown(self, value: str) -> Message | Names | str:
        whole, _point, rest = value.partition(".")
        return Names(*(show_number(Decimal(value), locale) for locale in LOCALES)) if rest.strip("0") else whole


@dataclass(frozen=True, kw_only=True)
class Money(Number):
    """An amount in euro, stored with two decimals."""

    decimals: int = 2
    prefix: str = "€"
    width: int | None = 10
    kind: ClassVar[str] = "money"

    def shown(self, value: str) -> Message | Names | str:
        return Message("%(amount)s", {"amount": Decimal(value)}) if value else ""


_WHOLE = re.compile(r"\A(?:[0-9]{1,20}|[1-9][0-9]{0,2}([., '\u00a0\u202f])[0-9]{3}(?:\1[0-9]{3}){0,2})\Z")


def read_decimal(text: str) -> Decimal | None:
    """A number as people in Belgium and abroad write it: 3500, 3.500,50, 3,500.50, 3 500; None if it is not one."""
    text = text.strip().removeprefix("€").strip()
    if len(text) > 20:
        return None
    whole, mark, rest = text, "", ""
    if not _WHOLE.match(text) and (at := max(text.rfind(","), text.rfind("."))) >= 0:
        whole, mark, rest = text[:at], text[at], text[at + 1 :]
    found = _WHOLE.match(whole)
    if found is None or (mark and found[1] == mark) or not re.fullmatch("[0-9]*", rest):
        return None
    return Decimal(re.sub("[^0-9]", "", whole) + "." + rest)


@dataclass(frozen=True, kw_only=True)
class Day(Field):
    """A date typed as day, month and year; stored as ISO 8601."""

    kind: ClassVar[str] = "day"

    def raw_names(self) -> tuple[str, ...]:
        return (f"{self.name}-day", f"{self.name}-month", f"{self.name}-year")

    def raw_of(self, value: str) -> dict[str, str]:
        parts = value.split("-") if value else ["", "", ""]
        return dict(zip(self.raw_names(), (parts[2].lstrip("0"), parts[1].lstrip("0"), parts[0]), strict=True))

    def read(self, raw: Raw) -> str:
        day, month, year = (clean(raw.get(name, "")) for name in self.raw_names())
        if not (day or month or year):
            if self.optional:
                return ""
            raise Wrong(self.missing or _("Type a date"))
        if not (day and month and year):
            raise Wrong(_("A date needs a day, a month and a year"))
        if not all(re.fullmatch("[0-9]{1,4}", part) for part in (day, month, year)) or len(year) != 4:
            raise Wrong(_("Type the date in numbers, with a year of four digits, such as 31 3 2027"))
        if not _FIRST_YEAR <= int(year) <= _LAST_YEAR:
            raise Wrong(_("This date cannot be right: check the year"))
        try:
            return date(int(year), int(month), int(day)).isoformat()
        except ValueError:
            raise Wrong(_("This date does not exist: check the day and the month")) from None

    def shown(self, value: str) -> Message | Names | str:
        return Message("%(day)s", {"day": date.fromisoformat(value)}) if value else ""
