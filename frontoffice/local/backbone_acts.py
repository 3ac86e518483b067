"""The acts of the Immigration Office and the diplomatic posts: signed by the stand-in, posted to the portal."""

import asyncio
import contextlib
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import uuid4

import httpx

from frontoffice.kernel.time import now
from frontoffice.kernel.tokens import Claims, Key, sign
from frontoffice.local import backbone_contract as contract
from frontoffice.local.backbone_behaviour import Act, Mood
from frontoffice.local.backbone_books import Books
from frontoffice.local.backbone_line import Sent
from frontoffice.local.backbone_lives import FEDERAL, Procedure, Standing, procedure_in, standing

EVENT_TYP: Final = "secevent+jwt"
_MEDIA_TYPE: Final = "application/secevent+jwt"
_REFUSAL: Final = "A sample of the stand-in: a document is missing."
_OTHER: Final = dict(zip(FEDERAL, reversed(FEDERAL), strict=True))
_TRY_AGAIN: Final = frozenset({401, 408, 425, 429})
_LONGEST_PAUSE: Final = 30.0


class UnknownDossier(Exception):
    """No message about this dossier has come."""


class AgainstContract(Exception):
    """The event would not be one by the contract; `violations` says where."""

    def __init__(self, violations: list[str]) -> None:
        super().__init__(", ".join(violations))
        self.violations = violations


@dataclass(frozen=True)
class Names:
    """Who signs and for whom, and where the portal takes events."""

    issuer: str
    portal: str
    portal_address: str


@dataclass(frozen=True)
class _Act:
    """A step, or a word about documents or a message; a word holds in every procedure."""

    authority: str
    action: str
    evidence: Mapping[str, Any]
    procedure: Procedure | None = None

    @property
    def event(self) -> dict[str, Any]:
        """The one event of its token."""
        if self.action in contract.WORDS:
            return {contract.EVENTS + self.action: {"authority": self.authority, **self.evidence}}
        return {contract.EVENTS + contract.STEP: {"authority": self.authority, "action": self.action, "evidence": dict(self.evidence)}}

    def violations(self, claims: Claims) -> list[str]:
        """Where the token of this act would leave the contract."""
        found = contract.violations("event.schema.json", claims)
        if self.action in contract.WORDS or self.procedure is None:
            return found
        return [*found, *self.procedure.violations(self.action, dict(self.evidence))]


@dataclass
class _Pause:
    tries: int = 0
    until: float = field(default=float("-inf"))


