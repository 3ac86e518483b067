"""Matching the applicant of a filed dossier: one person, one identity, whoever files how often and at which moment."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from frontoffice.identities import jobs, register
from frontoffice.kernel.jobs import Resources
from tests.dossiers.drafts import an_office
from tests.engines import Database, Engines
from tests.filing import WORKER_PAGES
from tests.identities.office import ANA, ANA_AGAIN, NOON, PETR, Desk


async def counts(desk: Desk) -> tuple[int, int]:
    """How many identities are in use, and how many doubles there are."""
    return await desk.value("SELECT count(*) FROM identity WHERE merged_into IS NULL"), len(await desk.doubles())


async def test_somebody_new_gets_an_identity_after_a_search(desk: Desk) -> None:
    dossier = await desk.filed(ANA)
    identity = await desk.identity_of(dossier)
    [(outcome, found, whose, kinds)] = await desk.sql("SELECT outcome, found, identity_id, kinds FROM identity_search WHERE dossier_id = :id", id=dossier)
    assert (outcome, found, whose) == ("new", [], identity) and {"passport", "person", "sound"} <= set(kinds)
    golden = await desk.value("SELECT golden FROM identity WHERE id = :id", id=identity)
    assert golden["name"]["value"]["surname"] == "Silva" and golden["name"]["dossier"] == str(dossier)
    assert await desk.value("SELECT count(*) FROM identity_name WHERE identity_id = :id AND kind = 'legal'", id=identity) == 1


async def test_the_same_passport_leads_to_the_same_person(desk: Desk) -> None:
    """T20: exact match, no second identity."""
    first, second = await desk.filed(ANA), await desk.filed({**ANA, "given_names": "Ana B."})
    assert await desk.identity_of(first) == await desk.identity_of(second)
    assert await counts(desk) == (1, 0)
    assert await desk.value("SELECT outcome FROM identity_search WHERE dossier_id = :id", id=second) == "same-passport"


async def test_a_second_identity_with_the_same_passport_cannot_be_made(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database refuses it even when the search is blind."""
    await desk.filed(ANA)

    async def sees_nothing(*_anything: object) -> list[register.Candidate]:
        return []

    monkeypatch.setattr(register, "_search", sees_nothing)
    with pytest.raises(IntegrityError, match="ix_identity_key_exact"):
        await desk.filed(ANA)
    assert await counts(desk) == (1, 0)


async def test_who_is_probably_known_becomes_a_task_and_no_merge(desk: Desk) -> None:
    first, second = await desk.filed(ANA), await desk.filed(ANA_AGAIN)
    [task] = await desk.doubles()
    assert {task.identity_id, task.other_id} == {await desk.identity_of(first), await desk.identity_of(second)}
    assert task.state == "open" and task.score >= 86 and "same-birth-date" in task.reasons
    assert await counts(desk) == (2, 1)


async def test_other_people_are_left_alone(desk: Desk) -> None:
    await desk.filed(ANA)
    await desk.filed(PETR)
    assert await counts(desk) == (2, 0)


async def test_a_name_with_the_first_of_january_makes_no_task(desk: Desk) -> None:
    answers = {"surname": "Ahmadi", "given_names": "Mohammad", "birth_date": "1990-01-01", "nationality": "AFG"}
    await desk.filed(answers)
    last = await desk.filed(answers)
    assert await counts(desk) == (2, 0)
    [found] = await desk.value("SELECT found FROM identity_search WHERE dossier_id = :id", id=last)
    assert found["level"] == "possible"


async def test_a_passport_that_fits_nothing_else_is_linked_and_asked_about(desk: Desk) -> None:
    first = await desk.filed(ANA)
    wrong = await desk.filed({**PETR, "passport_number": ANA["passport_number"], "passport_country": "BRA"})
    [task] = await desk.doubles()
    assert await desk.identity_of(first) == await desk.identity_of(wrong) == task.identity_id
    assert (task.other_id, task.dossier_id) == (None, wrong)


async def test_a_register_number_outranks_a_passport_and_both_owners_are_compared(desk: Desk) -> None:
    ana = await desk.filed({**ANA, "national_number": "85073003328"})
    petr = await desk.filed(PETR)
    third = await desk.filed({**ANA, "national_number": "85073003328", "passport_number": PETR["passport_number"], "passport_country": "UKR"})
    assert await desk.identity_of(third) == await desk.identity_of(ana)
    [task] = await desk.doubles()
    assert {task.identity_id, task.other_id} == {await desk.identity_of(ana), await desk.identity_of(petr)}


@pytest.mark.parametrize("answers", [{}, {"enterprise_number": "1999999943"}])
async def test_a_dossier_without_a_person_makes_none(desk: Desk, answers: Mapping[str, str]) -> None:
    await desk.filed(answers)
    assert await counts(desk) == (0, 0)


