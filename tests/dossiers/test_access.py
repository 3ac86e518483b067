"""Who may see and do what: roles by rule, then mandates, workers and strangers on real PostgreSQL and through addresses."""

import re
from collections.abc import AsyncIterator
from datetime import date, datetime
from uuid import UUID

import pytest

from frontoffice.dossiers.access import effective_roles, may_fill, may_see, roles_of
from frontoffice.kernel.errors import Conflict, NotFound, Refused
from frontoffice.kernel.i18n import BRUSSELS
from frontoffice.kernel.time import stopped_at
from frontoffice.parties import mandates
from frontoffice.procedures.single_permit.definition import SINGLE_PERMIT
from frontoffice.procedures.vocabulary import FILERS, Role
from tests.dossiers.drafts import EVERY_PAGE, Hat, Office, an_office
from tests.engines import Database, Engines

OFFICE_NUMBER, STRANGER_NUMBER = "0403019261", "0200068636"


@pytest.fixture
async def office(fresh_database: Database, engines: Engines) -> AsyncIterator[Office]:
    async with an_office(fresh_database, engines) as one:
        yield one


@pytest.mark.parametrize(("roles", "joined", "expected"), [
    ({"employer"}, False, {"employer", "worker"}), ({"mandatary"}, False, {"mandatary", "worker"}), ({"employer"}, True, {"employer"}),
    ({"mandatary"}, True, {"mandatary"}), ({"worker"}, True, {"worker"}), ({"region"}, False, {"region"}), (set(), False, set()),
])
def test_the_filer_answers_for_a_worker_who_has_not_joined(roles: set[str], joined: bool, expected: set[str]) -> None:
    assert effective_roles(roles, has_worker=joined) == expected


def test_without_a_role_nothing_is_seen_or_filled() -> None:
    for one in (*SINGLE_PERMIT.pages, *SINGLE_PERMIT.documents):
        assert not may_see((), one) and not may_fill((), one)
        assert may_see(one.seen_by, one) and may_fill(one.by, one)


async def give(office: Office, employer: Hat, key: str, first: date, last: date) -> UUID:
    async with office.acting(employer) as (session, actor):
        return await mandates.offer(session, actor, (await office.see(employer, key)).id, number=OFFICE_NUMBER, first=first, last=last)


async def accept(office: Office, mandatary: Hat, mandate: UUID) -> None:
    async with office.acting(mandatary) as (session, actor):
        await mandates.accept(session, actor, mandate)


def day(number: int, hour: int = 12, minute: int = 0) -> datetime:
    return datetime(2026, 11, number, hour, minute, tzinfo=BRUSSELS)


async def test_a_mandate_counts_from_its_first_day_to_its_last(office: Office) -> None:
    employer, mandatary = await office.employer(), await office.employer(OFFICE_NUMBER, "Ria Office")
    key = await office.start(employer)
    mandate = await give(office, employer, key, date(2026, 11, 25), date(2026, 11, 27))
    with pytest.raises(NotFound):
        await office.see(mandatary, key)
    await accept(office, mandatary, mandate)
    for instant, sees in ((day(24, 23, 59), False), (day(25, 0, 0), True), (day(26), True), (day(27, 23, 59), True), (day(28, 0, 0), False), (day(29), False)):
        with stopped_at(instant):
            if sees:
                assert (await office.see(mandatary, key)).roles == {"mandatary"}
                await office.answer(mandatary, key, {"contact": EVERY_PAGE["contact"]})
            else:
                with pytest.raises(NotFound):
                    await office.see(mandatary, key)
            async with office.acting(mandatary) as (session, actor):
                assert await roles_of(session, actor, UUID(key)) == ({"mandatary"} if sees else set())


