"""Deciding on doubles: two officials for what changes the register, everything kept, everything undone."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from frontoffice.identities import actions, jobs, queries
from frontoffice.kernel.database import transaction
from frontoffice.kernel.errors import Conflict, NotFound, Refused
from frontoffice.kernel.web import hash_of
from frontoffice.parties.actor import signed_in
from tests.identities.office import ANA, ANA_AGAIN, PETR, Desk


async def decide(desk: Desk, name: str, double: UUID, said: str, *, version: int | None = None) -> None:
    async with desk.acting(name) as (session, actor):
        shown = await queries.double(session, actor, double)
        await actions.decide(session, actor, double, said, version=shown.version if version is None else version)
    await desk.settle()


async def undo(desk: Desk, name: str, double: UUID) -> None:
    async with desk.acting(name) as (session, actor):
        await actions.undo(session, actor, double, version=(await queries.double(session, actor, double)).version)
    await desk.settle()


async def a_pair(desk: Desk) -> tuple[UUID, UUID, UUID]:
    """Two dossiers of one woman under two identities, and the task."""
    first, second = await desk.filed(ANA), await desk.filed(ANA_AGAIN)
    [task] = await desk.doubles()
    return first, second, task.id


async def state(desk: Desk, double: UUID) -> str:
    return str(await desk.value("SELECT state FROM identity_double WHERE id = :id", id=double))


async def test_one_official_alone_merges_nothing(desk: Desk) -> None:
    first, second, task = await a_pair(desk)
    await decide(desk, "Greet Janssens", task, "same")
    assert await state(desk, task) == "open" and await desk.identity_of(first) != await desk.identity_of(second)
    person, _token = await desk.official("Greet Janssens")
    assert await desk.value("SELECT first_by IS NOT NULL FROM identity_double WHERE id = :id", id=task)
    assert person


async def test_the_same_official_cannot_be_both(desk: Desk) -> None:
    """A second hat or a second browser makes no second pair of eyes."""
    _first, _second, task = await a_pair(desk)
    person, token = await desk.official("Greet Janssens")
    for expected in (None, Refused):
        async with transaction(desk.portal.app.app.state.engine, hash_of(token)) as session:
            actor = signed_in(session)
            version = (await queries.double(session, actor, task)).version
            if expected is None:
                await actions.decide(session, actor, task, "same", version=version)
            else:
                with pytest.raises(expected):
                    await actions.decide(session, actor, task, "same", version=version)
    assert await state(desk, task) == "open" and person


async def test_two_officials_merge_and_the_older_record_stays(desk: Desk) -> None:
    first, second, task = await a_pair(desk)
    kept, gone = await desk.identity_of(first), await desk.identity_of(second)
    await desk.sql("UPDATE identity SET created_at = created_at - interval '1 day' WHERE id = :id", id=kept)
    await decide(desk, "Greet Janssens", task, "same")
    await decide(desk, "Paul Mertens", task, "same")
    assert await state(desk, task) == "same"
    assert await desk.identity_of(second) == kept and await desk.value("SELECT merged_into FROM identity WHERE id = :id", id=gone) == kept
    assert {row[0] for row in await desk.sql("SELECT value FROM identity_key WHERE kind = 'passport' AND identity_id = :id", id=kept)} == {
        "BRA:FX100200", "BRA:GC300400"}
    assert not await desk.sql("SELECT FROM identity_key WHERE identity_id = :id", id=gone)
    golden = await desk.value("SELECT golden FROM identity WHERE id = :id", id=kept)
    assert {one["surname"] for one in golden["names"]} == {"Silva", "Souza"} and len(golden["documents"]) == 2
    assert [row[0] for row in await desk.sql("SELECT said FROM identity_act WHERE double_id = :id AND said <> 'seen' ORDER BY at", id=task)] == ["same", "same"]
    # Whoever comes with either passport is this person from now on.
    third = await desk.filed({**ANA_AGAIN, "surname": "Souza Lima"})
    assert await desk.identity_of(third) == kept


async def test_a_merge_can_be_undone(desk: Desk) -> None:
    first, second, task = await a_pair(desk)
    before = await desk.identity_of(first), await desk.identity_of(second)
    keys = sorted(map(tuple, await desk.sql("SELECT identity_id, kind, value FROM identity_key")))
    for name in ("Greet Janssens", "Paul Mertens"):
        await decide(desk, name, task, "same")
    follower = await desk.filed({**ANA_AGAIN, "given_names": "Ana"})
    await undo(desk, "Greet Janssens", task)
    assert (await desk.identity_of(first), await desk.identity_of(second)) == before
    assert await state(desk, task) == "open" and not await desk.sql("SELECT FROM identity WHERE merged_into IS NOT NULL")
    # A dossier that came meanwhile goes with the passport that it carries.
    assert await desk.identity_of(follower) == before[1]
    now_there = sorted(map(tuple, await desk.sql("SELECT identity_id, kind, value FROM identity_key")))
    assert set(keys) <= set(now_there)
    assert await desk.value("SELECT undone_at IS NOT NULL FROM identity_move")


async def test_carrying_out_twice_changes_nothing(desk: Desk) -> None:
    first, second, task = await a_pair(desk)
    for name in ("Greet Janssens", "Paul Mertens"):
        await decide(desk, name, task, "same")
    await jobs.carry_out(desk.resources, str(task))
    await jobs.carry_out(desk.resources, str(uuid4()))
    assert await desk.value("SELECT count(*) FROM identity_move") == 1
    assert await desk.identity_of(first) == await desk.identity_of(second)


async def test_keeping_two_apart_takes_one_official_and_is_not_asked_again(desk: Desk) -> None:
    first, second, task = await a_pair(desk)
    await decide(desk, "Greet Janssens", task, "different")
    assert await state(desk, task) == "different" and await desk.identity_of(first) != await desk.identity_of(second)
    await desk.filed({**ANA_AGAIN, "given_names": "Ana B."})
    assert len(await desk.doubles()) == 1


async def test_a_colleague_may_disagree(desk: Desk) -> None:
    first, second, task = await a_pair(desk)
    await decide(desk, "Greet Janssens", task, "same")
    await decide(desk, "Paul Mertens", task, "different")
    assert await state(desk, task) == "different" and await desk.identity_of(first) != await desk.identity_of(second)


async def test_a_dossier_is_taken_from_a_person_by_two_and_its_own_double_is_found(desk: Desk) -> None:
    petr = await desk.filed({name: value for name, value in PETR.items() if name != "passport_number"})
    ana = await desk.filed(ANA)
    wrong = await desk.filed({**PETR, "passport_number": ANA["passport_number"], "passport_country": "BRA"})
    [task] = await desk.doubles()
    await decide(desk, "Greet Janssens", task.id, "different")
    assert await desk.identity_of(wrong) == await desk.identity_of(ana)
    await decide(desk, "Paul Mertens", task.id, "different")
    assert await desk.identity_of(wrong) not in (await desk.identity_of(ana), await desk.identity_of(petr))
    # The passport stays with the person whose it was.
    assert await desk.value("SELECT identity_id FROM identity_key WHERE value = 'BRA:FX100200'") == await desk.identity_of(ana)
    [pair] = [one for one in await desk.doubles() if one.other_id]
    assert {pair.identity_id, pair.other_id} == {await desk.identity_of(wrong), await desk.identity_of(petr)}
    await undo(desk, "Paul Mertens", task.id)
    assert await desk.identity_of(wrong) == await desk.identity_of(ana)


async def test_an_official_may_ask_about_any_dossier_of_a_person(desk: Desk) -> None:
    first, second, task = await a_pair(desk)
    third = await desk.filed({**ANA, "given_names": "Ana"})
    async with desk.acting() as (session, actor):
        asked = await actions.question(session, actor, task, third)
        assert await actions.question(session, actor, task, third) == asked
        for other in (second, uuid4()):
            with pytest.raises(NotFound):
                await actions.question(session, actor, task, other)
    for name in ("Greet Janssens", "Paul Mertens"):
        await decide(desk, name, asked, "different")
    assert await desk.identity_of(third) != await desk.identity_of(first)


async def test_a_decision_made_on_an_old_page_is_a_conflict(desk: Desk) -> None:
    _first, _second, task = await a_pair(desk)
    await decide(desk, "Greet Janssens", task, "same")
    with pytest.raises(Conflict):
        await decide(desk, "Paul Mertens", task, "same", version=1)
    await decide(desk, "Paul Mertens", task, "different")
    with pytest.raises(Conflict):
        await decide(desk, "Greet Janssens", task, "same")


async def test_doubles_that_a_merge_settled_are_no_longer_asked(desk: Desk) -> None:
    """Of three records of one person two are merged: what is left to ask is one question, shown with both."""
    answers = {name: value for name, value in ANA.items() if not name.startswith("passport")}
    for _one in range(3):
        await desk.filed(answers)
    tasks = [one.id for one in await desk.doubles()]
    assert len(tasks) == 3
    for task in tasks[:2]:
        for name in ("Greet Janssens", "Paul Mertens"):
            await decide(desk, name, task, "same")
    async with desk.acting() as (session, actor):
        assert await queries.doubles(session, actor, "open") == []
        assert len(await queries.doubles(session, actor, "settled")) == 2
    assert await desk.value("SELECT count(*) FROM identity WHERE merged_into IS NULL") == 1


async def test_nobody_else_reads_or_decides(desk: Desk) -> None:
    _first, _second, task = await a_pair(desk)
    person = await desk.portal.party("person", "Ilse Claes")
    for party, kind in ((await desk.portal.party("authority", "Flanders", authority="flanders"), "official"),
                        (await desk.portal.party("authority", "Immigration Office", authority="immigration-office"), "citizen"), (person, "citizen")):
        token = await desk.portal.session_of(person, party, kind=kind)
        async with transaction(desk.portal.app.app.state.engine, hash_of(token)) as session:
            actor = signed_in(session)
            for call in (queries.doubles(session, actor, "open"), queries.double(session, actor, task), actions.undo(session, actor, task, version=1),
                         actions.decide(session, actor, task, "different", version=1), actions.question(session, actor, task, uuid4())):
                with pytest.raises(NotFound):
                    await call
    # The second net: the functions themselves answer nobody else.
    async with transaction(desk.portal.app.app.state.engine, b"") as session:
        assert (await session.execute(text("SELECT * FROM identity_doubles('open', 10)"))).all() == []
        assert await session.scalar(text("SELECT show_identity_double(:id, now())"), {"id": task}) is None
        assert await session.scalar(text("SELECT decide_identity_double(:id, 'different', 1, now())"), {"id": task}) == "absent"
        assert await session.scalar(text("SELECT undo_identity_double(:id, 1, now())"), {"id": task}) == "absent"
        assert await session.scalar(text("SELECT question_identity_link(:id, :id, :id, now())"), {"id": task}) is None


async def test_each_look_is_recorded_once_in_a_while(desk: Desk) -> None:
    _first, _second, task = await a_pair(desk)
    _person, token = await desk.official()
    browser = desk.portal.visitor(token)
    for _look in range(3):
        assert (await browser.get(f"/en/identities/{task}")).status_code == 200
    assert await desk.value("SELECT count(*) FROM identity_act WHERE said = 'seen'") == 1
