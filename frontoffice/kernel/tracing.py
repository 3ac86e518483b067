"""Traces from the click to the acknowledgement, as W3C Trace Context names them; the only module that imports opentelemetry.

Without an address to send spans to nothing of opentelemetry is loaded, and identifiers travel in logs, jobs and headers all the same.
"""

import logging
import re
import secrets
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal
from uuid import uuid4

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import Link, SpanContext, Tracer

Kind = Literal["internal", "server", "client", "consumer"]

logger = logging.getLogger("frontoffice.tracing")

_TRACEPARENT: Final = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")
_NOTHING: Final = ("0" * 32, "0" * 16)
# A collector that is away costs this thread its patience, and then the oldest spans; never a request or a job.
_SECONDS_TO_SEND: Final = 5.0
_SECONDS_TO_END: Final = 2.0
_MOST_WAITING: Final = 4096
_MOST_AT_ONCE: Final = 512
_MILLISECONDS_BETWEEN: Final = 2000


@dataclass(frozen=True)
class Place:
    """One span of one trace: 32 and 16 hexadecimal digits, and whether somebody records it."""

    trace: str
    span: str
    flags: str = "01"

    @property
    def header(self) -> str:
        """The place as the header `traceparent` tells it to others."""
        return f"00-{self.trace}-{self.span}-{self.flags}"


def read(header: str) -> Place | None:
    """The place that a `traceparent` names, or None when it names none."""
    found = _TRACEPARENT.fullmatch(header)
    if not found or found[1] == _NOTHING[0] or found[2] == _NOTHING[1]:
        return None
    return Place(*found.groups())


_here: Final[ContextVar[Place | None]] = ContextVar("here", default=None)
_tracer: "Tracer | None" = None
_end: Any = None


def here() -> Place | None:
    """Where in a trace this code runs; None outside of every request and job."""
    return _here.get()


def traceparent() -> str:
    """The place where this code runs, for a job, a row or a header; an empty text outside of every request and job."""
    place = _here.get()
    return place.header if place else ""


@contextmanager
def resumed(header: str) -> Iterator[None]:
    """What happens inside belongs to that trace, such as a job that is queued for somebody else's event; an empty header changes nothing."""
    token = _here.set(read(header) or _here.get())
    try:
        yield
    finally:
        _here.reset(token)


@dataclass
class Span:
    """One piece of work; what is told of it is identifiers, names of routes and jobs, and numbers, never what a person wrote."""

    place: Place
    recorded: Any = None

    def tell(self, name: str = "", **attributes: str | int) -> None:
        """Give the span its name once it is known, and what belongs to it."""
        if self.recorded is not None:
            if name:
                self.recorded.update_name(name)
            self.recorded.set_attributes(attributes)

    def fail(self, kind: str) -> None:
        """The work did not succeed; `kind` is a word, never the text of an exception, which may hold answers."""
        if self.recorded is not None:
            from opentelemetry.trace import Status, StatusCode

            self.recorded.set_status(Status(StatusCode.ERROR, kind))


@contextmanager
def span(name: str, kind: Kind = "internal", *, parent: str | None = None, links: Iterable[str] = (), **attributes: str | int) -> Iterator[Span]:
    """One piece of work, below `parent` (a traceparent), or below what runs here when it is None; without either a trace begins."""
    above = _here.get() if parent is None else read(parent)
    made = _begin(name, kind, above, links, attributes)
    token = _here.set(made.place)
    try:
        yield made
    except BaseException as error:
        made.fail(type(error).__name__)
        raise
    finally:
        _here.reset(token)
        if made.recorded is not None:
            made.recorded.end()


def _begin(name: str, kind: Kind, above: Place | None, links: Iterable[str], attributes: dict[str, str | int]) -> Span:
    if _tracer is None:
        return Span(Place(above.trace if above else uuid4().hex, secrets.token_hex(8), above.flags if above else "01"))
    from opentelemetry.context import Context
    from opentelemetry.trace import NonRecordingSpan, SpanKind, set_span_in_context

    recorded = _tracer.start_span(
        name, context=set_span_in_context(NonRecordingSpan(_known(above)), Context()) if above else Context(),
        kind=SpanKind[kind.upper()], links=_links(links), attributes=attributes, record_exception=False, set_status_on_exception=False,
    )
    its = recorded.get_span_context()
    return Span(Place(f"{its.trace_id:032x}", f"{its.span_id:016x}", f"{its.trace_flags:02x}"), recorded)


def _known(place: Place) -> "SpanContext":
    from opentelemetry.trace import SpanContext, TraceFlags

    return SpanContext(int(place.trace, 16), int(place.span, 16), is_remote=True, trace_flags=TraceFlags(int(place.flags, 16)))


def _links(headers: Iterable[str]) -> "list[Link]":
    from opentelemetry.trace import Link

    return [Link(_known(place)) for place in map(read, headers) if place]


def send_spans(endpoint: str, service: str) -> None:
    """Send the spans of this process to the collector at that base address (OTLP over HTTP); with an empty one nothing is loaded."""
    global _tracer, _end
    if not endpoint:
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    # Its own lines would come with every batch, and tell what a stranger's server answered.
    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)
    exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces", timeout=_SECONDS_TO_SEND)
    provider = TracerProvider(resource=Resource.create({"service.name": service}), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(
        _quiet(exporter), max_queue_size=_MOST_WAITING, max_export_batch_size=_MOST_AT_ONCE, schedule_delay_millis=_MILLISECONDS_BETWEEN,
    ))
    _tracer, _end = provider.get_tracer("frontoffice"), provider.shutdown


def stop_spans() -> None:
    """Send what waits, for two seconds at most: a collector that is away holds up no process that ends."""
    global _tracer, _end
    end, _tracer, _end = _end, None, None
    if end:
        last = threading.Thread(target=end, daemon=True)
        last.start()
        last.join(_SECONDS_TO_END)


def _quiet(exporter: "SpanExporter") -> "SpanExporter":
    """The exporter with one line in the log when spans begin to be lost and one when they no longer are."""
    from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

    class Quiet(SpanExporter):
        lost = 0

        def export(self, spans: "Sequence[ReadableSpan]") -> SpanExportResult:
            result = exporter.export(spans)
            well = result is SpanExportResult.SUCCESS
            if not well and not self.lost:
                logger.warning("the collector of traces does not take our spans; they are dropped until it does")
            elif well and self.lost:
                logger.warning("the collector of traces takes our spans again; %d were lost", self.lost)
            self.lost = 0 if well else self.lost + len(spans)
            return result

        def shutdown(self) -> None:
            exporter.shutdown()

    return Quiet()
