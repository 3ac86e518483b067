"""The register of guarantors' commitments: entered when the dossier is filed, changed by its steps, asked by visa dossiers and counters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.dossiers.model import Commitment
from frontoffice.dossiers.queries import OpenDossier
from frontoffice.kernel.database import visitor
from frontoffice.kernel.errors import Invalid, Problem
from frontoffice.kernel.i18n import BRUSSELS, fold
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.jobs import defer
from frontoffice.kernel.limits import limit
from frontoffice.kernel.time import today
from frontoffice.procedures.figures import Figures
from frontoffice.procedures.guarantee import study
from frontoffice.procedures.guarantee.means import ADDRESS_WINDOW, Required, expires_on, for_students, for_visitors, liable_until
from frontoffice.procedures.lifecycle import Step
from frontoffice.procedures.vocabulary import AUTHORITIES

KINDS: Mapping[str, str] = {"guarantee-short-stay": "short-stay", "guarantee-study": "study"}
# Which commitment a dossier may refer to; the others refer to the one for short stays.
_REFERRED: Mapping[str, str] = {"visa-d-study": "study"}

STATE_TITLES: Mapping[str, str] = {
    "pending": _("Signature to legalise"), "legalised": _("Signature legalised"), "accepted": _("Commitment accepted"), "used": _("Guarantor liable"),
    "refused": _("Commitment refused"), "withdrawn": _("Withdrawn"), "expired": _("Not used in time"), "replaced": _("Replaced by another commitment"),
    "ended": _("Liability ended"),
}
# The state of the register after a step that gives this one; what is not here changes nothing in it.
_STATES: Mapping[str, str] = {
    "accepted": "accepted", "used": "used", "commitment-refused": "refused", "not-legalised": "refused", "withdrawn": "withdrawn", "expired": "expired",
    "replaced": "replaced", "ended": "ended", "draft": "withdrawn",
}
_HOLD_THE_PLACE = frozenset({"legalised", "accepted", "used"})

_HINDRANCE = text("SELECT commitment_hindrance(:kind, :passport, :country, :replaced, :day)")
_BESIDE = text("SELECT number, kind, state, until, runs, by_same, is_own FROM commitments_beside(:dossier, :day, :since)")
_REFER = text("SELECT refer_to_commitment(:kind, :number, :passport, :country, :dossier, :day)")

_MOST_REFUSED = 10
_PASSPORT = "beneficiary_passport"
_COVERED = _("Another commitment for this passport is active. If yours takes its place, give its number below")
_HINDRANCES: Mapping[str, Problem] = {
    "covered": Problem(_PASSPORT, _COVERED),
    "nothing-to-replace": Problem("replaces", _("No active commitment for this passport has this number: check both numbers")),
}
_ALREADY_REPLACED = Problem("replaces", _("Another commitment is already to take the place of this one"))
_REFUSED_REFERENCES: Mapping[str, str] = {
    "unknown": _("No commitment of this kind has this number: check each character"),
    "other-passport": _("This commitment names another passport than yours: ask the guarantor which number it holds"),
    "not-legalised": _("The signature under this commitment has not been legalised yet: the guarantor must go to the counter first"),
    "expired": _("This commitment was not used in time and has ended: the guarantor must sign a new one"),
    "ended": _("This commitment does not hold any more: the guarantor must sign a new one"),
    "no-mention": _("This commitment proves nothing: the Belgian post abroad did not write \"sufficient solvency\" on it"),
}


async def refuse_if_covered(session: AsyncSession, dossier: OpenDossier) -> None:
    """Before a commitment is filed: raises Invalid when another active one covers the same guest, unless this one replaces it."""
    kind = KINDS.get(dossier.procedure.code)
    if kind is None:
        return
    values = dossier.values
    found = await session.scalar(_HINDRANCE, {
        "kind": kind, "passport": values.get(_PASSPORT, ""), "country": values.get("beneficiary_passport_country", ""),
        "replaced": values.get("replaces", ""), "day": today(),
    })
    if problem := _HINDRANCES.get(str(found)):
        await _count_refused(session)
        raise Invalid(problem)


async def _count_refused(session: AsyncSession) -> None:
    """Each refusal tells something of the register: raises TooMany when one person was refused too often to be mistaken."""
    if person := visitor(session):
        await limit(session, "commitment", str(person["person_id"]), most=_MOST_REFUSED, seconds=6 * 3600)


async def follow(session: AsyncSession, dossier: OpenDossier, step: Step, evidence: Mapping[str, Any], changes: Mapping[str, Any]) -> None:
    """Let the register follow a step that was just recorded; raises Invalid when what was said with it cannot be.

    `dossier` is as it was before the step, `changes` holds its new number when it was filed. A municipality that sees the passport
    of someone who declared the arrival under a commitment makes the liability begin.
    """
    kind = KINDS.get(dossier.procedure.code)
    if kind is None:
        if step.action == "check-in" and dossier.values.get("commitment_number"):
            await defer(session, "dossiers:commitment-used", lock=f"commitment/{dossier.id}", dossier_id=str(dossier.id))
        return
    if step.files:
        await _enter(session, dossier, kind, str(changes["number"]))
        return
    if changed := await _changed(session, dossier, kind, step, evidence):
        await _write(session, dossier, changed)
    if step.action == "accept" and dossier.values.get("replaces"):
        await defer(session, "dossiers:replace-commitment", lock=f"commitment/{dossier.values['replaces']}", dossier_id=str(dossier.id))


async def _enter(session: AsyncSession, dossier: OpenDossier, kind: str, number: str) -> None:
    values = dossier.values
    row = {
        "dossier_id": dossier.id, "kind": kind, "number": number, "guarantor_key": guarantor_key(values), "address_key": address_key(values),
        "passport": values[_PASSPORT], "passport_country": values["beneficiary_passport_country"], "state": "pending", "covers": not values.get("replaces"),
        "filed_on": today(), "expires_on": expires_on(today()),
        "declared_income": Decimal(values["net_monthly_income"]), "replaces": values.get("replaces") or None,
    }
    # One that was taken back and is filed again takes its place anew, if nobody took it meanwhile.
    entered = upsert(Commitment).values(**row).on_conflict_do_update(index_elements=["dossier_id"], set_=row)
    try:
        async with session.begin_nested():
            await session.execute(entered)
    except IntegrityError as error:
        # Somebody filed for the same guest at the same moment, and was first.
        raise Invalid(_ALREADY_REPLACED if values.get("replaces") else Problem(_PASSPORT, _COVERED)) from error
    rows = (await session.execute(_BESIDE, _beside(dossier))).all()
    needed = _required(kind, _active(rows, kind), values)
    if needed:
        await session.execute(update(Commitment).where(Commitment.dossier_id == dossier.id).values(required=needed.amount))


async def _write(session: AsyncSession, dossier: OpenDossier, changed: Mapping[str, Any]) -> None:
    try:
        async with session.begin_nested():
            await session.execute(update(Commitment).where(Commitment.dossier_id == dossier.id).values(**changed))
    except IntegrityError as error:
        # It waited so long for the signature that its place was free, and somebody else took it.
        raise Invalid(Problem("legalised_on", _("Another commitment for this passport is active: this one can no longer be legalised"))) from error


async def _changed(session: AsyncSession, dossier: OpenDossier, kind: str, step: Step, evidence: Mapping[str, Any]) -> dict[str, Any]:
    """What of the row becomes otherwise by this step."""
    if step.takes & {"to-legalise"} and step.gives & {"legalised", "office-exam"}:
        return _legalised(dossier, kind, step, evidence)
    state = next((_STATES[one] for one in step.gives if one in _STATES), None)
    if state is None:
        return {}
    changed: dict[str, Any] = {"state": state}
    if state not in _HOLD_THE_PLACE:
        changed["covers"] = False
    if state == "used":
        entered = _day_said(evidence, "entered_on")
        legalised = await session.scalar(select(Commitment.legalised_on).where(Commitment.dossier_id == dossier.id))
        if legalised and entered < legalised:
            raise Invalid(Problem("entered_on", _("The guest entered before the signature was legalised: check the date")))
        until = date.fromisoformat(dossier.values["stay_until"]) if kind == "study" else liable_until(entered)
        changed |= {"entered_on": entered, "liability_until": until}
    return changed


def _legalised(dossier: OpenDossier, kind: str, step: Step, evidence: Mapping[str, Any]) -> dict[str, Any]:
    legalised = _day_said(evidence, "legalised_on")
    if dossier.filed_at and legalised < dossier.filed_at.astimezone(BRUSSELS).date():
        raise Invalid(Problem("legalised_on", _("The commitment was filed after this day: check the date")))
    if step.action == "legalise" and dossier.values.get("route", "visa-belgium") != "visa-belgium":
        raise Invalid(Problem("legalised_on", _("This guest does not ask a Belgian post for the visa: legalise for the Immigration Office instead")))
    proves = kind != "study" or study.proves(dossier.values, str(evidence.get("sufficient_solvency", "")))
    covers = not dossier.values.get("replaces")
    return {"state": "legalised", "legalised_on": legalised, "expires_on": expires_on(legalised), "proves": proves, "covers": covers}


def _day_said(evidence: Mapping[str, Any], name: str) -> date:
    """The day that was said with a step, today if none was; raises Invalid for one that is no date or has not come yet."""
    try:
        day = date.fromisoformat(str(evidence.get(name) or today()))
    except ValueError:
        raise Invalid(Problem(name, _("Type a date"))) from None
    if day > today():
        raise Invalid(Problem(name, _("This day has not come yet: check the date")))
    return day


async def check_reference(session: AsyncSession, dossier: OpenDossier, *, link: bool = True) -> None:
    """For a dossier that refers to a commitment: raises Invalid unless it holds, is legalised and names this passport.

    With `link`, when the dossier is filed, the register remembers which dossier relies on it.
    """
    question = dossier.procedure.commitment
    number = dossier.values.get(question, "") if question else ""
    if not number:
        return
    verdict = await session.scalar(_REFER, {
        "kind": _REFERRED.get(dossier.procedure.code, "short-stay"), "number": number, "passport": dossier.values.get("passport_number", ""),
        "country": dossier.values.get("passport_country", ""), "dossier": dossier.id if link else None, "day": today(),
    })
    if refused := _REFUSED_REFERENCES.get(str(verdict)):
        await _count_refused(session)
        raise Invalid(Problem(question, refused))


@dataclass(frozen=True, kw_only=True)
class OtherCommitment:
    """Another commitment of the same guarantor: its number, state and last day, and nobody's name."""

    number: str
    title: str
    until: date | None
    is_active: bool


