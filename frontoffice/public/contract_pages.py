"""The published contracts for other systems, as pages that explain them and as the files themselves; nobody signs in for them."""

from functools import lru_cache, partial
from typing import Final

from litestar import Response, get

from frontoffice.kernel.errors import NotFound
from frontoffice.kernel.i18n import Locale
from frontoffice.kernel.rendering import Web, addresses, locale_of, page, part
from frontoffice.procedures import EDITIONS
from frontoffice.public.contract_files import AUTHORITIES, BACKBONE, BOOKS, OPENAPI, RELEASED, Book, schemas, served
from frontoffice.public.contract_view import Reader, examples_of
from frontoffice.public.machine_pages import file_response
from frontoffice.public.texts import prose

_KEPT: Final = "public, max-age=3600"


@get("/contract", name="contract", public=True)
async def contract(request: Web) -> Response[str]:
    """What the contracts are, for whom, how a hand-over goes and how to try it, with the way to every file."""
    titles = {f"{one.code}-{one.edition}": (one.title, one.edition) for one in EDITIONS}
    shared = {code: BACKBONE.json(name)["title"] for code, name in schemas().items() if code not in titles}
    return page(request, "public/contract.html", backbone=BACKBONE, authorities=AUTHORITIES, openapi=OPENAPI, shared=shared,
                files=list(served(BACKBONE.code)), released=RELEASED,
                editions={code: titles[code] for code in schemas() if code in titles}, keys_address=addresses.path("jwks"))


@get("/contract/operations/{book:str}", name="contract-operations", public=True)
async def operations(request: Web, book: str) -> Response[str]:
    """Every operation of one contract, as its OpenAPI description tells it; raises NotFound for another."""
    if book not in BOOKS:
        raise NotFound
    title = BOOKS[book].openapi["info"]["title"]
    return page(request, "public/contract_operations.html", book=BOOKS[book], openapi=OPENAPI, title=title, body=_operations(book, locale_of(request)))


@get("/contract/schemas/{code:str}", name="contract-schema", public=True)
async def schema(request: Web, code: str) -> Response[str]:
    """One JSON Schema of the backbone's contract, such as that of an edition of a procedure; raises NotFound for another."""
    if code not in schemas():
        raise NotFound
    name = schemas()[code]
    title = BACKBONE.json(name)["title"]
    return page(request, "public/contract_schema.html", book=BACKBONE, name=name, title=title, body=_schema(code, locale_of(request)))


@get("/contract/v3/{path:path}", name="contract-file", public=True, cookieless=True, sync_to_thread=False)
def backbone_file(request: Web, path: str) -> Response[bytes]:
    """A file of the backbone's contract as it is; raises NotFound for any other name."""
    return _file(request, BACKBONE, path)


@get("/contract/authorities/v1/{path:path}", name="authorities-contract-file", public=True, cookieless=True, sync_to_thread=False)
def authorities_file(request: Web, path: str) -> Response[bytes]:
    """A file of the authorities' contract as it is; raises NotFound for any other name."""
    return _file(request, AUTHORITIES, path)


def _file(request: Web, book: Book, path: str) -> Response[bytes]:
    found = served(book.code).get(path.removeprefix("/"))
    if found is None:
        raise NotFound
    return file_response(request, found, _KEPT)


@lru_cache(maxsize=8)
def _operations(book: str, locale: Locale) -> str:
    """Rendered once and kept: hundreds of descriptions are read for it."""
    reader = Reader(BOOKS[book], BOOKS[book].openapi, partial(_schema_page, locale))
    about = prose(reader.document["info"]["description"], below=1)
    return part("public/_contract_operations.html", locale, about=about, groups=reader.groups(), parts=reader.parts(), prose=prose)


@lru_cache(maxsize=32)
def _schema(code: str, locale: Locale) -> str:
    """As the operations; the description of the whole stands above its members."""
    document = BACKBONE.json(schemas()[code])
    reader = Reader(BACKBONE, document, partial(_schema_page, locale))
    about, whole = prose(document["description"], below=1), reader.member("", {**document, "description": ""})
    return part("public/_contract_schema.html", locale, about=about, whole=whole, parts=reader.parts(), examples=examples_of(document), prose=prose)


def _schema_page(locale: Locale, code: str) -> str:
    return addresses.path("contract-schema", locale, code=code)


ROUTES = (contract, operations, schema, backbone_file, authorities_file)
