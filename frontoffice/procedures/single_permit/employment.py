"""The questions about the employment: which permit, where, in which category, what work for what pay, and what a category adds."""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from frontoffice.forms import identifiers
from frontoffice.forms.conditions import Condition
from frontoffice.forms.fields import Checked, Choice, Choices, Country, Day, Field, LongText, Money, Number, Option, Select, Text, YesNo
from frontoffice.forms.form import Values
from frontoffice.forms.identifiers import Wrong
from frontoffice.kernel.errors import Problem
from frontoffice.kernel.i18n import mark as _
from frontoffice.procedures.choices import Occupation
from frontoffice.procedures.places import MunicipalityName, PostalCode
from frontoffice.procedures.shared.questions import page
from frontoffice.procedures.single_permit import situations as when
from frontoffice.procedures.single_permit.categories import OFFERED, OPTIONS
from frontoffice.procedures.single_permit.pay import check_pay
from frontoffice.procedures.territory import REGION_TITLES, Region
from frontoffice.procedures.vocabulary import FILERS, Page

_FLANDERS, _BRUSSELS, _WALLONIA, _DG = (str(one) for one in (Region.FLANDERS, Region.BRUSSELS, Region.WALLONIA, Region.GERMAN_SPEAKING_COMMUNITY))
LEVELS: tuple[Option, ...] = (
    ("8", _("Level 8: doctorate"), ""), ("7", _("Level 7: master"), ""), ("6", _("Level 6: bachelor"), ""),
    ("5", _("Level 5: short higher education"), ""), ("4", _("Level 4 or lower"), ""),
)
_REGIONS: tuple[Option, ...] = tuple((str(code), title, "") for code, title in REGION_TITLES.items())
_COMMITTEE = re.compile(r"\A([0-9]{3})(?:[.]?([0-9]{2}))?\Z")


def address(stem: str, *, street: str, when_asked: Condition | None = None, unit: bool = False) -> tuple[Field, ...]:
    """A place in Belgium, with its establishment unit where the employer has some."""
    fields: tuple[Field, ...] = (
        Text(name=f"{stem}_street", label=street, autocomplete="street-address", when=when_asked),
        PostalCode(name=f"{stem}_postal_code", label=_("Postal code"), when=when_asked),
        MunicipalityName(name=f"{stem}_municipality", label=_("Municipality"), postal_code=f"{stem}_postal_code", when=when_asked,
                         hint=_("Leave empty if the postal code has only one municipality.")),
    )
    if unit:
        number = Checked(name=f"{stem}_unit", label=_("Establishment unit number"), reader=identifiers.establishment_unit_number,
                         show=identifiers.show_unit_number, hint=_("10 digits, as in the Crossroads Bank for Enterprises, such as 2.123.456.789."), inputmode="numeric",
                         width=20, when=when.has_unit)
        return (*fields, number)
    return fields


def joint_committee(text: str) -> str:
    """The number of a joint committee, such as 200 or 118.08; raises Wrong."""
    found = _COMMITTEE.match(text.replace(" ", ""))
    if not found:
        raise Wrong(_("Type 3 digits, or 3 and 2 with a point between, such as 200 or 118.08"))
    return ".".join(part for part in found.groups() if part)


def _check_contract(values: Values, others: Values) -> Sequence[Problem]:
    start = date.fromisoformat(values["contract_start"])
    problems = []
    if start < date.fromisoformat(others["today"]) and others.get("request_kind") != "renewal":
        problems.append(Problem("contract_start", _("The work cannot have started already: type a day from today on")))
    if end := values.get("contract_end"):
        if date.fromisoformat(end) <= start:
            problems.append(Problem("contract_end", _("The last day comes after the first day")))
        elif (date.fromisoformat(end) - start).days <= 90:
            problems.append(Problem("contract_end", _("A single permit is for more than 90 days; for a shorter time apply for a work authorisation")))
    if Decimal(values["hours_per_week"]) > Decimal(values["full_time_hours"]):
        problems.append(Problem("hours_per_week", _("The hours of the worker cannot be more than those of a full-time job")))
    return problems


def _check_vacancy(values: Values, others: Values) -> Sequence[Problem]:
    if values["lmt_to"] < values["lmt_from"]:
        return [Problem("lmt_to", _("The last day comes after the first day"))]
    return []


