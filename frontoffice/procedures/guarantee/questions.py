"""Questions that both commitments ask of the guarantor: home, identity, right of residence, household, income, what is promised."""

from collections.abc import Sequence
from datetime import date

from frontoffice.forms import identifiers
from frontoffice.forms.conditions import answer
from frontoffice.forms.fields import (
    Agreement,
    Checked,
    Choice,
    Choices,
    Country,
    Day,
    Email,
    Field,
    LongText,
    Money,
    Number,
    Option,
    PartialDay,
    Phone,
    Select,
    Text,
    YesNo,
)
from frontoffice.forms.form import Check, Values
from frontoffice.forms.identifiers import PartialDate
from frontoffice.kernel.errors import Problem
from frontoffice.kernel.i18n import mark as _
from frontoffice.procedures.guarantee.cards import CARDS
from frontoffice.procedures.shared.questions import CIVIL_STATUS, EEA_AND_SWITZERLAND, SEXES, belgian_address, check_birth, page
from frontoffice.procedures.shared.steps import GUARANTOR
from frontoffice.procedures.vocabulary import Page, Role

# The visitor or student is nobody in this dossier: what the guarantor earns and owes is for the authorities alone.
SEEN_BY = frozenset({Role.GUARANTOR, Role.MUNICIPALITY, Role.IMMIGRATION_OFFICE, Role.DIPLOMATIC_POST})

in_belgium = answer("lives_in_belgium").is_("yes")
is_abroad = answer("lives_in_belgium").is_("no")
is_belgian = answer("nationality").is_("BEL")
is_civil_status_other = answer("civil_status").is_("other")
has_employer = answer("income_source").holds("employment")

INCOME_SOURCES: tuple[Option, ...] = (
    ("employment", _("Work as an employee or civil servant"), ""), ("self-employed", _("Work as a self-employed person"), ""), ("pension", _("Pension"), ""),
    ("unemployment", _("Unemployment benefit"), ""), ("invalidity", _("Sickness or invalidity benefit"), ""), ("rent", _("Rent that you receive"), ""),
    ("social-aid", _("Living wage or other social aid"), _("It does not count.")), ("other", _("Other income"), ""),
)
RELATIVES: tuple[Option, ...] = (
    ("partner", _("Spouse or partner"), ""), ("parent", _("Father or mother"), ""), ("child", _("Son or daughter"), ""), ("sibling", _("Brother or sister"), ""),
    ("other-relative", _("Another relative"), ""),
)
RELATIONS: tuple[Option, ...] = (*RELATIVES, ("friend", _("Friend or acquaintance"), ""), ("other", _("Someone else"), ""))
is_relative = answer("relation").is_in(*(code for code, _label, _hint in RELATIVES))

_ABROAD = _("Who signs for a short stay has the main residence in Belgium. From abroad this commitment cannot be made, not by a Belgian either")
_TOO_YOUNG = _("A guarantor is at least 18 years old")
NO_COMMITMENT = _("Nationals of this country need no visa: no commitment is asked for them")


def mine(code: str, title: str, *fields: Field, section: str = "guarantor", check: Check | None = None, **more: object) -> Page:
    """A page that the guarantor fills in and only the authorities read."""
    return page(code, section, title, *fields, by=GUARANTOR, seen_by=SEEN_BY, check=check, **more)


def home(*more: Field, check: Check | None = None) -> Page:
    """Where the guarantor lives, which decides who legalises the signature, and how to reach him or her."""
    return mine(
        "home", _("Where do you live, and how can we reach you?"),
        YesNo(name="lives_in_belgium", label=_("Is your main residence in Belgium?")), *belgian_address("home", when=in_belgium), *more,
        Email(name="person_email", label=_("E-mail address")), Phone(name="person_phone", label=_("Telephone"), hint=_("With the country code, such as +32 3 210 12 34.")),
        check=check)


def check_home_is_belgian(values: Values, _others: Values) -> Sequence[Problem]:
    """Annex 3bis: the guarantor has the main residence in Belgium."""
    return [Problem("lives_in_belgium", _ABROAD)] if values["lives_in_belgium"] == "no" else []


