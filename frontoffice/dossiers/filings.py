"""What was filed, as it was filed: kept with the step itself, so that a receipt tells the same however late it is made."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.dossiers import completeness
from frontoffice.dossiers.access import may_see
from frontoffice.dossiers.given import GivenAnswers
from frontoffice.dossiers.model import Filing
from frontoffice.dossiers.queries import FORMER, OpenDossier
from frontoffice.kernel.jobs import defer
from frontoffice.parties.actor import Actor
from frontoffice.procedures import edition_of
from frontoffice.procedures.competence import Competence
from frontoffice.procedures.vocabulary import Procedure

SEAL = "documents:seal"


@dataclass(frozen=True, kw_only=True)
class Filed:
    """One filing of a dossier: a dossier that was taken back and filed again has two.

    `language` is that of the procedure then; empty for what was filed before it was kept."""

    event_id: UUID
    number: str
    edition: str
    filed_at: datetime
    filed_by: Sequence[str]
    authority: str
    language: str
    answers: Mapping[str, Mapping[str, str]]
    documents: frozenset[UUID]

    @classmethod
    def of(cls, event_id: UUID, filed_at: datetime, facts: Mapping[str, Any]) -> "Filed":
        """The filing of a row of the table."""
        return cls(
            event_id=event_id, number=facts["number"], edition=facts["edition"], filed_at=filed_at, filed_by=tuple(facts["filed_by"]),
            authority=facts["authority"], language=facts.get("language", ""), answers=facts["answers"], documents=frozenset(map(UUID, facts["documents"])),
        )


async def keep(session: AsyncSession, dossier: OpenDossier, event_id: UUID, actor: Actor | None, changes: Mapping[str, Any]) -> None:
    """Keep what is being filed by this event, and have its receipts sealed; `changes` hold the number and the instant."""
    outcome = completeness.outcome_of(dossier)
    given = [one for one in dossier.documents if one.counts and one.state == "checked"]
    # With this filing the newer one takes its place.
    outdated = {one.replaces for one in given}
    facts = {
        "number": changes.get("number") or dossier.number, "edition": dossier.procedure.edition,
        "filed_by": list(dict.fromkeys((actor.name, actor.party_name))) if actor else [],
        "authority": outcome.authority if isinstance(outcome, Competence) else "", "language": changes["language"],
        "answers": {code: dict(page.content) for code, page in dossier.answers.items() if code != FORMER},
        "documents": [str(one.id) for one in given if one.id not in outdated],
    }
    await session.execute(insert(Filing).values(event_id=event_id, dossier_id=dossier.id, filed_at=changes["filed_at"], facts=facts))
    await defer(session, SEAL, lock=f"{SEAL}/{dossier.id}", event_id=str(event_id))


def as_filed(dossier: OpenDossier, filed: Filed) -> OpenDossier:
    """The dossier as it was filed then, whatever has become of it; who reads it and who takes part are those of now."""
    procedure = edition_of(dossier.procedure.code, filed.edition)
    return replace(
        dossier, procedure=procedure, position=procedure.life.filing.gives, number=filed.number, filed_at=filed.filed_at,
        language=filed.language or dossier.language,
        answers={code: GivenAnswers(content, {}, True, 1) for code, content in filed.answers.items()},
        documents=[replace(one, state="checked", joined_into=None, added=False) for one in dossier.documents if one.id in filed.documents],
    )


def hidden_from(procedure: Procedure, roles: Collection[str]) -> frozenset[str]:
    """What these roles may not see of a dossier: its pages and requirements, by kind and code."""
    kinds = (("page", procedure.pages), ("document", procedure.documents))
    return frozenset(f"{kind}:{one.code}" for kind, items in kinds for one in items if not may_see(roles, one))


def readers(procedure: Procedure) -> frozenset[str]:
    """Every role that may ever read a dossier of this procedure."""
    return procedure.life.roles().union(*(one.seen_by for one in procedure.pages), *(one.seen_by for one in procedure.documents))


def audiences(procedure: Procedure) -> list[frozenset[str]]:
    """The readers of a dossier, those together who see the same, as what is hidden from them; who sees most comes first."""
    return sorted({hidden_from(procedure, (role,)) for role in readers(procedure)}, key=lambda one: (len(one), sorted(one)))


def fitting(hidden: Iterable[frozenset[str]], reader: frozenset[str]) -> frozenset[str] | None:
    """Of receipts that hide this, the fullest that shows nothing which is hidden from the reader; None when there is none."""
    return min((one for one in hidden if one >= reader), key=lambda one: (len(one), sorted(one)), default=None)
