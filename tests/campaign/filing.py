"""What somebody does with one dossier, from its first page to its end, and what the service told about it."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from importlib import import_module
from random import Random
from typing import Final
from urllib.parse import urlsplit

from frontoffice.kernel.time import today
from frontoffice.procedures import in_force
from frontoffice.procedures.vocabulary import Procedure
from tests.campaign.files import Sent, small_file
from tests.campaign.people import GaveUp, Later, Person, hidden_fields
from tests.campaign.senders import Outcome, Sender
from tests.walking import said_with, taken_here

_NUMBER = re.compile(r"\b[A-Z]{2}-20\d\d-\d{7}-[A-Z0-9]\b")
_ASKED: Final = {"document": "other", "request": "Page 3 of it"}
# What becomes of a dossier, and how often among twenty.
FATES: Final = (*["filed"] * 9, *["draft"] * 2, *["withdrawn"] * 2, *["refiled"] * 2, *["completed"] * 2, *["decided"] * 3)
_DECIDED: Final = {"declaration-of-arrival": ("check-in", "issue-annex-3"), "work-authorisation": ("take-up", "admit", "grant-work")}


@dataclass(frozen=True)
class Plan:
    """Which dossier this is to be, by its number in the campaign."""

    nth: int
    procedure: str
    fate: str
    files: tuple[Sent, ...]
    more: Sent


@dataclass
class Story:
    """What came of it: `number` was on a receipt page; `confirmed` are the steps that were answered as done, `tried` all that were sent."""

    plan: Plan
    draft: str = ""
    number: str = ""
    confirmed: list[str] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)
    brought: dict[str, str] = field(default_factory=dict)
    fault: str = ""
    outcomes: list[Outcome] = field(default_factory=list)


def a_plan(seed: int, nth: int) -> Plan:
    """The dossier of that number: the same for the same seed."""
    random = Random(f"{seed}/dossiers/{nth}")
    procedure = "work-authorisation" if random.random() < 0.06 else "declaration-of-arrival"
    codes = _documents(procedure)
    files = tuple(small_file(random, f"{nth:05}-{code}", code) for code in codes)
    return Plan(nth, procedure, random.choice(FATES), files, small_file(random, f"{nth:05}-more", "other"))


@cache
def _answers(procedure: str) -> Mapping[str, Mapping[str, str]]:
    """The sample's pages, as they are stored; one without a visa needs one document less."""
    found: dict[str, dict[str, str]] = dict(import_module(f"tests.procedures.samples.{procedure.replace('-', '_')}").ANSWERS)
    if procedure == "declaration-of-arrival":
        entry = {name: value for name, value in found["entry"].items() if not name.startswith("visa")}
        found["entry"] = {**entry, "has_visa": "no"}
    return found


def _documents(procedure: str) -> tuple[str, ...]:
    return ("passport",) if procedure == "declaration-of-arrival" else ("contract", "signatory-identity", "function-description", "passport")


@cache
def _typed(procedure: str) -> list[tuple[str, dict[str, str]]]:
    """Each page that counts with what a person types there."""
    declared, answers = in_force(procedure, today()), _answers(procedure)
    known = {name: text for page in answers.values() for name, text in page.items()}
    known |= declared.derive(known, today())
    return [(page.code, {name: text for one in page.form.fields if one.name in answers[page.code] for name, text in one.raw_of(answers[page.code][one.name]).items()})
            for page in declared.pages if page.code in answers and (page.when is None or page.when.holds(known))]


