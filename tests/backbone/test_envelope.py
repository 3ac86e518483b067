"""A message says what the dossier says, in the contract's words, and its hash can be recomputed by anyone."""

import hashlib
from datetime import UTC, datetime
from typing import Any

import pytest

from frontoffice.backbone import contract
from frontoffice.backbone.envelope import NotWritable, build, canonical_body
from tests.peers import an_attachment, an_outgoing

AT = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


def test_a_message_is_what_the_contract_asks() -> None:
    passport = an_attachment(b"%PDF-1.7")
    outgoing = an_outgoing(documents=(passport,), evidence={"reasons": ["Het diploma ontbreekt."]})
    claims = build(outgoing, issuer="urn:portal", audience="urn:backbone", issued_at=AT)
    assert contract.violations("message", claims) == []
    assert claims["jti"] == str(outgoing.message_id)
    assert claims["txn"] == str(outgoing.event_id)
    assert claims["iat"] == 1795253400
    assert claims["documents"] == [{"id": str(passport.id), "sha256": passport.sha256, "size": 8}]
    assert claims["body"]["documents"][0]["file_name"] == passport.file_name
    assert claims["body_sha256"] == hashlib.sha256(canonical_body(claims["body"])).hexdigest()


@pytest.mark.parametrize(
    ("body", "canonical"),
    [
        ({"b": 1, "a": "é"}, '{"a":"é","b":1}'),
        ({"x": [True, None, {"z": 0, "y": "\n\u2028"}]}, '{"x":[true,null,{"y":"\\n\u2028","z":0}]}'),
        # RFC 8785, section 3.2.3: names sort by UTF-16 code units, so that an emoji comes before a ligature.
        ({"\ufb33": 1, "\U0001f600": 2, "\u20ac": 3, "\r": 4}, '{"\\r":4,"\u20ac":3,"\U0001f600":2,"\ufb33":1}'),
    ],
)
def test_the_canonical_form_is_that_of_rfc_8785(body: dict[str, Any], canonical: str) -> None:
    assert canonical_body(body).decode() == canonical


@pytest.mark.parametrize("value", [1.5, float("nan"), [{"deep": 0.1}], AT, b"bytes", {1, 2}, "\ud800"])
def test_what_has_no_canonical_form_is_refused(value: object) -> None:
    with pytest.raises(NotWritable):
        canonical_body({"value": value})
