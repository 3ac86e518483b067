"""Pages of questions about a person that several procedures ask alike: who, travel document, home, contact, who speaks for a minor.

The names of these questions are the same in every procedure: the hand-over and the search for known persons read them.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from frontoffice.forms import identifiers
from frontoffice.forms.conditions import Condition, answer
from frontoffice.forms.fields import Checked, Choice, Countries, Country, Day, Email, Field, LongText, Option, PartialDay, Phone, Select, Text
from frontoffice.forms.form import Form, Values
from frontoffice.forms.nationality import nationality_of
from frontoffice.forms.partial_dates import read_partial, store_partial, youngest_possible
from frontoffice.forms.travel_document import MachineReadableZone, Typed, compare, read_zone
from frontoffice.forms.zones import CARDS, PASSPORTS
from frontoffice.kernel.errors import Problem
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.time import add_years, today
from frontoffice.procedures.places import MunicipalityName, PostalCode
from frontoffice.procedures.vocabulary import EVERYONE, Page

# The European Economic Area and Switzerland: nationals need no visa and no permit.
EEA_AND_SWITZERLAND = (
    "AUT", "BEL", "BGR", "HRV", "CYP", "CZE", "DNK", "EST", "FIN", "FRA", "DEU", "GRC", "HUN", "IRL", "ITA", "LVA", "LTU", "LUX", "MLT", "NLD", "POL",
    "PRT", "ROU", "SVK", "SVN", "ESP", "SWE", "ISL", "LIE", "NOR", "CHE",
)
_NO_VISA = _("Nationals of this country live in Belgium without a visa: no application is needed")

CIVIL_STATUS: tuple[Option, ...] = (
    ("single", _("Single"), ""), ("married", _("Married"), ""), ("partnership", _("Registered partnership"), ""), ("separated", _("Separated"), ""),
    ("divorced", _("Divorced"), ""), ("widowed", _("Widow or widower"), ""), ("other", _("Other"), ""),
)
DOCUMENT_TYPES: tuple[Option, ...] = (
    ("ordinary", _("Ordinary passport"), ""), ("diplomatic", _("Diplomatic passport"), ""), ("service", _("Service passport"), ""),
    ("official", _("Official passport"), ""), ("special", _("Special passport"), ""), ("refugee", _("Travel document for refugees (convention of 1951)"), ""),
    ("stateless", _("Travel document for stateless persons (convention of 1954)"), ""), ("alien", _("Alien's passport"), ""),
    ("laissez-passer", _("Laissez-passer"), ""), ("other", _("Another travel document"), ""),
)
SEXES: tuple[Option, ...] = (("F", _("F"), ""), ("M", _("M"), ""), ("X", _("X"), ""))
LANGUAGES: tuple[Option, ...] = (("nl", "Nederlands", ""), ("fr", "Français", ""), ("de", "Deutsch", ""), ("en", "English", ""))
PROCEDURE_LANGUAGES: tuple[Option, ...] = (*LANGUAGES[:3], ("none", _("No preference"), ""))

is_minor = answer("applicant_is_minor").is_("yes")


def page(code: str, section: str, title: str, *fields: Field, by: frozenset[str], seen_by: frozenset[str] = EVERYONE, **more: object) -> Page:
    """A page of questions; `check` compares its answers with each other and with those of other pages."""
    check = more.pop("check", None)
    return Page(code=code, section=section, title=title, by=by, seen_by=seen_by, form=Form(fields=fields, check=check), **more)  # type: ignore[arg-type]


def belgian_address(stem: str, *, street: str = _("Street and number"), when: Condition | None = None) -> tuple[Field, ...]:
    """Street, postal code and municipality of a place in Belgium: `stem`_street, `stem`_postal_code, `stem`_municipality."""
    return (
        Text(name=f"{stem}_street", label=street, autocomplete="street-address", when=when),
        PostalCode(name=f"{stem}_postal_code", label=_("Postal code"), when=when),
        MunicipalityName(name=f"{stem}_municipality", label=_("Municipality"), postal_code=f"{stem}_postal_code", when=when, optional=False,
                         hint=_("Leave empty if the postal code has only one municipality.")),
    )


def zone_page(section: str, *, by: frozenset[str], seen_by: frozenset[str] = EVERYONE) -> Page:
    """The machine-readable zone, from which the next pages are filled in."""
    return page(
        "passport-zone", section, _("The lines at the foot of the passport"),
        Checked(name="passport_zone", label=_("Machine-readable zone"), reader=canonical_zone, longest=200, optional=True, rows=4,
                hint=_("Two lines of 44 characters under the photo; three lines of 30 on a card. We fill in the next pages from them. "
                       "You may leave this empty.")),
        by=by, seen_by=seen_by)


def identity_pages(section: str, *, by: frozenset[str], seen_by: frozenset[str] = EVERYONE, refuse_eea: bool = True) -> tuple[Page, ...]:
    """Names in every form, birth (day or month may be unknown), nationalities, sex, civil status."""
    refused = dict.fromkeys(EEA_AND_SWITZERLAND, _NO_VISA) if refuse_eea else {}
    return (
        page("identity", section, _("Name, as in the passport"),
             Text(name="surname", label=_("Surname"), hint=_("As in the passport, in any script. Someone with one name only: type it here.")),
             Text(name="given_names", label=_("Given names"), optional=True, hint=_("Leave empty if the passport shows one name only.")),
             Text(name="birth_surname", label=_("Surname at birth"), optional=True, hint=_("Only if it is another one.")),
             Text(name="former_names", label=_("Former names"), optional=True),
             Text(name="usage_name", label=_("Name used every day"), optional=True, hint=_("Only if the passport shows another one.")),
             by=by, seen_by=seen_by, prefill=prefill_identity, check=check_names),
        page("birth", section, _("Birth and nationality"),
             PartialDay(name="birth_date", label=_("Date of birth")),
             Text(name="birth_place", label=_("Place of birth")), Country(name="birth_country", label=_("Country of birth")),
             Choice(name="sex", label=_("Sex, as in the passport"), choices=SEXES),
             Country(name="nationality", label=_("Nationality"), special=True, refuse=refused),
             Country(name="birth_nationality", label=_("Nationality at birth"), special=True, optional=True, hint=_("Only if it is another one.")),
             Countries(name="other_nationalities", label=_("Other nationalities"), optional=True),
             Select(name="civil_status", label=_("Civil status"), choices=CIVIL_STATUS),
             Text(name="civil_status_other", label=_("Which civil status?"), when=answer("civil_status").is_("other")),
             by=by, seen_by=seen_by, prefill=prefill_birth, check=check_birth),
    )


def document_page(section: str, *, by: frozenset[str], seen_by: frozenset[str] = EVERYONE, check: object = None) -> Page:
    """The travel document, compared with its zone; `check` adds what the procedure wants of it."""
    def both(values: Values, others: Values) -> Sequence[Problem]:
        found = list(check_document(values, others))
        return [*found, *(check(values, others) if callable(check) and not found else [])]
    return page(
        "passport", section, _("Travel document"),
        Select(name="document_type", label=_("Kind of travel document"), choices=DOCUMENT_TYPES),
        Text(name="document_type_other", label=_("Which travel document?"), when=answer("document_type").is_("other")),
        Checked(name="passport_number", label=_("Number of the travel document"), reader=identifiers.travel_document_number, width=20),
        Country(name="passport_country", label=_("Issued by"), special=True), Day(name="passport_issued", label=_("Issued on")),
        Day(name="passport_expires", label=_("Valid until")),
        Checked(name="national_number", label=_("National register number or BIS number"), reader=identifiers.national_or_bis_number, optional=True, width=20,
                inputmode="numeric", show=identifiers.show_register_number, hint=_("Only if you were registered in Belgium before.")),
        by=by, seen_by=seen_by, prefill=prefill_document, check=both)


def home_page(section: str, *, by: frozenset[str], seen_by: frozenset[str] = EVERYONE) -> Page:
    """Where the person lives now and how he or she can be reached."""
    return page(
        "home", section, _("Where do you live now, and how can we reach you?"),
        Text(name="home_street", label=_("Street and number"), autocomplete="street-address"),
        Text(name="home_city", label=_("Town or city, with postal code")), Country(name="home_country", label=_("Country")),
        Email(name="person_email", label=_("E-mail address")),
        Phone(name="person_phone", label=_("Telephone"), hint=_("With the country code, such as +32 3 210 12 34.")),
        by=by, seen_by=seen_by)


def guardian_page(section: str, *, by: frozenset[str], seen_by: frozenset[str] = EVERYONE) -> Page:
    """Who holds parental authority over a minor."""
    return page(
        "guardian", section, _("Who has parental authority?"),
        Choice(name="guardian_kind", label=_("Who signs for the minor?"), choices=(("parent", _("A parent"), ""), ("guardian", _("A guardian"), ""))),
        Text(name="guardian_surname", label=_("Surname")), Text(name="guardian_given_names", label=_("Given names"), optional=True),
        LongText(name="guardian_address", label=_("Address, if it is another one"), optional=True, longest=500),
        Phone(name="guardian_phone", label=_("Telephone")), Email(name="guardian_email", label=_("E-mail address")),
        Country(name="guardian_nationality", label=_("Nationality"), special=True), by=by, seen_by=seen_by, when=is_minor)


def person_facts(values: Values, today: date) -> dict[str, str]:
    """Facts that follow from a person's answers: the day, and whether he or she is a minor, read in favour of the minor."""
    facts = {"today": today.isoformat()}
    if born := values.get("birth_date"):
        facts["applicant_is_minor"] = "yes" if age_at_most(born, today) < 18 else "no"
    return facts


