"""The address for those who run the service: /metrics for Prometheus and /health/ready; it is never the portal's own."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import cast

import uvicorn
from litestar import Litestar, Response, get
from litestar.datastructures import State
from litestar.di import Provide

from frontoffice.kernel import metrics
from frontoffice.kernel.database import make_engine
from frontoffice.kernel.health import DOWN, UP, Checkup
from frontoffice.kernel.metrics import Gauge
from frontoffice.kernel.storage import Storage
from frontoffice.kernel.web import App
from frontoffice.monitoring.figures import Figures
from frontoffice.settings import Settings


@dataclass(frozen=True)
class Watch:
    """What is asked for the answers of one process; `folder` is where several web processes keep their counts together."""

    figures: Figures
    checkup: Checkup
    folder: str


@get("/metrics")
async def told(watch: Watch) -> Response[bytes]:
    """What was counted and timed, and how much waits, in the text format of Prometheus."""
    found = await watch.checkup.health()
    gauges = (*await watch.figures.gauges(), *_of_parts(found.parts))
    return Response(metrics.written(gauges, watch.folder), media_type=metrics.MEDIA_TYPE)


def _of_parts(parts: Mapping[str, str]) -> list[Gauge]:
    about = "1 while that part answers: the database, the storage of documents, the virus scanner."
    return [Gauge("frontoffice_part_up", about, float(state == UP), (("part", name),)) for name, state in parts.items()]


@get("/health/ready")
async def ready(watch: Watch) -> Response[dict[str, str]]:
    """UP or DEGRADED with 200, DOWN with 503, each part, and whether somebody stopped sending: that is no fault, so the status stays."""
    found = await watch.checkup.health()
    stopped = any(one.name.endswith("hand_over_stopped") and one.value for one in await watch.figures.gauges())
    parts = {**found.parts, "sending": "STOPPED"} if stopped else found.parts
    return Response({"status": found.status, **parts}, status_code=503 if found.status == DOWN else 200)


def create_internal_app(settings: Settings, storage: Storage | None = None, folder: str = "") -> App:
    """The application of the internal address, with a small pool of its own: one that is full must still be seen.

    `storage` is one that the process has already.
    """
    engine = make_engine(settings.database_url, pool_size=1)
    watch = Watch(Figures(engine), Checkup(engine, storage or Storage(settings), settings.clamav), folder)

    @asynccontextmanager
    async def life(_app: Litestar) -> AsyncIterator[None]:
        yield
        await engine.dispose()

    return cast(App, Litestar(
        [told, ready], dependencies={"watch": Provide(lambda: watch, sync_to_thread=False)}, lifespan=[life], state=State(),
        openapi_config=None, logging_config=None, signature_types=[Watch],
    ))


class _Guest(uvicorn.Server):
    """A server inside a process that has other work, and answers the signals itself."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def answering(settings: Settings, at: socket.socket | None) -> AsyncIterator[None]:
    """Answer at that socket while the work inside goes on; without one nothing listens."""
    if at is None:
        yield
        return
    config = uvicorn.Config(create_internal_app(settings), access_log=False, log_config=None, server_header=False, timeout_graceful_shutdown=1)
    server = _Guest(config)
    task = asyncio.create_task(server.serve([at]))
    try:
        yield
    finally:
        server.should_exit = True
        await asyncio.wait([task], timeout=2)
