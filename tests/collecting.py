"""A collector of traces for tests: it speaks OTLP over HTTP and keeps every span that it is sent, or misbehaves."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from gzip import decompress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass
class Collector:
    """Where to send spans, and those that came; `services` are the names of the processes that sent them."""

    address: str = ""
    spans: list[Any] = field(default_factory=list)
    services: set[str] = field(default_factory=set)

    def take(self, raw: bytes) -> None:
        for resource in ExportTraceServiceRequest.FromString(raw).resource_spans:
            self.services |= {one.value.string_value for one in resource.resource.attributes if one.key == "service.name"}
            for scope in resource.scope_spans:
                self.spans += scope.spans


def told(span: Any) -> dict[str, Any]:
    """The attributes of a span."""
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in span.attributes}


@contextmanager
def a_collector(answer: str = "") -> Iterator[Collector]:
    """One that takes spans; or it is "closed", "silent" until the end, or answers "500"."""
    collector, ended = Collector(), threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            if answer == "silent":
                ended.wait(30)
                return
            status = 500 if answer == "500" else 200 if self.path == "/v1/traces" else 404
            if status == 200:
                collector.take(decompress(raw) if self.headers.get("Content-Encoding") == "gzip" else raw)
            body = b"Rajesh Kumar" if status == 500 else b""
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Tests are quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    collector.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    if answer == "closed":
        server.shutdown()
        server.server_close()
    try:
        yield collector
    finally:
        ended.set()
        if answer != "closed":
            server.shutdown()
            server.server_close()
        thread.join()
