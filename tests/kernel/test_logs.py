"""Log lines: the trace, the job and its identifiers, and never the text of an exception, whoever writes the line."""

import asyncio
import json
import logging
import sys
from collections.abc import Mapping
from typing import Any

import pytest

from frontoffice.kernel import tracing
from frontoffice.kernel.jobs import Job, Resources, work
from frontoffice.kernel.logs import OneLine

SECRET = "passport Z1234567\nof Kumar"


def line_of(logger: str, message: object, args: Any = (), error: BaseException | None = None) -> dict[str, Any]:
    record = logging.LogRecord(logger, logging.ERROR, __file__, 1, message, args, (type(error), error, None) if error else None)
    text = OneLine().format(record)
    assert "\n" not in text
    found: dict[str, Any] = json.loads(text)
    return found


def test_a_line_of_a_request_and_of_a_job_names_them() -> None:
    assert not {"trace", "job"} & line_of("frontoffice", "x").keys()
    seen: list[Mapping[str, Any]] = []

    async def run(_resources: Resources, event_id: str) -> None:
        seen.append(line_of("frontoffice", "at work"))

    async def both() -> str:
        with tracing.span("click", "server", parent="") as click:
            await work(Job(name="test:one", run=run), None, {"event_id": "7", "traceparent": click.place.header, "timestamp": 5})  # type: ignore[arg-type]
            return click.place.trace

    trace = asyncio.run(both())
    assert seen[0]["trace"] == trace and (seen[0]["job"], seen[0]["about"]) == ("test:one", {"event_id": "7"})
    assert "job" not in line_of("frontoffice", "after")


@pytest.mark.parametrize(("message", "args", "error", "told"), [
    ("error connecting in %r: %s", ("pool-1", ValueError(SECRET)), None, "error connecting in 'pool-1': ValueError"),
    ("failed: %(what)s", ({"what": ValueError(SECRET)},), None, "failed: ValueError"),
    ("failed %d: %s", (1, ValueError(SECRET)), None, "failed 1: ValueError"),
    ("%d", (ValueError(SECRET),), None, "%d"),
    (ValueError(SECRET), (), None, "ValueError"),
    (f"Task exception was never retrieved\nfuture: {ValueError(SECRET)!r}", (), None, "Task exception was never retrieved"),
    (f"poll error: {ValueError('Z1234567')!r}", (), ValueError("Z1234567"), "poll error: "),
    (f"poll error: {ValueError('Z1234567')}, stopping", (), ValueError("Z1234567"), "poll error: "),
    ("x" * 1000, (), None, "x" * 300),
    ("100 per cent of %s", (), None, "100 per cent of %s"),
])
def test_a_library_does_not_tell_the_text_of_an_exception(message: object, args: Any, error: BaseException | None, told: str) -> None:
    line = line_of("asyncio", message, args, error)
    assert line["message"] == told
    assert "Z1234567" not in json.dumps(line) and "Kumar" not in json.dumps(line)


def test_a_task_that_nobody_waits_for_fails_without_its_text(caplog: pytest.LogCaptureFixture) -> None:
    async def broken() -> None:
        raise ValueError(SECRET)

    async def forget() -> None:
        task = asyncio.ensure_future(broken())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        del task

    asyncio.run(forget())
    lines = [OneLine().format(one) for one in caplog.records if one.name == "asyncio"]
    assert len(lines) == 1 and "never retrieved" in lines[0] and "Kumar" not in lines[0] and "ValueError" in lines[0]
    assert sys.exc_info() == (None, None, None)
