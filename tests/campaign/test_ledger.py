"""A campaign that went well is judged clean, and each fault that is planted in it is found."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from frontoffice.kernel.time import today
from frontoffice.local.backbone_books import Books as Ledger
from frontoffice.procedures import in_force
from tests.campaign.books import Books, Received, SentBack, read_books
from tests.campaign.filing import Story, a_plan
from tests.campaign.ledger import faults
from tests.campaign.ours import Arrived, Kept, Ours, Stored

NUMBER, PAPER = "DA-2026-0000001-F", b"%PDF passport"
DIGEST = hashlib.sha256(PAPER).hexdigest()
DOCUMENT = {"id": "d1", "code": "passport", "sha256": DIGEST, "size": len(PAPER)}
EDITION = in_force("declaration-of-arrival", today())


def _event(nth: int, action: str) -> dict[str, Any]:
    step = next(one for one in EDITION.life.steps if one.action == action)
    return {"id": f"e{nth}", "seq": nth, "action": action, "takes": sorted(step.takes), "gives": sorted(step.gives), "message_id": None}


def _claims(nth: int, action: str) -> dict[str, Any]:
    return {"txn": f"e{nth}", "seq": nth, "sub": NUMBER, "documents": [DOCUMENT], "body": {"action": action, "documents": [DOCUMENT]}}


class Campaign:
    """One dossier that was filed and checked in, and one draft: all as it should be until a test changes something."""

    def __init__(self) -> None:
        actions = ("submit", "check-in")
        self.stories = [Story(a_plan(1, 0), "/en/dossiers/a", NUMBER, list(actions), list(actions), {DIGEST: "passport"}), Story(a_plan(1, 1), "/en/dossiers/b")]
        self.books = Books(
            [Received(NUMBER, f"e{nth}", nth, action, f"hash{nth}", _claims(nth, action)) for nth, action in enumerate(actions, 1)],
            {DIGEST: len(PAPER)}, [SentBack("j1", NUMBER, 1, "accepted"), SentBack("j2", NUMBER, 2, "accepted")],
        )
        kept = Kept(NUMBER, EDITION.code, EDITION.edition, frozenset({"checked-in"}), 2, True, [_event(nth, action) for nth, action in enumerate(actions, 1)])
        self.ours = Ours(
            [kept, Kept("", EDITION.code, EDITION.edition, frozenset({"draft"}), 0, False, [])],
            {f"e{nth}": Stored(f"hash{nth}", f"hash{nth}", _claims(nth, action), True) for nth, action in enumerate(actions, 1)},
            [Arrived("j1", "applied", ""), Arrived("j2", "review", "came after a later message about this dossier")],
            {"e1": {"sub": NUMBER, "txn": "e1", "documents": [DOCUMENT]}},
        )

    def dossier(self, **changes: Any) -> None:
        self.ours = replace(self.ours, dossiers=[replace(self.ours.dossiers[0], **changes), *self.ours.dossiers[1:]])

    def message(self, nth: int, **changes: Any) -> None:
        messages = list(self.books.messages)
        messages[nth] = replace(messages[nth], **changes)
        self.books = replace(self.books, messages=messages)

    @property
    def faults(self) -> list[str]:
        return faults(self.stories, self.books, self.ours)


def test_a_campaign_without_a_fault_is_clean() -> None:
    assert Campaign().faults == []


def _lost(one: Campaign) -> None:
    one.books = replace(one.books, messages=one.books.messages[:1])


def _doubled(one: Campaign) -> None:
    one.books = replace(one.books, messages=[*one.books.messages, replace(one.books.messages[1], seq=3)])


def _swapped(one: Campaign) -> None:
    one.books = replace(one.books, messages=[replace(message, seq=3 - message.seq) for message in reversed(one.books.messages)])


def _a_stranger(one: Campaign) -> None:
    one.books = replace(one.books, messages=[*one.books.messages, replace(one.books.messages[0], dossier="DA-2026-0000009-Z")])


def _no_dossier(one: Campaign) -> None:
    one.books, one.ours = replace(one.books, messages=[], sent=[]), replace(one.ours, dossiers=one.ours.dossiers[1:], messages={}, arrivals=[])


def _half_a_document(one: Campaign) -> None:
    one.books = replace(one.books, documents={DIGEST: len(PAPER) - 1})


def _an_event_twice(one: Campaign) -> None:
    first, second = one.ours.dossiers[0].events
    one.dossier(events=[first, second, {**second, "seq": 3}], version=3)


PLANTED: dict[str, tuple[Callable[[Campaign], None], str]] = {
    "a message is gone": (_lost, "the receiver has [(1, 'submit')]"),
    "a message is there twice": (_doubled, "(3, 'check-in')"),
    "messages are in another order": (_swapped, "the receiver has [(1, 'check-in'), (2, 'submit')]"),
    "a message of nobody": (_a_stranger, "we never filed it"),
    "one byte of a message differs": (lambda one: one.message(0, sha256="other"), "message 1 has other bytes"),
    "a message says something else": (lambda one: one.message(1, claims={**_claims(2, "check-in"), "seq": 9}), "message 2 has other bytes"),
    "a document is gone": (lambda one: setattr(one, "books", replace(one.books, documents={})), "is not there, or not whole"),
    "a document is cut": (_half_a_document, "is not there, or not whole"),
    "a document has other bytes": (lambda one: setattr(one, "books", replace(one.books, spoilt=[DIGEST])), "the bytes in the receiver's folder are others"),
    "another document than was brought": (lambda one: one.stories[0].brought.clear(), "1 documents of it that nobody brought"),
    "a document that was brought is missing": (lambda one: one.stories[0].brought.update(x="visa"), "has not the bytes of ['visa']"),
    "the receipt lists other documents": (lambda one: one.ours.manifests["e1"].__setitem__("documents", []), "other documents than its receipt"),  # type: ignore[index]
    "a filing without a receipt": (lambda one: setattr(one, "ours", replace(one.ours, manifests={})), "without a signed list"),
    "a confirmed dossier is gone": (_no_dossier, "confirmed, and not in the database"),
    "a confirmed step is gone": (lambda one: one.stories[0].confirmed.append("issue-annex-3"), "confirmed and not kept: {'issue-annex-3': 1}"),
    "a step that nobody took": (lambda one: one.stories[0].tried.remove("check-in"), "kept and never done: {'check-in': 1}"),
    "an event twice": (_an_event_twice, "does not fit at place 3"),
    "another position than its events": (lambda one: one.dossier(position=frozenset({"declared"})), "its events lead to ['checked-in']"),
    "another version than its events": (lambda one: one.dossier(version=3), "in 2 steps"),
    "a message was never concluded": (lambda one: setattr(one, "ours", replace(one.ours, messages={**one.ours.messages, "e2": replace(one.ours.messages["e2"],
                                      concluded=False)})), "1 messages were never concluded"),
    "an event did not come": (lambda one: setattr(one, "ours", replace(one.ours, arrivals=one.ours.arrivals[1:])), "event 1 (accepted) of the receiver is not here"),
    "an event waits": (lambda one: setattr(one, "ours", replace(one.ours, arrivals=[Arrived("j1", "waiting", ""), one.ours.arrivals[1]])), "is in waiting"),
    "a review that nothing explains": (lambda one: setattr(one, "ours", replace(one.ours, arrivals=[Arrived("j1", "review", "?"), one.ours.arrivals[1]])), "is in review: ?"),
    "an event of nobody": (lambda one: setattr(one, "ours", replace(one.ours, arrivals=[*one.ours.arrivals, Arrived("j3", "applied", "")])), "never signed"),
    "a job is stuck": (lambda one: setattr(one, "ours", replace(one.ours, at_work=["backbone:apply: 1 doing"])), "left in the queue"),
    "a mail was not sent": (lambda one: setattr(one, "ours", replace(one.ours, unsent_mails=1)), "1 mails were not sent"),
    "nobody was told": (lambda one: setattr(one, "ours", replace(one.ours, untold=[NUMBER])), "nobody was told"),
    "somebody gave up": (lambda one: setattr(one.stories[1], "fault", "no draft was made"), "no draft was made"),
}


@pytest.mark.parametrize("what", PLANTED)
def test_a_planted_fault_is_found(what: str) -> None:
    plant, found = PLANTED[what]
    campaign = Campaign()
    plant(campaign)
    assert any(found in one for one in campaign.faults), campaign.faults


def test_the_books_are_read_as_the_receiver_wrote_them(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    claims = {"txn": "e1", "jti": "m1", "sub": NUMBER, "seq": 1, "body": {"action": "submit"}, "documents": [{"sha256": DIGEST, "size": len(PAPER)}]}
    assert ledger.receive(claims, "hash1", answer=None)
    for name, content in ((DIGEST, PAPER), ("0" * 64, b"other"), ("half.part", b"%PDF")):
        (tmp_path / "documents" / name).write_bytes(content)
    books = read_books(tmp_path)
    ledger.close()
    assert [(one.dossier, one.event_id, one.seq, one.action, one.sha256, one.claims) for one in books.messages] == [(NUMBER, "e1", 1, "submit", "hash1", claims)]
    assert books.documents == {DIGEST: len(PAPER), "0" * 64: 5} and books.spoilt == ["0" * 64]


def test_the_same_seed_makes_the_same_dossiers() -> None:
    def told(seed: int) -> list[tuple[str, str, tuple[str, ...]]]:
        return [(one.procedure, one.fate, tuple(file.name for file in one.files)) for one in (a_plan(seed, nth) for nth in range(12))]

    assert told(4) == told(4) != told(5)
