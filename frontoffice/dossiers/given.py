"""What was given in a dossier, as values: answers, documents, and who takes part."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from frontoffice.procedures.vocabulary import Role


@dataclass(frozen=True)
class GivenAnswers:
    """One page as it was last sent."""

    content: Mapping[str, str]
    raw: Mapping[str, str]
    complete: bool
    version: int


@dataclass(frozen=True)
class GivenDocument:
    """One document that counts, with its state."""

    id: UUID
    requirement: str
    file_name: str
    media_type: str
    size: int
    sha256: str
    state: str
    reason: str
    reason_params: Mapping[str, Any]
    given_role: str
    given_at: datetime
    handed_over_at: datetime | None
    issued_on: date | None = None
    pages: int | None = None
    previews: int = 0
    taken_over_at: datetime | None = None
    not_taken_at: datetime | None = None
    not_taken_reason: str = ""
    page_order: int | None = None
    joined_into: UUID | None = None
    replaces: UUID | None = None
    reused_from: UUID | None = None
    changed_at: datetime | None = None
    # Brought after the dossier was filed, and not sent to the authority yet.
    added: bool = False

    @property
    def counts(self) -> bool:
        """Whether it stands for itself: not taken back, and no page of a joined one."""
        return self.state != "replaced" and self.joined_into is None

    @property
    def is_kept(self) -> bool:
        """Whether it can be opened: it was found clean, and counts or was part of an earlier version."""
        return self.state == "checked" or (self.state == "replaced" and self.handed_over_at is not None)

    def held_at(self, moment: datetime) -> bool:
        """Whether the version of that moment held it: given by then, and replaced or taken back later if at all."""
        return self.given_at <= moment and (self.state != "replaced" or bool(self.sha256 and self.changed_at and self.changed_at > moment))

    def as_at(self, moment: datetime) -> "GivenDocument":
        """As it stood at a moment at which it counted: without what was said of it later, or came in its place."""
        taken, refused = (one if one and one <= moment else None for one in (self.taken_over_at, self.not_taken_at))
        state = "checked" if self.state == "replaced" and self.held_at(moment) else self.state
        return replace(self, state=state, taken_over_at=taken, not_taken_at=refused, not_taken_reason=self.not_taken_reason if refused else "")

    @property
    def is_picture(self) -> bool:
        """Whether it is one picture, that may become a page of a joined document."""
        return self.media_type.startswith("image/")


def in_order(documents: Sequence[GivenDocument]) -> list[GivenDocument]:
    """In the order that the person gave them; those without a place come last, as they came."""
    return sorted(documents, key=lambda one: (one.page_order is None, one.page_order or 0, one.given_at))


@dataclass(frozen=True)
class Participant:
    """A party in the dossier, now or until it left."""

    party_id: UUID
    role: str
    name: str
    authority_code: str | None
    starts_at: datetime
    ends_at: datetime | None
    reason: Mapping[str, Any]
    bounced: str = ""

    @property
    def is_competent(self) -> bool:
        """Whether it was found to decide: by the rules when the dossier was filed, or by the Region that passed it on."""
        return "row" in self.reason

    def as_at(self, moment: datetime) -> "Participant":
        """As it took part at that moment, whether or not it left later."""
        return self if self.ends_at is None or self.ends_at <= moment else replace(self, ends_at=None)

    @property
    def has_left(self) -> bool:
        """Whether it is a Region that passed the dossier on, and did not get it back."""
        return self.role == Role.FORMER_REGION and self.ends_at is None


def participant_of(one: Mapping[str, Any]) -> Participant:
    """The participant of a row as JSON holds it."""
    return Participant(UUID(one["party_id"]), one["role"], one["name"], one["authority_code"],
                       datetime.fromisoformat(one["starts_at"]), _moment(one["ends_at"]), one["reason"], one["bounced"])


def document_of(one: Mapping[str, Any], sent_at: datetime | None) -> GivenDocument:
    """The document of a row as JSON holds it; what came after `sent_at` has not been sent yet."""
    given_at = datetime.fromisoformat(one["given_at"])
    return GivenDocument(
        UUID(one["id"]), one["requirement"], one["file_name"], one["media_type"], one["size"], one["sha256"], one["state"],
        one["reason"], one["reason_params"], one["given_role"], given_at, _moment(one["handed_over_at"]),
        date.fromisoformat(one["issued_on"]) if one["issued_on"] else None, one["pages"], one["previews"], _moment(one["taken_over_at"]),
        _moment(one["not_taken_at"]), one["not_taken_reason"], one["page_order"], _key_of(one["joined_into"]), _key_of(one["replaces"]),
        _key_of(one["reused_from"]), changed_at=_moment(one["changed_at"]), added=sent_at is not None and given_at > sent_at,
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _key_of(text: str | None) -> UUID | None:
    return UUID(text) if text else None
