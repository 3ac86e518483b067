"""The command explains itself at once, and says plainly what it misses."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from frontoffice.cli import main


def _run(*arguments: str, code: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code] if code else [sys.executable, "-m", "frontoffice.cli", *arguments]
    bare = {name: value for name, value in os.environ.items() if not name.startswith("FRONTOFFICE_")}
    return subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[2], env=bare, check=False)


def test_help_names_every_command_and_setting(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    text = capsys.readouterr().out
    assert all(word in text for word in ("local", "serve", "worker", "migrate", "life", "FRONTOFFICE_DATABASE_URL"))


def test_help_loads_no_heavy_library() -> None:
    heavy = {"litestar", "sqlalchemy", "boto3", "httpx", "uvicorn"}
    assert _run(code=f"import sys, frontoffice.cli; print({heavy} & set(sys.modules))").stdout.strip() == "set()"


@pytest.mark.parametrize("command", [("migrate",), ("serve", "--port", "0", "--download-port", "0")])
def test_a_missing_setting_is_named_without_a_traceback(command: tuple[str, ...]) -> None:
    done = _run(*command)
    assert done.returncode == 1
    assert "FRONTOFFICE_DATABASE_URL" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_life_is_drawn_and_an_unknown_one_refused() -> None:
    assert _run("life", "single-permit").stdout.startswith("stateDiagram-v2")
    unknown = _run("life", "nothing")
    assert unknown.returncode == 1
    assert "single-permit" in unknown.stderr
