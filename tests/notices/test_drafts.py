"""Who works on a draft is warned once, two weeks before it would be deleted, and reads on its page until when it is kept."""

from collections.abc import AsyncIterator, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from frontoffice.dossiers import jobs as dossier_jobs
from frontoffice.dossiers import queries
from frontoffice.dossiers.idle import IDLE_DRAFT, WARNED_BEFORE, kept_until
from frontoffice.kernel.i18n import BRUSSELS, show_day
from frontoffice.kernel.jobs import make_queue_for_deferring
from frontoffice.kernel.time import now, stopped_at, today
from frontoffice.parties.actor import Actor
from frontoffice.routes import QUEUED, ROUTES
from frontoffice.worker import learn_addresses
from tests.catching import Catcher, a_catcher
from tests.engines import Database, Engines
from tests.scene import JOBS, Scene, a_scene
from tests.story.stage import words
from tests.web import running_portal

EMPLOYER, WORKER, BESIDE = "katrien@havenlogistiek.example", "rajesh.kumar@worker.example", "beside@havenlogistiek.example"
CANARIES = ("Kumar", "Rajesh", "Katrien", "Havenlogistiek", "contract", ".pdf")
MAILS = ("notices:draft", "notices:send")
NIGHT = timedelta(days=1)


@pytest.fixture
def catcher() -> Iterator[Catcher]:
    with a_catcher() as catcher:
        yield catcher


@pytest.fixture
async def scene(fresh_database: Database, engines: Engines, tmp_path: Path, catcher: Catcher) -> AsyncIterator[Scene]:
    learn_addresses(ROUTES)
    async with a_scene(fresh_database, engines, tmp_path, smtp_url=catcher.url, mail_from="Permit window <no-reply@portal.example>") as scene:
        yield scene


async def a_draft(scene: Scene, employer: Actor, worker: UUID | None = None) -> UUID:
    answers = {"worker-contact": {"worker_language": "en"}, "contact": {"contact_email": EMPLOYER}}
    return await scene.draft(employer, language="en", answers=answers, worker=worker)


async def touched(scene: Scene, draft: UUID, instant: datetime) -> None:
    """As if all that was done so far had been done then."""
    about = {"key": draft, "then": instant}
    await scene.sql("UPDATE dossier SET updated_at = :then WHERE id = :key", **about)
    await scene.sql("UPDATE participation SET starts_at = :then WHERE dossier_id = :key", **about)
    await scene.sql("UPDATE document SET given_at = :then, changed_at = :then WHERE dossier_id = :key", **about)


async def night(scene: Scene, instant: datetime) -> None:
    """Both jobs of a night, and the mails that come of them."""
    with stopped_at(instant):
        await dossier_jobs.warn(scene.resources)
        await dossier_jobs.clear(scene.resources)
        await scene.run(*MAILS)


async def is_there(scene: Scene, draft: UUID) -> bool:
    return bool(await scene.sql("SELECT FROM dossier WHERE id = :key", key=draft))


def texts(one: Any) -> tuple[str, str]:
    return one.get_body(("plain",)).get_content(), one.get_body(("html",)).get_content()


async def test_an_idle_draft_is_warned_of_once_and_then_cleared(scene: Scene, catcher: Catcher) -> None:
    draft = await a_draft(scene, await scene.employer())
    began = now()
    await touched(scene, draft, began)
    await night(scene, began + IDLE_DRAFT - WARNED_BEFORE - NIGHT)
    assert catcher.mails == []
    await night(scene, began + IDLE_DRAFT - WARNED_BEFORE)
    last = began.date() + IDLE_DRAFT
    # The worker was never let in: only who works on the draft is told.
    assert [one["To"] for one in catcher.mails] == [EMPLOYER]
    assert " ".join(catcher.mails[0]["Subject"].split()) == "Your draft: nobody works on the draft any more, and it will soon be deleted"
    for said in texts(catcher.mails[0]):
        assert show_day(last, "en") in said and str(draft) in said and "90 days" in said
        assert not [canary for canary in CANARIES if canary in said]
    for nights in range(1, WARNED_BEFORE.days + 1):
        await night(scene, began + IDLE_DRAFT - WARNED_BEFORE + nights * NIGHT)
        assert await is_there(scene, draft)
    await night(scene, began + IDLE_DRAFT + NIGHT)
    assert len(catcher.mails) == 1 and not await is_there(scene, draft)


async def test_a_draft_that_was_touched_again_stays_and_is_warned_of_again_later(scene: Scene, catcher: Catcher) -> None:
    employer = await scene.employer()
    draft = await a_draft(scene, employer)
    began = now()
    await touched(scene, draft, began)
    await night(scene, began + IDLE_DRAFT - WARNED_BEFORE)
    again = began + IDLE_DRAFT - NIGHT
    document = await scene.document(draft, employer, "contract", stored=False)
    await scene.sql("UPDATE document SET given_at = :again, changed_at = :again WHERE id = :id", again=again, id=document)
    await night(scene, began + IDLE_DRAFT + 2 * NIGHT)
    assert len(catcher.mails) == 1 and await is_there(scene, draft)
    await night(scene, again + IDLE_DRAFT - WARNED_BEFORE)
    assert len(catcher.mails) == 2 and await is_there(scene, draft)
    await night(scene, again + IDLE_DRAFT + NIGHT)
    assert len(catcher.mails) == 2 and not await is_there(scene, draft)


