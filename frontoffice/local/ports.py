"""The loopback ports of one local service: chosen free once, remembered in its folder."""

import json
import random
import socket
import time
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from frontoffice.local.files import CannotStart, write_private

# Below the range from which systems take ports for outgoing connections, and 10,000 more stays below it too.
_LOWEST, _HIGHEST = 12_000, 21_999


class PortTaken(CannotStart):
    """The asked port is in use by another program."""


@dataclass(frozen=True, kw_only=True)
class Ports:
    """Every port of one service; those of SeaweedFS after `s3` are internal to it."""

    portal: int
    download: int
    sign_in: int
    mail: int
    smtp: int
    backbone: int
    scanner: int
    s3: int
    s3_grpc: int
    master: int
    master_grpc: int
    filer: int
    filer_grpc: int
    volume: int
    volume_grpc: int
    admin: int

    @property
    def admin_grpc(self) -> int:
        """Where SeaweedFS looks for its own administration, whatever it is told."""
        return self.admin + 10_000


def is_free(port: int) -> bool:
    """Whether a server could listen on this loopback port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _becomes_free(port: int, patience: float) -> bool:
    """Wait for a port that a service which is just ending may still hold."""
    deadline = time.monotonic() + patience
    while not is_free(port):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def _is_usable(name: str, port: int, patience: float) -> bool:
    return _becomes_free(port, patience) and (name != "admin" or _becomes_free(port + 10_000, patience))


def free_port(name: str = "", taken: frozenset[int] = frozenset()) -> int:
    """A port that nothing listens on, by chance; for `admin` the one that goes with it is free too."""
    while True:
        port = random.randint(_LOWEST, _HIGHEST)  # noqa: S311
        if not taken & {port, port + 10_000} and _is_usable(name, port, 0):
            return port


def choose_ports(folder: Path, portal: int, patience: float = 10.0) -> Ports:
    """The ports of the service in `folder`: those of its last run where free, else others; raises PortTaken."""
    if not _becomes_free(portal, patience):
        raise PortTaken(f"Port {portal} is in use by another program. Choose another one: make run PORT=8100")
    file = folder / "ports.json"
    remembered: dict[str, int] = json.loads(file.read_text()) if file.exists() else {}
    chosen = {"portal": portal}
    for name in (one.name for one in fields(Ports) if one.name != "portal"):
        taken = frozenset(chosen.values()) | {chosen.get("admin", 0) + 10_000}
        last = remembered.get(name)
        usable = last is not None and last not in taken and _is_usable(name, last, patience)
        chosen[name] = last if usable and last is not None else free_port(name, taken.union(remembered.values()))
    ports = Ports(**chosen)
    write_private(file, json.dumps(asdict(ports), indent=2))
    return ports
