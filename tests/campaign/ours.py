"""What the portal holds at the end of a campaign, read with the rights of its worker."""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg.rows import namedtuple_row

from frontoffice.jobs import JOBS

_DOSSIERS = """
    SELECT d.id, d.number, d.procedure, d.edition, d.position, d.version, d.filed_at IS NOT NULL AS filed,
           (SELECT coalesce(json_agg(json_build_object('id', e.id, 'seq', e.seq, 'action', e.action, 'takes', e.takes, 'gives', e.gives, 'message_id', e.message_id)
                                     ORDER BY e.seq), '[]') FROM event e WHERE e.dossier_id = d.id) AS events
      FROM dossier d
"""
_MESSAGES = "SELECT event_id, content, sha256, concluded_at IS NOT NULL AS concluded FROM message"
_ARRIVALS = "SELECT jti, dossier_number, seq, outcome, remark FROM inbound_message"
_MANIFESTS = "SELECT event_id, content FROM manifest"
# Nothing may be left at work, or have ended badly; what the clock starts comes and goes.
_JOBS = """
    SELECT task_name, status::text, count(*) FROM procrastinate_jobs
     WHERE task_name = ANY(%s) AND status NOT IN ('succeeded', 'cancelled') AND coalesce(scheduled_at, now()) <= now() + interval '2 hours'
     GROUP BY 1, 2
"""
_NAMES = [one.name for one in JOBS if not one.every]
_MAILS = """
    SELECT count(*) FILTER (WHERE sent_at IS NOT NULL) AS sent, count(*) FILTER (WHERE sent_at IS NULL) AS unsent FROM notice
"""
_UNTOLD = """
    SELECT d.number FROM event e JOIN dossier d ON d.id = e.dossier_id
     WHERE e.action = 'submit' AND NOT EXISTS (SELECT FROM notice n WHERE n.cause = e.id)
"""
_UNCONCLUDED = "SELECT count(*) FROM message WHERE concluded_at IS NULL"


@dataclass(frozen=True)
class Stored:
    """One message as we keep it: the SHA-256 of its bytes as they are and as we noted it, its claims, and whether it was concluded."""

    sha256: str
    noted: str
    claims: Mapping[str, Any]
    concluded: bool


@dataclass(frozen=True)
class Arrived:
    """One event that came from the receiver, and what became of it."""

    jti: str
    outcome: str
    remark: str


@dataclass(frozen=True)
class Kept:
    """One dossier: its position as it is stored, and its events, oldest first."""

    number: str
    procedure: str
    edition: str
    position: frozenset[str]
    version: int
    filed: bool
    events: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Ours:
    """All of it; `untold` are dossiers of whose filing nobody was told, `at_work` are jobs that have not ended."""

    dossiers: Sequence[Kept]
    messages: Mapping[str, Stored]
    arrivals: Sequence[Arrived]
    manifests: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    at_work: Sequence[str] = ()
    unsent_mails: int = 0
    sent_mails: int = 0
    untold: Sequence[str] = ()


def is_busy(conninfo: str) -> bool:
    """Whether something plainly still moves; asked often, so nothing is read whole."""
    with psycopg.connect(conninfo) as connection:
        def one(statement: str, *values: Any) -> Any:
            return connection.execute(statement.encode(), values or None).fetchone()

        return bool(one(_JOBS, _NAMES) or one(_UNCONCLUDED)[0] or one(_MAILS)[1] or one(_UNTOLD))


def claims_of(token: str | bytes) -> dict[str, Any]:
    """What a signed text says."""
    payload = (token.encode() if isinstance(token, str) else token).split(b".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + b"=" * (-len(payload) % 4)))
    return found


def read_ours(conninfo: str) -> Ours:
    """Everything at this moment."""
    with psycopg.connect(conninfo, row_factory=namedtuple_row) as connection:
        def rows(statement: str, *values: Any) -> list[Any]:
            return connection.execute(statement.encode(), values or None).fetchall()

        dossiers = [Kept(row.number or "", row.procedure, row.edition, frozenset(row.position), row.version, row.filed, row.events) for row in rows(_DOSSIERS)]
        messages = {
            str(row.event_id): Stored(hashlib.sha256(row.content).hexdigest(), row.sha256, claims_of(bytes(row.content)), row.concluded)
            for row in rows(_MESSAGES) if row.content is not None
        }
        mails = rows(_MAILS)[0]
        return Ours(
            dossiers, messages, [Arrived(row.jti, row.outcome, row.remark) for row in rows(_ARRIVALS)],
            {str(row.event_id): claims_of(row.content) for row in rows(_MANIFESTS)},
            [f"{row[0]}: {row[2]} {row[1]}" for row in rows(_JOBS, _NAMES)], mails.unsent, mails.sent, [row[0] for row in rows(_UNTOLD)],
        )
