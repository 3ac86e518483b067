"""Ports for the servers that tests start: no two processes of one run give out the same."""

import os
import random
from itertools import count

from frontoffice.local.ports import is_free

# Below those that a local service chooses for itself, and those that systems take for outgoing connections: a server that
# needs seconds to start finds its port as free as it was.
_LOWEST, _HIGHEST = 10_000, 11_999
_SHARE = (_HIGHEST - _LOWEST + 1) // int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
_FIRST = _LOWEST + _SHARE * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
# Another run on this machine begins elsewhere.
_turns = count(random.randrange(_SHARE))


def own_port() -> int:
    """A port of this process's share on which nothing listens, each time another."""
    while not is_free(port := _FIRST + next(_turns) % _SHARE):
        pass
    return port
