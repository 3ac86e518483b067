"""What is said of a guarantor's answers beside the field: the income against the amounts, the card, the dates. It blocks nothing."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal

from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.message import Message, Param
from frontoffice.kernel.time import add_months
from frontoffice.procedures.figures import Figures
from frontoffice.procedures.guarantee.cards import card
from frontoffice.procedures.guarantee.means import INCOME_AGE, VALIDITY, Required
from frontoffice.procedures.vocabulary import Remark

Values = Mapping[str, str]

ENOUGH = _("Active commitments, this one included: %(count)s. Asked: %(required)s net a month. You declare %(declared)s: that is enough.")
TOO_LITTLE = _("Active commitments, this one included: %(count)s. Asked: %(required)s net a month. You declare %(declared)s: that is less. "
               "You can file; the authority decides.")
LAST_KNOWN = _("Active commitments, this one included: %(count)s. The last amount that we know is %(required)s net a month, of %(since)s. "
               "You declare %(declared)s. The amount of today is not confirmed: ask your municipality.")
NOT_KNOWN = _("The income that is asked is not known for this year: ask your municipality.")
ABOUT_INCOME = "Immigration Office, annex 3bis page; GEMCOM questions and answers on annex 3bis"


def about_income(values: Values, required: Required | None, day: date) -> Iterator[Remark]:
    """The income against what so many commitments need, social aid, and proofs that are old."""
    if declared := values.get("net_monthly_income"):
        yield _means(Decimal(declared), required)
    if "social-aid" in values.get("income_source", "").split():
        yield Remark("income_source", Message(_("Social aid does not count: leave it out of the amount.")), ABOUT_INCOME, "P", doubtful=True)
    figure = Figures.at(day).find(INCOME_AGE)
    if figure and values.get("income_until") and date.fromisoformat(values["income_until"]) < figure.before(day):
        text = _("The proofs end more than %(count)s months ago. Bring newer ones, unless you are self-employed: then your last tax assessment counts.")
        yield Remark("income_until", Message(text, {"count": figure.count}), figure.source, figure.confidence, doubtful=True)


def _means(declared: Decimal, required: Required | None) -> Remark:
    if required is None:
        return Remark("net_monthly_income", Message(NOT_KNOWN), "No source found for this year", "U", doubtful=True)
    said: dict[str, Param] = {"count": required.count, "required": required.amount, "declared": declared}
    if required.in_force or required.since is None:
        text = ENOUGH if declared >= required.amount else TOO_LITTLE
    else:
        text, said["since"] = LAST_KNOWN, required.since
    doubtful = declared < required.amount
    return Remark("net_monthly_income", Message(text, said), required.source, required.confidence, doubtful=doubtful, rows=_rows(declared, required))


def _rows(declared: Decimal, required: Required) -> tuple[tuple[Message, Message], ...]:
    gap = declared - required.amount
    label = _("More than asked") if gap >= 0 else _("Less than asked")
    return (*required.rows, (Message(_("Net income that you declare")), Message("%(amount)s", {"amount": declared})),
            (Message(label), Message("%(amount)s", {"amount": abs(gap)})))


def about_card(values: Values, until: str) -> Iterator[Remark]:
    """A card that only some municipalities name, that no source names, or that ends before `until`."""
    found = card(values.get("card_type", ""))
    if found and found.accepted is None:
        text = _("It is not certain that this document is accepted: ask your municipality before you go.")
        yield Remark("card_type", Message(text), found.source, found.confidence, doubtful=True)
    elif found and found.is_local:
        text = _("A municipality names this document among those that are accepted. Ask your own municipality to be sure.")
        yield Remark("card_type", Message(text), found.source, found.confidence)
    if values.get("card_expires") and until and values["card_expires"] < until:
        text = _("Your card ends before the stay does: bring proof that it is being renewed.")
        yield Remark("card_expires", Message(text), "Check of the register: the right of residence must last through the stay", "U", doubtful=True)


def about_passport(values: Values, until: str) -> Iterator[Remark]:
    """A passport that ends before the stay does: the next one has another number than the commitment."""
    if until and values.get("beneficiary_passport_expires", until) < until:
        text = _("This passport ends before the stay does. The commitment names one passport: if the guest gets a new one first, a new commitment is needed.")
        yield Remark("beneficiary_passport_expires", Message(text), "Check of the register: the commitment names one passport", "U", doubtful=True)


def about_start(values: Values, question: str, day: date) -> Iterator[Remark]:
    """A stay that begins after the commitment would have ended, if it were legalised today."""
    figure = Figures.at(day).find(VALIDITY)
    if figure and values.get(question) and date.fromisoformat(values[question]) > add_months(day, figure.count):
        text = _("The guest must apply for the visa, or enter without one, within %(count)s months after your signature is legalised. Sign later if this is too early.")
        yield Remark(question, Message(text, {"count": figure.count}), figure.source, figure.confidence, doubtful=True)
