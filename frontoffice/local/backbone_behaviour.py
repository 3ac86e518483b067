"""How well the backbone stand-in behaves, as told by `PUT /behaviour`, and the layer that makes it fail on purpose."""

import asyncio
import json
from typing import Annotated, Any, Literal, get_args

import msgspec
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from frontoffice.local.backbone_books import Books
from frontoffice.local.backbone_lives import federal_actions

Answers = Literal["validate", "refuse", "silent"]
Failure = Literal["500", "503", "429", "redirect", "html-200", "cut", "wrong-hash", "drop-answer"]
Action = Annotated[str, msgspec.Meta(pattern=f"^({'|'.join(sorted(federal_actions()))})$")]
ANSWERS: tuple[str, ...] = get_args(Answers)
FAILURES: tuple[str, ...] = get_args(Failure)
_STATUS = {"500": "Internal Server Error", "503": "Service Unavailable", "429": "Too Many Requests"}
_TYPE = {"500": "internalServerError", "503": "serviceUnavailable", "429": "tooManyRequests"}


class Act(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One act to do by itself; without evidence a sample is used. The authority is needed only where both may do it."""

    action: Action
    evidence: dict[str, Any] | None = None
    authority: str = ""


class Automatic(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a message with the action `after` arrives, do these acts about its dossier, those that its procedure knows."""

    after: str
    do: list[Action | Act]


class Behaviour(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to do wrong; the defaults are a well-behaved peer. `fail_times` counts down to the end of `fail`.

    Nothing is stored on 500, 503, 429, redirect, html-200 and cut; on wrong-hash and drop-answer it is. `lose_events` keeps events
    out of the post, so that only a pull brings them. `answer_messages` holds for the messages that come from then on.
    """

    delay_seconds: Annotated[float, msgspec.Meta(ge=0, le=600)] = 0
    fail: Failure | None = None
    fail_times: Annotated[int, msgspec.Meta(ge=1)] | None = None
    answer_twice: bool = False
    send_twice: bool = False
    send_out_of_order: bool = False
    lose_events: bool = False
    post_from_other_authority: bool = False
    answer_messages: Answers = "validate"
    automatic: Automatic | None = None


class Mood:
    """The behaviour in force; kept in the books, so that a restart does not change it."""

    def __init__(self, books: Books) -> None:
        self._books = books
        kept = books.setting("behaviour")
        self.now = msgspec.json.decode(kept, type=Behaviour) if kept else Behaviour()

    def change(self, behaviour: Behaviour) -> None:
        """Behave like this from now on."""
        self.now = behaviour
        self._books.keep_setting("behaviour", msgspec.json.encode(behaviour).decode())
        if not behaviour.send_out_of_order:
            self._books.line.release_all()

    @property
    def answer(self) -> str | None:
        """What will be answered to a message that comes now; nothing by one who is silent."""
        return None if self.now.answer_messages == "silent" else self.now.answer_messages

    def take_failure(self) -> str | None:
        """How the present request is to fail, counted down."""
        failure, left = self.now.fail, self.now.fail_times
        if failure is not None and left is not None:
            rest = {"fail_times": left - 1} if left > 1 else {"fail": None, "fail_times": None}
            self.change(msgspec.structs.replace(self.now, **rest))
        return failure


def misbehaving(app: ASGIApp, mood: Mood) -> ASGIApp:
    """The application, made slow or wrong where the portal hands over: messages and documents."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or not _is_hand_over(scope["method"], scope["path"]):
            await app(scope, receive, send)
            return
        await asyncio.sleep(mood.now.delay_seconds)
        failure = mood.take_failure()
        if failure in _STATUS:
            await _problem(send, failure)
        elif failure == "redirect":
            await _whole(send, 307, [(b"location", b"/elsewhere"), (b"content-type", b"text/plain")], b"moved")
        elif failure == "html-200":
            await _whole(send, 200, [(b"content-type", b"text/html")], b"<!doctype html><title>Please sign in</title>")
        elif failure == "cut":
            await _cut(send)
        elif failure == "drop-answer":
            await app(scope, receive, _swallow)
            await _cut(send)
        else:
            scope["state"]["wrong_hash"] = failure == "wrong-hash"
            await app(scope, receive, send)

    return answer


def _is_hand_over(method: str, path: str) -> bool:
    return (method, path) == ("POST", "/messages") or (method == "PUT" and path.startswith("/documents/"))


async def _problem(send: Send, failure: str) -> None:
    problem = {"type": f"urn:problem-type:belgif:{_TYPE[failure]}", "title": _STATUS[failure], "status": int(failure)}
    headers = [(b"content-type", b"application/problem+json")]
    if failure != "500":
        headers.append((b"retry-after", b"1"))
    await _whole(send, int(failure), headers, json.dumps(problem).encode())


async def _whole(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


async def _cut(send: Send) -> None:
    """Promise a thousand bytes, send one and return: the server then drops the connection."""
    headers = [(b"content-type", b"application/jose"), (b"content-length", b"1000")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b".", "more_body": True})


async def _swallow(message: Message) -> None:
    """Nothing of the answer leaves."""
