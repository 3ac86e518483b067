"""Alarms: a line and a mail when something needs a person and when it is over, and again when it grows or lasts."""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product
from typing import Any
from uuid import uuid4

import pytest

from frontoffice.backbone import alarms, holding
from frontoffice.backbone.holding import Said
from frontoffice.kernel.jobs import Resources
from frontoffice.kernel.time import now, stopped_at
from frontoffice.notices.mail import write
from frontoffice.notices.model import Notice
from frontoffice.routes import ROUTES
from frontoffice.worker import learn_addresses
from tests.scene import Scene

WHY = Said(reason="A test", by="ticket 7")
OPERATORS = "operators@portal.example"


@pytest.fixture
async def told(scene: Scene) -> AsyncIterator[Scene]:
    """A scene whose operators have an address."""
    scene.resources = Resources(scene.resources.engine, replace(scene.settings, operators_mail=OPERATORS))
    yield scene


async def minutes(scene: Scene, start: datetime, *passed: float) -> None:
    """Let the alarm job run after each of these minutes."""
    for one in passed:
        with stopped_at(start + timedelta(minutes=one)):
            await alarms.alarm(scene.resources)
            await scene.run(alarms.TELL)


async def mails(scene: Scene) -> list[tuple[str, str]]:
    return [tuple(row) for row in await scene.sql("SELECT facts->>'kind', facts->>'state' FROM notice WHERE template = 'alarm' ORDER BY created_at")]


def alarm_lines(caplog: pytest.LogCaptureFixture, level: int) -> list[str]:
    return [one.getMessage() for one in caplog.records if one.levelno == level and "alarm " in one.getMessage()]


async def failing(scene: Scene) -> Any:
    """A dossier that a closed port keeps waiting."""
    return await scene.filed()


async def test_one_mail_and_one_line_when_it_begins_and_one_when_it_is_over(told: Scene, caplog: pytest.LogCaptureFixture) -> None:
    await failing(told)
    start = await told.value("SELECT happened_at FROM event WHERE action = 'submit'")
    caplog.set_level(logging.INFO)
    await minutes(told, start, 1, 5, 9.9)
    assert await mails(told) == []
    await minutes(told, start, 10.5, 11, 12, 30, 31)
    assert await mails(told) == [("late", "begun")] and len(alarm_lines(caplog, logging.ERROR)) == 1
    await told.run("backbone:hand_over")
    await minutes(told, start, 32, 33, 35)
    assert await mails(told) == [("late", "begun")]  # it might come back
    await minutes(told, start, 36.5, 37, 38)
    assert await mails(told) == [("late", "begun"), ("late", "over")] and len(alarm_lines(caplog, logging.ERROR)) == 1
    assert await told.value("SELECT most FROM hand_over_alarm") == 1


async def test_what_comes_and_goes_is_one_alarm(told: Scene) -> None:
    start = now()
    await failing(told)
    await told.run("backbone:hand_over")
    for turn in range(12):
        refused = "now()" if turn % 2 else "NULL"
        await told.sql(f"UPDATE message SET refused_at = {refused}")
        await minutes(told, start, turn)
    assert await mails(told) == [("refused", "begun")]


async def test_more_of_a_kind_are_told_once_an_hour_and_what_lasts_after_a_day_and_three(told: Scene, caplog: pytest.LogCaptureFixture) -> None:
    start = now()
    for _one in range(3):
        await failing(told)
    await told.run("backbone:hand_over")
    caplog.set_level(logging.INFO)
    keys = [row.event_id for row in await told.sql("SELECT event_id FROM message ORDER BY event_id")]

    async def refuse(count: int) -> None:
        await told.sql("UPDATE message SET refused_at = now() WHERE event_id = ANY(:keys)", keys=keys[:count])

    await refuse(1)
    await minutes(told, start, 1, 2)
    await refuse(3)
    await minutes(told, start, 3, 30, 60)
    assert [state for _kind, state in await mails(told) if _kind == "refused"] == ["begun"]
    await minutes(told, start, 61, 62, 120, 200)
    states = [state.partition("-")[0] for kind, state in await mails(told) if kind == "refused"]
    assert states == ["begun", "more"]
    await minutes(told, start, 1440.5, 1441, 1442, 2880, 4320, 4325, 4330, 9000)
    assert [state for kind, state in await mails(told) if kind == "refused"][2:] == ["again-1", "again-3"]
    assert len([one for one in alarm_lines(caplog, logging.ERROR) if "refused" in one]) == 4


