"""Which fees a dossier brings on a day, and what they add up to."""

from datetime import date
from decimal import Decimal

import pytest

from frontoffice.procedures.fees import Charge, charges, total
from frontoffice.procedures.figures import Figures
from frontoffice.procedures.single_permit.definition import SINGLE_PERMIT

ALL = ["federal-contribution", "visa-d", "residence-card"]
IN_FLANDERS = ["federal-contribution", "flanders-fee", "visa-d", "residence-card"]


def on(day: date, region: str | None) -> list[Charge]:
    return charges(SINGLE_PERMIT, {"competent_region": region} if region else {}, Figures.at(day))


@pytest.mark.parametrize(("region", "codes"), [
    ("flanders", IN_FLANDERS), ("brussels", ALL), ("wallonia", ALL), ("german-speaking-community", ALL), (None, ALL),
])
def test_which(region: str | None, codes: list[str]) -> None:
    assert [one.fee.code for one in on(date(2026, 11, 21), region)] == codes


@pytest.mark.parametrize(("day", "code", "amount"), [
    (date(2026, 1, 1), "federal-contribution", "152"), (date(2026, 12, 31), "federal-contribution", "152"), (date(2025, 12, 31), "federal-contribution", "148"),
    # The next indexation is not published: no amount is better than a wrong one.
    (date(2027, 1, 1), "federal-contribution", None), (date(2026, 8, 31), "flanders-fee", None), (date(2026, 9, 1), "flanders-fee", "180"),
    (date(2026, 6, 30), "visa-d", "180"), (date(2026, 7, 1), "visa-d", "250"),
])
def test_how_much(day: date, code: str, amount: str | None) -> None:
    found = next(one for one in on(day, "flanders") if one.fee.code == code)
    assert (found.figure.amount if found.figure else None) == (Decimal(amount) if amount else None)


def test_total() -> None:
    found = on(date(2026, 11, 21), "flanders")
    assert total([one for one in found if one.fee.code in ("federal-contribution", "flanders-fee")]) == Decimal(332)
    assert total(on(date(2027, 1, 1), "flanders")) is None
    assert total([]) == 0


def test_no_fee_stops_a_submission() -> None:
    assert not [one.code for one in SINGLE_PERMIT.fees if one.blocking]
