"""Which fees a dossier brings, with the figures in force; nothing here asks for money."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from frontoffice.procedures.figures import Figure, Figures
from frontoffice.procedures.vocabulary import Exemption, Fee, Procedure


@dataclass(frozen=True)
class Charge:
    """One fee with its figure, and why it need not be paid; `figure` is None when no amount is known for that day."""

    fee: Fee
    figure: Figure | None
    exemption: Exemption | None = None

    @property
    def amount(self) -> Decimal | None:
        """What is to be paid: nothing when exempt, None when it is not known."""
        if self.exemption:
            return Decimal(0)
        return self.figure.amount if self.figure else None


@dataclass(frozen=True)
class Sum:
    """What fees add up to as far as they are known: at least, at most, and those of which no amount is known."""

    least: Decimal
    most: Decimal
    unknown: Sequence[Charge]


def charges(procedure: Procedure, known: Mapping[str, str], figures: Figures) -> list[Charge]:
    """The fees that apply to these answers, in the order of the declaration."""
    region = known.get("competent_region")
    return [
        Charge(one, figures.find(one.figure, region=region, category=one.category or None),
               next((each for each in one.exempt if each.when.holds(known)), None))
        for one in procedure.fees if one.when is None or one.when.holds(known)
    ]


def total(found: list[Charge]) -> Decimal | None:
    """The sum of the amounts; None when one of them is not known."""
    amounts = [one.amount for one in found]
    known = [one for one in amounts if one is not None]
    return sum(known, Decimal(0)) if len(known) == len(amounts) else None


def sum_of(found: Sequence[Charge]) -> Sum:
    """The known amounts together, from the least to the most that they may be."""
    known = [(one, amount) for one in found if (amount := one.amount) is not None]
    further = [one.figure.up_to - amount for one, amount in known if one.figure and one.figure.up_to is not None and not one.exemption]
    least = sum((amount for _one, amount in known), Decimal(0))
    return Sum(least, least + sum(further, Decimal(0)), [one for one in found if one.amount is None])
