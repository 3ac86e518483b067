"""The ways in which a request can be turned down; no framework."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as a_field


@dataclass(frozen=True)
class Problem:
    """What is wrong with one answer: `message` is a msgid, `params` fill its placeholders."""

    field: str
    message: str
    params: Mapping[str, object] = a_field(default_factory=dict)


class NotFound(Exception):
    """Does not exist, or not for this reader: both look the same from outside."""


class SignedOut(Exception):
    """The page needs a session and there is none, or it has ended."""


class WeakSignIn(Exception):
    """The step asks for a stronger key than the one that the reader signed in with at `provider`."""

    def __init__(self, provider: str) -> None:
        super().__init__(provider)
        self.provider = provider


class BadRequest(Exception):
    """The request itself is broken: not UTF-8, too many fields, a stale or foreign form token."""


class BadFormToken(BadRequest):
    """The form did not carry the token of this session."""


class Invalid(Exception):
    """Some answers cannot be taken as they are."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(", ".join(f"{one.field}: {one.message}" for one in problems))
        self.problems = problems


class Refused(Exception):
    """The reader may see the dossier but may not do this; `message` is a msgid that says why."""

    def __init__(self, message: str, **params: object) -> None:
        super().__init__(message)
        self.message = message
        self.params = params


class Conflict(Exception):
    """The step or the text is no longer what the reader had before the eyes."""

    def __init__(self, message: str, **params: object) -> None:
        super().__init__(message)
        self.message = message
        self.params = params


class TooLarge(Exception):
    """More bytes than `limit` were sent or announced."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"more than {limit} bytes")
        self.limit = limit


class TooMany(Exception):
    """A rate was exceeded; the next try may come after `retry_after` seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"retry after {retry_after} s")
        self.retry_after = retry_after


class Unavailable(Exception):
    """Something that the program depends on does not answer: "database", "storage", "sign-in"."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what
