"""Everything that is written to a dossier, on real PostgreSQL under row-level security: all of it or nothing, once."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest
from sqlalchemy.exc import DBAPIError

from frontoffice.dossiers import actions, queries
from frontoffice.forms.form import Reading
from frontoffice.forms.identifiers import dossier_number, read_dossier_number
from frontoffice.kernel.errors import Conflict, Invalid, NotFound, Refused
from frontoffice.kernel.message import Message, say
from frontoffice.kernel.time import stopped_at
from frontoffice.procedures.single_permit.definition import SINGLE_PERMIT
from tests.dossiers.drafts import EVERY_DOCUMENT, EVERY_PAGE, THAT_DAY, Hat, Office, an_office
from tests.engines import Database, Engines

OTHER = "0403019261"


@pytest.fixture
async def office(fresh_database: Database, engines: Engines) -> AsyncIterator[Office]:
    async with an_office(fresh_database, engines) as one:
        yield one


async def test_one_form_key_begins_one_draft(office: Office) -> None:
    hat, form_key = await office.employer(), uuid4()
    key = await office.start(hat, form_key)
    assert await office.start(hat, form_key) == key
    assert await office.start(hat) != key
    assert await office.count("dossier") == 2
    assert await office.count("participation") == 2


async def test_a_draft_begins_with_what_is_known_of_the_employer(office: Office) -> None:
    hat = await office.employer()
    draft = await office.see(hat, await office.start(hat))
    assert (draft.position, draft.number, draft.version, draft.roles) == ({"draft", "worker-part"}, None, 0, {"employer"})
    assert draft.values == {"enterprise_number": "1999999943", "employer_name": "Enterprise 1999999943"}
    assert draft.employer_name == "Enterprise 1999999943"


async def test_a_person_without_an_enterprise_begins_nothing(office: Office) -> None:
    person = await office.portal.party("person", "Rajesh Kumar")
    with pytest.raises(Refused):
        await office.start(Hat(person, person, "citizen"))
    assert await office.count("dossier") == 0


async def test_a_page_saved_from_an_old_version_is_refused_and_changes_nothing(office: Office) -> None:
    hat = await office.employer()
    key = await office.start(hat)
    contact = EVERY_PAGE["contact"]
    await office.answer(hat, key, {"contact": contact}, version=0)
    await office.answer(hat, key, {"contact": {**contact, "contact_name": "Second"}}, version=1)
    for stale in (0, 1, 3):
        with pytest.raises(Conflict):
            await office.answer(hat, key, {"contact": {**contact, "contact_name": "Stale"}}, version=stale)
    given = (await office.see(hat, key)).answers["contact"]
    assert (given.content["contact_name"], given.version) == ("Second", 2)


async def test_of_ten_who_save_the_same_version_one_wins(office: Office) -> None:
    hat = await office.employer()
    key = await office.start(hat)
    await office.answer(hat, key, {"contact": EVERY_PAGE["contact"]})
    saves = (office.answer(hat, key, {"contact": {**EVERY_PAGE["contact"], "contact_name": f"Name {one}"}}, version=1) for one in range(10))
    done = await asyncio.gather(*saves, return_exceptions=True)
    assert sorted(type(one).__name__ for one in done) == ["Conflict"] * 9 + ["NoneType"]
    given = (await office.see(hat, key)).answers["contact"]
    assert (given.version, given.content["contact_name"]) == (2, f"Name {done.index(None)}")


async def test_what_cannot_be_used_is_kept_as_it_was_typed(office: Office) -> None:
    hat = await office.employer()
    key = await office.start(hat)
    await office.answer(hat, key, {"contact": {"contact_name": "Katrien\x00", "contact_email": "not an address", "contact_phone": "+32 3 210 12 34"}})
    given = (await office.see(hat, key)).answers["contact"]
    assert (given.complete, given.content) == (False, {"contact_phone": "+3232101234"})
    assert given.raw["contact_email"] == "not an address"


async def test_lists_follow_the_answers(office: Office) -> None:
    hat = await office.employer()
    key = await office.start(hat)
    await office.answer(hat, key, {"worker-name": {"worker_surname": "Ng"}, "category": EVERY_PAGE["category"]})
    assert (await office.see(hat, key)).worker_name == "Ng"
    await office.answer(hat, key, {"identity": EVERY_PAGE["identity"]})
    assert (await office.see(hat, key)).worker_name == "Rajesh Kumar"


async def test_who_may_answer_what_and_until_when(office: Office) -> None:
    hat = await office.employer()
    key = await office.ready(hat)
    # The worker's part is confirmed: it must be opened again first.
    with pytest.raises(Conflict):
        await office.answer(hat, key, {"education": EVERY_PAGE["education"]})
    await office.answer(hat, key, {"contact": EVERY_PAGE["contact"]})
    await office.take(hat, key, "reopen-worker-part")
    await office.answer(hat, key, {"education": EVERY_PAGE["education"]})
    worker = await office.worker(key)
    await office.answer(worker, key, {"education": EVERY_PAGE["education"]})
    for someone, page in ((hat, "education"), (worker, "contact")):
        with pytest.raises(Refused):
            await office.answer(someone, key, {page: EVERY_PAGE[page]})
    await office.take(worker, key, "confirm-worker-part", truth="yes", consent="yes")
    await office.take(hat, key, "submit")
    with pytest.raises(Conflict):
        await office.answer(hat, key, {"contact": EVERY_PAGE["contact"]})


async def test_a_stranger_cannot_write_even_with_the_dossier_in_hand(office: Office) -> None:
    hat, stranger = await office.employer(), await office.employer(OTHER, "Stranger")
    key = await office.ready(hat)
    seen = await office.see(hat, key)
    page = SINGLE_PERMIT.page("contact")
    assert page
    async with office.acting(stranger) as (session, actor):
        with pytest.raises(DBAPIError, match="row-level security"):
            await actions.answer(session, seen, page, Reading({"contact_name": "x"}, {}), actor, version=1)
        await session.rollback()
    with pytest.raises(DBAPIError, match="row-level security"):
        async with office.acting(stranger) as (session, actor):
            await actions.perform(session, seen, "submit", actor)
    assert (await office.see(hat, key)).position == {"draft", "worker-confirmed"}


async def test_twenty_clicks_file_once(office: Office) -> None:
    hat = await office.employer()
    key = await office.ready(hat)
    before = await office.jobs()
    browser = await office.browser(hat)
    token = await browser.token(f"/en/dossiers/{key}/check")
    answers = await asyncio.gather(*(browser.client.post(f"/en/dossiers/{key}/submit", data={"csrf": token}) for _one in range(20)))
    assert {one.status_code for one in answers} == {303}
    filed = await office.see(hat, key)
    assert filed.number == dossier_number(2026, 1)
    assert {one.headers["location"].rsplit("/", 2)[1] for one in answers} <= {filed.number, key}
    events = await office.history(hat, key)
    assert [one.action for one in events] == ["declare-consent", "submit"]
    assert (await office.jobs())[len(before):] == ["identities:match", "documents:seal", "backbone:hand_over", "notices:tell"]
    assert await office.portal.sql("SELECT last FROM serial") == [(1,)]
    assert [one.role for one in filed.participants] == ["employer", "region"]


async def test_numbers_have_no_gap_and_prove_themselves(office: Office) -> None:
    hat = await office.employer()
    keys = [await office.ready(hat) for _one in range(6)]
    await office.portal.sql("UPDATE document SET state = 'refused' WHERE dossier_id = :key AND requirement = 'diploma'", key=UUID(keys[3]))
    done = await asyncio.gather(*(office.take(hat, key, "submit") for key in keys), return_exceptions=True)
    assert [type(one).__name__ for one in done] == ["UUID", "UUID", "UUID", "Invalid", "UUID", "UUID"]
    numbers = [row[0] for row in await office.portal.sql("SELECT number FROM dossier WHERE number IS NOT NULL ORDER BY number")]
    assert numbers == [dossier_number(2026, serial) for serial in range(1, 6)]
    assert [read_dossier_number(one) for one in numbers] == numbers


async def test_filing_says_everything_that_is_missing(office: Office) -> None:
    hat = await office.employer()
    key = await office.start(hat)
    await office.portal.sql("UPDATE dossier SET position = '{draft,worker-confirmed}' WHERE id = :key", key=UUID(key))
    with pytest.raises(Invalid) as invalid:
        await office.take(hat, key, "submit")
    fields = [one.field for one in invalid.value.problems]
    assert {"contact", "pay", "identity", "passport-zone", "contract", "criminal-record"} <= set(fields)
    assert "employer" not in fields and "other" not in fields
    assert await office.count("event") == 0 and await office.count("serial") == 0


async def test_a_step_that_fails_at_the_end_leaves_nothing_behind(office: Office) -> None:
    hat = await office.employer()
    key = await office.ready(hat)
    before = await office.jobs()
    # The place of the next event is taken, so that the step fails after number, Region and all.
    await office.portal.sql(
        "INSERT INTO event (id, dossier_id, seq, action, past, takes, gives, role, happened_at) "
        "VALUES (:id, :key, 2, 'reopen-worker-part', 'x', '{}', '{}', '', now())", id=uuid4(), key=UUID(key))
    with pytest.raises(DBAPIError):
        await office.take(hat, key, "submit")
    after = await office.see(hat, key)
    assert (after.number, after.position, after.version, after.region) == (None, {"draft", "worker-confirmed"}, 1, None)
    assert [one.role for one in after.participants] == ["employer"]
    assert await office.count("serial") == 0
    assert await office.jobs() == before


async def test_a_refused_step_keeps_the_rest_of_the_request(office: Office) -> None:
    hat = await office.employer()
    key = await office.start(hat)
    page = SINGLE_PERMIT.page("contact")
    assert page
    async with office.acting(hat) as (session, actor):
        dossier = await queries.dossier(session, actor, key, lock=True)
        await actions.answer(session, dossier, page, page.form.read(EVERY_PAGE["contact"], {}), actor, version=0)
        worker_done = queries.dossier(session, actor, key)
        with pytest.raises(Conflict):
            await actions.perform(session, await worker_done, "submit", actor)
    assert "contact" in (await office.see(hat, key)).answers


async def test_every_message_can_be_said(office: Office) -> None:
    hat = await office.employer()
    key = await office.start(hat)
    await office.portal.sql("UPDATE dossier SET position = '{draft,worker-confirmed}' WHERE id = :key", key=UUID(key))
    await office.bring(hat, key, ["contract"], state="received")
    with pytest.raises(Invalid) as invalid:
        await office.take(hat, key, "submit")
    said = [say(Message(one.message, dict(one.params)), "nl") for one in invalid.value.problems]  # type: ignore[arg-type]
    assert any("contract.pdf" in one for one in said)


async def test_a_double_click_on_start_leads_to_one_draft(office: Office) -> None:
    browser = await office.browser(await office.employer())
    token, form_key = await browser.token("/en/dossiers/new?procedure=single-permit"), str(uuid4())
    form = {"csrf": token, "form_key": form_key, "procedure": "single-permit"}
    answers = await asyncio.gather(*(browser.client.post("/en/dossiers", data=form) for _one in range(6)))
    assert {one.status_code for one in answers} == {303}
    assert len({one.headers["location"] for one in answers}) == 1
    assert await office.count("dossier") == 1


async def test_the_form_key_of_somebody_else_opens_nothing(office: Office) -> None:
    form_key = uuid4()
    key = await office.start(await office.employer(), form_key)
    stranger = await office.employer(OTHER, "Stranger")
    with pytest.raises(Conflict):
        await office.start(stranger, form_key)
    with pytest.raises(NotFound):
        await office.see(stranger, key)
    assert await office.count("dossier") == 1


async def test_answers_that_others_have_overtaken_hold_up_the_filing(office: Office) -> None:
    hat = await office.employer()
    # A pay that nobody could judge while the Region was unknown, then a Region whose minimum is higher.
    key = await office.start(hat)
    pay = {"pay_month": "3.000", "pay_year": "36.000"}
    await office.answer(hat, key, {"pay": pay})
    assert (await office.see(hat, key)).answers["pay"].complete
    await office.answer(hat, key, {code: raw for code, raw in EVERY_PAGE.items() if code != "pay"})
    await office.bring(hat, key, EVERY_DOCUMENT)
    await office.take(hat, key, "declare-consent")
    with pytest.raises(Invalid) as invalid:
        await office.take(hat, key, "submit")
    assert [one.field for one in invalid.value.problems] == ["pay"]
    await office.answer(hat, key, {"pay": EVERY_PAGE["pay"]})
    await office.file(hat, key)


async def test_a_first_working_day_that_went_by_holds_up_the_filing(office: Office) -> None:
    hat = await office.employer()
    key = await office.ready(hat)
    with stopped_at(THAT_DAY.replace(year=2027, month=3, day=2)), pytest.raises(Invalid) as invalid:
        await office.take(hat, key, "submit")
    assert [one.field for one in invalid.value.problems] == ["contract"]


async def test_the_next_draft_of_an_employer_knows_what_was_answered_before(office: Office) -> None:
    hat = await office.employer()
    first = await office.start(hat)
    kept = ("registered-office", "units", "contact")
    await office.answer(hat, first, {code: EVERY_PAGE[code] for code in (*kept, "worker-name")})
    second = await office.see(hat, await office.start(hat))
    before = await office.see(hat, first)
    assert set(second.answers) == {"employer", *kept}
    assert all(second.answers[code].content == before.answers[code].content and second.answers[code].complete for code in kept)
    stranger = await office.employer(OTHER)
    assert set((await office.see(stranger, await office.start(stranger))).answers) == {"employer"}
