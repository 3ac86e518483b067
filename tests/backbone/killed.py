"""A process that dies at one marked point of its work, as a machine does that loses its power."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from typing import Any, NoReturn
from uuid import UUID

from frontoffice.backbone import courier, delivery, dispatch, outbox
from frontoffice.dossiers import actions, consequences, queries
from frontoffice.kernel.database import make_engine, transaction
from frontoffice.kernel.jobs import make_queue_for_deferring
from frontoffice.parties.actor import Actor
from frontoffice.routes import QUEUED
from frontoffice.settings import Settings
from frontoffice.worker import run
from tests.scene import JOBS


def die(*_anything: Any, **_more: Any) -> NoReturn:
    """Nothing is cleaned up, nobody is told."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise SystemExit


def dying_after(function: Callable[..., Any], *, times: int = 1) -> Callable[..., Any]:
    """The function itself, and then the end, when it has been called so often."""
    left = times

    async def called(*given: Any, **more: Any) -> Any:
        nonlocal left
        found = await function(*given, **more)
        left -= 1
        if left == 0:
            die()
        return found

    return called


# Where a worker can be interrupted while it hands a dossier over: place, name there, what stands in for it.
POINTS: dict[str, tuple[Any, str, Callable[..., Any]]] = {
    "before the message is written": (dispatch, "compose", die),
    "before its bytes are stored": (outbox, "store", die),
    "after they are stored, before the commit": (outbox, "store", dying_after(outbox.store)),
    "before anything is sent": (courier.Courier, "bring", die),
    "after the answer, before it is read": (delivery, "answer", dying_after(delivery.answer)),
    "before the first document": (delivery, "_deliver_document", die),
    "after the third document": (delivery, "_deliver_document", dying_after(delivery._deliver_document, times=3)),
    "after everything is delivered": (outbox, "conclude", die),
    "after it is concluded, before the commit": (outbox, "conclude", dying_after(outbox.conclude)),
    "after the commit, before the queue knows": (dispatch, "_note", dying_after(dispatch._note)),
}
# The same for a web server that files.
FILING: dict[str, tuple[Any, str, Callable[..., Any]]] = {
    "after the number is taken": (consequences, "_file", dying_after(consequences._file)),
    "after the event is written": (actions, "_record", dying_after(actions._record)),
    "after the jobs are queued, before the commit": (actions, "perform", dying_after(actions.perform)),
}


async def file(settings: Settings, dossier: str, person: str, party: str) -> None:
    """File a dossier, as its page does."""
    make_queue_for_deferring({*QUEUED, *(job.name for job in JOBS)})
    actor = Actor(person_id=UUID(person), party_id=UUID(party), name="Katrien", party_name="Havenlogistiek", party_kind="enterprise", kind="enterprise")
    async with transaction(make_engine(settings.database_url)) as session:
        await actions.perform(session, await queries.dossier(session, actor, dossier, lock=True), "submit", actor)


def main(point: str, *about: str) -> None:
    """Do the work until the point is reached."""
    place, name, instead = {**POINTS, **FILING}[point]
    setattr(place, name, instead)
    settings = Settings.from_environment()
    asyncio.run(file(settings, *about) if about else run(settings, JOBS, wait=False))
    sys.exit("the point was not reached")


if __name__ == "__main__":
    main(*sys.argv[1:])
