"""The figures follow what really waits, cost one statement in five seconds, and tell nothing when the database is away."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import event

from frontoffice.backbone.composition import outgoing_actions
from frontoffice.backbone.verifying import LOST
from frontoffice.kernel.database import make_engine
from frontoffice.kernel.time import now, stopped_at
from frontoffice.monitoring.figures import KEPT, Figures, outgoing
from frontoffice.procedures import EDITIONS
from tests.engines import Database
from tests.peers import Backbone
from tests.scene import Scene

HAND_OVER = "backbone:hand_over"


class Asking:
    """A process of the web role, whose policies hide every row: figures come by the one function."""

    def __init__(self, database: Database) -> None:
        self.engine = make_engine(database.web)
        self.later = timedelta()

    async def __call__(self, *names: str) -> list[float]:
        with stopped_at(now() + self.later):
            gauges = await Figures(self.engine).gauges()
        found = {"/".join([one.name.removeprefix("frontoffice_"), *(word for _name, word in one.labels)]): one.value for one in gauges}
        return [found[name] for name in names]


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine may take longer over a statement than a process may wait for it."""
    monkeypatch.setattr("frontoffice.monitoring.figures._PATIENCE", 60.0)


@pytest.fixture
async def ask(scene: Scene) -> AsyncIterator[Asking]:
    asking = Asking(scene.database)
    yield asking
    await asking.engine.dispose()


def test_the_steps_that_are_told_are_those_of_the_outbox() -> None:
    assert outgoing() == sorted(outgoing_actions(one.life for one in EDITIONS))


async def test_a_quiet_service_tells_naught_of_everything(ask: Asking) -> None:
    gauges = await Figures(ask.engine).gauges()
    assert {one.name for one in gauges if one.value} == {"frontoffice_figures_known"} and len(gauges) > 20
    assert all(one.help or one.labels for one in gauges)


async def test_a_filed_dossier_waits_is_tried_and_is_delivered(scene: Scene, stand_in: Backbone, ask: Asking) -> None:
    names = ("hand_over_waiting", "hand_over_failing", "hand_over_unanswered", "jobs_queued/due")
    await scene.filed()
    assert (await ask(*names))[:3] == [1, 0, 0] and (await ask("jobs_queued/due"))[0] >= 2
    ask.later = timedelta(minutes=20)
    assert 1200 <= (await ask("hand_over_oldest_waiting_seconds"))[0] < 1500
    stand_in.behave(fail="503", fail_times=1)
    await scene.run(HAND_OVER)
    assert (await ask(*names))[:3] == [1, 1, 0]
    await scene.make_due()
    await scene.run(HAND_OVER)
    assert (await ask(*names))[:3] == [0, 0, 1]
    assert 1100 <= (await ask("hand_over_oldest_unanswered_seconds"))[0] < 1500 and (await ask("hand_over_oldest_waiting_seconds")) == [0]
    await scene.sql("UPDATE message SET concluded_at = NULL, last_error = :word", word=LOST)
    assert await ask("hand_over_lost", "hand_over_pausing") == [1, 0]
    await scene.sql("UPDATE message SET concluded_at = now(), validated_at = now()")
    await scene.sql("UPDATE dossier SET asked_at = now()")
    await scene.sql("INSERT INTO hand_over_pace (peer, second, taken, failures, open_until) VALUES ('x', now(), 0, 9, now() + interval '1 hour')")
    assert await ask("hand_over_lost", "hand_over_pausing") == [0, 1] and (await ask("hand_over_oldest_unverified_seconds"))[0] >= 1200
    assert (await ask(*names))[:3] == [0, 0, 0]


