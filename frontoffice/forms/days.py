"""Questions that are answered with a date, whole or as far as a document shows it."""

import re
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from frontoffice.forms.identifiers import Wrong
from frontoffice.forms.partial_dates import show_partial
from frontoffice.forms.question import Field, Raw, clean
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.message import Message, Names

_FIRST_YEAR, _LAST_YEAR = 1900, 2199


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
        return self.compose(day, month, year)

    def compose(self, day: str, month: str, year: str) -> str:
        """The stored form of three parts, of which at least one was typed; raises Wrong."""
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


@dataclass(frozen=True, kw_only=True)
class PartialDay(Day):
    """A date of birth of which the day, or the day and the month, may be unknown; the unknown parts are stored as 00."""

    hint: str = _("Leave the day and the month empty if the document does not show them.")

    def compose(self, day: str, month: str, year: str) -> str:
        # Documents print 00 for a part that is unknown, and people copy it.
        day, month = ("" if part in ("0", "00") else part for part in (day, month))
        if not year:
            raise Wrong(_("Type at least the year"))
        if day and not month:
            raise Wrong(_("Type the month too, or leave the day empty"))
        whole = super().compose(day or "1", month or "1", year)
        return f"{whole[:4]}-{whole[5:7] if month else '00'}-{whole[8:] if day else '00'}"

    def shown(self, value: str) -> Message | Names | str:
        return show_partial(value)
