"""The system that comes with the local service: let in once, found again, and told in a file only."""

import json
import stat
from pathlib import Path

import psycopg
import pytest

from frontoffice.local.systems import FILE, make_system
from tests.engines import Database


def test_a_system_is_let_in_once(fresh_database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = make_system(tmp_path, fresh_database.jobs, "http://127.0.0.1:8000")
    first = json.loads(file.read_text())
    assert file == tmp_path / FILE and stat.S_IMODE(file.stat().st_mode) == 0o600 and first["key"]["d"]
    # Another port the next time, the same system.
    second = json.loads(make_system(tmp_path, fresh_database.jobs, "http://127.0.0.1:9000").read_text())
    assert second["client_id"] == first["client_id"] and second["key"] == first["key"] and second["token_address"] == "http://127.0.0.1:9000/api/oauth2/token"
    with psycopg.connect(fresh_database.url("frontoffice_jobs", driver="")) as connection:
        [(kept, keys)] = connection.execute("SELECT id, keys FROM api_client").fetchall()
    assert str(kept) == first["client_id"] and first["key"]["d"] not in json.dumps(keys)
    said = capsys.readouterr()
    assert first["key"]["d"] not in said.out + said.err and first["client_id"] not in said.out + said.err
