"""How a system works through its day: follow, collect, acknowledge, step; and what it is told when it comes too late or says things twice."""

import asyncio
import hashlib
import json
from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID, uuid4

from frontoffice.kernel.time import now, stopped_at
from frontoffice.procedures.single_permit.definition import SINGLE_PERMIT
from frontoffice.procedures.vocabulary import Role
from tests.authorities.systems import DOSSIERS, Town
from tests.dossiers.drafts import THAT_DAY
from tests.engines import Engines
from tests.storages import storage_as
from tests.walking import said_with, usual_way


async def test_a_region_takes_a_dossier_from_the_list_to_its_decision(town: Town) -> None:
    hat, number = await town.filed()
    region = await town.system("flanders")
    [row], later = await region.follow()
    assert row["number"] == number and row["headline"] == "filed" and row["href"].endswith(f"{DOSSIERS}/{number}")
    dossier = await region.collect(number)
    assert [one["action"] for one in dossier["steps"]] and dossier["version"] == row["version"]
    assert dossier["answers"]["function"]["function_title"] == "Software developer" and dossier["answers"]["identity"]["surname"] == "Kumar"
    named = [{"id": one["id"], "sha256": one["sha256"]} for one in dossier["documents"]]
    answer = await region.ask("POST", f"{DOSSIERS}/{number}/acknowledgements", json={"version": dossier["version"], "documents": named})
    assert answer.status_code == 200 and len(answer.json()["documents"]) == 9
    seen = await town.office.see(hat, number)
    assert seen.confirmed_at and all(one.taken_over_at for one in seen.documents)
    version = dossier["version"]
    for action, evidence in (("take-up", {}), ("admit", {}), ("grant-work", {"valid_from": "2027-03-01", "valid_until": "2030-02-28"})):
        answer = await region.step(number, action, version, **evidence)
        assert answer.status_code == 201, answer.text
        version = answer.json()["version"]
    assert "work-granted" in answer.json()["position"] and answer.headers["location"].endswith(f"{DOSSIERS}/{number}")
    [changed], _later = await region.follow(later)
    assert changed["number"] == number and changed["version"] == version
    history = (await region.collect(number))["history"]
    assert history[-1]["action"] == "grant-work" and history[-1]["evidence"] == {"valid_from": "2027-03-01", "valid_until": "2030-02-28"}
    assert history[-1]["party"] == "Flanders, Economic Migration" and "person" not in history[-1]
    assert "backbone:hand_over" in await town.office.jobs() and "notices:tell" in await town.office.jobs()


async def test_what_a_system_does_is_recorded_under_its_name(town: Town) -> None:
    _hat, number = await town.filed()
    region = await town.system("flanders")
    dossier = await region.collect(number)
    document = dossier["documents"][0]["id"]
    await town.office.portal.sql("UPDATE document SET sha256 = sha256")
    assert (await region.step(number, "take-up", dossier["version"])).status_code == 201
    [[person, party]] = await town.office.portal.sql("SELECT person_id, party_id FROM event WHERE action = 'take-up'")
    [[kind, name]] = await town.office.portal.sql("SELECT kind, name FROM party WHERE id = :id", id=region.id)
    assert person == region.id and (kind, name) == ("system", "System of flanders")
    assert await town.office.portal.sql("SELECT FROM party WHERE id = :id AND authority_code = 'flanders'", id=party)
    assert [row[0] for row in await town.office.portal.sql("SELECT person_id FROM opening")] == [region.id]
    assert UUID(document)


async def test_the_same_step_sent_again_gets_the_first_answer(town: Town) -> None:
    _hat, number = await town.filed()
    region = await town.system("flanders")
    version = (await region.collect(number))["version"]
    first = await region.step(number, "take-up", version, key="a-key-of-ours")
    await region.step(number, "admit", version + 1)
    again = await region.step(number, "take-up", version, key="a-key-of-ours")
    assert first.status_code == again.status_code == 201 and first.json() == again.json()
    other = await region.step(number, "admit", version, key="a-key-of-ours")
    assert other.status_code == 409 and other.json()["type"].endswith("keyReused")
    assert len(await town.office.portal.sql("SELECT FROM event WHERE action = 'take-up'")) == 1