def identity(*more: Field, check: Check) -> Page:
    """Who the guarantor is; the register number is asked of everyone who lives in Belgium."""
    return mine(
        "identity", _("Who are you?"),
        Text(name="surname", label=_("Surname"), hint=_("As on your identity card.")), Text(name="given_names", label=_("Given names"), optional=True),
        PartialDay(name="birth_date", label=_("Date of birth")), Text(name="birth_place", label=_("Place of birth")),
        Country(name="nationality", label=_("Nationality"), special=True),
        Checked(name="national_number", label=_("National register number"), reader=identifiers.national_number, width=20, inputmode="numeric",
                show=identifiers.show_register_number, hint=_("On the back of your card. 11 digits, such as 85.07.30-033.28."), when=in_belgium),
        *more,
        Select(name="civil_status", label=_("Civil status"), choices=CIVIL_STATUS),
        Text(name="civil_status_other", label=_("Which civil status?"), when=is_civil_status_other),
        check=check)


def check_identity(values: Values, others: Values) -> list[Problem]:
    """A birth date that can be, and that is the one in the register number."""
    found = list(check_birth(values, others))
    number = values.get("national_number")
    if number and not found and not identifiers.birth_of(number).agrees_with(partial(values["birth_date"])):
        found.append(Problem("national_number", _("This number holds another birth date than the one given: check both")))
    return found


def check_adult(values: Values, others: Values) -> Sequence[Problem]:
    """The same, of someone who may be 18."""
    found = check_identity(values, others)
    if not found and age_at_least(values["birth_date"], date.fromisoformat(others["today"])) < 18:
        found.append(Problem("birth_date", _TOO_YOUNG))
    return found


def partial(text: str) -> PartialDate:
    """A stored birth date whose unknown parts are zero."""
    year, month, number = (int(part) for part in text.split("-"))
    return PartialDate(year or None, month or None, number or None)


def age_at_least(born: str, day: date) -> int:
    """The age in whole years if the unknown parts of the birth date are read as early as they can be: the oldest it may be."""
    known = partial(born)
    birthday = (known.month or 1, known.day or 1)
    return day.year - (known.year or 1) - (1 if (day.month, day.day) < birthday else 0)


def residence(*before: Field, check: Check) -> Page:
    """By what right the guarantor lives in Belgium."""
    only = {card.code: is_belgian if card.code == "belgian" else ~is_belgian for card in CARDS}
    return mine(
        "residence-right", _("Your right of residence"), *before,
        Select(name="card_type", label=_("Your card or document"), read_as=_("Card or document"), choices=tuple((card.code, card.title, "") for card in CARDS), only=only, when=in_belgium),
        Text(name="card_number", label=_("Number of the card"), longest=30, when=in_belgium),
        Day(name="card_expires", label=_("Card valid until"), optional=True, hint=_("Leave empty if the card shows no date."), when=in_belgium), check=check)


def household() -> Page:
    """With whom the guarantor lives, and what he or she does."""
    return mine(
        "household", _("Your household and your work"),
        Number(name="household_size", label=_("How many people live in your household, you included?"), read_as=_("People in the household"), least=1, most=40, width=4, inputmode="numeric"),
        Number(name="dependants", label=_("How many of them live on your income?"), read_as=_("People who live on this income"), hint=_("Without yourself."), least=0, most=40, width=4, inputmode="numeric"),
        Text(name="profession", label=_("Profession"), optional=True), check=_check_household)


def _check_household(values: Values, _others: Values) -> Sequence[Problem]:
    if int(values["dependants"]) >= int(values["household_size"]):
        return [Problem("dependants", _("This is more than the others in your household: check both numbers"))]
    return []