def _page(code: str, title: str, *fields: Field, **more: object) -> Page:
    return page(code, "employment", title, *fields, by=FILERS, **more)  # type: ignore[arg-type]


_PLACES = (
    _page("posting", _("Is the worker posted?"),
          YesNo(name="posted", label=_("Does the worker stay employed by an enterprise abroad and is he or she sent to Belgium?")),
          Text(name="receiving_name", label=_("Name of the receiving entity in Belgium"), when=when.is_posted),
          *address("receiving", street=_("Street and number of the receiving entity"), when_asked=when.is_posted),
          Text(name="limosa_number", label=_("Number of the Limosa declaration"), optional=True, longest=60, when=when.is_posted,
               hint=_("If you have made it already. It must be there before the work starts."))),
    _page("work-pattern", _("At how many places?"),
          Choice(name="work_pattern", label=_("Where will the worker work?"), choices=(
              ("one", _("At one place"), ""), ("main", _("At several places, one of them is the main one"), ""),
              ("equal", _("At two places, as much at one as at the other"), ""))),
          Number(name="telework_share", label=_("Part of the time in telework in Belgium"), optional=True, most=100, width=4, suffix="%",
                 hint=_("Leave empty if there is none. Someone who teleworks from abroad needs another procedure."))),
    _page("workplace", _("Where will the worker work?"), *address("workplace", street=_("Street and number"), unit=True),
          intro=_("If there are several places, give the main one here.")),
    _page("second-workplace", _("The second place of work"), *address("second", street=_("Street and number"), unit=True), when=when.in_several_places),
)

_BY_CATEGORY = (
    _page("shortage", _("The list of shortage occupations"),
          Text(name="list_function", label=_("Name of the occupation, as on the list"), longest=160,
               hint=_("On the list of the Region that is in force on the day of filing.")), when=when.on_a_list),
    _page("labour-market", _("The search on the labour market"),
          Choices(name="lmt_channels", label=_("Where was the vacancy published?"), choices=(
              ("vdab", "VDAB", ""), ("eures", "EURES", ""), ("forem", "Forem", ""), ("actiris", "Actiris", ""),
              ("actiris-service", _("Recruitment service of Actiris"), ""), ("adg", "ADG", "")),
              only={"vdab": when.region.is_(_FLANDERS), "forem": when.region.is_(_WALLONIA), "actiris": when.region.is_(_BRUSSELS),
                    "actiris-service": when.region.is_(_BRUSSELS), "adg": when.region.is_(_DG)}),
          Text(name="lmt_reference", label=_("Number of the vacancy"), longest=160),
          Day(name="lmt_from", label=_("Published from")), Day(name="lmt_to", label=_("Published until")),
          LongText(name="lmt_result", label=_("What came of it?"), longest=2000, hint=_("How many people applied, and why none of them was hired.")),
          intro=_("The Region first wants to know that nobody was found on the labour market."), when=when.market_is_tested, check=_check_vacancy),
    _page("transfer", _("The transfer within the group"),
          Text(name="group_employer", label=_("Enterprise of the group that employs the worker abroad")), Country(name="group_country", label=_("Country")),
          Day(name="employed_since", label=_("Employed by the group without a break since")), when=when.is_ict),
    _page("first-state", _("The permit of the first Member State"),
          Country(name="first_state", label=_("Which Member State issued it?")), Day(name="first_permit_until", label=_("Valid until")),
          when=when.is_mobile_ict),
    _page("blue-card", _("The EU Blue Card"),
          YesNo(name="blue_card_mobility", label=_("Does the worker hold an EU Blue Card of another Member State now?"),
                hint=_("Long-term mobility is possible after 12 months there, and is decided sooner.")),
          YesNo(name="blue_card_junior", label=_("Do you apply for the lower minimum salary for juniors?"), when=when.region.is_(_WALLONIA),
                hint=_("Only in Wallonia. Ask the Region who counts as a junior.")), when=when.is_blue_card),
    _page("season", _("The seasonal work"),
          Choice(name="seasonal_sector", label=_("Sector"), choices=(
              ("agriculture", _("Agriculture"), ""), ("horticulture", _("Horticulture"), ""), ("hospitality", _("Hotels, restaurants and cafés"), "")),
              only={"horticulture": when.region.is_in(_FLANDERS, _WALLONIA), "hospitality": when.region.is_in(_FLANDERS, _WALLONIA, _DG)}),
          Number(name="seasonal_days", label=_("Days of seasonal work within 365 days"), least=1, most=365, width=4, inputmode="numeric"),
          YesNo(name="seasonal_returning", label=_("Was the worker here for seasonal work in the last 5 years, and did he or she keep to the conditions?"),
                hint=_("Then the decision comes sooner.")), when=when.is_seasonal),
    _page("sport", _("Sport"), Choice(name="sport_role", label=_("What will the worker be?"), choices=(
        ("athlete", _("Athlete"), ""), ("referee", _("Referee"), ""), ("coach", _("Coach without a contract as an athlete"), ""))), when=when.is_athlete),
)

