"""The life of a visa C: the ways through it, and who may take which step."""

import pytest

from frontoffice.procedures.visa_c.life import LIFE, REFUSAL_REASONS
from frontoffice.procedures.vocabulary import Role

TO_THE_EXAM = (("submit", Role.APPLICANT), ("make-appointment", Role.DIPLOMATIC_POST), ("take-up", Role.DIPLOMATIC_POST),
               ("ask-documents", Role.DIPLOMATIC_POST), ("complete", Role.APPLICANT), ("admit", Role.DIPLOMATIC_POST))
TO_THE_OFFICE = (*TO_THE_EXAM, ("refer", Role.DIPLOMATIC_POST), ("ask-stay-documents", Role.IMMIGRATION_OFFICE), ("complete-stay", Role.APPLICANT))


@pytest.mark.parametrize(("way", "end"), [
    ((*TO_THE_EXAM, ("issue-visa", Role.DIPLOMATIC_POST)), "visa-issued"),
    ((*TO_THE_OFFICE, ("grant", Role.IMMIGRATION_OFFICE), ("issue-visa", Role.DIPLOMATIC_POST)), "visa-issued"),
    ((*TO_THE_OFFICE, ("refuse", Role.IMMIGRATION_OFFICE)), "refused"),
    ((("submit", Role.APPLICANT), ("take-up", Role.DIPLOMATIC_POST), ("declare-inadmissible", Role.DIPLOMATIC_POST)), "inadmissible"),
    ((*TO_THE_OFFICE, ("withdraw", Role.APPLICANT)), "withdrawn"),
    ((("discard", Role.APPLICANT),), "discarded"),
])
def test_ways(way: tuple[tuple[str, str], ...], end: str) -> None:
    position = LIFE.start
    for action, role in way:
        [step] = [one for one in LIFE.available(position, {role}) if one.action == action]
        position = LIFE.after(position, step)
    assert position == {end}
    assert not LIFE.open_steps(position)


@pytest.mark.parametrize("role", [Role.DIPLOMATIC_POST, Role.IMMIGRATION_OFFICE])
def test_steps_of_federal_authorities_are_not_sent_back_to_them(role: str) -> None:
    assert all(step.then == ("notices:tell",) for step in LIFE.steps if role in step.by)


def test_only_the_immigration_office_refuses_and_says_why() -> None:
    [refusal] = [one for one in LIFE.steps if one.action == "refuse"]
    assert refusal.by == {Role.IMMIGRATION_OFFICE}
    assert [one.name for one in refusal.evidence if not one.optional] == ["refusal_reasons", "reasons"]
    assert [code for code, _label, _hint in REFUSAL_REASONS] == [str(number) for number in range(1, 18)]


def test_the_visa_says_its_days_and_entries() -> None:
    for one in LIFE.steps:
        if one.action == "issue-visa":
            assert [each.name for each in one.evidence] == ["visa_number", "valid_from", "valid_until", "days", "entries"]
