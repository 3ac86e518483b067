"""Where a person goes on after signing in: a page of this portal, never an address that somebody wrote."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from litestar import Litestar
from litestar.routes import HTTPRoute

from frontoffice.kernel.web import NEUTRAL

_LONGEST = 300
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


def place_at(app: Litestar, path: str) -> Place | None:
    """The page at this path of ours, without language; None for anything else, whatever it looks like."""
    if not 1 <= len(path) <= _LONGEST:
        return None
    for name, pattern in _patterns(app):
        if (found := pattern.fullmatch(path)) and all(_PARAMETER.fullmatch(one) for one in found.groups()):
            return Place(name, found.groupdict(), path)
    return None


def page_for(app: Litestar, path: str) -> Place | None:
    """The page at this path, or the nearest one above it: a form without a page of its own was on that."""
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
