"""What the Immigration Office and the diplomatic posts may do about a dossier, by the life of its procedure, with sample evidence."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property, singledispatch
from typing import Any, Final

from frontoffice.backbone.contract import ABOUT_DOCUMENTS, ABOUT_MESSAGES, NOT_TAKEN, RECEIVED, REFUSED, TAKEN_OVER, VALIDATED
from frontoffice.forms.fields import Agreement, Checked, Choice, Country, Day, Field, LongText, Number
from frontoffice.forms.identifiers import Wrong, dossier_number
from frontoffice.kernel.time import today
from frontoffice.local.backbone_books import Kept
from frontoffice.procedures import EDITIONS, edition_of
from frontoffice.procedures.choices import OTHER_POST, Occupation, Post
from frontoffice.procedures.lifecycle import Lifecycle, Position, Step
from frontoffice.procedures.places import MunicipalityName
from frontoffice.procedures.vocabulary import Procedure, Role

FEDERAL: Final = (Role.IMMIGRATION_OFFICE, Role.DIPLOMATIC_POST)
# Questions that are answered line by line; the rest holds one text.
_IN_LINES: Final = frozenset({"documents", "reasons"})
_TEXT: Final = "A sample of the stand-in."
_NUMBERS: Final = ("Z1234567", "1000", "1999999943", "2999999989", "85073003328", dossier_number(2026, 123), "person@post.example", "+3225018111")
# What an authority says that is no step of a life.
WORDS: Final = frozenset((*ABOUT_DOCUMENTS, *ABOUT_MESSAGES))
_LABELS: Final = {TAKEN_OVER: "Take over all documents", NOT_TAKEN: "Turn down a document", RECEIVED: "Say that the last message was received",
                  VALIDATED: "Say that one can work with the last message", REFUSED: "Refuse the last message"}
_ANNEX: Final = re.compile(r"annex ([0-9]+[a-z]*)")


@dataclass(frozen=True)
class Input:
    """One question of an act as a form shows it: `kind` is hidden, choice, date, lines or text."""

    name: str
    label: str
    kind: str
    value: str
    required: bool = False
    options: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class Offer:
    """One act that an authority may do about a dossier; `is_open` as far as the stand-in knows where it stands.

    `documents` are those of the last message, for an act that judges one of them; the evidence of a word about that message names it.
    """

    step: Step
    authority: str
    evidence: Mapping[str, Any]
    is_open: bool
    documents: Sequence[Mapping[str, Any]] = ()

    @property
    def action(self) -> str:
        """The name of the act."""
        return self.step.action

    @property
    def inputs(self) -> list[Input]:
        """What a form asks for this act, filled in with the sample."""
        if self.action in ABOUT_DOCUMENTS:
            return _document_inputs(self)
        if self.action in ABOUT_MESSAGES:
            return [Input("reasons", "Why can the authority not work with it?", "lines", _TEXT, required=True)] if self.action == REFUSED else []
        asked = [_input(one, self.evidence) for one in self.step.evidence]
        names = {one.name for one in asked}
        return [*asked, *(_extra(name, value) for name, value in self.evidence.items() if name not in names)]


@dataclass(frozen=True)
class Standing:
    """Where a dossier stands, by the last message and what the stand-in did since; nothing can be done in an unknown edition."""

    procedure: Procedure | None
    position: Position
    documents: Sequence[Mapping[str, Any]] = ()
    authority: str = ""
    message: Mapping[str, str] = field(default_factory=dict)

    @property
    def authorities(self) -> list[str]:
        """Those in whose name something can be done: the federal ones, and the one that was found competent."""
        return list(dict.fromkeys((*FEDERAL, self.authority)))

    @cached_property
    def offers(self) -> list[Offer]:
        """Every act that the life knows, those that are open now before the others; each action once for each authority."""
        if self.procedure is None:
            return []
        life = self.procedure.life
        here = life.open_steps(self.position)
        steps = [*here, *(one for one in life.steps if one not in here)]
        found: dict[tuple[str, str], Offer] = {}
        for step in steps:
            for authority in (one for one in FEDERAL if one in step.by):
                offer = Offer(step, authority, sample_evidence(self.procedure, step), step in here)
                found.setdefault((step.action, authority), offer)
        about_documents = [self._about_documents(action, authority) for action in ABOUT_DOCUMENTS for authority in FEDERAL if self.documents]
        return [*found.values(), *about_documents, *(self._about_message(word) for word in ABOUT_MESSAGES)]

    def _about_message(self, word: str) -> Offer:
        """What the competent authority answers to the last message."""
        told = {**self.message, **({"reasons": [_TEXT]} if word == REFUSED else {})}
        return Offer(_said(word, self.authority), self.authority, told, is_open=True)

    def _about_documents(self, action: str, authority: str) -> Offer:
        """A word about documents, which is no step of a life; the authority says it while something is its turn."""
        assert self.procedure is not None
        is_open = bool(self.procedure.life.available(self.position, [authority]))
        told = sample_judgement(action, self.documents)
        return Offer(_said(action, authority), authority, told, is_open, self.documents if action == NOT_TAKEN else ())

    def offers_of(self, action: str) -> list[Offer]:
        """The acts of that name; only the open ones if there are any."""
        mine = [one for one in self.offers if one.action == action]
        return [one for one in mine if one.is_open] or mine


def _said(word: str, authority: str) -> Step:
    """A word that is no step of a life, as an offer shows it."""
    return Step(action=word, takes=frozenset(), gives=frozenset(), by=frozenset({authority}), past=word, label=_LABELS[word], done=_LABELS[word])


def standing(kept: Kept, acts: Iterable[str]) -> Standing:
    """Where the dossier stands after its last message and these acts, as far as they fit."""
    body = kept.claims["body"]
    here: Position = frozenset(body["position"])
    told = {"documents": body["documents"], "authority": body["authority"]["code"],
            "message": {"message": kept.claims["txn"], "message_sha256": kept.sha256}}
    try:
        procedure = edition_of(body["procedure"], body["edition"])
    except LookupError:
        return Standing(None, here, **told)
    for action in acts:
        here = _after(procedure.life, here, action)
    return Standing(procedure, here, **told)


def federal_actions() -> frozenset[str]:
    """Every act that one of these authorities may do in some procedure, and the words that are no steps."""
    return WORDS.union(step.action for one in EDITIONS for step in one.life.steps if step.by & frozenset(FEDERAL))


def sample_evidence(procedure: Procedure, step: Step) -> dict[str, Any]:
    """What could be said with the step, dated today: the first choice of each question that must be answered."""
    told: dict[str, Any] = {}
    for one in step.evidence:
        if one.optional or (one.when is not None and not one.when.holds(told)):
            continue
        told[one.name] = [_first_document(procedure)] if one.name == "documents" else [_TEXT] if one.name == "reasons" else _sample(one)
    if found := _ANNEX.search(step.label):
        told["annex"] = found[1]
    if step.refusing or "valid_until" in told:
        told["decision_date"] = today().isoformat()
    return told


def sample_judgement(action: str, documents: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What could be said of these documents of a message: that all are taken over, or that the first one cannot be used."""
    named = [{"id": one["id"], "sha256": one["sha256"]} for one in documents]
    return {"documents": named} if action == TAKEN_OVER else {"document": named[0], "reason": _TEXT}


