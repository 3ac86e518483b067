"""The reference of the federal contribution, letter by letter, and what a transfer needs to be complete."""

from datetime import date
from decimal import Decimal

import pytest

from frontoffice.procedures.fees import charges
from frontoffice.procedures.figures import Figures
from frontoffice.procedures.single_permit.definition import SINGLE_PERMIT
from frontoffice.procedures.transfer import LONGEST_REFERENCE, contribution_reference, transfers

RAJESH = {"surname": "Kumar", "given_names": "Rajesh", "nationality": "IND", "birth_date": "1990-02-01"}


@pytest.mark.parametrize(("answers", "reference"), [
    ({}, "KUMAR Rajesh INDIA 01021990"),
    ({"surname": "O'Connor-Müller", "given_names": "Anne-Marie José"}, "OCONNOR MUELLER Anne Marie Jose INDIA 01021990"),
    ({"surname": "Шевченко", "given_names": "Тарас", "nationality": "UKR"}, "SHEVCHENKO Taras UKRAINE 01021990"),
    ({"given_names": ""}, "KUMAR INDIA 01021990"),
    # A date of birth of which only the year is known.
    ({"birth_date": "1990-00-00"}, "KUMAR Rajesh INDIA 00001990"),
    ({"nationality": "XXA"}, "KUMAR Rajesh STATELESS 01021990"), ({"nationality": "CIV"}, "KUMAR Rajesh COTE DIVOIRE 01021990"),
    ({"surname": ""}, ""), ({"nationality": ""}, ""), ({"birth_date": ""}, ""),
])
def test_the_reference(answers: dict[str, str], reference: str) -> None:
    assert contribution_reference({**RAJESH, **answers}) == reference


def test_long_names_are_cut_and_the_date_stays() -> None:
    found = contribution_reference({**RAJESH, "surname": "Wolfeschlegelsteinhausen " * 4, "given_names": "Hubert Blaine " * 10})
    assert len(found) <= LONGEST_REFERENCE and found.startswith("WOLFESCHLEGELSTEINHAUSEN") and found.endswith(" INDIA 01021990")
    assert found.isascii()


def _owed(day: date, **answers: str) -> list[tuple[Decimal | None, bool]]:
    known = {**RAJESH, "contribution_exemption": "none", "request_kind": "first", **answers}
    figures = Figures.at(day)
    return [(one.amount, one.is_complete) for one in transfers(charges(SINGLE_PERMIT, known, figures), known, figures)]


def test_what_a_transfer_needs() -> None:
    assert _owed(date(2026, 11, 23)) == [(Decimal(152), True)]
    assert _owed(date(2026, 11, 23), birth_date="") == [(Decimal(152), False)]
    # No amount is published for 2027 yet.
    assert _owed(date(2027, 1, 1)) == [(None, False)]
    found = transfers(charges(SINGLE_PERMIT, RAJESH, Figures.at(date(2026, 11, 23))), RAJESH, Figures.at(date(2026, 11, 23)))
    assert all(figure.source for slip in found for figure in slip.figures)
    assert any("before you pay" in figure.note for slip in found for figure in slip.figures)
