"""Children are started, watched, restarted and ended; none outlives its supervisor."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from frontoffice.local.processes import DidNotStart, Program, Supervisor, run_to_end

_SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]


def _eventually(question: Callable[[], bool], seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while not question():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def test_a_child_that_is_killed_comes_back_and_all_end_in_reverse_order(tmp_path: Path) -> None:
    said: list[str] = []
    supervisor = Supervisor(tmp_path, said.append)
    supervisor.start(Program(name="first", command=_SLEEPER), Program(name="second", command=_SLEEPER))
    first, second = supervisor.children
    before = first.pid
    assert before and second.pid
    os.kill(before, signal.SIGKILL)

    def is_back() -> bool:
        supervisor.look_after()
        return first.pid not in (None, before)

    assert _eventually(is_back)
    assert "first ended" in said[0]
    processes = [psutil.Process(one.pid) for one in (first, second)]
    supervisor.stop()
    assert not any(one.is_running() for one in processes)


def test_pauses_grow_while_a_child_keeps_dying(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path, lambda _: None)
    supervisor.start(Program(name="mayfly", command=_SLEEPER))
    child = supervisor.children[0]
    child.stop()
    assert [child.note_death() for _ in range(8)] == [0.5, 1, 2, 4, 8, 10, 10, 10]


@pytest.mark.parametrize(("code", "patience", "message"), [
    ("print('no such disk'); raise SystemExit(1)", 60, "no such disk"),
    ("import time; time.sleep(60)", 0.4, "does not answer"),
])
def test_a_program_that_does_not_get_ready_says_why(tmp_path: Path, code: str, patience: float, message: str) -> None:
    supervisor = Supervisor(tmp_path)
    with pytest.raises(DidNotStart, match=message):
        supervisor.start(Program(name="mute", command=[sys.executable, "-c", code], ready=lambda: False), patience=patience)
    supervisor.stop()


def test_a_program_that_ends_with_an_error_is_reported(tmp_path: Path) -> None:
    run_to_end(Program(name="good", command=[sys.executable, "-c", ""]), tmp_path)
    with pytest.raises(DidNotStart, match="bad failed"):
        run_to_end(Program(name="bad", command=[sys.executable, "-c", "raise SystemExit(2)"]), tmp_path)


def test_settings_of_the_surroundings_do_not_reach_a_child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRONTOFFICE_SECRET_KEY", "from outside")
    code = "import os; print({k: v for k, v in os.environ.items() if k.startswith('FRONTOFFICE')})"
    own = {"FRONTOFFICE_ISSUER": "x"}
    run_to_end(Program(name="env", command=[sys.executable, "-c", code], environment=own), tmp_path)
    assert (tmp_path / "env.log").read_text().strip() == "{'FRONTOFFICE_ISSUER': 'x'}"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent was killed")
def test_children_end_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    code = f"""
import sys, time
from pathlib import Path
from frontoffice.local.processes import Program, Supervisor
supervisor = Supervisor(Path({str(tmp_path)!r}))
supervisor.start(Program(name="orphan", command=[sys.executable, "-c", "import time; time.sleep(60)"]))
print(supervisor.children[0].pid, flush=True)
time.sleep(60)
"""
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=Path(__file__).parents[2])
    with parent:
        assert parent.stdout
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    assert _eventually(lambda: not child.is_running())
