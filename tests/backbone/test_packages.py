"""Sealed packages: what the portal seals the receiver can open, check and answer; whatever is wrong with one, nothing is believed."""

import asyncio
import io
import json
import subprocess
import sys
import time
import zipfile
from collections.abc import AsyncIterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pyrage
import pytest

from frontoffice.backbone import holding, packages
from frontoffice.backbone.envelope import RECEIPT_TYP
from frontoffice.backbone.holding import Said
from frontoffice.kernel.errors import Conflict, NotFound
from frontoffice.kernel.jobs import Resources
from frontoffice.kernel.keys import RemoteKeys
from frontoffice.kernel.tokens import Use, new_key, sign
from frontoffice.local import backbone_package
from frontoffice.local.backbone_package import NotOpened
from tests.filing import EMPLOYER_DOCUMENTS, WORKER_DOCUMENTS
from tests.peers import Backbone
from tests.scene import Filed, Scene

WHY = Said(reason="The line is cut", by="ticket 7")


@pytest.fixture
def identity(tmp_path: Path) -> Path:
    """An age identity as age-keygen writes it; its recipient is in the first line."""
    key, file = pyrage.x25519.Identity.generate(), tmp_path / "identity.txt"
    file.write_text(f"# public key: {key.to_public()}\n{key}\n")
    return file


def recipient(identity: Path) -> str:
    return identity.read_text().splitlines()[0].removeprefix("# public key: ")


def opened(package: Path, identity: Path) -> zipfile.ZipFile:
    key = pyrage.x25519.Identity.from_str(identity.read_text().splitlines()[1])
    return zipfile.ZipFile(io.BytesIO(pyrage.decrypt(package.read_bytes(), [key])))


@pytest.fixture
async def cut(scene: Scene) -> AsyncIterator[Resources]:
    """The same portal, its line to the backbone cut."""
    resources = Resources(scene.resources.engine, replace(scene.settings, backbone_url="http://127.0.0.1:9"))
    yield resources
    await resources.at_end.aclose()


async def sealed(cut: Resources, filed: Filed, identity: Path, folder: Path, name: str = "package.zip.age") -> packages.Package:
    return await packages.seal(cut, filed.number, recipient=recipient(identity), out=folder / name, said=WHY)


async def verify(text: str, use: Use, *, address: str = "") -> Any:
    async with httpx.AsyncClient(timeout=60) as client:
        return await RemoteKeys(address, name="backbone").verify(client, text, use)


async def conclude(scene: Scene, filed: Filed, receipts: list[str]) -> int:
    def with_keys(text: str, use: Use) -> Any:
        return verify(text, use, address=scene.settings.backbone_jwks_url)

    return await packages.conclude(scene.resources, filed.number, receipts, verify=with_keys, said=WHY)


async def taken_in(package: packages.Package, identity: Path, backbone: Backbone) -> list[str]:
    return await asyncio.to_thread(backbone_package.take_in, package.path, identity, backbone.address)


async def test_a_package_goes_round_and_the_usual_path_finds_it_known(scene: Scene, cut: Resources, stand_in: Backbone, identity: Path, tmp_path: Path) -> None:
    filed = await scene.filed()
    made = await sealed(cut, filed, identity, tmp_path)
    assert (made.messages, made.documents) == (1, 9) and made.sha256 == sha256(made.path.read_bytes()).hexdigest()
    assert made.path.stat().st_mode & 0o777 == 0o600
    stored = bytes(await scene.value("SELECT content FROM message"))
    with opened(made.path, identity) as whole:
        names = whole.namelist()
        assert names[0] == "README.txt" and filed.number in whole.read("README.txt").decode()
        assert whole.read(names[1]) == stored
        assert all(sha256(whole.read(one)).hexdigest() == one.removeprefix("documents/") for one in names[2:]) and len(names) == 11
    receipts = await taken_in(made, identity, stand_in)
    assert await scene.value("SELECT concluded_at IS NULL FROM message")
    assert await conclude(scene, filed, receipts) == 1
    assert await scene.value("SELECT receipt FROM message WHERE concluded_at IS NOT NULL") == receipts[0]
    assert await scene.value("SELECT confirmed_at IS NOT NULL FROM dossier")
    assert await scene.value("SELECT count(*) FROM document WHERE handed_over_at IS NULL") == 0
    await scene.run("backbone:hand_over")
    there = stand_in.dossier(filed.number)
    assert [one["sha256"] for one in there["messages"]] == [sha256(stored).hexdigest()] and all(one["complete"] for one in there["documents"])
    assert [row[0] for row in await scene.sql("SELECT kind FROM hand_over_act ORDER BY acted_at")] == ["package", "conclude"]


