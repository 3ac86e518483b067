"""Our own signing keys in their two files: the private ones, of which the first signs, and the public ones that everybody may fetch."""

import fcntl
import json
import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from frontoffice.kernel.time import now
from frontoffice.kernel.tokens import Key, new_key, public_jwks

logger = logging.getLogger("frontoffice.keys")

# How long peers may keep what we publish: the longest age that its address gives, and then a little for what is on its way.
CACHED: Final = timedelta(minutes=10)


class KeyRefused(Exception):
    """The change of keys would break something; the text tells an operator what, and what to do."""


@dataclass
class SigningKey:
    """The key that signs now: the file is looked at each time, so that a change of keys needs no restart."""

    path: Path
    _seen: tuple[int, int, int] | None = None
    _key: Key | None = None

    def current(self) -> Key:
        """The first key of the file; while it cannot be read, the last one that could be. Without any, raises OSError or ValueError."""
        try:
            found = self.path.stat()
            mark = (found.st_mtime_ns, found.st_size, found.st_ino)
            if mark != self._seen or self._key is None:
                self._key, self._seen = _first(self.path), mark
        except (OSError, ValueError) as problem:
            if self._key is None:
                raise
            logger.error("the file of signing keys cannot be read (%s): the key known before signs", type(problem).__name__)
        return self._key


def _first(path: Path) -> Key:
    listed = _read(path)["keys"]
    if not listed or not {"kid", "d"} <= listed[0].keys():
        raise ValueError("no signing key")
    first: Key = listed[0]
    return first


def _read(path: Path) -> dict[str, Any]:
    """The JWK Set of a file; raises OSError or ValueError."""
    found = json.loads(path.read_text("utf-8"))
    if not isinstance(found, dict) or not isinstance(found.get("keys"), list) or not all(isinstance(one, dict) for one in found["keys"]):
        raise ValueError("not a set of keys")
    return found


@dataclass(frozen=True)
class KeyState:
    """One private key as an operator sees it; times are absent where nobody wrote them down."""

    kid: str
    signs: bool
    is_published: bool
    published_at: datetime | None
    used_from: datetime | None
    used_until: datetime | None

    @property
    def is_new(self) -> bool:
        """Whether it never signed anything: the next key. One that was put there by hand may have."""
        return not self.signs and self.used_until is None and self.published_at is not None


