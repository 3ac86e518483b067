"""`frontoffice outages` as a process: what it prints, what it ends with, and what the worker finds to do."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import fields
from pathlib import Path
from uuid import uuid4

import pytest

from frontoffice.dossiers.outages import RELIEVE
from tests.engines import Database, Engines
from tests.scene import Scene, a_scene

BY = ("--by", "ticket 7")


@pytest.fixture
async def scene(fresh_database: Database, engines: Engines, tmp_path: Path) -> AsyncIterator[Scene]:
    async with a_scene(fresh_database, engines, tmp_path) as scene:
        yield scene


async def frontoffice(scene: Scene, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": "/usr/bin:/bin", **{one.metadata["variable"]: str(getattr(scene.settings, one.name)) for one in fields(scene.settings)}}
    done = await asyncio.to_thread(subprocess.run, [sys.executable, "-m", "frontoffice.cli", "outages", *arguments], env=environment, capture_output=True,
                                   text=True, timeout=90, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    return done


async def test_an_outage_from_its_begin_to_its_end(scene: Scene) -> None:
    begun = await frontoffice(scene, "record", "--affects", "sign-in", "--from", "2026-11-20T09:00", "--reason", "The provider did not answer.", *BY)
    assert begun.returncode == 0, begun.stderr
    first = begun.stdout.strip()
    listed = (await frontoffice(scene, "list")).stdout
    assert listed.splitlines() == [f"{first}  2026-11-20T09:00+01:00 – …  sign-in: The provider did not answer.  (recorded by ticket 7)"]
    second = (await frontoffice(scene, "end", first, "--until", "2026-11-20T10:30+00:00", *BY)).stdout.strip()
    assert "2026-11-20T09:00+01:00 – 2026-11-20T11:30+01:00  sign-in" in (await frontoffice(scene, "list")).stdout
    assert len(await scene.queued(RELIEVE)) == 2
    again = await frontoffice(scene, "end", first, "--until", "2026-11-20T12:00", *BY)
    assert again.returncode == 1 and "a later row took its place" in again.stderr
    assert (await frontoffice(scene, "withdraw", second, "--reason", "It was another portal.", *BY)).returncode == 0
    assert (await frontoffice(scene, "list")).stdout == ""
    assert await scene.value("SELECT count(*) FROM outage") == 3


@pytest.mark.parametrize(("arguments", "code", "told"), [
    (("record", "--affects", "coffee", "--from", "2026-11-20", "--reason", "x", *BY), 2, "invalid choice"),
    (("record", "--affects", "filing", "--from", "yesterday", "--reason", "x", *BY), 2, "invalid"),
    (("record", "--affects", "filing", "--from", "2026-11-20T10:00", "--until", "2026-11-20T09:00", "--reason", "x", *BY), 1, "ends after it began"),
    (("record", "--affects", "filing", "--from", "2026-11-20T10:00", "--reason", "x"), 2, "--by"),
    (("withdraw", str(uuid4()), "--reason", "x", *BY), 1, "No such outage"),
    (("withdraw", "7", "--reason", "x", *BY), 2, "invalid"),
])
async def test_what_is_wrong_is_said_in_a_line(scene: Scene, arguments: tuple[str, ...], code: int, told: str) -> None:
    done = await frontoffice(scene, *arguments)
    assert (done.returncode, told in done.stderr) == (code, True), done.stderr
    assert await scene.value("SELECT count(*) FROM outage") == 0
