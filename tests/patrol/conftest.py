"""What the patrol walks over: the running router, every template, every module."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from litestar.routes import HTTPRoute

from frontoffice.app import create_app, create_download_app
from frontoffice.kernel.web import Door
from frontoffice.settings import Settings

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "frontoffice"
TEMPLATES = ROOT / "templates"


def settings() -> Settings:
    """Settings with which an application can be made; nothing that they name is ever asked."""
    nowhere = "http://127.0.0.1:9"
    return Settings(
        database_url="postgresql+psycopg://nobody@127.0.0.1:9/none", public_url="https://portal.example", download_url="https://download.example",
        secret_key="s" * 40, cookie_suffix="", s3_endpoint=nowhere, s3_region="us-east-1", s3_quarantine="quarantine", s3_clean="clean",
        s3_access_key="none", s3_secret_key="none", smtp_url="smtp://127.0.0.1:9", mail_from="window@portal.example", providers_file="",
        backbone_url=nowhere, backbone_jwks_url=nowhere, backbone_issuer="https://backbone.example", issuer="https://portal.example",
        public_jwks_file="", signing_key_file="", seal_key_file="", seal_certificate_file="", clamav="",
    )


@dataclass(frozen=True)
class Walked:
    """One handler of the running router."""

    name: str
    method: str
    path: str
    opt: Mapping[str, Any]
    parameters: frozenset[str]
    guards: tuple[str, ...]


def walk(door: Door) -> list[Walked]:
    """Every handler that answers, as the router knows it; what the framework adds by itself is left out."""
    found = []
    for route in door.app.routes:  # type: ignore[attr-defined]
        assert isinstance(route, HTTPRoute), route.path
        for handler in route.route_handlers:
            ours = handler.http_methods if handler.name else set()
            for method in sorted(handler.http_methods - {"OPTIONS"} or ours):
                guards = tuple(guard.__name__ for guard in handler.resolve_guards())
                found.append(Walked(handler.name or "", method, route.path_format, handler.opt, frozenset(handler.fn.__annotations__), guards))
    return found


@pytest.fixture(scope="session")
def portal_door() -> Iterator[Door]:
    door = create_app(settings())
    yield door
    door.app.state.storage.close()  # type: ignore[attr-defined]


@pytest.fixture(scope="session")
def walked(portal_door: Door) -> list[Walked]:
    return walk(portal_door)


@pytest.fixture(scope="session")
def walked_downloads() -> Iterator[list[Walked]]:
    door = create_download_app(settings())
    yield walk(door)
    door.app.state.storage.close()  # type: ignore[attr-defined]


def modules(*roots: str) -> list[Path]:
    """The Python modules below these folders of the repository."""
    return sorted(one for root in roots for one in (ROOT / root).rglob("*.py"))


def parsed(module: Path) -> ast.Module:
    """A module as a syntax tree."""
    return ast.parse(module.read_text("utf-8"), str(module))


def templates(pattern: str = "*.html") -> list[Path]:
    """The templates of pages and notices."""
    return sorted(TEMPLATES.rglob(pattern))