def _document_inputs(offer: Offer) -> list[Input]:
    if not offer.documents:
        return []
    options = [(one["id"], f"{one['code']}: {one['file_name']}") for one in offer.documents]
    return [Input("document", "Which document?", "choice", options[0][0], required=True, options=options),
            Input("reason", "Why can it not be used?", "text", _TEXT, required=True)]


def _read_judgement(offer: Offer, form: Mapping[str, str]) -> dict[str, Any]:
    """A document that is none of the dossier's is left out: the contract then refuses the act."""
    if not offer.documents:
        return dict(offer.evidence)
    named = [{"id": one["id"], "sha256": one["sha256"]} for one in offer.documents if one["id"] == form.get("document")]
    return {**({"document": named[0]} if named else {}), "reason": form.get("reason", "").strip()}


def read_inputs(offer: Offer, form: Mapping[str, str]) -> dict[str, Any]:
    """The evidence that was typed into the form of an act."""
    if offer.action in ABOUT_DOCUMENTS:
        return _read_judgement(offer, form)
    if offer.action in ABOUT_MESSAGES:
        reasons = [line.strip() for line in form.get("reasons", "").splitlines() if line.strip()]
        return {**offer.evidence, **({"reasons": reasons} if offer.action == REFUSED else {})}
    told: dict[str, Any] = {}
    for one in offer.inputs:
        text = form.get(one.name, "").strip()
        if text:
            told[one.name] = [line.strip() for line in text.splitlines() if line.strip()] if one.kind == "lines" else text
    return told


def _after(life: Lifecycle, here: Position, action: str) -> Position:
    step = next((one for one in life.available(here, FEDERAL) if one.action == action), None)
    return life.after(here, step) if step else here


def _first_document(procedure: Procedure) -> str:
    return next((one.code for one in procedure.documents if one.required), "other")


def _input(question: Field, evidence: Mapping[str, Any]) -> Input:
    value = evidence.get(question.name, "")
    text = "\n".join(value) if isinstance(value, list) else str(value)
    options = [(code, label) for code, label, _hint in question.options]
    return Input(question.name, question.label, _kind(question), text, not question.optional and question.when is None, options)


def _kind(question: Field) -> str:
    if isinstance(question, Agreement):
        return "hidden"
    if isinstance(question, Choice):
        return "choice"
    if isinstance(question, Day):
        return "date"
    return "lines" if question.name in _IN_LINES or isinstance(question, LongText) else "text"


def _extra(name: str, value: Any) -> Input:
    """What is told beside the questions of the step."""
    return Input(name, name.replace("_", " ").capitalize(), "hidden" if name == "annex" else "date", str(value))


@singledispatch
def _sample(question: Field) -> str:
    return _TEXT[:question.longest]


@_sample.register
def _day(question: Day) -> str:
    return (today() + timedelta(days=365 if question.name.endswith("until") else 0)).isoformat()


@_sample.register
def _choice(question: Choice) -> str:
    return question.options[0][0]


@_sample.register
def _agreement(question: Agreement) -> str:
    return "yes"


@_sample.register
def _number(question: Number) -> str:
    return question.parse(str(max(question.least, 1)))


@_sample.register
def _country(question: Country) -> str:
    return "IND"


@_sample.register
def _municipality(question: MunicipalityName) -> str:
    return "21004"


@_sample.register
def _post(question: Post) -> str:
    return OTHER_POST


@_sample.register
def _occupation(question: Occupation) -> str:
    return "2512"


@_sample.register
def _checked(question: Checked) -> str:
    for one in _NUMBERS:
        try:
            return question.reader(one)
        except Wrong:
            continue
    raise ValueError(f"no sample for the question {question.name}")
