"""Hand-overs, sweeps and what a bad day does to them, against the real stand-in, PostgreSQL and S3."""

import base64
import json
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from frontoffice.backbone import contract, jobs
from frontoffice.kernel.database import make_engine, transaction
from frontoffice.kernel.time import now
from tests.peers import Backbone
from tests.scene import Filed, Scene

HAND_OVER = "backbone:hand_over"


def books(backbone: Backbone, filed: Filed) -> dict[str, Any]:
    try:
        return backbone.dossier(filed.number)
    except StopIteration:
        return {"messages": [], "documents": []}


async def messages(scene: Scene) -> list[Any]:
    return await scene.sql("SELECT m.*, e.action FROM message m JOIN event e ON e.id = m.event_id ORDER BY e.seq")


async def claims_of(scene: Scene) -> list[dict[str, Any]]:
    parts = [bytes(one.content).split(b".")[1] for one in await messages(scene)]
    return [json.loads(base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4))) for part in parts]


async def test_a_filed_dossier_reaches_the_backbone_with_every_document(scene: Scene, stand_in: Backbone) -> None:
    filed = await scene.filed()
    await scene.run(HAND_OVER)
    there = books(stand_in, filed)
    assert [(one["action"], one["seq"], one["received"]) for one in there["messages"]] == [("submit", 1, 1)]
    assert [one["complete"] for one in there["documents"]] == [True] * 9
    (message,) = await messages(scene)
    assert message.concluded_at and message.receipt.count(".") == 2 and message.sha256 == there["messages"][0]["sha256"]
    assert sha256(message.content).hexdigest() == message.sha256
    assert await scene.value("SELECT count(*) FROM document WHERE handed_over_at IS NULL") == 0
    assert await scene.value("SELECT confirmed_at IS NOT NULL FROM dossier")
    assert await scene.queued(HAND_OVER) == []


async def test_the_message_tells_the_dossier_as_the_contract_types_it(scene: Scene) -> None:
    await scene.filed()
    await scene.run(HAND_OVER)
    (claims,) = await claims_of(scene)
    assert contract.violations("message", claims) == [] == contract.procedure_violations(claims["body"])
    body = claims["body"]
    assert (body["action"], body["by"], body["version"], body["position"]) == ("submit", "employer", 1, ["filed"])
    assert body["authority"]["code"] == "flanders" and body["authority"]["row"] == 3
    assert "%(" not in body["authority"]["reason"]
    assert body["employer"]["enterprise_number"] == "1999999943" and body["employer"]["address"]["nis"] == "11002"
    assert body["employment"] | {"workplaces": []} == {
        "category": "highly-qualified", "function": "Software developer", "isco08": "2512", "start": "2027-03-01", "hours_per_week": "38.00",
        "gross_month": "4500.00", "gross_year": "60000.00", "workplaces": [],
    }
    assert body["person"]["surname"] == "Kumar" and body["person"]["nationalities"] == ["IND"]
    assert set(body["answers"]) >= {"employer", "contact", "identity", "worker-contact"}


@pytest.mark.parametrize("fail", ["500", "503", "cut", "html-200", "wrong-hash", "drop-answer"])
async def test_a_bad_backbone_delays_and_the_same_bytes_go_again(scene: Scene, stand_in: Backbone, fail: str) -> None:
    filed = await scene.filed()
    stand_in.behave(fail=fail, fail_times=1)
    await scene.run(HAND_OVER)
    (first,) = await messages(scene)
    assert first.concluded_at is None and first.tries == 1 and first.last_error and first.next_try_at
    assert len(await scene.queued(HAND_OVER)) == 1
    assert not await scene.value("SELECT confirmed_at IS NOT NULL FROM dossier")
    await scene.make_due()
    await scene.run(HAND_OVER)
    (second,) = await messages(scene)
    assert second.concluded_at and second.content == first.content
    assert [one["sha256"] for one in books(stand_in, filed)["messages"]] == [first.sha256]