async def test_nobody_is_warned_of_what_was_touched_before_the_mail_was_written(scene: Scene, catcher: Catcher) -> None:
    draft = await a_draft(scene, await scene.employer())
    began = now()
    await touched(scene, draft, began)
    with stopped_at(began + IDLE_DRAFT - WARNED_BEFORE):
        await dossier_jobs.warn(scene.resources)
        assert [one.args for one in await scene.queued("notices:draft")] == [{"dossier_id": str(draft)}]
        await touched(scene, draft, now() + timedelta(seconds=1))
        await scene.run(*MAILS)
    assert catcher.mails == []


async def test_who_else_works_on_it_is_told_too_each_in_the_own_language(scene: Scene, catcher: Catcher) -> None:
    employer, worker = await scene.employer(), await scene.person("Rajesh Kumar", WORKER, "en")
    draft = await a_draft(scene, employer, worker)
    began = now()
    await touched(scene, draft, began)
    await scene.sql(
        "INSERT INTO second_address (id, token_hash, dossier_id, party_id, email, locale, asked_by, asked_at, expires_at, confirmed_at)"
        " VALUES (:id, 'x', :draft, :party, :email, 'fr', :person, now(), now(), now())",
        id=uuid4(), draft=draft, party=employer.party_id, person=employer.person_id, email=BESIDE)
    await night(scene, began + IDLE_DRAFT - WARNED_BEFORE)
    assert {one["To"]: one["Content-Language"] for one in catcher.mails} == {EMPLOYER: "en", WORKER: "en", BESIDE: "fr"}


async def test_discarded_and_numbered_ones_are_warned_of_never(scene: Scene, catcher: Catcher) -> None:
    employer = await scene.employer()
    discarded, filed = await a_draft(scene, employer), await scene.filed(employer)
    await scene.take(discarded, "discard", employer)
    await scene.take(filed.id, "take-back", employer)
    for one in (discarded, filed.id):
        await touched(scene, one, now() - 2 * IDLE_DRAFT)
    await dossier_jobs.warn(scene.resources)
    assert await scene.queued("notices:draft") == []
    async with scene.session() as session:
        assert [kept_until(await queries.any_dossier(session, str(one))) for one in (discarded, filed.id)] == [None, None]


async def test_more_than_a_batch_is_warned_of_in_one_night(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dossier_jobs, "_BATCH", 2)
    employer, instant = await scene.employer(), now() - IDLE_DRAFT
    keys = [await a_draft(scene, employer) for _ in range(5)]
    for key in keys:
        await touched(scene, key, instant)
    await dossier_jobs.warn(scene.resources)
    assert {one.args["dossier_id"] for one in await scene.queued("notices:draft")} == {str(key) for key in keys}


@pytest.mark.parametrize(("idle", "warned", "left"), [(0, None, 90), (10, None, 80), (76, None, 14), (85, None, 14), (85, 9, 5), (85, 90, 14), (200, None, 14), (91, 15, 0)])
async def test_the_day_that_is_told_never_comes_too_early(scene: Scene, idle: int, warned: int | None, left: int) -> None:
    draft, noon = await a_draft(scene, await scene.employer()), datetime.combine(today(), datetime.min.time(), BRUSSELS) + timedelta(hours=12)
    with stopped_at(noon):
        await touched(scene, draft, noon - timedelta(days=idle))
        await scene.sql("UPDATE dossier SET warned_at = :then", then=noon - timedelta(days=warned) if warned is not None else None)
        async with scene.session() as session:
            told = kept_until(await queries.any_dossier(session, str(draft)))
    assert told == today() + timedelta(days=left)
    # Warned tonight at the latest, it is there on each of these days until midnight.
    for nights in range(1, left + 1):
        await night(scene, datetime.combine(today() + timedelta(days=nights), datetime.min.time(), BRUSSELS) + timedelta(hours=3))
        assert await is_there(scene, draft)


async def test_the_page_of_a_draft_says_until_when_it_is_kept(scene: Scene, fresh_database: Database, engines: Engines) -> None:
    employer = await scene.employer()
    draft = await a_draft(scene, employer)
    async with running_portal(fresh_database, engines) as portal:
        make_queue_for_deferring({*QUEUED, *(job.name for job in JOBS)})
        browser = portal.visitor(await portal.session_of(employer.person_id, employer.party_id))
        await touched(scene, draft, now() - timedelta(days=30))
        assert f"we keep it until {_day(today() + timedelta(days=60))}" in words(await browser.get(f"/en/dossiers/{draft}"))
        document = await scene.document(draft, employer, "contract", stored=False)
        page = words(await browser.get(f"/en/dossiers/{draft}"))
        assert document and f"we keep it until {_day(today() + IDLE_DRAFT)}" in page and "not a law" in page
        assert "nobody works on the draft any more" in words(await browser.get(f"/en/dossiers/{draft}/told"))
        await scene.take(draft, "discard", employer)
        assert "we keep it until" not in words(await browser.get(f"/en/dossiers/{draft}"))


def _day(day: date) -> str:
    return " ".join(show_day(day, "en").split())
