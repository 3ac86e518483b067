"""What the law's figures say of the answers of a single permit, next to the field; nothing of it blocks anybody."""

from collections.abc import Callable, Iterator
from datetime import date

from frontoffice.forms.form import Values
from frontoffice.forms.identifiers import establishment_unit_doubt
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.message import Message
from frontoffice.kernel.time import add_months
from frontoffice.procedures.figures import UnknownFigure
from frontoffice.procedures.shared.questions import EEA_AND_SWITZERLAND
from frontoffice.procedures.single_permit.look import Look
from frontoffice.procedures.single_permit.pay import salary_of
from frontoffice.procedures.single_permit.remarks_by_category import BY_CATEGORY
from frontoffice.procedures.single_permit.salary import SalaryCheck, floor_check, salary_check
from frontoffice.procedures.vocabulary import Remark

_SPW_FAQ = "SPW, FAQ on the September 2024 reform"


def remarks(values: Values, today: date) -> list[Remark]:
    """All that can be said of the answers so far."""
    look = Look(values, today)
    return [one for says in (*_GENERAL, *BY_CATEGORY) for one in says(look)]


def _units(look: Look) -> Iterator[Remark]:
    """Numbers that look wrong but may be right."""
    for name in ("workplace_unit", "second_unit"):
        if look.said(name) and (doubt := establishment_unit_doubt(look.said(name))):
            yield Remark(name, Message(doubt), "Crossroads Bank for Enterprises, rule of the check digits", "U", doubtful=True)


def _enterprise(look: Look) -> Iterator[Remark]:
    """Flanders looks at young enterprises and at those without staff."""
    least, since = look.figure("young-enterprise"), look.day("enterprise_since")
    if least is None:
        return
    if since and add_months(since, least.count) > look.today:
        yield look.by(least, "enterprise_since", _("Flanders may refuse a permit for an enterprise that is younger than %(count)s months."), doubtful=True)
    if look.said("staff_count") == "0":
        yield look.by(least, "staff_count", _("Flanders may refuse a permit for an enterprise without staff."), doubtful=True)


def _previous_permit(look: Look) -> Iterator[Remark]:
    """From when until when a renewal can be filed, and what a permit of another Region means."""
    if look.said("request_kind") in ("", "first"):
        return
    ends, opens, closes = look.day("previous_until"), look.figure("renewal-opens"), look.figure("renewal-closes")
    if look.said("request_kind") == "renewal" and ends and opens and closes:
        first, last = opens.before(ends), closes.before(ends)
        text = _("A renewal can be filed from %(first)s, and must be filed by %(last)s at the latest.")
        weaker = max((opens, closes), key=lambda one: "OPCU".index(one.confidence))
        yield look.by(weaker, "previous_until", text, doubtful=not first <= look.today <= last, first=first, last=last)
    if look.region and look.said("previous_region") not in ("", str(look.region)):
        yield Remark("previous_region", Message(_("Another Region authorised the work: for the %(region)s this is a first application, for the stay it is a renewal."),
                                                {"region": look.region_name}), _SPW_FAQ, "O")


def _category(look: Look) -> Iterator[Remark]:
    """Who is exempt from the authorisation to work, and how long a permit lasts at most."""
    if not (look.region and look.category):
        return
    if look.region in look.category.exempt:
        text = _("In the %(region)s no authorisation to work is needed for these workers. The dossier is filed all the same: the permit mentions the exemption.")
        yield Remark("category", Message(text, {"region": look.region_name}),
                     "Ministry of the German-speaking Community, exemptions for more than 90 days; Avocat Halabi, single work permit", "P")
    longest, start, end = look.category.longest.get(look.region), look.day("contract_start"), look.day("contract_end")
    is_longer = start is not None and (look.said("contract_kind") == "open-ended" or end is not None and longest and end > add_months(start, longest))
    if longest and is_longer:
        yield Remark("contract_start", Message(_("A permit in this category lasts at most %(months)s months; after that it can be renewed."), {"months": longest}),
                     look.category.source, look.category.confidence)


def _earliest(look: Look) -> Iterator[Remark]:
    """Before which day nobody can file."""
    figure, start = look.figure("earliest-filing"), look.day("contract_start")
    if figure and start and look.said("request_kind") != "renewal" and look.today < figure.before(start):
        yield look.by(figure, "contract_start", _("For this first working day the %(region)s takes the application from %(first)s on."), doubtful=True,
                      first=figure.before(start))


def _pay(look: Look) -> Iterator[Remark]:
    """The pay against the minimum of the Region, and what part-time work changes."""
    salary = salary_of({**look.values, "competent_region": str(look.region or "")})
    if not (salary and look.region and look.category):
        return
    try:
        check: SalaryCheck | None = salary_check(salary, look.region, look.category.code, look.figures)
    except UnknownFigure:
        check = floor_check(salary, look.figures)
    if check is None:
        return
    yield Remark("pay_year", check.explanation, check.threshold.source, check.threshold.confidence, not check.enough, check.rows)
    if salary.share < 1 and check.threshold.code == "salary-threshold":
        yield Remark("pay_year", Message(_("Part-time work lowers no minimum: the pay itself must reach the whole amount.")),
                     "VisaHQ news, 31 October 2025 (Fragomen); Taxpatria note, 2024", "P")


def _worker(look: Look) -> Iterator[Remark]:
    """Other nationalities, and a stay that may not carry an application."""
    if set(look.said("other_nationalities").split()) & set(EEA_AND_SWITZERLAND):
        yield Remark("other_nationalities", Message(_("Someone who also has one of these nationalities works in Belgium without a permit: check the list.")),
                     "One-Stop Counter, Working in Belgium", "O", doubtful=True)
    if look.said("residence_status") == "pending":
        yield Remark("residence_status", Message(_("While a decision on the stay is awaited no application can be made from within Belgium: ask the Immigration Office.")),
                     'Immigration Office, "Single permit" page', "O", doubtful=True)


def _contribution(look: Look) -> Iterator[Remark]:
    """Until when a proof of payment of the former amount is accepted."""
    former = look.figures.find("federal-contribution-former")
    if former and former.valid_until:
        yield look.by(former, "contribution_exemption", _("A proof of payment of %(amount)s, the amount of last year, is accepted until %(last)s."),
                      amount=former.amount, last=former.valid_until)


_GENERAL: tuple[Callable[[Look], Iterator[Remark]], ...] = (_units, _enterprise, _previous_permit, _category, _earliest, _pay, _worker, _contribution)