async def test_twins_do_their_work_once(town: Town) -> None:
    _hat, number = await town.filed()
    region = await town.system("flanders")
    version = (await region.collect(number))["version"]
    answers = await asyncio.gather(*(region.step(number, "take-up", version, key="a-key-of-ours") for _ in range(5)))
    assert {one.status_code for one in answers} == {201} and len({one.text for one in answers}) == 1
    assert len(await town.office.portal.sql("SELECT FROM event WHERE action = 'take-up'")) == 1


async def test_whoever_comes_too_late_reads_what_happened_since(town: Town) -> None:
    _hat, number = await town.filed()
    region, official = await town.system("flanders"), await town.office.official("flanders")
    version = (await region.collect(number))["version"]
    await town.office.take(official, number, "take-up")
    answer = await region.step(number, "declare-inadmissible", version, reasons="Too late.")
    assert answer.status_code == 409
    told = answer.json()
    assert told["version"] == version + 1 and told["position"] == ["checking"] and [one["action"] for one in told["since"]] == ["take-up"]
    answer = await region.ask("POST", f"{DOSSIERS}/{number}/acknowledgements", json={"version": version})
    assert answer.status_code == 409 and [one["action"] for one in answer.json()["since"]] == ["take-up"]
    # The version is right, the step is not open there.
    answer = await region.step(number, "grant-work", version + 1, valid_from="2027-03-01", valid_until="2030-02-28")
    assert answer.status_code == 409 and answer.json()["since"] == []
    # An attempt that did nothing leaves its key free.
    assert (await region.step(number, "grant-work", version, key="a-key-of-ours")).status_code == 409
    assert (await region.step(number, "admit", version + 1, key="a-key-of-ours")).status_code == 201


async def test_what_is_wrong_with_a_step_is_named(town: Town) -> None:
    _hat, number = await town.filed()
    region = await town.system("flanders")
    version = (await region.collect(number))["version"]
    await region.step(number, "take-up", version)
    cases = (
        ("ask-documents", {}, {"evidence.document", "evidence.request"}),
        ("ask-documents", {"document": "nothing", "request": "Please"}, {"evidence.document"}),
        ("ask-documents", {"document": "contract", "request": "a\u202eb"}, {"evidence.request"}),
        ("ask-documents", {"document": "contract", "request": "Please", "decision": "x"}, {"evidence.decision"}),
        ("unheard-of", {}, {"evidence.action"}),
    )
    for action, evidence, wrong in cases:
        answer = await region.step(number, action, version + 1, **evidence)
        assert answer.status_code == 422, (action, answer.text)
        assert {one["name"] for one in answer.json()["issues"]} == wrong
        assert "nothing" not in answer.text and "Please" not in answer.text
    await region.step(number, "admit", version + 1)
    for day in ("1 March 2027", "2027-3-1", "2027-02-30", "2027-03-01\n", ""):
        answer = await region.step(number, "grant-work", version + 2, valid_from=day, valid_until="2030-02-28")
        assert answer.status_code == 422 and [one["name"] for one in answer.json()["issues"]] == ["evidence.valid_from"], day
    assert (await region.step(number, "submit", version + 2)).status_code == 403
    assert (await region.step(number, "deliver-card", version + 2)).status_code == 403


async def test_an_official_and_a_system_leave_the_same_dossier(town: Town) -> None:
    """The same table: what our pages do and what the API does cannot be told apart but by who did it."""
    hat = await town.office.employer()
    by_hand, by_system = await town.office.file(hat), await town.office.file(hat)
    official, region = await town.office.official("flanders"), await town.system("flanders")
    browser = await town.office.browser(official)
    version = (await region.collect(by_system))["version"]
    steps = (("take-up", {}, {}), ("ask-documents", {"document": "contract", "request": "Send page 3."}, {"document": "contract", "request": "Send page 3."}))
    for action, typed, evidence in steps:
        assert (await browser.post(f"/en/dossiers/{by_hand}/steps/{action}", typed)).status_code == 200
        answer = await region.step(by_system, action, version, **evidence)
        version = answer.json()["version"]
    rows = await town.office.portal.sql(
        "SELECT d.number, d.position, d.headline, d.due_on, d.version, (SELECT json_agg(json_build_array(e.action, e.role, e.party_id, e.evidence, e.takes, e.gives)"
        " ORDER BY e.seq) FROM event e WHERE e.dossier_id = d.id) FROM dossier d WHERE d.number IN (:one, :other) ORDER BY d.number", one=by_hand, other=by_system)
    assert tuple(rows[0])[1:] == tuple(rows[1])[1:]