PERSON_FACTS = frozenset({"today", "applicant_is_minor"})


def age_at_most(born: str, day: date) -> int:
    """The age in whole years if the unknown parts of a birth date are read as late as they can be: the youngest it may be."""
    latest = youngest_possible(read_partial(born)) or day
    years = day.year - latest.year
    return years if add_years(latest, years) <= day else years - 1


def canonical_zone(text: str) -> str:
    """The lines of a zone, one under the other; raises Wrong when they are no zone or a check digit is wrong."""
    read_zone(text, today(), PASSPORTS | CARDS)
    joined = "".join(text.split()).upper()
    width = {88: 44, 72: 36, 90: 30}[len(joined)]
    return "\n".join(joined[start:start + width] for start in range(0, len(joined), width))


def zone_of(values: Values) -> MachineReadableZone | None:
    """The zone of the travel document, if it was typed; it was proved when it was saved."""
    return read_zone(values["passport_zone"], today(), PASSPORTS | CARDS) if values.get("passport_zone") else None


def prefill_identity(values: Values) -> Mapping[str, str]:
    """The names of the zone."""
    zone = zone_of(values)
    return {"surname": zone.surname, "given_names": zone.given_names} if zone else {}


def prefill_birth(values: Values) -> Mapping[str, str]:
    """Birth date, sex and nationality of the zone."""
    zone = zone_of(values)
    if zone is None:
        return {}
    born = zone.birth_date
    return {"birth_date": store_partial(born) if born.year else "", "sex": zone.sex, "nationality": nationality_of(zone.nationality)}