async def test_a_backbone_that_is_away_loses_nothing(scene: Scene, stand_in: Backbone) -> None:
    filed = await scene.filed()
    stand_in.process.kill()
    stand_in.process.wait()
    await scene.run(HAND_OVER)
    (message,) = await messages(scene)
    assert message.last_error == "unreachable"
    stand_in.restart()
    await scene.make_due()
    await scene.run(HAND_OVER)
    assert [one["action"] for one in books(stand_in, filed)["messages"]] == ["submit"]


async def test_the_backbone_says_when_to_come_back(scene: Scene, stand_in: Backbone) -> None:
    await scene.filed()
    stand_in.behave(fail="429", fail_times=1)
    begun = now()
    await scene.run(HAND_OVER)
    assert await scene.value("SELECT next_try_at FROM message") >= begun + timedelta(seconds=1)


async def test_messages_of_one_dossier_go_in_the_order_of_its_events(scene: Scene, stand_in: Backbone) -> None:
    filed, region = await scene.filed(), await scene.official("flanders")
    await scene.take(filed.id, "take-up", region)
    asked = await scene.take(filed.id, "ask-documents", region, document="other", request="?")
    await scene.drop_queue()
    await jobs.hand_over(scene.resources, str(asked))
    assert [(one["seq"], one["action"]) for one in books(stand_in, filed)["messages"]] == [(1, "submit"), (2, "ask-documents")]
    assert [one["body"]["position"] for one in await claims_of(scene)] == [["filed"], ["complement"]]


async def test_a_later_message_waits_for_an_earlier_one_that_failed(scene: Scene, stand_in: Backbone) -> None:
    filed, region = await scene.filed(), await scene.official("flanders")
    stand_in.behave(fail="503", fail_times=1)
    await scene.run(HAND_OVER)
    await scene.take(filed.id, "take-up", region)
    await scene.take(filed.id, "admit", region)
    await scene.sql("UPDATE message SET next_try_at = now() + interval '1 hour'")
    await scene.sql("UPDATE procrastinate_jobs SET scheduled_at = now() + interval '1 hour' WHERE scheduled_at IS NOT NULL")
    await scene.run(HAND_OVER)
    assert books(stand_in, filed)["messages"] == []
    await scene.make_due()
    await scene.run(HAND_OVER)
    assert [one["action"] for one in books(stand_in, filed)["messages"]] == ["submit", "admit"]


async def test_a_complement_goes_out_as_a_new_signed_version(scene: Scene, stand_in: Backbone) -> None:
    employer, region = await scene.employer(), await scene.official("flanders")
    filed = await scene.filed(employer)
    await scene.take(filed.id, "take-up", region)
    await scene.take(filed.id, "ask-documents", region, document="other", request="?")
    added = await scene.document(filed.id, employer, "other")
    await scene.take(filed.id, "complete", employer)
    await scene.run(HAND_OVER)
    first, _asked, last = await claims_of(scene)
    assert (first["body"]["version"], last["body"]["version"]) == (1, 2)
    assert len(first["documents"]) == 9 and str(added) in {one["id"] for one in last["documents"]}
    assert all(one["complete"] for one in books(stand_in, filed)["documents"])


async def test_a_document_that_is_being_checked_holds_its_version_back(scene: Scene, stand_in: Backbone) -> None:
    employer, region = await scene.employer(), await scene.official("flanders")
    filed = await scene.filed(employer)
    await scene.run(HAND_OVER)
    await scene.take(filed.id, "take-up", region)
    await scene.take(filed.id, "ask-documents", region, document="other", request="?")
    added = await scene.document(filed.id, employer, "other", state="received")
    await scene.take(filed.id, "complete", employer)
    await scene.run(HAND_OVER)
    assert [one["action"] for one in books(stand_in, filed)["messages"]] == ["submit", "ask-documents"]
    assert len(await scene.queued(HAND_OVER)) == 1
    digest = await scene.value("SELECT sha256 FROM document WHERE id = :key", key=added)
    bytes_of_it = scene.storage.open(scene.storage.quarantine, str(added), expected_sha256=digest)
    await scene.storage.put_stream(str(added), bytes_of_it, bucket=scene.storage.clean)
    await scene.sql("UPDATE document SET state = 'checked' WHERE id = :key", key=added)
    await scene.make_due()
    await scene.run(HAND_OVER)
    assert books(stand_in, filed)["messages"][-1]["action"] == "complete"