class Acts:
    """Signs events, lines them up in the books, and posts them until the portal has answered for good."""

    def __init__(self, books: Books, mood: Mood, key: Key, names: Names, client: httpx.AsyncClient) -> None:
        self._books = books
        self._line = books.line
        self._mood = mood
        self._key = key
        self._names = names
        self._client = client
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._pauses: defaultdict[str, _Pause] = defaultdict(_Pause)

    def standing(self, dossier: str) -> Standing:
        """Where a dossier stands, as far as it is known here; raises UnknownDossier."""
        latest = self._books.latest(dossier)
        if latest is None:
            raise UnknownDossier
        return standing(*latest)

    def line_up(self, dossier: str, action: str, evidence: Mapping[str, Any] | None = None, authority: str = "") -> str:
        """Sign an act and put it in the line, twice when so told; gives the jti of the first.

        Without evidence a sample is told. Raises UnknownDossier, and AgainstContract when the dossier's procedure knows no such
        act or both authorities may do it and none is named.
        """
        now_open = self.standing(dossier)
        offers = now_open.offers_of(action)
        if not offers or now_open.procedure is None:
            raise AgainstContract(["$.action: enum"])
        if not authority and len(offers) > 1:
            raise AgainstContract(["$.authority: required"])
        offer = next((one for one in offers if one.authority == authority), offers[0])
        by = authority or offer.authority
        if self._mood.now.post_from_other_authority:
            by = _OTHER.get(by, FEDERAL[0])
        return self._sign(dossier, _Act(by, action, offer.evidence if evidence is None else evidence, now_open.procedure))

    def _sign(self, dossier: str, act: _Act) -> str:
        told = self._mood.now
        identifiers = [str(uuid4()) for _ in range(2 if told.answer_twice else 1)]
        for jti in identifiers:
            claims = self._claims(jti, dossier, act)
            text = sign(claims, self._key, EVENT_TYP)
            state = "lost" if told.lose_events else "held" if told.send_out_of_order else "waiting"
            self._line.line_up(claims, (act.authority, act.action), text, copies=2 if told.send_twice else 1, state=state)
        return identifiers[0]

    def check(self, action: str, evidence: Mapping[str, Any]) -> None:
        """Raise AgainstContract when such an act could not be sent about a dossier of any procedure."""
        acts = [_Act(FEDERAL[0], action, evidence, procedure_in(name)) for name in contract.procedures()]
        found = [one.violations(self._token("1", "SP-2026-0000000-X", 1, one)) for one in acts]
        if all(found):
            raise AgainstContract(max(found, key=len))

    def _claims(self, jti: str, dossier: str, act: _Act) -> Claims:
        claims = self._token(jti, dossier, self._line.next_seq(dossier), act)
        if found := act.violations(claims):
            raise AgainstContract(found)
        return claims

    def _token(self, jti: str, dossier: str, seq: int, act: _Act) -> Claims:
        instant = int(now().timestamp())
        return {"iss": self._names.issuer, "aud": self._names.portal, "iat": instant, "jti": jti, "toe": instant, "sub": dossier, "seq": seq,
                "events": act.event}

    def answer_complete(self, *, dossier: str | None = None, digest: str | None = None) -> None:
        """Answer the messages that are here with all their documents, as their authority: all, or those of one dossier or with one document."""
        for kept, outcome in self._books.answerable(dossier=dossier, digest=digest):
            claims = kept.claims
            about = {"message": claims["txn"], "message_sha256": kept.sha256}
            reasons = {"reasons": [_REFUSAL]} if outcome == "refuse" else {}
            word = contract.REFUSED if outcome == "refuse" else contract.VALIDATED
            self._sign(claims["sub"], _Act(claims["body"]["authority"]["code"], word, {**about, **reasons}))
            self._books.has_answered(claims["txn"])

    def react(self, dossier: str, action: str) -> None:
        """Do what was told to follow by itself on a message with this action; what its procedure does not know is left out."""
        automatic = self._mood.now.automatic
        if automatic is None or automatic.after != action:
            return
        for one in automatic.do:
            act = Act(one) if isinstance(one, str) else one
            with contextlib.suppress(AgainstContract):
                self.line_up(dossier, act.action, act.evidence, act.authority)

    async def run(self) -> None:
        """Post what waits, for ever; a portal that is away delays it and loses nothing."""
        self.answer_complete()
        while True:
            for dossier in self._line.dossiers_waiting():
                if time.monotonic() >= self._pauses[dossier].until:
                    await self.post_waiting(dossier)
            await asyncio.sleep(0.25)

    async def post_waiting(self, dossier: str) -> None:
        """Post the events of one dossier in their order, and stop at the first that must be tried again."""
        async with self._locks[dossier]:
            while one := self._line.next_of(dossier):
                if not await self._post(one):
                    pause = self._pauses[dossier]
                    pause.until = time.monotonic() + min(_LONGEST_PAUSE, 0.5 * 2**pause.tries)
                    pause.tries = min(pause.tries + 1, 10)
                    return
                self._pauses.pop(dossier, None)

    async def _post(self, one: Sent) -> bool:
        """Whether the portal answered for good."""
        headers = {"Content-Type": _MEDIA_TYPE, "Accept": "application/json"}
        try:
            response = await self._client.post(
                f"{self._names.portal_address}/backbone/messages", content=one.text, headers=headers
            )
        except httpx.HTTPError as error:
            self._line.answered(one, {"status": None, "body": type(error).__name__}, done=None)
            return False
        done = "accepted" if response.status_code == 202 else "refused"
        final = response.status_code == 202 or (
            400 <= response.status_code < 500 and response.status_code not in _TRY_AGAIN
        )
        answer = {"status": response.status_code, "body": response.text[:2000]}
        self._line.answered(one, answer, done=done if final else None)
        return final


@contextlib.asynccontextmanager
async def running(acts: Acts) -> AsyncIterator[None]:
    """Post in the background while the application runs."""
    task = asyncio.create_task(acts.run())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