async def test_what_was_packed_and_is_sent_too_has_one_effect(scene: Scene, cut: Resources, stand_in: Backbone, identity: Path, tmp_path: Path) -> None:
    filed = await scene.filed()
    made = await sealed(cut, filed, identity, tmp_path)
    await scene.make_due()
    await scene.run("backbone:hand_over")
    assert await scene.value("SELECT concluded_at IS NOT NULL FROM message")
    receipts = await taken_in(made, identity, stand_in)
    assert len(stand_in.dossier(filed.number)["messages"]) == 1
    with pytest.raises(Conflict, match="does not wait"):
        await conclude(scene, filed, receipts)


async def test_a_held_dossier_goes_into_a_package_and_so_does_one_while_sending_is_stopped(scene: Scene, cut: Resources, identity: Path, tmp_path: Path) -> None:
    filed = await scene.filed()
    async with scene.session() as session:
        await holding.hold(session, filed.number, WHY)
        await holding.stop(session, WHY)
    await scene.run("backbone:hand_over")
    assert (await sealed(cut, filed, identity, tmp_path)).messages == 1


async def test_several_messages_travel_in_their_order(scene: Scene, cut: Resources, stand_in: Backbone, identity: Path, tmp_path: Path) -> None:
    filed, region = await scene.filed(), await scene.official("flanders")
    await scene.take(filed.id, "take-up", region)
    await scene.take(filed.id, "admit", region)
    await scene.drop_queue()
    made = await sealed(cut, filed, identity, tmp_path)
    receipts = await taken_in(made, identity, stand_in)
    assert made.messages == 2 and [one["action"] for one in stand_in.dossier(filed.number)["messages"]] == ["submit", "admit"]
    assert await conclude(scene, filed, receipts) == 2
    assert await scene.value("SELECT count(*) FROM message WHERE concluded_at IS NULL") == 0


async def test_many_and_big_documents_are_streamed(scene: Scene, cut: Resources, stand_in: Backbone, identity: Path, tmp_path: Path) -> None:
    employer = await scene.employer()
    key = await scene.draft(employer)
    for code in (*EMPLOYER_DOCUMENTS, *WORKER_DOCUMENTS):
        await scene.document(key, employer, code)
    for place in range(30):
        await scene.document(key, employer, "other", content=b"%PDF-1.4\n" + bytes([place]) * 200_000)
    await scene.document(key, employer, "other", content=b"%PDF-1.4\n" + uuid4().bytes * 2_500_000)
    await scene.take(key, "declare-consent", employer)
    await scene.take(key, "submit", employer)
    filed = Filed(key, await scene.value("SELECT number FROM dossier"))
    made = await sealed(cut, filed, identity, tmp_path)
    assert made.documents == 40 and made.path.stat().st_size > 46_000_000
    receipts = await taken_in(made, identity, stand_in)
    assert all(one["complete"] for one in stand_in.dossier(filed.number)["documents"])
    assert await conclude(scene, filed, receipts) == 1


