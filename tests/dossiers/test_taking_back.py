"""Correcting what was filed: taken back until an authority opens it, documents added and replaced until the decision."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from frontoffice.dossiers import actions, completeness, handed_over, queries
from frontoffice.dossiers.corrections import OPENED
from frontoffice.dossiers.idle import IDLE_DRAFT, WARNED_BEFORE
from frontoffice.dossiers.jobs import clear
from frontoffice.dossiers.standing import standing, unsolved
from frontoffice.dossiers.track import track
from frontoffice.kernel.errors import Conflict, Invalid, NotFound, Refused
from frontoffice.kernel.jobs import Resources
from frontoffice.kernel.time import now, stopped_at, today
from frontoffice.procedures import every_in_force
from frontoffice.procedures.single_permit.definition import SINGLE_PERMIT
from frontoffice.procedures.vocabulary import AUTHORITIES, Procedure
from tests.dossiers.drafts import EVERY_PAGE, THAT_DAY, Hat, Office, an_office
from tests.dossiers.guarantors import Counter
from tests.engines import Database, Engines

IN_BRUSSELS = {"workplace": {**EVERY_PAGE["workplace"], "workplace_postal_code": "1000", "workplace_municipality": "Bruxelles"}}
LIVES = every_in_force(today())


@pytest.fixture
async def office(fresh_database: Database, engines: Engines) -> AsyncIterator[Office]:
    async with an_office(fresh_database, engines) as one:
        yield one


@contextmanager
def after(minutes: int) -> Iterator[datetime]:
    """So many minutes after the dossier was filed."""
    with stopped_at(THAT_DAY + timedelta(minutes=minutes)):
        yield now()


async def uuid_of(office: Office, key: str) -> UUID:
    return UUID(str((await office.portal.sql("SELECT id FROM dossier WHERE number = :key OR id::text = :key", key=key))[0][0]))


async def look(office: Office, hat: Hat, key: str) -> None:
    """An authority opens the dossier, as its page notes it."""
    async with office.acting(hat) as (session, actor):
        await actions.note_opening(session, await queries.dossier(session, actor, key), actor)


def offered(dossier: queries.OpenDossier) -> set[str]:
    return {one.action for one in dossier.steps}


# --- Taking back --------------------------------------------------------------------------------------------------------------

async def test_taken_back_it_is_a_draft_that_no_authority_sees_with_its_number(office: Office) -> None:
    hat, region = await office.employer(), await office.official("flanders")
    key = await office.file(hat)
    assert "take-back" in offered(await office.see(hat, key))
    before = await office.jobs()
    with after(5):
        await office.take(hat, key, "take-back")
        dossier = await office.see(hat, key)
        assert (dossier.position, dossier.number, dossier.filed_at, dossier.region) == (frozenset({"draft", "worker-confirmed"}), key, None, None)
        assert dossier.is_draft and dossier.key == key
        assert {one.ends_at for one in dossier.participants if one.role in AUTHORITIES} == {now()}
        assert (await office.jobs())[len(before):] == ["backbone:hand_over", "notices:tell"]
        for question in (office.see(region, key), office.take(region, key, "take-up"), office.history(region, key)):
            with pytest.raises(NotFound):
                await question
        assert await office.count("document") == len(dossier.documents)
        # Everything can be changed again, and is missed again.
        await office.answer(hat, key, {"pay": {"pay_month": "", "pay_year": ""}})
        assert [one.page for one in completeness.missing(await office.see(hat, key)) if one.page] == ["pay"]
        with pytest.raises(Invalid):
            await office.take(hat, key, "submit")


async def test_corrected_it_is_filed_again_with_the_same_number_and_where_it_belongs_now(office: Office) -> None:
    hat, flanders, brussels = await office.employer(), await office.official("flanders"), await office.official("brussels")
    key = await office.file(hat)
    with after(5):
        await office.take(hat, key, "take-back")
        await office.answer(hat, key, IN_BRUSSELS)
        # Brussels asks for one more document.
        await office.bring(hat, key, ["organisation-chart"])
    with after(10) as refiled:
        await office.take(hat, key, "submit")
        dossier = await office.see(hat, key)
        assert (dossier.number, dossier.filed_at, dossier.region, dossier.authority, dossier.position) == (key, refiled, "brussels", "brussels", frozenset({"filed"}))
        assert (await office.see(brussels, key)).headline.state == "filed"
        with pytest.raises(NotFound):
            await office.see(flanders, key)
        events = await office.history(hat, key)
        assert [one.action for one in events][-3:] == ["submit", "take-back", "submit"]
        position = SINGLE_PERMIT.life.start
        for one in events:
            position = (position - set(one.takes)) | set(one.gives)
        assert position == dossier.position
        kept = await office.portal.sql("SELECT facts->>'authority', facts->>'number' FROM filing ORDER BY filed_at")
        assert [tuple(row) for row in kept] == [("flanders", key), ("brussels", key)]
        assert [one.title for one in track(dossier, events).lines if one.state == "done"][-3:] == ["Filed", "Taken back to correct it", "Filed"]
    # No number was skipped for the others.
    with after(15):
        assert int((await office.file(hat)).split("-")[2]) == int(key.split("-")[2]) + 1


async def test_it_can_be_taken_back_again_and_again(office: Office) -> None:
    hat = await office.employer()
    key = await office.file(hat)
    for turn in range(1, 4):
        with after(10 * turn):
            await office.take(hat, key, "take-back")
        with after(10 * turn + 5):
            assert await office.file(hat, key) == key
    with after(60):
        dossier = await office.see(hat, key)
        assert sum(one.role == "region" and one.ends_at is None for one in dossier.participants) == 1
        assert await office.count("filing") == 4


@pytest.mark.parametrize("how", ["looked", "took a step", "through the backbone", "has a document", "turned a document down"])
async def test_once_an_authority_has_opened_it_it_stays(office: Office, how: str) -> None:
    hat, region = await office.employer(), await office.official("flanders")
    key = await office.file(hat)
    with after(5):
        if how == "looked":
            await look(office, region, key)
        elif how == "took a step":
            await office.take(region, key, "take-up")
            await office.portal.sql("UPDATE dossier SET position = '{filed}' WHERE number = :key", key=key)
        elif how == "through the backbone":
            await office.portal.sql(
                "INSERT INTO event (id, dossier_id, seq, action, past, takes, gives, role, happened_at, message_id) SELECT :id, id, 9, 'ask-documents', "
                "'documents-asked', '{}', '{}', 'diplomatic-post', :now, 'm1' FROM dossier WHERE number = :key", id=uuid4(), now=now(), key=key)
        else:
            column = "taken_over_at" if how == "has a document" else "not_taken_at"
            await office.portal.sql(f"UPDATE document SET {column} = :now WHERE requirement = 'contract'", now=now())
    with after(10):
        if how in ("looked", "took a step", "through the backbone"):
            assert "take-back" not in offered(await office.see(hat, key))
        with pytest.raises(Conflict) as refused:
            await office.take(hat, key, "take-back")
        assert refused.value.message == OPENED
        dossier = await office.see(hat, key)
        assert (dossier.position, dossier.region) == (frozenset({"filed"}), "flanders") and dossier.filed_at


async def test_an_opening_of_the_last_moment_is_seen_under_the_lock(office: Office) -> None:
    hat, region = await office.employer(), await office.official("flanders")
    key = await office.file(hat)
    with after(5):
        async with office.acting(region) as (session, actor):
            await actions.note_opening(session, await queries.dossier(session, actor, key), actor)
            taking = asyncio.create_task(office.take(hat, key, "take-back"))
            await asyncio.sleep(0.3)
            assert not taking.done()
        with pytest.raises(Conflict) as refused:
            await taking
    assert refused.value.message == OPENED


async def test_an_opening_before_it_was_filed_again_does_not_count(office: Office) -> None:
    hat, region = await office.employer(), await office.official("flanders")
    key = await office.file(hat)
    identity = await uuid_of(office, key)
    with after(5):
        await office.take(hat, key, "take-back")
        # A page that was being made while it was taken back.
        await office.portal.sql("INSERT INTO opening (id, dossier_id, party_id, person_id, opened_at) VALUES (:id, :dossier, :party, :person, :now)",
                                id=uuid4(), dossier=identity, party=region.party, person=region.person, now=now())
    with after(10):
        await office.take(hat, key, "submit")
    with after(15):
        await office.take(hat, key, "take-back")
        assert (await office.see(hat, key)).is_draft


async def test_only_the_filer_takes_it_back_and_only_what_was_filed(office: Office) -> None:
    hat, region = await office.employer(), await office.official("flanders")
    draft = await office.ready(hat)
    worker = await office.worker(draft)
    with pytest.raises(Conflict):
        await office.take(hat, draft, "take-back")
    key = await office.file(hat, draft)
    for other in (worker, region):
        with pytest.raises(Refused):
            await office.take(other, key, "take-back")
    with after(5):
        await office.take(hat, key, "withdraw")
        with pytest.raises(Conflict):
            await office.take(hat, key, "take-back")


async def test_a_numbered_draft_is_withdrawn_and_never_deleted(office: Office) -> None:
    hat = await office.employer()
    never_filed, key = await office.ready(hat), await office.file(hat)
    assert {"discard", "withdraw"} & offered(await office.see(hat, never_filed)) == {"discard"}
    with pytest.raises(Conflict):
        await office.take(hat, never_filed, "withdraw")
    with after(5):
        await office.take(hat, key, "take-back")
        assert {"discard", "withdraw"} & offered(await office.see(hat, key)) == {"withdraw"}
        with pytest.raises(Conflict):
            await office.take(hat, key, "discard")
    # An idle draft is cleared; this one is not, its number was told to others.
    await office.portal.sql("UPDATE dossier SET warned_at = :then", then=THAT_DAY + IDLE_DRAFT - WARNED_BEFORE)
    with stopped_at(THAT_DAY + IDLE_DRAFT + timedelta(days=2)):
        await clear(Resources(office.portal.engine, office.portal.settings))
        with pytest.raises(NotFound):
            await office.see(hat, never_filed)
        before = await office.jobs()
        await office.take(hat, key, "withdraw")
        assert (await office.see(hat, key)).position == {"withdrawn"}
        assert (await office.jobs())[len(before):] == ["backbone:hand_over", "notices:tell"]


async def test_the_receipt_of_an_earlier_filing_says_nothing_of_the_later_one(office: Office) -> None:
    hat = await office.employer()
    key = await office.file(hat)

    async def confirmed(action: str) -> datetime | None:
        rows = await office.portal.sql("SELECT id, dossier_id FROM event WHERE action = :action ORDER BY seq DESC LIMIT 1", action=action)
        async with office.acting(hat) as (session, _actor):
            await handed_over.note_received(session, [rows[0].id])
        return (await office.see(hat, key)).confirmed_at

    with after(1):
        assert await confirmed("submit")
    with after(5):
        await office.take(hat, key, "take-back")
        assert (await office.see(hat, key)).confirmed_at is None
        assert await confirmed("submit") is None
    with after(10):
        await office.take(hat, key, "submit")
        assert await confirmed("take-back") is None
    with after(15):
        assert await confirmed("submit") == now()


@pytest.mark.parametrize("procedure", LIVES, ids=lambda one: one.code)
def test_each_life_gives_back_what_filing_took_and_takes_more_until_the_decision(procedure: Procedure) -> None:
    life = procedure.life
    (back,) = (one for one in life.steps if one.takes_back)
    assert (back.takes, back.gives, back.by) == (life.filing.gives, life.filing.takes, life.filing.by)
    undecided = {state for one in life.steps if one.action == "withdraw" for state in one.takes} - {"draft"}
    added = {state for one in life.steps if one.adds for state in one.takes}
    assert undecided <= added
    assert not any(one.adds for one in life.open_steps(life.start))
    # What nobody asked for answers no question.
    assert not life.asked_in & {state for state in added if not any(one.takes == {state} and one.brings_document and not one.adds for one in life.steps)}
    assert not {"add-documents", "take-back", "take-up"} & life.asking


# --- Commitments --------------------------------------------------------------------------------------------------------------

async def test_a_commitment_that_is_taken_back_frees_its_place_and_takes_it_again(office: Office) -> None:
    counter = Counter(office)
    arjun, other = await counter.guarantor(), await counter.guarantor("Other")
    number = await counter.file(arjun)
    with after(5):
        await office.take(arjun, number, "take-back")
        row = await counter.row(number)
        assert (row.state, row.covers) == ("withdrawn", False)
        seconds = await counter.file(other, surname="Peeters", given_names="Jan")
        with pytest.raises(Invalid) as refused:
            await office.take(arjun, number, "submit")
        assert [one.field for one in refused.value.problems] == ["beneficiary_passport"]
    with after(10):
        await office.take(other, seconds, "take-back")
        await office.take(arjun, number, "submit")
        row = await counter.row(number)
        assert (row.number, row.state, row.covers) == (number, "pending", True)
        with pytest.raises(Invalid):
            await office.take(other, seconds, "submit")
        await office.take(other, seconds, "withdraw")
        assert (await counter.row(seconds)).state == "withdrawn"


# --- Adding and replacing -----------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("states", "problem"), [
    ((), "Add the document first"), (("refused",), "Add the document first"), (("received",), "not finished yet"), (("checking",), "not finished yet"),
    (("uploading",), "finish or remove"), (("checked", "received"), "not finished yet"), (("checked",), ""), (("checked", "refused"), ""),
], ids=lambda one: "+".join(one) if isinstance(one, tuple) else "")
async def test_what_is_added_is_sent_when_all_of_it_is_known_to_be_good(office: Office, states: tuple[str, ...], problem: str) -> None:
    hat = await office.employer()
    key = await office.file(hat)
    with after(5):
        for state in states:
            await office.bring(hat, key, ["other"], state=state)
    with after(10):
        if not problem:
            await office.take(hat, key, "add-documents")
            assert (await office.see(hat, key)).position == {"filed"}
            return
        with pytest.raises(Invalid) as refused:
            await office.take(hat, key, "add-documents")
        assert all(problem in one.message for one in refused.value.problems)


async def test_what_is_added_looks_delivered_to_nobody_before_it_is_sent(office: Office) -> None:
    hat, region = await office.employer(), await office.official("flanders")
    key = await office.file(hat)
    with after(5):
        assert "add-documents" not in offered(await office.see(hat, key))
        assert not unsolved(await office.see(hat, key))
        (added,) = await office.bring(hat, key, ["other"])
        dossier = await office.see(hat, key)
        (one,) = dossier.added
        assert (one.id, standing(one).code) == (added, "added")
        assert [(found.document.id, "not sent yet" in found.what.text) for found in unsolved(dossier)] == [(added, True)]
        told = track(dossier, await office.history(hat, key))
        assert told.turn.mine and told.main and told.main.action == "add-documents"
        assert added not in [found.id for found in (await office.see(region, key)).documents]
    with after(10):
        before = await office.see(hat, key)
        await office.take(hat, key, "add-documents")
        dossier = await office.see(hat, key)
        assert (dossier.position, dossier.due_on, dossier.added, unsolved(dossier)) == (before.position, before.due_on, [], [])
        assert added in [found.id for found in (await office.see(region, key)).documents]
        assert not track(dossier, await office.history(hat, key)).turn.mine
        assert (await office.jobs())[-2:] == ["backbone:hand_over", "notices:tell"]


async def test_the_legal_time_does_not_change_by_what_is_added(office: Office) -> None:
    hat, region, federal = [await office.employer(), await office.official("flanders"), await office.official("immigration-office")]
    key = await office.file(hat)
    with after(5):
        await office.take(region, key, "take-up")
        await office.take(region, key, "admit")
    with after(10):
        await office.take(federal, key, "ask-stay-documents", documents="passport", reasons="Page 3")
        waited = (await office.see(hat, key)).due_on
    with after(60 * 24 * 3):
        await office.bring(hat, key, ["other"])
    with after(60 * 24 * 3 + 5):
        assert {"complete-stay", "add-documents"} <= offered(await office.see(hat, key))
        told = track(await office.see(hat, key), await office.history(hat, key))
        assert told.main and told.main.action == "complete-stay"
        await office.take(hat, key, "add-documents")
        dossier = await office.see(hat, key)
        assert (dossier.position, dossier.due_on) == (frozenset({"work-exam", "stay-complement"}), waited)
        told = track(dossier, await office.history(hat, key))
        assert told.asked and told.asked.action == "ask-stay-documents"
        assert {one.clock.code: one.paused_since is not None for one in told.clocks}["decision"]


async def test_a_newer_version_takes_the_place_of_the_earlier_one_when_it_is_sent(office: Office) -> None:
    hat, region = await office.employer(), await office.official("flanders")
    key = await office.file(hat)
    old = next(one for one in (await office.see(hat, key)).documents if one.requirement == "contract")
    await office.portal.sql("UPDATE document SET handed_over_at = :now WHERE id = :id", now=now(), id=old.id)
    with after(5):
        (new,) = await office.bring(hat, key, ["contract"])
        await office.portal.sql("UPDATE document SET replaces = :old WHERE id = :new", old=old.id, new=new)
        assert [one.id for one in (await office.see(hat, key)).of_requirement("contract")] == [old.id, new]
        assert [one.id for one in (await office.see(region, key)).of_requirement("contract")] == [old.id]
    with after(10):
        await office.take(hat, key, "add-documents")
        dossier = await office.see(hat, key)
        assert [one.id for one in dossier.of_requirement("contract")] == [new]
        kept = next(one for one in dossier.documents if one.id == old.id)
        assert (kept.state, kept.is_kept) == ("replaced", True)
        # Each version holds what it held when it was sent.
        held = [{one.id for one in dossier.documents if one.requirement == "contract" and one.held_at(moment)}
                for moment in (THAT_DAY, THAT_DAY + timedelta(minutes=10))]
        assert held == [{old.id}, {new}]
        assert (await office.portal.sql("SELECT state FROM document_change WHERE document_id = :id ORDER BY id DESC LIMIT 1", id=old.id))[0][0] == "replaced"


@pytest.mark.parametrize("state", ["received", "refused"])
async def test_an_earlier_version_stays_as_long_as_the_newer_one_is_not_good(office: Office, state: str) -> None:
    hat, region = await office.employer(), await office.official("flanders")
    key = await office.file(hat)
    old = next(one for one in (await office.see(hat, key)).documents if one.requirement == "contract")
    with after(5):
        await office.take(region, key, "take-up")
        await office.take(region, key, "ask-documents", document="contract", request="Page 2")
    with after(10):
        (new,) = await office.bring(hat, key, ["contract"], state=state)
        await office.portal.sql("UPDATE document SET replaces = :old WHERE id = :new", old=old.id, new=new)
        await office.bring(hat, key, ["other"])
    with after(15):
        if state == "received":
            with pytest.raises(Invalid):
                await office.take(hat, key, "complete")
        else:
            await office.take(hat, key, "complete")
        assert next(one for one in (await office.see(hat, key)).documents if one.id == old.id).state == "checked"


async def test_what_was_added_before_it_was_taken_back_goes_with_the_next_filing(office: Office) -> None:
    hat = await office.employer()
    key = await office.file(hat)
    with after(5):
        await office.bring(hat, key, ["other"])
    with after(10):
        await office.take(hat, key, "take-back")
        assert not (await office.see(hat, key)).added
        await office.take(hat, key, "submit")
        dossier = await office.see(hat, key)
        assert not dossier.added and len(dossier.of_requirement("other")) == 1


async def test_nothing_is_added_once_it_is_decided(office: Office) -> None:
    hat, region = await office.employer(), await office.official("flanders")
    key = await office.file(hat)
    with after(5):
        await office.bring(hat, key, ["other"])
        await office.take(region, key, "take-up")
        await office.take(region, key, "declare-inadmissible", reasons="Not paid")
    with after(10):
        dossier = await office.see(hat, key)
        assert (offered(dossier), unsolved(dossier)) == (set(), [])
        # It was never sent, and does not look so.
        assert [standing(one).code for one in dossier.of_requirement("other")] == ["added"]
        with pytest.raises(Conflict):
            await office.take(hat, key, "add-documents")