async def test_a_stored_object_that_is_gone_delays_and_is_named(scene: Scene, stand_in: Backbone) -> None:
    filed = await scene.filed()
    lost = await scene.value("SELECT id FROM document ORDER BY given_at LIMIT 1")
    await scene.storage.delete(scene.storage.clean, str(lost))
    await scene.run(HAND_OVER)
    (message,) = await messages(scene)
    assert message.concluded_at is None and message.last_error == "storage-notfound"
    assert len(books(stand_in, filed)["messages"]) == 1


async def test_handing_over_twice_has_one_effect(scene: Scene, stand_in: Backbone) -> None:
    filed = await scene.filed()
    event = await scene.value("SELECT id FROM event WHERE action = 'submit'")
    await jobs.hand_over(scene.resources, str(event))
    await jobs.hand_over(scene.resources, str(event))
    await scene.run(HAND_OVER)
    assert [one["received"] for one in books(stand_in, filed)["messages"]] == [1]


async def test_a_worker_that_died_after_sending_sends_the_same_bytes(scene: Scene, stand_in: Backbone) -> None:
    filed = await scene.filed()
    await scene.run(HAND_OVER)
    await scene.sql("UPDATE message SET concluded_at = NULL, receipt = NULL, created_at = now() - interval '5 minutes', tried_at = now() - interval '5 minutes'")
    await jobs.sweep(scene.resources)
    await scene.run(HAND_OVER)
    (known,) = books(stand_in, filed)["messages"]
    assert known["received"] == 2
    assert await scene.value("SELECT concluded_at IS NOT NULL FROM message")


async def test_queue_rows_that_were_deleted_by_hand_are_made_again(scene: Scene, stand_in: Backbone) -> None:
    filed = await scene.filed()
    await scene.drop_queue()
    await jobs.sweep(scene.resources)
    assert await scene.queued(HAND_OVER) == []  # younger than a minute
    await age_events(scene)
    await jobs.sweep(scene.resources)
    await jobs.sweep(scene.resources)
    assert len(await scene.queued(HAND_OVER)) == 1
    await scene.run(HAND_OVER)
    assert [one["action"] for one in books(stand_in, filed)["messages"]] == ["submit"]
    await jobs.sweep(scene.resources)
    assert await scene.queued(HAND_OVER) == []


async def age_events(scene: Scene, by: str = "5 minutes") -> None:
    """Events never change, so the owner lifts the trigger for this."""
    engine = make_engine(scene.database.owner)
    async with transaction(engine) as session:
        await session.execute(text("ALTER TABLE event DISABLE TRIGGER only_added"))
        await session.execute(text(f"UPDATE event SET happened_at = happened_at - interval '{by}'"))
        await session.execute(text("UPDATE document SET given_at = given_at - interval '1 year'"))
        await session.execute(text("ALTER TABLE event ENABLE TRIGGER only_added"))
    await engine.dispose()


async def test_an_event_forgotten_for_long_is_found_by_the_nightly_sweep(scene: Scene) -> None:
    await scene.filed()
    await scene.drop_queue()
    await age_events(scene, "10 days")
    await jobs.sweep(scene.resources)
    assert await scene.queued(HAND_OVER) == []
    await jobs.sweep_all(scene.resources)
    assert len(await scene.queued(HAND_OVER)) == 1


async def test_a_message_off_the_contract_is_never_sent_and_stays_visible(scene: Scene, stand_in: Backbone) -> None:
    filed = await scene.filed()
    await scene.sql("UPDATE answer SET content = content || '{\"sex\": \"?\"}' WHERE page = 'identity'")
    await scene.run(HAND_OVER)
    (message,) = await messages(scene)
    assert message.content is None and message.last_error == "$.body.person.sex: enum" and message.next_try_at
    assert books(stand_in, filed)["messages"] == []


async def test_what_came_in_is_not_sent_back(scene: Scene, stand_in: Backbone) -> None:
    filed = await scene.stay_examined()
    await scene.run(HAND_OVER)
    told = [one["action"] for one in books(stand_in, filed)["messages"]]
    assert told == ["submit", "admit", "grant-work"]
    assert UUID(books(stand_in, filed)["messages"][0]["txn"])
