"""`frontoffice hand-overs` as a process: what it prints, what it ends with, and that it does what the pages do."""

import asyncio
import json
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import httpx
import pyrage

from frontoffice.local import backbone_package
from tests.backbone.conftest import scene, stand_in
from tests.canaries import CANARIES
from tests.peers import Backbone
from tests.scene import Scene

WHY = ("--reason", "The line is cut", "--by", "ticket 7")


__all__ = ["scene", "stand_in"]


async def frontoffice(scene: Scene, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": "/usr/bin:/bin", **{one.metadata["variable"]: str(getattr(scene.settings, one.name)) for one in fields(scene.settings)}, **changes}
    done = await asyncio.to_thread(subprocess.run, [sys.executable, "-m", "frontoffice.cli", "hand-overs", *arguments], env=environment, capture_output=True,
                                   text=True, timeout=90, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    assert not any(one in (done.stdout + done.stderr).lower() for one in CANARIES)
    return done


async def late(scene: Scene, stand_in: Backbone) -> str:
    """The number of a dossier that has been waiting for twenty minutes."""
    filed = await scene.filed()
    stand_in.behave(fail="503", fail_times=1)
    await scene.run("backbone:hand_over")
    await scene.sql("UPDATE message SET created_at = now() - interval '20 minutes', next_try_at = now() + interval '1 hour'")
    return filed.number


async def test_an_operator_goes_from_status_to_done(scene: Scene, stand_in: Backbone) -> None:
    quiet = await frontoffice(scene, "status")
    assert quiet.returncode == 0 and "sending    on" in quiet.stdout
    number = await late(scene, stand_in)
    status = await frontoffice(scene, "status", "--json")
    assert status.returncode == 4 and json.loads(status.stdout)["late"] == 1
    listed = await frontoffice(scene, "list", "--json")
    (one,) = [json.loads(line) for line in listed.stdout.splitlines()]
    assert (one["number"], one["tries"], one["why"]) == (number, 1, "The backbone has a fault of its own (status-503).")
    assert (await frontoffice(scene, "retry", number.lower(), *WHY)).returncode == 0
    await scene.make_due()
    await scene.run("backbone:hand_over")
    shown = await frontoffice(scene, "show", number)
    assert "delivered" in shown.stdout and "retry by ticket 7: The line is cut" in shown.stdout
    assert (await frontoffice(scene, "status")).returncode == 0


async def test_hold_release_stop_and_start(scene: Scene, stand_in: Backbone) -> None:
    number = await late(scene, stand_in)
    assert (await frontoffice(scene, "hold", number, *WHY)).stdout == f"{number} is held\n"
    assert "HELD: The line is cut" in (await frontoffice(scene, "show", number)).stdout
    refused = await frontoffice(scene, "retry", number, *WHY)
    assert refused.returncode == 1 and "Release it first" in refused.stderr
    assert (await frontoffice(scene, "release", number, *WHY)).returncode == 0
    assert (await frontoffice(scene, "stop", *WHY)).returncode == 0
    status = await frontoffice(scene, "status")
    assert status.returncode == 4 and "stopped since" in status.stdout and "by ticket 7: The line is cut" in status.stdout
    assert (await frontoffice(scene, "start", *WHY)).returncode == 0
    again = await frontoffice(scene, "start", *WHY)
    assert again.returncode == 1 and "not stopped" in again.stderr


async def test_a_package_is_made_carried_and_concluded(scene: Scene, stand_in: Backbone, tmp_path: Path) -> None:
    number, identity, file = await late(scene, stand_in), tmp_path / "identity.txt", tmp_path / "package.zip.age"
    key = pyrage.x25519.Identity.generate()
    identity.write_text(f"{key}\n")
    cut = {"FRONTOFFICE_BACKBONE_URL": "http://127.0.0.1:9", "FRONTOFFICE_BACKBONE_JWKS_URL": "http://127.0.0.1:9/jwks"}
    made = await frontoffice(scene, "package", number, "--recipient", str(key.to_public()), "--out", str(file), "--json", *WHY, **cut)
    assert made.returncode == 0 and json.loads(made.stdout)["documents"] == 9
    receipts = tmp_path / "receipts.txt"
    receipts.write_text("\n".join(await asyncio.to_thread(backbone_package.take_in, file, identity, stand_in.address)))
    away = await frontoffice(scene, "conclude", number, "--receipt", str(receipts), *WHY, **cut)
    assert away.returncode == 1 and "Give them as a file" in away.stderr
    keys = tmp_path / "keys.json"
    keys.write_bytes(httpx.get(f"{stand_in.address}/.well-known/jwks.json", timeout=60).content)
    done = await frontoffice(scene, "conclude", number, "--receipt", str(receipts), "--keys", str(keys), *WHY, **cut)
    assert (done.returncode, done.stdout) == (0, f"{number}: 1 concluded\n"), done.stderr
    assert await scene.value("SELECT confirmed_at IS NOT NULL FROM dossier")


async def test_a_refusal_is_reviewed(scene: Scene) -> None:
    filed = await scene.filed()
    await scene.run("backbone:hand_over")
    await scene.sql("UPDATE message SET refused_at = now()")
    shown = json.loads((await frontoffice(scene, "show", filed.number, "--json")).stdout)
    assert (await frontoffice(scene, "list", "--part", "refused")).stdout.startswith(filed.number)
    assert (await frontoffice(scene, "review", filed.number, "--about", shown["sendings"][0]["event_id"], *WHY)).returncode == 0
    assert (await frontoffice(scene, "list", "--part", "refused")).stdout == ""


async def test_what_cannot_be_done_ends_with_its_code(scene: Scene, tmp_path: Path) -> None:
    unknown = "SP-2026-0000000-0"
    rows = [
        (("show", unknown), 1, "no such hand-over"), (("hold", unknown, *WHY), 1, "no such hand-over"), (("hold", unknown), 2, "--reason"), (("fly",), 2, "invalid choice"),
        (("package", unknown, "--recipient", "age1", "--out", str(tmp_path / "x"), *WHY), 1, "no age recipient"),
        (("conclude", unknown, "--receipt", str(tmp_path / "absent"), *WHY), 1, "No such file"),
    ]
    for arguments, code, says in rows:
        done = await frontoffice(scene, *arguments)
        assert (done.returncode, says in done.stderr) == (code, True), (arguments, done.stderr)
    away = await frontoffice(scene, "status", FRONTOFFICE_DATABASE_URL="postgresql+psycopg://frontoffice_jobs@127.0.0.1:9/none")
    assert away.returncode == 3 and "database does not answer" in away.stderr


async def test_the_role_of_the_web_may_not(scene: Scene) -> None:
    await scene.filed()
    for arguments in (("stop", *WHY), ("status",)):
        done = await frontoffice(scene, *arguments, FRONTOFFICE_DATABASE_URL=scene.database.web)
        assert done.returncode == 1
    assert await scene.value("SELECT count(*) FROM hand_over_act") == 0
