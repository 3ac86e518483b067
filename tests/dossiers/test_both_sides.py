"""The page says what both sides know: never more than was signed, never less than the reader needs, each with its moment."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import pytest

from frontoffice.dossiers import handed_over
from frontoffice.dossiers.both_sides import BothSides, both_sides
from frontoffice.kernel.time import now, stopped_at
from frontoffice.procedures.single_permit.definition import SINGLE_PERMIT
from frontoffice.routes import ROUTES
from frontoffice.worker import learn_addresses
from tests.documents.answering import handed
from tests.dossiers.opened import BEGUN, a_dossier, document, happened
from tests.engines import Database, Engines
from tests.scene import Filed, Scene, a_scene
from tests.storages import storage_as
from tests.web import Portal, running_portal

FILED_AT = datetime(2026, 11, 2, 10, tzinfo=UTC)
FILED = BEGUN[:2]


def at(hours: float) -> datetime:
    return FILED_AT + timedelta(hours=hours)


def seen(hours: float, *actions: tuple[str, str], told: float | None = None, **known: object) -> BothSides:
    """What the page tells so many hours after the filing; until `told` hours after it the authority knows what happened."""
    events = happened(*(actions or FILED))
    position = SINGLE_PERMIT.life.start
    for one in events:
        position = frozenset(set(one.gives) & SINGLE_PERMIT.life.final or (position - set(one.takes)) | set(one.gives))
    confirmed = {} if told is None else {"confirmed_at": at(0.001), "told_until": at(told)}
    dossier = replace(a_dossier(*position, filed_at=FILED_AT), **{**confirmed, **known})  # type: ignore[arg-type]
    with stopped_at(at(hours)):
        return both_sides(dossier, events)


@pytest.mark.parametrize(("hours", "told", "since", "late"), [
    (0, None, 0, False), (0.16, None, 0, False), (0.17, None, 0, True), (48, None, 0, True),
    (0, 0, None, False), (48, 0, None, False),
])
def test_a_filing_is_on_its_way_late_or_there(hours: float, told: float | None, since: float | None, late: bool) -> None:
    found = seen(hours, told=told)
    assert (found.waiting_since, found.is_late) == (None if since is None else at(since), late)


def test_a_later_change_is_told_apart_from_the_filing() -> None:
    changed = (*FILED, ("withdraw", "2026-11-03T10:00"))
    on_its_way = seen(24.1, *changed, told=0)
    assert on_its_way.confirmed_at and on_its_way.waiting_since == at(24) and not on_its_way.is_late
    assert seen(24.2, *changed, told=0).is_late
    assert seen(24.2, *changed, told=24).waiting_since is None


def test_what_the_authority_told_itself_is_not_waited_for() -> None:
    events = [replace(one, message_id="abc") if one.action == "withdraw" else one for one in happened(*FILED, ("withdraw", "2026-11-03T10:00"))]
    dossier = a_dossier("withdrawn", filed_at=FILED_AT, confirmed_at=FILED_AT, told_until=FILED_AT)
    with stopped_at(at(30)):
        assert both_sides(dossier, events).waiting_since is None


@pytest.mark.parametrize(("hours", "known", "since"), [
    (24, {}, None), (24.1, {}, 0.001),
    (30, {"verified_at": at(6)}, None), (30.1, {"verified_at": at(6)}, 6),
    (30, {"validated_at": at(7)}, None), (32, {"refused_at": at(7)}, 7),
    (30, {"documents": [replace(document("passport"), taken_over_at=at(8))]}, None),
    (33, {"documents": [replace(document("passport"), not_taken_at=at(8))]}, 8),
    (1000, {"verified_at": at(999)}, None),
])
def test_silence_is_told_after_a_day_without_any_word(hours: float, known: dict[str, object], since: float | None) -> None:
    assert seen(hours, told=0, **known).silent_since == (None if since is None else at(since))


@pytest.mark.parametrize(("known", "changed"), [
    ({"updated_at": at(1)}, 1), ({"updated_at": at(1), "validated_at": at(3)}, 3), ({"updated_at": at(1), "refused_at": at(4), "validated_at": at(3)}, 4),
    ({"updated_at": at(5), "validated_at": at(3)}, 5), ({"updated_at": at(1), "documents": [replace(document("passport"), not_taken_at=at(6))]}, 6),
    ({"updated_at": at(1), "verified_at": at(8)}, 1),
])
def test_an_answer_of_the_authority_changes_the_dossier_and_a_comparison_does_not(known: dict[str, object], changed: float) -> None:
    assert seen(9, told=0, **known).changed_at == at(changed)


def test_a_step_of_the_authority_is_a_word_too() -> None:
    assert seen(47, *BEGUN, told=24).silent_since is None
    assert seen(48.5, *BEGUN, told=24).silent_since == at(24)


def test_silence_is_no_news_before_the_authority_has_it_and_after_the_end() -> None:
    assert seen(90).silent_since is None
    assert seen(90, *FILED, ("withdraw", "2026-11-02T11:00"), told=1).silent_since is None


@pytest.fixture
async def scene(fresh_database: Database, engines: Engines, tmp_path: Path) -> AsyncIterator[Scene]:
    learn_addresses(ROUTES)
    async with storage_as(engines, "worker"), storage_as(engines, "web"), a_scene(fresh_database, engines, tmp_path) as scene:
        yield scene


def words_of(page: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


class Reading:
    """A filed dossier, and the words of its page as the employer and the Region read it."""

    def __init__(self, scene: Scene, portal: Portal, filed: Filed) -> None:
        self.scene, self.portal, self.filed = scene, portal, filed

    async def employer(self, path: str = "") -> str:
        return words_of((await (await self.portal.employer()).get(f"/en/dossiers/{self.filed.number}{path}")).text)

    async def region(self) -> str:
        return words_of((await (await self.portal.official("flanders")).get(f"/en/dossiers/{self.filed.number}")).text)


@pytest.fixture
async def reading(scene: Scene, engines: Engines) -> AsyncIterator[Reading]:
    filed = await scene.filed()
    async with running_portal(scene.database, engines) as portal:
        yield Reading(scene, portal, filed)


async def test_just_filed_the_page_and_the_receipt_say_that_only_we_have_it(reading: Reading) -> None:
    for words in (await reading.employer(), await reading.employer("/receipt")):
        assert "Done: We have it" in words and "Now: The authority has it not yet confirmed" in words
        assert "repeat that until it is confirmed" in words and "To come: The authority checks that it can work with it" in words


async def test_after_ten_minutes_it_says_so_and_that_it_is_repeated(reading: Reading) -> None:
    with stopped_at(now() + timedelta(minutes=11)):
        for words in (await reading.employer(), await reading.region(), await reading.employer("/receipt")):
            assert "has not confirmed it for more than 10 minutes" in words and "We repeat the hand-over until it is confirmed" in words
            assert "you need not wait" not in words


async def test_a_refusal_is_told_with_its_reasons_what_happens_now_and_what_one_can_do(reading: Reading) -> None:
    told = await handed(reading.scene, reading.filed)
    async with reading.scene.session() as session:
        await handed_over.note_refused(session, reading.filed.id, told.event_id, now(), ["<b>Page 2</b> of the contract\ncannot be read", "Two"], by="flanders")
    words = await reading.employer()
    assert "Refused: The authority cannot work with it yet" in words and "<b>Page 2</b> of the contract cannot be read" in words and "Two" in words
    assert "Our staff look at it" in words and "nothing that was sent is lost" in words and "You can wait. You can also do this:" in words
    assert "Add documents" in words and "Take it back to correct it" in words and "Flanders, Economic Migration" in words
    # The Region reads the same, without what only the applicant's side can do.
    words = await reading.region()
    assert "cannot be read" in words and "You can wait" not in words
    async with reading.scene.session() as session:
        await handed_over.note_validated(session, reading.filed.id, told.event_id, now(), by="flanders")
    words = await reading.employer()
    assert "Done: The authority checked it and can work with it" in words and "cannot be read" not in words and "Both receipts" in words


async def test_silence_hides_nothing_of_what_was_known(reading: Reading) -> None:
    await handed(reading.scene, reading.filed)
    async with reading.scene.session() as session:
        await handed_over.note_verified(session, [reading.filed.id], now())
    assert "Done: Last verified: both sides knew the same" in await reading.employer()
    with stopped_at(now() + timedelta(hours=25)):
        words = await reading.employer()
    assert words.count("We have not heard from the authority since") == 2 and "Done: The authority has it" in words and "may have changed there since" in words


async def test_the_first_confirmation_stays_and_later_ones_tell_until_when(scene: Scene) -> None:
    filed, employer = await scene.filed(), await scene.employer()
    told = await handed(scene, filed)
    first = await scene.sql("SELECT confirmed_at, told_until FROM dossier")
    with stopped_at(now() + timedelta(minutes=5)):
        event = await scene.take(filed.id, "withdraw", employer, reasons="x")
        async with scene.session() as session:
            await handed_over.note_received(session, [event, told.event_id])
    second = await scene.sql("SELECT confirmed_at, told_until FROM dossier")
    assert second[0].confirmed_at == first[0].confirmed_at and second[0].told_until == await scene.value("SELECT max(happened_at) FROM event")
    async with scene.session() as session:
        await handed_over.note_received(session, [told.event_id])
    assert await scene.sql("SELECT confirmed_at, told_until FROM dossier") == second, "an older receipt that comes again takes nothing back"
