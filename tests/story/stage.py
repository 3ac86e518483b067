"""One application that is ready to file, built once; each test gets a copy of its database and everybody who deals with it."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from html import unescape
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx

from frontoffice.kernel.i18n import Locale, translator
from frontoffice.kernel.jobs import make_queue_for_deferring
from frontoffice.parties.directory import authority_name
from frontoffice.routes import QUEUED
from tests.catching import Catcher
from tests.engines import Database, Engines
from tests.filing import EMPLOYER_DOCUMENTS, EMPLOYER_PAGES, WORKER_DOCUMENTS, WORKER_PAGES, begin, fill
from tests.peers import Backbone
from tests.scene import JOBS, Scene, a_scene
from tests.web import Browser, Portal, running_portal

OFFICIALS = {"region": "flanders", "other-region": "brussels", "town": "municipality-11002", "other-town": "municipality-44021"}
EMPLOYER_MAIL, WORKER_MAIL = "katrien@havenlogistiek.example", "rajesh.kumar@worker.example"
UNTIL = {"valid_until-day": "28", "valid_until-month": "2", "valid_until-year": "2030"}
FROM = {"valid_from-day": "1", "valid_from-month": "3", "valid_from-year": "2027"}
ANSWERS: Mapping[str, Mapping[str, str]] = {
    "ask-documents": {"document": "diploma", "request": "A sworn translation, please."},
    "declare-inadmissible": {"reasons": "The contribution was not paid."},
    "refuse-work": {"reasons": "The pay is too low\nfor this function."},
    "grant-work": {**FROM, **UNTIL},
    "withdraw": {"reasons": "The worker found another job."},
}
# What another authority says with its act, where a sample is not enough.
SAID: Mapping[str, Mapping[str, object]] = {
    "refuse-stay": {"decision_date": "2026-11-20", "reasons": ["The means of subsistence are not proved."]},
    "refuse-visa": {"decision_date": "2026-11-20", "reasons": ["The passport could not be verified."]},
}
# Who takes a step on our own pages; the other authorities' steps come in through the backbone.
TAKEN_BY = {"withdraw": "employer", "take-back": "employer", "add-documents": "employer", "discard": "employer", "complete": "employer", "complete-stay": "employer", "announce-arrival": "worker"}
ELSEWHERE = {"ask-stay-documents": "immigration-office", "grant": "immigration-office", "certify-silence": "immigration-office",
             "refuse-stay": "immigration-office", "request-visa": "diplomatic-post", "issue-visa": "diplomatic-post", "refuse-visa": "diplomatic-post"}


@dataclass(frozen=True)
class Stage:
    """What was built once: a draft that lacks nothing, and the sessions of those who deal with it."""

    database: Database
    key: str
    tokens: Mapping[str, str]


@dataclass
class World:
    """A portal, its jobs, the stand-in for the backbone and a mail server, on a copy of the stage."""

    stage: Stage
    engines: Engines
    portal: Portal
    scene: Scene
    backbone: Backbone
    catcher: Catcher
    clients: list[httpx.AsyncClient] = field(default_factory=list)

    @property
    def key(self) -> str:
        return self.stage.key

    def who(self, role: str) -> Browser:
        """The browser of somebody in this role; "visitor" is nobody."""
        browser = self.portal.visitor(self.stage.tokens.get(role, ""))
        self.clients.append(browser.client)
        return browser

    async def file(self) -> str:
        """The employer files; the number."""
        answer = await self.who("employer").post(f"/en/dossiers/{self.key}/submit", page=f"/en/dossiers/{self.key}/check", follow=False)
        assert answer.status_code == 303, words(answer)
        return await self.number()

    async def number(self) -> str:
        return str(await self.value("number"))

    async def value(self, column: str) -> Any:
        return (await self.portal.sql(f"SELECT {column} FROM dossier WHERE id = :id", id=UUID(self.key)))[0][0]

    async def position(self) -> set[str]:
        return set(await self.value("position"))

    async def events(self) -> list[str]:
        return [row[0] for row in await self.portal.sql("SELECT action FROM event WHERE dossier_id = :id ORDER BY seq", id=UUID(self.key))]

    async def take(self, action: str, role: str = "", **changes: str) -> httpx.Response:
        """One step on its page, by whoever takes it; the answer of the portal, not followed."""
        browser = self.who(role or TAKEN_BY.get(action, "region"))
        return await browser.post(f"/en/dossiers/{self.key}/steps/{action}", {**ANSWERS.get(action, {}), **changes}, follow=False)

    async def bring(self, role: str, requirement: str) -> None:
        """A document that was uploaded and checked; the upload itself has tests of its own."""
        actor = await self.scene.employer()
        await self.scene.document(UUID(self.key), actor if role == "employer" else replace(actor, party_id=await self.worker_id()), requirement)

    async def worker_id(self) -> UUID:
        rows = await self.portal.sql("SELECT party_id FROM participation WHERE dossier_id = :id AND role = 'worker'", id=UUID(self.key))
        return UUID(str(rows[0][0]))

    async def go(self, *actions: str) -> None:
        """Steps one after the other, each by whoever takes it, here or through the backbone."""
        for action in actions:
            if action in ELSEWHERE:
                await self.act(action, **({"evidence": SAID[action]} if action in SAID else {}))
            else:
                if action.startswith("complete"):
                    await self.bring("employer", "other")
                answer = await self.take(action)
                assert answer.status_code == 303, (action, answer.status_code, words(answer))

    async def go_as(self, role: str, action: str, **answers: str) -> None:
        """One step by somebody in particular."""
        answer = await self.take(action, role, **answers)
        assert answer.status_code == 303, (action, answer.status_code, words(answer))

    async def hand_over(self) -> None:
        """The job worker hands over whatever waits."""
        await self.scene.run("backbone:hand_over")

    async def act(self, action: str, **more: Any) -> None:
        """Another authority acts, in the stand-in; its signed message comes in at our door and is carried out."""
        await self.hand_over()
        assert (answer := await self.act_only(action, **more)).status_code == 202, answer.text
        await self.scene.run("backbone:apply")

    async def act_only(self, action: str, **more: Any) -> httpx.Response:
        """The message comes in; nothing is carried out yet."""
        return await self.post_message(await self.signed(action, **more))

    async def signed(self, action: str, **more: Any) -> str:
        """What the stand-in signs and posts when another authority acts."""
        events = self.backbone.portal.events
        known = len(events)
        answer = await asyncio.to_thread(self.backbone.act, await self.number(), ELSEWHERE[action], action, **more)
        assert answer.status_code < 300, answer.text
        for _try in range(1200):
            if len(events) > known:
                break
            await asyncio.sleep(0.05)
        return events[known].decode()

    async def post_message(self, text: str) -> httpx.Response:
        return await self.who("visitor").client.post("/backbone/messages", content=text, headers={"content-type": "application/secevent+jwt"})


def words(answer: httpx.Response | str) -> str:
    """A page as it is read: no tags, no line ends."""
    html = answer if isinstance(answer, str) else answer.text
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", re.sub(r"<(script|style)\b.*?</\1>", " ", html, flags=re.S))).split())


def main_words(answer: httpx.Response) -> str:
    """The same, of the page without its header and footer."""
    found = re.search(r"<main\b.*</main>", answer.text, re.S)
    return words(found.group(0) if found else answer.text)


def say(locale: Locale, text: str, **params: object) -> str:
    """A text in a language, which must have one of its own for it."""
    said = translator(locale)(text, **params)
    assert locale == "en" or said != text, f"{locale} says {text!r} in English"
    return " ".join(said.split())


def build(engines: Engines, folder: Path) -> Stage:
    """Build the stage in a loop of its own: fixtures that live long have none."""
    return asyncio.run(_build(engines.new_database(), engines, folder))


async def _build(database: Database, engines: Engines, folder: Path) -> Stage:
    async with a_scene(database, engines, folder) as scene, running_portal(database, engines) as portal:
        persons = {role: await portal.party("person", name, email=email) for role, name, email in (
            ("employer", "Katrien De Smet", None), ("worker", "Rajesh Kumar", WORKER_MAIL), ("other-employer", "Luc Lambert", None))}
        enterprises = {role: await portal.party("enterprise", name, number=number) for role, name, number in (
            ("employer", "Havenlogistiek Antwerpen NV", "1999999943"), ("other-employer", "Ateliers Lambert SRL", "0999000228"))}
        tokens = {role: await portal.session_of(persons[role], enterprises[role]) for role in enterprises}
        tokens["worker"] = await portal.session_of(persons["worker"], persons["worker"], kind="invited")
        for role, code in OFFICIALS.items():
            person = await portal.party("person", f"Official {code}")
            tokens[role] = await portal.session_of(person, await portal.party("authority", authority_name(code), authority=code), kind="official", idle=3600)
        employer, worker = portal.visitor(tokens["employer"]), portal.visitor(tokens["worker"])
        key = await begin(employer)
        await fill(employer, key, EMPLOYER_PAGES)
        await portal.sql("INSERT INTO participation (id, dossier_id, party_id, role, starts_at) VALUES (gen_random_uuid(), :key, :person, 'worker', now())",
                         key=UUID(key), person=persons["worker"])
        await fill(worker, key, WORKER_PAGES)
        actor = await scene.employer()
        for code in EMPLOYER_DOCUMENTS:
            await scene.document(UUID(key), actor, code)
        for code in WORKER_DOCUMENTS:
            await scene.document(UUID(key), replace(actor, party_id=persons["worker"]), code)
        answer = await worker.post(f"/en/dossiers/{key}/steps/confirm-worker-part", {"truth": "yes", "consent": "yes"}, follow=False)
        assert answer.status_code == 303, words(answer)
        await portal.sql("DELETE FROM procrastinate_jobs")
        # Each copy counts from a place of its own: the stand-in outlives it and wants no number twice.
        await portal.sql("DELETE FROM serial")
        for browser in (employer, worker):
            await browser.client.aclose()
    return Stage(database, key, tokens)


def a_stage(engines: Engines, folder: Path) -> Iterator[Stage]:
    """Build the stage, and take it down at the end."""
    stage = build(engines, folder)
    yield stage
    engines.drop(stage.database)


@asynccontextmanager
async def a_world(stage: Stage, engines: Engines, folder: Path, backbone: Backbone, catcher: Catcher, *, line: str = "",
                  **changes: str) -> AsyncIterator[World]:
    """A copy of the stage with everything that runs on it; with a `line`, the portal reaches PostgreSQL by that port."""
    database = engines.new_database(stage.database.name)
    try:
        async with a_scene(database, engines, folder, backbone, smtp_url=catcher.url) as scene:
            shared = {name: getattr(scene.settings, name) for name in (
                "backbone_url", "backbone_jwks_url", "backbone_issuer", "issuer", "public_jwks_file")}
            if line:
                changes["database_url"] = f"postgresql+psycopg://frontoffice_web@127.0.0.1:{line}/{database.name}"
            async with running_portal(database, engines, **{**shared, **changes}) as portal:
                # The portal may queue what its pages ask for; jobs that run here queue others.
                make_queue_for_deferring({*QUEUED, *(job.name for job in JOBS)})
                # However long ago the stage was built, nobody has been idle.
                await portal.sql("UPDATE session SET seen_at = now()")
                world = World(stage, engines, portal, scene, backbone, catcher)
                yield world
                for client in world.clients:
                    await client.aclose()
    finally:
        engines.drop(database)
