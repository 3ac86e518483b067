"""Reading the fixtures of GOV.UK Frontend, and comparing two pieces of HTML."""

import json
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

COMPONENTS = Path(__file__).parents[2] / "node_modules/govuk-frontend/dist/govuk/components"

Options = dict[str, Any]


class UnsupportedOption(Exception):
    """The fixture shows an option that our macro leaves out on purpose."""


class Reader:
    """Options that are taken one by one; what is left at the end is not supported."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        self.left = dict(options)

    def take(self, name: str, default: Any = "") -> Any:
        value = self.left.pop(name, default)
        return default if value is None else value

    def text(self, name: str) -> str:
        inner = Reader(self.take(name, {}))
        text = inner.take("text")
        inner.done()
        return str(text)

    def heading(self, name: str, into: str) -> Options:
        inner = Reader(self.take(name, {}))
        found = {into: inner.take("text"), "classes": inner.take("classes")}
        found["heading"] = inner.take("isPageHeading", False)
        inner.done()
        return found

    def done(self) -> None:
        if self.left:
            raise UnsupportedOption(", ".join(self.left))


def attributes(reader: Reader) -> Options:
    """Further attributes of an element, as they are."""
    return dict(reader.take("attributes", {}))


class Rendered(str):
    """Markup as another macro would hand it over."""

    def __html__(self) -> str:
        return self


def fixtures_of(component: str) -> list[Options]:
    """The examples that the npm package ships for one component, each with options and HTML."""
    found: list[Options] = json.loads((COMPONENTS / component / "fixtures.json").read_text())["fixtures"]
    return found


class _Events(HTMLParser):
    def __init__(self, without: tuple[str, ...]) -> None:
        super().__init__()
        self.without = without
        self.events: list[object] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        kept = {name: value or "" for name, value in attrs if name not in self.without}
        if "class" in kept:
            kept["class"] = " ".join(sorted(kept["class"].split()))
        self.events.append((tag, kept))

    def handle_endtag(self, tag: str) -> None:
        self.events.append(("/", tag))

    def handle_data(self, data: str) -> None:
        if text := " ".join(data.split()):
            self.events.append(text)


def normal(html: str, without: tuple[str, ...] = ()) -> list[object]:
    """Elements, attributes and texts in order, whatever the order of attributes or the space between elements."""
    events = _Events(without)
    events.feed(html)
    events.close()
    return events.events
