"""`frontoffice serve` and `frontoffice worker`: the processes of the product, and the internal address of each."""

import argparse
import asyncio
import functools
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, cast

_Receive = Callable[[], Awaitable[Any]]
_Send = Callable[[Any], Awaitable[None]]
_App = Callable[[Any, Any, Any], Awaitable[None]]


def add_to(commands: Any) -> None:
    """Add both commands to those of `frontoffice`."""
    serve = commands.add_parser("serve", help="the web server; run as many as you like")
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
    serve.add_argument("--port", type=int, default=8000, help="of the portal (default: 8000)")
    serve.add_argument("--download-port", type=int, default=8001, help="of the downloads (default: 8001)")
    serve.add_argument("--workers", type=int, default=1, help="processes (default: 1)")
    serve.add_argument("--trusted-proxy", metavar="ADDRESS", help="whose X-Forwarded headers count (default: nobody's)")
    serve.set_defaults(run=_serve)
    worker = commands.add_parser("worker", help="the job worker; run as many as you like")
    worker.set_defaults(run=_worker)
    for one in (serve, worker):
        one.add_argument("--internal-port", type=int, default=0, help="of /metrics for Prometheus and /health/ready (default: nothing listens)")
        one.add_argument("--internal-host", default="127.0.0.1", help="its address, which nobody outside may reach (default: 127.0.0.1)")


def _serve(arguments: argparse.Namespace) -> None:
    ports = [arguments.port, arguments.download_port]
    if arguments.internal_port:
        ports.append(arguments.internal_port)
    wanted = [one for one in ports if one]
    if len(set(wanted)) < len(wanted):
        sys.exit("The portal, the downloads and the internal address need a port each.")
    hosts = (arguments.host, arguments.host, arguments.internal_host)
    sockets = [listening(host, port) for host, port in zip(hosts, ports, strict=False)]
    folder = ""
    if arguments.internal_port and arguments.workers > 1:
        # Several processes keep their counts in one folder, so that whichever is asked answers for all.
        folder = os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="frontoffice-counts-")
    try:
        _run(arguments, sockets, functools.partial(all_apps, arguments.download_port, arguments.internal_port, folder))
    finally:
        if folder:
            shutil.rmtree(folder, ignore_errors=True)


def _run(arguments: argparse.Namespace, sockets: list[socket.socket], factory: Callable[[], _App]) -> None:
    import uvicorn
    from uvicorn.supervisors import Multiprocess

    config = uvicorn.Config(
        factory, factory=True, workers=arguments.workers,
        # The address of a page names a dossier, so requests are not logged (rule 40).
        access_log=False, log_config=None, server_header=False, timeout_graceful_shutdown=5,
        # A machine that is busy keeps a new process from answering for longer than five seconds: it would be ended and begun for ever.
        timeout_worker_healthcheck=30,
        proxy_headers=bool(arguments.trusted_proxy), forwarded_allow_ips=arguments.trusted_proxy or None,
    )
    if arguments.workers > 1:
        Multiprocess(config, sockets=sockets).run()
        return
    server = uvicorn.Server(config)
    server.run(sockets)
    if not server.started:
        sys.exit(3)


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens there; ends the program with a line that says why when it cannot."""
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=2048)
    except OSError as problem:
        sys.exit(f"Cannot listen at {host}, port {port}: {problem.strerror}")


def all_apps(download_port: int, internal_port: int, folder: str) -> _App:
    """The portal, the downloads and the internal address in one process, each on its port (rules 29 and 45 of the security notes)."""
    from frontoffice.app import create_apps_from_environment
    from frontoffice.kernel import tracing
    from frontoffice.kernel.logs import write_logs
    from frontoffice.kernel.memory import give_back

    write_logs()
    give_back()
    portal, downloads = create_apps_from_environment()
    tracing.send_spans(portal.settings.otlp_endpoint, "frontoffice-serve")
    apps: dict[int, _App] = {download_port: downloads}
    if internal_port:
        from frontoffice.monitoring.inside import create_internal_app

        apps[internal_port] = create_internal_app(portal.settings, cast(Any, portal.app).state.storage, folder)

    async def route(scope: Any, receive: _Receive, send: _Send) -> None:
        if scope["type"] == "lifespan":
            await _live((portal, *apps.values()), receive, send, tracing.stop_spans)
            return
        # The port that the connection reached, not what the Host header claims.
        server = scope.get("server")
        await apps.get(server[1] if server else 0, portal)(scope, receive, send)

    return route


async def _live(apps: Sequence[_App], receive: _Receive, send: _Send, last: Callable[[], None]) -> None:
    """Start the apps and end them, as the ASGI lifespan protocol asks; `last` is done when all of them have ended."""
    await receive()
    try:
        async with AsyncExitStack() as stack:
            stack.push_async_callback(asyncio.to_thread, last)
            for app in apps:
                await stack.enter_async_context(_alive(app))
            await send({"type": "lifespan.startup.complete"})
            await receive()
    except RuntimeError as error:
        await send({"type": "lifespan.startup.failed", "message": str(error)})
        return
    await send({"type": "lifespan.shutdown.complete"})


@asynccontextmanager
async def _alive(app: _App) -> AsyncIterator[None]:
    """Lead one app through its life; raises RuntimeError when it does not start."""
    asked: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    told: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
    life = asyncio.ensure_future(app(scope, asked.get, told.put))
    await asked.put({"type": "lifespan.startup"})
    answer = await told.get()
    if answer["type"] != "lifespan.startup.complete":
        await asyncio.wait([life])
        raise RuntimeError(answer.get("message", ""))
    yield
    await asked.put({"type": "lifespan.shutdown"})
    await life


def _worker(arguments: argparse.Namespace) -> None:
    from frontoffice.worker import main as work

    work(listening(arguments.internal_host, arguments.internal_port) if arguments.internal_port else None)
