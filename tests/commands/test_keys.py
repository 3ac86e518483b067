"""`frontoffice keys` from a shell: each step, what it refuses, and what it prints; never a secret."""

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from frontoffice.kernel.tokens import public_jwks
from tests.engines import Database, Engines
from tests.peers import Backbone, a_backbone, a_portal
from tests.scene import Scene, a_scene

HAND_OVER = "backbone:hand_over"


@pytest.fixture(scope="module")
def stand_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backbone]:
    with a_portal() as portal, a_backbone(tmp_path_factory.mktemp("backbone"), portal) as backbone:
        yield backbone


@pytest.fixture
async def scene(fresh_database: Database, engines: Engines, tmp_path: Path, stand_in: Backbone) -> AsyncIterator[Scene]:
    public = tmp_path / "public.json"
    public.write_text(json.dumps(public_jwks({"keys": [stand_in.portal.key]})))
    async with a_scene(fresh_database, engines, tmp_path, stand_in, public_jwks_file=str(public)) as scene:
        yield scene


def keys(scene: Scene, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    settings: Any = replace(scene.settings, **changes)
    environment = {one.metadata["variable"]: getattr(settings, one.name) for one in fields(settings)}
    done = subprocess.run([sys.executable, "-m", "frontoffice.cli", "keys", *arguments], env={**os.environ, **environment}, cwd=Path(__file__).parents[2],
                          capture_output=True, text=True, check=False)
    secrets = {one["d"] for one in json.loads(Path(scene.settings.signing_key_file).read_text())["keys"]}
    assert "Traceback" not in done.stderr and not [one for one in secrets if one in done.stdout + done.stderr]
    return done


async def test_a_change_of_keys_from_a_shell(scene: Scene, stand_in: Backbone) -> None:
    old = stand_in.portal.key["kid"]
    stand_in.behave(fail="503", fail_times=1)
    await scene.filed()
    await scene.run(HAND_OVER)
    assert keys(scene, "list").stdout == f"{old}  signs since an unknown time, 1 undelivered messages\n"
    made = keys(scene, "next")
    new = made.stdout.strip()
    assert made.returncode == 0 and len(new) == 43
    listed = keys(scene, "list").stdout.splitlines()
    assert len(listed) == 2 and listed[1].startswith(f"{new}  next, published 20") and listed[1].endswith("0 undelivered messages")
    early = keys(scene, "use", new)
    assert (early.returncode, early.stdout) == (1, "") and "Peers may not know" in early.stderr
    assert keys(scene, "use", new, "--now").returncode == 0
    assert keys(scene, "list").stdout.startswith(f"{new}  signs since 20")
    needed = keys(scene, "retire", old)
    assert needed.returncode == 1 and "1 messages that" in needed.stderr
    await scene.make_due()
    await scene.run(HAND_OVER)
    soon = keys(scene, "retire", old)
    assert soon.returncode == 1 and "signed until" in soon.stderr
    assert keys(scene, "retire", old, "--force").returncode == 0
    assert [line.split()[0] for line in keys(scene, "list").stdout.splitlines()] == [new]


async def test_what_cannot_be_done_is_said_in_a_line(scene: Scene) -> None:
    away = "postgresql+psycopg://nobody:@127.0.0.1:9/none"
    assert "database does not answer" in keys(scene, "list", database_url=away).stderr
    assert "database does not answer" in keys(scene, "retire", "x", database_url=away).stderr
    assert "holds no key x" in keys(scene, "retire", "x", "--force", database_url=away).stderr
    assert "FRONTOFFICE_SIGNING_KEY_FILE" in keys(scene, "list", signing_key_file="").stderr
    for done in (keys(scene, "use", "x"), keys(scene, "next", signing_key_file="/nowhere/at/all.json")):
        assert done.returncode == 1 and done.stdout == "" and len(done.stderr.splitlines()) == 1
