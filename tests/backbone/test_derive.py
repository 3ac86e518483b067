"""The published schema of each edition is what its declaration says, is closed, and knows every kind of question."""

import json
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from frontoffice.backbone import contract
from frontoffice.backbone.contract import derive
from frontoffice.backbone.contract.kinds import said, schema_of
from frontoffice.forms import identifiers
from frontoffice.forms.fields import (
    Agreement,
    Checked,
    Choice,
    Choices,
    Countries,
    Country,
    Day,
    Email,
    Field,
    LongText,
    Money,
    Number,
    PartialDay,
    Phone,
    Text,
    YesNo,
)
from frontoffice.procedures import EDITIONS
from frontoffice.procedures.choices import OTHER_POST, Occupation, Post
from frontoffice.procedures.lifecycle import Step
from frontoffice.procedures.places import MunicipalityName, PostalCode
from frontoffice.procedures.vocabulary import Procedure
from tests.backbone.evidence import FEDERAL, sample_evidence

OPTIONS = (("a", "A", ""), ("b-2", "B", ""))
NAMED = {"name": "one", "label": "One"}


def of(procedure: Procedure) -> str:
    return f"{procedure.code}-{procedure.edition}"


@pytest.mark.parametrize("procedure", EDITIONS, ids=of)
def test_the_published_schema_is_the_one_that_the_declaration_makes(procedure: Procedure) -> None:
    file = derive.FOLDER / derive.name_of(procedure)
    assert file.exists(), "make contract"
    assert file.read_text("utf-8") == derive.written(procedure), "a released edition does not change; one that nobody released: make contract AGAIN=--again"


def test_a_released_file_is_what_it_was_when_it_was_released() -> None:
    found = {name: sha256((derive.FOLDER.parent / name).read_bytes()).hexdigest() for name in derive.released()}
    assert found == derive.released(), "a released file never changes: make a new edition"


def test_what_was_released_is_not_written_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frozen, open_one = (derive.name_of(one) for one in EDITIONS[:2])
    monkeypatch.setattr(derive, "FOLDER", tmp_path)
    monkeypatch.setattr(derive, "RELEASED", tmp_path / "released.sha256")
    for name in (frozen, open_one):
        (tmp_path / name).write_text("as it was")
    derive.RELEASED.write_text(f"{'0' * 64}  procedures/{frozen}\n")
    derive.main([])
    assert (tmp_path / open_one).read_text() == "as it was"
    derive.main(["--again"])
    assert (tmp_path / frozen).read_text() == "as it was" and (tmp_path / open_one).read_text() == derive.written(EDITIONS[1])
    assert derive.released() == {f"procedures/{frozen}": "0" * 64}


def test_no_schema_is_left_of_an_edition_that_is_gone() -> None:
    assert contract.published() == {f"procedures/{derive.name_of(one)}" for one in EDITIONS}


def objects(schema: Any) -> list[dict[str, Any]]:
    """Every object that a schema describes, the items of the documents left out: the schema of the message closes those."""
    if isinstance(schema, list):
        return [found for one in schema for found in objects(one)]
    if not isinstance(schema, dict):
        return []
    return [*([schema] if schema.get("type") == "object" else []), *(found for name, one in schema.items() if name != "documents" for found in objects(one))]


@pytest.mark.parametrize("procedure", EDITIONS, ids=of)
def test_each_schema_is_json_schema_2020_12_and_closed(procedure: Procedure) -> None:
    schema = json.loads(derive.written(procedure))
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"urn:permit-window:backbone:{contract.VERSION}:procedure:{procedure.code}:{procedure.edition}"
    assert [one for one in objects(schema) if "additionalProperties" not in one] == []


def federal_steps() -> list[Any]:
    found = {(of(one), step.action, tuple(sorted(step.takes))): (one, step) for one in EDITIONS for step in one.life.steps if step.by & frozenset(FEDERAL)}
    return [pytest.param(*pair, id="-".join([key[0], key[1], *key[2]])) for key, pair in found.items()]


@pytest.mark.parametrize(("procedure", "step"), federal_steps())
def test_every_act_of_a_federal_authority_has_a_sample_that_fits(procedure: Procedure, step: Step) -> None:
    evidence = sample_evidence(procedure, step)
    assert contract.evidence_violations(procedure.code, procedure.edition, step.action, evidence) == []
    assert contract.evidence_violations(procedure.code, procedure.edition, step.action, {**evidence, "reference": "OV 1.234"}) == []
    assert contract.evidence_violations(procedure.code, procedure.edition, step.action, {**evidence, "html": "<b>"}) in (
        ["$.evidence: additionalProperties"], ["$.evidence: anyOf"])


