"""Steps in the life of a dossier, on real PostgreSQL: who takes them, what they bring along, and that the events fold to the position."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from frontoffice.dossiers import actions, queries
from frontoffice.kernel.database import transaction
from frontoffice.kernel.errors import Conflict, Invalid, NotFound, Refused
from frontoffice.kernel.time import stopped_at
from frontoffice.procedures.single_permit.definition import SINGLE_PERMIT
from tests.dossiers.drafts import EVERY_PAGE, THAT_DAY, Office, an_office
from tests.engines import Database, Engines

PASSPORT = EVERY_PAGE["passport"]["passport_number"]


@pytest.fixture
async def office(fresh_database: Database, engines: Engines) -> AsyncIterator[Office]:
    async with an_office(fresh_database, engines) as one:
        yield one


WALK = (
    ("flanders", "take-up", {}), ("flanders", "ask-documents", {"document": "diploma", "request": "A translation"}), ("employer", "complete", {}),
    ("flanders", "admit", {}), ("immigration-office", "ask-stay-documents", {"document": "passport", "request": "Page 3"}), ("flanders", "grant-work", {}),
    ("employer", "complete-stay", {}), ("immigration-office", "grant", {}), ("diplomatic-post", "request-visa", {}), ("diplomatic-post", "issue-visa", {}),
    ("worker", "announce-arrival", {"municipality": "11002", "street": "Meir 1"}), ("municipality-11002", "register", {"passport_seen": PASSPORT}),
    ("municipality-11002", "issue-annex-49", {}), ("municipality-11002", "record-failed-check", {}), ("municipality-11002", "record-address-check", {}),
    ("municipality-11002", "order-card", {}), ("municipality-11002", "deliver-card", {}),
)


async def test_the_whole_life_and_its_fold(office: Office) -> None:
    hat = await office.employer()
    draft = await office.ready(hat)
    worker = await office.worker(draft)
    key = await office.file(hat, draft)
    people = {"employer": hat, "worker": worker}
    life = SINGLE_PERMIT.life
    for hours, (who, action, evidence) in enumerate(WALK, 1):
        with stopped_at(THAT_DAY + timedelta(hours=hours)):
            someone = people.get(who) or await office.official(who)
            if action.startswith("complete"):
                # Nothing new was brought: papers of before the question do not answer it.
                with pytest.raises(Invalid):
                    await office.take(someone, key, action)
                await office.bring(someone, key, ["other"])
            before = await office.see(someone, key)
            await office.take(someone, key, action, **evidence)
            after, events = await office.see(someone, key), await office.history(someone, key)
            position = frozenset(life.start)
            for event in events:
                step = next(one for one in life.steps if one.action == event.action and one.takes == set(event.takes))
                assert (set(event.gives), event.past) == (step.gives, step.past)
                position = life.after(position, step)
            assert after.position == position, action
            assert [one.seq for one in events] == list(range(1, after.version + 1))
            assert after.version == before.version + 1
            assert (await office.portal.sql("SELECT headline FROM dossier WHERE number = :key", key=key))[0][0] == life.headline(position).state
    assert after.position == {"card-issued"}
    assert after.due_on is None
    assert after.municipality == "municipality-11002"
    assert [(one.role, one.authority_code) for one in after.participants if one.authority_code] == [
        ("region", "flanders"), ("immigration-office", "immigration-office"), ("diplomatic-post", "diplomatic-post"), ("municipality", "municipality-11002")]
    # One job of each kind for each event that asks for it.
    steps = {one.action: one for one in life.steps}
    queued = [job for one in events for job in steps[one.action].then]
    assert sorted(await office.jobs()) == sorted(["identities:match", "documents:seal", *queued])


@pytest.mark.parametrize(("who", "action", "error"), [
    ("employer", "submit", Conflict), ("employer", "complete", Conflict), ("employer", "take-up", Refused), ("employer", "admit", Refused),
    ("employer", "grant", Refused), ("employer", "announce-arrival", Refused), ("employer", "fly", NotFound), ("employer", "", NotFound),
    ("region", "admit", Conflict), ("region", "submit", Refused), ("region", "withdraw", Refused), ("region", "grant", Refused),
])
async def test_steps_that_cannot_be_taken(office: Office, who: str, action: str, error: type[Exception]) -> None:
    hat, region = await office.employer(), await office.official("flanders")
    key = await office.file(hat)
    with pytest.raises(error):
        await office.take(hat if who == "employer" else region, key, action)
    assert (await office.see(hat, key)).position == {"filed"}
    assert [one.action for one in await office.history(hat, key)] == ["declare-consent", "submit"]


async def test_an_authority_without_a_part_in_it_finds_nothing(office: Office) -> None:
    hat = await office.employer()
    key = await office.file(hat)
    for code in ("brussels", "wallonia", "german-speaking-community", "immigration-office", "municipality-11002", "diplomatic-post"):
        with pytest.raises(NotFound):
            await office.take(await office.official(code), key, "take-up")


async def test_the_municipality_compares_the_passport_before_it(office: Office) -> None:
    hat = await office.employer()
    draft = await office.ready(hat)
    worker = await office.worker(draft)
    key = await office.file(hat, draft)
    await office.portal.sql("UPDATE dossier SET position = '{visa-issued}' WHERE number = :key", key=key)
    for nowhere in ("", "99999", "Antwerpen"):
        with pytest.raises(Invalid):
            await office.take(worker, key, "announce-arrival", municipality=nowhere)
    await office.take(worker, key, "announce-arrival", municipality="11002")
    town = await office.official("municipality-11002")
    for number in ("Z7654321", "", "z1234567"):
        with pytest.raises(Invalid):
            await office.take(town, key, "register", passport_seen=number)
    await office.take(town, key, "register", passport_seen=PASSPORT)
    assert (await office.see(town, key)).position == {"registered"}


async def test_what_the_backbone_brought_is_not_sent_back(office: Office) -> None:
    hat = await office.employer()
    key = await office.file(hat)
    before = await office.jobs()
    async with transaction(office.portal.engine) as session:
        dossier = await queries.any_dossier(session, key, lock=True)
        await actions.perform(session, dossier, "take-up", None, role="region", message_id="m1")
    async with transaction(office.portal.engine) as session:
        dossier = await queries.any_dossier(session, key, lock=True)
        await actions.perform(session, dossier, "ask-documents", None, role="region", message_id="m2")
        with pytest.raises(Refused):
            await actions.perform(session, dossier, "admit", None, role="immigration-office", message_id="m3")
    assert (await office.jobs())[len(before):] == ["notices:tell", "notices:tell"]
    asked = (await office.history(hat, key))[-1]
    assert (asked.action, asked.role, asked.party_name, asked.person_name) == ("ask-documents", "region", "Flanders, Economic Migration", "")


async def test_the_nearest_period_stands_in_the_list(office: Office) -> None:
    hat, region = await office.employer(), await office.official("flanders")
    key = await office.file(hat)
    await office.take(region, key, "take-up")
    assert (await office.see(hat, key)).due_on is None
    await office.take(region, key, "ask-documents")
    due = (await office.see(hat, key)).due_on
    assert due is not None and due.isoformat() == "2026-12-08"
    await office.take(hat, key, "withdraw")
    assert (await office.see(hat, key)).due_on is None
