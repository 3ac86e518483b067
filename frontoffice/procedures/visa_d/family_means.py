"""The reference amount of income that a family file is held against, with its computation; never a verdict.

Under the old rules it is a share of the living wage; under the new ones a share of the minimum income and a step for each
further person, about whose base sources differ: the other reading is computed too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.message import Message
from frontoffice.procedures.figures import Figures, Reckoned
from frontoffice.procedures.visa_d.family_article import OLD
from frontoffice.procedures.visa_d.family_rules import FamilyFile

Row = tuple[Message, Message]


@dataclass(frozen=True, kw_only=True)
class Reference(Reckoned):
    """The amount `required` net a month for `count` persons under one rule set; `other` is what the other reading of the law gives."""

    rules: str
    count: int
    required: Decimal
    other: Decimal


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """The income `found` next to the reference; `gap` is negative when it is below."""

    reference: Reference
    found: Decimal
    as_of: date

    @property
    def gap(self) -> Decimal:
        """How much the income lies above the reference amount."""
        return self.found - self.reference.required

    @property
    def is_below(self) -> bool:
        """Whether the income is below the amount in both readings of the law."""
        return self.found < min(self.reference.required, self.reference.other)

    @property
    def depends_on_reading(self) -> bool:
        """Whether one reading of the law puts the income above and the other below."""
        return not self.is_below and self.found < max(self.reference.required, self.reference.other)

    @property
    def rows(self) -> Sequence[Row]:
        """The computation, line by line."""
        label = _("Above the reference amount") if self.gap >= 0 else _("Below the reference amount")
        return (*self.reference.rows, (Message(_("Net income that you give")), _money(self.found)), (Message(label), _money(abs(self.gap))))


def reference(rules: str, count: int, figures: Figures) -> Reference | None:
    """The reference amount for `count` persons besides the one who is joined; None when no amount is known for that day."""
    return _old(count, figures) if rules == OLD else _new(count, figures)


def compare(file: FamilyFile) -> Comparison | None:
    """The income of the answers next to the reference; None while answers or amounts are missing."""
    income, joining = file.said("sponsor_net_income"), file.said("joining_count")
    if not income or not joining or not file.rules:
        return None
    found = reference(file.rules, int(joining) + int(file.said("household_count") or 0), file.figures)
    return Comparison(reference=found, found=Decimal(income), as_of=file.day) if found else None


def _old(count: int, figures: Figures) -> Reference | None:
    wage, share = figures.latest("family-living-wage"), figures.get("family-means-old-share")
    if wage is None:
        return None
    required = _cents(wage.amount * share.count / 100)
    rows = ((Message(_("Living wage of a person with a family")), _money(wage.amount)),
            (Message(_("Reference amount: %(share)s per cent of it"), {"share": share.count}), _money(required)))
    return Reference(rules=OLD, count=count, required=required, other=required, rows=rows, figures=(wage, share), in_force=wage.in_force(figures.day))


def _new(count: int, figures: Figures) -> Reference | None:
    income, share, step = figures.latest("family-minimum-income"), figures.find("family-means-new-share"), figures.find("family-means-step")
    base = figures.find("family-means-step-base")
    if income is None or share is None or step is None or base is None:
        return None
    first = income.amount * share.count / 100
    bases = {"minimum-income": income.amount, "threshold": first}
    steps = {name: amount * step.count / 100 for name, amount in bases.items()}
    required, other = (_cents(first + steps[name] * (count - 1)) for name in sorted(steps, key=lambda one: one != base.value))
    rows = [(Message(_("Guaranteed average minimum monthly income")), _money(income.amount)),
            (Message(_("For the first person: %(share)s per cent of it"), {"share": share.count}), _money(_cents(first)))]
    if count > 1:
        taken, left = (_cents(steps[name]) for name in sorted(steps, key=lambda one: one != base.value))
        text = _("Further persons: %(count)s times %(amount)s")
        rows += [(Message(text, {"count": count - 1, "amount": taken}), _money(required - _cents(first))),
                 (Message(_("Reference amount")), _money(required)),
                 (Message(_("Reference amount in another reading of the law, with steps of %(amount)s"), {"amount": left}), _money(other))]
    used = (income, share, *((step, base) if count > 1 else ()))
    return Reference(rules="new", count=count, required=required, other=other, rows=rows, figures=used, in_force=income.in_force(figures.day))


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


def _money(amount: Decimal) -> Message:
    return Message("%(amount)s", {"amount": amount})
