"""Each procedure from its first page to a good end, through the pages of all concerned and the stand-in for the federal authorities."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from uuid import UUID, uuid4

import pytest

from frontoffice.dossiers import actions
from frontoffice.forms.fields import Field
from frontoffice.kernel.time import today
from frontoffice.parties.actor import Actor
from frontoffice.parties.directory import authority_name
from frontoffice.procedures import every_in_force
from frontoffice.procedures.competence import Competence
from frontoffice.procedures.lifecycle import Step
from frontoffice.procedures.vocabulary import Procedure, Role, field_of
from tests.story.stage import World, words
from tests.walking import said_with, taken_here, usual_way
from tests.web import Browser

FEDERAL = {Role.IMMIGRATION_OFFICE, Role.DIPLOMATIC_POST}


@dataclass
class Filer:
    """Who files, on the pages and as the engine knows him or her."""

    browser: Browser
    actor: Actor
    worker: Browser | None = None


async def a_filer(world: World, procedure: Procedure) -> Filer:
    """An employer or a citizen, whoever files this procedure."""
    if procedure.first_role == Role.EMPLOYER:
        actor = await world.scene.employer()
        return Filer(world.portal.visitor(await world.portal.session_of(actor.person_id, actor.party_id)), actor)
    person = await world.scene.person("Somebody Else", "somebody@citizen.example", "fr")
    actor = Actor(person_id=person, party_id=person, name="Somebody Else", party_name="Somebody Else", party_kind="person", kind="citizen", email="somebody@citizen.example")
    return Filer(world.portal.visitor(await world.portal.session_of(person, person, kind="citizen")), actor)


async def official(world: World, code: str) -> Browser:
    person = await world.portal.party("person", f"Official {code}")
    party = await world.portal.party("authority", authority_name(code), authority=code)
    return world.portal.visitor(await world.portal.session_of(person, party, kind="official", idle=3600))


def raw(fields: list[Field] | tuple[Field, ...], stored: Mapping[str, str]) -> dict[str, str]:
    return {name: text for one in fields if one.name in stored for name, text in one.raw_of(stored[one.name]).items()}


async def send(browser: Browser, path: str, typed: Mapping[str, str]) -> None:
    answer = await browser.post(path, typed, follow=False)
    assert answer.status_code == 303, (path, answer.status_code, words(answer)[:3000])


@pytest.mark.parametrize("procedure", every_in_force(today()), ids=lambda one: one.code)
async def test_from_the_first_page_to_a_good_end(world: World, procedure: Procedure) -> None:
    sample = import_module(f"tests.procedures.samples.{procedure.code.replace('-', '_')}")
    filer = await a_filer(world, procedure)
    async with world.scene.session() as session:
        key = await actions.start(session, filer.actor, procedure, form_key=uuid4(), language="fr")
    known = {name: text for page in sample.ANSWERS.values() for name, text in page.items()}
    known |= procedure.derive(known, today())
    for page in procedure.pages:
        if page.code in sample.ANSWERS and (page.when is None or page.when.holds(known)):
            await send(filer.browser, f"/fr/dossiers/{key}/pages/{page.code}", raw(list(page.form.fields), sample.ANSWERS[page.code]))
    for code in sample.DOCUMENTS:
        await world.scene.document(UUID(key), filer.actor, code)
    if "worker-confirmed" in procedure.life.filing.takes:
        await send(filer.browser, f"/fr/dossiers/{key}/steps/declare-consent", {"consent": "yes"})
    answer = await filer.browser.post(f"/fr/dossiers/{key}/submit", page=f"/fr/dossiers/{key}/check", follow=False)
    assert answer.status_code == 303, words(answer)[:3000]
    number = (await world.portal.sql("SELECT number FROM dossier WHERE id = :id", id=UUID(key)))[0][0]
    assert number.startswith(f"{procedure.prefix}-")
    await world.hand_over()
    outcome = procedure.competent(known)
    assert isinstance(outcome, Competence)
    stored = {name: value for name, value in known.items() if field_of(procedure, name)}
    if "worker-confirmed" in procedure.life.filing.takes:
        filer.worker = await world.portal.worker(key)
    for step in usual_way(procedure):
        rows = await world.portal.sql("SELECT role FROM participation WHERE dossier_id = :id AND ends_at IS NULL", id=UUID(key))
        await one_step(world, filer, (key, number), taken_here(procedure, step, {row[0] for row in rows}), stored, outcome)
    position = set((await world.portal.sql("SELECT position FROM dossier WHERE id = :id", id=UUID(key)))[0][0])
    assert position & usual_way(procedure)[-1].gives
    await world.hand_over()
    waiting = await world.portal.sql("SELECT last_error FROM message m WHERE dossier_id = :id AND concluded_at IS NULL", id=UUID(key))
    assert waiting == []
    shown = await filer.browser.get(f"/nl/dossiers/{number}")
    assert shown.status_code == 200


async def one_step(world: World, filer: Filer, named: tuple[str, str], step: Step, stored: Mapping[str, str], outcome: Competence) -> None:
    key, number = named
    if step.by & FEDERAL:
        await world.hand_over()
        events = world.backbone.portal.events
        known = len(events)
        answer = await asyncio.to_thread(world.backbone.act, number, next(iter(step.by & FEDERAL)), step.action)
        assert answer.status_code < 300, answer.text
        for _try in range(1200):
            if len(events) > known:
                break
            await asyncio.sleep(0.05)
        assert (await world.post_message(events[known].decode())).status_code == 202
        await world.scene.run("backbone:apply")
        told = await world.portal.sql("SELECT outcome, remark FROM inbound_message WHERE dossier_number = :number ORDER BY seq DESC LIMIT 1", number=number)
        assert tuple(told[0]) == ("applied", ""), (step.action, told)
        return
    taker = filer.worker if Role.WORKER in step.by and filer.worker else filer.browser
    if Role.REGION in step.by:
        taker = await official(world, outcome.authority)
    elif Role.MUNICIPALITY in step.by and filer.actor.party_kind != "authority":
        town = (await world.portal.sql("SELECT municipality FROM dossier WHERE id = :id", id=UUID(key)))[0][0]
        taker = await official(world, town)
    await send(taker, f"/en/dossiers/{number}/steps/{step.action}", raw(list(step.evidence), said_with(step, stored)))
