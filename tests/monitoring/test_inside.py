"""The internal address of real processes: it listens only where it is asked to, beside the portal and the worker, and tells no person."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from pathlib import Path

import httpx
import pytest

from frontoffice.settings import Settings
from tests.collecting import a_collector
from tests.engines import Engines
from tests.peers import Backbone
from tests.ports import own_port
from tests.scene import Scene
from tests.web import settings_for

FRONTOFFICE = [sys.executable, "-m", "tests.eager"]


@contextmanager
def running(settings: Settings, *arguments: object, ready: str) -> Iterator[subprocess.Popen[str]]:
    environment = {one.metadata["variable"]: getattr(settings, one.name) for one in fields(settings)}
    process = subprocess.Popen([*FRONTOFFICE, *map(str, arguments)], env={**os.environ, **environment}, cwd=Path(__file__).parents[2],
                               stderr=subprocess.PIPE, text=True)
    try:
        deadline = time.monotonic() + 120
        while not answers(ready):
            assert process.poll() is None and time.monotonic() < deadline, process.communicate()[1]
            time.sleep(0.1)
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
    assert process.returncode == 0


def answers(address: str) -> bool:
    try:
        return httpx.get(address, timeout=2).status_code < 500
    except httpx.TransportError:
        return False


def value(text: str, start: str) -> float:
    found = [line for line in text.splitlines() if line.startswith(start)]
    assert len(found) == 1, (start, found)
    return float(found[0].rpartition(" ")[2])


async def test_serve_tells_of_all_its_processes_and_keeps_the_portal_apart(scene: Scene, engines: Engines) -> None:
    portal, download, internal = own_port(), own_port(), own_port()
    inside, outside = f"http://127.0.0.1:{internal}", f"http://127.0.0.1:{portal}"
    settings = replace(settings_for(scene.database, engines), public_url=outside, public_jwks_file=scene.settings.public_jwks_file)
    with running(settings, "serve", "--port", portal, "--download-port", download, "--workers", 2, "--internal-port", internal, ready=f"{inside}/health/ready"):
        for _one in range(12):  # A connection each, so that both processes answer some.
            assert httpx.get(f"{outside}/en/", timeout=60).status_code == 200
        assert httpx.get(f"{outside}/en/dossiers/Rajesh-Kumar", timeout=60).status_code == 303
        assert httpx.request("PROPFIND", f"{outside}/en/kumar", timeout=60).status_code >= 400
        assert httpx.get(f"{outside}/metrics", follow_redirects=True, timeout=60).status_code == 404
        assert httpx.get(f"{inside}/en/", timeout=60).status_code == httpx.get(f"{inside}/", timeout=60).status_code == 404
        # A process counts a request when its answer is gone.
        deadline = time.monotonic() + 60
        while 'route="home",status="2xx"} 12.0' not in httpx.get(f"{inside}/metrics", timeout=60).text:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        told = [httpx.get(f"{inside}/metrics", timeout=60) for _one in range(4)]
        for one in told:
            assert one.headers["content-type"].startswith("text/plain; version=0.0.4")
            assert value(one.text, 'frontoffice_http_request_duration_seconds_count{method="GET",route="home",status="2xx"}') == 12
            assert value(one.text, "frontoffice_figures_known") == value(one.text, 'frontoffice_part_up{part="database"}') == 1
            assert not re.search("kumar|rajesh", one.text, re.IGNORECASE)
        routes = set(re.findall(r'method="(\w+)",route="([\w-]+)"', told[0].text))
        assert ("other", "none") in routes and all(len(route) < 40 for _method, route in routes)
        assert httpx.get(f"{inside}/health/ready", timeout=60).json()["database"] == "UP"


async def test_a_worker_tells_of_its_jobs_and_sends_their_spans(scene: Scene, stand_in: Backbone) -> None:
    await scene.filed()
    inside = f"http://127.0.0.1:{(internal := own_port())}"
    with a_collector() as collector:
        settings = replace(scene.settings, otlp_endpoint=collector.address)
        with running(settings, "worker", "--internal-port", internal, ready=f"{inside}/health/ready"):
            deadline = time.monotonic() + 180
            while not re.search(r'frontoffice_hand_over_tries_total\{outcome="delivered"\} 1', text := httpx.get(f"{inside}/metrics", timeout=60).text):
                assert time.monotonic() < deadline
                time.sleep(0.2)
            while 'job="backbone:hand_over",le="+Inf",outcome="done"' not in (text := httpx.get(f"{inside}/metrics", timeout=60).text):
                assert time.monotonic() < deadline
                time.sleep(0.2)
        assert value(text, 'frontoffice_hand_over_tries_total{outcome="failed"}') == 0
        # What the queue held when the worker was told to end is sent before it ends.
        assert collector.services == {"frontoffice-worker"} and {"backbone:hand_over", "hand over"} <= {one.name for one in collector.spans}


@pytest.mark.parametrize("arguments", [("serve", "--port", "0", "--download-port", "8001", "--internal-port", "8001"),
                                       ("serve", "--port", "8001", "--download-port", "8002", "--internal-port", "8001", "--internal-host", "127.0.0.2")])
def test_two_addresses_never_share_a_port(arguments: tuple[str, ...]) -> None:
    done = subprocess.run([*FRONTOFFICE, *arguments], capture_output=True, text=True, cwd=Path(__file__).parents[2], check=False)
    assert done.returncode == 1 and "a port each" in done.stderr and "Traceback" not in done.stderr

