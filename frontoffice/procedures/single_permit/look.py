"""What every remark looks at: the answers, the day, the figures of that day, the competent Region and the category."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from frontoffice.forms.form import Values
from frontoffice.kernel.message import Message, Param
from frontoffice.procedures.figures import Figure, Figures
from frontoffice.procedures.single_permit.categories import Category, category
from frontoffice.procedures.single_permit.facts import region_of
from frontoffice.procedures.territory import REGION_TITLES, Region
from frontoffice.procedures.vocabulary import Remark


@dataclass(frozen=True)
class Look:
    """The answers on one day; figures, Region and category are looked up once."""

    values: Values
    today: date

    @cached_property
    def figures(self) -> Figures:
        """The figures of the day of filing."""
        return Figures.at(self.today)

    @cached_property
    def region(self) -> Region | None:
        """The competent Region, once the answers name one."""
        return region_of(self.values)

    @cached_property
    def category(self) -> Category | None:
        """The category that was chosen."""
        return category(self.values.get("category", ""))

    @property
    def region_name(self) -> Message:
        """How the Region is called; empty while it is not known."""
        return Message(REGION_TITLES[self.region]) if self.region else Message("")

    def said(self, name: str) -> str:
        """An answer, or an empty text."""
        return self.values.get(name, "")

    def day(self, name: str) -> date | None:
        """An answer that is a day."""
        return date.fromisoformat(self.values[name]) if self.values.get(name) else None

    def is_(self, *categories: str) -> bool:
        """Whether one of these categories was chosen."""
        return self.said("category") in categories

    def figure(self, code: str) -> Figure | None:
        """The figure for this Region and category, if one is known."""
        return self.figures.find(code, region=self.region, category=self.said("category") or None)

    def by(self, figure: Figure, about: str, text: str, *, doubtful: bool = False, rows: Sequence[tuple[Message, Message]] = (), **params: Param) -> Remark:
        """A remark that rests on a figure."""
        known: dict[str, Param] = {"region": self.region_name}
        if isinstance(figure.value, int):
            known["count"] = figure.count
        return Remark(about, Message(text, {**known, **params}), figure.source, figure.confidence, doubtful, rows)
