"""A procedure that contradicts itself is refused when the program starts, not when somebody files."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from frontoffice.forms.conditions import answer
from frontoffice.forms.fields import Text
from frontoffice.forms.form import Form
from frontoffice.procedures import EDITIONS, edition_of, in_force
from frontoffice.procedures.single_permit.definition import SINGLE_PERMIT
from frontoffice.procedures.vocabulary import EVERYONE, FILERS, Clock, DocumentRequirement, Fee, Page, field_of


def a_page(**changes: Any) -> Page:
    made = {"code": "extra", "section": "employer", "title": "Extra", "by": FILERS, "seen_by": EVERYONE, "form": Form(fields=(Text(name="extra", label="Extra"),))}
    return Page(**{**made, **changes})


ODD = answer("shoe_size").is_("42")


@pytest.mark.parametrize(("changes", "fault"), [
    ({"pages": [a_page(section="elsewhere")]}, "unknown section elsewhere"),
    ({"pages": [a_page(), a_page()]}, "extra is asked twice"),
    ({"pages": [a_page(form=Form(fields=(Text(name="today", label="Today"),)))]}, "today is asked twice"),
    ({"pages": [a_page(when=ODD)]}, "shoe_size"),
    ({"pages": [a_page(form=Form(fields=(Text(name="extra", label="Extra", when=ODD),)))]}, "shoe_size"),
    ({"documents": [DocumentRequirement(code="shoe", title="Shoe", by=FILERS, when=~ODD)]}, "shoe_size"),
    ({"fees": [Fee(code="shoe", title="Shoe", figure="shoe", payer="x", where="y", when=ODD)]}, "shoe_size"),
    ({"pages": [a_page(by=frozenset({"king"}))]}, "king"),
    ({"pages": [a_page(seen_by=frozenset({"queen"}))]}, "queen"),
    ({"clocks": [Clock(code="c", title="C", starts=frozenset({"sing"}), stops=frozenset(), figure="f")]}, "sing"),
    ({"clocks": [Clock(code="c", title="C", starts=frozenset(), stops=frozenset({"dance"}), figure="f")]}, "dance"),
    ({"clocks": [Clock(code="c", title="C", starts=frozenset(), stops=frozenset(), figure="f", paused_in=frozenset({"asleep"}))]}, "asleep"),
])
def test_faults(changes: dict[str, Any], fault: str) -> None:
    plain = {"pages": [], "documents": [], "fees": [], "clocks": [], "rules": [], "advice": [], "milestones": []}
    with pytest.raises(ValueError, match=fault):
        replace(SINGLE_PERMIT, **{**plain, **changes})


def test_codes_are_unique_within_an_edition() -> None:
    for one in EDITIONS:
        for listed in (one.pages, one.documents, one.clocks, one.fees):
            codes = [item.code for item in listed]
            assert len(codes) == len(set(codes)), (one.code, one.edition)


def test_things_are_found_by_code() -> None:
    assert SINGLE_PERMIT.page("pay").section == "employment"  # type: ignore[union-attr]
    assert SINGLE_PERMIT.page("nothing") is None
    assert SINGLE_PERMIT.requirement("diploma").title == "Diploma"  # type: ignore[union-attr]
    assert SINGLE_PERMIT.requirement("nothing") is None
    assert field_of(SINGLE_PERMIT, "pay_year").name == "pay_year"  # type: ignore[union-attr]
    assert field_of(SINGLE_PERMIT, "position") is None


def test_the_edition_in_force() -> None:
    assert in_force("single-permit", date(2026, 11, 21)) is SINGLE_PERMIT
    assert edition_of("single-permit", "2026-11") is SINGLE_PERMIT
    with pytest.raises(LookupError):
        in_force("single-permit", date(2026, 11, 20))
    with pytest.raises(LookupError):
        in_force("marriage", date(2026, 1, 1))
    with pytest.raises(LookupError):
        edition_of("single-permit", "2025-01")