def test_steps_of_one_name_that_ask_different_things_are_kept_apart() -> None:
    study = next(one for one in EDITIONS if one.code == "guarantee-study")
    by_post, by_town = ({**sample_evidence(study, step)} for step in sorted((one for one in study.life.steps if one.action == "legalise"), key=lambda one: min(one.by)))
    assert by_post.keys() != by_town.keys()
    for evidence in (by_post, by_town):
        assert contract.evidence_violations(study.code, study.edition, "legalise", evidence) == []
    assert contract.evidence_violations(study.code, study.edition, "legalise", {}) == ["$.evidence: anyOf"]


def fits(schema: dict[str, Any], value: object) -> bool:
    return not list(contract._Strict(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).iter_errors(value))


@pytest.mark.parametrize(
    ("question", "right", "wrong"),
    [
        (Text(**NAMED, longest=5), ["x", "工程师", "12345"], ["", "123456", 5, ["x"]]),
        (LongText(**NAMED), ["a\nb"], ["x" * 4001]),
        (Choice(**NAMED, choices=OPTIONS), ["a", "b-2"], ["c", "A", "", "a b-2"]),
        (Choices(**NAMED, choices=OPTIONS), ["a", "a b-2"], ["", "c", "a,b-2", "a ", "a\n"]),
        (YesNo(**NAMED), ["yes", "no"], ["true", True]),
        (Agreement(**NAMED), ["yes"], ["no", True]),
        (Day(**NAMED), ["2026-11-21"], ["21-11-2026", "2026-02-30", "2026-11-00"]),
        (PartialDay(**NAMED), ["1987-05-09", "1987-05-00", "1987-00-00"], ["1987-00-09", "1987", "1987-13-00", "1987-05-32"]),
        (Country(**NAMED), ["IND", "XXA"], ["India", "IN", "ind"]),
        (Countries(**NAMED, most=2), ["IND", "IND XXA"], ["IND,XXA", "IND XXA SDN", ""]),
        (Number(**NAMED, most=9629), ["0", "2512"], ["25.12", "10000.5", "-1", "123456", 2512]),
        (Number(**NAMED, most=40, decimals=2), ["38.00"], ["38", "38.5", "138.00"]),
        (Money(**NAMED), ["60000.00"], ["60000", "60 000.00", "€5.00"]),
        (Email(**NAMED), ["rajesh.kumar@worker.example"], ["nobody", "a b@c.example"]),
        (Phone(**NAMED), ["+3232101234"], ["03 210 12 34", "+0323"]),
        (PostalCode(**NAMED), ["2030"], ["0123", "20301"]),
        (MunicipalityName(**NAMED, postal_code="two"), ["11002"], ["Antwerpen"]),
        (Occupation(**NAMED), ["2512"], ["251", "developer"]),
        (Post(**NAMED), ["cmr-yaounde", OTHER_POST], ["New Delhi"]),
        (Checked(**NAMED, reader=identifiers.enterprise_number), ["1999999943"], ["2999999989", "1999.999.943"]),
        (Checked(**NAMED, reader=str.upper), ["ANY", "x" * 200], ["", "x" * 201]),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Field) else "",
)
def test_what_an_answer_of_each_kind_may_be(question: Field, right: list[object], wrong: list[object]) -> None:
    schema = schema_of(question)
    assert [one for one in right if not fits(schema, one)] == []
    assert [one for one in wrong if fits(schema, one)] == []


def test_an_authority_may_tell_a_text_in_parts() -> None:
    assert fits(said(LongText(**NAMED)), ["First.", "Second."]) and fits(said(LongText(**NAMED)), "At once.")
    assert not fits(said(LongText(**NAMED)), []) and not fits(said(LongText(**NAMED)), [["x"]])
    assert not fits(said(Day(**NAMED)), ["2026-11-21"])


def test_a_kind_of_question_that_came_later_is_a_text_and_a_strange_code_is_refused() -> None:
    @dataclass(frozen=True, kw_only=True)
    class Later(Field):
        """A kind of question that the contract does not know."""

    assert fits(schema_of(Later(**NAMED)), "anything") and not fits(schema_of(Later(**NAMED)), "")
    with pytest.raises(ValueError, match="letters, digits and dashes"):
        schema_of(Choices(**NAMED, choices=(("a|b", "A or B", ""),)))