@dataclass(frozen=True, kw_only=True)
class RegisterView:
    """How many commitments a guarantor has and what so many need; `at_address` is for authorities only.

    It counts the commitments of others from the same address since the day `since`.
    """

    active: int
    required: Required | None
    declared: Decimal
    others: Sequence[OtherCommitment]
    at_address: int | None
    since: date

    @property
    def enough(self) -> bool | None:
        """Whether the declared income reaches what is asked; None when the amounts of today are not known."""
        return None if self.required is None or not self.required.in_force else self.declared >= self.required.amount

    @property
    def gap(self) -> Decimal | None:
        """What is missing to the amount asked, if anything is."""
        return self.required.amount - self.declared if self.required and self.declared < self.required.amount else None


async def register_view(session: AsyncSession, dossier: OpenDossier) -> RegisterView | None:
    """The register beside a filed commitment that the caller was allowed to open; None for every other dossier."""
    kind, values = KINDS.get(dossier.procedure.code), dossier.values
    if kind is None or dossier.is_draft:
        return None
    asked = _beside(dossier)
    rows = (await session.execute(_BESIDE, asked)).all()
    same = [one for one in rows if one.by_same]
    active = _active(rows, kind)
    return RegisterView(
        active=active, required=_required(kind, max(1, active), values), declared=Decimal(values.get("net_monthly_income") or 0),
        others=[OtherCommitment(number=one.number, title=STATE_TITLES[one.state], until=one.until, is_active=one.runs) for one in same if not one.is_own],
        at_address=len(rows) - len(same) if dossier.roles & AUTHORITIES else None, since=asked["since"],
    )