@pytest.mark.parametrize("case, says", [
    ("nobody", "age recipient"), ("there", "of this name"), ("nothing waits", "Nothing waits"), ("lost", "cannot be read"), ("changed", "cannot be read"),
    ("checked", "still being checked"), ("unknown", ""),
])
async def test_what_cannot_be_packed_leaves_no_file_and_no_act(scene: Scene, cut: Resources, identity: Path, tmp_path: Path, case: str, says: str) -> None:
    filed, out = await scene.filed(), tmp_path / "out"
    out.mkdir()
    document = await scene.value("SELECT id FROM document ORDER BY given_at LIMIT 1")
    if case == "there":
        (out / "package.zip.age").write_text("mine")
    elif case == "nothing waits":
        await scene.run("backbone:hand_over")
    elif case == "lost":
        await scene.storage.delete(scene.storage.clean, str(document))
    elif case == "changed":
        await scene.sql("UPDATE document SET sha256 = :hash WHERE id = :key", hash="0" * 64, key=document)
    elif case == "checked":
        await scene.sql("UPDATE document SET state = 'received' WHERE id = :key", key=document)
    wanted = "age1nobody" if case == "nobody" else recipient(identity)
    with pytest.raises(NotFound if case == "unknown" else Conflict, match=says or None):
        await packages.seal(cut, "SP-2026-0000000-0" if case == "unknown" else filed.number, recipient=wanted, out=out / "package.zip.age", said=WHY)
    assert [one.read_text() for one in out.iterdir()] == (["mine"] if case == "there" else [])
    assert await scene.value("SELECT count(*) FROM hand_over_act") == 0


async def test_a_full_disk_says_so_and_leaves_nothing(scene: Scene, cut: Resources, identity: Path, tmp_path: Path) -> None:
    filed = await scene.filed()
    with pytest.raises(OSError):
        await packages.seal(cut, filed.number, recipient=recipient(identity), out=tmp_path / "absent" / "package", said=WHY)
    assert await scene.value("SELECT count(*) FROM hand_over_act") == 0


async def test_only_a_receipt_that_proves_everything_concludes(scene: Scene, cut: Resources, stand_in: Backbone, identity: Path, tmp_path: Path) -> None:
    filed, other = await scene.filed(), await scene.filed()
    made = await sealed(cut, filed, identity, tmp_path)
    foreign = await taken_in(await sealed(cut, other, identity, tmp_path, "other.zip.age"), identity, stand_in)
    (good,) = await taken_in(made, identity, stand_in)
    with opened(made.path, identity) as whole:
        message = whole.read(whole.namelist()[1])
    mine = json.loads((stand_in.folder / "key.json").read_text())
    claims = {"iss": stand_in.address, "aud": stand_in.portal.address, "iat": int(time.time()), "jti": str(uuid4()), "outcome": "accepted",
              "message_sha256": sha256(message).hexdigest(), "missing": []}
    bad = {
        "nothing": "", "not a token": "x.y.z", "another's key": sign(claims, new_key(), RECEIPT_TYP), "our own key": sign(claims, stand_in.portal.key, RECEIPT_TYP),
        "other kind": sign(claims, mine, "permit-window-document-receipt+jwt"), "for another portal": sign({**claims, "aud": "https://else.example"}, mine, RECEIPT_TYP),
        "other bytes": sign({**claims, "message_sha256": "0" * 64}, mine, RECEIPT_TYP), "documents missing": sign({**claims, "missing": ["0" * 64]}, mine, RECEIPT_TYP),
        "against the contract": sign({**claims, "outcome": "maybe"}, mine, RECEIPT_TYP), "another dossier": foreign[0],
    }
    for case, receipt in bad.items():
        for receipts in ([receipt], [good, receipt]) if receipt else ([],):
            with pytest.raises(Conflict):
                await conclude(scene, filed, receipts)
                pytest.fail(case)
    assert await scene.value("SELECT count(*) FROM message WHERE concluded_at IS NOT NULL") == 0
    assert await conclude(scene, filed, [good, good]) == 1


