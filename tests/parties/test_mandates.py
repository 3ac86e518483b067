"""A mandate: offered by the employer, taken by the office, for one dossier and its days, and over the moment it is ended."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from uuid import UUID

import pytest

from frontoffice.kernel.time import now, stopped_at, today
from tests.engines import Database, Engines
from tests.filing import begin
from tests.web import Browser, Portal, running_portal

OFFICE = "0999000624"


@pytest.fixture
async def portal(fresh_database: Database, engines: Engines) -> AsyncIterator[Portal]:
    async with running_portal(fresh_database, engines) as one:
        yield one


def days(first: date, last: date, office: str = "0999.000.624") -> dict[str, str]:
    typed = {"office": office}
    for name, day in (("first_day", first), ("last_day", last)):
        typed |= {f"{name}-day": str(day.day), f"{name}-month": str(day.month), f"{name}-year": str(day.year)}
    return typed


async def office(portal: Portal, name: str = "Maes & Vandeput Advocaten BV", number: str = OFFICE) -> Browser:
    return await portal.employer("Thomas Maes", name, number)


async def offered(portal: Portal, *, starts: int = 0, lasts: int = 30) -> tuple[Browser, str, UUID]:
    katrien = await portal.employer()
    dossier = await begin(katrien)
    first = today() + timedelta(days=starts)
    answer = await katrien.post(f"/en/dossiers/{dossier}/mandate", days(first, first + timedelta(days=lasts)))
    assert answer.status_code == 200 and "The office has not accepted yet" in answer.text
    return katrien, dossier, (await portal.sql("SELECT id FROM mandate"))[0].id


async def opens(browser: Browser, dossier: str) -> int:
    return (await browser.get(f"/en/dossiers/{dossier}")).status_code


async def test_the_office_acts_from_its_acceptance_until_it_is_ended(portal: Portal) -> None:
    katrien, dossier, mandate = await offered(portal)
    thomas = await office(portal)
    assert await opens(thomas, dossier) == 404
    page = await thomas.get("/en/mandates")
    assert "1 mandate waits for your answer" in page.text and "Havenlogistiek Antwerpen NV" in page.text and dossier not in page.text
    answer = await thomas.post(f"/en/mandates/{mandate}/accept", page="/en/mandates")
    assert answer.url.path == f"/en/dossiers/{dossier}" and answer.status_code == 200
    assert "An office acts for the employer" in (await katrien.get(f"/en/dossiers/{dossier}/mandate")).text
    assert dossier in (await thomas.get("/en/dossiers")).text
    await katrien.post(f"/en/dossiers/{dossier}/mandate/end", page=f"/en/dossiers/{dossier}/mandate")
    assert [await opens(one, dossier) for one in (thomas, katrien)] == [404, 200]
    assert (await thomas.get(f"/en/dossiers/{dossier}/pages/employer")).status_code == 404
    assert (await portal.sql("SELECT count(*) FROM mandate WHERE ended_at IS NULL"))[0][0] == 0


async def test_the_office_gets_its_name_when_it_signs_in(portal: Portal) -> None:
    katrien, dossier, _mandate = await offered(portal)
    assert (await portal.sql("SELECT name FROM party WHERE enterprise_number = :number", number=OFFICE))[0].name == OFFICE
    assert "0999.000.624" in (await katrien.get(f"/en/dossiers/{dossier}/mandate")).text
    await office(portal)
    assert "Maes &amp; Vandeput Advocaten BV" in (await katrien.get(f"/en/dossiers/{dossier}/mandate")).text
    await portal.party("enterprise", "Somebody else's words", number=OFFICE)
    assert "Somebody" not in (await katrien.get(f"/en/dossiers/{dossier}/mandate")).text


async def test_a_mandate_counts_on_its_days_only(portal: Portal) -> None:
    _katrien, dossier, mandate = await offered(portal, starts=2, lasts=3)
    thomas = await office(portal)
    answer = await thomas.post(f"/en/mandates/{mandate}/accept", page="/en/mandates")
    assert answer.url.path == "/en/mandates"
    noon = now().replace(hour=12)
    secret = thomas.client.cookies["__Host-session"]
    for day, status in ((0, 404), (1, 404), (2, 200), (5, 200), (6, 404)):
        with stopped_at(noon + timedelta(days=day)):
            await portal.sql("UPDATE session SET seen_at = :now, ends_at = :end", now=now(), end=now() + timedelta(hours=1))
            assert await opens(portal.visitor(secret), dossier) == status, day


async def test_a_mandate_laid_down_before_its_first_day_never_begins(portal: Portal) -> None:
    _katrien, dossier, mandate = await offered(portal, starts=2)
    thomas = await office(portal)
    await thomas.post(f"/en/mandates/{mandate}/accept", page="/en/mandates")
    await thomas.post(f"/en/mandates/{mandate}/decline", page="/en/mandates")
    with stopped_at(now() + timedelta(days=3)):
        await portal.sql("UPDATE session SET seen_at = :now, ends_at = :end", now=now(), end=now() + timedelta(hours=1))
        assert await opens(thomas, dossier) == 404


async def test_accepting_twice_is_accepting_once(portal: Portal) -> None:
    _katrien, _dossier, mandate = await offered(portal)
    thomas = await office(portal)
    for _ in range(2):
        assert (await thomas.post(f"/en/mandates/{mandate}/accept", page="/en/mandates")).status_code == 200
    assert (await portal.sql("SELECT count(*) FROM participation WHERE role = 'mandatary'"))[0][0] == 1


async def test_the_office_ends_its_own_mandate(portal: Portal) -> None:
    _katrien, dossier, mandate = await offered(portal)
    thomas = await office(portal)
    await thomas.post(f"/en/mandates/{mandate}/accept", page="/en/mandates")
    answer = await thomas.post(f"/en/dossiers/{dossier}/mandate/end", page=f"/en/dossiers/{dossier}/mandate")
    assert answer.url.path == "/en/mandates" and await opens(thomas, dossier) == 404


async def test_a_mandate_that_has_ended_is_not_accepted(portal: Portal) -> None:
    katrien, dossier, mandate = await offered(portal)
    thomas = await office(portal)
    await katrien.post(f"/en/dossiers/{dossier}/mandate/end", page=f"/en/dossiers/{dossier}/mandate")
    assert (await thomas.post(f"/en/mandates/{mandate}/accept", page="/en/mandates")).status_code == 409
    assert await opens(thomas, dossier) == 404


async def test_strangers_neither_see_nor_change_a_mandate(portal: Portal) -> None:
    katrien, dossier, mandate = await offered(portal)
    stranger = await portal.employer("Luc Lambert", "Ateliers Lambert SRL", "0999000327")
    worker = await portal.worker(dossier)
    assert "mandate waits" not in (await stranger.get("/en/mandates")).text
    for verb in ("accept", "decline"):
        assert (await stranger.post(f"/en/mandates/{mandate}/{verb}", page="/en/mandates")).status_code == 404
        assert (await katrien.post(f"/en/mandates/{mandate}/{verb}", page="/en/mandates")).status_code == 404
    for browser in (stranger, worker):
        assert (await browser.get(f"/en/dossiers/{dossier}/mandate")).status_code == 404
        assert (await browser.post(f"/en/dossiers/{dossier}/mandate/end", page="/en/sessions")).status_code == 404
        assert (await browser.post(f"/en/dossiers/{dossier}/mandate", days(today(), today()), page="/en/sessions")).status_code == 404
    assert (await worker.get("/en/mandates")).status_code == 404
    assert (await portal.sql("SELECT count(*) FROM mandate WHERE ended_at IS NULL AND accepted_at IS NULL"))[0][0] == 1


async def test_the_office_hands_its_mandate_to_nobody(portal: Portal) -> None:
    _katrien, dossier, mandate = await offered(portal)
    thomas = await office(portal)
    await thomas.post(f"/en/mandates/{mandate}/accept", page="/en/mandates")
    typed = days(today(), today(), "0999000327")
    assert (await thomas.post(f"/en/dossiers/{dossier}/mandate", typed, page=f"/en/dossiers/{dossier}/mandate")).status_code == 403


async def test_one_office_at_a_time(portal: Portal) -> None:
    katrien, dossier, _mandate = await offered(portal)
    typed = days(today(), today(), "0999000327")
    assert (await katrien.post(f"/en/dossiers/{dossier}/mandate", typed)).status_code == 409


@pytest.mark.parametrize(("changes", "told"), [
    ({"office": ""}, "Type the enterprise number of the office"),
    ({"office": "0999000625"}, "last two digits"), ({"office": "1999999943"}, "your own enterprise"),
    ({"first_day-day": "32"}, "This date does not exist"), ({"first_day-year": "2020"}, "A mandate begins today or later"),
    ({"last_day-year": "2020"}, "cannot come before the first day"),
])
async def test_what_cannot_be_is_explained_and_kept(portal: Portal, changes: dict[str, str], told: str) -> None:
    katrien = await portal.employer()
    dossier = await begin(katrien)
    typed = {**days(today(), today() + timedelta(days=400)), **changes}
    answer = await katrien.post(f"/en/dossiers/{dossier}/mandate", typed)
    assert answer.status_code == 422 and told in answer.text and "There is a problem" in answer.text
    assert all(f'value="{value}"' in answer.text for value in typed.values() if value)
    assert await portal.sql("SELECT FROM mandate") == []


async def test_the_office_is_told(portal: Portal) -> None:
    _katrien, _dossier, mandate = await offered(portal)
    queued = await portal.sql("SELECT args - 'traceparent' AS args FROM procrastinate_jobs WHERE task_name = 'notices:mandate'")
    assert [row.args for row in queued] == [{"mandate_id": str(mandate)}]