async def test_a_mandate_that_ends_ends_at_the_next_click(office: Office) -> None:
    employer, mandatary = await office.employer(), await office.employer(OFFICE_NUMBER, "Ria Office")
    key = await office.ready(employer)
    mandate = await give(office, employer, key, date(2026, 11, 23), date(2026, 11, 27))
    await accept(office, mandatary, mandate)
    browser = await office.browser(mandatary)
    with stopped_at(day(23, 10, 30)):
        assert (await browser.get(f"/en/dossiers/{key}")).status_code == 200
        token = await browser.token(f"/en/dossiers/{key}/check")
        async with office.acting(employer) as (session, _actor):
            await mandates.end(session, UUID(key))
    with stopped_at(day(23, 10, 31)):
        answer = await browser.client.post(f"/en/dossiers/{key}/submit", data={"csrf": token})
        assert answer.status_code == 404
        assert (await browser.get(f"/en/dossiers/{key}")).status_code == 404
    assert (await office.see(employer, key)).number is None


async def test_one_mandate_at_a_time_and_only_for_its_office(office: Office) -> None:
    employer, mandatary = await office.employer(), await office.employer(OFFICE_NUMBER, "Ria Office")
    stranger = await office.employer(STRANGER_NUMBER, "Stranger")
    key = await office.start(employer)
    mandate = await give(office, employer, key, date(2026, 11, 23), date(2026, 11, 27))
    with pytest.raises(Conflict):
        await give(office, employer, key, date(2026, 11, 23), date(2026, 11, 27))
    with pytest.raises(NotFound):
        await accept(office, stranger, mandate)
    await accept(office, mandatary, mandate)
    await accept(office, mandatary, mandate)
    assert [one.role for one in (await office.see(employer, key)).participants] == ["employer", "mandatary"]
    with stopped_at(day(23, 11)):
        async with office.acting(mandatary) as (session, actor):
            await mandates.decline(session, actor, mandate)
    with stopped_at(day(23, 11, 1)), pytest.raises(NotFound):
        await office.see(mandatary, key)


async def test_a_mandatary_files_but_does_not_pass_the_mandate_on(office: Office) -> None:
    employer, mandatary = await office.employer(), await office.employer(OFFICE_NUMBER, "Ria Office")
    key = await office.ready(employer)
    await accept(office, mandatary, await give(office, employer, key, date(2026, 11, 23), date(2026, 11, 27)))
    browser = await office.browser(mandatary)
    token = await browser.token(f"/en/dossiers/{key}/check")
    form = {"csrf": token, "office": STRANGER_NUMBER}
    assert (await browser.client.post(f"/en/dossiers/{key}/mandate", data=form)).status_code == 403
    await office.take(mandatary, key, "submit")
    assert (await office.history(employer, key))[-1].role == "mandatary"


async def test_what_each_side_reads_of_the_others_papers(office: Office) -> None:
    employer = await office.employer()
    key = await office.start(employer)
    await office.answer(employer, key, {code: raw for code, raw in EVERY_PAGE.items() if code not in ("register-number", "residence", "worker-contact")})
    worker = await office.worker(key)
    await office.answer(worker, key, {code: EVERY_PAGE[code] for code in ("register-number", "residence", "worker-contact")})
    codes = ("contract", "signatory-identity", "organisation-chart", "passport", "criminal-record", "medical-certificate")
    ids = dict(zip(codes, await office.bring(employer, key, codes), strict=True))
    hidden = {Role.EMPLOYER: {"criminal-record", "medical-certificate"}, Role.WORKER: {"signatory-identity", "organisation-chart"}}
    for role, hat in ((Role.EMPLOYER, employer), (Role.WORKER, worker)):
        browser = await office.browser(hat)
        for code in codes:
            expected = 404 if code in hidden[role] else 200
            assert (await browser.get(f"/en/dossiers/{key}/documents/{code}")).status_code == expected, (role, code)
            opened = await browser.client.get(f"/en/dossiers/{key}/documents/{code}/{ids[code]}")
            assert opened.status_code == (404 if code in hidden[role] else 303), (role, code)
            # Under the address of a document that one may see, another one does not open.
            crossed = await browser.client.get(f"/en/dossiers/{key}/documents/passport/{ids[code]}")
            assert crossed.status_code == (303 if code == "passport" else 404), (role, code)
    employers = await office.browser(employer)
    for path in (f"/en/dossiers/{key}", f"/en/dossiers/{key}/check"):
        text = (await employers.get(path)).text
        for secret in ("411001 Pune", "12 MG Road", "rajesh.kumar@worker.example", "criminal-record.pdf", "medical-certificate.pdf"):
            assert secret not in text, (path, secret)
    for code in ("register-number", "residence", "worker-contact"):
        assert (await employers.get(f"/en/dossiers/{key}/pages/{code}")).status_code == 404
    workers = await office.browser(worker)
    for path in (f"/en/dossiers/{key}", f"/en/dossiers/{key}/check"):
        text = (await workers.get(path)).text
        for secret in ("signatory-identity.pdf", "organisation-chart.pdf"):
            assert secret not in text, (path, secret)


