"""The contract as pages and as files: everything reachable by relative addresses, nothing else, readable, and never out of step with the files."""

import json
import re
from collections.abc import AsyncIterator, Iterator
from html import unescape
from importlib.resources import files
from typing import Any
from urllib.parse import urldefrag, urljoin

import pytest

from frontoffice.kernel.i18n import LOCALES
from frontoffice.procedures import EDITIONS
from frontoffice.public.contract_files import AUTHORITIES, BACKBONE, BOOKS, schemas, served
from frontoffice.public.contract_view import Reader
from frontoffice.public.texts import prose
from frontoffice.routes import ROUTES
from frontoffice.worker import learn_addresses
from tests.engines import Database, Engines
from tests.web import Portal, running_portal

ROOTS = {BACKBONE.code: "/contract/v3/", AUTHORITIES.code: "/contract/authorities/v1/"}


@pytest.fixture
async def portal(fresh_database: Database, engines: Engines) -> AsyncIterator[Portal]:
    async with running_portal(fresh_database, engines) as portal:
        yield portal


def references(value: Any) -> Iterator[str]:
    """Everything that a file points to: schemas, and examples that are files."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name in ("$ref", "externalValue") and isinstance(inner, str):
                yield inner
            else:
                yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


async def test_a_stranger_who_follows_the_relative_references_gets_the_whole_contract(portal: Portal) -> None:
    stranger = portal.visitor()
    for code, root in ROOTS.items():
        waiting, fetched = {f"{root}openapi.json"}, set()
        while waiting:
            address = waiting.pop()
            fetched.add(address)
            answer = await stranger.get(address)
            assert answer.status_code == 200 and "set-cookie" not in answer.headers, address
            name = address.removeprefix(root)
            assert answer.content == files("frontoffice").joinpath(*BOOKS[code].folder, name).read_bytes()
            kind = answer.headers["content-type"]
            assert kind.startswith({"openapi.json": "application/vnd.oai.openapi+json"}.get(name, "application/")), (name, kind)
            assert not name.endswith(".schema.json") or kind == "application/schema+json"
            if name.endswith(".json"):
                found = {urljoin(address, urldefrag(one)[0]) for one in references(json.loads(answer.content)) if not one.startswith("#")}
                assert all(one.startswith(root) for one in found), found
                waiting |= found - fetched
        # What nothing points to is found from the page: the schemas of procedures, the keys of the examples, the hashes of what was released.
        alone = set(served(code)) - {one.removeprefix(root) for one in fetched}
        assert all(one.startswith(("procedures/", "examples/", "released.")) for one in alone), alone


def test_each_edition_of_each_procedure_has_its_schema_here() -> None:
    assert {f"{one.code}-{one.edition}" for one in EDITIONS} <= set(schemas())
    assert all(served(BACKBONE.code)[name].media_type == "application/schema+json" for name in schemas().values())


@pytest.mark.parametrize("path", [
    "..%2Fderive.py", "%2e%2e/derive.py", "%2e%2e%2f__init__.py", "..\\derive.py", "/etc/passwd", "//etc/passwd", "%2Fetc%2Fpasswd", "procedures", "procedures/",
    "procedures/%2e%2e/openapi.json", "%2e%2e/v3/openapi.json", "OPENAPI.JSON", "openapi.json%20", "__init__.py", "a" * 5000, "é.json", "<script>",
])
async def test_nothing_but_its_files_can_be_asked_for(portal: Portal, path: str) -> None:
    for root in ROOTS.values():
        answer = await portal.visitor().client.get(f"{root}{path}", follow_redirects=False)
        assert answer.status_code == 404 and b"def " not in answer.content, path


async def test_files_may_be_kept_for_an_hour_and_are_not_sent_twice(portal: Portal) -> None:
    stranger = portal.visitor()
    first = await stranger.get("/contract/v3/openapi.json")
    assert first.headers["cache-control"] == "public, max-age=3600" and first.headers["x-content-type-options"] == "nosniff"
    again = await stranger.get("/contract/v3/openapi.json", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304 and not again.content


@pytest.mark.parametrize("language", LOCALES)
async def test_the_page_leads_to_every_schema_and_to_both_contracts(portal: Portal, language: str) -> None:
    stranger = portal.visitor()
    text = (await stranger.get(f"/{language}/contract")).text
    links = set(re.findall(r'href="([^"]+)"', text))
    assert {f"/{language}/contract/schemas/{code}" for code in schemas()} <= links
    for code in BOOKS:
        assert f"/{language}/contract/operations/{code}" in links and f"{ROOTS[code]}openapi.json" in links
    assert {f"{ROOTS[BACKBONE.code]}{name}" for name in served(BACKBONE.code)} <= links
    assert f"/{language}/help" in links and "/.well-known/jwks.json" in links
    assert f"/{language}/contract" in (await stranger.get(f"/{language}")).text


@pytest.mark.parametrize("book", list(BOOKS))
async def test_every_operation_and_every_answer_is_on_the_page(portal: Portal, book: str) -> None:
    text = (await portal.visitor().get(f"/nl/contract/operations/{book}")).text
    words = unescape(re.sub(r"<[^>]+>", "", text))
    for path, item in BOOKS[book].openapi["paths"].items():
        for method in item.keys() & {"get", "put", "post", "delete", "patch"}:
            assert f"{method.upper()} {path}" in words and item[method]["summary"] in words, path
            part = text[text.index(f'id="{item[method]["operationId"]}"'):]
            part = part[:part.index("</section>")]
            assert all(f">{status}</strong>" in part for status in item[method]["responses"]), path
    assert 'lang="en"' in text and not re.search(r"\$ref|&lt;p&gt;|\{'", text)


async def test_each_operation_says_which_scope_it_needs(portal: Portal) -> None:
    text = (await portal.visitor().get("/en/contract/operations/authorities")).text
    scopes = AUTHORITIES.openapi["components"]["securitySchemes"]["system"]["flows"]["clientCredentials"]["scopes"]
    needed = set()
    for item in AUTHORITIES.openapi["paths"].values():
        for one in (item[method] for method in item.keys() & {"get", "put", "post", "delete"}):
            part = text[text.index(f'id="{one["operationId"]}"'):]
            words = " ".join(unescape(re.sub(r"<[^>]+>", " ", part[:part.index("</section>")])).split())
            mine = {scope for entry in one["security"] for scope in entry["system"]}
            assert {scope for scope in scopes if f"{scope} {scopes[scope]}" in words.partition("Parameters")[0]} == mine, one["operationId"]
            assert ("Needs an access token with this scope:" in words) is bool(mine) and ("Needs no access token." in words) is not bool(mine)
            needed |= mine
    assert needed == set(scopes)
    # The backbone's contract knows no tokens: what is signed proves who sends it.
    assert "access token" not in (await portal.visitor().get("/en/contract/operations/backbone")).text


@pytest.mark.parametrize("language", LOCALES)
async def test_the_makers_of_an_authority_s_system_read_how_it_goes(portal: Portal, language: str) -> None:
    text = (await portal.visitor().get(f"/{language}/contract")).text
    part = text[text.index('id="systems"'):]
    part = part[:part.index('id="keys"')]
    assert part.count('class="steps__step"') == 6 and "<code>follow</code>" in part and f'href="/{language}/contract/operations/authorities"' in part
    assert "<code>system-flanders.json</code>" in text[text.index('id="try"'):]


async def test_every_link_inside_the_pages_arrives(portal: Portal) -> None:
    stranger, texts = portal.visitor(), {}
    pages = [f"/fr/contract/operations/{code}" for code in BOOKS] + [f"/fr/contract/schemas/{code}" for code in schemas()]
    for address in pages:
        answer = await stranger.get(address)
        assert answer.status_code == 200, address
        texts[address] = answer.text
        ids = re.findall(r'\bid="([^"]+)"', answer.text)
        assert len(ids) == len(set(ids)), address
    for address, text in texts.items():
        for href in set(re.findall(r'href="([^"]*)"', text[text.index("<main"):text.index("</main>")])):
            where, anchor = urldefrag(urljoin(address, unescape(href)))
            if where in texts and anchor:
                assert f'id="{anchor}"' in texts[where], (address, href)
            elif where.startswith("/contract/"):
                assert (await stranger.get(where)).status_code == 200, (address, href)


@pytest.mark.parametrize("path", ["operations/nothing", "operations/%2e%2e", "schemas/nothing", "schemas/openapi", "schemas/%2e%2e%2fv3"])
async def test_other_pages_are_not_there(portal: Portal, path: str) -> None:
    assert (await portal.visitor().get(f"/en/contract/{path}")).status_code == 404


def test_a_description_is_read_as_markdown_and_never_as_html() -> None:
    made = prose('# One\n\n<script>alert(1)</script> [x](javascript:alert(1)) `a<b` **b**\n\n## Two', below=2)
    assert "<script" not in made and 'href="javascript' not in made and "<code>a&lt;b</code>" in made and "<strong>b</strong>" in made
    assert "<h3>One</h3>" in made and "<h4>Two</h4>" in made


def test_a_schema_is_told_with_every_rule_and_every_way_on() -> None:
    learn_addresses(ROUTES)
    schema = {
        "type": "object", "additionalProperties": False, "required": ["a"],
        "properties": {
            "a": {"type": "string", "pattern": "^x$", "description": "First."}, "b": {"enum": ["x", 2]}, "c": {"const": 1}, "d": True,
            "e": {"type": ["string", "array"], "items": {"type": "string", "maxLength": 5}}, "f": {"$ref": "event.schema.json#/$defs/step"},
            "g": {"type": "array", "items": {"$ref": "#/$defs/g"}, "uniqueItems": True}, "h": {"anyOf": [{"type": "integer"}, {"type": "object", "properties": {"i": {}}}]},
        },
        "allOf": [{"if": {"properties": {"b": {"const": "x"}}}, "then": {"properties": {"c": {"type": "integer", "minimum": 5}}}}],
    }
    whole = Reader(BACKBONE, schema, "/schemas/{}".format).member("", schema)
    found = {one.name: one for one in whole.parts}
    assert whole.kind == "object" and list(whole.rules) == ["no other members"]
    assert found["a"].required and found["a"].kind == "text" and list(found["a"].rules) == ["pattern ^x$"] and found["a"].about == "First."
    assert list(found["b"].rules) == ["one of: x, 2"] and found["c"].kind == "always 1" and found["d"].kind == "anything" and not found["d"].required
    assert found["e"].kind == "text or list of: text" and list(found["e"].rules) == ["each: at most 5 characters"]
    assert found["f"].link == ("/schemas/event#step", "step") and found["g"].link == ("#g", "g") and "none twice" in found["g"].rules
    assert [one.name for one in found["h"].parts] == ["form 1", "form 2"] and found["h"].parts[1].parts[0].name == "i"
    assert found["when b is x"].parts[0].rules == ["not below 5"]
    named = Reader(BACKBONE, schema, "/schemas/{}".format).member("", {"type": "object", "propertyNames": {"pattern": "^[a-z]+$", "maxLength": 64}})
    assert list(named.rules) == ["each name: pattern ^[a-z]+$", "each name: at most 64 characters"]
