"""Which fees a dossier brings on a day, and what they add up to."""

from datetime import date
from decimal import Decimal

import pytest

from frontoffice.forms.conditions import answer
from frontoffice.procedures.fees import Charge, charges, sum_of, total
from frontoffice.procedures.figures import Figures
from frontoffice.procedures.single_permit.definition import SINGLE_PERMIT
from frontoffice.procedures.vocabulary import Exemption

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


@pytest.mark.parametrize(("known", "exempt"), [
    ({}, ""), ({"worker_is_adult": "yes"}, ""), ({"worker_is_adult": "no"}, "Under 18"), ({"contribution_exemption": "none"}, ""),
    ({"contribution_exemption": "stateless"}, "Recognised as stateless"), ({"request_kind": "renewal", "same_status": "yes"}, "The same kind"),
    ({"request_kind": "renewal", "same_status": "no"}, ""), ({"request_kind": "first", "same_status": "yes"}, ""),
])
def test_who_need_not_pay(known: dict[str, str], exempt: str) -> None:
    found = next(one for one in charges(SINGLE_PERMIT, known, Figures.at(date(2026, 11, 21))) if one.fee.code == "federal-contribution")
    assert (found.amount, bool(found.exemption)) == (Decimal(0) if exempt else Decimal(152), bool(exempt))
    assert found.exemption is None or found.exemption.title.startswith(exempt) and found.exemption.source


def test_someone_in_belgium_pays_no_visa() -> None:
    assert [one.fee.code for one in charges(SINGLE_PERMIT, {"residence_status": "long-stay"}, Figures.at(date(2026, 11, 21)))] == ["federal-contribution", "residence-card"]


def test_sum_from_the_least_to_the_most() -> None:
    found = sum_of(on(date(2026, 11, 21), "flanders"))
    # 152 and 180 and 250, and a card of 25 to 35.
    assert (found.least, found.most, list(found.unknown)) == (Decimal(607), Decimal(617), [])
    later = sum_of(on(date(2027, 1, 1), "flanders"))
    assert (later.least, [one.fee.code for one in later.unknown]) == (Decimal(455), ["federal-contribution"])
    exempt = [Charge(one.fee, one.figure, Exemption(when=answer("a").is_("b"), title="", source="", confidence="O")) for one in on(date(2027, 1, 1), "flanders")]
    assert (sum_of(exempt).least, sum_of(exempt).most, list(sum_of(exempt).unknown)) == (Decimal(0), Decimal(0), [])
