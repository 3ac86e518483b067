"""A Region passes a dossier on: who has it, who reads what, which clocks run, and that two at once pass it on once."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import permutations
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from frontoffice.counter import queries as counter_queries
from frontoffice.dossiers import completeness, passing, queries
from frontoffice.dossiers.deadlines import Circumstances, RunningClock, running
from frontoffice.dossiers.given import Participant
from frontoffice.dossiers.outages import circumstances
from frontoffice.kernel.errors import Conflict, Invalid, NotFound, Refused
from frontoffice.kernel.time import now, stopped_at, today
from frontoffice.procedures import EDITIONS
from frontoffice.procedures.territory import REGION_TITLES
from frontoffice.procedures.vocabulary import Role
from tests.dossiers.drafts import THAT_DAY, Hat, Office, an_office
from tests.engines import Database, Engines

REGIONS = tuple(map(str, REGION_TITLES))
WHY = "The place of work lies there."


@pytest.fixture
async def office(fresh_database: Database, engines: Engines) -> AsyncIterator[Office]:
    async with an_office(fresh_database, engines) as one:
        yield one


@contextmanager
def after(minutes: int) -> Iterator[datetime]:
    """So many minutes after the dossier was filed."""
    with stopped_at(THAT_DAY + timedelta(minutes=minutes)):
        yield now()


async def filed(office: Office) -> tuple[Hat, str]:
    """A dossier that came to Flanders."""
    hat = await office.employer()
    return hat, await office.file(hat)


async def reach(office: Office, number: str, state: str) -> None:
    """Bring a filed dossier to a state in which a Region examines it."""
    official = await office.official("flanders")
    steps: Mapping[str, tuple[tuple[str, dict[str, str]], ...]] = {
        "filed": (), "checking": (("take-up", {}),), "complement": (("take-up", {}), ("ask-documents", {"document": "diploma", "request": "All of it."})),
        "work-exam": (("take-up", {}), ("admit", {})),
    }
    for action, said in steps[state]:
        await office.take(official, number, action, **said)


async def pass_on(office: Office, number: str, source: str, target: str, reason: str = WHY) -> None:
    await office.take(await office.official(source), number, "pass-on", region=target, reason=reason)


async def clocks(office: Office, number: str) -> list[RunningClock]:
    """Those that run, as the jobs read them."""
    hat = await office.employer()
    dossier, events = await office.see(hat, number), await office.history(hat, number)
    return running(dossier.procedure, events, today(), dossier.region, completeness.facts(dossier), around=dossier.around)


@pytest.mark.parametrize(("source", "target"), list(permutations(REGIONS, 2)))
async def test_from_each_region_to_each_other(office: Office, source: str, target: str) -> None:
    hat, number = await filed(office)
    await reach(office, number, "checking")
    if source != "flanders":
        with after(2):
            await pass_on(office, number, "flanders", source, "First to there.")
    before = await office.see(hat, number)
    with after(5):
        await pass_on(office, number, source, target)
    with after(6):
        there, here, seen = (await office.see(await office.official(target), number), await office.see(await office.official(source), number),
                             await office.see(hat, number))
        assert (seen.number, seen.filed_at, seen.position, seen.procedure) == (before.number, before.filed_at, before.position, before.procedure)
        assert seen.region == seen.authority == target
        assert {one.action for one in there.steps} >= {"admit", "ask-documents", "pass-on"} and there.roles == {Role.REGION}
        assert here.steps == [] and here.roles == {Role.FORMER_REGION} and here.left
        assert [one.id for one in there.documents] == [one.id for one in here.documents] == [one.id for one in before.documents]
        came, went = passing.came_from(there), passing.went_to(here)
        assert came and went and (came.reason, went.reason) == (WHY, WHY)
        await office.take(await office.official(target), number, "admit")
        with pytest.raises(Refused):
            await office.take(await office.official(source), number, "grant-work", valid_from="2027-03-01", valid_until="2030-02-28")


@pytest.mark.parametrize("procedure", [one for one in EDITIONS if any(step.passes_on for step in one.life.steps)], ids=lambda one: f"{one.code} {one.edition}")
def test_every_life_with_a_region_has_it_while_that_examines_and_not_later(procedure: object) -> None:
    life = procedure.life  # type: ignore[attr-defined]
    steps = [one for one in life.steps if one.passes_on]
    assert {state for one in steps for state in one.takes} == {"filed", "checking", "complement", "work-exam"}
    assert all(one.takes == one.gives and one.by == {Role.REGION} and one.then == ("backbone:hand_over", "notices:tell") for one in steps)


def test_every_procedure_in_which_a_region_decides_has_it() -> None:
    assert {one.code for one in EDITIONS if any(step.passes_on for step in one.life.steps)} == {one.code for one in EDITIONS if Role.REGION in one.life.roles()}


@pytest.mark.parametrize("state", ["filed", "checking", "complement", "work-exam"])
async def test_in_every_state_of_the_examination_the_clocks_stay_as_they_were(office: Office, state: str) -> None:
    hat, number = await filed(office)
    await reach(office, number, state)
    before, due = await clocks(office, number), (await office.see(hat, number)).due_on
    with after(60 * 24 * 3):
        expected = await clocks(office, number)
        await pass_on(office, number, "flanders", "brussels")
        found = await clocks(office, number)
        assert found == expected
        assert [(one.started_on, one.last_day) for one in found] == [(one.started_on, one.last_day) for one in before]
        assert (await office.see(hat, number)).due_on == due


async def test_during_a_pause_the_clock_goes_on_waiting(office: Office) -> None:
    hat, number = await filed(office)
    await reach(office, number, "work-exam")
    clerk = await office.official("immigration-office")
    with after(60 * 24):
        await office.take(clerk, number, "ask-stay-documents", documents="diploma", reasons="Translate it.")
    with after(60 * 24 * 3):
        expected = await clocks(office, number)
        await pass_on(office, number, "flanders", "wallonia")
        assert await clocks(office, number) == expected
        assert next(one for one in expected if one.clock.code == "decision").days_paused == 2
    with after(60 * 24 * 5):
        await office.bring(hat, number, ["other"])
        await office.take(hat, number, "complete-stay")
        [decision] = await clocks(office, number)
        assert decision.days_paused == 4 and decision.pauses[0].by == Role.IMMIGRATION_OFFICE


def test_a_clock_is_of_the_region_that_was_competent_when_it_began() -> None:
    def participant(role: str, code: str, day: int, **reason: str) -> Participant:
        return Participant(uuid4(), role, code, code, THAT_DAY + timedelta(days=day), None, reason)

    moved = circumstances([], [], [participant(Role.REGION, "flanders", 0), participant(Role.REGION, "brussels", 5, passed_on_by="flanders"),
                                   participant(Role.FORMER_REGION, "flanders", 5)])
    assert [moved.region_at(THAT_DAY + timedelta(days=day), "brussels") for day in (-1, 0, 4, 5, 9)] == ["flanders", "flanders", "flanders", "brussels", "brussels"]
    assert Circumstances().region_at(THAT_DAY, "wallonia") == "wallonia"
    assert circumstances([], [], [participant(Role.REGION, "flanders", 0)]).regions == ()


async def test_what_was_asked_is_answered_to_the_region_that_has_it_now(office: Office) -> None:
    hat, number = await filed(office)
    await reach(office, number, "complement")
    with after(5):
        await pass_on(office, number, "flanders", "brussels")
    with after(10):
        [given] = await office.bring(hat, number, ["diploma"])
        await office.take(hat, number, "complete")
        there, here = await office.see(await office.official("brussels"), number), await office.see(await office.official("flanders"), number)
        assert given in [one.id for one in there.documents] and given not in [one.id for one in here.documents]
        assert there.position == {"checking"} and here.position == {"complement"} and here.due_on is None
        assert [one.action for one in await office.history(await office.official("brussels"), number)][-2:] == ["pass-on", "complete"]
        assert [one.action for one in await office.history(await office.official("flanders"), number)][-1] == "pass-on"


async def test_what_was_brought_before_and_sent_after_is_not_for_the_region_that_left(office: Office) -> None:
    hat, number = await filed(office)
    await reach(office, number, "checking")
    with after(1):
        [given] = await office.bring(hat, number, ["other"])
    with after(5):
        await pass_on(office, number, "flanders", "brussels")
    with after(10):
        await office.take(hat, number, "add-documents")
        assert given in [one.id for one in (await office.see(await office.official("brussels"), number)).documents]
        assert given not in [one.id for one in (await office.see(await office.official("flanders"), number)).documents]


async def test_the_database_itself_lets_the_region_that_left_write_nothing_and_read_nothing_later(office: Office) -> None:
    hat, number = await filed(office)
    await reach(office, number, "checking")
    flanders = await office.official("flanders")
    with after(5):
        await pass_on(office, number, "flanders", "brussels")
    with after(10):
        [later] = await office.bring(hat, number, ["other"])
        await office.take(await office.official("brussels"), number, "admit")
        async with office.acting(flanders) as (session, _actor):
            key = (await session.execute(text("SELECT id FROM dossier WHERE number = :number"), {"number": number})).scalar_one()
            for statement in ("UPDATE dossier SET worker_name = 'x'", "UPDATE document SET state = 'refused'", "UPDATE answer SET complete = false",
                              "UPDATE participation SET role = 'region' WHERE role = 'former-region'"):
                assert (await session.execute(text(statement))).rowcount == 0, statement  # type: ignore[attr-defined]
            assert (await session.execute(text("SELECT count(*) FROM document WHERE id = :id"), {"id": later})).scalar_one() == 0
            assert (await session.execute(text("SELECT count(*) FROM event WHERE action = 'admit'"))).scalar_one() == 0
        inserts = (
            "INSERT INTO event (id, dossier_id, seq, action, past, takes, gives, role, happened_at) VALUES (:id, :key, 99, 'x', 'x', '{}', '{}', 'region', :now)",
            "INSERT INTO participation (id, dossier_id, party_id, role, starts_at) SELECT :id, :key, party_id, 'region', :now FROM live_session()",
            "INSERT INTO answer (dossier_id, page, content, raw, complete, version, saved_at, saved_by)"
            " SELECT :key, 'x', '{}', '{}', true, 1, :now, person_id FROM live_session()",
        )
        for statement in inserts:
            with pytest.raises(DBAPIError):
                async with office.acting(flanders) as (session, _actor):
                    await session.execute(text(statement), {"key": key, "now": now(), **({"id": uuid4()} if ":id" in statement else {})})


async def test_back_again_it_reads_everything_and_the_other_left(office: Office) -> None:
    hat, number = await filed(office)
    await reach(office, number, "checking")
    with after(5):
        await pass_on(office, number, "flanders", "brussels")
    with after(10):
        [given] = await office.bring(hat, number, ["other"])
        await office.take(hat, number, "add-documents")
        await pass_on(office, number, "brussels", "flanders", "No: it is Antwerp.")
    with after(15):
        again, other = await office.see(await office.official("flanders"), number), await office.see(await office.official("brussels"), number)
        assert again.roles == {Role.REGION} and again.left is None and given in [one.id for one in again.documents] and "admit" in {one.action for one in again.steps}
        assert other.roles == {Role.FORMER_REGION} and given in [one.id for one in other.documents]
        came = passing.came_from(again)
        assert came and came.reason == "No: it is Antwerp."


async def test_a_dossier_that_goes_round_is_marked_for_people(office: Office) -> None:
    hat, number = await filed(office)
    await reach(office, number, "checking")
    ways = [("flanders", "brussels"), ("brussels", "wallonia"), ("wallonia", "flanders")]
    for nth, (source, target) in enumerate(ways, 1):
        with after(5 * nth):
            await pass_on(office, number, source, target)
        with after(5 * nth + 1):
            page = (await (await office.browser(await office.official(target))).get(f"/en/dossiers/{number}")).text
            assert ("was passed on three times" in page) is (nth == 3), nth
            step = (await (await office.browser(await office.official(target))).get(f"/en/dossiers/{number}/steps/pass-on")).text
            assert ("was passed on three times" in step) is (nth == 3), nth
            assert "was passed on three times" not in (await (await office.browser(hat)).get(f"/en/dossiers/{number}")).text
    with after(20):
        await pass_on(office, number, "flanders", "german-speaking-community")


async def test_pages_and_lists_of_both_regions(office: Office) -> None:
    hat, number = await filed(office)
    await reach(office, number, "checking")
    flanders, brussels = await office.official("flanders"), await office.official("brussels")
    with after(5):
        await pass_on(office, number, "flanders", "brussels")
    with after(10):
        await office.take(await office.official("brussels"), number, "ask-documents", document="diploma", request="A secret of later.")
        here, there, employer = await office.browser(flanders), await office.browser(brussels), await office.browser(hat)
        page = (await here.get(f"/en/dossiers/{number}")).text
        assert "You passed this dossier on" in page and "Brussels Economy and Employment" in page and WHY in page
        assert "A secret of later" not in page and "Document asked" not in page and "Completeness check" not in page and "Software developer" in page
        for path, status in (("steps/admit", 403), ("steps/pass-on", 403), ("receipt", 200), ("documents/contract", 200), ("transfer", 404)):
            assert (await here.get(f"/en/dossiers/{number}/{path}")).status_code == status, path
        shown = (await employer.get(f"/en/dossiers/{number}")).text
        assert "Brussels Economy and Employment" in shown and WHY in shown and "Passed on to another Region" in shown and "It is your turn" in shown
        assert number in (await there.get("/en/counter?state=documents-asked")).text and number not in (await here.get("/en/counter?state=all")).text
        assert "Nothing here has this number" in (await here.get(f"/en/counter?q={number}")).text
        listed = (await here.get("/en/counter/passed-on")).text
        assert number in listed and "Brussels Economy and Employment" in listed and "Document asked" not in listed
        assert number not in (await there.get("/en/counter/passed-on")).text
        assert (await employer.get("/en/counter/passed-on")).status_code == 404
        for wrong in ("x", "2026_x", f"2026-11-23T10:00:00_{uuid4()}"):
            assert (await here.get("/en/counter/passed-on", params={"after": wrong})).status_code == 404
        async with office.acting(flanders) as (session, actor):
            assert set((await counter_queries.counts(session, actor)).values()) == {0}
        async with office.acting(brussels) as (session, actor):
            assert (await counter_queries.counts(session, actor))["documents-asked"] == 1


async def test_looks_of_the_region_that_left_are_recorded_and_shown_to_it(office: Office) -> None:
    hat, number = await filed(office)
    await reach(office, number, "checking")
    with after(5):
        await pass_on(office, number, "flanders", "brussels")
    with after(10):
        here = await office.browser(await office.official("flanders"))
        await here.get(f"/en/dossiers/{number}")
        assert await office.count("opening") == 1
        await (await office.browser(await office.official("brussels"))).get(f"/en/dossiers/{number}")
        page = (await here.get(f"/en/dossiers/{number}")).text
        assert "Nobody of you has opened it yet" not in page and page.count("facts__who") == 1


async def test_long_lists_go_on_where_they_stopped(office: Office) -> None:
    flanders = await office.official("flanders")
    keys = []
    for nth in range(27):
        key = uuid4()
        keys.append(f"SP-2026-{nth:07}-X")
        await office.portal.sql(
            "INSERT INTO dossier (id, number, procedure, edition, position, language, form_key, created_at, updated_at, headline, filed_at)"
            " VALUES (:id, :number, 'single-permit', '2026-11', '{checking}', 'nl', :id, :now, :now, 'checking', :now)", id=key, number=keys[-1], now=now())
        await office.portal.sql(
            "INSERT INTO participation (id, dossier_id, party_id, role, starts_at, reason) VALUES (:id, :id, :party, 'former-region', :at, '{\"passed_on_to\": \"brussels\"}')",
            id=key, party=flanders.party, at=now() - timedelta(minutes=nth))
    browser = await office.browser(flanders)
    first = (await browser.get("/en/counter/passed-on")).text
    assert sum(one in first for one in keys) == 25 and keys[0] in first
    following = first.split("/en/counter/passed-on?after=")[1].split('"')[0]
    second = (await browser.get(f"/en/counter/passed-on?after={following}")).text
    assert [one for one in keys if one in second] == keys[25:]


@pytest.mark.parametrize(("region", "reason"), [("flanders", WHY), ("", WHY), ("antwerp", WHY), ("immigration-office", WHY), ("brussels", ""), ("brussels", "  ")])
async def test_nowhere_and_no_reason_are_refused(office: Office, region: str, reason: str) -> None:
    hat, number = await filed(office)
    with pytest.raises(Invalid):
        await pass_on(office, number, "flanders", region, reason)
    seen = await office.see(hat, number)
    assert seen.region == "flanders" and [one.role for one in seen.participants if one.authority_code] == [Role.REGION]


async def test_the_page_says_what_is_wrong_and_keeps_what_was_typed(office: Office) -> None:
    _hat, number = await filed(office)
    browser = await office.browser(await office.official("flanders"))
    answer = await browser.post(f"/en/dossiers/{number}/steps/pass-on", {"region": "flanders", "reason": "Typed at length."})
    assert answer.status_code == 422 and "This Region has the dossier already" in answer.text and "Typed at length." in answer.text


async def test_after_the_decision_on_the_work_it_is_too_late(office: Office) -> None:
    hat, number = await filed(office)
    await reach(office, number, "work-exam")
    await office.take(await office.official("flanders"), number, "grant-work", valid_from="2027-03-01", valid_until="2030-02-28")
    with pytest.raises(Conflict):
        await pass_on(office, number, "flanders", "brussels")


async def test_nobody_else_passes_it_on(office: Office) -> None:
    hat, number = await filed(office)
    for other, refusal in ((hat, Refused), (await office.official("brussels"), NotFound), (await office.official("municipality-11002"), NotFound)):
        with pytest.raises(refusal):
            await office.take(other, number, "pass-on", region="wallonia", reason=WHY)


async def test_two_officials_at_once_pass_it_on_once(fresh_database: Database, engines: Engines) -> None:
    async with an_office(fresh_database, engines) as office:
        hat, number = await filed(office)
        flanders = await office.official("flanders")
        browsers = [await office.browser(flanders) for _ in range(4)]
        with after(5):
            answers = await asyncio.gather(*(
                browser.post(f"/en/dossiers/{number}/steps/pass-on", {"region": target, "reason": WHY, "version": "2"}, follow=False)
                for browser, target in zip(browsers, ("brussels", "wallonia", "german-speaking-community", "brussels"), strict=True)))
        # The same person pressed: whoever came later is led to what the first did.
        assert {one.status_code for one in answers} <= {303, 403} and 303 in {one.status_code for one in answers}
        with after(6):
            seen = await office.see(hat, number)
            regions = [one for one in seen.participants if one.role == Role.REGION and one.ends_at is None]
            assert len(regions) == 1 and regions[0].authority_code == seen.region
            assert sum(one.has_left for one in seen.participants) == 1
        assert [row[0] for row in await office.portal.sql("SELECT action FROM event ORDER BY seq")].count("pass-on") == 1


async def test_once_passed_on_it_cannot_be_taken_back(office: Office) -> None:
    hat, number = await filed(office)
    with after(5):
        await pass_on(office, number, "flanders", "brussels")
    with after(6), pytest.raises(Conflict):
        await office.take(hat, number, "take-back")


async def test_what_the_first_region_answered_says_nothing_about_the_next(office: Office) -> None:
    hat, number = await filed(office)
    await office.portal.sql("UPDATE dossier SET confirmed_at = :now, refused_at = :now, refusal = '[\"x\"]' WHERE number = :number", now=now(), number=number)
    with after(5):
        await pass_on(office, number, "flanders", "brussels")
        seen = await office.see(hat, number)
    assert seen.confirmed_at and seen.refused_at is None and seen.validated_at is None and seen.refusal == ()


async def test_jobs_read_it_whole(office: Office) -> None:
    hat, number = await filed(office)
    with after(5):
        await pass_on(office, number, "flanders", "brussels")
    key = UUID(str((await office.portal.sql("SELECT id FROM dossier"))[0][0]))
    async with office.acting(hat) as (session, _actor):
        whole = await queries.any_dossier(session, str(key))
    assert whole.left is None and whole.authority == "brussels"
