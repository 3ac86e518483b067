"""Who may read which page and open which document, in every procedure: each role only what its part in it needs."""

from collections.abc import Iterable

import pytest

from frontoffice.procedures import EDITIONS
from frontoffice.procedures.vocabulary import AUTHORITIES, FILERS, DocumentRequirement, Page, Procedure, Role

BY_EMPLOYER = [one for one in EDITIONS if one.first_role == Role.EMPLOYER]
# Of the body, of a past, of means and of a private life: nobody reads it but the person and the authorities that judge it.
HEALTH_AND_RECORD = ("medical-certificate", "criminal-record", "disability")
PRIVATE = {
    "single-permit": ("register-number", "residence", "worker-contact", "medical-certificate", "criminal-record"),
    "visa-d-family": ("disability", "dependence", "care", "income", "relation-proof"),
    "visa-d-humanitarian": ("humanitarian", "ties", "origin", "situation-proof"),
    "visa-d-marriage": ("partner", "union", "relation", "relation-proof", "divorce"),
    "visa-d-working-holiday": ("holiday-means", "funds"),
}
EXAMINERS = frozenset({Role.DIPLOMATIC_POST, Role.IMMIGRATION_OFFICE})


def by_code(procedure: Procedure) -> str:
    return f"{procedure.code}-{procedure.edition}"


def items(procedure: Procedure) -> Iterable[Page | DocumentRequirement]:
    return (*procedure.pages, *procedure.documents)


@pytest.mark.parametrize("procedure", EDITIONS, ids=by_code)
def test_nobody_reads_who_has_no_part(procedure: Procedure) -> None:
    """Who files, who confirms an own part, and authorities: a guarantor or applicant of another dossier is none of them."""
    parts = procedure.filed_by | procedure.life.roles() | AUTHORITIES
    if procedure in BY_EMPLOYER:
        parts |= {Role.WORKER}
    for one in items(procedure):
        assert one.seen_by <= parts, (one.code, sorted(one.seen_by - parts))
        assert one.by <= one.seen_by, (one.code, "is given by someone who may not read it again")


@pytest.mark.parametrize("procedure", EDITIONS, ids=by_code)
def test_a_guarantor_reads_commitments_only_and_an_applicant_only_what_applicants_file(procedure: Procedure) -> None:
    for role in (Role.GUARANTOR, Role.APPLICANT):
        seen = [one.code for one in items(procedure) if role in one.seen_by]
        assert not seen or procedure.filed_by == {role}, (role, seen)


@pytest.mark.parametrize("procedure", EDITIONS, ids=by_code)
def test_health_and_record_are_for_the_person_and_whoever_judges(procedure: Procedure) -> None:
    for one in items(procedure):
        if one.code in HEALTH_AND_RECORD:
            assert not one.seen_by & (FILERS | {Role.GUARANTOR}), one.code
            assert one.seen_by - AUTHORITIES == one.by, one.code


@pytest.mark.parametrize("procedure", [one for one in EDITIONS if one.code in PRIVATE], ids=by_code)
def test_what_is_private_stays_so(procedure: Procedure) -> None:
    found = {one.code: one for one in items(procedure)}
    for code in PRIVATE[procedure.code]:
        allowed = AUTHORITIES | {Role.WORKER} if procedure.code == "single-permit" else EXAMINERS | {Role.APPLICANT}
        same_name = [one for one in items(procedure) if one.code == code]
        assert code in found and all(one.seen_by <= allowed for one in same_name), (code, [sorted(one.seen_by) for one in same_name])


@pytest.mark.parametrize("procedure", BY_EMPLOYER, ids=by_code)
def test_the_employer_reads_nothing_that_the_worker_alone_should(procedure: Procedure) -> None:
    names = {name for one in procedure.pages if not one.seen_by & FILERS for field in one.form.fields for name in field.raw_names()}
    if procedure.code == "single-permit":
        assert {"national_number", "worker_email", "home_street"} <= names
    read = {name for one in procedure.pages if one.seen_by & FILERS for field in one.form.fields for name in field.raw_names()}
    assert not names & read, "a private question stands on a page of the employer too"


def test_a_region_and_a_town_read_nothing_of_what_they_do_not_decide() -> None:
    for procedure in EDITIONS:
        if procedure.code.startswith("guarantee") or procedure.code == "declaration-of-arrival":
            assert not any(Role.REGION in one.seen_by for one in items(procedure)), procedure.code
        if procedure.code == "declaration-of-arrival":
            assert {role for one in items(procedure) for role in one.seen_by} == {Role.APPLICANT, Role.MUNICIPALITY}
        if procedure.code == "visa-c":
            assert not any(Role.MUNICIPALITY in one.seen_by for one in items(procedure))
