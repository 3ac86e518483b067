"""The job queue on our own database: jobs are queued inside the caller's transaction and carry identifiers only."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import procrastinate
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from frontoffice.settings import Settings


@dataclass(frozen=True)
class Resources:
    """What a job may use: the database, and the settings from which it makes its own clients."""

    engine: AsyncEngine
    settings: Settings


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
        arguments.pop("timestamp", None)
        await job.run(resources, **arguments)

    task = queue.task(name=job.name)(run)
    if job.every:
        queue.periodic(cron=job.every)(cast(Any, task))


async def defer(
    session: AsyncSession, name: str, *, lock: str | None = None, at: datetime | None = None, priority: int = 0, **arguments: str | int
) -> None:
    """Queue a job in the caller's transaction, to run `at` an instant or at once, those of a higher priority first.

    Raises TaskNotFound for an unknown name."""
    connection = (await (await session.connection()).get_raw_connection()).driver_connection
    job = _queue.configure_task(name, lock=lock, schedule_at=at, priority=priority, connection=connection, allow_unknown=False)
    await job.defer_async(**arguments)
