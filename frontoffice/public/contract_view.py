"""Makes of an OpenAPI description and of JSON Schemas what people read: operations, and the members of each object. The words are English."""

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import urldefrag

from frontoffice.kernel.rendering import Asset
from frontoffice.public.contract_files import JOSE, Book, served, slug

_METHODS: Final = ("get", "put", "post", "delete", "patch")
_REFERENCE: Final = "$ref"
# Rules of JSON Schema in the order in which they are told, with the words for them.
_RULES: Final[Mapping[str, str]] = {
    "format": "format {}", "pattern": "pattern {}", "minLength": "at least {} characters", "maxLength": "at most {} characters",
    "minimum": "not below {}", "maximum": "not above {}", "minItems": "at least {} items", "maxItems": "at most {} items",
    "minProperties": "at least {} members", "maxProperties": "at most {} members", "default": "if absent: {}",
}
_KINDS: Final[Mapping[str, str]] = {"string": "text", "integer": "whole number", "boolean": "true or false", "array": "list"}
_CHOICES: Final = ("anyOf", "oneOf")


@dataclass(frozen=True, kw_only=True)
class Member:
    """One member of an object, or one form that a value may take; `link` leads to where its kind is described."""

    name: str
    required: bool = False
    kind: str = ""
    rules: Sequence[str] = ()
    about: str = ""
    link: tuple[str, str] | None = None
    parts: Sequence["Member"] = ()


@dataclass(frozen=True)
class Example:
    """A title, the text of the example, and where it can be fetched, if it is a file."""

    title: str
    text: str
    href: str = ""


@dataclass(frozen=True)
class Content:
    """What a body holds: its media type, its members or kind, what is signed inside it, and examples."""

    media_type: str
    whole: Member
    signed: Sequence[Member]
    examples: Sequence[Example]