async def test_what_needs_a_person_is_told_until_somebody_looked(scene: Scene, ask: Asking) -> None:
    names = ("hand_over_refused", "hand_over_held", "hand_over_stopped", "inbound_review", "inbound_waiting", "outages_running")
    filed = await scene.filed()
    await scene.run(HAND_OVER)
    assert await ask(*names) == [0] * 6
    await scene.sql("UPDATE message SET refused_at = now()")
    await scene.sql("INSERT INTO hand_over_hold (dossier_id, held_at, reason, by) VALUES (:key, now(), 'x', 'x')", key=filed.id)
    await scene.sql("INSERT INTO hand_over_stop (peer, stopped_at, reason, by) VALUES ('backbone', now(), 'x', 'x')")
    for jti, outcome in (("1", "review"), ("2", "waiting")):
        await scene.sql("INSERT INTO inbound_message (issuer, jti, dossier_number, seq, content, received_at, outcome) VALUES ('x', :jti, 'n', 1, '', now(), :outcome)",
                        jti=jti, outcome=outcome)
    await scene.sql("INSERT INTO outage (id, affects, starts_at, reason, recorded_by, recorded_at) VALUES (gen_random_uuid(), 'filing', now(), 'x', 'x', now())")
    ask.later = timedelta(seconds=60)
    assert await ask(*names) == [1] * 6
    assert 60 <= (await ask("inbound_oldest_waiting_seconds"))[0] < 300
    await scene.sql("UPDATE message SET reviewed_at = now()")
    await scene.sql("UPDATE inbound_message SET reviewed_at = now(), outcome = 'review'")
    await scene.sql("DELETE FROM hand_over_hold")
    await scene.sql("DELETE FROM hand_over_stop")
    await scene.sql("INSERT INTO outage (id, affects, starts_at, ends_at, reason, recorded_by, recorded_at, corrects)"
                    " SELECT gen_random_uuid(), affects, starts_at, now(), reason, recorded_by, now(), id FROM outage")
    assert await ask(*names) == [0] * 6


async def test_documents_and_mails_that_wait(scene: Scene, ask: Asking) -> None:
    employer = await scene.employer("katrien@havenlogistiek.example")
    key = await scene.draft(employer)
    await scene.document(key, employer, "contract", state="received")
    await scene.sql("INSERT INTO notice (id, cause, address, locale, template, created_at) SELECT gen_random_uuid(), gen_random_uuid(), 'a@x.example', 'nl', 'x', now()"
                    " FROM generate_series(1, 3)")
    ask.later = timedelta(hours=2)
    names = ("documents_waiting", "notices_waiting", "notices_given_up_last_day", "notices_bounced_last_day")
    assert await ask(*names) == [1, 3, 0, 0]
    assert all(7200 <= one < 7500 for one in await ask("documents_oldest_waiting_seconds", "notices_oldest_waiting_seconds"))
    await scene.sql("UPDATE notice SET sent_at = now(), bounced_at = now()")
    await scene.sql("UPDATE notice SET sent_at = NULL, given_up_at = now() WHERE id = (SELECT id FROM notice LIMIT 1)")
    assert await ask(*names) == [1, 0, 1, 3]
    ask.later = timedelta(hours=25)
    assert (await ask(*names))[2:] == [0, 0]


async def test_any_number_of_askers_cost_one_statement_in_five_seconds(shared_database: Database) -> None:
    engine, statements = make_engine(shared_database.web), []
    event.listen(engine.sync_engine, "before_cursor_execute", lambda _connection, _cursor, statement, *_rest: statements.append(statement))
    figures, instant = Figures(engine), now()
    for seconds, times in ((0, 1), (4.9, 1), (5, 2), (-60, 3)):
        with stopped_at(instant + timedelta(seconds=seconds)):
            await asyncio.gather(*(figures.gauges() for _one in range(20)))
        assert len(statements) == times
    assert timedelta(seconds=5) == KEPT
    await engine.dispose()


async def test_without_a_database_only_that_is_told() -> None:
    engine = make_engine("postgresql+psycopg://nobody:@127.0.0.1:9/none")
    assert [(one.name, one.value) for one in await Figures(engine).gauges()] == [("frontoffice_figures_known", 0)]
    await engine.dispose()
