"""Questions of every kind, for those who make forms; days and countries have modules of their own and are found here too."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import ClassVar

from frontoffice.forms import identifiers
from frontoffice.forms.conditions import Condition
from frontoffice.forms.countries import Countries as Countries
from frontoffice.forms.countries import Country as Country
from frontoffice.forms.days import Day as Day
from frontoffice.forms.days import PartialDay as PartialDay
from frontoffice.forms.identifiers import Wrong
from frontoffice.forms.question import Field as Field
from frontoffice.forms.question import Option as Option
from frontoffice.forms.question import Raw as Raw
from frontoffice.forms.question import clean as clean
from frontoffice.kernel.i18n import LOCALES, show_number
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.message import Message, Names


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
    """One of a few; shown as radio buttons. `only` says of some options under which answers they may be chosen."""

    choices: Sequence[Option]
    only: Mapping[str, Condition] = field(default_factory=dict)
    kind: ClassVar[str] = "choice"

    def offered(self, answers: Raw) -> Sequence[Option]:
        """The options that these answers allow; an option whose condition asks for an answer not given yet is offered."""
        return [one for one in self.options if self.allows(one[0], answers)]

    def allows(self, value: str, answers: Raw) -> bool:
        """Whether the answers allow this option, as far as they are known."""
        condition = self.only.get(value)
        return condition is None or condition.holds(answers) or not all(answers.get(name) for name in condition.questions())

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
class Choices(Choice):
    """Any number of a few, at least one unless optional; shown as check boxes, stored with spaces between."""

    kind: ClassVar[str] = "choices"

    def raw_names(self) -> tuple[str, ...]:
        return tuple(f"{self.name}-{value}" for value, _label, _hint in self.choices)

    def raw_of(self, value: str) -> dict[str, str]:
        chosen = value.split()
        return {f"{self.name}-{one}": "yes" if one in chosen else "" for one, _label, _hint in self.choices}

    def read(self, raw: Raw) -> str:
        chosen = [value for value, _label, _hint in self.choices if raw.get(f"{self.name}-{value}") == "yes"]
        if not chosen and not self.optional:
            raise Wrong(self.missing or _("Choose at least one answer"))
        return " ".join(chosen)

    def shown(self, value: str) -> Message | Names | str:
        labels = {code: label for code, label, _hint in self.choices}
        text = ", ".join(f"%({index})s" for index, _one in enumerate(value.split()))
        return Message(text, {str(index): Message(labels.get(one, one)) for index, one in enumerate(value.split())})


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
