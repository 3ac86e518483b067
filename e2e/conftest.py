"""The whole service, started as a newcomer starts it, and a real Chromium in front of it."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from playwright.sync_api import Browser, StorageState, expect, sync_playwright

from e2e.pages import Visitor
from frontoffice.local.files import socket_folder
from frontoffice.local.ports import free_port
from frontoffice.local.postgres import JOBS, Cluster

_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
_CHROMIUM = "/usr/bin/chromium"
# A machine that is busy with all of this at once is slow: whoever waits for a page here waits long enough for that.
_PATIENCE_MS = 45_000
_PATIENCE_SECONDS = 60
PHONE, DESK = (320, 640), (1280, 900)
expect.set_options(timeout=_PATIENCE_MS)


@dataclass(frozen=True)
class Service:
    """Where the parts of the service answer; as the ready file says."""

    portal: str
    mail: str
    backbone: str
    folder: Path
    people: list[dict[str, str]]
    database: str = ""

    def login(self, name: str) -> tuple[str, str]:
        """The provider and login of a sample person."""
        found = next(one for one in self.people if one["name"] == name)
        return found["provider"], found["login"]

    def books(self) -> list[dict[str, Any]]:
        """What the backbone has of each dossier."""
        dossiers: list[dict[str, Any]] = asked(f"{self.backbone}/books")["dossiers"]
        return dossiers

    def message(self, jti: str) -> dict[str, Any]:
        """The content of one message that the backbone received."""
        claims: dict[str, Any] = asked(f"{self.backbone}/books/messages/{jti}")
        return claims


def asked(address: str) -> Any:
    """What a part of the service answers as JSON; the part may be slow, as everything may."""
    return httpx.get(address, timeout=_PATIENCE_SECONDS).raise_for_status().json()


@pytest.fixture(scope="session")
def service(request: pytest.FixtureRequest) -> Iterator[Service]:
    """One service for all journeys, in a folder of its own; it stays after a failure, with all its logs."""
    # Not below pytest's folder: each session of pytest that begins shuts that one to the system users that database and scanner run as.
    folder = Path(tempfile.mkdtemp(prefix="frontoffice-journeys-"))
    ready = folder / "ready.json"
    command = [str(Path(sys.executable).parent / "frontoffice"), "local", "--port", str(free_port()), "--folder", str(folder / "state"), "--ready-file", str(ready)]
    with (folder / "output.log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ})
    try:
        until = time.monotonic() + 300
        while not ready.exists():
            assert process.poll() is None and time.monotonic() < until, (folder / "output.log").read_text()
            time.sleep(0.2)
        facts: dict[str, Any] = json.loads(ready.read_text())
        cluster = Cluster(data=folder / "state" / "postgres", sockets=socket_folder(folder / "state") / "postgres")
        yield Service(facts["portal"], facts["mail"], facts["backbone"], folder / "state", facts["people"], cluster.url(JOBS))
    finally:
        process.terminate()
        # Each part has ten seconds for an orderly end, one after the other.
        process.wait(timeout=180)
        if not request.session.testsfailed:
            shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(autouse=True)
def forgotten_tries(service: Service) -> None:
    """All people of all journeys sit behind one address: each journey starts with no tries counted (rule 43)."""
    with psycopg.connect(service.database) as connection:
        connection.execute("DELETE FROM rate")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser; each person gets a context of his or her own in it."""
    with sync_playwright() as playwright:
        path = _CHROMIUM if os.path.exists(_CHROMIUM) else None
        browser = playwright.chromium.launch(executable_path=path, args=_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def visitor(service: Service, chromium: Browser) -> Iterator[Callable[..., Visitor]]:
    """Make a person at a screen: `visitor("de", script=False, size=PHONE)`; with the `state` of another's browser, already signed in."""
    made: list[Visitor] = []

    def make(language: str, *, script: bool = True, size: tuple[int, int] = DESK, proxy: str = "", state: StorageState | None = None) -> Visitor:
        context = chromium.new_context(
            viewport={"width": size[0], "height": size[1]}, base_url=service.portal, storage_state=state,
            proxy={"server": proxy} if proxy else None,
        )
        context.set_default_timeout(_PATIENCE_MS)
        one = Visitor(context, language, portal=service.portal, script=script)
        made.append(one)
        return one

    yield make
    for one in made:
        one.leave()
