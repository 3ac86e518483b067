"""Writes the examples of the contract: one dossier, really signed, by keys that are thrown away; run as a module after a change of a schema."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from frontoffice.backbone import contract
from frontoffice.backbone.envelope import DOCUMENT_RECEIPT_TYP, EVENT_TYP, HEADS_TYP, MESSAGE_TYP, RECEIPT_TYP, REQUEST_TYP, build
from frontoffice.kernel.tokens import new_key, public_jwks, sign
from tests.peers import an_attachment, an_outgoing, told_with

VERSION: Final = Path(contract.__file__).parent / contract.VERSION
FOLDER: Final = VERSION / "examples"
PORTAL, BACKBONE, NUMBER = "https://portal.example", "https://backbone.example", "SP-2026-0000123-C"
FILED: Final = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
# A page with nothing on it.
PDF: Final = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n"
)


def identifier(number: int) -> str:
    """A made-up UUID that can be told from the others."""
    return str(UUID(f"5f0c7c1e-0000-4000-8000-{number:012d}"))


def main() -> None:
    """Write everything anew."""
    FOLDER.mkdir(exist_ok=True)
    portal, backbone = new_key(), new_key()
    ours = {"iss": PORTAL, "aud": BACKBONE}
    theirs = {"iss": BACKBONE, "aud": PORTAL}
    passport = replace(an_attachment(PDF), id=UUID(identifier(11)), file_name="passport.pdf")
    diploma = replace(an_attachment(PDF + b"diploma", "diploma"), id=UUID(identifier(12)), file_name="diploma.pdf")
    outgoing = an_outgoing(message_id=UUID(identifier(1)), event_id=UUID(identifier(2)), number=NUMBER, edition="2026-11", at=FILED, documents=(passport, diploma))
    message = build(outgoing, issuer=PORTAL, audience=BACKBONE, issued_at=FILED)
    text = sign(message, portal, MESSAGE_TYP)
    about = {"message": message["txn"], "message_sha256": sha256(text.encode()).hexdigest()}
    later = int(FILED.timestamp()) + 60
    tokens = {"message": (message, text)}

    def add(name: str, claims: Mapping[str, Any], key: Mapping[str, str], typ: str) -> None:
        tokens[name] = (dict(claims), sign(claims, key, typ))

    add("receipt", {**theirs, "iat": later, "jti": identifier(21), "message_sha256": about["message_sha256"], "outcome": "accepted", "missing": [passport.sha256]},
        backbone, RECEIPT_TYP)
    add("document-receipt", {**theirs, "iat": later, "jti": identifier(22), "document_sha256": passport.sha256, "size": passport.size, "outcome": "accepted"},
        backbone, DOCUMENT_RECEIPT_TYP)
    for seq, (word, authority, told) in enumerate(_events(about, {"id": str(passport.id), "sha256": passport.sha256}, {"id": str(diploma.id), "sha256": diploma.sha256}), 1):
        acted = later + 3600 * seq
        events = told_with(authority, "grant" if word == contract.STEP else word, told)
        add(f"event-{word}", {**theirs, "iat": acted + 5, "jti": identifier(30 + seq), "toe": acted, "sub": NUMBER, "seq": seq, "events": events}, backbone, EVENT_TYP)
    asked = later + 36_000
    add("pull", {**ours, "iat": asked, "jti": identifier(41), "sub": NUMBER, "after": 3}, portal, REQUEST_TYP)
    add("ask-heads", {**ours, "iat": asked, "jti": identifier(42), "dossiers": [NUMBER, "SP-2026-0000124-A"]}, portal, REQUEST_TYP)
    known = {NUMBER: {"known": True, "received": 1, "sent": 6}, "SP-2026-0000124-A": {"known": False, "received": 0, "sent": 0}}
    add("heads", {**theirs, "iat": asked + 1, "jti": identifier(43), "request": identifier(42), "heads": known}, backbone, HEADS_TYP)
    _write(tokens, public_jwks({"keys": [portal]}), public_jwks({"keys": [backbone]}))


def _events(about: Mapping[str, str], passport: Mapping[str, str], diploma: Mapping[str, str]) -> list[tuple[str, str, dict[str, Any]]]:
    """Each word, who says it, and what, in the order of `seq`."""
    return [
        (contract.RECEIVED, "flanders", dict(about)),
        (contract.REFUSED, "flanders", {**about, "reasons": ["Van het paspoort ontbreken pagina's."]}),
        (contract.VALIDATED, "flanders", dict(about)),
        (contract.TAKEN_OVER, "flanders", {"documents": [dict(passport)]}),
        (contract.NOT_TAKEN, "flanders", {"document": dict(diploma), "reason": "Het diploma is niet gelegaliseerd."}),
        (contract.STEP, "immigration-office", {"annex": "46", "decision_date": "2026-11-20", "valid_until": "2029-11-19"}),
    ]


def _write(tokens: Mapping[str, tuple[dict[str, Any], str]], portal: Mapping[str, Any], backbone: Mapping[str, Any]) -> None:
    for name, (_claims, text) in tokens.items():
        (FOLDER / f"{name}.jws").write_text(text)
    FOLDER.joinpath("document.pdf").write_bytes(PDF)
    later = {claims["jti"]: text for name, (claims, text) in tokens.items() if name.startswith("event-") and claims["seq"] > 3}
    pulled = {"sets": later, "moreAvailable": False}
    for name, content in (("portal-keys", portal), ("backbone-keys", backbone), ("pulled", pulled)):
        (FOLDER / f"{name}.json").write_text(json.dumps(content, indent=2) + "\n")
    shown = {name: [claims] for name, (claims, _text) in tokens.items() if not name.startswith("event-")}
    shown["event"] = [claims for name, (claims, _text) in tokens.items() if name.startswith("event-")]
    for name, examples in {**shown, "pulled": [pulled]}.items():
        _show(VERSION / f"{name}.schema.json", examples)
    description = VERSION / "openapi.json"
    spec = json.loads(description.read_text("utf-8"))
    message = tokens["message"][0]
    spec["paths"]["/messages"]["post"]["parameters"][0]["example"] = message["txn"]
    spec["paths"]["/documents/{sha256}"]["put"]["parameters"][0]["example"] = message["documents"][0]["sha256"]
    description.write_text(_pretty(spec), "utf-8")


def _show(place: Path, examples: list[dict[str, Any]]) -> None:
    schema = json.loads(place.read_text("utf-8"))
    definitions = schema.pop("$defs", None)
    schema["examples"] = examples
    place.write_text(_pretty({**schema, **({"$defs": definitions} if definitions else {})}), "utf-8")


def _pretty(content: object) -> str:
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    main()
