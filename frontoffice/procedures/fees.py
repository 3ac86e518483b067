"""Which fees a dossier brings, with the figures in force; nothing here asks for money."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from frontoffice.procedures.figures import Figure, Figures
from frontoffice.procedures.vocabulary import Fee, Procedure


@dataclass(frozen=True)
class Charge:
    """One fee with its figure; `figure` is None when no amount is known for that day."""

    fee: Fee
    figure: Figure | None


def charges(procedure: Procedure, known: Mapping[str, str], figures: Figures) -> list[Charge]:
    """The fees that apply to these answers, in the order of the declaration."""
    region = known.get("competent_region")
    return [Charge(one, figures.find(one.figure, region=region)) for one in procedure.fees if one.when is None or one.when.holds(known)]


def total(found: list[Charge]) -> Decimal | None:
    """The sum of the amounts; None when one of them is not known."""
    amounts = [one.figure.amount if one.figure else None for one in found]
    known = [one for one in amounts if one is not None]
    return sum(known, Decimal(0)) if len(known) == len(amounts) else None
