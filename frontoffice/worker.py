"""The job worker: runs the queue until it is told to end, and puts right what a killed worker left behind."""

import asyncio
import logging
import os
import re
import signal
import socket
import sys
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from random import uniform
from typing import Any, Final

import procrastinate
import uvloop
from procrastinate.jobs import Job as QueuedJob
from procrastinate.retry import BaseRetryStrategy, RetryDecision
from psycopg.conninfo import make_conninfo
from sqlalchemy.engine import make_url

from frontoffice.documents import cage
from frontoffice.jobs import JOBS
from frontoffice.kernel import tracing
from frontoffice.kernel.database import make_engine
from frontoffice.kernel.jobs import Job, Resources, make_queue
from frontoffice.kernel.logs import write_logs
from frontoffice.kernel.rendering import addresses
from frontoffice.kernel.time import now
from frontoffice.monitoring.inside import answering
from frontoffice.routes import ROUTES
from frontoffice.settings import MissingSettings, Settings

logger = logging.getLogger("frontoffice.worker")

_CONCURRENCY: Final = 10
_POLL_SECONDS: Final = 5.0
# A process that is told to end has ten seconds as a rule; what is still running then is tried again by another.
_SECONDS_TO_FINISH: Final = 5.0
# A database that went away first would keep the queue waiting for a connection: every job survives an end without farewell.
_SECONDS_AT_MOST: Final = 6.5
# Jobs may take longer than a page: a nightly one walks through everything.
_LIMITS: Final = "-c statement_timeout=60000 -c lock_timeout=5000 -c idle_in_transaction_session_timeout=60000"
_PAUSES: Final = (1, 5, 30, 300, 1800, 3600)
_MOST_TRIES: Final = 72
# Fifteen steps of niceness: no page waits for it, and on a machine that is busy with pages a thirtieth of it remains.
_POLITENESS: Final = 15
_KEEP_JOBS_HOURS: Final = 24 * 30


class _TryAgain(BaseRetryStrategy):
    """A job that failed without a plan of its own is tried again: within a second, then ever later, for about three days."""

    def __init__(self, longest_pause: int) -> None:
        self._pauses = [min(one, longest_pause) for one in _PAUSES]
        self._most_tries = _MOST_TRIES * _PAUSES[-1] // self._pauses[-1]

    def get_retry_decision(self, *, exception: BaseException, job: QueuedJob) -> RetryDecision | None:
        if job.attempts >= self._most_tries:
            return None
        pause = self._pauses[min(job.attempts, len(self._pauses) - 1)]
        return RetryDecision(retry_at=now() + timedelta(seconds=uniform(0.5, 1.0) * pause))  # noqa: S311 - spreads load


def conninfo_of(database_url: str) -> str:
    """What psycopg takes for SQLAlchemy's address of a database."""
    url = make_url(database_url)
    parts: dict[str, str | int | None] = {"host": url.host, "port": url.port, "user": url.username, "password": url.password, "dbname": url.database}
    parts |= {name: value if isinstance(value, str) else ",".join(value) for name, value in url.query.items()}
    return make_conninfo("", **{name: value for name, value in parts.items() if value})


def learn_addresses(routes: Iterable[Any]) -> None:
    """Teach this process the addresses of pages, for the links in mails: it serves none itself."""
    addresses.learn({one.name: re.sub(r"\{(\w+):\w+\}", r"{\1}", path) for one in routes if one.name for path in one.paths})


def make_worker_queue(settings: Settings, jobs: Iterable[Job], resources: Resources) -> procrastinate.App:
    """The queue that runs these jobs, each tried again when it fails, with the jobs that look after the queue itself."""
    connector = procrastinate.PsycopgConnector(conninfo=conninfo_of(settings.database_url), min_size=1, max_size=6, timeout=10)

    async def rescue(_resources: Resources) -> None:
        await retry_stalled(queue)

    async def tidy(_resources: Resources) -> None:
        await _tidy(queue)

    own = (Job(name="worker:rescue", run=rescue, every="* * * * *"), Job(name="worker:tidy", run=tidy, every="7 4 * * *"))
    every = (*jobs, *own)
    queue = make_queue(every, connector, resources)
    for one in every:
        queue.tasks[one.name].retry_strategy = _TryAgain(one.longest_pause)
    return queue


async def retry_stalled(queue: procrastinate.App) -> int:
    """Queue again the jobs whose worker has given no sign of life for 30 s; a killed worker leaves them running for ever."""
    stalled = list(await queue.job_manager.get_stalled_jobs())
    for one in stalled:
        await queue.job_manager.retry_job(one)
    if stalled:
        logger.warning("%d jobs of a worker that is gone are tried again", len(stalled))
    return len(stalled)


async def _tidy(queue: procrastinate.App) -> None:
    """Delete jobs that failed for good a month ago."""
    await queue.job_manager.delete_old_jobs(nb_hours=_KEEP_JOBS_HOURS, include_failed=True, include_cancelled=True)


async def run(settings: Settings, jobs: Iterable[Job], *, wait: bool = True, internal: socket.socket | None = None) -> bool:
    """Run jobs until a signal asks to end (True) or the queue gives up (False); without `wait`, until none is left.

    What those who run the service ask meanwhile is answered at the socket `internal`."""
    resources = Resources(make_engine(settings.database_url, pool_size=_CONCURRENCY, limits=_LIMITS), settings)
    queue = make_worker_queue(settings, jobs, resources)
    await cage.look()
    loop, asked = asyncio.get_running_loop(), asyncio.Event()
    last_resort: list[asyncio.TimerHandle] = []
    try:
        async with queue.open_async(), answering(settings, internal):
            work = asyncio.create_task(queue.run_worker_async(
                concurrency=_CONCURRENCY, wait=wait, fetch_job_polling_interval=_POLL_SECONDS, install_signal_handlers=False,
                shutdown_graceful_timeout=_SECONDS_TO_FINISH, delete_jobs="successful",
            ))

            def end() -> None:
                asked.set()
                work.cancel()
                last_resort.append(loop.call_later(_SECONDS_AT_MOST, os._exit, 0))

            for one in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(one, end)
            with suppress(asyncio.CancelledError):
                await work
    finally:
        await resources.at_end.aclose()
        await resources.engine.dispose()
        for timer in last_resort:
            timer.cancel()
    return asked.is_set()


def _stand_back() -> None:
    """Let those who wait for a page go first on a machine that serves pages too."""
    os.nice(_POLITENESS)
    # Linux may weigh sessions before the processes in them: a worker that leads its own would count as much as the server after all.
    if os.getsid(0) == os.getpid():
        with suppress(OSError):
            Path("/proc/self/autogroup").write_text(str(_POLITENESS), "ascii")


def main(internal: socket.socket | None = None) -> None:
    """Run the worker as a process of its own, with the settings that the environment holds; `internal` as in `run`."""
    write_logs()
    settings = Settings.from_environment()
    if not settings.signing_key_file:
        raise MissingSettings("These settings are missing: FRONTOFFICE_SIGNING_KEY_FILE")
    learn_addresses(ROUTES)
    tracing.send_spans(settings.otlp_endpoint, "frontoffice-worker")
    logger.info("started")
    _stand_back()
    ended_well = uvloop.run(run(settings, JOBS, internal=internal))
    tracing.stop_spans()
    logger.info("ended")
    if not ended_well:
        sys.exit(1)