@pytest.mark.parametrize("draft", ["number = NULL, filed_at = NULL", "filed_at = NULL"], ids=["never filed", "taken back"])
async def test_a_draft_is_not_matched(desk: Desk, draft: str) -> None:
    dossier = await desk.filed(ANA, match=False)
    await desk.sql(f"UPDATE dossier SET {draft} WHERE id = :id", id=dossier)
    await jobs.match(desk.resources, str(dossier))
    assert await counts(desk) == (0, 0)


async def test_a_dossier_that_was_taken_back_stays_one_of_its_person(desk: Desk) -> None:
    first = await desk.filed(ANA)
    await desk.sql("UPDATE dossier SET filed_at = NULL, position = '{draft}' WHERE id = :id", id=first)
    second = await desk.filed(ANA)
    assert await desk.identity_of(first) == await desk.identity_of(second)


async def test_running_again_changes_nothing(desk: Desk) -> None:
    dossier = await desk.filed(ANA)
    await jobs.match(desk.resources, str(dossier))
    assert await counts(desk) == (1, 0) and await desk.value("SELECT count(*) FROM identity_search") == 1


@pytest.mark.parametrize("answers", [ANA, {name: value for name, value in ANA.items() if not name.startswith("passport")}], ids=["passport", "no passport"])
async def test_dossiers_of_one_person_at_one_moment_make_no_two_identities_unseen(desk: Desk, answers: Mapping[str, str]) -> None:
    dossiers = [await desk.filed(answers, match=False) for _one in range(6)]
    await asyncio.gather(*(jobs.match(desk.resources, str(one)) for one in (*dossiers, *dossiers)))
    identities = {await desk.identity_of(one) for one in dossiers}
    if "passport_number" in answers:
        assert len(identities) == 1 and await counts(desk) == (1, 0)
    else:
        # Without a number nobody is linked, and each is asked about with each that came before.
        assert len(identities) == 6 and await counts(desk) == (6, 15)


async def test_whoever_loses_a_race_looks_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    first = await desk.filed(ANA)
    real, blind = register._search, iter((True, False))

    async def first_blind(*anything: object) -> list[register.Candidate]:
        return [] if next(blind) else await real(*anything)  # type: ignore[arg-type]

    monkeypatch.setattr(register, "_search", first_blind)
    assert await desk.identity_of(await desk.filed(ANA)) == await desk.identity_of(first)


async def test_what_a_lost_job_left_undone_is_found(desk: Desk) -> None:
    dossiers = [await desk.filed(answers, match=False) for answers in (ANA, ANA_AGAIN, {})]
    for one in dossiers:
        await desk.sql("INSERT INTO event (id, dossier_id, seq, action, past, takes, gives, role, happened_at) VALUES "
                       "(:id, :id, 1, 'submit', 'submitted', '{}', '{}', 'employer', :then)", id=one, then=NOON - timedelta(hours=1))
    await jobs.sweep(desk.resources)
    [task] = await desk.doubles()
    assert await desk.value("SELECT count(*) FROM identity_search") == 3
    for state, links in (("same", 1), ("open", 2), ("different", 2)):
        await desk.sql("UPDATE identity_double SET state = :state WHERE id = :id", state=state, id=task.id)
        for _again in range(2):
            await jobs.sweep(desk.resources)
        assert await desk.value("SELECT count(DISTINCT identity_id) FROM identity_of_dossier") == links
    assert await desk.value("SELECT count(*) FROM identity_search") == 3 and await desk.value("SELECT count(*) FROM identity_move") == 1


async def test_filing_a_dossier_has_its_applicant_matched(fresh_database: Database, engines: Engines) -> None:
    async with an_office(fresh_database, engines) as office:
        hat = await office.employer()
        for _dossier in range(2):
            await office.file(hat)
        queued = await office.portal.sql("SELECT args - 'traceparent' AS args FROM procrastinate_jobs WHERE task_name = 'identities:match' ORDER BY id")
        assert len(queued) == 2
        for row in queued:
            await jobs.match(Resources(office.portal.engine, office.portal.settings), **row[0])
        links = await office.portal.sql("SELECT identity_id, provenance FROM identity_of_dossier ORDER BY at, provenance")
    assert len({row.identity_id for row in links}) == 1 and {row.provenance for row in links} == {"new", "same-passport"}


async def test_the_zone_of_a_passport_is_read_too(desk: Desk) -> None:
    zone = WORKER_PAGES["passport-zone"]["passport_zone"]
    typed = {"surname": "Kumar", "given_names": "Rajesh"}
    first = await desk.filed({**typed, "passport_zone": zone})
    second = await desk.filed({**typed, "passport_number": "Z1234567", "passport_country": "IND"})
    assert await desk.identity_of(first) == await desk.identity_of(second)
    golden = await desk.value("SELECT golden FROM identity")
    assert golden["born"]["source"] == "zone" and golden["born"]["value"] == {"year": 1990, "month": 2, "day": 1}