async def test_a_document_that_cannot_be_used_and_then_can(town: Town) -> None:
    hat, number = await town.filed()
    region = await town.system("flanders")
    dossier = await region.collect(number)
    document = next(one for one in dossier["documents"] if one["code"] == "contract")
    path = f"{DOSSIERS}/{number}/documents/{document['id']}/refusal"
    refused = await region.ask("PUT", path, json={"reason": "Page 3 is missing."})
    assert refused.status_code == 200 and (await region.ask("PUT", path, json={"reason": "Page 3 is missing."})).json() == refused.json()
    assert (await region.ask("PUT", path, json={"reason": "Something else."})).status_code == 409
    [given] = [one for one in (await town.office.see(hat, number)).documents if str(one.id) == document["id"]]
    assert given.not_taken_reason == "Page 3 is missing." and "notices:document" in await town.office.jobs()
    # What was turned down is not taken over by the way.
    answer = await region.ask("POST", f"{DOSSIERS}/{number}/acknowledgements", json={
        "version": dossier["version"], "documents": [{"id": document["id"], "sha256": document["sha256"]}]})
    assert answer.status_code == 409
    said = refused.json()["notTakenAt"]
    assert (await region.ask("DELETE", path, params={"notTakenAt": "2026-11-23T08:59:59Z"})).status_code == 409
    assert (await region.ask("DELETE", path)).status_code == 400
    for _again in range(2):
        assert (await region.ask("DELETE", path, params={"notTakenAt": said})).status_code == 204
    [given] = [one for one in (await town.office.see(hat, number)).documents if str(one.id) == document["id"]]
    assert given.not_taken_at is None and given.taken_over_at


async def test_documents_are_acknowledged_by_their_bytes(town: Town) -> None:
    _hat, number = await town.filed()
    region = await town.system("flanders")
    dossier = await region.collect(number)
    document = dossier["documents"][0]
    for named in ({"id": document["id"], "sha256": "0" * 64}, {"id": str(uuid4()), "sha256": document["sha256"]}):
        answer = await region.ask("POST", f"{DOSSIERS}/{number}/acknowledgements", json={"version": dossier["version"], "documents": [named]})
        assert answer.status_code == 422
    assert not await town.office.portal.sql("SELECT FROM document WHERE taken_over_at IS NOT NULL")


async def test_an_unchanged_dossier_is_not_sent_again(town: Town) -> None:
    _hat, number = await town.filed()
    region = await town.system("flanders")
    first = await region.get(f"{DOSSIERS}/{number}")
    tag = first.headers["etag"]
    again = await region.get(f"{DOSSIERS}/{number}", headers={"if-none-match": tag})
    assert again.status_code == 304 and not again.content and again.headers["etag"] == tag
    await region.step(number, "take-up", first.json()["version"])
    assert (await region.get(f"{DOSSIERS}/{number}", headers={"if-none-match": tag})).status_code == 200


async def test_a_dossier_that_is_taken_back_leaves_the_list(town: Town) -> None:
    hat, number = await town.filed()
    region = await town.system("flanders")
    _rows, later = await region.follow()
    with stopped_at(THAT_DAY + timedelta(minutes=5)):
        await town.office.take(hat, number, "take-back")
        await region.come_in()
        [row], later = await region.follow(later)
        assert row["left"] is True and row["number"] == number and set(row) == {"left", "number", "changedAt"}
        assert (await region.get(f"{DOSSIERS}/{number}")).status_code == 404
    with stopped_at(THAT_DAY + timedelta(minutes=9)):
        await town.office.take(hat, number, "submit")
        await region.come_in()
        [row], _later = await region.follow(later)
        assert row["left"] is False and row["number"] == number


async def test_a_dossier_that_was_collected_can_no_longer_be_taken_back(town: Town) -> None:
    hat, number = await town.filed()
    await (await town.system("flanders")).collect(number)
    browser = await town.office.browser(hat)
    assert (await browser.post(f"/en/dossiers/{number}/steps/take-back", page=f"/en/dossiers/{number}")).status_code in (403, 409)


