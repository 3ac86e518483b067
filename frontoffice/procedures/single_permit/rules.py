"""The conditions of a single permit in plain words, for people who have not begun yet: each with its figure and its source."""

from collections.abc import Callable, Mapping
from datetime import date

from frontoffice.forms.conditions import Condition
from frontoffice.forms.form import Values
from frontoffice.kernel.i18n import mark as _
from frontoffice.procedures.figures import Figures, UnknownFigure
from frontoffice.procedures.shared.questions import EEA_AND_SWITZERLAND
from frontoffice.procedures.single_permit import situations as when
from frontoffice.procedures.single_permit.categories import FILED_HERE
from frontoffice.procedures.single_permit.pay import salary_of
from frontoffice.procedures.single_permit.salary import salary_check
from frontoffice.procedures.territory import Region
from frontoffice.procedures.vocabulary import Rule

Met = Callable[[Mapping[str, str], date], bool | None]
_FLANDERS, _WALLONIA, _BRUSSELS = (str(one) for one in (Region.FLANDERS, Region.WALLONIA, Region.BRUSSELS))
_PROCEDURE = 'Immigration Office, "Single permit" page'
# The categories that have a minimum salary of their own in some Region.
_PAID = ("highly-qualified", "executive", "blue-card", *when.ICT, "athlete", "artist", "mobile-teacher")


def _national(values: Values, day: date) -> bool | None:
    return values["nationality"] not in EEA_AND_SWITZERLAND if values.get("nationality") else None


def _long(values: Values, day: date) -> bool | None:
    if values.get("contract_kind") == "open-ended":
        return True
    if not (values.get("contract_start") and values.get("contract_end")):
        return None
    return (date.fromisoformat(values["contract_end"]) - date.fromisoformat(values["contract_start"])).days > 90


def _paid(values: Values, day: date) -> bool | None:
    """Whether the pay reaches the minimum; the finder may know only the year or the month, which then stands for both."""
    pay = {"pay_year": values.get("pay_year") or "0", "pay_month": values.get("pay_month") or "0", "contract_start": values.get("contract_start") or day.isoformat()}
    salary = salary_of({**values, **pay})
    if not (values.get("pay_year") or values.get("pay_month")) or salary is None or not values.get("competent_region"):
        return None
    try:
        check = salary_check(salary, Region(values["competent_region"]), values.get("category", ""), Figures.at(day))
    except UnknownFigure:
        return None
    return check.enough if check.compared else None


def _level(values: Values, day: date) -> bool | None:
    return int(values["function_level"]) >= 5 if values.get("function_level") else None


def _abroad(values: Values, day: date) -> bool | None:
    return values["residence_status"] in ("abroad", "other-member-state") if values.get("residence_status") else None


def _few_days(values: Values, day: date) -> bool | None:
    longest = Figures.at(day).find("seasonal-longest")
    return int(values["seasonal_days"]) <= longest.count if values.get("seasonal_days") and longest else None


def _minimum(code: str) -> Rule:
    """The minimum salary of one category, in the Region that is competent."""
    return Rule(text=_("The pay is at least %(amount)s gross, as the Region counts it."), figure="salary-threshold", category=code,
                when=when.category.is_(code) & when.region.given(), met=_paid)


def _in(category: str, region: str = "") -> Condition:
    chosen = when.category.is_(category)
    return chosen & when.region.is_(region) if region else chosen


RULES: tuple[Rule, ...] = (
    Rule(text=_("The worker is no national of a country of the European Economic Area or of Switzerland."), met=_national,
         source="One-Stop Counter, Working in Belgium", confidence="O"),
    Rule(text=_("The work in Belgium lasts more than 90 days; for a shorter time a work authorisation is enough."), met=_long,
         source="One-Stop Counter, Working in Belgium", confidence="O"),
    Rule(text=_("The employer applies. An employer abroad needs a registration in the Crossroads Bank for Enterprises and a mandatary who lives in Belgium."),
         source="Brussels Economy and Employment, news on single permit and mandate, 21 September 2021", confidence="O"),
    Rule(text=_("The worker may apply from abroad, from a short stay, or from a stay that was authorised; not while a decision on the stay is awaited."),
         source=_PROCEDURE, confidence="O"),
    *(_minimum(one.code) for one in FILED_HERE if one.code in _PAID),
    Rule(text=_("The pay follows the scale of the joint committee, and is never below %(amount)s gross a month for a full-time job."),
         figure="minimum-monthly-income", when=~when.category.is_in(*_PAID) & when.category.given()),
    Rule(text=_("The function itself is at least of level %(text)s."), figure="function-level", category="highly-qualified",
         when=_in("highly-qualified", _FLANDERS), met=_level),
    Rule(text=_("The worker has a higher diploma."), when=when.category.is_in("highly-qualified", "blue-card", "ict-manager", "ict-specialist"),
         source="EU Immigration Portal, Belgium pages; Fragomen, 4 April 2024", confidence="P"),
    Rule(text=_("The contract, or the binding offer, is for at least %(count)s months."), figure="blue-card-contract", when=when.is_blue_card),
    Rule(text=_("The group has employed the worker for at least %(count)s months before the transfer."), figure="ict-employment-before", when=when.is_ict),
    Rule(text=_("The occupation is on the list of the Region, and the contract is with a Belgian employer."), when=_in("shortage-flanders"),
         source="Flemish government, mid-skilled shortage occupations page", confidence="O"),
    Rule(text=_("The occupation is on the list of the Region."), when=_in("shortage", _WALLONIA) | _in("shortage", _BRUSSELS),
         source="Brussels Economy and Employment, lists of appendices", confidence="O"),
    Rule(text=_("A vacancy was published for at least %(count)s days, and nobody was found."), figure="vacancy-period", when=when.market_is_tested),
    Rule(text=_("The worker is abroad when the application is filed, or is a long-term resident of another Member State."), when=_in("other-flanders"), met=_abroad,
         source='Flemish government, "Work permits - Other" page (text of before 2026)', confidence="O"),
    Rule(text=_("The work lasts at most %(count)s days within 365 days."), figure="seasonal-longest", when=when.is_seasonal, met=_few_days),
    Rule(text=_("The worker lives outside the European Union and has decent housing in Belgium."), when=when.is_seasonal,
         source="Immigration Office, seasonal workers page", confidence="O"),
    Rule(text=_("The trainee follows a training plan that was approved, and is at most %(count)s years old."), figure="trainee-age-to", when=_in("trainee")),
    Rule(text=_("In the first 12 months the work is in a shortage occupation."), when=_in("long-term-resident"),
         source="SPW, unlimited forms page; Brussels Economy and Employment, shortage page", confidence="O"),
    Rule(text=_("A renewal is filed at least %(count)s months before the permit ends."), figure="renewal-closes", when=when.is_renewal),
)
