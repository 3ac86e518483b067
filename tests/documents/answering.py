"""An authority's answer to what was filed, as the backbone leaves it: our message, its receipt and the answer, all signed; then the word."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID, uuid4

from frontoffice.dossiers import handed_over
from frontoffice.kernel.time import now
from frontoffice.kernel.tokens import new_key, sign
from tests.scene import Filed, Scene

URI = "urn:permit-window:event:message-validated"
KEY = new_key()


@dataclass(frozen=True)
class Answered:
    """What a second receipt must name: the filing's event, the SHA-256 of our message, and the identifiers of the three tokens."""

    event_id: UUID
    sha256: str
    message: str
    receipt: str
    answer: str


async def handed(scene: Scene, filed: Filed, *, version: int = 1) -> Answered:
    """Our message about the latest filing, concluded; the authority has not said more yet."""
    event_id = await scene.value("SELECT event_id FROM filing WHERE dossier_id = :key ORDER BY filed_at DESC LIMIT 1", key=filed.id)
    rows = await scene.sql("SELECT id, requirement, size, sha256 FROM document WHERE dossier_id = :key ORDER BY requirement", key=filed.id)
    documents = [{"id": str(one.id), "code": one.requirement, "size": one.size, "sha256": one.sha256} for one in rows]
    tokens = Answered(event_id, "", *(str(uuid4()) for _ in range(3)))
    content = sign({"jti": tokens.message, "sub": filed.number, "txn": str(event_id), "body": {"version": version, "documents": documents}}, KEY, "x").encode()
    digest = sha256(content).hexdigest()
    await scene.sql(
        "INSERT INTO message (event_id, dossier_id, content, sha256, created_at, concluded_at, receipt) VALUES (:event, :key, :content, :sha256, now(), now(),"
        " :receipt)", event=event_id, key=filed.id, content=content, sha256=digest, receipt=sign({"jti": tokens.receipt}, KEY, "x"))
    async with scene.session() as session:
        await handed_over.note_received(session, [event_id])
    return Answered(event_id, digest, tokens.message, tokens.receipt, tokens.answer)


async def validated(scene: Scene, filed: Filed, told: Answered, *, at: datetime | None = None, by: str = "flanders") -> None:
    """The authority's signed word that it can work with it, applied; nothing is queued."""
    payload = {"authority": by, "message": str(told.event_id), "message_sha256": told.sha256}
    content = sign({"jti": told.answer, "sub": filed.number, "events": {URI: payload}}, KEY, "x")
    await scene.sql(
        "INSERT INTO inbound_message (issuer, jti, dossier_number, seq, content, received_at, outcome) VALUES ('backbone', :jti, :number, 1, :content, now(),"
        " 'applied')", jti=told.answer, number=filed.number, content=content)
    await scene.sql("UPDATE message SET validated_at = now(), answered_by = :by WHERE event_id = :event", by=by, event=told.event_id)
    async with scene.session() as session:
        await handed_over.note_validated(session, filed.id, told.event_id, at or now(), by=by)
