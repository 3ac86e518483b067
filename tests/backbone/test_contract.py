"""The published contract is itself correct, and turns away what it should."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from openapi_spec_validator.readers import read_from_filename

from frontoffice.backbone import contract, envelope
from frontoffice.kernel.time import today
from frontoffice.procedures import in_force
from tests.peers import an_attachment, an_outgoing, told_with

FOLDER = files(contract).joinpath(contract.VERSION)
SCHEMAS = sorted(one.name for one in FOLDER.iterdir() if one.name.endswith(".schema.json"))
COMMON = {"iss": "urn:backbone", "aud": "urn:portal", "iat": 1795253400, "jti": "1"}
DIGEST = "0" * 64
REASONS = {"reasons": ["De bestaansmiddelen zijn niet bewezen."]}
VALID = {"valid_from": "2027-01-01", "valid_until": "2028-01-01"}
DECIDED = {"decision_date": "2026-12-01"}
MESSAGE = {"message": "0190f2f0-0000-7000-8000-000000000001", "message_sha256": DIGEST}
PERMIT = in_force("single-permit", today())


def about(word: str) -> str:
    return f"$.events['{contract.EVENTS}{word}']"


STEP = about(contract.STEP)


def message(**changes: Any) -> dict[str, Any]:
    outgoing = an_outgoing(documents=(an_attachment(b"x"),), **changes)
    return envelope.build(outgoing, issuer="urn:portal", audience="urn:backbone", issued_at=datetime.now(UTC))


def event(action: str, evidence: dict[str, Any], **changes: Any) -> dict[str, Any]:
    authority = changes.pop("authority", "immigration-office")
    claims = {"sub": "SP-2026-0000123-C", "seq": 1, "toe": COMMON["iat"], "events": told_with(authority, action, evidence)}
    return {**COMMON, **claims, **changes}


@pytest.mark.parametrize("name", SCHEMAS)
def test_each_schema_is_json_schema_2020_12_and_closed(name: str) -> None:
    schema = json.loads(FOLDER.joinpath(name).read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"urn:permit-window:backbone:v3:{name.removesuffix('.schema.json')}"


def test_the_description_is_openapi_3_1() -> None:
    content, address = read_from_filename(str(FOLDER.joinpath("openapi.json")))
    validate(content, base_uri=address)
    assert contract.openapi()["openapi"].startswith("3.1")


def test_the_description_names_every_schema_and_the_types_that_we_sign_with() -> None:
    text = json.dumps(contract.openapi())
    assert [name for name in SCHEMAS if name not in text] == []
    typs = (envelope.MESSAGE_TYP, envelope.RECEIPT_TYP, envelope.DOCUMENT_RECEIPT_TYP, envelope.EVENT_TYP)
    assert [typ for typ in typs if typ not in text] == []


@pytest.mark.parametrize(
    "claims",
    [
        event("ask-stay-documents", {"documents": ["medical-certificate"], **REASONS}),
        event("grant", {"annex": "46", **DECIDED, **VALID, "reference": "OV 1.234"}),
        event("certify-silence", {"annex": "47", **DECIDED, "valid_until": "2028-01-01"}),
        event("refuse-stay", {"annex": "48", **DECIDED, **REASONS}),
        event("request-visa", {"requested_on": "2026-12-01", "post": "New Delhi"}, authority="diplomatic-post"),
        event("issue-visa", {**DECIDED, **VALID, "visa_number": "BEL123"}, authority="diplomatic-post"),
        event("refuse-visa", {**DECIDED, **REASONS}, authority="diplomatic-post"),
    ],
    ids=lambda claims: contract.told(claims)[1]["action"],
)
def test_every_act_of_another_authority_can_be_told(claims: dict[str, Any]) -> None:
    assert contract.event_violations(claims) == []
    _word, told = contract.told(claims)
    assert contract.evidence_violations(PERMIT.code, PERMIT.edition, told["action"], told["evidence"]) == []


@pytest.mark.parametrize(
    ("action", "evidence", "violation"),
    [
        ("grant", {"annex": "of the Office", **DECIDED, **VALID}, "$.evidence.annex: pattern"),
        ("grant", {"annex": "46"}, "$.evidence: required"),
        ("grant", {"annex": "46", **DECIDED, **VALID, "html": "<b>"}, "$.evidence: additionalProperties"),
        ("grant", {"annex": "46", "decision_date": "2026-02-30", **VALID}, "$.evidence.decision_date: format"),
        ("grant", {"annex": "46", "decision_date": ["2026-12-01"], **VALID}, "$.evidence.decision_date: type"),
        ("refuse-stay", {"annex": "48", **DECIDED}, "$.evidence: required"),
        ("refuse-stay", {"annex": "48", **DECIDED, "reasons": []}, "$.evidence.reasons: minItems"),
        ("refuse-stay", {"annex": "48", **DECIDED, "reasons": ""}, "$.evidence.reasons: minLength"),
        ("refuse-stay", {"annex": "48", **DECIDED, "reasons": ["x" * 4001]}, "$.evidence.reasons[0]: maxLength"),
        ("ask-stay-documents", {"documents": "the certificate", **REASONS}, "$.evidence.documents: type"),
        ("ask-stay-documents", {"documents": ["The certificate"], **REASONS}, "$.evidence.documents[0]: pattern"),
        ("submit", {}, "$.action: enum"),
        ("take-over", {}, "$.action: enum"),
    ],
)
def test_evidence_off_the_contract_is_named_by_place_and_rule(action: str, evidence: dict[str, Any], violation: str) -> None:
    assert contract.evidence_violations(PERMIT.code, PERMIT.edition, action, evidence) == [violation]


@pytest.mark.parametrize(
    ("claims", "violation"),
    [
        (event("Grant work", {}), f"{STEP}.action: pattern"),
        (event("grant", {"html": {"deep": {"deeper": "x"}}}), f"{STEP}.evidence.html: anyOf"),
        (event("grant", {"<b>": "x"}), f"{STEP}.evidence: pattern"),
        (event("grant", {}, authority="admin"), f"{STEP}.authority: pattern"),
        (event("grant", {}, seq=0), "$.seq: minimum"),
        (event("grant", {}, sub="SP-2026-0000123-C\n"), "$.sub: pattern"),
        (event("grant", {}, toe="2026-12-01T10:00:00"), "$.toe: type"),
        (event("grant", {}, toe=COMMON["iat"] + 61), "$.toe: later than iat"),
        (event("grant", {}, role="region"), "$: additionalProperties"),
        (event("grant", {}, exp=COMMON["iat"]), "$: additionalProperties"),
        (event("grant", {}, events={}), "$.events: minProperties"),
        (event("grant", {}, events={**told_with("flanders", "grant", {}), **told_with("flanders", contract.RECEIVED, MESSAGE)}), "$.events: maxProperties"),
        (event("grant", {}, events={"https://schemas.openid.net/secevent/risc/event-type/account-disabled": {}}), "$.events: additionalProperties"),
        (event(contract.RECEIVED, {}), f"{about(contract.RECEIVED)}: required"),
        (event(contract.RECEIVED, {**MESSAGE, "reasons": ["x"]}), f"{about(contract.RECEIVED)}: additionalProperties"),
        (event(contract.VALIDATED, {**MESSAGE, "message": "1"}), f"{about(contract.VALIDATED)}.message: pattern"),
        (event(contract.VALIDATED, {**MESSAGE, "message_sha256": "A" * 64}), f"{about(contract.VALIDATED)}.message_sha256: pattern"),
        (event(contract.REFUSED, MESSAGE), f"{about(contract.REFUSED)}: required"),
        (event(contract.REFUSED, {**MESSAGE, "reasons": []}), f"{about(contract.REFUSED)}.reasons: minItems"),
        (event(contract.REFUSED, {**MESSAGE, "reasons": ["x"] * 21}), f"{about(contract.REFUSED)}.reasons: maxItems"),
        (event(contract.REFUSED, {**MESSAGE, "reasons": ["x" * 2001]}), f"{about(contract.REFUSED)}.reasons[0]: maxLength"),
        (event(contract.REFUSED, {**MESSAGE, "reasons": "x"}), f"{about(contract.REFUSED)}.reasons: type"),
    ],
)
def test_an_event_off_the_contract_is_named_by_place_and_rule(claims: dict[str, Any], violation: str) -> None:
    assert violation in contract.event_violations(claims)


def without_body(claims: dict[str, Any]) -> None:
    del claims["body"]


@pytest.mark.parametrize(
    ("spoil", "violation"),
    [
        (without_body, "$: required"),
        (lambda claims: claims.update(seq="1"), "$.seq: type"),
        (
            lambda claims: claims["body"]["employer"].update(enterprise_number="2999999989"),
            "$.body.employer.enterprise_number: pattern",
        ),
        (lambda claims: claims["body"]["employment"].update(gross_year=52000.5), "$.body.employment.gross_year: type"),
        (lambda claims: claims["body"]["authority"].update(row=100), "$.body.authority.row: maximum"),
        (
            lambda claims: claims["body"]["documents"][0].update(media_type="text/html"),
            "$.body.documents[0].media_type: enum",
        ),
        (lambda claims: claims["documents"][0].update(sha256=DIGEST + "\n"), "$.documents[0].sha256: pattern"),
        (lambda claims: claims["body"].update(password="x"), "$.body: additionalProperties"),
        (lambda claims: claims["body"].update(by="inspector"), "$.body.by: enum"),
        (lambda claims: claims["body"]["authority"].update(role="employer"), "$.body.authority.role: enum"),
        (lambda claims: claims["body"]["authority"].pop("role"), "$.body.authority: required"),
        (lambda claims: claims["body"]["person"].pop("surname"), "$.body.person: required"),
        (lambda claims: claims["body"]["person"].update(birth_date="1987-00-09"), "$.body.person.birth_date: pattern"),
        (lambda claims: claims["body"]["person"].update(nationalities=["IND", "IND"]), "$.body.person.nationalities: uniqueItems"),
    ],
)
def test_a_message_off_the_contract_is_named_by_place_and_rule(
    spoil: Callable[[dict[str, Any]], None], violation: str
) -> None:
    claims = message()
    spoil(claims)
    assert contract.violations("message", claims) == [violation]


@pytest.mark.parametrize(
    "part",
    [{"person": {"surname": "Suharto"}}, {"person": {"surname": "Ali", "birth_date": "1987-00-00", "nationalities": ["XXA", "SDN"], "birth_surname": "Omar",
                                                     "usage_name": "Alia", "birth_country": "SDN", "civil_status": "widowed", "document_type": "stateless"}},
     {"employer": {}, "employment": {}}, {"person": {}}],
    ids=["one name", "stateless", "no employer", "nobody"],
)
def test_the_typed_summary_may_lack_what_a_procedure_does_not_ask(part: dict[str, Any]) -> None:
    assert contract.violations("message", message(**part)) == []


@pytest.mark.parametrize(
    ("spoil", "violation"),
    [
        (lambda body: body.update(procedure="../message.schema"), "$.body: no procedure and edition of this contract"),
        (lambda body: body.update(edition="1999-01"), "$.body: no procedure and edition of this contract"),
        (lambda body: body.update(action="grant"), "$.body.action: enum"),
        (lambda body: body.update(by="region"), "$.body.by: enum"),
        (lambda body: body.update(position=["lost"]), "$.body.position[0]: enum"),
        (lambda body: body.update(evidence={"reasons": "x"}), "$.body.evidence: additionalProperties"),
        (lambda body: body["documents"][0].update(code="selfie"), "$.body.documents[0].code: enum"),
        (lambda body: body["answers"].update(dreams={}), "$.body.answers: additionalProperties"),
        (lambda body: body["answers"].pop("identity"), "$.body.answers: required"),
        (lambda body: body["answers"]["identity"].pop("surname"), "$.body.answers.identity: required"),
        (lambda body: body["answers"]["identity"].update(sex="?"), "$.body.answers.identity.sex: enum"),
        (lambda body: body["answers"]["identity"].update(nationality="Indian"), "$.body.answers.identity.nationality: pattern"),
        (lambda body: body["answers"]["identity"].update(shoe_size="43"), "$.body.answers.identity: additionalProperties"),
        (lambda body: body["answers"]["passport"].update(passport_expires="soon"), "$.body.answers.passport.passport_expires: format"),
        (lambda body: body["answers"]["pay"].update(pay_year="52000"), "$.body.answers.pay.pay_year: pattern"),
    ],
)
def test_a_body_off_its_procedure_is_named_by_place_and_rule(spoil: Callable[[dict[str, Any]], None], violation: str) -> None:
    body = message()["body"]
    assert contract.procedure_violations(body) == []
    spoil(body)
    assert violation in contract.procedure_violations(body)


def test_a_violation_never_repeats_a_value() -> None:
    claims = message()
    claims["body"]["person"]["passport_number"] = "secret 1234567"
    assert "secret" not in " ".join(contract.violations("message", claims))


@pytest.mark.parametrize(
    ("schema", "claims", "fits"),
    [
        ("receipt", {**COMMON, "message_sha256": DIGEST, "outcome": "accepted", "missing": [DIGEST]}, True),
        ("receipt", {**COMMON, "message_sha256": DIGEST, "outcome": "accepted"}, False),
        ("receipt", {**COMMON, "message_sha256": DIGEST, "outcome": "queued", "missing": []}, False),
        ("document-receipt", {**COMMON, "document_sha256": DIGEST, "size": 1, "outcome": "already-known"}, True),
        ("document-receipt", {**COMMON, "document_sha256": DIGEST, "size": 0, "outcome": "accepted"}, False),
        ("problem", {"type": "urn:problem-type:belgif:badRequest", "title": "Bad Request", "status": 400}, True),
        ("problem", {"title": "Bad Request", "status": 400}, False),
    ],
)
def test_receipts_answers_and_problems(schema: str, claims: dict[str, Any], fits: bool) -> None:
    assert (contract.violations(schema, claims) == []) is fits
