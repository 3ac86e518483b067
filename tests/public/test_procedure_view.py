"""What one page about a procedure says of amounts that have ended, of amounts from and to, and of conditions of one Region."""

from datetime import date

import pytest

from frontoffice.kernel.message import say
from frontoffice.procedures import in_force
from frontoffice.public.procedure_view import view_of

DAY = date(2026, 11, 23)


def conditions(code: str) -> str:
    view = view_of(in_force(code, DAY), {}, DAY)
    return "\n".join(f"{say(one.message, 'en')} {one.confidence}" for one in (*view.rules, *view.other_rules))


@pytest.mark.parametrize(("code", "part"), [
    ("guarantee-short-stay", "€2,131.28 (the last amount that we know, until 31 December 2025: check with the authority) net a month for the first commitment. U"),
    ("guarantee-study", "And €1,062.00 net a month for each student. P"),
    ("unlimited-permit", "Flemish Region: 48 months of authorised work. P"),
    ("unlimited-permit", "Brussels-Capital Region: 30 months of authorised work. P"),
])
def test_conditions_come_with_their_figure(code: str, part: str) -> None:
    assert part in conditions(code)


@pytest.mark.parametrize("code", ["visa-d-researcher", "guarantee-short-stay", "declaration-of-arrival"])
def test_a_sum_that_can_be_more_is_not_called_whole(code: str) -> None:
    assert not view_of(in_force(code, DAY), {}, DAY).price.whole
