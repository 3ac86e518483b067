"""What the processes write to their logs: one JSON line each, in UTC, with the trace of the request and nothing of a person."""

import json
import logging
import sys
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Final

# They tell of each request and job; the address of a request names a dossier or holds the secret of a link.
CHATTY: Final = ("httpx", "procrastinate", "uvicorn.access")
current_trace: Final[ContextVar[str]] = ContextVar("current_trace", default="")


class OneLine(logging.Formatter):
    """A log line as JSON, in UTC. Of an exception only its kind and place are told: its text may hold somebody's answers."""

    def format(self, record: logging.LogRecord) -> str:
        """One line; the message itself is written by us or by a library, which knows identifiers only."""
        instant = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, Any] = {"time": instant, "level": record.levelname, "logger": record.name, "message": record.getMessage()}
        if trace := current_trace.get():
            line["trace"] = trace
        error = record.exc_info[1] if record.exc_info else None
        if error:
            last = traceback.extract_tb(error.__traceback__)[-1:]
            line["error"] = type(error).__name__
            line["at"] = f"{last[0].filename}:{last[0].lineno}" if last else "?"
        return json.dumps(line)


def write_logs() -> None:
    """Let this process write its logs to standard error; what libraries tell of each request and job is left out."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLine())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for one in CHATTY:
        logging.getLogger(one).setLevel(logging.WARNING)