async def test_without_an_address_the_log_alone_tells(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    start = now()
    await failing(scene)
    caplog.set_level(logging.INFO)
    await minutes(scene, start, 11, 12)
    assert len(alarm_lines(caplog, logging.ERROR)) == 1 and await scene.queued(alarms.TELL) == []


async def test_each_kind_has_an_alarm_of_its_own(told: Scene) -> None:
    start = now()
    await failing(told)
    await told.run("backbone:hand_over")
    await told.sql("UPDATE message SET refused_at = now()")
    await told.sql("INSERT INTO inbound_message (issuer, jti, dossier_number, seq, content, received_at, outcome, remark, concluded_at) "
                   "VALUES ('b', 'j', 'SP-2026-0000404-X', 1, 'x', now(), 'review', 'no such dossier', now())")
    await told.sql("INSERT INTO inbound_message (issuer, jti, dossier_number, seq, content, received_at, outcome, remark) "
                   "VALUES ('b', 'k', 'SP-2026-0000404-X', 7, 'x', now() - interval '15 minutes', 'waiting', '')")
    await minutes(told, start, 1, 2)
    assert sorted(await mails(told)) == [("refused", "begun"), ("review", "begun")]
    await minutes(told, start, 6)
    assert sorted(await mails(told)) == [("missing", "begun"), ("refused", "begun"), ("review", "begun")]


async def test_a_stop_is_an_alarm_and_hides_the_lateness_that_it_makes(told: Scene) -> None:
    start = now()
    filed = await failing(told)
    async with told.session() as session:
        await holding.stop(session, WHY)
    await minutes(told, start, 5, 11, 12, 60)
    assert await mails(told) == [("stopped", "begun")]
    async with told.session() as session:
        await holding.start(session, WHY)
        await holding.hold(session, filed.number, WHY)
    await minutes(told, start, 61, 66, 67)
    # What is held does not hide others, until it is held for long.
    assert await mails(told) == [("stopped", "begun"), ("stopped", "over")]
    await minutes(told, start, 25 * 60)
    assert ("held", "begun") in await mails(told)


async def test_a_stop_does_not_end_an_alarm_that_goes_on(told: Scene) -> None:
    start = now()
    await failing(told)
    await minutes(told, start, 11)
    async with told.session() as session:
        await holding.stop(session, WHY)
    await minutes(told, start, *range(12, 30))
    assert ("late", "over") not in await mails(told)


async def test_two_workers_tell_once(told: Scene) -> None:
    await failing(told)
    with stopped_at(now() + timedelta(minutes=11)):
        await asyncio.gather(*(alarms.alarm(told.resources) for _place in range(4)))
    assert await told.value("SELECT count(*) FROM hand_over_alarm") == 1 == len(await told.queued(alarms.TELL))


def test_the_mail_says_what_to_do_and_names_no_dossier(told: Scene) -> None:
    learn_addresses(ROUTES)
    for kind, state in product(alarms.KINDS, ("begun", "over", "more-2026112218", "again-1")):
        mail = write(Notice(id=uuid4(), address=OPERATORS, locale="en", template="alarm", facts={"kind": kind, "state": state, "count": "3"}), told.settings)
        text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
        assert mail["Subject"].startswith({"begun": "Alarm: ", "over": "Over: "}.get(state, "Still: ")) and "/en/operators/hand-overs" in text
        assert ("3 hand-overs are concerned." in text) == (state != "over") and "SP-" not in text
