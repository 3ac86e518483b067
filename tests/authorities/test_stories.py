"""How a system works through its day: follow, collect, acknowledge, step; and what it is told when it comes too late or says things twice."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

from frontoffice.kernel.time import stopped_at
from tests.authorities.systems import DOSSIERS, Town
from tests.dossiers.drafts import THAT_DAY


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


async def test_a_region_that_passes_a_dossier_on_reads_nothing_later(town: Town) -> None:
    _hat, number = await town.filed()
    flanders, brussels = await town.system("flanders"), await town.system("brussels")
    _rows, here = await flanders.follow()
    version = (await flanders.collect(number))["version"]
    await flanders.step(number, "take-up", version)
    with stopped_at(THAT_DAY + timedelta(minutes=2)):
        passed = await flanders.step(number, "pass-on", version + 1, key="passing-it-on", region="brussels", reason="The work is done in Brussels.")
        assert passed.status_code == 201, passed.text
    with stopped_at(THAT_DAY + timedelta(minutes=3)):
        # The answer was lost: the same request gets it again, although the dossier is no longer theirs.
        again = await flanders.step(number, "pass-on", version + 1, key="passing-it-on", region="brussels", reason="The work is done in Brussels.")
        assert again.status_code == 201 and again.json() == passed.json()
        [row], here = await flanders.follow(here)
        assert row["left"] is True and row["number"] == number
        assert (await flanders.get(f"{DOSSIERS}/{number}")).status_code == 404
        [row], _there = await brussels.follow()
        assert row["left"] is False and row["version"] == version + 2
        assert (await brussels.step(number, "admit", version + 2)).status_code == 201
        assert (await flanders.get(here)).json()["items"] == []
