"""Dated amounts, thresholds and periods of the law, each with its source and how sure it is.

The values stand in figures/*.toml and are read once, at import. A row is in force from `valid_from` until
`valid_until`, both included; without `valid_from` the source does not say since when. Confidence: O official page or
text, P professional publication, C recent compilation that cites an official page, U unconfirmed.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from importlib.resources import files
from typing import Any

from frontoffice.kernel.message import Message
from frontoffice.kernel.time import add_months, add_working_days, next_working_day
from frontoffice.procedures.territory import Region

Value = Decimal | int | str

CONFIDENCES = ("O", "P", "C", "U")
AMOUNTS = frozenset({"EUR", "EUR gross a year", "EUR gross a month", "EUR gross a month (DmfA code 1)"})
PERIODS = frozenset({"days", "working days", "months"})
COUNTS = frozenset({"years", "hours a day", "hours a week", "persons a year", "percent"})
UNITS = AMOUNTS | PERIODS | COUNTS | {"text"}


class UnknownFigure(LookupError):
    """No row answers: the figure is not known for that Region, category or day. Say so to the reader; block nobody."""


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One row: a Decimal for an amount in euro, an int for a period or a count, a str for a text; `note` is a msgid."""

    code: str
    value: Value
    unit: str
    source: str
    confidence: str
    valid_from: date | None = None
    valid_until: date | None = None
    region: Region | None = None
    category: str | None = None
    age_below: int | None = None
    up_to: Decimal | None = None
    plus_days: int = 0
    note: str = ""

    def __post_init__(self) -> None:
        """Refuse a row whose value does not fit its unit or whose marks are unknown."""
        kind = Decimal if self.unit in AMOUNTS else int if self.unit in PERIODS | COUNTS else str
        if self.unit not in UNITS or type(self.value) is not kind:
            raise ValueError(f"{self.code}: {self.value!r} is no value in {self.unit}")
        if self.confidence not in CONFIDENCES or not self.source:
            raise ValueError(f"{self.code}: a figure needs a source and a confidence")

    @property
    def amount(self) -> Decimal:
        """The value in euro; a ValueError for a period or a text."""
        if not isinstance(self.value, Decimal):
            raise ValueError(f"{self.code} is no amount")
        return self.value

    @property
    def count(self) -> int:
        """How many of the unit of the row; a ValueError for an amount or a text."""
        if not isinstance(self.value, int):
            raise ValueError(f"{self.code} is no period")
        return self.value

    def after(self, day: date) -> date:
        """The last day of this period when it starts by an event on `day`, which does not count itself.

        An end on a Saturday, Sunday or public holiday moves to the next working day (unconfirmed rule of counting)."""
        if self.unit == "working days":
            return add_working_days(day, self.count)
        end = add_months(day, self.count) if self.unit == "months" else day + timedelta(days=self.count)
        return next_working_day(end + timedelta(days=self.plus_days))

    def before(self, day: date) -> date:
        """The day this period earlier, whatever day of the week that is."""
        if self.unit == "working days":
            raise ValueError(f"{self.code}: working days are counted forward")
        start = add_months(day, -self.count) if self.unit == "months" else day - timedelta(days=self.count)
        return start - timedelta(days=self.plus_days)

    def in_force(self, day: date) -> bool:
        """Whether the row holds on that day."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day <= self.valid_until
        )

    def fits(self, region: str | None, category: str | None, age: int | None) -> bool:
        """Whether the row is about this Region, category and age; a row that names none of them is about all."""
        return (
            self.region in (None, region)
            and self.category in (None, category)
            and (self.age_below is None or (age is not None and age < self.age_below))
        )

    def closeness(self) -> int:
        """How many things the row names: of two rows that fit, the one that names more wins."""
        return sum(one is not None for one in (self.region, self.category, self.age_below))


@dataclass(frozen=True)
class Figures:
    """All rows, looked at on one day."""

    day: date
    rows: Sequence[Figure] = field(default=(), repr=False)

    @classmethod
    def at(cls, day: date, rows: Sequence[Figure] | None = None) -> "Figures":
        """The figures of the law on that day; `rows` takes the place of the published ones."""
        return cls(day, PUBLISHED if rows is None else rows)

    def on(self, day: date) -> "Figures":
        """The same rows, looked at on another day."""
        return Figures(day, self.rows)

    def get(
        self, code: str, *, region: str | None = None, category: str | None = None, age: int | None = None
    ) -> Figure:
        """The row in force that fits best, of two the later one; raises UnknownFigure when there is none."""
        found = [
            row for row in self._by_code.get(code, ()) if row.in_force(self.day) and row.fits(region, category, age)
        ]
        if not found:
            raise UnknownFigure(f"{code} for {region}, {category}, age {age} on {self.day}")
        return max(found, key=lambda row: (row.closeness(), row.valid_from or date.min))

    def find(
        self, code: str, *, region: str | None = None, category: str | None = None, age: int | None = None
    ) -> Figure | None:
        """The row in force that fits best, or None."""
        try:
            return self.get(code, region=region, category=category, age=age)
        except UnknownFigure:
            return None

    def latest(self, code: str, *, region: str | None = None, category: str | None = None) -> Figure | None:
        """The row in force, or the last one that ended before the day; None when there never was one."""
        if found := self.find(code, region=region, category=category):
            return found
        ended = [row for row in self._by_code.get(code, ()) if row.valid_until and row.valid_until < self.day and row.fits(region, category, None)]
        return max(ended, key=lambda row: row.valid_until or date.min, default=None)

    @cached_property
    def _by_code(self) -> Mapping[str, list[Figure]]:
        found: dict[str, list[Figure]] = {}
        for row in self.rows:
            found.setdefault(row.code, []).append(row)
        return found


@dataclass(frozen=True, kw_only=True)
class Reckoned:
    """An amount made of several figures, with the rows that show how; `in_force` is False when the day has none of its own: then the last known counts."""

    rows: Sequence[tuple[Message, Message]]
    figures: Sequence[Figure]
    in_force: bool

    @property
    def source(self) -> str:
        """Where the figures come from."""
        return "; ".join(dict.fromkeys(one.source for one in self.figures))

    @property
    def confidence(self) -> str:
        """The mark of the least certain figure."""
        return max((one.confidence for one in self.figures), key="OPCU".index)

    @property
    def since(self) -> date | None:
        """From when the first of them holds."""
        return self.figures[0].valid_from


def read_rows(text: str) -> list[Figure]:
    """The rows of one TOML text: a table of arrays, each named after its code. Amounts are written with a point."""
    tables: dict[str, list[dict[str, Any]]] = tomllib.loads(text, parse_float=Decimal)
    return [_row(code, raw) for code, raws in tables.items() for raw in raws]


def _row(code: str, raw: dict[str, Any]) -> Figure:
    if raw["unit"] in AMOUNTS:
        raw = {**raw, "value": Decimal(raw["value"])}
    if "up_to" in raw:
        raw = {**raw, "up_to": Decimal(raw["up_to"])}
    if "region" in raw:
        raw = {**raw, "region": Region(raw["region"])}
    return Figure(code=code, **raw)


def _published() -> tuple[Figure, ...]:
    folder = files("frontoffice.procedures") / "figures"
    texts = (
        one.read_text(encoding="utf-8")
        for one in sorted(folder.iterdir(), key=lambda one: one.name)
        if one.name.endswith(".toml")
    )
    return tuple(row for text in texts for row in read_rows(text))


PUBLISHED = _published()
