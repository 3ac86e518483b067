"""No authority acts beyond its own dossiers: every step of every procedure, told by an authority that takes no part, or that speaks of another procedure."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from frontoffice.app import create_app
from frontoffice.backbone.envelope import EVENT_TYP
from frontoffice.forms.identifiers import dossier_number
from frontoffice.kernel.time import now, today
from frontoffice.kernel.tokens import Key, sign
from frontoffice.procedures import every_in_force
from frontoffice.procedures.vocabulary import AUTHORITIES, Procedure, Role
from tests.peers import Backbone, a_token
from tests.scene import Scene
from tests.walking import filed

CODES = {"immigration-office": Role.IMMIGRATION_OFFICE, "diplomatic-post": Role.DIPLOMATIC_POST, "flanders": Role.REGION, "municipality-44021": Role.MUNICIPALITY}
EVERY = every_in_force(today())


@pytest.fixture
async def door(scene: Scene) -> AsyncIterator[httpx.AsyncClient]:
    app: Any = create_app(replace(scene.settings, database_url=scene.database.web, public_url="https://portal.example"))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="https://portal.example") as client:
        yield client
    await app.app.state.engine.dispose()
    app.app.state.storage.close()


async def a_dossier(scene: Scene, procedure: Procedure, serial: int, *parts: str) -> tuple[UUID, str]:
    """A dossier right after filing, in which only its filer and these authorities take part."""
    key, number, instant = uuid4(), dossier_number(2026, serial, procedure.prefix), now()
    await scene.sql(
        "INSERT INTO dossier (id, number, procedure, edition, position, version, language, form_key, created_at, filed_at, updated_at, headline) "
        "VALUES (:id, :number, :code, :edition, :position, 1, 'nl', :id, :now, :now, :now, :headline)",
        id=key, number=number, code=procedure.code, edition=procedure.edition, position=sorted(filed(procedure)), now=instant,
        headline=procedure.life.headline(filed(procedure)).state)
    filer = await scene.value("SELECT greet_party(:id, 'person', 'Filer', NULL, NULL, NULL, 'en')", id=uuid4())
    joined = [(filer, procedure.first_role)]
    for code in parts:
        joined.append((await scene.value("SELECT greet_party(:id, 'authority', :code, NULL, :code, NULL, 'en')", id=uuid4(), code=code), CODES[code]))
    for party, role in joined:
        await scene.sql("INSERT INTO participation (id, dossier_id, party_id, role, starts_at) VALUES (:id, :dossier, :party, :role, :now)",
                        id=uuid4(), dossier=key, party=party, role=role, now=instant)
    return key, number


async def outcomes(scene: Scene) -> list[tuple[str, str]]:
    return [(row[0], row[1]) for row in await scene.sql("SELECT outcome, remark FROM inbound_message ORDER BY dossier_number, seq")]


@pytest.mark.parametrize("procedure", EVERY, ids=lambda one: one.code)
async def test_an_authority_that_takes_no_part_takes_no_step(scene: Scene, door: httpx.AsyncClient, stand_in: Backbone, procedure: Procedure) -> None:
    key_file: Key = json.loads((stand_in.folder / "key.json").read_text())
    key, number = await a_dossier(scene, procedure, 1)
    before, seq = await scene.sql("SELECT * FROM dossier WHERE id = :key", key=key), 0
    for action, authority in sorted({(one.action, code) for one in procedure.life.steps for code, role in CODES.items() if role in one.by}):
        seq += 1
        answer = await door.post("/backbone/messages", content=sign(a_token(stand_in, number, authority, action, {}, seq), key_file, EVENT_TYP),
                                 headers={"content-type": "application/secevent+jwt"})
        assert answer.status_code in (202, 400), answer.text
        seq -= answer.status_code == 400  # An action that no backbone may tell is refused at the door.
    await scene.run("backbone:apply")
    assert seq and await outcomes(scene) == [("review", "this authority takes no part in the dossier")] * seq
    assert await scene.sql("SELECT * FROM dossier WHERE id = :key", key=key) == before


@pytest.mark.parametrize("procedure", EVERY, ids=lambda one: one.code)
async def test_a_step_of_another_procedure_is_against_the_contract_of_this_one(scene: Scene, door: httpx.AsyncClient, stand_in: Backbone, procedure: Procedure) -> None:
    """Whoever does take part is still bound by the life of this procedure, whatever the authority may do in others."""
    key_file: Key = json.loads((stand_in.folder / "key.json").read_text())
    key, number = await a_dossier(scene, procedure, 2, *CODES)
    before, seq = await scene.sql("SELECT * FROM dossier WHERE id = :key", key=key), 0
    foreign = {one.action for other in EVERY for one in other.life.steps if one.by & AUTHORITIES} - procedure.life.actions()
    for action in sorted(foreign)[::3]:
        seq += 1
        answer = await door.post("/backbone/messages", content=sign(a_token(stand_in, number, "immigration-office", action, {}, seq), key_file, EVENT_TYP),
                                 headers={"content-type": "application/secevent+jwt"})
        assert answer.status_code in (202, 400), answer.text
        seq -= answer.status_code == 400
    await scene.run("backbone:apply")
    found = await outcomes(scene)
    assert found and all(outcome == "review" and remark.startswith("against the contract: $.action") for outcome, remark in found), found
    assert await scene.sql("SELECT * FROM dossier WHERE id = :key", key=key) == before