async def test_a_region_that_passes_a_dossier_on_keeps_what_it_had_and_reads_nothing_later(town: Town, engines: Engines) -> None:
    hat, number = await town.filed()
    office, flanders, brussels = town.office, await town.system("flanders"), await town.system("brussels")
    [[kept]] = await office.portal.sql("SELECT id FROM document WHERE requirement = 'contract'")
    async with storage_as(engines, "worker") as storage:
        await storage.put(str(kept), bytearray(b"the contract"), bucket=storage.clean)
    await office.portal.sql("UPDATE document SET sha256 = :sha, size = 12, handed_over_at = :now WHERE id = :id", id=kept, now=now(),
                            sha=hashlib.sha256(b"the contract").hexdigest())
    _rows, here = await flanders.follow()
    version = (await flanders.collect(number))["version"]
    await flanders.step(number, "take-up", version)
    with stopped_at(THAT_DAY + timedelta(minutes=2)):
        before = await flanders.collect(number)
        passed = await flanders.step(number, "pass-on", version + 1, key="passing-it-on", region="brussels", reason="The work is done in Brussels.")
        assert passed.status_code == 201, passed.text
    with stopped_at(THAT_DAY + timedelta(minutes=3)):
        # The answer was lost: the same request gets it again, although the dossier is no longer theirs.
        again = await flanders.step(number, "pass-on", version + 1, key="passing-it-on", region="brussels", reason="The work is done in Brussels.")
        assert again.status_code == 201 and again.json() == passed.json()
        [row], here = await flanders.follow(here)
        assert row["left"] is True and row["number"] == number and set(row) == {"left", "number", "changedAt"}
        [row], _there = await brussels.follow()
        assert row["left"] is False and row["version"] == version + 2
        at_once = await flanders.collect(number)
    with stopped_at(THAT_DAY + timedelta(minutes=4)):
        # What comes later: a word about a document, a newer one in its place, an acknowledgement, a step, another Region.
        assert (await brussels.ask("PUT", f"{DOSSIERS}/{number}/documents/{kept}/refusal", json={"reason": "A secret of later."})).status_code == 200
        [newer] = await office.bring(hat, number, ["contract"])
        await office.portal.sql("UPDATE document SET replaces = :old WHERE id = :new", old=kept, new=newer)
        await office.take(hat, number, "add-documents")
    with stopped_at(THAT_DAY + timedelta(minutes=5)):
        assert (await brussels.ask("POST", f"{DOSSIERS}/{number}/acknowledgements", json={"version": version + 3})).status_code == 200
        assert (await brussels.step(number, "pass-on", version + 3, region="wallonia", reason="Or rather there.")).status_code == 201
    with stopped_at(THAT_DAY + timedelta(minutes=6)):
        assert (await flanders.get(here)).json()["items"] == []
        mine = await flanders.collect(number)
        # Of the document that the next Region could not use, its earlier word is gone; its later one is not told.
        apart = {"language": "", "documents": [one for one in mine["documents"] if one["id"] != str(kept)]}
        assert {**mine, **apart} == {**at_once, "language": "", "documents": [one for one in at_once["documents"] if one["id"] != str(kept)]}
        assert "A secret of later." not in json.dumps(mine) and {one["state"] for one in mine["documents"] if one["id"] == str(kept)} == {"handed-over"}
        assert mine["leftAt"] == mine["changedAt"] == "2026-11-23T09:02:00Z" and (mine["version"], mine["position"]) == (version + 2, before["position"])
        assert (mine["steps"], mine["clocks"]) == ([], []) and "dueOn" not in mine and "confirmedAt" not in mine
        assert mine["answers"] == before["answers"] and [one["id"] for one in mine["documents"]] == [one["id"] for one in before["documents"]]
        assert mine["history"][:-1] == before["history"] and mine["history"][-1]["action"] == "pass-on"
        assert mine["region"] == mine["competentAuthority"] == "brussels"
        assert [(one["role"], one.get("authority")) for one in mine["participants"] if "authority" in one and "until" not in one] == [
            ("former-region", "flanders"), ("region", "brussels")]
        document = await flanders.get(f"{DOSSIERS}/{number}/documents/{kept}")
        assert document.status_code == 200 and document.content == b"the contract"
        assert (await flanders.get(f"{DOSSIERS}/{number}/documents/{newer}")).status_code == 404
        # To read is all that is left to it, and it is recorded.
        for answer in (
            await flanders.step(number, "admit", mine["version"]),
            await flanders.ask("POST", f"{DOSSIERS}/{number}/acknowledgements", json={"version": mine["version"]}),
            await flanders.ask("PUT", f"{DOSSIERS}/{number}/documents/{kept}/refusal", json={"reason": "Too late."}),
        ):
            assert answer.status_code == 403 and answer.json()["type"].endswith("accessDenied"), answer.text
        looks = await office.portal.sql("SELECT document_id FROM opening WHERE person_id = :id AND opened_at > :left", id=flanders.id, left=THAT_DAY + timedelta(minutes=2))
        assert kept in [row[0] for row in looks]


