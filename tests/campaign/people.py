"""People and officials who are signed in before the bad days begin, and who never give up: whatever fails is done again, as a person does it."""

import asyncio
import html
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any
from uuid import uuid4

import httpx
import psycopg

from frontoffice.kernel.web import hash_of

_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
_PATIENCE = 600.0
# Longer than any campaign: who files all day does not sign in again.
_SIGNED_IN = (
    "INSERT INTO session (token_hash, person_id, party_id, kind, idle_seconds, created_at, seen_at, ends_at)"
    " VALUES (%s, %s, %s, %s, 43200, now(), now(), now() + interval '12 hours')"
)
_GREET = "SELECT greet_party(%s, %s, %s, %s, %s, %s, 'en')"


class Later(Exception):
    """The service does not do it now: try again."""


class GaveUp(Exception):
    """It could not be done for ten minutes, or the service said no where it should not; the text says what."""


@dataclass
class Person:
    """Somebody with a browser; `random` decides how long he or she waits before trying again."""

    http: httpx.AsyncClient
    random: Random
    name: str

    async def get(self, path: str) -> httpx.Response:
        """Open a page once; raises Later unless it is there or leads elsewhere."""
        return await self._once("GET", path)

    async def _once(self, method: str, path: str, **more: Any) -> httpx.Response:
        try:
            answer = await self.http.request(method, path, **more)
        except httpx.HTTPError as error:
            raise Later from error
        if answer.status_code >= 500 or answer.status_code == 429:
            raise Later
        return answer

    async def send(self, page: str, path: str, fields: Mapping[str, str], *, hidden: Mapping[str, str] | None = None) -> httpx.Response:
        """Send the form of a page once, with its hidden fields; `hidden` are those of a page that was opened before. Raises Later."""
        shown = dict(hidden or {})
        if hidden is None:
            answer = await self.get(page)
            if answer.status_code != 200:
                return answer
            shown = hidden_fields(answer.text)
        return await self._once("POST", path, data={**shown, **fields})

    async def until(self, what: str, once: Any) -> Any:
        """Do something until it does not raise Later; raises GaveUp after ten minutes."""
        deadline = asyncio.get_running_loop().time() + _PATIENCE
        while asyncio.get_running_loop().time() < deadline:
            try:
                return await once()
            except Later:
                await asyncio.sleep(self.random.uniform(0.5, 3.0))
        raise GaveUp(what)


def hidden_fields(page: str) -> dict[str, str]:
    """The hidden fields of the forms on a page."""
    return {name: html.unescape(value) for name, value in _HIDDEN.findall(page)}


@dataclass(frozen=True)
class Crowd:
    """Where the portal is, and the database in which those who are signed in are known."""

    portal: str
    conninfo: str
    cookie: str
    seed: int

    def applicant(self, number: int) -> Person:
        """A citizen who files for himself."""
        name = f"Kofi {number}"
        return self._person(name, "citizen", ("person", name, None, None, f"kofi-{number}@people.example"))

    def employer(self, number: int) -> Person:
        """Somebody who files for the enterprise of the sample."""
        return self._person(f"Pieter {number}", "enterprise", ("enterprise", "Orgelbouw Claessens BV", "0999000723", None, None), f"pieter-{number}@people.example")

    def official(self, code: str, name: str) -> Person:
        """Somebody at an authority."""
        return self._person(f"Official of {name}", "official", ("authority", name, None, code, None))

    def _person(self, name: str, kind: str, party: Iterable[str | None], email: str | None = None) -> Person:
        what, *rest = party
        token = secrets.token_urlsafe(32)
        with psycopg.connect(self.conninfo) as connection:
            def greet(*about: str | None) -> Any:
                row = connection.execute(_GREET, [uuid4(), *about]).fetchone()
                assert row
                return row[0]

            acting = greet(what, *rest)
            person = acting if what == "person" else greet("person", name, None, None, email)
            connection.execute(_SIGNED_IN, [hash_of(token), person, acting, kind])
        http = httpx.AsyncClient(base_url=self.portal, cookies={self.cookie: token}, headers={"sec-fetch-site": "same-origin"}, timeout=30, trust_env=False)
        return Person(http, Random(f"{self.seed}/{name}"), name)
