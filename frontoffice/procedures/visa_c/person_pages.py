"""The pages about the applicant: family of an EU citizen, identity, travel document, home, work (items 1 to 22 of the harmonised form)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from frontoffice.forms.conditions import answer
from frontoffice.forms.fields import Choice, Country, Day, Field, LongText, Phone, Select, Text, YesNo
from frontoffice.forms.form import Check, Values
from frontoffice.kernel.errors import Problem
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.time import add_years
from frontoffice.procedures.choices import Occupation
from frontoffice.procedures.figures import Figures
from frontoffice.procedures.shared.questions import (
    EEA_AND_SWITZERLAND,
    PROCEDURE_LANGUAGES,
    document_page,
    guardian_page,
    home_page,
    identity_pages,
    page,
    zone_page,
)
from frontoffice.procedures.vocabulary import Page, Role

APPLICANT = frozenset({Role.APPLICANT})
# A guarantor, an employer or a municipality has no business here; refusals and what they rest on are the applicant's alone.
READERS = frozenset({Role.APPLICANT, Role.DIPLOMATIC_POST, Role.IMMIGRATION_OFFICE})

is_family = answer("eu_family").is_("yes")
_works = answer("activity").is_in("employed", "self-employed")
_has_place = answer("activity").is_in("employed", "self-employed", "student")
_lives_elsewhere = answer("lives_elsewhere").is_("yes")

_RELATIONS = (
    ("spouse", _("Spouse"), ""), ("child", _("Child"), ""), ("grandchild", _("Grandchild"), ""), ("ascendant", _("Dependent parent or grandparent"), ""),
    ("partner", _("Registered partner"), ""), ("other", _("Other"), ""),
)
_ACTIVITIES = (
    ("employed", _("Employed"), ""), ("self-employed", _("Self-employed"), ""), ("student", _("Pupil or student"), ""), ("retired", _("Retired"), ""),
    ("none", _("No occupation"), ""),
)
_ITEMS = {
    "surname": "1", "birth_surname": "2", "former_names": "2", "given_names": "3", "birth_date": "4", "birth_place": "5", "birth_country": "6",
    "nationality": "7", "birth_nationality": "7", "other_nationalities": "7", "sex": "8", "civil_status": "9", "civil_status_other": "9",
    "guardian_kind": "10", "guardian_surname": "10", "guardian_given_names": "10", "guardian_address": "10", "guardian_phone": "10", "guardian_email": "10",
    "guardian_nationality": "10", "document_type": "12", "document_type_other": "12", "passport_number": "13", "passport_issued": "14",
    "passport_expires": "15", "passport_country": "16", "home_street": "19", "home_city": "19", "home_country": "19", "person_email": "19",
    "person_phone": "19",
}


def _numbered(shared: Page, *more: Field, check: Check | None = None) -> Page:
    """A page that procedures share, with the numbers of the form and what this form asks besides."""
    fields = tuple(replace(one, item=_ITEMS.get(one.name, "")) for one in shared.form.fields)
    inner = shared.form.check

    def both(values: Values, others: Values) -> Sequence[Problem]:
        found = list(inner(values, others)) if inner else []
        return found or (check(values, others) if check else [])
    return replace(shared, form=replace(shared.form, fields=(*fields, *more), check=both))


def check_nationalities(values: Values, others: Values) -> Sequence[Problem]:
    """Who is also a citizen of the European Economic Area or of Switzerland needs no visa."""
    if set(values.get("other_nationalities", "").split()) & set(EEA_AND_SWITZERLAND):
        return [Problem("other_nationalities", _("Nationals of this country live in Belgium without a visa: no application is needed"))]
    return []


def check_passport(values: Values, others: Values) -> Sequence[Problem]:
    """The travel document must have been issued in the last years; family of EU citizens only needs a valid one."""
    today, issued = date.fromisoformat(others["today"]), date.fromisoformat(values["passport_issued"])
    age = Figures.at(today).get("visa-c-passport-age").count
    if add_years(issued, age) < today and others.get("eu_family") != "yes":
        return [Problem("passport_issued", _("The travel document was issued more than %(years)s years ago: ask for a new one before you apply"), {"years": age})]
    return []


def _check_citizen(values: Values, others: Values) -> Sequence[Problem]:
    if values["eu_citizen_nationality"] not in (*EEA_AND_SWITZERLAND, "GBR"):
        return [Problem("eu_citizen_nationality", _("This is not a country of the European Economic Area, Switzerland or the United Kingdom. "
                                                    "If the nationality is right, answer no on the page before"))]
    return []


_names, _birth = identity_pages("person", by=APPLICANT, seen_by=READERS)

PAGES: tuple[Page, ...] = (
    page("family-member", "start", _("Family of an EU citizen"),
         YesNo(name="eu_family", item="17", label=_("Are you a family member of an EU citizen who uses the right of free movement?"), hint=_(
             "A citizen of the European Union, Iceland, Liechtenstein, Norway or Switzerland who lives in or travels to another of these countries, or a British "
             "citizen protected by the Withdrawal Agreement. Then you pay nothing and answer fewer questions.")),
         Choice(name="procedure_language", label=_("In which language do you want the decision?"), choices=PROCEDURE_LANGUAGES),
         by=APPLICANT, seen_by=READERS),
    page("eu-citizen", "start", _("The EU citizen of your family"),
         Text(name="eu_citizen_surname", label=_("Surname"), item="17"), Text(name="eu_citizen_given_names", label=_("Given names"), optional=True, item="17"),
         Day(name="eu_citizen_birth_date", label=_("Date of birth"), item="17"), Country(name="eu_citizen_nationality", label=_("Nationality"), item="17"),
         Text(name="eu_citizen_document", label=_("Number of the passport or identity card"), longest=40, item="17"),
         Select(name="eu_relation", label=_("You are this person's …"), read_as=_("Relationship"), choices=_RELATIONS, item="18"),
         Text(name="eu_relation_other", label=_("Which relationship?"), when=answer("eu_relation").is_("other"), item="18"),
         by=APPLICANT, seen_by=READERS, when=is_family, check=_check_citizen),
    zone_page("person", by=APPLICANT, seen_by=READERS),
    _numbered(_names),
    _numbered(_birth, check=check_nationalities),
    _numbered(guardian_page("person", by=APPLICANT, seen_by=READERS)),
    _numbered(document_page("person", by=APPLICANT, seen_by=READERS),
              Text(name="home_identity_number", label=_("National identity number of your own country"), optional=True, longest=40, item="11"),
              check=check_passport),
    _numbered(home_page("person", by=APPLICANT, seen_by=READERS)),
    page("residence", "person", _("Residence outside your own country"),
         YesNo(name="lives_elsewhere", label=_("Do you live in a country other than that of your nationality?"), item="20"),
         Text(name="residence_permit_kind", label=_("Residence permit or equivalent"), when=_lives_elsewhere, item="20"),
         Text(name="residence_permit_number", label=_("Number of the residence permit"), longest=40, when=_lives_elsewhere, item="20"),
         Day(name="residence_permit_until", label=_("Valid until"), read_as=_("Residence permit valid until"), optional=True, when=_lives_elsewhere, item="20",
             hint=_("Leave empty if it has no end date.")),
         by=APPLICANT, seen_by=READERS),
    page("occupation", "person", _("Work or study"),
         Choice(name="activity", label=_("What do you do now?"), choices=_ACTIVITIES, item="21"),
         Text(name="occupation_text", label=_("Current occupation"), hint=_("In your own words."), longest=120, when=_works, item="21"),
         Occupation(name="isco", label=_("The occupation that comes closest"), optional=True, when=_works, item="21"),
         Text(name="work_name", label=_("Name of the employer, of your business or of the school"), when=_has_place, item="22"),
         LongText(name="work_address", label=_("Address"), longest=500, when=_has_place, item="22"),
         Phone(name="work_phone", label=_("Telephone"), optional=True, when=_has_place, item="22"),
         by=APPLICANT, seen_by=READERS, when=~is_family),
)