def _active(rows: Sequence[Any], kind: str) -> int:
    """How many commitments of this kind the guarantor has that are active, this one included."""
    return sum(one.runs and one.by_same and one.kind == kind for one in rows)


def _beside(dossier: OpenDossier) -> dict[str, Any]:
    day = today()
    return {"dossier": dossier.id, "day": day, "since": Figures.at(day).get(ADDRESS_WINDOW).before(day)}


def _required(kind: str, count: int, values: Mapping[str, str]) -> Required | None:
    figures = Figures.at(today())
    return for_visitors(count, figures) if kind == "short-stay" else for_students(count, values["academic_year"], figures)


def guarantor_key(values: Mapping[str, str]) -> str:
    """By what the commitments of one guarantor are found: the register number, or passport and State of someone abroad."""
    number = values.get("national_number")
    return _hash("register", number) if number else _hash("passport", values.get("passport_country", ""), values.get("passport_number", ""))


def address_key(values: Mapping[str, str]) -> str:
    """By what the commitments from one address are found, however it was typed."""
    stem = "home" if values.get("lives_in_belgium") == "yes" else "abroad"
    street = "".join(one for one in fold(values.get(f"{stem}_street", "")) if one.isalnum())
    place = values.get("home_municipality") or f"{values.get('abroad_country', '')} {fold(values.get('abroad_city', ''))}"
    return _hash("address", street, place)


def _hash(*parts: str) -> str:
    return sha256("\x1f".join(parts).encode()).hexdigest()
