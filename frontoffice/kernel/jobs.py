"""The job queue on our own database: jobs are queued inside the caller's transaction and carry identifiers only."""

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, cast

import procrastinate
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from frontoffice.kernel import metrics, tracing
from frontoffice.kernel.logs import about_job
from frontoffice.settings import Settings

# With its identifiers a job carries the place in the trace where it was queued, under the name of the W3C header.
TRACEPARENT: Final = "traceparent"
_DEFER_MANY: Final = text(
    "SELECT procrastinate_defer_jobs_v1(array_agg(CAST(ROW(:queue, :name, :priority, job.lock, NULL, CAST(job.about AS jsonb), NULL)"
    " AS procrastinate_job_to_defer_v1))) FROM unnest(CAST(:locks AS text[]), CAST(:about AS text[])) AS job(lock, about)"
)


@dataclass(frozen=True)
class Resources:
    """What a job may use: the database, and the settings from which it makes its own clients; what it keeps open is closed `at_end`."""

    engine: AsyncEngine
    settings: Settings
    at_end: AsyncExitStack = field(default_factory=AsyncExitStack, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class Job:
    """A job that this program knows; `every` is a cron line for those that the clock starts.

    One that failed is tried again ever later, but never more than `longest_pause` seconds later: short where somebody waits for it."""

    name: str
    run: Callable[..., Awaitable[object]]
    every: str | None = None
    longest_pause: int = 3600


# Configured by create_app and by the worker; a name that is not listed there raises TaskNotFound.
_queue = procrastinate.App(connector=procrastinate.PsycopgConnector())


def make_queue(jobs: Iterable[Job], connector: procrastinate.PsycopgConnector, resources: Resources) -> procrastinate.App:
    """A queue that can run these jobs and defer them."""
    global _queue
    queue = procrastinate.App(connector=connector)
    for job in jobs:
        _add(queue, job, resources)
    _queue = queue
    return queue


def make_queue_for_deferring(names: Iterable[str]) -> None:
    """Let this process queue the jobs of these names; it runs none of them."""
    global _queue
    queue = procrastinate.App(connector=procrastinate.PsycopgConnector())
    for name in names:
        queue.task(name=name)(_not_here)
    _queue = queue


async def _not_here(**_arguments: object) -> None:
    raise RuntimeError("this process queues jobs, it does not run them")


def _add(queue: procrastinate.App, job: Job, resources: Resources) -> None:
    async def run(**arguments: object) -> None:
        await work(job, resources, arguments)

    task = queue.task(name=job.name)(run)
    if job.every:
        queue.periodic(cron=job.every)(cast(Any, task))


async def work(job: Job, resources: Resources, arguments: Mapping[str, object]) -> None:
    """Do one queued job as a part of the trace that it was queued in; it is measured, and its log lines name it."""
    about = {name: value for name, value in arguments.items() if name not in (TRACEPARENT, "timestamp")}
    parent, told = str(arguments.get(TRACEPARENT, "")), {f"job.{name}": str(value) for name, value in about.items()}
    with tracing.span(job.name, "consumer", parent=parent, **told), about_job(job.name, about), metrics.job(job.name):
        await job.run(resources, **about)


async def defer(
    session: AsyncSession, name: str, *, lock: str | None = None, at: datetime | None = None, priority: int = 0, **arguments: str | int
) -> None:
    """Queue a job in the caller's transaction, to run `at` an instant or at once, those of a higher priority first.

    Raises TaskNotFound for an unknown name."""
    connection = (await (await session.connection()).get_raw_connection()).driver_connection
    job = _queue.configure_task(name, lock=lock, schedule_at=at, priority=priority, connection=connection, allow_unknown=False)
    await job.defer_async(**arguments, **_place())


def _place() -> dict[str, str]:
    """The argument that a job carries beside its own, when it is queued by a request or another job."""
    parent = tracing.traceparent()
    return {TRACEPARENT: parent} if parent else {}


async def defer_many(session: AsyncSession, name: str, jobs: Iterable[tuple[str, Mapping[str, str | int]]], *, priority: int = 0) -> None:
    """Queue jobs of one name, each with its lock and its identifiers, in one statement; raises TaskNotFound for an unknown name."""
    given = list(jobs)
    queue = _queue.configure_task(name, allow_unknown=False).job.queue
    locks, about = [lock for lock, _about in given], [json.dumps({**about, **_place()}) for _lock, about in given]
    values = {"queue": queue, "name": name, "priority": priority, "locks": locks, "about": about}
    await session.execute(_DEFER_MANY, values)
