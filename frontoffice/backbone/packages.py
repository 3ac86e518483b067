"""Hand-overs on a second path: a sealed package of stored messages with their documents, and the receipts that conclude them."""

import asyncio
import contextlib
import hashlib
import os
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

import pyrage
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.backbone import contract, dispatch, outbox
from frontoffice.backbone.composition import NotReady
from frontoffice.backbone.courier import Courier, courier_of
from frontoffice.backbone.delivery import announced
from frontoffice.backbone.dispatch import Unsendable
from frontoffice.backbone.envelope import RECEIPT_TYP
from frontoffice.backbone.holding import Said
from frontoffice.backbone.model import HandOverAct, Message
from frontoffice.backbone.outbox import Delivered, Waiting
from frontoffice.dossiers.model import Dossier, Event
from frontoffice.kernel.database import transaction
from frontoffice.kernel.errors import Conflict, NotFound, Unavailable
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.jobs import Resources
from frontoffice.kernel.rendering import render_text
from frontoffice.kernel.storage import Altered
from frontoffice.kernel.time import now
from frontoffice.kernel.tokens import BadToken, Claims, Use

Verify = Callable[[str, Use], Awaitable[Claims]]

_PRIVATE: Final = 0o600


@dataclass(frozen=True, kw_only=True)
class Package:
    """A sealed package as it was written: how many messages and documents it holds, and the SHA-256 of the file, to be compared by voice."""

    path: Path
    messages: int
    documents: int
    sha256: str


async def seal(resources: Resources, number: str, *, recipient: str, out: Path, said: Said) -> Package:
    """Write what waits of a dossier into a zip that only the age recipient can open; the act is recorded before the file has its name.

    What was never signed is signed and stored first. Held dossiers go too, and when sending is stopped: this is the other path.
    Raises NotFound, or Conflict when nothing waits, something cannot be read, or the file is there already.
    """
    try:
        receiver = pyrage.x25519.Recipient.from_str(recipient)
    except pyrage.RecipientError:
        raise Conflict(_("This is no age recipient: it begins with age1.")) from None
    if await asyncio.to_thread(out.exists):
        raise Conflict(_("There is a file of this name already."))
    courier = courier_of(resources)
    dossier_id, waiting, contents = await _messages(resources, courier, number)
    documents = {digest: one for content in contents.values() for one, digest in announced(content).items()}
    draft = out.with_name(f"{out.name}.{uuid4().hex}.part")
    try:
        digest = await _write(draft, receiver, _entries(courier, number, [(one, contents[one.event_id]) for one in waiting], documents))
        async with transaction(resources.engine) as session:
            session.add_all(_act("package", dossier_id, one.event_id, said) for one in waiting)
        draft.rename(out)
    except (NotFound, Altered, Unavailable) as failure:
        raise Conflict(_("A document cannot be read now.")) from failure
    finally:
        draft.unlink(missing_ok=True)
    return Package(path=out, messages=len(waiting), documents=len(documents), sha256=digest)


async def conclude(resources: Resources, number: str, receipts: Sequence[str], *, verify: Verify, said: Said) -> int:
    """Conclude messages of a dossier by receipts that came on another path, verified as if they had come over the line; how many were.

    All of them or none. Raises NotFound, or Conflict when a receipt proves nothing about a message that waits.
    """
    if not receipts:
        raise Conflict(_("There is no receipt in this file."))
    claims = {one: await _checked(resources, one, verify) for one in receipts}
    async with transaction(resources.engine) as session:
        dossier_id = await _dossier(session, number)
        delivered = []
        waiting = await _waiting_by_hash(session, dossier_id)
        for text, one in claims.items():
            if one["message_sha256"] not in waiting:
                raise Conflict(_("A receipt is for a message that does not wait: another dossier, other bytes, or concluded already."))
            event_id, content = waiting.pop(one["message_sha256"])
            delivered.append(Delivered(event_id, text, list(announced(content))))
        await outbox.conclude(session, delivered)
        session.add_all(_act("conclude", dossier_id, one.event_id, said) for one in delivered)
    return len(delivered)


