"""What the processes write to their logs: one JSON line each, in UTC, with the trace of the request or job and nothing of a person."""

import json
import logging
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Final

from frontoffice.kernel import tracing

# They tell of each request and job; the address of a request names a dossier or holds the secret of a link.
CHATTY: Final = ("httpx", "procrastinate", "uvicorn.access")
_OURS: Final = "frontoffice"
_LONGEST_OF_THEIRS: Final = 300
_job: Final[ContextVar[tuple[str, Mapping[str, object]] | None]] = ContextVar("job", default=None)


@contextmanager
def about_job(name: str, about: Mapping[str, object]) -> Iterator[None]:
    """Every line that is written meanwhile names this job and the identifiers that it was queued with."""
    token = _job.set((name, about))
    try:
        yield
    finally:
        _job.reset(token)


class OneLine(logging.Formatter):
    """A log line as JSON, in UTC. Of an exception only its kind and place are told: its text may hold somebody's answers."""

    def format(self, record: logging.LogRecord) -> str:
        """One line; what a library says is cut before it repeats the text of an exception."""
        instant = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, Any] = {"time": instant, "level": record.levelname, "logger": record.name, "message": _said(record)}
        if place := tracing.here():
            line |= {"trace": place.trace, "span": place.span}
        if job := _job.get():
            line |= {"job": job[0], "about": {name: str(value) for name, value in job[1].items()}}
        error = record.exc_info[1] if record.exc_info else None
        if error:
            last = traceback.extract_tb(error.__traceback__)[-1:]
            line["error"] = type(error).__name__
            line["at"] = f"{last[0].filename}:{last[0].lineno}" if last else "?"
        return json.dumps(line)


def _said(record: logging.LogRecord) -> str:
    """The message. Ours holds identifiers; a library's may hold the text of an exception, as an argument or after its first line."""
    if record.name.partition(".")[0] == _OURS:
        return record.getMessage()
    args = record.args
    if isinstance(args, tuple):
        args = tuple(_kind_of(one) for one in args)
    elif isinstance(args, Mapping):
        args = {name: _kind_of(one) for name, one in args.items()}
    try:
        text = str(record.msg) % args if args else _kind_of(record.msg)
    except (TypeError, ValueError):  # A place for a number, and the exception that was to fill it.
        text = record.msg
    line = str(text).strip().partition("\n")[0][:_LONGEST_OF_THEIRS]
    error = record.exc_info[1] if record.exc_info else None
    for told in (repr(error), str(error)) if error else ():
        line = line.partition(told)[0] if told else line
    return line


def _kind_of(value: object) -> object:
    """An exception as its kind, so that its text is not told; anything else as it is."""
    return type(value).__name__ if isinstance(value, BaseException) else value


def write_logs() -> None:
    """Let this process write its logs to standard error; what libraries tell of each request and job is left out."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLine())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for one in CHATTY:
        logging.getLogger(one).setLevel(logging.WARNING)
