"""The end of a campaign, judged from the receiver's own books: what was confirmed is there, once, whole and in order; what was not is not half there."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from frontoffice.backbone.composition import outgoing_actions
from frontoffice.procedures import edition_of
from tests.campaign.books import Books, Received
from tests.campaign.filing import Story
from tests.campaign.ours import Kept, Ours

# Why an event may wait for a person: it contradicts what holds, and was not carried out.
EXPLAINED: Final = ("came after a later message about this dossier", "a message that was not sent like that")


def faults(stories: Iterable[Story], books: Books, ours: Ours) -> list[str]:
    """What is wrong, one line each."""
    told, theirs = list(stories), _by_dossier(books)
    found = [f"{name}: the bytes in the receiver's folder are others" for name in books.spoilt]
    known = {one.number: one for one in ours.dossiers if one.number}
    found += [f"{number}: the receiver has it, and we never filed it" for number in theirs if number not in known]
    for one in ours.dossiers:
        found += [f"{one.number or 'a draft'}: {fault}" for fault in (*_refolded(one), *_handed_over(one, theirs.get(one.number, []), books, ours))]
    for story in told:
        found += [f"{story.number or story.draft or story.plan.nth} ({story.plan.fate}): {fault}" for fault in _kept_its_word(story, known, theirs)]
    return [*found, *_came_in(books, ours), *_left_over(ours)]


def _by_dossier(books: Books) -> Mapping[str, list[Received]]:
    found: defaultdict[str, list[Received]] = defaultdict(list)
    for one in books.messages:
        found[one.dossier].append(one)
    return found


def _refolded(one: Kept) -> Iterator[str]:
    """Whether the stored position is what the events make of it."""
    life = edition_of(one.procedure, one.edition).life
    here = frozenset(life.start)
    for nth, event in enumerate(one.events, 1):
        step = next((step for step in life.steps if step.action == event["action"] and step.takes == frozenset(event["takes"])), None)
        if event["seq"] != nth or step is None or not step.takes <= here:
            yield f"event {event['seq']} ({event['action']}) does not fit at place {nth}"
            return
        here = life.after(here, step)
    if (here, len(one.events)) != (one.position, one.version):
        yield f"its events lead to {sorted(here)} in {len(one.events)} steps, stored are {sorted(one.position)} and {one.version}"


def _handed_over(one: Kept, there: Sequence[Received], books: Books, ours: Ours) -> Iterator[str]:
    """Whether the receiver has each of its events that concern others, once, in order, with the very bytes that we keep, and every document."""
    told = outgoing_actions([edition_of(one.procedure, one.edition).life])
    outgoing = [event for event in one.events if event["action"] in told and event["message_id"] is None]
    if [(message.event_id, message.seq) for message in there] != [(event["id"], nth) for nth, event in enumerate(outgoing, 1)]:
        yield f"we tell {[event['action'] for event in outgoing]}, the receiver has {[(message.seq, message.action) for message in there]}"
    for message in there:
        mine = ours.messages.get(message.event_id)
        if mine is None or not message.sha256 == mine.sha256 == mine.noted or message.claims != mine.claims:
            yield f"message {message.seq} has other bytes there than here"
            continue
        if not mine.concluded:
            yield f"message {message.seq} is there, and not concluded here"
        for document in message.claims["documents"]:
            if books.documents.get(document["sha256"]) != document["size"]:
                yield f"document {document['id']} of message {message.seq} is not there, or not whole"
        yield from _as_on_the_receipt(message, ours.manifests.get(message.event_id))


def _as_on_the_receipt(message: Received, manifest: Mapping[str, Any] | None) -> Iterator[str]:
    """Whether the message of a filing tells the very documents that its signed list tells."""
    if message.action != "submit":
        return
    if manifest is None:
        yield f"message {message.seq} is a filing without a signed list of documents"
        return
    here, there = ({(one["id"], one["code"], one["sha256"], one["size"]) for one in listed} for listed in (manifest["documents"], message.claims["body"]["documents"]))
    if (here, manifest["sub"], manifest["txn"]) != (there, message.dossier, message.event_id):
        yield f"message {message.seq} tells other documents than its receipt"


def _kept_its_word(story: Story, known: Mapping[str, Kept], theirs: Mapping[str, Sequence[Received]]) -> Iterator[str]:
    """Whether what a person was told holds: what was confirmed happened, and nothing happened that nobody did."""
    if story.fault:
        yield story.fault
    if not story.number:
        if "submit" in story.confirmed:
            yield "confirmed without a number"
        return
    kept, there = known.get(story.number), theirs.get(story.number, [])
    if kept is None:
        yield "confirmed, and not in the database"
        return
    happened, done, tried = Counter(one["action"] for one in kept.events if one["message_id"] is None), Counter(story.confirmed), Counter(story.tried)
    if done - happened:
        yield f"confirmed and not kept: {dict(done - happened)}"
    if happened - tried:
        yield f"kept and never done: {dict(happened - tried)}"
    sent = {document["sha256"]: document["code"] for message in there for document in message.claims["body"]["documents"]}
    if wanting := {slot for digest, slot in story.brought.items() if slot != "other" and sent.get(digest) != slot}:
        yield f"confirmed, and the receiver has not the bytes of {sorted(wanting)}"
    if strange := set(sent) - set(story.brought):
        yield f"the receiver has {len(strange)} documents of it that nobody brought"
    if "complete" in story.confirmed and not set(story.brought) <= set(sent):
        yield "completed, and the receiver has not what was added"


def _came_in(books: Books, ours: Ours) -> Iterator[str]:
    """Whether each event that the receiver signed was carried out, or waits for a person because it contradicts."""
    outcomes = {one.jti: one for one in ours.arrivals}
    for event in books.sent:
        mine = outcomes.get(event.jti)
        if mine is None:
            yield f"{event.dossier}: event {event.seq} ({event.state}) of the receiver is not here"
        elif mine.outcome != "applied" and not (mine.outcome == "review" and mine.remark.startswith(EXPLAINED)):
            yield f"{event.dossier}: event {event.seq} of the receiver is in {mine.outcome}: {mine.remark}"
    if strange := outcomes.keys() - {one.jti for one in books.sent}:
        yield f"{len(strange)} events are here that the receiver never signed"


def _left_over(ours: Ours) -> Iterator[str]:
    yield from (f"left in the queue: {one}" for one in ours.at_work)
    if unsent := [event for event, one in ours.messages.items() if not one.concluded]:
        yield f"{len(unsent)} messages were never concluded"
    if ours.unsent_mails:
        yield f"{ours.unsent_mails} mails were not sent"
    if ours.untold:
        yield f"nobody was told of the filing of {len(ours.untold)} dossiers: {', '.join(ours.untold[:5])}"