def prefill_document(values: Values) -> Mapping[str, str]:
    """Number, state and last day of the zone."""
    zone = zone_of(values)
    if zone is None:
        return {}
    return {"passport_number": zone.number, "passport_country": nationality_of(zone.issuing_state), "passport_expires": zone.expiry.isoformat()}


def differences(zone: MachineReadableZone, names: Mapping[str, str], typed: Typed) -> list[Problem]:
    """Where typed answers differ from the zone; `names` gives our question for each part of the passport."""
    return [Problem(names[one.field], one.message, one.params) for one in compare(zone, typed)]


def check_names(values: Values, others: Values) -> Sequence[Problem]:
    """The names against the zone."""
    zone = zone_of(others)
    if zone is None:
        return []
    typed = Typed(surname=values["surname"], given_names=values.get("given_names", ""))
    return differences(zone, {"surname": "surname", "given_names": "given_names"}, typed)


def check_birth(values: Values, others: Values) -> Sequence[Problem]:
    """A birth date that can be, and that is the one of the zone."""
    born, day = read_partial(values["birth_date"]), date.fromisoformat(others["today"])
    if not day.year - 120 < (born.year or 0) <= day.year or (born.whole() or day) > day:
        return [Problem("birth_date", _("This birth date cannot be right: check the year"))]
    zone = zone_of(others)
    if zone is None:
        return []
    return differences(zone, {"birth_date": "birth_date"}, Typed(birth_date=born))


def check_document(values: Values, others: Values) -> Sequence[Problem]:
    """Dates of the travel document in the right order, and what its zone says."""
    issued, expires = date.fromisoformat(values["passport_issued"]), date.fromisoformat(values["passport_expires"])
    problems = []
    if issued > date.fromisoformat(others["today"]):
        problems.append(Problem("passport_issued", _("This day has not come yet: check the date")))
    if expires <= issued:
        problems.append(Problem("passport_expires", _("The passport ends after the day on which it was issued: check both dates")))
    number, born = values.get("national_number"), others.get("birth_date")
    if number and born and not identifiers.birth_of(number).agrees_with(read_partial(born)):
        problems.append(Problem("national_number", _("This number holds another birth date than the one given: check both")))
    zone = zone_of(others)
    if zone is not None:
        typed = Typed(number=values["passport_number"], expiry=expires)
        problems.extend(differences(zone, {"number": "passport_number", "expiry": "passport_expires"}, typed))
    return problems
