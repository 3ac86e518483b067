"""Only signed receipts over our own hashes conclude a hand-over, whatever the real stand-in is told to do wrong."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from frontoffice.backbone import delivery
from frontoffice.backbone.delivery import NotDelivered, OpenDocument, Peer, Receipt, deliver, retry_delay
from frontoffice.backbone.envelope import MESSAGE_TYP, Outgoing
from frontoffice.kernel import tracing
from frontoffice.kernel.keys import RemoteKeys
from frontoffice.kernel.tokens import sign
from tests.peers import Backbone, a_backbone, a_portal, an_attachment, an_outgoing

PAGES = {"passport": b"%PDF-1.7 passport" * 9000, "diploma": b"%PDF-1.7 diploma"}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backbone]:
    with a_portal() as portal, a_backbone(tmp_path_factory.mktemp("backbone"), portal) as backbone:
        yield backbone


@pytest.fixture
def backbone(running: Backbone) -> Backbone:
    running.behave()
    return running


class Parcel:
    """One message of ours with its documents, ready to be handed over as often as needed."""

    def __init__(self, backbone: Backbone, **changes: Any) -> None:
        self.contents: dict[UUID, bytes] = {}
        attachments = []
        for code, content in PAGES.items():
            own = content + str(len(changes)).encode() + uuid4().bytes
            attachments.append(an_attachment(own, code))
            self.contents[attachments[-1].id] = own
        self.outgoing: Outgoing = an_outgoing(documents=tuple(attachments), **changes)
        self.message = sign(backbone.claims(self.outgoing), backbone.portal.key, MESSAGE_TYP).encode()
        self.backbone = backbone
        self.opened: list[UUID] = []
        self.signed_for: list[UUID] = []

    async def open(self, document: UUID) -> AsyncIterator[bytes]:
        self.opened.append(document)
        content = self.contents[document]
        for start in range(0, len(content), 65_536):
            yield content[start : start + 65_536]

    async def hand_over(self, open_document: OpenDocument | None = None, issuer: str | None = None) -> Receipt:
        keys = RemoteKeys(f"{self.backbone.address}/.well-known/jwks.json", name="backbone")
        us = self.backbone.portal.address
        peer = Peer(address=self.backbone.address, keys=keys, issuer=issuer or self.backbone.address, us=us)
        async with delivery.client() as client:
            return await deliver(
                client,
                peer,
                self.message,
                event_id=self.outgoing.event_id,
                open_document=open_document or self.open,
                handed_over=self.note,
            )

    async def note(self, documents: Sequence[UUID]) -> None:
        self.signed_for += documents

    def in_books(self) -> dict[str, Any]:
        return self.backbone.dossier(self.outgoing.number)


async def test_a_hand_over_brings_the_message_and_every_document(backbone: Backbone) -> None:
    parcel = Parcel(backbone)
    receipt = await parcel.hand_over()
    assert receipt.outcome == "accepted"
    assert [one["action"] for one in parcel.in_books()["messages"]] == ["submit"]
    assert [one["complete"] for one in parcel.in_books()["documents"]] == [True, True]


async def test_handing_over_again_changes_nothing_and_sends_no_document_twice(backbone: Backbone) -> None:
    parcel = Parcel(backbone)
    await parcel.hand_over()
    again = await parcel.hand_over()
    assert again.outcome == "already-known"
    assert len(parcel.opened) == 2
    assert [one["received"] for one in parcel.in_books()["messages"]] == [2]


@pytest.mark.parametrize(
    ("fail", "reason"),
    [
        ("500", "status-500"),
        ("503", "status-503"),
        ("429", "status-429"),
        ("redirect", "status-307"),
        ("html-200", "no-receipt"),
        ("cut", "unreachable"),
        ("wrong-hash", "receipt-over-other-bytes"),
        ("drop-answer", "unreachable"),
    ],
)
async def test_misbehaviour_delays_and_loses_nothing(backbone: Backbone, fail: str, reason: str) -> None:
    parcel = Parcel(backbone)
    backbone.behave(fail=fail, fail_times=1)
    with pytest.raises(NotDelivered) as undone:
        await parcel.hand_over()
    assert undone.value.reason == reason
    receipt = await parcel.hand_over()
    assert receipt.outcome == ("already-known" if fail in ("wrong-hash", "drop-answer") else "accepted")
    assert len(parcel.in_books()["messages"]) == 1
    assert all(one["complete"] for one in parcel.in_books()["documents"])


@pytest.mark.parametrize("status", ["503", "429"])
async def test_the_backbone_may_say_when_to_come_back(backbone: Backbone, status: str) -> None:
    backbone.behave(fail=status, fail_times=1)
    with pytest.raises(NotDelivered) as undone:
        await Parcel(backbone).hand_over()
    assert undone.value.retry_after == timedelta(seconds=1)


async def test_a_failure_between_two_documents_is_mended_by_the_next_try(backbone: Backbone) -> None:
    parcel = Parcel(backbone)
    opened = 0

    async def open_and_fail_later(document: UUID) -> AsyncIterator[bytes]:
        nonlocal opened
        opened += 1
        if opened == 1:
            backbone.behave(fail="503", fail_times=1)
        async for chunk in parcel.open(document):
            yield chunk

    with pytest.raises(NotDelivered, match="status-503"):
        await parcel.hand_over(open_and_fail_later)
    first, second = parcel.contents
    # What the backbone signed for is known to be there at once, whatever becomes of the rest.
    assert parcel.signed_for == [first]
    receipt = await parcel.hand_over()
    assert parcel.signed_for == [first] and parcel.opened == [first, second, second]
    assert receipt.outcome == "already-known"
    assert all(one["complete"] for one in parcel.in_books()["documents"])


@pytest.mark.parametrize(
    "spoil",
    [
        lambda content: content[:-1],
        lambda content: content + b"!",
        lambda content: content[:-1] + b"!",
        lambda content: b"",
    ],
    ids=["shorter", "longer", "other bytes", "empty"],
)
async def test_a_document_that_is_not_the_one_announced_is_not_kept(backbone: Backbone, spoil: Any) -> None:
    parcel = Parcel(backbone)

    async def spoilt(document: UUID) -> AsyncIterator[bytes]:
        yield spoil(parcel.contents[document])

    with pytest.raises(NotDelivered, match="document-differs"):
        await parcel.hand_over(spoilt)
    assert [one["complete"] for one in parcel.in_books()["documents"]] == [False, False]


async def test_a_receipt_of_another_issuer_does_not_count(backbone: Backbone) -> None:
    with pytest.raises(NotDelivered, match="receipt-issuer"):
        await Parcel(backbone).hand_over(issuer="https://other.example")


async def test_a_backbone_that_is_not_there() -> None:
    keys = RemoteKeys("http://127.0.0.1:9/jwks", name="backbone")
    peer = Peer(address="http://127.0.0.1:9", keys=keys, issuer="b", us="p")
    outgoing = an_outgoing()
    async with delivery.client() as client:
        with pytest.raises(NotDelivered, match="unreachable"):
            await deliver(client, peer, b"a.e30.b", event_id=outgoing.event_id, open_document=lambda _: Nothing(), handed_over=note_nothing)


async def note_nothing(documents: Sequence[UUID]) -> None:
    assert not documents


class Nothing(AsyncIterator[bytes]):
    async def __anext__(self) -> bytes:
        raise StopAsyncIteration


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"x" * 70_000, "answer-too-large"),
        (b"e30.e30.e30", "receipt-algorithm"),
        ("é".encode(), "receipt-parts"),
    ],
    ids=["endless", "not a receipt", "not ASCII"],
)
async def test_an_answer_that_only_looks_like_a_receipt(content: bytes, reason: str) -> None:
    async def answer(request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0)
        if request.method == "GET":
            return httpx.Response(200, content=b'{"keys":[]}')
        return httpx.Response(202, content=content, headers={"content-type": "application/jose"})

    peer = Peer(
        address="https://backbone.example", keys=RemoteKeys("https://k.example", name="backbone"), issuer="b", us="p"
    )
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
        with pytest.raises(NotDelivered, match=reason):
            await deliver(client, peer, b"a.e30.b", event_id=an_outgoing().event_id, open_document=lambda _: Nothing(), handed_over=note_nothing)


@pytest.mark.parametrize(("attempt", "longest"), [(0, 0), (1, 5), (2, 30), (3, 300), (4, 1800), (5, 3600), (500, 3600)])
def test_pauses_grow_to_an_hour_and_are_drawn_from_the_whole_range(attempt: int, longest: float) -> None:
    assert retry_delay(attempt, lambda low, high: high) == timedelta(seconds=longest)
    assert retry_delay(attempt, lambda low, high: low) == timedelta(0)
    assert timedelta(0) <= retry_delay(attempt) <= timedelta(seconds=longest)


def test_the_folder_of_the_stand_in_holds_a_private_key_for_this_user_alone(backbone: Backbone) -> None:
    key: Path = backbone.folder / "key.json"
    assert key.stat().st_mode & 0o077 == 0


async def test_every_call_tells_its_place_in_the_trace_and_outside_of_one_nothing() -> None:
    told: list[str | None] = []

    async def answer(request: httpx.Request) -> httpx.Response:
        told.append(request.headers.get("traceparent"))
        return httpx.Response(503)

    peer = Peer(address="https://backbone.example", keys=RemoteKeys("https://k.example", name="backbone"), issuer="b", us="p")

    async def fail(client: httpx.AsyncClient) -> None:
        with pytest.raises(NotDelivered, match="status-503"):
            await deliver(client, peer, b"a.e30.b", event_id=an_outgoing().event_id, open_document=lambda _: Nothing(), handed_over=note_nothing)

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
        await fail(client)
        with tracing.span("hand over", "client", parent="") as span:
            await fail(client)
    assert told == [None, span.place.header]
