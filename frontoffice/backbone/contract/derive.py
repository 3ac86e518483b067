"""Makes the schema of each procedure's edition from its declaration; run as a module it writes those that are not published yet."""

import json
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from frontoffice.backbone.contract import VERSION
from frontoffice.backbone.contract.kinds import CODE, DAY, Schema, said, schema_of, text_of, words_of
from frontoffice.forms.fields import Field
from frontoffice.procedures import EDITIONS
from frontoffice.procedures.lifecycle import Lifecycle, Step
from frontoffice.procedures.vocabulary import AUTHORITIES, Page, Procedure

FOLDER: Final = Path(__file__).parent / VERSION / "procedures"
# As `sha256sum procedures/…` writes it in the folder of the version, a line for each file that was released.
RELEASED: Final = FOLDER.parent / "released.sha256"
_HAND_OVER: Final = "backbone:hand_over"
_DESCRIPTION: Final = (
    "Made from the declaration of the procedure. The whole holds for the body of a message about such a dossier, beside message.schema.json, which "
    "types what is `true` here. $defs/told-<action> holds for the evidence of an event about such a dossier, beside event.schema.json. "
    "Its description says which role takes the step and what becomes of the position: the step is open while the dossier is in all of the states "
    "that are named first. The descriptions of $defs/told-<action> and $defs/sent-<action> also say which authority takes part from that step on."
)
# What an authority may add to any step.
_ALWAYS: Final[Mapping[str, Schema]] = {
    "reference": text_of(60),
    "annex": {"type": "string", "pattern": "^[0-9]{1,3}[a-z]{0,20}$"},
    "decision_date": dict(DAY),
    "reasons": words_of(8000),
    "documents": {"type": "array", "minItems": 1, "maxItems": 20, "uniqueItems": True, "items": {"type": "string", "pattern": CODE, "maxLength": 64}},
    "post": text_of(100),
    "requested_on": dict(DAY),
    "valid_from": dict(DAY),
    "valid_until": dict(DAY),
    "visa_number": {"type": "string", "pattern": "^[A-Z0-9]{1,20}$"},
}


def schema_for(procedure: Procedure) -> Schema:
    """The schema of one edition: what a body may hold, and under $defs what each step of another authority may say."""
    sent, told = _by_action(procedure.life, _is_sent), _by_action(procedure.life, _is_told)
    pages = {f"page-{page.code}": _object({one.name: schema_of(one) for one in page.form.fields}, _needed(page.form.fields), loose=bool(page.form.complete))
             for page in procedure.pages}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:permit-window:backbone:{VERSION}:procedure:{procedure.code}:{procedure.edition}",
        "title": f"A dossier of the procedure {procedure.code}, edition {procedure.edition}",
        "description": _DESCRIPTION,
        **_body(procedure, sent),
        "allOf": [_when(action, steps) for action, steps in sent.items()],
        "$defs": {
            **pages,
            **{f"sent-{action}": {**_described(_who_joins(steps)), **_any_of(steps, _sent_evidence)} for action, steps in sent.items()},
            **{f"told-{action}": {"description": _who_and_when(steps), **_any_of(steps, _told_evidence)} for action, steps in told.items()},
        },
    }


def name_of(procedure: Procedure) -> str:
    """The name of the file of an edition."""
    return f"{procedure.code}-{procedure.edition}.json"


def written(procedure: Procedure) -> str:
    """The text of that file."""
    return json.dumps(schema_for(procedure), ensure_ascii=False, indent=1) + "\n"


def released() -> dict[str, str]:
    """The SHA-256 of each file that was released and never changes again, by its name in the folder of the version."""
    lines = (line.split(maxsplit=1) for line in RELEASED.read_text("utf-8").splitlines())
    return {name.lstrip("*"): digest for digest, name in lines}


def main(arguments: Sequence[str]) -> None:
    """Write what is not published yet; with --again also what is, but for editions that were released."""
    FOLDER.mkdir(exist_ok=True)
    frozen = {Path(name).name for name in released()}
    for one in EDITIONS:
        place = FOLDER / name_of(one)
        if not place.exists() or ("--again" in arguments and place.name not in frozen):
            place.write_text(written(one), "utf-8")


def _body(procedure: Procedure, sent: Mapping[str, Sequence[Step]]) -> Schema:
    roles = {role for steps in sent.values() for step in steps for role in step.by}
    properties: Schema = {
        "procedure": {"const": procedure.code},
        "edition": {"const": procedure.edition},
        "version": True, "language": True,
        "action": {"enum": list(sent)},
        "by": {"enum": sorted(roles)},
        "at": True,
        "position": {"type": "array", "items": {"enum": sorted(procedure.life.states())}},
        "evidence": True, "authority": True,
        **dict.fromkeys(_summaries(procedure), True),
        "answers": _answers(procedure.pages),
        "documents": _documents([one.code for one in procedure.documents]),
    }
    return _object(properties, [name for name in properties if name not in ("employer", "employment", "person")])


