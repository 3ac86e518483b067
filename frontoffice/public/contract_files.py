"""The files of the published contracts, as anyone may fetch them: read once from the packages that keep them, served under one address each."""

import gzip
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, Final

from frontoffice.kernel.rendering import Asset, addresses

OPENAPI: Final = "openapi.json"
RELEASED: Final = "released.sha256"
JOSE: Final = "application/jose"
_MEDIA_TYPES: Final[Mapping[str, str]] = {".json": "application/json", ".jws": JOSE, ".pdf": "application/pdf", ".sha256": "text/plain; charset=utf-8"}


@dataclass(frozen=True)
class Book:
    """One published contract: its version, where the program keeps it, and the route that serves its files."""

    code: str
    version: str
    folder: tuple[str, ...]
    route: str

    @property
    def openapi(self) -> Mapping[str, Any]:
        """Its OpenAPI description."""
        return _read(self.code, OPENAPI)

    def json(self, name: str) -> Mapping[str, Any]:
        """One of its JSON files; raises KeyError for another."""
        return _read(self.code, name)

    def address(self, name: str) -> str:
        """Where one of its files is served."""
        return addresses.path(self.route, path="") + name


# The backbone's contract is the portal's own; the schemas of procedures are its.
BACKBONE: Final = Book("backbone", "v3", ("backbone", "contract", "v3"), "contract-file")
AUTHORITIES: Final = Book("authorities", "v1", ("authorities", "contract", "v1"), "authorities-contract-file")
BOOKS: Final[Mapping[str, Book]] = {one.code: one for one in (BACKBONE, AUTHORITIES)}


@cache
def served(code: str) -> Mapping[str, Asset]:
    """Every file of a contract by its name below the contract's address; what is not among these names cannot be asked for."""
    root = files("frontoffice").joinpath(*BOOKS[code].folder)
    return {name: _asset(name, place.read_bytes()) for name, place in sorted(_below(root, "")) if _suffix(name) in _MEDIA_TYPES}


def slug(name: str) -> str:
    """What a schema is called in addresses: message.schema.json is message, procedures/visa-c-2026-11.json is visa-c-2026-11."""
    return name.removeprefix("procedures/").removesuffix(".json").removesuffix(".schema")


@cache
def schemas() -> Mapping[str, str]:
    """The JSON Schema files of the backbone's contract by what they are called in addresses, those of procedures last."""
    names = [name for name in served(BACKBONE.code) if name.endswith(".schema.json") or name.startswith("procedures/")]
    return {slug(name): name for name in sorted(names, key=lambda name: (name.startswith("procedures/"), name))}


@cache
def _read(code: str, name: str) -> Mapping[str, Any]:
    content: Mapping[str, Any] = json.loads(served(code)[name].content)
    return content


def _below(folder: Traversable, prefix: str) -> Iterator[tuple[str, Traversable]]:
    for one in folder.iterdir():
        if one.is_dir():
            yield from _below(one, f"{prefix}{one.name}/")
        else:
            yield prefix + one.name, one


def _suffix(name: str) -> str:
    return name[name.rfind("."):]


def _asset(name: str, content: bytes) -> Asset:
    if name == OPENAPI:
        kind = "application/vnd.oai.openapi+json;version=3.1"
    elif name.endswith(".schema.json") or name.startswith("procedures/"):
        kind = "application/schema+json"
    else:
        kind = _MEDIA_TYPES[_suffix(name)]
    return Asset(content, gzip.compress(content, 9, mtime=0), kind, hashlib.sha256(content).hexdigest()[:16])
