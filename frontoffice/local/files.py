"""Files of the state folder: written whole or not at all, readable by their owner, made once."""

import fcntl
import hashlib
import json
import os
import secrets
import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

_LONGEST_SOCKET_FOLDER = 80  # a Unix socket's whole path holds some 100 bytes


class CannotStart(Exception):
    """Why the service does not start, in words for the person who started it."""


class FolderInUse(CannotStart):
    """Another local service runs in the folder."""


def write_private(file: Path, text: str) -> None:
    """Write `text` atomically, mode 0600."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())
    draft.replace(file)


def made_once(file: Path, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The JSON object in `file`, made and kept on first use."""
    if not file.exists():
        write_private(file, json.dumps(make(), indent=2))
    content: dict[str, Any] = json.loads(file.read_text())
    return content


def make_secrets() -> dict[str, str]:
    """The secrets of one installation."""
    names = ("secret_key", "client_secret", "s3_web_key", "s3_web_secret", "s3_worker_key", "s3_worker_secret")
    return {name: secrets.token_hex(32 if name.endswith(("secret", "secret_key")) else 10) for name in names}


def hold(folder: Path) -> IO[str]:
    """Keep other services out of the folder for as long as the returned file is open; raises FolderInUse."""
    lock = (folder / "lock").open("a")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        raise FolderInUse(f"A service already runs in {folder}. End it first, or give another folder.") from error
    return lock


def let_pass(place: Path) -> None:
    """Let another system user pass through the folders above `place`, without listing them."""
    for folder in place.parents:
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            folder.chmod(mode | stat.S_IXOTH)


def _socket_place(folder: Path) -> Path:
    place = folder / "sockets"
    if len(bytes(place)) <= _LONGEST_SOCKET_FOLDER:
        return place
    return Path("/tmp") / f"frontoffice-{hashlib.sha256(bytes(folder)).hexdigest()[:16]}"


def remove_sockets(folder: Path) -> None:
    """Leave no folder of sockets behind once everything has ended."""
    shutil.rmtree(_socket_place(folder), ignore_errors=True)


def socket_folder(folder: Path) -> Path:
    """A folder for Unix sockets, ours alone and with a path short enough for them."""
    place = _socket_place(folder)
    place.mkdir(mode=0o711, exist_ok=True)
    if place.is_symlink() or place.stat().st_uid != os.getuid():
        raise PermissionError(f"{place} belongs to somebody else")
    return place
