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

from frontoffice.backbone import contract
from frontoffice.kernel.time import now
from frontoffice.kernel.tokens import Claims, Key, sign
from frontoffice.local.backbone_behaviour import Act, Mood
from frontoffice.local.backbone_books import Books, Sent
from frontoffice.local.backbone_lives import Standing, standing
from frontoffice.procedures import EDITIONS
from frontoffice.procedures.vocabulary import Procedure, Role

EVENT_TYP: Final = "permit-window-event+jwt"
_OTHER: Final = {Role.IMMIGRATION_OFFICE: Role.DIPLOMATIC_POST, Role.DIPLOMATIC_POST: Role.IMMIGRATION_OFFICE}
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
    authority: str
    action: str
    evidence: Mapping[str, Any]
    procedure: Procedure


@dataclass
class _Pause:
    tries: int = 0
    until: float = field(default=float("-inf"))


class Acts:
    """Signs events, lines them up in the books, and posts them until the portal has answered for good."""

    def __init__(self, books: Books, mood: Mood, key: Key, names: Names, client: httpx.AsyncClient) -> None:
        self._books = books
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
        told = self._mood.now
        by = authority or offer.authority
        by = _OTHER.get(by, Role.IMMIGRATION_OFFICE) if told.post_from_other_authority else by
        act = _Act(by, action, offer.evidence if evidence is None else evidence, now_open.procedure)
        identifiers = [str(uuid4()) for _ in range(2 if told.answer_twice else 1)]
        for jti in identifiers:
            claims = self._claims(jti, dossier, self._books.next_seq(dossier), act)
            text = sign(claims, self._key, EVENT_TYP)
            self._books.line_up(claims, text, copies=2 if told.send_twice else 1, hold=told.send_out_of_order)
        return identifiers[0]

    def check(self, action: str, evidence: Mapping[str, Any]) -> None:
        """Raise AgainstContract when such an act could not be sent about a dossier of any procedure."""
        found = [contract.evidence_violations(one.code, one.edition, action, dict(evidence)) for one in EDITIONS]
        if all(found):
            raise AgainstContract(max(found, key=len))

    def _claims(self, jti: str, dossier: str, seq: int, act: _Act) -> Claims:
        claims = {
            "iss": self._names.issuer,
            "aud": self._names.portal,
            "iat": int(now().timestamp()),
            "jti": jti,
            "sub": dossier,
            "seq": seq,
            "authority": act.authority,
            "action": act.action,
            "at": now().isoformat(timespec="seconds"),
            "evidence": dict(act.evidence),
        }
        procedure = act.procedure
        found = contract.evidence_violations(procedure.code, procedure.edition, act.action, claims["evidence"])
        if found := [*contract.violations("event", claims), *found]:
            raise AgainstContract(found)
        return claims

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
        while True:
            for dossier in dict.fromkeys(one.dossier for one in self._books.waiting()):
                if time.monotonic() >= self._pauses[dossier].until:
                    await self.post_waiting(dossier)
            await asyncio.sleep(0.25)

    async def post_waiting(self, dossier: str) -> None:
        """Post the events of one dossier in their order, and stop at the first that must be tried again."""
        async with self._locks[dossier]:
            while mine := [one for one in self._books.waiting() if one.dossier == dossier]:
                if not await self._post(mine[0]):
                    pause = self._pauses[dossier]
                    pause.until = time.monotonic() + min(_LONGEST_PAUSE, 0.5 * 2**pause.tries)
                    pause.tries = min(pause.tries + 1, 10)
                    return
                self._pauses.pop(dossier, None)

    async def _post(self, one: Sent) -> bool:
        """Whether the portal answered for good."""
        headers = {"Content-Type": "application/jose"}
        try:
            response = await self._client.post(
                f"{self._names.portal_address}/backbone/messages", content=one.text, headers=headers
            )
        except httpx.HTTPError as error:
            self._books.answered(one, {"status": None, "body": type(error).__name__}, done=None)
            return False
        done = "accepted" if response.status_code == 202 else "refused"
        final = response.status_code == 202 or (
            400 <= response.status_code < 500 and response.status_code not in _TRY_AGAIN
        )
        answer = {"status": response.status_code, "body": response.text[:2000]}
        self._books.answered(one, answer, done=done if final else None)
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