class Filing:
    """One dossier in the hands of its person; `official` is whoever decides on it."""

    def __init__(self, plan: Plan, person: Person, official: Person) -> None:
        self.story = Story(plan)
        self.person, self._official = person, official
        self._sender = Sender(person.http, "", person.random)

    @property
    def _procedure(self) -> Procedure:
        return in_force(self.story.plan.procedure, today())

    async def run(self) -> Story:
        """Do it all; whoever could not do a thing for ten minutes notes so and ends."""
        plan = self.story.plan
        try:
            await self._begin()
            for code, typed in _typed(plan.procedure):
                await self._page(code, typed)
            for file in plan.files:
                await self._bring(file)
            if plan.fate != "draft":
                await self._file()
                await self._go_on(plan.fate)
        except GaveUp as reason:
            self.story.fault = str(reason)
        self.story.outcomes = self._sender.outcomes
        return self.story

    async def _begin(self) -> None:
        page = f"/en/dossiers/new?procedure={self.story.plan.procedure}"
        # The same form again, with its own key, leads to the same draft: an answer that was lost makes no second one.
        hidden = await self.person.until("no form for a new dossier", lambda: self._hidden(page))

        async def begin() -> None:
            answer = await self.person.send(page, "/en/dossiers", {}, hidden=hidden)
            if answer.status_code != 303:
                raise Later
            self.story.draft = self._sender.draft = urlsplit(answer.headers["location"]).path

        await self.person.until("no draft was made", begin)

    async def _hidden(self, page: str) -> dict[str, str]:
        answer = await self.person.get(page)
        if answer.status_code != 200:
            raise Later
        return hidden_fields(answer.text)

    async def _page(self, code: str, typed: Mapping[str, str]) -> None:
        path = f"{self.story.draft}/pages/{code}"

        async def save() -> None:
            answer = await self.person.send(path, path, typed)
            if answer.status_code == 422:
                raise GaveUp(f"{code} was not accepted")
            if answer.status_code != 303:
                raise Later

        await self.person.until(f"{code} was not saved", save)

    async def _bring(self, file: Sent) -> None:
        await self._sender.send(file)
        if self._sender.outcomes[-1].told != "confirmed":
            raise GaveUp(f"{file.name} could not be brought")
        self.story.brought[sha256(file.content).hexdigest()] = file.slot

    async def _file(self) -> None:
        check, wait = f"{self.story.draft}/check", 1.0
        self.story.tried.append("submit")

        async def ready() -> str:
            nonlocal wait
            answer = await self.person.get(check)
            if answer.status_code == 200 and f'action="{self.story.draft}/submit"' not in answer.text:
                # Its documents are being checked: somebody looks again, later and later.
                wait = min(wait * 1.5, 15.0)
                await asyncio.sleep(wait)
                raise Later
            found = re.search(r'name="csrf" value="([^"]+)"', answer.text)
            if not found:
                raise Later
            return found[1]

        token = await self.person.until("it never became ready to file", ready)

        async def submit() -> None:
            answer = await self.person.send(check, f"{self.story.draft}/submit", {}, hidden={"csrf": token})
            if answer.status_code != 303:
                raise Later
            receipt = await self.person.get(answer.headers["location"])
            found = _NUMBER.search(receipt.text) if receipt.status_code == 200 else None
            if not found:
                raise Later
            self.story.number = found[0]

        await self.person.until("it could not be filed", submit)
        self.story.confirmed.append("submit")

    async def _go_on(self, fate: str) -> None:
        if fate == "withdrawn":
            await self._step(self.person, "withdraw")
        elif fate == "refiled":
            await self._step(self.person, "take-back")
            # It is a draft again, and keeps its number.
            self.story.draft = self._sender.draft = f"/en/dossiers/{self.story.number}"
            page, typed = next((code, typed) for code, typed in _typed(self.story.plan.procedure) if code in ("stay", "work"))
            await self._page(page, {**typed, **({"host_name": f"Esi Owusu {self.story.plan.nth}"} if page == "stay" else {})})
            await self._file()
        elif fate == "completed":
            await self._complete()
        elif fate == "decided":
            for action in _DECIDED[self.story.plan.procedure]:
                await self._step(self._official, action)

    async def _complete(self) -> None:
        if self.story.plan.procedure == "work-authorisation":
            await self._step(self._official, "take-up")
        await self._step(self._official, "ask-documents", **_ASKED)
        await self._bring(self.story.plan.more)
        await self._step(self.person, "complete")

    async def _step(self, by: Person, action: str, **said: str) -> None:
        life, answers = self._procedure.life, {name: text for page in _answers(self.story.plan.procedure).values() for name, text in page.items()}
        step = taken_here(self._procedure, next(one for one in life.steps if one.action == action), ())
        stored = {**said_with(step, answers), **said}
        typed = {name: text for one in step.evidence if one.name in stored for name, text in one.raw_of(stored[one.name]).items()}
        path = f"/en/dossiers/{self.story.number}/steps/{action}"
        self.story.tried.append(action)
        hidden = await by.until(f"{action}: no form", lambda: self._form_of(by, path))

        async def take() -> None:
            # The same form again is led to what the first one did.
            answer = await by.send(path, path, typed, hidden=hidden)
            if answer.status_code != 303:
                raise Later

        await by.until(f"{action} was not done", take)
        self.story.confirmed.append(action)

    async def _form_of(self, by: Person, path: str) -> dict[str, str]:
        answer = await by.get(path)
        found = hidden_fields(answer.text) if answer.status_code == 200 else {}
        if "version" not in found:
            raise Later
        return found
