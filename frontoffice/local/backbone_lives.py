"""What the Immigration Office and the diplomatic posts may do about a dossier, as the schema of its procedure tells it, with sample evidence."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache, cached_property
from typing import Any, Final

from frontoffice.kernel.time import today
from frontoffice.local import backbone_contract as contract
from frontoffice.local.backbone_books import Kept
from frontoffice.local.backbone_contract import ABOUT_DOCUMENTS, ABOUT_MESSAGES, NOT_TAKEN, RECEIVED, REFUSED, TAKEN_OVER, VALIDATED, WORDS

Position = frozenset[str]

FEDERAL: Final = ("immigration-office", "diplomatic-post")
_TOLD: Final = "told-"
# How the description of each $defs/told-<action> says who takes the step, in which states, and what becomes of them.
_WAY: Final = re.compile(r"Taken by ([a-z -]+): ([a-z0-9 -]+?) (?:stays|becomes ([a-z0-9 -]+))\.")
_TEXT: Final = "A sample of the stand-in."
_LONG: Final = 200
# One of these fits most patterns: an answer in codes, a country, an occupation, a municipality, numbers, an address.
_VALUES: Final = ("other", "IND", "1", "1.00", "2512", "21004", "85073003328", "1999999943", "2999999989", "SP-2026-0000123-C", "Z1234567", "+3225018111",
                  "person@post.example")
_LABELS: Final = {TAKEN_OVER: "Take over all documents", NOT_TAKEN: "Turn down a document", RECEIVED: "Say that the last message was received",
                  VALIDATED: "Say that one can work with the last message", REFUSED: "Refuse the last message"}


@dataclass(frozen=True)
class Way:
    """One way to take a step: who does, the states that the dossier must be in, those that take their place, and what is said with it."""

    action: str
    by: frozenset[str]
    takes: Position
    gives: Position
    form: Mapping[str, Any]


@dataclass(frozen=True)
class Procedure:
    """One edition of a procedure, by its schema: the steps that authorities take, and the codes of its documents."""

    code: str
    edition: str
    title: str
    ways: Sequence[Way]
    documents: Sequence[str]

    def violations(self, action: str, evidence: Mapping[str, Any]) -> list[str]:
        """Where the evidence of a step leaves what may be said with it, or that authorities take no such step."""
        if action not in {one.action for one in self.ways}:
            return ["$.action: enum"]
        return contract.violations(contract.of_procedure(self.code, self.edition), evidence, at="$.evidence", part=_TOLD + action)

    def open_ways(self, here: Position) -> list[Way]:
        """Those for which the dossier is in the right states."""
        return [one for one in self.ways if one.takes <= here]


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

    action: str
    authority: str
    evidence: Mapping[str, Any]
    is_open: bool
    form: Mapping[str, Any] = field(default_factory=dict)
    documents: Sequence[Mapping[str, Any]] = ()

    @property
    def label(self) -> str:
        """What the page calls it; a step by its name in the contract."""
        return _LABELS.get(self.action) or _spelled(self.action)

    @property
    def inputs(self) -> list[Input]:
        """What a form asks for this act, filled in with the sample; what must be said comes first."""
        if self.action in ABOUT_DOCUMENTS:
            return _document_inputs(self)
        if self.action in ABOUT_MESSAGES:
            return [Input("reasons", "Why can the authority not work with it?", "lines", _TEXT, required=True)] if self.action == REFUSED else []
        needed = self.form["required"]
        asked = [_input(name, rule, self.evidence.get(name, ""), name in needed) for name, rule in self.form["properties"].items()]
        return sorted(asked, key=lambda one: not one.required)


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
        """Every act that the procedure knows, those that are open now before the others; each action once for each authority."""
        if self.procedure is None:
            return []
        here = self.procedure.open_ways(self.position)
        found: dict[tuple[str, str], Offer] = {}
        for way in (*here, *self.procedure.ways):
            for authority in (one for one in FEDERAL if one in way.by):
                told = sample_evidence(way.form, self.procedure.documents)
                found.setdefault((way.action, authority), Offer(way.action, authority, told, way in here, way.form))
        about_documents = [self._about_documents(action, authority) for action in ABOUT_DOCUMENTS for authority in FEDERAL if self.documents]
        return [*found.values(), *about_documents, *(self._about_message(word) for word in ABOUT_MESSAGES)]

    def _about_message(self, word: str) -> Offer:
        """What the competent authority answers to the last message."""
        return Offer(word, self.authority, {**self.message, **({"reasons": [_TEXT]} if word == REFUSED else {})}, is_open=True)

    def _about_documents(self, action: str, authority: str) -> Offer:
        """A word about documents, which is no step; the authority says it while something is its turn."""
        assert self.procedure is not None
        is_open = any(authority in one.by for one in self.procedure.open_ways(self.position))
        told = sample_judgement(action, self.documents)
        return Offer(action, authority, told, is_open, documents=self.documents if action == NOT_TAKEN else ())

    def offers_of(self, action: str) -> list[Offer]:
        """The acts of that name; only the open ones if there are any."""
        mine = [one for one in self.offers if one.action == action]
        return [one for one in mine if one.is_open] or mine


def standing(kept: Kept, acts: Iterable[str]) -> Standing:
    """Where the dossier stands after its last message and these acts, as far as they fit."""
    body = kept.claims["body"]
    here: Position = frozenset(body["position"])
    told = {"documents": body["documents"], "authority": body["authority"]["code"],
            "message": {"message": kept.claims["txn"], "message_sha256": kept.sha256}}
    name = contract.of_procedure(body["procedure"], body["edition"])
    if not name:
        return Standing(None, here, **told)
    procedure = procedure_in(name)
    for action in acts:
        way = next((one for one in procedure.open_ways(here) if one.action == action and one.by.intersection(FEDERAL)), None)
        here = (here - way.takes) | way.gives if way else here
    return Standing(procedure, here, **told)


@cache
def procedure_in(name: str) -> Procedure:
    """The procedure whose schema is in that file of the contract."""
    schema = contract.schema(name)
    known = schema["properties"]
    codes = known["documents"].get("items", {}).get("properties", {}).get("code", {}).get("enum", [])
    ways = [way for part, told in schema["$defs"].items() if part.startswith(_TOLD) for way in _ways(part.removeprefix(_TOLD), told)]
    return Procedure(known["procedure"]["const"], known["edition"]["const"], schema["title"], ways, codes)


def _ways(action: str, told: Mapping[str, Any]) -> Iterator[Way]:
    """The ways that the description names; a step about which it says none could be anybody's at any time, and the portal will judge.

    Where there is a form for each way they stand in the same order; else the first one is as good as another.
    """
    forms = told.get("anyOf", [told])
    found = _WAY.findall(told.get("description", ""))
    if not found:
        yield Way(action, frozenset(FEDERAL), frozenset(), frozenset(), forms[0])
    for number, (by, takes, gives) in enumerate(found):
        form = forms[number] if len(forms) == len(found) else forms[0]
        yield Way(action, frozenset(by.split(" or ")), _states(takes), _states(gives or takes), form)


def _states(named: str) -> Position:
    return frozenset(named.split(" and "))


def federal_actions() -> frozenset[str]:
    """Every act that one of these authorities may do in some procedure, and the words that are no steps."""
    return WORDS.union(way.action for name in contract.procedures() for way in procedure_in(name).ways if way.by.intersection(FEDERAL))


def sample_evidence(form: Mapping[str, Any], documents: Sequence[str] = ()) -> dict[str, Any]:
    """What could be said with a step, dated today: something for each question that must be answered."""
    first = list(documents[:1]) or ["other"]
    return {name: first if name == "documents" else _sample(name, form["properties"][name]) for name in form["required"]}


def _sample(name: str, rule: Mapping[str, Any]) -> Any:
    if "const" in rule or "enum" in rule:
        return rule.get("const") or rule["enum"][0]
    if rule.get("format") == "date":
        return (today() + timedelta(days=365 if name.endswith("until") else 0)).isoformat()
    if "pattern" in rule:
        return next((one for one in _VALUES if re.search(rule["pattern"], one)), "")
    return [_TEXT] if _in_lines(rule) else _TEXT[:rule["maxLength"]]


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


def _input(name: str, rule: Mapping[str, Any], value: Any, required: bool) -> Input:
    text = "\n".join(value) if isinstance(value, list) else str(value)
    choices = [rule["const"]] if "const" in rule else rule.get("enum", [])
    return Input(name, _spelled(name), _kind(rule, required), text, required, [(one, one) for one in choices])


def _kind(rule: Mapping[str, Any], required: bool) -> str:
    if "const" in rule and required:
        return "hidden"
    if "const" in rule or "enum" in rule:
        return "choice"
    if rule.get("format") == "date":
        return "date"
    return "lines" if _in_lines(rule) else "text"


def _in_lines(rule: Mapping[str, Any]) -> bool:
    """Whether it is told line by line: lists, and what may be told at length."""
    return "array" in rule["type"] and rule.get("maxLength", _LONG + 1) > _LONG


def _spelled(name: str) -> str:
    return name.replace("-", " ").replace("_", " ").capitalize()
