"""The manifest is checked with a public library and the published keys, and by our own command; nothing forged passes."""

import base64
import hashlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import KeySet

from frontoffice import cli
from frontoffice.documents import receipts
from frontoffice.documents.manifest import TYP, checked
from frontoffice.dossiers.filings import SEAL
from frontoffice.kernel.tokens import BadToken, new_key, public_jwks, sign
from frontoffice.routes import ROUTES
from frontoffice.worker import learn_addresses
from tests.engines import Database, Engines
from tests.filing import EMPLOYER_DOCUMENTS, WORKER_DOCUMENTS
from tests.scene import Scene, a_scene
from tests.storages import storage_as


@pytest.fixture
async def scene(fresh_database: Database, engines: Engines, tmp_path: Path) -> AsyncIterator[Scene]:
    learn_addresses(ROUTES)
    async with storage_as(engines, "worker"), a_scene(fresh_database, engines, tmp_path) as scene:
        yield scene


def published(scene: Scene) -> dict[str, Any]:
    return public_jwks(json.loads(Path(scene.settings.signing_key_file).read_text()))


async def test_a_public_library_checks_it_with_the_published_keys(scene: Scene) -> None:
    filed = await scene.filed()
    await scene.run(SEAL)
    content = await scene.value("SELECT content FROM manifest")
    found = jws.deserialize_compact(content, KeySet.import_key_set(published(scene)), algorithms=["ES256"])
    assert found.headers()["typ"] == TYP and found.headers()["kid"] == published(scene)["keys"][0]["kid"]
    claims = json.loads(found.payload)
    event = await scene.value("SELECT id FROM event WHERE action = 'submit'")
    assert (claims["iss"], claims["sub"], claims["txn"], claims["procedure"]) == (scene.settings.issuer, filed.number, str(event), "single-permit")
    rows = await scene.sql("SELECT id::text, requirement, sha256, size, media_type FROM document")
    assert {(one["id"], one["code"], one["sha256"], one["size"], one["media_type"]) for one in claims["documents"]} == {tuple(row) for row in rows}
    assert {one["code"] for one in claims["documents"]} == {*EMPLOYER_DOCUMENTS, *WORKER_DOCUMENTS}
    # File names may tell more than their owner wants everybody to know.
    assert ".pdf" not in found.payload.decode() and set(claims) == {"iss", "iat", "sub", "txn", "procedure", "edition", "filed_at", "documents"}


async def test_it_is_made_once(scene: Scene) -> None:
    filed = await scene.filed()
    event = str(await scene.value("SELECT event_id FROM filing"))
    await receipts.seal(scene.resources, event)
    first = await scene.value("SELECT content FROM manifest WHERE dossier_id = :id", id=filed.id)
    await receipts.seal(scene.resources, event)
    assert await scene.value("SELECT content FROM manifest") == first


CLAIMS = {
    "iss": "https://portal.example", "iat": 1_790_000_000, "sub": "SP-2026-0000123-C", "txn": "x", "procedure": "single-permit", "edition": "2026-11",
    "filed_at": "2026-11-21T13:02:00Z",
    "documents": [{"id": "1", "code": "contract", "sha256": hashlib.sha256(b"contract").hexdigest(), "size": 8, "media_type": "application/pdf", "given_at": ""},
                  {"id": "2", "code": "passport", "sha256": hashlib.sha256(b"passport").hexdigest(), "size": 8, "media_type": "application/pdf", "given_at": ""}],
}


@pytest.fixture
def key() -> dict[str, str]:
    return new_key()


def written(folder: Path, text: str, key: dict[str, str]) -> list[str]:
    (folder / "m.jws").write_text(text)
    (folder / "keys.json").write_text(json.dumps(public_jwks({"keys": [key]})))
    return ["check-manifest", str(folder / "m.jws"), "--keys", str(folder / "keys.json")]


def test_the_command_names_what_is_the_same_what_is_absent_and_what_is_not_in_the_list(tmp_path: Path, key: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    command = written(tmp_path, sign(CLAIMS, key, TYP) + "\n", key)
    cli.main(command)
    assert "The signature holds. https://portal.example says: SP-2026-0000123-C was filed at 2026-11-21T13:02:00Z with 2 documents." in capsys.readouterr().out
    folder = tmp_path / "files" / "below"
    folder.mkdir(parents=True)
    (folder / "any name.pdf").write_bytes(b"contract")
    cli.main([*command, "--documents", str(tmp_path / "files")])
    told = capsys.readouterr().out
    assert "the same: below/any name.pdf is contract" in told and "absent: passport" in told
    (folder / "changed.pdf").write_bytes(b"Passport")
    with pytest.raises(SystemExit) as ended:
        cli.main([*command, "--documents", str(tmp_path / "files")])
    assert ended.value.code == 1 and "NOT IN THE LIST: below/changed.pdf" in capsys.readouterr().out


def _forged(text: str, key: dict[str, str]) -> dict[str, str]:
    header, payload, signature = text.split(".")
    other = base64.urlsafe_b64encode(json.dumps({**CLAIMS, "sub": "SP-2026-0000999-X"}).encode()).rstrip(b"=").decode()
    none = base64.urlsafe_b64encode(json.dumps({"alg": "none", "typ": TYP, "kid": key["kid"]}).encode()).rstrip(b"=").decode()
    return {
        "other payload": f"{header}.{other}.{signature}", "no algorithm": f"{none}.{payload}.", "cut": text[:-8], "another kind": sign(CLAIMS, key, "JWT"),
        "another key": sign(CLAIMS, {**new_key(), "kid": key["kid"]}, TYP), "unknown key": sign(CLAIMS, new_key(), TYP), "empty": "", "words": "a.b.c", "two": "a.b",
        "for somebody": sign({**CLAIMS, "aud": "x"}, key, TYP), "no number": sign({**CLAIMS, "sub": None}, key, TYP), "no issuer": sign({"sub": "x", "iat": 1}, key, TYP),
        "issuer that is none": sign({**CLAIMS, "iss": ["x"]}, key, TYP), "list": "e30.W10.e30",
    }


@pytest.mark.parametrize("how", sorted(_forged(sign(CLAIMS, KEY := new_key(), TYP), KEY)))
def test_nothing_forged_passes(tmp_path: Path, key: dict[str, str], how: str) -> None:
    text = _forged(sign(CLAIMS, key, TYP), key)[how]
    with pytest.raises(BadToken):
        checked(text, public_jwks({"keys": [key]}))
    with pytest.raises(SystemExit) as ended:
        cli.main(written(tmp_path, text, key))
    assert str(ended.value.code).startswith("The signature does not hold")


def test_old_manifests_stay_good_when_the_keys_change(key: dict[str, str]) -> None:
    assert checked(sign(CLAIMS, key, TYP), public_jwks({"keys": [new_key(), key]}))["sub"] == CLAIMS["sub"]


@pytest.mark.parametrize("keys", ["absent.json", "http://127.0.0.1:9/jwks.json"])
def test_keys_that_cannot_be_had_are_told_apart_from_a_bad_signature(tmp_path: Path, key: dict[str, str], keys: str) -> None:
    command = written(tmp_path, sign(CLAIMS, key, TYP), key)
    with pytest.raises(SystemExit) as ended:
        cli.main([*command[:3], keys if keys.startswith("http") else str(tmp_path / keys)])
    assert str(ended.value.code).startswith("Cannot be checked")
