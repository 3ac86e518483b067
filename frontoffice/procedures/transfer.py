"""How the federal contribution is paid by transfer: to whom, how much, and with which reference."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from frontoffice.forms.nationality import nationality_names
from frontoffice.forms.transliteration import mrz_key
from frontoffice.procedures.fees import Charge
from frontoffice.procedures.figures import Figure, Figures

# What one transfer can carry as free text.
LONGEST_REFERENCE = 140
_CODES = ("beneficiary", "beneficiary-address", "iban", "bic")


@dataclass(frozen=True, kw_only=True)
class Transfer:
    """One fee with all that a transfer needs; a figure is None when it is not known for that day."""

    charge: Charge
    beneficiary: Figure | None
    address: Figure | None
    iban: Figure | None
    bic: Figure | None
    reference: str

    @property
    def amount(self) -> Decimal | None:
        """The exact amount; None when no figure is known, or when it only says from where to where."""
        figure = self.charge.figure
        return self.charge.amount if figure and figure.up_to is None else None

    @property
    def is_complete(self) -> bool:
        """Whether a bank could carry it out as it stands."""
        return bool(self.beneficiary and self.iban and self.amount and self.reference)

    @property
    def figures(self) -> Sequence[Figure]:
        """The figures it rests on."""
        return [one for one in (self.charge.figure, self.beneficiary, self.address, self.iban, self.bic) if one]


def contribution_reference(values: Mapping[str, str]) -> str:
    """SURNAME Firstname NATIONALITY DDMMYYYY in Latin letters, of the person for whom one pays; empty while an answer is missing.

    The nationality is the English name of the State (that form is not confirmed); parts of the date that are unknown stay 00.
    """
    born, state = values.get("birth_date", ""), values.get("nationality", "")
    surname, given = mrz_key(values.get("surname", "")), mrz_key(values.get("given_names", "")).title()
    if not (born and state and surname):
        return ""
    year, month, day = born.split("-")
    end = f"{mrz_key(nationality_names(state).en)} {day}{month}{year}"
    names = " ".join(part for part in (surname, given) if part)
    # What tells people apart comes last, so it is the names that are cut.
    return f"{names[: LONGEST_REFERENCE - len(end) - 1].rstrip()} {end}"


def transfers(owed: Sequence[Charge], values: Mapping[str, str], figures: Figures) -> list[Transfer]:
    """The fees that are paid by transfer and from which nobody is exempt; `values` are the answers that the reader may see."""
    reference = contribution_reference(values)
    beneficiary, address, iban, bic = (figures.find(f"federal-contribution-{one}") for one in _CODES)
    return [
        Transfer(charge=one, beneficiary=beneficiary, address=address, iban=iban, bic=bic, reference=reference)
        for one in owed if one.fee.by_transfer and not one.exemption
    ]
