"""Between us and the authority: a backbone on a bad day only delays, a forged message does nothing, a killed worker loses nothing."""

import asyncio
import re
import signal
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from frontoffice.backbone.envelope import EVENT_TYP
from frontoffice.kernel.i18n import show_moment
from frontoffice.kernel.tokens import new_key, sign
from frontoffice.worker import make_worker_queue, retry_stalled, run
from tests.catching import Catcher
from tests.engines import Engines
from tests.peers import Backbone, a_token
from tests.scene import JOBS
from tests.story.plug import plugged_into
from tests.story.stage import Stage, World, a_world, main_words, words
from tests.story.test_uploads import a_pdf, send
from tests.test_worker import start

ADMITTED = ("take-up", "admit", "grant-work")


async def told(world: World) -> tuple[str, str]:
    """What the dossier's page says of our receipt, and of the authority's."""
    page = words(await world.who("employer").get(f"/en/dossiers/{world.key}"))
    found = re.search(r"We have it (.*?) The authority has it (.*)", page)
    assert found and ("We have it. The authority: not yet confirmed." in page) == found.group(2).startswith("not yet confirmed")
    return found.group(1), found.group(2)


@pytest.mark.parametrize("bad", [{"fail": "503", "fail_times": 1}, {"fail": "500", "fail_times": 1}, {"fail": "cut", "fail_times": 1}, {"fail": "html-200", "fail_times": 1}],
                         ids=lambda one: one["fail"])
async def test_a_backbone_on_a_bad_day_only_delays_and_the_page_tells_both_receipts_apart(world: World, bad: dict[str, object]) -> None:
    await world.file()
    ours = show_moment(await world.value("filed_at"), "en")
    assert [one.startswith(what) for one, what in zip(await told(world), (ours, "not yet confirmed"), strict=True)] == [True, True]
    world.backbone.behave(**bad)
    await world.hand_over()
    assert (await told(world))[1].startswith("not yet confirmed")
    assert (await world.who("employer").get(f"/en/dossiers/{world.key}/receipt")).status_code == 200
    await world.scene.make_due()
    await world.hand_over()
    confirmed = await world.value("confirmed_at")
    assert confirmed is not None and (await told(world))[1].startswith(show_moment(confirmed, "en"))
    assert [one["received"] for one in world.backbone.dossier(await world.number())["messages"]] in ([1], [2])


async def test_a_backbone_that_is_away_or_slow_only_delays(world: World) -> None:
    number = await world.file()
    world.backbone.process.kill()
    world.backbone.process.wait()
    await world.hand_over()
    assert (await told(world))[1].startswith("not yet confirmed")
    world.backbone.restart()
    world.backbone.behave(delay_seconds=5)
    await world.scene.make_due()
    slow = asyncio.create_task(world.hand_over())
    await asyncio.sleep(0.5)
    # Nobody who looks meanwhile waits for it.
    assert (await told(world))[1].startswith("not yet confirmed") and not slow.done()
    await slow
    world.backbone.behave()
    assert [one["action"] for one in world.backbone.dossier(number)["messages"]] == ["submit"]
    assert not (await told(world))[1].startswith("not yet confirmed")


async def test_forged_and_replayed_messages_change_nothing(world: World) -> None:
    number = await world.file()
    await world.go(*ADMITTED)
    before = (await world.position(), await world.events())
    claims = a_token(world.backbone, number, "immigration-office", "grant", {"annex": "46", "decision_date": "2026-12-01", "valid_until": "2029-12-01"})
    good = await _good(world)
    head, body, mark = good.split(".")
    for forged in (sign(claims, new_key(), EVENT_TYP), sign(claims, world.backbone.portal.key, EVENT_TYP), f"{head}.{body}.", f"{head}.{body}.{mark[::-1]}",
                   "x.y.z", ""):
        assert (await world.post_message(forged)).status_code == 400
    assert await world.portal.sql("SELECT count(*) FROM inbound_message") == [(0,)]
    await world.scene.run("backbone:apply")
    assert (await world.position(), await world.events()) == before
    answers = [await world.post_message(good) for _ in range(3)]
    assert [one.status_code for one in answers] == [202] * 3
    await world.scene.run("backbone:apply")
    await world.post_message(good)
    await world.scene.run("backbone:apply")
    assert (await world.events()).count("grant") == 1
    assert words(await world.who("employer").get(f"/en/dossiers/{number}")).count("Permit granted (annex 46)") == 1


async def _good(world: World) -> str:
    await world.hand_over()
    return await world.signed("grant")


async def until(reached: Callable[[], Awaitable[object]], seconds: float = 180) -> None:
    deadline = time.monotonic() + seconds
    while not await reached():
        assert time.monotonic() < deadline, "it did not come to that"
        await asyncio.sleep(0.1)


async def test_a_worker_killed_in_mid_check_loses_neither_the_document_nor_the_dossier(
    stage: Stage, engines: Engines, tmp_path: Path, stand_in: Backbone, catcher: Catcher,
) -> None:
    async with plugged_into(engines.s3_endpoint) as objects, a_world(stage, engines, tmp_path, stand_in, catcher) as world:
        await world.portal.sql("UPDATE document SET state = 'replaced' WHERE requirement = 'contract' AND dossier_id = :id", id=UUID(world.key))
        assert (await send(world, "contract.pdf", a_pdf())).status_code == 303
        # The worker reads the document over a line that stands still, and is killed there.
        objects.hold()
        worker = start(replace(world.scene.settings, s3_endpoint=f"http://127.0.0.1:{objects.port}"))
        doing = "SELECT count(*) FROM document WHERE state = 'checking'"
        await until(lambda: world.scene.value(doing))
        worker.send_signal(signal.SIGKILL)
        await asyncio.to_thread(worker.communicate)
        assert await world.portal.sql("SELECT state FROM document WHERE requirement = 'contract' AND state <> 'replaced'") == [("checking",)]
        page = main_words(await world.who("employer").get(f"/en/dossiers/{world.key}/check"))
        assert "The check of contract.pdf is not finished yet: wait a moment" in page
        # Another worker, half a minute later.
        await world.portal.sql("UPDATE procrastinate_workers SET last_heartbeat = last_heartbeat - interval '1 minute'")
        queue = make_worker_queue(world.scene.settings, JOBS, world.scene.resources)
        async with queue.open_async():
            assert await retry_stalled(queue) >= 1
        await run(world.scene.settings, JOBS, wait=False)
        assert await world.portal.sql("SELECT state FROM document WHERE requirement = 'contract' AND state <> 'replaced'") == [("checked",)]
        number = await world.file()
        await run(world.scene.settings, JOBS, wait=False)
        assert all(one["complete"] for one in stand_in.dossier(number)["documents"])
        assert await world.value("confirmed_at") is not None