async def test_a_municipality_takes_a_dossier_from_its_list_to_the_card(town: Town) -> None:
    """Its part of a single permit, from the arrival on; what it says is what each dossier lists for its steps."""
    office, antwerp = town.office, await town.system("municipality-11002")
    hat = await office.employer()
    key = await office.ready(hat)
    number = await office.file(hat, key)
    hats = {Role.WORKER: await office.worker(key), **{role: await office.official(code) for role, code in (
        (Role.REGION, "flanders"), (Role.IMMIGRATION_OFFICE, "immigration-office"), (Role.DIPLOMATIC_POST, "diplomatic-post"))}}
    known = (await office.see(hat, number)).values
    way = usual_way(SINGLE_PERMIT)
    own = next(place for place, step in enumerate(way) if step.by == {Role.MUNICIPALITY})
    for step in way[:own]:
        assert (await antwerp.get(DOSSIERS)).json()["items"] == [] and (await antwerp.get(f"{DOSSIERS}/{number}")).status_code == 404
        [role] = step.by & set(hats)
        await office.take(hats[role], number, step.action, **said_with(step, known))
    [row], later = await antwerp.follow()
    assert (row["number"], row["headline"], row["left"]) == (number, "arrived", False)
    dossier = await antwerp.collect(number)
    assert dossier["answers"]["identity"]["surname"] == "Kumar" and dossier["documents"] and dossier["municipality"] == "municipality-11002"
    named = [{"id": one["id"], "sha256": one["sha256"]} for one in dossier["documents"]]
    answer = await antwerp.ask("POST", f"{DOSSIERS}/{number}/acknowledgements", json={"version": dossier["version"], "documents": named})
    assert answer.status_code == 200 and len(answer.json()["documents"]) == len(named)
    # The number of the passport that lies there must be that of the application.
    wrong = await antwerp.step(number, "register", dossier["version"], passport_seen="X9999999", address_seen="yes")
    assert wrong.status_code == 422 and [one["name"] for one in wrong.json()["issues"]] == ["evidence.passport_seen"]
    said: Mapping[str, Mapping[str, str]] = {
        "register": {"passport_seen": "Z1234567", "address_seen": "yes"}, "issue-annex-49": {"valid_until": "2027-04-15"},
        "record-address-check": {"visited_on": "2026-11-23", "officer": "PZ 5345, 1234"}, "order-card": {"biometrics": "yes"},
        "deliver-card": {"valid_until": "2030-02-28"},
    }
    assert [step.action for step in way[own:]] == list(said)
    for action, evidence in said.items():
        dossier = await antwerp.collect(number)
        [listed] = [one for one in dossier["steps"] if one["action"] == action]
        assert {one["name"] for one in listed["evidence"]} == set(evidence)
        answer = await antwerp.step(number, action, dossier["version"], **evidence)
        assert answer.status_code == 201, (action, answer.text)
        assert (answer.json()["event"]["role"], answer.json()["event"]["evidence"]) == ("municipality", evidence)
    assert answer.json()["position"] == ["card-issued"] and answer.json()["headline"] == "card-issued"
    [row], _later = await antwerp.follow(later)
    assert (row["headline"], row["version"]) == ("card-issued", answer.json()["version"])
    history = await office.history(hat, number)
    assert [one.action for one in history][-len(said):] == list(said)
    [[kind]] = await office.portal.sql("SELECT DISTINCT p.kind FROM event e JOIN party p ON p.id = e.person_id WHERE e.role = 'municipality'")
    assert kind == "system" and (await office.see(hat, number)).headline.state == "card-issued"
    # Another town has no part in it.
    assert (await (await town.system("municipality-44021")).get(f"{DOSSIERS}/{number}")).status_code == 404
