"""What an authority answers to a message of ours: received, validated or refused, carried out once, and the last word counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import permutations, takewhile
from typing import Any, cast
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from frontoffice.backbone import contract, inbound
from frontoffice.backbone.envelope import EVENT_TYP
from frontoffice.backbone.words import FOLLOWING
from frontoffice.kernel.database import transaction
from frontoffice.kernel.jobs import Resources
from frontoffice.kernel.tokens import sign
from tests.backbone.test_inbound import Door, door, outcomes
from tests.peers import Backbone
from tests.scene import Filed, Scene

__all__ = ["door"]
REASONS = ["Pagina 3 van het paspoort ontbreekt.", "Het contract is niet ondertekend."]
ANSWERED = "SELECT validated_at, refused_at, refusal, answered_by FROM {} WHERE {}"


async def sent(scene: Scene, filed: Filed, action: str = "submit") -> dict[str, str]:
    """How a message of ours is named in an answer."""
    (row,) = await scene.sql("SELECT m.event_id, m.sha256 FROM message m JOIN event e ON e.id = m.event_id WHERE e.dossier_id = :id AND e.action = :action",
                             id=filed.id, action=action)
    return {"message": str(row.event_id), "message_sha256": row.sha256}


async def handed_over(scene: Scene) -> Filed:
    filed = await scene.filed()
    await scene.run("backbone:hand_over")
    return filed


async def answered(scene: Scene) -> list[tuple[bool, bool, list[str], str]]:
    """What the message and the dossier say of the answer: validated, refused, reasons, by whom; both must say the same."""
    found = []
    for table in ("message", "dossier"):
        rows = await scene.sql(f"SELECT validated_at IS NOT NULL, refused_at IS NOT NULL, refusal, answered_by FROM {table}")
        found.append([(row[0], row[1], list(row[2]), row[3]) for row in rows])
    assert found[0] == found[1]
    return found[0]


async def following(scene: Scene) -> list[tuple[str, str]]:
    """The jobs that an answer queued, in order: which, and for what outcome."""
    rows = await scene.sql("SELECT task_name, args FROM procrastinate_jobs WHERE task_name = ANY(:names) ORDER BY id", names=list(FOLLOWING))
    return [(row.task_name, row.args["outcome"]) for row in rows]


async def test_an_authority_can_work_with_what_was_filed(scene: Scene, door: Door) -> None:
    filed = await handed_over(scene)
    claims = door.claims(filed, contract.VALIDATED, authority="flanders", evidence=await sent(scene, filed))
    await door.send(claims)
    await scene.run(inbound.APPLY)
    assert await outcomes(scene) == [(1, "applied", "")] and await answered(scene) == [(True, False, [], "flanders")]
    assert await scene.value("SELECT extract(epoch FROM validated_at) FROM dossier") == claims["toe"]
    assert await following(scene) == [(name, "validated") for name in FOLLOWING]
    (row,) = await scene.sql("SELECT args FROM procrastinate_jobs WHERE task_name = :name", name=FOLLOWING[0])
    assert row.args["event_id"] == (await sent(scene, filed))["message"]
    assert await scene.value("SELECT count(*) FROM event WHERE message_id IS NOT NULL") == 0


async def test_an_authority_cannot_work_with_it_and_the_filing_stands(scene: Scene, door: Door) -> None:
    filed = await handed_over(scene)
    before = await scene.sql("SELECT position, version, filed_at, confirmed_at FROM dossier")
    told = {**await sent(scene, filed), "reasons": [f"  {REASONS[0]}\n", REASONS[1]]}
    await door.send(door.claims(filed, contract.REFUSED, authority="flanders", evidence=told))
    await scene.run(inbound.APPLY)
    assert await answered(scene) == [(False, True, REASONS, "flanders")]
    assert await following(scene) == [(name, "refused") for name in FOLLOWING]
    assert await scene.sql("SELECT position, version, filed_at, confirmed_at FROM dossier") == before


@pytest.mark.parametrize("order", list(permutations((1, 2, 3))), ids=str)
async def test_the_answer_with_the_highest_number_counts_whatever_order_they_come_in(scene: Scene, door: Door, order: tuple[int, ...]) -> None:
    filed = await handed_over(scene)
    about = await sent(scene, filed)
    # The second was said earlier than the first, by the clock of whoever said it: the numbers decide all the same.
    answers = {
        1: door.claims(filed, contract.VALIDATED, 1, authority="flanders", evidence=about),
        2: door.claims(filed, contract.REFUSED, 2, authority="flanders", evidence={**about, "reasons": REASONS}),
        3: door.claims(filed, contract.VALIDATED, 3, authority="flanders", evidence=about),
    }
    answers[2]["toe"] -= 3600
    for seq in order:
        await door.send(answers[seq])
        await scene.run(inbound.APPLY)
    assert await answered(scene) == [(True, False, [], "flanders")]
    assert await following(scene) == [(name, one) for one in ("validated", "refused", "validated") for name in FOLLOWING]


async def test_a_refusal_after_a_validation_counts(scene: Scene, door: Door) -> None:
    filed = await handed_over(scene)
    about = await sent(scene, filed)
    await door.send(door.claims(filed, contract.VALIDATED, 1, authority="flanders", evidence=about))
    await door.send(door.claims(filed, contract.REFUSED, 2, authority="flanders", evidence={**about, "reasons": REASONS}))
    await scene.run(inbound.APPLY)
    assert await answered(scene) == [(False, True, REASONS, "flanders")]


async def test_the_same_answer_again_has_no_second_effect(scene: Scene, door: Door) -> None:
    filed = await handed_over(scene)
    about = await sent(scene, filed)
    first = door.claims(filed, contract.REFUSED, 1, authority="flanders", evidence={**about, "reasons": REASONS})
    for claims in (first, first, door.claims(filed, contract.REFUSED, 2, authority="flanders", evidence={**about, "reasons": REASONS})):
        await door.send(claims)
        await scene.run(inbound.APPLY)
        await inbound.apply(scene.resources, claims["iss"], claims["jti"])
    assert [outcome for _seq, outcome, _remark in await outcomes(scene)] == ["applied"] * 2
    assert await following(scene) == [(name, "refused") for name in FOLLOWING]
    await door.send(door.claims(filed, contract.REFUSED, 3, authority="flanders", evidence={**about, "reasons": REASONS[:1]}))
    await scene.run(inbound.APPLY)
    assert await answered(scene) == [(False, True, REASONS[:1], "flanders")] and len(await following(scene)) == 4


@pytest.mark.parametrize("word", [contract.RECEIVED, contract.VALIDATED])
async def test_who_says_that_it_is_there_ends_the_hand_over(scene: Scene, door: Door, stand_in: Backbone, word: str) -> None:
    """As when the message went over another path, or its receipt was lost."""
    filed = await scene.filed()
    stand_in.behave(fail="drop-answer")
    await scene.run("backbone:hand_over")
    assert await scene.value("SELECT concluded_at IS NULL AND tries = 1 FROM message") and not await scene.value("SELECT confirmed_at FROM dossier")
    claims = door.claims(filed, word, authority="flanders", evidence=await sent(scene, filed))
    await door.send(claims)
    await scene.run(inbound.APPLY)
    assert await scene.value("SELECT concluded_at IS NOT NULL AND next_try_at IS NULL AND last_error = '' FROM message")
    assert await scene.value("SELECT receipt = (SELECT content FROM inbound_message) FROM message")
    assert await scene.value("SELECT confirmed_at IS NOT NULL FROM dossier")
    assert await scene.value("SELECT count(*) FROM document WHERE handed_over_at IS NULL") == 0
    known = stand_in.dossier(filed.number)["messages"][0]["received"]
    await scene.make_due()
    await scene.run("backbone:hand_over", "backbone:sweep")
    assert stand_in.dossier(filed.number)["messages"][0]["received"] == known


async def test_a_refusal_does_not_say_that_all_is_there(scene: Scene, door: Door, stand_in: Backbone) -> None:
    filed = await scene.filed()
    stand_in.behave(fail="drop-answer")
    await scene.run("backbone:hand_over")
    await door.send(door.claims(filed, contract.REFUSED, authority="flanders", evidence={**await sent(scene, filed), "reasons": REASONS}))
    await scene.run(inbound.APPLY)
    assert await answered(scene) == [(False, True, REASONS, "flanders")]
    assert await scene.value("SELECT concluded_at IS NULL FROM message")


async def test_that_it_was_received_is_no_news_after_the_receipt(scene: Scene, door: Door) -> None:
    filed = await handed_over(scene)
    before = await scene.sql("SELECT concluded_at, receipt, tries FROM message")
    await door.send(door.claims(filed, contract.RECEIVED, authority="flanders", evidence=await sent(scene, filed)))
    await scene.run(inbound.APPLY)
    assert await scene.sql("SELECT concluded_at, receipt, tries FROM message") == before
    assert await outcomes(scene) == [(1, "applied", "")] and await following(scene) == []


@pytest.mark.parametrize("word", [contract.RECEIVED, contract.VALIDATED, contract.REFUSED])
@pytest.mark.parametrize(
    ("changes", "authority", "remark"),
    [
        ({"message": str(uuid4())}, "flanders", "a message that was not sent like that"),
        ({"message_sha256": "0" * 64}, "flanders", "a message that was not sent like that"),
        ({}, "wallonia", "this authority takes no part in the dossier"),
        ({}, "diplomatic-post", "this authority takes no part in the dossier"),
        ({}, "municipality-11002", "this authority takes no part in the dossier"),
    ],
    ids=["unknown", "other bytes", "another Region", "not let in yet", "a town"],
)
async def test_an_answer_that_does_not_fit_goes_to_a_person(
    scene: Scene, door: Door, word: str, changes: dict[str, str], authority: str, remark: str,
) -> None:
    filed = await handed_over(scene)
    more = {"reasons": REASONS} if word == contract.REFUSED else {}
    await door.send(door.claims(filed, word, authority=authority, evidence={**await sent(scene, filed), **changes, **more}))
    await scene.run(inbound.APPLY)
    assert await outcomes(scene) == [(1, "review", remark)]
    assert await answered(scene) == [(False, False, [], "")] and await following(scene) == []


async def test_the_message_of_another_dossier_is_not_answered(scene: Scene, door: Door) -> None:
    mine, other = await handed_over(scene), await handed_over(scene)
    await door.send(door.claims(mine, contract.VALIDATED, authority="flanders", evidence=await sent(scene, other)))
    await scene.run(inbound.APPLY)
    assert await outcomes(scene) == [(1, "review", "a message that was not sent like that")]
    assert await scene.value("SELECT count(*) FROM message WHERE validated_at IS NOT NULL") == 0


async def test_reasons_of_blanks_are_none(scene: Scene, door: Door) -> None:
    filed = await handed_over(scene)
    await door.send(door.claims(filed, contract.REFUSED, authority="flanders", evidence={**await sent(scene, filed), "reasons": ["x", " \n "]}))
    await scene.run(inbound.APPLY)
    assert await outcomes(scene) == [(1, "review", "no reason given")]


async def leave(scene: Scene, when: str) -> None:
    await scene.sql(f"UPDATE participation SET starts_at = starts_at - interval '1 hour', ends_at = {when} WHERE party_id = (SELECT id FROM party WHERE authority_code = 'flanders')")


@pytest.mark.parametrize(("left", "outcome"), [("- interval '2 milliseconds'", "applied"), ("- interval '1 minute'", "review")])
async def test_an_authority_answers_what_it_was_sent_until_it_left(scene: Scene, door: Door, left: str, outcome: str) -> None:
    """The message that says that it leaves is the last: the step itself ends its part, a moment before it is written down."""
    filed = await handed_over(scene)
    await leave(scene, f"(SELECT max(happened_at) FROM event) {left}")
    await door.send(door.claims(filed, contract.VALIDATED, authority="flanders", evidence=await sent(scene, filed)))
    await scene.run(inbound.APPLY)
    assert [one for _seq, one, _remark in await outcomes(scene)] == [outcome]


async def test_an_answer_to_an_earlier_filing_says_nothing_of_the_later_one(scene: Scene, door: Door) -> None:
    filed = await handed_over(scene)
    about = await sent(scene, filed)
    # What was filed has been taken back and filed again since.
    await scene.sql("UPDATE dossier SET filed_at = now() + interval '1 second', confirmed_at = NULL")
    await door.send(door.claims(filed, contract.VALIDATED, authority="flanders", evidence=about))
    await scene.run(inbound.APPLY)
    assert await scene.sql(ANSWERED.format("dossier", "true")) == [(None, None, [], "")]
    assert await scene.value("SELECT validated_at IS NOT NULL FROM message WHERE event_id = :id", id=UUID(about["message"]))


async def six(scene: Scene, door: Door, filed: Filed) -> list[dict[str, Any]]:
    """Six events about one dossier, in their order: four words that contradict each other, between two steps."""
    about = await sent(scene, filed)
    (diploma,) = await scene.sql("SELECT id, sha256 FROM document WHERE requirement = 'diploma'")
    document = {"id": str(diploma.id), "sha256": diploma.sha256}
    return [
        door.claims(filed, contract.VALIDATED, 1, authority="flanders", evidence=about),
        door.claims(filed, contract.TAKEN_OVER, 2, authority="immigration-office", evidence={"documents": [document]}),
        door.claims(filed, "grant", 3),
        door.claims(filed, contract.NOT_TAKEN, 4, authority="immigration-office", evidence={"document": document, "reason": "Unreadable."}),
        door.claims(filed, contract.REFUSED, 5, authority="flanders", evidence={**about, "reasons": REASONS}),
        door.claims(filed, "request-visa", 6),
    ]


@pytest.mark.parametrize("first", range(1, 7))
async def test_all_orders_of_six_events_end_in_the_same_dossier(scene: Scene, door: Door, first: int) -> None:
    """720 orders, those that begin with each of them apart: every event is kept as the door keeps it, and carried out as its job would."""
    filed = await scene.stay_examined()
    await scene.run("backbone:hand_over")
    events = {one["seq"]: one for one in await six(scene, door, filed)}
    async with scene.resources.engine.connect() as connection, connection.begin() as whole:
        # What takes a connection in a transaction for an engine commits into that transaction.
        undone = Resources(cast(AsyncEngine, connection), scene.settings)
        tree = Tree(connection, undone, events, {seq: sign(one, door.key, EVENT_TYP) for seq, one in events.items()})
        async with undone.at_end:
            await tree.walk([], [first])
        await whole.rollback()
    assert tree.orders == 120 and tree.ends == {(("visa-requested",), tuple(REASONS), "Unreadable.", ("applied",) * 6)}


@dataclass
class Tree:
    """All orders of some events, walked so that those which begin alike share what they begin with: each event is undone after what follows on it."""

    connection: AsyncConnection
    resources: Resources
    events: Mapping[int, Mapping[str, Any]]
    texts: Mapping[int, str]
    ends: set[tuple[Any, ...]] = field(default_factory=set)
    orders: int = 0

    async def walk(self, came: list[int], next_ones: Sequence[int]) -> None:
        for seq in next_ones:
            undo = await self.connection.begin_nested()
            await self.come(seq, came)
            rest = [one for one in self.events if one not in (*came, seq)]
            if rest:
                await self.walk([*came, seq], rest)
            else:
                self.orders += 1
                self.ends.add(await self.end())
            await undo.rollback()

    async def come(self, seq: int, before: Sequence[int]) -> None:
        claims = dict(self.events[seq])
        async with transaction(self.resources.engine) as session:
            await inbound.keep(session, claims, self.texts[seq])
        await inbound.apply(self.resources, claims["iss"], claims["jti"])
        # Those that it wakes, if it was its turn.
        woken = takewhile(lambda one: one in before, range(seq + 1, 7)) if all(one in before for one in range(1, seq)) else ()
        for one in woken:
            await inbound.apply(self.resources, claims["iss"], self.events[one]["jti"])

    async def end(self) -> tuple[Any, ...]:
        statement = text("SELECT position, refusal, (SELECT not_taken_reason FROM document WHERE requirement = 'diploma'),"
                         " (SELECT array_agg(outcome ORDER BY seq) FROM inbound_message) FROM dossier")
        async with transaction(self.resources.engine) as session:
            row = (await session.execute(statement)).one()
        return tuple(row[0]), tuple(row[1]), row[2], tuple(row[3])