@dataclass(frozen=True)
class Answer:
    """An answer by its status."""

    status: str
    about: str
    headers: Sequence[Member]
    contents: Sequence[Content]


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One operation: who offers it, what is sent, what is answered; `scopes` of which its access token needs one, None where no contract asks for tokens."""

    anchor: str
    method: str
    path: str
    offered_by: Sequence[str]
    scopes: Sequence[Member] | None
    title: str
    about: str
    parameters: Sequence[Member]
    body_about: str
    body: Sequence[Content]
    answers: Sequence[Answer]


@dataclass(frozen=True)
class Part:
    """A schema that others point to by its anchor."""

    anchor: str
    title: str
    whole: Member
    examples: Sequence[Example] = ()


@dataclass(frozen=True)
class Reader:
    """Reads one file of a contract; `schema_page` gives the address of the page about a schema file, by its slug."""

    book: Book
    document: Mapping[str, Any]
    schema_page: Any = field(repr=False)

    def groups(self) -> list[tuple[str, str, list[Operation]]]:
        """The operations by their tag: its name, what it is about, and its operations, in the order of the description."""
        found = list(self._operations())
        tags = [(one["name"], one.get("description", "")) for one in self.document.get("tags", [])]
        return [(name, about, mine) for name, about in tags if (mine := [operation for tag, operation in found if tag == name])]

    def parts(self) -> list[Part]:
        """The schemas that this file keeps for others to point to."""
        kept = self.document.get("$defs") or self.document.get("components", {}).get("schemas", {})
        return [Part(name, one.get("title", name), self.member(name, one), examples_of(one)) for name, one in kept.items()]

    def member(self, name: str, schema: Any, *, required: bool = False) -> Member:
        """What a schema says of a value, with the members inside it."""
        if not isinstance(schema, Mapping):
            return Member(name=name, required=required, kind="anything" if schema else "nothing")
        about = str(schema.get("description", ""))
        if _REFERENCE in schema:
            return Member(name=name, required=required, link=self._link(schema[_REFERENCE]), about=about)
        made = Member(name=name, required=required, kind=_kind(schema), rules=_rules(schema), about=about, parts=[*self._inside(schema), *self._when(schema)])
        items = schema.get("items")
        return self._list_of(made, items) if isinstance(items, Mapping) else made

    def _operations(self) -> Iterator[tuple[str, Operation]]:
        for path, item in self.document.get("paths", {}).items():
            for method in _METHODS:
                if method in item:
                    one = item[method]
                    yield next(iter(one.get("tags", [])), ""), self._operation(path, method, item, one)

    def _operation(self, path: str, method: str, item: Mapping[str, Any], one: Mapping[str, Any]) -> Operation:
        body = self._resolved(one.get("requestBody", {}))
        return Operation(
            anchor=one["operationId"], method=method.upper(), path=path, title=one.get("summary", ""), about=one.get("description", ""),
            offered_by=[server["description"] for server in one.get("servers") or item.get("servers") or self.document.get("servers", [])],
            scopes=self._scopes(one.get("security", self.document.get("security", ()))),
            parameters=[self._parameter(self._resolved(each)) for each in (*item.get("parameters", ()), *one.get("parameters", ()))],
            body_about=body.get("description", ""), body=self._contents(body),
            answers=[self._answer(status, each) for status, each in one["responses"].items()],
        )

    def _scopes(self, security: Sequence[Mapping[str, Sequence[str]]]) -> list[Member] | None:
        schemes = self.document.get("components", {}).get("securitySchemes")
        if not schemes:
            return None
        told = {scope: about for scheme in schemes.values() for flow in scheme.get("flows", {}).values() for scope, about in flow["scopes"].items()}
        return [Member(name=scope, about=told[scope]) for entry in security for scopes in entry.values() for scope in scopes]

    def _answer(self, status: str, kept: Mapping[str, Any]) -> Answer:
        one = self._resolved(kept)
        headers = [self._parameter({"name": name, **self._resolved(each)}) for name, each in one.get("headers", {}).items()]
        return Answer(status, one.get("description", ""), headers, self._contents(one))

    def _parameter(self, one: Mapping[str, Any]) -> Member:
        made = self.member(one["name"], one.get("schema", True), required=one.get("required", False))
        return replace(made, about=one.get("description", made.about), rules=[*([f"in: {one['in']}"] if "in" in one else []), *made.rules])

    def _contents(self, holder: Mapping[str, Any]) -> list[Content]:
        return [Content(kind, self.member("", one.get("schema", True)), self._signed(one), list(self._examples(one)))
                for kind, one in holder.get("content", {}).items()]

    def _signed(self, media: Mapping[str, Any]) -> list[Member]:
        """What the contract says of a signed text: its header, and the schema of what is inside."""
        found = []
        for name, told in media.items():
            if name.startswith("x-jws-"):
                title = name.removeprefix("x-jws-").replace("-", ", its ")
                made = self.member(title, told)
                found.append(made if made.link else replace(made, rules=[f"{key}: {value}" for key, value in told.items() if key != "description"]))
        return found

    def _examples(self, media: Mapping[str, Any]) -> Iterator[Example]:
        if "example" in media:
            yield Example("", _text(media["example"]))
        for name, kept in media.get("examples", {}).items():
            one, title = self._resolved(kept), self._resolved(kept).get("summary", name)
            file = one.get("externalValue", "")
            if not file:
                yield Example(title, _text(one["value"]))
            elif file in served(self.book.code):
                yield Example(title, _legible(served(self.book.code)[file]), self.book.address(file))

    def _inside(self, schema: Mapping[str, Any]) -> Iterator[Member]:
        needed = schema.get("required", ())
        for name, one in schema.get("properties", {}).items():
            yield self.member(name, one, required=name in needed)
        others = schema.get("additionalProperties")
        if isinstance(others, Mapping):
            yield self.member("any other name", others)
        for choice in _CHOICES:
            for number, one in enumerate(schema.get(choice, ()), 1):
                yield self.member(f"form {number}", one)

    def _when(self, schema: Mapping[str, Any]) -> Iterator[Member]:
        """Conditions: what holds when a member has a certain value; whatever else `allOf` joins holds always."""
        for one in schema.get("allOf", ()):
            if "if" in one:
                given = " and ".join(f"{name} is {_value_of(told)}" for name, told in one["if"].get("properties", {}).items())
                yield replace(self.member(f"when {given}", one.get("then", True)), kind="")
            else:
                yield self.member("also", one)

    def _list_of(self, made: Member, items: Mapping[str, Any]) -> Member:
        one = self.member("", items)
        words = made.kind if one.link else f"{made.kind} of: {one.kind}"
        each = [f"each: {rule}" for rule in one.rules]
        return replace(made, kind=words, link=one.link, rules=[*made.rules, *each], about=" ".join(filter(None, (made.about, one.about))),
                       parts=[*made.parts, *one.parts])

    def _resolved(self, kept: Mapping[str, Any]) -> Mapping[str, Any]:
        """What a place in this file holds, or the place that it points to."""
        found: Any = kept
        while _REFERENCE in found:
            pointer, found = found[_REFERENCE], self.document
            for step in pointer.removeprefix("#/").split("/"):
                found = found[step.replace("~1", "/").replace("~0", "~")]
        return found  # type: ignore[no-any-return]

    def _link(self, reference: str) -> tuple[str, str]:
        """Where the thing is described that a reference names, and how it is called there."""
        file, pointer = urldefrag(reference)
        name = pointer.rsplit("/", 1)[-1]
        if not file:
            return f"#{name}", name
        page = str(self.schema_page(slug(file)))
        return (f"{page}#{name}", name) if name else (page, file)


def _kind(schema: Mapping[str, Any]) -> str:
    if "const" in schema:
        return f"always {_text(schema['const'])}"
    kinds = schema.get("type", "")
    listed = [kinds] if isinstance(kinds, str) else kinds
    words = [_KINDS.get(one, one) for one in listed if one]
    return " or ".join(words) or ("one of these forms" if any(one in schema for one in _CHOICES) else "")


def _rules(schema: Mapping[str, Any]) -> list[str]:
    told = [words.format(_text(schema[name])) for name, words in _RULES.items() if name in schema]
    if "enum" in schema:
        told.insert(0, "one of: " + ", ".join(map(_text, schema["enum"])))
    if schema.get("uniqueItems"):
        told.append("none twice")
    if "propertyNames" in schema:
        told += [f"each name: {rule}" for rule in _rules(schema["propertyNames"])]
    if schema.get("additionalProperties") is False and "properties" in schema:
        told.append("no other members")
    return told


def _value_of(told: Mapping[str, Any]) -> str:
    return _text(told["const"]) if "const" in told else ", ".join(_rules(told))


def examples_of(schema: Mapping[str, Any]) -> list[Example]:
    """The examples that a schema gives of what it describes."""
    return [Example("", _text(one)) for one in schema.get("examples", ())]


def _legible(file: Asset) -> str:
    """The text of an example that is a file: of a signed one its header and what it says, nothing of what is no text."""
    if file.media_type == JOSE:
        parts = file.content.decode().split(".")[:2]
        return "\n\n".join(_text(json.loads(base64.urlsafe_b64decode(one + "=" * (-len(one) % 4)))) for one in parts)
    return file.content.decode().strip() if file.media_type.startswith("application/json") else ""


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2 if isinstance(value, (dict, list)) else None)
