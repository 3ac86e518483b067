"""What the answers say about pay, and what the minimum of the Region makes of it."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from frontoffice.forms.form import Values
from frontoffice.forms.partial_dates import read_partial, youngest_possible
from frontoffice.kernel.errors import Problem
from frontoffice.kernel.i18n import mark as _
from frontoffice.procedures.figures import Figures, UnknownFigure
from frontoffice.procedures.single_permit.salary import Salary, salary_check
from frontoffice.procedures.territory import Region

# Flanders takes the lower minimum for nurses and teachers too (KSK, salary conditions 2025): the groups of ISCO-08 that name them.
_NURSES_AND_TEACHERS = ("2221", "23")


def salary_of(values: Values) -> Salary | None:
    """What the contract says about pay, once pay and start are known."""
    if not (values.get("pay_month") and values.get("pay_year") and values.get("contract_start")):
        return None
    end = values.get("contract_end") if values.get("contract_kind", "fixed-term") == "fixed-term" else ""
    return Salary(
        yearly=Decimal(values["pay_year"]), monthly=Decimal(values["pay_month"]), birth_date=youngest_possible(read_partial(values.get("birth_date", ""))),
        start=date.fromisoformat(values["contract_start"]), end=date.fromisoformat(end) if end else None, posted=values.get("posted") == "yes",
        variant=_variant(values), share=_share(values),
    )


def _variant(values: Values) -> str:
    """The special minimum within a category that these answers ask for."""
    category, region = values.get("category"), values.get("competent_region")
    if category == "athlete" and values.get("sport_role") == "coach":
        return "coach"
    if category == "blue-card" and region == Region.WALLONIA and values.get("blue_card_junior") == "yes":
        return "blue-card-junior"
    if category == "highly-qualified" and region == Region.FLANDERS and values.get("isco", "").startswith(_NURSES_AND_TEACHERS):
        return "nurse-or-teacher"
    return ""


def _share(values: Values) -> Decimal:
    hours, full = Decimal(values.get("hours_per_week") or 0), Decimal(values.get("full_time_hours") or 0)
    return min(Decimal(1), hours / full) if hours and full else Decimal(1)


def check_pay(values: Values, others: Values) -> Sequence[Problem]:
    """A year and a month that belong together, and a minimum that is reached or explained."""
    yearly, monthly = Decimal(values["pay_year"]), Decimal(values["pay_month"])
    # Someone hired for a season has no whole year.
    if (yearly < monthly * 11 and others.get("category") != "seasonal") or yearly > monthly * 20:
        return [Problem("pay_year", _("The yearly and the monthly amount do not belong together: the year holds 12 months and what comes on top"))]
    salary = salary_of({**others, **values})
    if not salary or not others.get("competent_region") or values.get("pay_remark"):
        return []
    region = Region(others["competent_region"])
    try:
        check = salary_check(salary, region, others.get("category", "highly-qualified"), Figures.at(date.fromisoformat(others["today"])))
    except UnknownFigure:
        return []
    if check.enough:
        return []
    field = "pay_month" if check.threshold.unit.startswith("EUR gross a month") else "pay_year"
    return [Problem(field, check.explanation.text, check.explanation.params),
            Problem("pay_remark", _("Correct the pay, or say here why a lower amount is right; the Region decides"))]