def a_package(folder: Path, identity: Path, entries: list[tuple[str, bytes]], compression: int = zipfile.ZIP_STORED) -> Path:
    plain = io.BytesIO()
    with zipfile.ZipFile(plain, "w", compression) as whole:
        for name, content in entries:
            whole.writestr(name, content)
    package = folder / "hostile.zip.age"
    package.write_bytes(pyrage.encrypt(plain.getvalue(), [pyrage.x25519.Recipient.from_str(recipient(identity))]))
    return package


EVENT = str(uuid4())


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("case, entries", [
    ("nothing in it", []), ("a way out", [("../../etc/passwd", b"x")]), ("an absolute way", [("/tmp/x", b"x")]), ("another folder", [("messages/x/y", b"x")]),
    ("a name that is no hash", [("documents/x", b"x")]), ("two of one name", [(f"messages/0001-{EVENT}.jws", b"x")] * 2),
    ("a message too long", [(f"messages/0001-{EVENT}.jws", b"x" * (1024 * 1024 + 1))]), ("no signature", [(f"messages/0001-{EVENT}.jws", b"x.y.z")]),
    ("no message at all", [("README.txt", b"x")]),
])
def test_the_receiver_takes_nothing_that_is_not_a_package(stand_in: Backbone, identity: Path, tmp_path: Path, case: str, entries: list[tuple[str, bytes]]) -> None:
    with pytest.raises(NotOpened):
        backbone_package.take_in(a_package(tmp_path, identity, entries), identity, stand_in.address)


def test_a_zip_bomb_a_foreign_key_and_half_a_file_are_refused(stand_in: Backbone, identity: Path, tmp_path: Path) -> None:
    bomb = a_package(tmp_path, identity, [(f"messages/0001-{EVENT}.jws", b"0" * 50_000_000)], zipfile.ZIP_DEFLATED)
    stranger = tmp_path / "stranger.txt"
    stranger.write_text(f"{pyrage.x25519.Identity.generate()}\n")
    half = tmp_path / "half"
    half.write_bytes(bomb.read_bytes()[:-100])
    for package, key in ((bomb, identity), (bomb, stranger), (half, identity)):
        with pytest.raises(NotOpened):
            backbone_package.take_in(package, key, stand_in.address)


async def test_a_package_whose_document_was_changed_on_the_way_is_not_believed(scene: Scene, cut: Resources, stand_in: Backbone, identity: Path, tmp_path: Path) -> None:
    filed = await scene.filed()
    made = await sealed(cut, filed, identity, tmp_path)
    with opened(made.path, identity) as whole:
        entries = [(one, whole.read(one)) for one in whole.namelist()]
    spoilt = [(name, content[:-1] + b"!" if name.startswith("documents/") else content) for name, content in entries]
    for hostile in (spoilt, [one for one in entries if not one[0].startswith("documents/")]):
        with pytest.raises(NotOpened, match="document"):
            await asyncio.to_thread(backbone_package.take_in, a_package(tmp_path, identity, hostile), identity, stand_in.address)
    assert not any(one["complete"] for one in stand_in.dossier(filed.number)["documents"])


async def test_the_receiver_is_a_command_too(scene: Scene, cut: Resources, stand_in: Backbone, identity: Path, tmp_path: Path) -> None:
    filed = await scene.filed()
    made, receipts = await sealed(cut, filed, identity, tmp_path), tmp_path / "receipts.txt"
    command = [sys.executable, "-m", "frontoffice.local.backbone_package", "--identity", str(identity), "--address", stand_in.address, "--receipts", str(receipts)]
    done = await asyncio.to_thread(subprocess.run, [*command, "--package", str(made.path)], capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 0, done.stderr
    assert await conclude(scene, filed, receipts.read_text().split()) == 1
    done = await asyncio.to_thread(subprocess.run, [*command, "--package", str(identity)], capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 1 and "Traceback" not in done.stderr