@dataclass(frozen=True)
class KeyFiles:
    """Both files; every change is written whole or not at all, and two changes wait for each other."""

    private: Path
    public: Path

    def states(self) -> list[KeyState]:
        """The private keys, the one that signs first; raises OSError or ValueError."""
        private, public = self._both()
        published = {one.get("kid") for one in public["keys"]}
        return [
            KeyState(one["kid"], signs=place == 0, is_published=one["kid"] in published, published_at=_instant(one.get("published_at")),
                     used_from=_instant(one.get("used_from")), used_until=_instant(one.get("used_until")))
            for place, one in enumerate(private["keys"])
        ]

    def prepare(self) -> str:
        """Make and publish the next key; the first of all signs at once. Gives its name; raises KeyRefused when there is a next one."""
        with self._alone():
            private, public = self._both()
            if any(one.is_new for one in self.states()):
                raise KeyRefused("There is a next key already: see `frontoffice keys list`.")
            made: dict[str, Any] = {**new_key(), "published_at": _seconds()}
            if not private["keys"]:
                made["used_from"] = made["published_at"]
            # The private half first: a key that is published and lost would be one that nobody can use or explain.
            _write(self.private, {**private, "keys": [*private["keys"], made]}, secret=True)
            self._publish(public, [*public["keys"], made])
            return str(made["kid"])

    def use(self, kid: str, *, at_once: bool = False) -> None:
        """Sign with that key from now on; raises KeyRefused until it has been published for as long as peers keep what they fetched."""
        with self._alone():
            private, one = self._both()[0], self._state(kid)
            if one.signs:
                raise KeyRefused(f"{kid} signs already.")
            if not one.is_published:
                raise KeyRefused(f"{kid} is not in {self.public}: nobody could check what it signs.")
            ready = one.published_at + CACHED if one.published_at else None
            if ready and ready > now() and not at_once:
                raise KeyRefused(f"Peers may not know {kid} before {_told(ready)}. Wait until then, or use --now if no peer has fetched our keys yet.")
            instant, listed = _seconds(), private["keys"]
            chosen = next(key for key in listed if key["kid"] == kid)
            before = {**listed[0], "used_until": instant}
            used = {name: value for name, value in chosen.items() if name != "used_until"} | {"used_from": instant}
            _write(self.private, {**private, "keys": [used, before, *(key for key in listed[1:] if key["kid"] != kid)]}, secret=True)

    def retire(self, kid: str, unsent: Mapping[str, int], *, forced: bool = False) -> None:
        """Destroy the private half of a key and publish the public half as a former one, for papers that it signed.

        `unsent` tells how many stored messages each key signed that are not delivered; raises KeyRefused while there are any, or may be.
        """
        with self._alone():
            (private, public), one = self._both(), self._state(kid)
            if one.signs:
                raise KeyRefused(f"{kid} signs now: use another key first.")
            if unsent.get(kid) and not forced:
                raise KeyRefused(f"{unsent[kid]} messages that {kid} signed are not delivered yet: their receivers must still find it.")
            over = one.used_until + CACHED if one.used_until else None
            if over and over > now() and not forced:
                raise KeyRefused(f"{kid} signed until {_told(over - CACHED)}: what is on its way may need it until {_told(over)}.")
            kept = [key for key in public["keys"] if key.get("kid") != kid]
            gone = [key for key in private["keys"] if key["kid"] == kid and not one.is_new]
            former = [*public.get("former", ()), *({**key, "retired_at": _seconds()} for key in public_jwks({"keys": gone})["keys"])]
            # Out of publication first: an end half way leaves a key that can be retired again.
            self._publish({**public, "former": former}, kept)
            _write(self.private, {**private, "keys": [key for key in private["keys"] if key["kid"] != kid]}, secret=True)

    def _state(self, kid: str) -> KeyState:
        try:
            return next(one for one in self.states() if one.kid == kid)
        except StopIteration:
            raise KeyRefused(f"{self.private} holds no key {kid}.") from None

    def _both(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """The private and the public set; files that are not there yet are empty ones."""
        return tuple(_read(path) if path.exists() else {"keys": []} for path in (self.private, self.public))  # type: ignore[return-value]

    def _publish(self, public: dict[str, Any], keys: list[dict[str, Any]]) -> None:
        _write(self.public, {**public, **public_jwks({"keys": keys})}, secret=False)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with open(os.open(self.private.with_name(f"{self.private.name}.lock"), os.O_WRONLY | os.O_CREAT, 0o600), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def former_keys(public: Path) -> dict[str, Any]:
    """The public halves of keys that sign no longer, as a JWK Set: what they signed before `retired_at` can still be checked."""
    return {"keys": _read(public).get("former", [])}


def _write(path: Path, content: dict[str, Any], *, secret: bool) -> None:
    """Put a new file in the place of the old one in one step, for the same owner; a secret one is for that owner alone."""
    before = path.stat() if path.exists() else None
    draft = path.with_name(f".{path.name}.new")
    with suppress(FileNotFoundError):
        draft.unlink()
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(content, file, indent=2)
        file.flush()
        if before and (before.st_uid, before.st_gid) != (os.geteuid(), os.getegid()):
            os.fchown(file.fileno(), before.st_uid, before.st_gid)
        os.fchmod(file.fileno(), 0o600 if secret else (before.st_mode & 0o777 if before else 0o644))
        os.fsync(file.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _seconds() -> int:
    return int(now().timestamp())


def _instant(seconds: object) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, int) else None


def _told(instant: datetime) -> str:
    return instant.astimezone(now().tzinfo).strftime("%Y-%m-%d %H:%M:%S")
