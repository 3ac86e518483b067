"""The job worker as a process: it does its work, ends when told, and being killed loses nothing."""

import asyncio
import json
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from frontoffice.kernel.jobs import Job, Resources, defer
from frontoffice.kernel.logs import OneLine
from frontoffice.settings import Settings
from frontoffice.worker import conninfo_of, make_worker_queue, retry_stalled, run
from tests.catching import Catcher, a_catcher
from tests.engines import Database, Engines
from tests.peers import Backbone, a_backbone, a_portal
from tests.scene import JOBS, Scene, a_scene


@pytest.fixture(scope="module")
def stand_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backbone]:
    with a_portal() as portal, a_backbone(tmp_path_factory.mktemp("backbone"), portal) as backbone:
        yield backbone


@pytest.fixture
def catcher() -> Iterator[Catcher]:
    with a_catcher() as catcher:
        yield catcher


@pytest.fixture
async def scene(fresh_database: Database, engines: Engines, tmp_path: Path, stand_in: Backbone, catcher: Catcher) -> AsyncIterator[Scene]:
    stand_in.behave()
    async with a_scene(fresh_database, engines, tmp_path, stand_in, smtp_url=catcher.url) as scene:
        yield scene


def start(settings: Settings, program: str = "tests.eager") -> subprocess.Popen[str]:
    environment = {one.metadata["variable"]: getattr(settings, one.name) for one in fields(settings)}
    return subprocess.Popen([sys.executable, "-m", program, "worker"], env={**os.environ, **environment}, cwd=Path(__file__).parents[1],
                            stderr=subprocess.PIPE, text=True, start_new_session=True)


async def until(reached: Callable[[], Any], seconds: float = 90) -> Any:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = reached()
        found = await found if asyncio.iscoroutine(found) else found
        if found:
            return found
        await asyncio.sleep(0.1)
    raise AssertionError("it did not come to that")


async def test_a_filed_dossier_is_handed_over_and_told_and_the_worker_ends_when_asked(scene: Scene, stand_in: Backbone, catcher: Catcher) -> None:
    filed = await scene.filed()
    worker = start(scene.settings)
    try:
        await until(lambda: scene.value("SELECT confirmed_at FROM dossier"))
        await until(lambda: len(catcher.mails) == 2)
        assert [one["action"] for one in stand_in.dossier(filed.number)["messages"]] == ["submit"]
        # Finished jobs leave the queue.
        await until(lambda: scene.value("SELECT count(*) = 0 FROM procrastinate_jobs WHERE task_name LIKE 'notices:send' OR task_name = 'backbone:hand_over'"))
        asked = time.monotonic()
    finally:
        worker.send_signal(signal.SIGTERM)
        _nothing, log = worker.communicate(timeout=60)
    assert worker.returncode == 0 and time.monotonic() - asked < 25
    lines = [json.loads(line) for line in log.splitlines()]
    assert {"started", "ended"} <= {one["message"] for one in lines}
    assert not [canary for canary in ("Kumar", "Katrien", "Z1234567", "@") if canary in log]


async def test_a_worker_gives_way_to_those_who_wait_for_a_page(scene: Scene) -> None:
    worker = start(scene.settings, "frontoffice.cli")
    try:
        await until(lambda: os.getpriority(os.PRIO_PROCESS, worker.pid) == 15)
        session = Path(f"/proc/{worker.pid}/autogroup")
        await until(lambda: not session.exists() or session.read_text().endswith(" nice 15\n"))
    finally:
        worker.kill()
        worker.communicate()


async def test_a_killed_worker_loses_nothing(scene: Scene, stand_in: Backbone) -> None:
    filed = await scene.filed()
    stand_in.behave(delay_seconds=600)
    worker = start(scene.settings)
    try:
        await until(lambda: scene.value("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'backbone:hand_over' AND status = 'doing'"))
        await until(lambda: scene.value("SELECT count(*) FROM message WHERE content IS NOT NULL"))
    finally:
        worker.kill()
        worker.communicate()
    first = bytes(await scene.value("SELECT content FROM message"))
    assert await scene.value("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'backbone:hand_over' AND status = 'doing'") == 1
    stand_in.behave()
    # What the rescue of the next minute does, once the killed worker has been silent for half a minute.
    await scene.sql("UPDATE procrastinate_workers SET last_heartbeat = last_heartbeat - interval '1 minute'")
    queue = make_worker_queue(scene.settings, JOBS, scene.resources)
    async with queue.open_async():
        assert await retry_stalled(queue) >= 1
        assert await retry_stalled(queue) == 0
    assert not await run(scene.settings, JOBS, wait=False)
    assert bytes(await scene.value("SELECT content FROM message WHERE concluded_at IS NOT NULL")) == first
    assert len(stand_in.dossier(filed.number)["messages"]) == 1


async def test_a_job_that_fails_is_tried_again(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    # Not before it is made due: half a second may be over here before the queue is found empty.
    monkeypatch.setattr("frontoffice.worker.uniform", lambda _least, _most: 3600.0)

    async def fail_once(_resources: Resources, word: str) -> None:
        seen.append(word)
        if len(seen) == 1:
            raise RuntimeError("Kumar")

    jobs = (Job(name="test:fail", run=fail_once),)
    make_worker_queue(scene.settings, jobs, scene.resources)
    async with scene.session() as session:
        await defer(session, "test:fail", word="x")
    await run(scene.settings, jobs, wait=False)
    assert seen == ["x"]
    rows = await scene.sql("SELECT status::text, attempts FROM procrastinate_jobs WHERE task_name = 'test:fail'")
    assert [tuple(row) for row in rows] == [("todo", 1)]
    await scene.make_due()
    await run(scene.settings, jobs, wait=False)
    assert seen == ["x", "x"]


def test_a_log_line_is_json_and_never_tells_the_text_of_an_exception() -> None:
    try:
        raise ValueError("passport Z1234567\nof Kumar")
    except ValueError:
        record = logging.LogRecord("frontoffice", logging.ERROR, __file__, 1, "a job\nfailed", (), sys.exc_info())
    line = OneLine().format(record)
    assert "\n" not in line and "Kumar" not in line
    told = json.loads(line)
    assert (told["error"], told["message"]) == ("ValueError", "a job\nfailed")
    assert told["at"].rpartition("/")[2].startswith("test_worker.py:") and told["time"].endswith("+00:00")


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("postgresql+psycopg://a:b%20c@db.example:5433/x?sslmode=require", {"host": "db.example", "port": "5433", "user": "a", "password": "b c", "dbname": "x",
                                                                              "sslmode": "require"}),
        ("postgresql+psycopg://frontoffice_jobs@/x?host=%2Frun%2Fpostgres", {"host": "/run/postgres", "user": "frontoffice_jobs", "dbname": "x"}),
        ("postgresql+psycopg://u@/x?host=a:1&host=b:2", {"host": "a:1,b:2", "user": "u", "dbname": "x"}),
    ],
)
def test_the_queue_reaches_the_same_database(url: str, parts: dict[str, str]) -> None:
    assert psycopg.conninfo.conninfo_to_dict(conninfo_of(url)) == parts


async def test_a_worker_needs_the_signing_key(scene: Scene) -> None:
    worker = start(replace(scene.settings, signing_key_file=""))
    _nothing, log = worker.communicate(timeout=60)
    assert worker.returncode != 0 and "FRONTOFFICE_SIGNING_KEY_FILE" in log