def income(*more: Field, already: str) -> Page:
    """What the guarantor earns, from what, in which months, and how many others count on it: `already` asks for these."""
    return mine(
        "income", _("Your income"),
        Choices(name="income_source", label=_("Where does your income come from?"), read_as=_("Source of income"), choices=INCOME_SOURCES),
        Text(name="income_employer", label=_("Name of your employer"), when=has_employer),
        Money(name="net_monthly_income", label=_("Net income a month"), hint=_("Yours alone, on average, as your proofs show it. Leave social aid out.")),
        Day(name="income_from", label=_("First day of the period that your proofs show")), Day(name="income_until", label=_("Last day of that period")),
        *more,
        Number(name="other_commitments", label=already, read_as=_("Other active commitments, as declared"), least=0, most=200, width=4, inputmode="numeric",
               hint=_("Filed or accepted ones that were not replaced and have not ended. Type 0 if there are none.")),
        intro=_("Only the authorities read this page. Your guest never sees it."), check=_check_income)


def _check_income(values: Values, others: Values) -> Sequence[Problem]:
    found = []
    if values["income_source"] == "social-aid":
        found.append(Problem("income_source", _("Social aid does not count as income of a guarantor: someone with other income must sign")))
    if values["income_until"] <= values["income_from"]:
        found.append(Problem("income_until", _("The period ends after it begins: check both dates")))
    elif values["income_until"] > others["today"]:
        found.append(Problem("income_until", _("This day has not come yet: check the date")))
    return found


def guest(code: str, title: str, relation: str) -> Page:
    """Who comes: names, birth, nationality, address; `relation` asks how the person is related to the guarantor."""
    return mine(
        code, title,
        Text(name="beneficiary_surname", label=_("Surname"), hint=_("As in the passport, in any script. Someone with one name only: type it here.")),
        Text(name="beneficiary_given_names", label=_("Given names"), optional=True, hint=_("Leave empty if the passport shows one name only.")),
        PartialDay(name="beneficiary_birth_date", label=_("Date of birth")), Text(name="beneficiary_birth_place", label=_("Place of birth")),
        Choice(name="beneficiary_sex", label=_("Sex, as in the passport"), choices=SEXES),
        Country(name="beneficiary_nationality", label=_("Nationality"), special=True, refuse=dict.fromkeys(EEA_AND_SWITZERLAND, NO_COMMITMENT)),
        LongText(name="beneficiary_address", label=_("Address"), longest=500), Country(name="beneficiary_country", label=_("Country of residence")),
        Select(name="relation", label=relation, read_as=_("Relation to the guarantor"), choices=RELATIONS),
        section="guest", check=_check_guest)


def _check_guest(values: Values, others: Values) -> Sequence[Problem]:
    born = {"birth_date": values["beneficiary_birth_date"]}
    found = [Problem("beneficiary_birth_date", one.message) for one in check_birth(born, {"today": others["today"]})]
    if others.get("guarantor_status") == "relative" and not is_relative.holds(values):
        found.append(Problem("relation", _("You said that you are a relative: check this answer")))
    return found


def guest_passport(code: str, title: str) -> Page:
    """The travel document, by which the register knows the person; and the commitment that this one takes the place of."""
    return mine(
        code, title,
        Checked(name="beneficiary_passport", label=_("Passport number"), reader=identifiers.travel_document_number, width=20),
        Country(name="beneficiary_passport_country", label=_("Issued by"), special=True), Day(name="beneficiary_passport_expires", label=_("Valid until")),
        Checked(name="replaces", label=_("Number of the commitment that this one replaces"), reader=identifiers.read_dossier_number, optional=True, width=24,
                hint=_("Only if someone has signed for the same person before. The earlier commitment holds until this one is accepted.")),
        section="guest", check=_check_guest_passport)


def _check_guest_passport(values: Values, others: Values) -> Sequence[Problem]:
    if values["beneficiary_passport_expires"] < others["today"]:
        return [Problem("beneficiary_passport_expires", _("This passport has ended: the commitment needs the number of a valid one"))]
    return []


def promises(*texts: tuple[str, str]) -> Page:
    """What the guarantor takes upon him or her: (name, msgid) of each promise."""
    return mine("promises", _("What you promise"), *(Agreement(name=name, label=text) for name, text in texts), section="stay",
                intro=_("You sign in person at the counter, before the officer who checks your identity. Nothing is signed here."))
