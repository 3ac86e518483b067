"""The virus scanner of a local service: the real daemon where there is one, and nothing at all elsewhere."""

from pathlib import Path

import pytest

from frontoffice.local import scanner
from frontoffice.local.scanner import EICAR, scanner_address, scanner_programs


def test_without_clamav_nothing_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanner, "clamd", lambda: None)
    assert scanner_programs(tmp_path / "scanner", 12345) == [] and scanner_address(12345) == ""
    assert not (tmp_path / "scanner").exists()


def test_it_listens_on_this_machine_alone_and_knows_the_test_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanner, "clamd", lambda: "/usr/sbin/clamd")
    monkeypatch.setattr(scanner, "_system_user", lambda: None)
    (program,) = scanner_programs(tmp_path / "scanner", 12345)
    for _again in range(2):
        assert program.before is not None
        program.before()
        settings = (tmp_path / "scanner" / "clamd.conf").read_text()
        assert "TCPSocket 12345\nTCPAddr 127.0.0.1\n" in settings
        assert EICAR.hex() in (tmp_path / "scanner" / "signatures" / "test.ndb").read_text()
    assert scanner_address(12345) == "tcp://127.0.0.1:12345"
    assert not program.ready()


def test_no_file_of_ours_holds_the_test_file_whole() -> None:
    here = Path(scanner.__file__)
    assert EICAR not in here.read_bytes()
    assert len(EICAR) == 68
