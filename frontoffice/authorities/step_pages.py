"""What a system says over HTTP: that its authority has a dossier, takes a step, or cannot use a document; by the rules of our pages."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from litestar import Response, delete, post, put

from frontoffice.authorities import answers
from frontoffice.authorities.callers import STEP, WRITE_DOCUMENTS, Caller, Knock, api
from frontoffice.authorities.pages import answered, known_number, opened
from frontoffice.authorities.problems import moved_on
from frontoffice.authorities.representation import happened, instant, seen_documents
from frontoffice.authorities.requests import idempotency_key, json_body, no_queries, said_at
from frontoffice.dossiers import actions, handed_over, judging, queries
from frontoffice.dossiers.queries import OpenDossier
from frontoffice.forms.fields import Choices, Countries, Day, Field, LongText
from frontoffice.forms.form import Form
from frontoffice.kernel.errors import Conflict, Invalid, Problem
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.rendering import Web, addresses
from frontoffice.procedures.lifecycle import Step

_CHANGED: Final = _("This step is no longer open: the dossier has moved on since you opened the page")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_REASON: Final = LongText(name="reason", label=_("Why can you not use it?"), longest=judging.LONGEST_REASON)


@post("/api/v1/dossiers/{number:str}/steps", name="api-step", status_code=201, **api(STEP))
async def take_step(request: Web, knock: Knock, number: str) -> Response[bytes]:
    """Take a step as the authority, from the version that it knows; the same request again gets the first answer."""
    no_queries(request)
    key, asked = idempotency_key(request), await json_body(request, "StepRequest")
    sha256 = hashlib.sha256(json.dumps([number, asked], sort_keys=True).encode()).hexdigest()
    async with knock.caller() as caller:
        content = await answers.earlier(caller, key, known_number(number), sha256)
        if content is None:
            dossier = await opened(caller, number)
            content = await _taken(caller, dossier, asked)
            await answers.keep(caller, key, content)
    return answered(content, status=201, headers={"Location": addresses.path("api-dossier", None, number=number)})


async def _taken(caller: Caller, dossier: OpenDossier, asked: Mapping[str, Any]) -> dict[str, Any]:
    action = asked["action"]
    if action not in dossier.procedure.life.actions():
        raise Invalid(Problem("action", _("Choose one of the answers on the list")))
    try:
        _refuse_other_version(dossier, asked["version"])
        evidence = _evidence(actions.choose(dossier, action, dossier.roles), asked.get("evidence", {}))
        event_id = await actions.perform(caller.session, dossier, action, caller.actor, evidence=evidence)
    except Conflict as conflict:
        raise await _moved_on(caller, dossier, conflict, asked["version"]) from conflict
    events = await queries.history(caller.session, dossier.id)
    event = next(one for one in events if one.id == event_id)
    after = await queries.dossier(caller.session, caller.actor, str(dossier.id))
    return {"number": dossier.number, "version": after.version, "position": sorted(after.position), "headline": after.headline.state,
            "event": {"id": str(event_id), **happened(event)}}


def _refuse_other_version(dossier: OpenDossier, version: int) -> None:
    if version != dossier.version:
        raise Conflict(_CHANGED)


async def _moved_on(caller: Caller, dossier: OpenDossier, conflict: Conflict, version: int) -> Exception:
    """What a system needs to know that came too late: where the dossier stands, and what happened since the version that it knew."""
    events = await queries.history(caller.session, dossier.id)
    return moved_on(conflict, version=dossier.version, position=sorted(dossier.position), since=[happened(one) for one in events if one.seq > version])


def _evidence(step: Step, given: Mapping[str, Any]) -> dict[str, str]:
    """What is said with the step, read as our own page reads it; raises Invalid, naming each thing that is wrong."""
    questions = {one.name: one for one in step.evidence}
    problems = [Problem(name, _("Nothing is asked under this name")) for name in sorted(set(given) - set(questions))]
    texts = {name: value if isinstance(value, str) else " ".join(value) for name, value in given.items() if name in questions}
    problems += [Problem(name, _("Choose one of the answers on the list") if questions[name].options else _("Type a date"))
                 for name, text in texts.items() if text and not _has_its_form(questions[name], text)]
    if problems:
        raise Invalid(*problems)
    form = Form(fields=tuple(step.evidence))
    reading = form.read(form.raw_of(texts), {})
    if reading.problems:
        raise Invalid(*reading.problems)
    return {name: text for name, text in reading.values.items() if text}


def _has_its_form(question: Field, text: str) -> bool:
    """Whether a text is written as such an answer is stored, where a form would take it apart."""
    if isinstance(question, Day):
        return bool(_DAY.fullmatch(text))
    if isinstance(question, Choices):
        return set(text.split()) <= {code for code, _label, _hint in question.options}
    return not isinstance(question, Countries) or len(text.split()) <= question.most


@post("/api/v1/dossiers/{number:str}/acknowledgements", name="api-acknowledge", status_code=200, **api(STEP))
async def acknowledge(request: Web, knock: Knock, number: str) -> Response[bytes]:
    """The authority has this version of the dossier, and the documents named with their SHA-256; said again it changes nothing."""
    no_queries(request)
    said = await json_body(request, "Acknowledgement")
    async with knock.caller() as caller:
        dossier = await opened(caller, number)
        try:
            _refuse_other_version(dossier, said["version"])
            taken = _named(dossier, said.get("documents", []))
        except Conflict as conflict:
            raise await _moved_on(caller, dossier, conflict, said["version"]) from conflict
        if taken:
            await judging.take_over(caller.session, dossier, taken, caller.actor.party_id)
        if dossier.authority == caller.actor.authority_code:
            latest = (await queries.history(caller.session, dossier.id))[-1]
            await handed_over.note_received(caller.session, [latest.id])
    return answered({"number": dossier.number, "version": dossier.version, "documents": [str(one) for one in taken]})


def _named(dossier: OpenDossier, named: Sequence[Mapping[str, str]]) -> list[UUID]:
    """The documents named; raises Invalid for one that the authority does not have so, Conflict for one that it turned down."""
    known = {(str(one.id), one.sha256): one for one in seen_documents(dossier)}
    problems = [Problem("documents", _("This document has other bytes, or is not in the dossier")) for one in named if (one["id"], one["sha256"]) not in known]
    if problems:
        raise Invalid(*problems)
    meant = [known[one["id"], one["sha256"]] for one in named]
    for one in meant:
        judging.refuse_other_word(one, None)
    return [one.id for one in meant]


@put("/api/v1/dossiers/{number:str}/documents/{document:uuid}/refusal", name="api-refuse-document", **api(WRITE_DOCUMENTS))
async def refuse_document(request: Web, knock: Knock, number: str, document: UUID) -> Response[bytes]:
    """The authority cannot use a document, for a reason that the applicant reads as it is written."""
    no_queries(request)
    said = await json_body(request, "Refusal")
    reading = Form(fields=(_REASON,)).read(said, {})
    if reading.problems:
        raise Invalid(*reading.problems)
    reason = reading.values[_REASON.name]
    async with knock.caller() as caller:
        dossier = await opened(caller, number)
        try:
            found = judging.judged(dossier, document)
            judging.refuse_other_word(found, reason)
        except Conflict as conflict:
            raise await _moved_on(caller, dossier, conflict, dossier.version) from conflict
        await judging.do_not_take(caller.session, dossier, document, reason, caller.actor.party_id)
        after = await queries.dossier(caller.session, caller.actor, number)
    judged = next(one for one in after.documents if one.id == document)
    return answered({"id": str(document), "notTakenAt": instant(judged.not_taken_at), "notTakenReason": judged.not_taken_reason})


@delete("/api/v1/dossiers/{number:str}/documents/{document:uuid}/refusal", name="api-use-document", status_code=204, **api(WRITE_DOCUMENTS))
async def use_document(request: Web, knock: Knock, number: str, document: UUID) -> None:
    """The authority can use the document after all; the word that it takes back is named by its instant."""
    said = said_at(request)
    async with knock.caller() as caller:
        dossier = await opened(caller, number)
        try:
            found = judging.judged(dossier, document)
            since = found.not_taken_at.isoformat() if found.not_taken_at == said else ""
            await judging.use_after_all(caller.session, dossier, found, caller.actor.party_id, since=since)
        except Conflict as conflict:
            raise await _moved_on(caller, dossier, conflict, dossier.version) from conflict


ROUTES = (take_step, acknowledge, refuse_document, use_document)
