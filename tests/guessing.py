"""Made-up requests from a published description, and what an answer to them must be."""

from collections.abc import Callable
from typing import Any

import httpx
from hypothesis import HealthCheck, seed, settings
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance, response_schema_conformance,
          negative_data_rejection]


def told_with(*statuses: int) -> SchemathesisConfig:
    """The settings of a description whose portal answers a wrong request with one of these."""
    return SchemathesisConfig.from_dict({"checks": {"negative_data_rejection": {"expected-statuses": list(statuses)}}})


def made_up(examples: int, number: int) -> Callable[[Any], Any]:
    """Let a test by hypothesis run with so many examples, the same ones each time for the same number."""
    def with_settings(test: Any) -> Any:
        return seed(number)(settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))(test))

    return with_settings


async def send(client: httpx.AsyncClient, case: Any, base: str) -> httpx.Response:
    """Send the request as schemathesis made it."""
    made = case.as_transport_kwargs(base_url=base)
    if isinstance(made.get("data"), (bytes, str)):
        made["content"] = made.pop("data")
    return await client.request(**{name: value for name, value in made.items() if name in ("method", "url", "headers", "params", "json", "data", "content")})