EMPLOYMENT_PAGES: tuple[Page, ...] = (
    _page("request", _("What do you apply for?"),
          Choice(name="request_kind", label=_("Kind of application"), choices=(
              ("first", _("A first permit"), ""), ("renewal", _("A renewal"), _("The same employer and the same function.")),
              ("change-employer", _("A new employer"), _("The worker has a permit to work for another employer.")),
              ("change-function", _("A new function"), _("The same employer, other work.")))),
          Choice(name="previous_region", label=_("Which Region authorised the work until now?"), choices=_REGIONS, when=when.has_permit),
          Day(name="previous_until", label=_("Last day of the present permit"), when=when.has_permit),
          YesNo(name="same_status", label=_("Does the worker keep the same kind of residence permit?"), when=when.has_permit,
                hint=_("Then no federal contribution is due. A change of kind, such as to an EU Blue Card, is paid again.")),
          Choice(name="contribution_exemption", label=_("Does one of these hold for the worker? Then no federal contribution is due."), choices=(
              ("none", _("None of these"), ""), ("stateless", _("Recognised as stateless"), _("Not for all: ask the Immigration Office.")),
              ("turkey", _("Covered by the association agreement between the European Union and Turkey"), _("Family members too.")),
              ("partner", _("The partner applies at the same time on the same ground, and pays"), "")))),
    *_PLACES,
    _page("category", _("Which category of worker?"),
          Choice(name="category", label=_("Category"), choices=OPTIONS, only=OFFERED,
                 hint=_("Researchers with a hosting agreement, au pairs and workers posted by an employer of the European Economic Area follow other procedures.")),
          intro=_("Each Region has its own categories: you see those of the competent Region. Some want a contract with a Belgian employer and are not there for posted workers.")),
    _page("function", _("What will the worker do?"),
          Text(name="function_title", label=_("Function"), longest=120),
          Occupation(name="isco", label=_("Occupation (ISCO-08)"), hint=_("Type a word or the 4 digits, such as 2512 for a software developer.")),
          Select(name="function_level", label=_("Level of the function"), choices=LEVELS,
                 hint=_("Flanders asks for at least level 5 for a highly qualified worker.")),
          LongText(name="function_description", label=_("Tasks and responsibilities")),
          YesNo(name="regulated_profession", label=_("Is it a regulated profession?"), hint=_("Such as nurse, doctor or architect: one may not work in it without recognition."))),
    _page("contract", _("The employment contract"),
          Choice(name="contract_kind", label=_("Duration of the contract"),
                 choices=(("open-ended", _("No end date"), ""), ("fixed-term", _("Until a fixed date"), ""))),
          Day(name="contract_start", label=_("First working day"), hint=_("For a renewal: the first day under the new permit.")),
          Day(name="contract_end", label=_("Last working day"), when=when.is_fixed_term),
          Number(name="hours_per_week", label=_("Hours a week of this worker"), least=1, most=40, decimals=2, width=5),
          Number(name="full_time_hours", label=_("Hours a week of a full-time job"), least=1, most=40, decimals=2, width=5),
          Checked(name="joint_committee", label=_("Number of the joint committee"), reader=joint_committee, optional=True, width=8,
                  hint=_("Such as 200 or 118.08. In Wallonia the contract must state it.")),
          check=_check_contract),
    *_BY_CATEGORY,
    _page("pay", _("Pay"),
          Money(name="pay_month", label=_("Gross pay a month"), hint=_("The base wage only, without allowances (DmfA code 1).")),
          Money(name="pay_year", label=_("Gross pay a year"), hint=_("With the guaranteed extras, such as the end-of-year bonus.")),
          LongText(name="pay_remark", label=_("Remark about the pay"), optional=True, longest=1000),
          check=check_pay),
)