def _summaries(procedure: Procedure) -> list[str]:
    """The typed parts that this procedure's questions fill."""
    asked = {one.name for page in procedure.pages for one in page.form.fields}
    found = ["employer", "employment"] if "enterprise_number" in asked else []
    return [*found, *(["person"] if asked & {"surname", "worker_surname"} else [])]


def _answers(pages: Iterable[Page]) -> Schema:
    """Every page by its code; those that everybody answers are there."""
    listed = list(pages)
    return _object({page.code: {"$ref": f"#/$defs/page-{page.code}"} for page in listed},
                   [page.code for page in listed if page.when is None and _needed(page.form.fields)])


def _documents(codes: Sequence[str]) -> Schema:
    item = {"type": "object", "properties": {"code": {"enum": list(codes)}}, "required": ["code"]}
    return {"type": "array", "items": item} if codes else {"type": "array", "maxItems": 0}


def _needed(questions: Iterable[Field]) -> list[str]:
    """The questions that nobody may leave empty, whatever the other answers."""
    return [one.name for one in questions if one.when is None and not one.optional]


def _is_sent(step: Step) -> bool:
    return _HAND_OVER in step.then


def _is_told(step: Step) -> bool:
    return bool(step.by & AUTHORITIES)


def _by_action(life: Lifecycle, concerns: Callable[[Step], bool]) -> dict[str, list[Step]]:
    found: dict[str, list[Step]] = {}
    for step in life.steps:
        if concerns(step):
            found.setdefault(step.action, []).append(step)
    return found


def _when(action: str, steps: Iterable[Step]) -> Schema:
    roles = sorted({role for step in steps for role in step.by})
    return {
        "if": {"properties": {"action": {"const": action}}},
        "then": {"properties": {"by": {"enum": roles}, "evidence": {"$ref": f"#/$defs/sent-{action}"}}},
    }


def _described(text: str) -> Schema:
    return {"description": text} if text else {}


def _who_and_when(steps: Sequence[Step]) -> str:
    """Who takes the step, where it is open, where it leads, and who joins by it."""
    return " ".join([*(_one_way(step) for step in steps), *filter(None, [_who_joins(steps)])])


def _who_joins(steps: Iterable[Step]) -> str:
    """Which authorities take part from the step on; nothing when it lets nobody in."""
    found = dict.fromkeys(text for step in steps for text in _joining(step))
    return " ".join(found)


def _joining(step: Step) -> Iterator[str]:
    if step.files:
        yield "From then on the authority in the message takes part."
    if step.lets_in:
        yield f"From then on the {step.lets_in} takes part."
    if step.lets_town_in:
        where = "the evidence" if any(one.name == step.lets_town_in for one in step.evidence) else "the answers"
        yield f"From then on the municipality takes part that `{step.lets_town_in}` in {where} names."
    if step.passes_on:
        yield "From then on the Region takes part that the evidence names; the one before may read what it held, and takes no step."


def _one_way(step: Step) -> str:
    before, after = (" and ".join(sorted(states)) for states in (step.takes, step.gives))
    return f"Taken by {' or '.join(sorted(step.by & AUTHORITIES))}: {before} {'stays' if before == after else f'becomes {after}'}."


def _sent_evidence(step: Step) -> Schema:
    return _object({one.name: schema_of(one) for one in step.evidence}, _needed(step.evidence))


def _told_evidence(step: Step) -> Schema:
    questions = {one.name: said(one) for one in step.evidence}
    # Documents are named by their codes, so that the portal can open the right slot.
    return _object({**_ALWAYS, **questions, "documents": _ALWAYS["documents"]}, _needed(step.evidence))


def _any_of(steps: Iterable[Step], kind: Callable[[Step], Schema]) -> Schema:
    """What is said with a step; where steps of one name ask different things, what any of them asks."""
    found: list[Schema] = []
    for step in steps:
        if (one := kind(step)) not in found:
            found.append(one)
    return found[0] if len(found) == 1 else {"anyOf": found}


def _object(properties: Mapping[str, Any], required: Collection[str], *, loose: bool = False) -> Schema:
    """A closed object; a `loose` one also holds texts that follow from the others."""
    return {"type": "object", "properties": dict(properties), "required": list(required), "additionalProperties": text_of(200) if loose else False}


if __name__ == "__main__":
    main(sys.argv[1:])
