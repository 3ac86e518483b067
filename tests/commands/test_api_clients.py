"""Systems are let in, given other keys and ended from a shell; what is wrong is said in one line."""

import json
from pathlib import Path

import pytest

from frontoffice.cli import main
from frontoffice.kernel.tokens import new_key
from tests.authorities.systems import key_set
from tests.engines import Database, Engines
from tests.web import settings_for


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    file = tmp_path / "keys.json"
    file.write_bytes(key_set(new_key()))
    return file


@pytest.fixture(autouse=True)
def environment(fresh_database: Database, engines: Engines, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in vars(settings_for(fresh_database, engines, database_url=fresh_database.jobs, providers_file="x", public_jwks_file="x")).items():
        monkeypatch.setenv("FRONTOFFICE_" + {"providers_file": "PROVIDERS"}.get(name, name.upper()), str(value))


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    main(["api-clients", *arguments])
    return capsys.readouterr().out.strip()


def test_from_the_first_key_to_the_end(keys: Path, capsys: pytest.CaptureFixture[str]) -> None:
    client = said(capsys, "add", "municipality-44021", "--name", "Burgerzaken Gent", "--keys", str(keys), "--scopes", "dossiers:read", "--by", "TICKET-1")
    told = json.loads(said(capsys, "list"))
    assert told["id"] == client and told["scopes"] == ["dossiers:read"] and told["created_by"] == "TICKET-1" and "ended_at" not in told
    keys.write_bytes(key_set(new_key()))
    said(capsys, "keys", client, "--keys", str(keys), "--by", "TICKET-2")
    said(capsys, "end", client, "--by", "TICKET-3")
    after = json.loads(said(capsys, "list"))
    assert after["keys"] != told["keys"] and after["keys_by"] == "TICKET-2" and after["ended_by"] == "TICKET-3" and after["ended_at"]
    with pytest.raises(SystemExit, match="No such system"):
        main(["api-clients", "end", client, "--by", "TICKET-4"])


def test_what_cannot_be_done_is_said(keys: Path) -> None:
    for arguments, why in (
        (("add", "atlantis", "--name", "x", "--keys", str(keys), "--by", "x"), "no such authority"),
        (("add", "flanders", "--name", "x", "--keys", str(keys.parent / "none"), "--by", "x"), "No such file"),
        (("keys", "nobody", "--keys", str(keys), "--by", "x"), "No such system"),
    ):
        with pytest.raises(SystemExit, match=why):
            main(["api-clients", *arguments])