async def test_the_same_after_filing(office: Office) -> None:
    employer = await office.employer()
    draft = await office.ready(employer)
    worker = await office.worker(draft)
    key = await office.file(employer, draft)
    texts = {}
    for name, hat in (("employer", employer), ("worker", worker), ("region", await office.official("flanders"))):
        browser = await office.browser(hat)
        texts[name] = "".join([(await browser.get(f"/en/dossiers/{key}{more}")).text for more in ("", "/receipt")])
    assert "411001 Pune" not in texts["employer"] and "411001 Pune" in texts["region"]
    assert "criminal-record.pdf" not in texts["employer"] and "criminal-record.pdf" in texts["region"]
    assert "signatory-identity.pdf" not in texts["worker"] and "signatory-identity.pdf" in texts["region"]


async def test_somebody_elses_number_is_no_number(office: Office) -> None:
    employer, stranger = await office.employer(), await office.employer(STRANGER_NUMBER, "Stranger")
    draft = await office.ready(employer)
    key = await office.file(employer, draft)
    browser = await office.browser(stranger)
    token = await browser.token("/en/dossiers/new")
    absent = await browser.client.get("/en/dossiers/SP-2026-9999999-A")
    for known in (key, key.lower(), draft, draft.upper()):
        for path in ("", "/receipt", "/receipt.pdf", "/check", "/worker", "/mandate", "/pages/pay", "/documents/contract", "/steps/withdraw"):
            found = await browser.client.get(f"/en/dossiers/{known}{path}")
            assert found.status_code == 404, path
        for path in ("/submit", "/steps/withdraw", "/worker", "/mandate", "/mandate/end", "/pages/pay"):
            found = await browser.client.post(f"/en/dossiers/{known}{path}", data={"csrf": token})
            assert found.status_code == 404, path
    other = await browser.client.get(f"/en/dossiers/{key}")
    trace = re.compile(r"[0-9a-f]{32}")
    assert trace.sub("", other.text).replace(key, "") == trace.sub("", absent.text).replace("SP-2026-9999999-A", "")
    assert {name for name in other.headers} == {name for name in absent.headers}


async def test_another_hat_of_the_same_person_sees_nothing(office: Office) -> None:
    employer = await office.employer()
    key = await office.start(employer)
    elsewhere = await office.portal.party("enterprise", "Other NV", number=STRANGER_NUMBER)
    for party in (elsewhere, employer.person):
        with pytest.raises(NotFound):
            await office.see(Hat(employer.person, party), key)


async def test_only_filers_take_the_steps_of_filers(office: Office) -> None:
    employer = await office.employer()
    draft = await office.ready(employer)
    worker = await office.worker(draft)
    for action in ("submit", "discard", "withdraw", "take-up"):
        with pytest.raises(Refused):
            await office.take(worker, draft, action)
    assert (await office.see(worker, draft)).roles & FILERS == set()