async def _messages(resources: Resources, courier: Courier, number: str) -> tuple[UUID, list[Waiting], Mapping[UUID, bytes]]:
    """What of a dossier is not handed over, oldest first, and the exact bytes of each message."""
    async with transaction(resources.engine) as session:
        dossier_id = await _dossier(session, number)
        last = await session.scalar(select(Event.id).where(Event.dossier_id == dossier_id).order_by(Event.seq.desc()).limit(1))
        waiting = (await outbox.lines(session, [last], held_too=True)).get(dossier_id, []) if last else []
        if not waiting:
            raise Conflict(_("Nothing waits here any more."))
        try:
            return dossier_id, waiting, await dispatch.written(session, courier, waiting)
        except NotReady:
            raise Conflict(_("A document is still being checked.")) from None
        except Unsendable:
            raise Conflict(_("A message does not fit the contract, so it cannot be signed.")) from None


async def _dossier(session: AsyncSession, number: str) -> UUID:
    found = await session.scalar(select(Dossier.id).where(Dossier.number == number))
    if found is None:
        raise NotFound
    return found


async def _entries(
    courier: Courier, number: str, messages: Collection[tuple[Waiting, bytes]], documents: Mapping[str, UUID]
) -> AsyncIterator[tuple[str, AsyncIterator[bytes]]]:
    """The files of a package, in their order; a document is opened when its turn comes."""
    readme = render_text("operators/package.txt", "en", number=number, messages=len(messages), documents=len(documents),
                         keys=f"{courier.peer.us}/.well-known/jwks.json")
    yield "README.txt", _once(unescape(readme).encode())
    for place, (one, content) in enumerate(messages, 1):
        yield f"messages/{place:04}-{one.event_id}.jws", _once(content)
    for digest, document in documents.items():
        yield f"documents/{digest}", courier.storage.open(courier.storage.clean, str(document), expected_sha256=digest)


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def _write(draft: Path, receiver: object, entries: AsyncIterator[tuple[str, AsyncIterator[bytes]]]) -> str:
    """Stream a zip of the entries through age into a file that only we can read; its SHA-256. Nothing is held but a few pieces."""
    reading, writing = os.pipe()
    sealing = asyncio.create_task(asyncio.to_thread(_encrypt, reading, draft, receiver))
    try:
        # The thread at the other end may be gone: then it tells why.
        with contextlib.suppress(BrokenPipeError):
            await _zip(writing, entries)
    except BaseException:
        await asyncio.gather(sealing, return_exceptions=True)
        raise
    return await sealing


async def _zip(writing: int, entries: AsyncIterator[tuple[str, AsyncIterator[bytes]]]) -> None:
    with os.fdopen(writing, "wb") as pipe, zipfile.ZipFile(pipe, "w", zipfile.ZIP_STORED) as whole:
        async for name, chunks in entries:
            with whole.open(zipfile.ZipInfo(name), "w", force_zip64=True) as file:
                async for chunk in chunks:
                    await asyncio.to_thread(file.write, chunk)


def _encrypt(reading: int, draft: Path, receiver: object) -> str:
    with os.fdopen(reading, "rb") as plain, open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE), "wb") as sealed:
        pyrage.encrypt_io(plain, sealed, [receiver])
        sealed.flush()
        os.fsync(sealed.fileno())
    with draft.open("rb") as written:
        return hashlib.file_digest(written, "sha256").hexdigest()


async def _checked(resources: Resources, text: str, verify: Verify) -> Claims:
    """The claims of a receipt that the backbone signed for us, and that misses no document."""
    use = Use.message(RECEIPT_TYP, issuer=resources.settings.backbone_issuer, audience=resources.settings.issuer)
    try:
        claims = await verify(text, use)
    except BadToken as refusal:
        raise Conflict(_("The signature of a receipt does not hold: %(reason)s"), reason=refusal.reason) from None
    except Unavailable:
        raise Conflict(_("The keys of the backbone cannot be read now. Give them as a file.")) from None
    if contract.violations("receipt", claims):
        raise Conflict(_("A receipt does not fit the contract."))
    if claims["missing"]:
        raise Conflict(_("A receipt says that documents are missing: the message is not delivered yet."))
    return claims


async def _waiting_by_hash(session: AsyncSession, dossier_id: UUID) -> dict[str, tuple[UUID, bytes]]:
    statement = select(Message.sha256, Message.event_id, Message.content).where(
        Message.dossier_id == dossier_id, Message.concluded_at.is_(None), Message.content.is_not(None),
    ).with_for_update()
    return {str(row.sha256): (row.event_id, bytes(row.content or b"")) for row in (await session.execute(statement)).all()}


def _act(kind: str, dossier_id: UUID, event_id: UUID, said: Said) -> HandOverAct:
    return HandOverAct(id=uuid4(), dossier_id=dossier_id, event_id=event_id, kind=kind, acted_at=now(), jti="", **said.values)
