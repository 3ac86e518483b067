"""The questions of a single permit, page by page: who answers them, who may read the answers, and how they must agree.

Field list: domain notes on the form data of the One-Stop Counter (employer, employment and worker part).
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from frontoffice.forms import identifiers
from frontoffice.forms.conditions import answer
from frontoffice.forms.fields import (
    Checked,
    Choice,
    Country,
    Day,
    Email,
    Field,
    LongText,
    Money,
    Number,
    Option,
    Phone,
    Select,
    Text,
    YesNo,
)
from frontoffice.forms.form import Form, Values
from frontoffice.forms.identifiers import PartialDate
from frontoffice.forms.travel_document import MachineReadableZone, Typed, compare, read_zone
from frontoffice.kernel.errors import Problem
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.time import add_months, today
from frontoffice.procedures.figures import Figures, UnknownFigure
from frontoffice.procedures.places import MunicipalityName, PostalCode
from frontoffice.procedures.single_permit.categories import CATEGORIES
from frontoffice.procedures.single_permit.salary import Salary, salary_check
from frontoffice.procedures.territory import Region
from frontoffice.procedures.vocabulary import EVERYONE, FILERS, NOT_THE_EMPLOYER, Page, Role

_WORKER = frozenset({Role.WORKER})

# Nationals of the European Economic Area and Switzerland need no permit (domain notes, section 7.3).
EEA_AND_SWITZERLAND = ["AUT", "BEL", "BGR", "HRV", "CYP", "CZE", "DNK", "EST", "FIN", "FRA", "DEU", "GRC", "HUN", "IRL", "ITA", "LVA", "LTU", "LUX", "MLT", "NLD", "POL", "PRT", "ROU", "SVK", "SVN", "ESP", "SWE", "ISL", "LIE", "NOR", "CHE"]
_NO_PERMIT = _("Nationals of this country work in Belgium without a permit: no application is needed")

has_office = answer("has_office").is_("yes")
has_unit = answer("has_unit").is_("yes")
is_posted = answer("posted").is_("yes")
in_several_places = answer("work_pattern").is_in("main", "equal")
is_fixed_term = answer("contract_kind").is_("fixed-term")
lives_abroad = answer("residence_status").is_("abroad")


def _address(stem: str, *, street: str, when: object = None, unit: bool = False) -> tuple[Field, ...]:
    condition = when if when is not None else None
    fields: tuple[Field, ...] = (
        Text(name=f"{stem}_street", label=street, autocomplete="street-address", when=condition),  # type: ignore[arg-type]
        PostalCode(name=f"{stem}_postal_code", label=_("Postal code"), when=condition),  # type: ignore[arg-type]
        MunicipalityName(name=f"{stem}_municipality", label=_("Municipality"), postal_code=f"{stem}_postal_code", when=condition,  # type: ignore[arg-type]
                         hint=_("Leave empty if the postal code has only one municipality.")),
    )
    if unit:
        number = Checked(name=f"{stem}_unit", label=_("Establishment unit number"), reader=identifiers.establishment_unit_number,
                         show=identifiers.show_unit_number, hint=_("10 digits, as in the Crossroads Bank for Enterprises, such as 2.123.456.789."), inputmode="numeric",
                         width=20, when=has_unit)
        return (*fields, number)
    return fields


def _check_contract(values: Values, others: Values) -> Sequence[Problem]:
    start = date.fromisoformat(values["contract_start"])
    problems = []
    if start < date.fromisoformat(others["today"]):
        problems.append(Problem("contract_start", _("The work cannot have started already: type a day from today on")))
    if end := values.get("contract_end"):
        if date.fromisoformat(end) <= start:
            problems.append(Problem("contract_end", _("The last day comes after the first day")))
        elif (date.fromisoformat(end) - start).days <= 90:
            problems.append(Problem("contract_end", _("A single permit is for more than 90 days; for a shorter time apply for a work authorisation")))
    if Decimal(values["hours_per_week"]) > Decimal(values["full_time_hours"]):
        problems.append(Problem("hours_per_week", _("The hours of the worker cannot be more than those of a full-time job")))
    return problems


def salary_of(values: Values) -> Salary | None:
    """What the contract says about pay, once pay and start are known."""
    if not (values.get("pay_month") and values.get("pay_year") and values.get("contract_start")):
        return None
    born = values.get("birth_date")
    end = values.get("contract_end")
    return Salary(
        yearly=Decimal(values["pay_year"]), monthly=Decimal(values["pay_month"]), birth_date=date.fromisoformat(born) if born else None,
        start=date.fromisoformat(values["contract_start"]), end=date.fromisoformat(end) if end else None, posted=values.get("posted") == "yes",
    )


def _check_pay(values: Values, others: Values) -> Sequence[Problem]:
    yearly, monthly = Decimal(values["pay_year"]), Decimal(values["pay_month"])
    if yearly < monthly * 11 or yearly > monthly * 20:
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


def _prefill_identity(values: Values) -> Mapping[str, str]:
    zone = _zone_of(values)
    given = {"surname": values.get("worker_surname", ""), "given_names": values.get("worker_given_names", "")}
    if zone is None:
        return given
    born = zone.birth_date.whole()
    return {**given, "birth_date": born.isoformat() if born else "", "sex": zone.sex, "nationality": zone.nationality}


def _zone_of(values: Values) -> MachineReadableZone | None:
    """The zone of the passport, if it was typed; it was proved when it was saved."""
    return read_zone(values["passport_zone"], today()) if values.get("passport_zone") else None


def _canonical_zone(text: str) -> str:
    read_zone(text, today())
    joined = "".join(text.split()).upper()
    return f"{joined[:44]}\n{joined[44:]}"


def _differences(zone: MachineReadableZone, names: Mapping[str, str], typed: Typed) -> list[Problem]:
    """Where typed answers differ from the zone; `names` gives our question for each part of the passport."""
    return [Problem(names[one.field], one.message, one.params) for one in compare(zone, typed)]


def _prefill_passport(values: Values) -> Mapping[str, str]:
    zone = _zone_of(values)
    if zone is None:
        return {}
    return {"passport_number": zone.number, "passport_country": zone.issuing_state, "passport_expires": zone.expiry.isoformat()}


def _check_identity(values: Values, others: Values) -> Sequence[Problem]:
    born, day = date.fromisoformat(values["birth_date"]), date.fromisoformat(others["today"])
    if not day.year - 120 < born.year or born >= day:
        return [Problem("birth_date", _("This birth date cannot be right: check the year"))]
    zone = _zone_of(others)
    if zone is None:
        return []
    typed = Typed(birth_date=PartialDate.of(born), surname=values["surname"], given_names=values.get("given_names", ""))
    return _differences(zone, {"birth_date": "birth_date", "surname": "surname", "given_names": "given_names"}, typed)


def _check_passport(values: Values, others: Values) -> Sequence[Problem]:
    issued, expires = date.fromisoformat(values["passport_issued"]), date.fromisoformat(values["passport_expires"])
    problems = []
    if issued > date.fromisoformat(others["today"]):
        problems.append(Problem("passport_issued", _("This day has not come yet: check the date")))
    if expires <= issued:
        problems.append(Problem("passport_expires", _("The passport ends after the day on which it was issued: check both dates")))
    elif (start := others.get("contract_start")) and expires < add_months(date.fromisoformat(start), 3):
        problems.append(Problem("passport_expires", _("The passport must be valid until at least 3 months after the first working day: renew it first")))
    zone = _zone_of(others)
    if zone is not None:
        typed = Typed(number=values["passport_number"], expiry=expires)
        problems.extend(_differences(zone, {"number": "passport_number", "expiry": "passport_expires"}, typed))
    return problems


def _check_register_number(values: Values, others: Values) -> Sequence[Problem]:
    number, born = values.get("national_number"), others.get("birth_date")
    if not number or not born:
        return []
    if not identifiers.birth_of(number).agrees_with(PartialDate.of(date.fromisoformat(born))):
        return [Problem("national_number", _("This number holds another birth date than the one given: check both"))]
    return []


_LEVELS: tuple[Option, ...] = (
    ("8", _("Level 8: doctorate"), ""), ("7", _("Level 7: master"), ""), ("6", _("Level 6: bachelor"), ""),
    ("5", _("Level 5: short higher education"), ""), ("4", _("Level 4 or lower"), ""),
)
_LANGUAGES: tuple[Option, ...] = (("nl", "Nederlands", ""), ("fr", "Français", ""), ("de", "Deutsch", ""), ("en", "English", ""))


def _page(code: str, section: str, title: str, *fields: Field, by: frozenset[str] = FILERS, seen_by: frozenset[str] = EVERYONE, **more: object) -> Page:
    check = more.pop("check", None)
    return Page(code=code, section=section, title=title, by=by, seen_by=seen_by, form=Form(fields=fields, check=check), **more)  # type: ignore[arg-type]


PAGES: tuple[Page, ...] = (
    _page("employer", "employer", _("Who employs the worker?"),
          Checked(name="enterprise_number", label=_("Enterprise number"), reader=identifiers.enterprise_number, show=identifiers.show_enterprise_number,
                  inputmode="numeric", width=20,
                  hint=_("10 digits, such as 0123.456.789.")),
          Text(name="employer_name", label=_("Name of the enterprise"), autocomplete="organization")),
    _page("registered-office", "employer", _("Where is the registered office?"),
          YesNo(name="has_office", label=_("Does the employer have a registered office in Belgium?")),
          *_address("office", street=_("Street and number"), when=has_office), kept_for_next=True),
    _page("units", "employer", _("Establishment units"),
          YesNo(name="has_unit", label=_("Will the worker be employed at an establishment unit of the employer in Belgium?"),
                hint=_("An establishment unit is a place of business with its own number in the Crossroads Bank for Enterprises.")), kept_for_next=True),
    _page("contact", "employer", _("Whom may the authorities call?"),
          Text(name="contact_name", label=_("Name"), autocomplete="name"), Email(name="contact_email", label=_("E-mail address")),
          Phone(name="contact_phone", label=_("Telephone"), hint=_("With the country code, such as +32 3 210 12 34.")), kept_for_next=True),
    _page("category", "employment", _("Which category of worker?"),
          Choice(name="category", label=_("Category"), choices=tuple((one.code, one.title, "") for one in CATEGORIES if one.open),
                 hint=_("Other categories are still filed in the one-stop counter, Working in Belgium."))),
    _page("function", "employment", _("What will the worker do?"),
          Text(name="function_title", label=_("Function"), longest=120),
          Number(name="isco", label=_("Code of the occupation (ISCO-08)"), hint=_("4 digits, such as 2512 for a software developer."),
                 least=1000, most=9629, width=4, inputmode="numeric"),
          Select(name="function_level", label=_("Level of the function"), choices=_LEVELS,
                 hint=_("Flanders asks for at least level 5 for a highly qualified worker.")),
          LongText(name="function_description", label=_("Tasks and responsibilities"))),
    _page("contract", "employment", _("The employment contract"),
          Choice(name="contract_kind", label=_("Duration of the contract"),
                 choices=(("open-ended", _("No end date"), ""), ("fixed-term", _("Until a fixed date"), ""))),
          Day(name="contract_start", label=_("First working day")), Day(name="contract_end", label=_("Last working day"), when=is_fixed_term),
          Number(name="hours_per_week", label=_("Hours a week of this worker"), least=1, most=40, decimals=2, width=5),
          Number(name="full_time_hours", label=_("Hours a week of a full-time job"), least=1, most=40, decimals=2, width=5),
          check=_check_contract),
    _page("posting", "employment", _("Is the worker posted?"),
          YesNo(name="posted", label=_("Does the worker stay employed by an enterprise abroad and is he or she sent to Belgium?")),
          Text(name="receiving_name", label=_("Name of the receiving entity in Belgium"), when=is_posted),
          *_address("receiving", street=_("Street and number of the receiving entity"), when=is_posted)),
    _page("work-pattern", "employment", _("At how many places?"),
          Choice(name="work_pattern", label=_("Where will the worker work?"), choices=(
              ("one", _("At one place"), ""), ("main", _("At several places, one of them is the main one"), ""),
              ("equal", _("At two places, as much at one as at the other"), "")))),
    _page("workplace", "employment", _("Where will the worker work?"), *_address("workplace", street=_("Street and number"), unit=True),
          intro=_("If there are several places, give the main one here.")),
    _page("second-workplace", "employment", _("The second place of work"), *_address("second", street=_("Street and number"), unit=True),
          when=in_several_places),
    _page("pay", "employment", _("Pay"),
          Money(name="pay_month", label=_("Gross pay a month"), hint=_("The base wage only, without allowances (DmfA code 1).")),
          Money(name="pay_year", label=_("Gross pay a year"), hint=_("With the guaranteed extras, such as the end-of-year bonus.")),
          LongText(name="pay_remark", label=_("Remark about the pay"), optional=True, longest=1000),
          check=_check_pay),
    _page("worker-name", "worker", _("Who is the worker?"),
          Text(name="worker_surname", label=_("Surname"), hint=_("As in the passport. Someone with one name only: type it here."), autocomplete="off"),
          Text(name="worker_given_names", label=_("Given names"), optional=True, autocomplete="off")),
    _page("passport-zone", "worker", _("The two lines at the foot of the passport"),
          Checked(name="passport_zone", label=_("Machine-readable zone"), reader=_canonical_zone, longest=200, optional=True, rows=4,
                  hint=_("Two lines of 44 characters under the photo. We fill in the next pages from them. You may leave this empty.")),
          by=_WORKER),
    _page("identity", "worker", _("Identity"),
          Text(name="surname", label=_("Surname"), hint=_("As in the passport, in any script.")),
          Text(name="given_names", label=_("Given names"), optional=True, hint=_("Leave empty if the passport shows one name only.")),
          Choice(name="sex", label=_("Sex, as in the passport"), choices=(("F", _("F"), ""), ("M", _("M"), ""), ("X", _("X"), ""))),
          Day(name="birth_date", label=_("Date of birth")), Text(name="birth_place", label=_("Place of birth")),
          Country(name="birth_country", label=_("Country of birth")),
          Country(name="nationality", label=_("Nationality"), refuse=dict.fromkeys(EEA_AND_SWITZERLAND, _NO_PERMIT)),
          by=_WORKER, prefill=_prefill_identity, check=_check_identity),
    _page("passport", "worker", _("Passport"),
          Checked(name="passport_number", label=_("Passport number"), reader=identifiers.travel_document_number, width=20),
          Country(name="passport_country", label=_("Issued by")), Day(name="passport_issued", label=_("Issued on")),
          Day(name="passport_expires", label=_("Valid until")),
          by=_WORKER, prefill=_prefill_passport, check=_check_passport),
    _page("register-number", "worker", _("National register number or BIS number"),
          Checked(name="national_number", label=_("Number"), reader=identifiers.national_or_bis_number, optional=True, width=20, inputmode="numeric",
                  show=identifiers.show_register_number,
                  hint=_("Only if the worker was in Belgium before. 11 digits, such as 90.02.01-123.45. Leave empty if there is none.")),
          by=_WORKER, seen_by=NOT_THE_EMPLOYER, check=_check_register_number),
    _page("residence", "worker", _("Where does the worker live now?"),
          Choice(name="residence_status", label=_("Situation today"), choices=(
              ("abroad", _("Abroad"), ""), ("short-stay", _("In Belgium for a short stay"), ""), ("long-stay", _("In Belgium with a residence permit"), ""))),
          Text(name="home_street", label=_("Street and number")), Text(name="home_city", label=_("Town or city, with postal code")),
          Country(name="home_country", label=_("Country")),
          Country(name="post_country", label=_("In which country will the worker apply for the visa?"), when=lives_abroad,
                  hint=_("At the Belgian embassy or consulate there.")),
          by=_WORKER, seen_by=NOT_THE_EMPLOYER),
    _page("education", "worker", _("Highest diploma"),
          Select(name="diploma_level", label=_("Level"), choices=_LEVELS), Text(name="diploma_field", label=_("Field of study")),
          Text(name="diploma_institution", label=_("School or university")), Country(name="diploma_country", label=_("Country")),
          Number(name="diploma_year", label=_("Year"), least=1940, most=2100, width=4, inputmode="numeric"), by=_WORKER),
    _page("worker-contact", "worker", _("How can the authorities reach the worker?"),
          Email(name="worker_email", label=_("E-mail address"), hint=_("The worker's own, not the employer's.")),
          Phone(name="worker_phone", label=_("Telephone"), optional=True),
          Choice(name="worker_language", label=_("Language for messages"), choices=_LANGUAGES),
          by=_WORKER, seen_by=NOT_THE_EMPLOYER),
)
