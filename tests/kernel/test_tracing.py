"""Traces: identifiers that travel whether or not anybody records them, and a collector that is away holds up nobody."""

import asyncio
import subprocess
import sys
import time
from pathlib import Path

import pytest

from frontoffice.kernel import tracing
from tests.collecting import a_collector

CLICK = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.mark.parametrize(("header", "trace"), [
    (CLICK, "0af7651916cd43dd8448eb211c80319c"), (CLICK[:-2] + "00", "0af7651916cd43dd8448eb211c80319c"), ("", None), ("00", None), (CLICK + "-x", None),
    (CLICK.upper(), None), ("ff" + CLICK[2:], None), (CLICK.replace("0af7651916cd43dd8448eb211c80319c", "0" * 32), None),
    (CLICK.replace("b7ad6b7169203331", "0" * 16), None), (CLICK + "\n", None), ("Rajesh Kumar", None), ("٠" * 55, None),
])
def test_only_a_traceparent_is_read(header: str, trace: str | None) -> None:
    found = tracing.read(header)
    assert (found.trace if found else None) == trace
    assert found is None or found.header == header


def test_spans_nest_and_leave_nothing_behind() -> None:
    assert tracing.here() is None and tracing.traceparent() == ""
    with tracing.span("click", "server", parent="") as click:
        assert tracing.traceparent() == click.place.header and len(click.place.header) == 55
        with tracing.span("job") as job:
            assert job.place.trace == click.place.trace and job.place.span != click.place.span
        with tracing.span("later", parent=CLICK) as later:
            assert later.place.trace == tracing.read(CLICK).trace  # type: ignore[union-attr]
        with tracing.span("other", parent="") as other:
            assert other.place.trace != click.place.trace
        with tracing.resumed(CLICK):
            assert tracing.traceparent() == CLICK
        with tracing.resumed(""):
            assert tracing.here() == click.place
    assert tracing.here() is None


def test_whether_somebody_records_is_passed_on() -> None:
    with tracing.span("job", parent=CLICK[:-2] + "00") as job:
        assert job.place.header.endswith("-00")


async def test_tasks_that_run_at_once_keep_their_own_trace() -> None:
    async def work() -> bool:
        with tracing.span("one", parent="") as one:
            await asyncio.sleep(0.001)
            return tracing.here() == one.place

    assert all(await asyncio.gather(*(work() for _ in range(50))))


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=Path(__file__).parents[2], check=True)
    return done.stdout.strip()


def test_without_an_address_nothing_of_opentelemetry_is_loaded() -> None:
    code = """if True:
        import sys
        import frontoffice.app, frontoffice.worker
        from frontoffice.kernel import tracing
        tracing.send_spans("", "test")
        with tracing.span("one", "server", parent="", links=("x",), route="home") as span:
            span.tell("other", status=200)
            span.fail("500")
        tracing.stop_spans()
        print([one for one in sys.modules if one.startswith(("opentelemetry", "google"))])
    """
    assert run(code) == "[]"


AWAY = """if True:
    import sys, time
    from frontoffice.kernel import tracing
    tracing.send_spans(sys.argv[1], "test")
    begun = time.perf_counter()
    for _ in range(10_000):
        with tracing.span("one", parent=""):
            pass
    made = time.perf_counter() - begun
    time.sleep(0.5)
    begun = time.perf_counter()
    tracing.stop_spans()
    print(made < 20, time.perf_counter() - begun < 8)
"""


@pytest.mark.parametrize("answer", ["closed", "silent", "500"])
def test_a_collector_that_is_away_holds_up_no_work_and_no_end(answer: str) -> None:
    with a_collector(answer) as collector:
        begun = time.monotonic()
        done = subprocess.run([sys.executable, "-c", AWAY, collector.address], capture_output=True, text=True, cwd=Path(__file__).parents[2], check=True, timeout=120)
        assert done.stdout.strip() == "True True", (done.stdout, done.stderr)
        assert time.monotonic() - begun < 60
        # One line for all that is lost, and not a word of the collector's.
        assert "Rajesh" not in done.stderr and done.stderr.count("does not take our spans") <= 1


def test_a_failure_is_told_by_its_kind_only() -> None:
    code = """if True:
        import sys
        from frontoffice.kernel import tracing
        tracing._SECONDS_TO_END = 60.0
        tracing.send_spans(sys.argv[1], "test")
        try:
            with tracing.span("one", parent="", links=(sys.argv[2],), event_id="7"):
                raise ValueError("passport Z1234567 of Kumar")
        except ValueError:
            pass
        tracing.stop_spans()
    """
    with a_collector() as collector:
        subprocess.run([sys.executable, "-c", code, collector.address, CLICK], cwd=Path(__file__).parents[2], check=True, timeout=120)
        (one,) = collector.spans
        assert (one.name, one.status.message, len(one.events)) == ("one", "ValueError", 0)
        assert one.links[0].trace_id.hex() == CLICK.split("-")[1]
        assert b"Z1234567" not in one.SerializeToString()
