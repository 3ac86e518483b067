"""Where a person goes on after signing in: a page of this portal, never an address that somebody wrote."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import parse_qsl, urlencode

from litestar import Litestar
from litestar.routes import HTTPRoute

from frontoffice.kernel.web import NEUTRAL

_LONGEST, _LONGEST_QUERY = 300, 1200
# What the finder knows goes on to the page that begins a dossier; other pages come back without their query.
_WITH_QUERY = frozenset({"new-dossier"})
_QUESTION = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_ANSWER = re.compile(r"[\w.,' -]{1,80}")
# A first character that is no dot: "." and ".." are not names but ways to another path.
_PARAMETER = re.compile(r"[A-Za-z0-9_~-][A-Za-z0-9_.~-]{0,119}")
_SLOT = re.compile(r"\{(\w+)\}")
# Going back to these would only lead in a circle.
_NOT_BACK_TO = frozenset({"sign-in", "begin-sign-in", "sign-in-callback", "signed-out", "choose-hat"})


@dataclass(frozen=True)
class Place:
    """A page by the name of its route and its parameters, from which its address is made anew."""

    name: str
    params: Mapping[str, str]
    path: str
    query: Mapping[str, str] = field(default_factory=dict)

    @property
    def address(self) -> str:
        """The path, and the answers that go on with it."""
        return self.path + ("?" + urlencode(self.query) if self.query else "")


def place_at(app: Litestar, path: str) -> Place | None:
    """The page at this path of ours, without language; None for anything else, whatever it looks like."""
    path, mark, query = path.partition("?")
    if not 1 <= len(path) <= _LONGEST or len(query) > _LONGEST_QUERY:
        return None
    for name, pattern in _patterns(app):
        if (found := pattern.fullmatch(path)) and all(_PARAMETER.fullmatch(one) for one in found.groups()):
            return Place(name, found.groupdict(), path, _answers_in(query)) if not mark or name in _WITH_QUERY else None
    return None


def _answers_in(query: str) -> Mapping[str, str]:
    """The answers of a query, made anew; what does not look like one is left out."""
    try:
        rows = parse_qsl(query, max_num_fields=40)
    except ValueError:
        return {}
    return {name: text for name, text in rows if _QUESTION.fullmatch(name) and _ANSWER.fullmatch(text)}


def page_for(app: Litestar, path: str) -> Place | None:
    """The page at this path, or the nearest one above it: a form without a page of its own was on that."""
    if found := place_at(app, path):
        return found
    path = path.partition("?")[0]
    while path.count("/") > 1:
        if found := place_at(app, path):
            return found
        path = path.rpartition("/")[0]
    return place_at(app, path)


@lru_cache(maxsize=4)
def _patterns(app: Litestar) -> tuple[tuple[str, re.Pattern[str]], ...]:
    found = []
    for route in app.routes:
        # Information pages, whose whole path is a parameter, need no sign-in and would take any word for a page.
        if isinstance(route, HTTPRoute) and not route.path_format.startswith((*NEUTRAL, "/{")):
            names = [one.name for one in route.route_handlers if "GET" in one.http_methods and one.name]
            found += [(name, _pattern(route.path_format)) for name in names if name not in _NOT_BACK_TO]
    # An address without parameters wins over a pattern that fits it too.
    return tuple(sorted(found, key=lambda one: one[1].groups))


def _pattern(path_format: str) -> re.Pattern[str]:
    parts = _SLOT.split(path_format)
    return re.compile("".join(f"(?P<{part}>[^/]+)" if index % 2 else re.escape(part) for index, part in enumerate(parts)))
