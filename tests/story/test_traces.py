"""One trace from the click to the acknowledgement, as a real collector gets it: page, jobs, hand-over, the authority's answer, what follows."""

import asyncio
import time
from collections.abc import Iterator

import pytest

from frontoffice.kernel import tracing
from tests.collecting import Collector, a_collector, told
from tests.story.stage import World

HARMLESS = {"http.route", "http.request.method", "http.response.status_code", "event_id"}


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    # What waits at the end is looked at here: a busy machine may take its time over it.
    monkeypatch.setattr(tracing, "_SECONDS_TO_END", 60.0)
    with a_collector() as collector:
        tracing.send_spans(collector.address, "frontoffice-test")
        try:
            yield collector
        finally:
            tracing.stop_spans()


async def answered(world: World, number: str) -> str:
    """The authority's word that it can work with the message, once the stand-in has posted it."""
    events = world.backbone.portal.events
    for _try in range(1200):
        if events:
            return events[-1].decode()
        await asyncio.sleep(0.05)
    raise AssertionError("the authority did not answer")


async def test_one_trace_from_the_click_to_the_acknowledgement(world: World, collector: Collector) -> None:
    world.backbone.behave(answer_messages="validate")
    world.backbone.portal.events.clear()
    browser = world.who("employer")
    page = await browser.get(f"/en/dossiers/{world.key}/check")
    click = await browser.post(f"/en/dossiers/{world.key}/submit", page=f"/en/dossiers/{world.key}/check", follow=False)
    assert click.status_code == 303 and page.headers["belgov-trace-id"] != (trace := click.headers["belgov-trace-id"])
    number = await world.number()
    await world.scene.run()
    text = await answered(world, number)
    came = await world.post_message(text)
    assert came.status_code == 202
    await world.scene.run()
    assert await world.value("validated_at") is not None
    assert (await world.portal.sql("SELECT trace FROM message"))[0][0].split("-")[1] == trace

    await asyncio.to_thread(tracing.stop_spans)
    mine = {one.name: one for one in collector.spans if one.trace_id.hex() == trace}
    ids = {one.span_id: one.name for one in mine.values()}
    above = {name: ids.get(one.parent_span_id, "") for name, one in mine.items()}
    assert above["POST submit-dossier"] == "" and above["backbone:hand_over"] == "POST submit-dossier" == above["notices:tell"] == above["documents:seal"]
    assert above["hand over"] == "backbone:hand_over" and above["message-validated"] in ("backbone:hand_over", "hand over")
    assert above["documents:validated"] == above["notices:answered"] == "message-validated"
    # The request that brought the answer has a trace of its own, and is linked.
    (link,) = mine["message-validated"].links
    apply = next(one for one in collector.spans if one.span_id == link.span_id)
    assert apply.name == "backbone:apply" and apply.trace_id.hex() == link.trace_id.hex() == came.headers["belgov-trace-id"] != trace
    # Begun before what is below them, and all of it within this test.
    now = time.time_ns()
    assert all(mine[name].start_time_unix_nano <= one.start_time_unix_nano <= one.end_time_unix_nano <= now for name, one in mine.items() if name in above.values())
    assert collector.services == {"frontoffice-test"}


async def test_spans_tell_identifiers_and_names_of_routes_only(world: World, collector: Collector) -> None:
    number = await world.file()
    await world.scene.run()
    await world.who("employer").get(f"/en/dossiers/{number}?search=Rajesh+Kumar")
    await world.who("visitor").client.request("KATRIEN", f"/en/dossiers/{number}/Rajesh-Kumar")
    await asyncio.to_thread(tracing.stop_spans)
    names = {one.name for one in collector.spans}
    assert {"GET show-dossier", "other none"} <= names
    for one in collector.spans:
        text = " ".join([one.name, one.status.message, *map(str, told(one).values())]).lower()
        assert not [word for word in ("kumar", "katrien", "z1234567", number.lower(), "/en/", ".pdf", "@") if word in text], text
        assert {name for name in told(one) if not name.startswith("job.")} <= HARMLESS, told(one)


async def test_a_message_tried_again_stays_in_the_trace_of_its_click(world: World) -> None:
    world.backbone.behave(fail="503", fail_times=1)
    await world.file()
    await world.hand_over()
    (first,) = (await world.portal.sql("SELECT trace FROM message"))[0]
    await world.scene.make_due()
    await world.scene.sql("UPDATE procrastinate_jobs SET args = args - 'traceparent'")
    await world.hand_over()
    assert await world.value("confirmed_at") is not None
    assert (await world.portal.sql("SELECT trace FROM message"))[0][0] == first
