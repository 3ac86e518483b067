"""What this process counts and times, and how it is told to Prometheus; the only module that imports prometheus_client.

Labels are names that stand in the code (routes, jobs, outcomes), never a path, an identifier or a person.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, disable_created_metrics, generate_latest
from prometheus_client import Gauge as Measured
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

MEDIA_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

disable_created_metrics()  # type: ignore[no-untyped-call]
_registry: Final = CollectorRegistry()
_requests: Final = Histogram(
    "frontoffice_http_request_duration_seconds", "Requests by route, method and class of the answer's status.", ("route", "method", "status"),
    registry=_registry, buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60),
)
_jobs: Final = Histogram(
    "frontoffice_job_duration_seconds", "Jobs by name and outcome: done or failed.", ("job", "outcome"),
    registry=_registry, buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300),
)
_tries: Final = Counter("frontoffice_hand_over_tries_total", "Tries to deliver a message to the backbone, by outcome: delivered or failed.", ("outcome",),
                        registry=_registry)
_open_cage: Final = Measured("frontoffice_cage_open", "1 where the parsers of foreign files are not kept from the network.", registry=_registry,
                             multiprocess_mode="max")
for _outcome in ("delivered", "failed"):
    _tries.labels(_outcome)


@dataclass(frozen=True)
class Gauge:
    """A number that is true now; `labels` are pairs of a name and a word that stands in the code."""

    name: str
    help: str
    value: float
    labels: tuple[tuple[str, str], ...] = ()


def request(route: str, method: str, status: int, seconds: float) -> None:
    """Count one answered request; route and method are names that the code knows, or a word for those that it does not."""
    _requests.labels(route, method, f"{status // 100}xx").observe(seconds)


@contextmanager
def job(name: str) -> Iterator[None]:
    """Time the job that runs inside."""
    begun, outcome = perf_counter(), "failed"
    try:
        yield
        outcome = "done"
    finally:
        _jobs.labels(name, outcome).observe(perf_counter() - begun)


def cage_is_open(is_open: bool) -> None:
    """Tell whether the parsers of foreign files could reach the network."""
    _open_cage.set(is_open)


@contextmanager
def hand_over_try() -> Iterator[None]:
    """Count the try to deliver a message that is made inside."""
    outcome = "failed"
    try:
        yield
        outcome = "delivered"
    finally:
        _tries.labels(outcome).inc()


class _Told(Collector):
    def __init__(self, gauges: Iterable[Gauge]) -> None:
        self._gauges = tuple(gauges)

    def collect(self) -> Iterator[Metric]:
        families: dict[str, GaugeMetricFamily] = {}
        for one in self._gauges:
            family = families.setdefault(one.name, GaugeMetricFamily(one.name, one.help, labels=[name for name, _word in one.labels]))
            family.add_metric([word for _name, word in one.labels], one.value)
        yield from families.values()


def written(gauges: Iterable[Gauge] = (), folder: str = "") -> bytes:
    """What this process counted, or all that keep their counts together in the folder, and these gauges.

    For a folder PROMETHEUS_MULTIPROC_DIR must name it when prometheus_client is loaded: that is the library's own way.
    """
    registry = CollectorRegistry()
    if folder:
        MultiProcessCollector(registry, path=folder)  # type: ignore[no-untyped-call]
    else:
        registry.register(_registry)
        ProcessCollector(registry=registry)
    registry.register(_Told(gauges))
    return generate_latest(registry)
