"""Annex 32: the commitment of a guarantor, in Belgium or abroad, for a student or a graduate in the search year."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from frontoffice.forms import identifiers
from frontoffice.forms.conditions import answer
from frontoffice.forms.fields import Checked, Choice, Country, Day, Number, Option, Select, Text, YesNo
from frontoffice.forms.form import Values
from frontoffice.kernel.errors import Problem
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.message import Message
from frontoffice.procedures.choices import Post
from frontoffice.procedures.competence import Competence, Outcome
from frontoffice.procedures.figures import Figures
from frontoffice.procedures.guarantee import short_stay
from frontoffice.procedures.guarantee.cards import LIMITED
from frontoffice.procedures.guarantee.life import life
from frontoffice.procedures.guarantee.means import Required, enough, for_students
from frontoffice.procedures.guarantee.papers import ADVICE, CHARGE, KEY_FACTS, MILESTONES, VALIDITY_CLOCK, documents, paper
from frontoffice.procedures.guarantee.questions import (
    age_at_least,
    check_identity,
    guest,
    guest_passport,
    home,
    household,
    identity,
    income,
    is_abroad,
    is_belgian,
    mine,
    promises,
    residence,
)
from frontoffice.procedures.guarantee.remarks import about_card, about_income, about_passport
from frontoffice.procedures.shared.questions import EEA_AND_SWITZERLAND
from frontoffice.procedures.shared.steps import GUARANTOR, OFFICE, POST, TOWN
from frontoffice.procedures.vocabulary import Advice, KeyFact, Procedure, Remark, Role, Rule

OFFICE_PAGE = "Immigration Office, annex 32 page"
STATUSES: tuple[Option, ...] = (
    ("belgian", _("Belgian"), ""), ("eu-citizen", _("Citizen of the European Union who may stay longer than three months in Belgium or another Member State"), ""),
    ("unlimited", _("Right of residence without end in Belgium or another Member State"), ""),
    ("relative", _("Relative of the student up to the third degree"), _("Parents, children, grandparents, brothers and sisters, uncles and aunts: acts must prove it.")),
    ("none", _("None of these"), ""),
)
COVERS: tuple[Option, ...] = (("year", _("One academic year"), ""), ("cycle", _("The whole study cycle"), ""), ("search-year", _("The search year after the studies"), ""))
YEARS: tuple[Option, ...] = tuple((f"{year}-{(year + 1) % 100:02}", f"{year}-{year + 1}", "") for year in range(2025, 2031))
CYCLES: tuple[Option, ...] = (
    ("preparatory", _("Preparatory year"), ""), ("bachelor", _("Bachelor"), ""), ("master", _("Master"), ""), ("doctorate", _("Doctorate"), ""), ("other", _("Another programme"), ""),
)
_is_citizen = answer("nationality").is_in(*(code for code in EEA_AND_SWITZERLAND if code != "BEL"))
_is_minor = answer("guarantor_is_minor").is_("yes")
_is_relative_only = answer("guarantor_status").is_("relative")
_studies = answer("covers").is_in("year", "cycle")
_other_country = answer("solvency_mention").is_("needed")

_NOT_A_GUARANTOR = _("A guarantor is Belgian, a citizen of the European Union, someone with a right of residence without end, or a relative up to the third degree")
_LIMITED_CARD = _("An A or H card is not a right of residence without end: choose another answer, or another guarantor")


def _check_home(values: Values, _others: Values) -> Sequence[Problem]:
    if values.get("abroad_country") == "BEL":
        return [Problem("abroad_country", _("You said that you live abroad: check the country"))]
    return []


def _check_residence(values: Values, _others: Values) -> Sequence[Problem]:
    found = []
    if values.get("emancipated") == "no":
        found.append(Problem("emancipated", _("A guarantor is at least 18 years old, or emancipated")))
    if values["guarantor_status"] == "none":
        found.append(Problem("guarantor_status", _NOT_A_GUARANTOR))
    if values["guarantor_status"] == "unlimited" and values.get("card_type") in LIMITED:
        found.append(Problem("card_type", _LIMITED_CARD))
    return found


def _check_studies(values: Values, others: Values) -> Sequence[Problem]:
    if values["stay_until"] <= values["stay_from"]:
        return [Problem("stay_until", _("The stay ends after it begins: check both dates"))]
    return [Problem("stay_until", _("This stay is over: check both dates"))] if values["stay_until"] < others["today"] else []


PAGES = (
    home(Text(name="abroad_street", label=_("Street and number"), autocomplete="street-address", when=is_abroad),
         Text(name="abroad_city", label=_("Town or city, with postal code"), when=is_abroad), Country(name="abroad_country", label=_("Country"), when=is_abroad),
         Post(name="guarantor_post", label=_("Belgian embassy or consulate for the country where you live"), when=is_abroad,
              hint=_("You sign there in person. It also looks whether your income is enough.")), check=_check_home),
    identity(Checked(name="passport_number", label=_("Number of your passport or identity card"), reader=identifiers.travel_document_number, width=20, when=is_abroad),
             Country(name="passport_country", label=_("Issued by"), special=True, when=is_abroad), check=check_identity),
    residence(YesNo(name="emancipated", label=_("Were you declared of age (emancipated)?"), when=_is_minor),
              Select(name="guarantor_status", label=_("What allows you to be a guarantor?"), choices=STATUSES,
                     only={"belgian": is_belgian, "eu-citizen": _is_citizen, "unlimited": ~is_belgian}), check=_check_residence),
    household(),
    income(Text(name="income_currency", label=_("Currency of your income"), longest=40, optional=True, when=is_abroad,
                hint=_("If it is not the euro. Give the amount above in euro.")),
           Number(name="income_rate", label=_("How much of it is one euro?"), decimals=4, optional=True, width=10, when=is_abroad),
           already=_("For how many other students are you a guarantor now?")),
    guest("student", _("Who comes to study?"), _("Who is the student to you?")),
    guest_passport("student-passport", _("The passport of the student")),
    mine("studies", _("The studies"),
         Choice(name="covers", label=_("What does the commitment cover?"), read_as=_("Covers"), choices=COVERS),
         Select(name="academic_year", label=_("Academic year"), choices=YEARS, hint=_("The first one, if you sign for several years.")),
         Text(name="institution", label=_("School or university")), Text(name="programme", label=_("Programme"), when=_studies),
         Choice(name="study_cycle", label=_("Study cycle"), choices=CYCLES, when=_studies),
         Day(name="stay_from", label=_("First day of the stay")), Day(name="stay_until", label=_("Last day of the stay")), section="stay", check=_check_studies),
    promises(("promise_costs", _("I pay the costs of health care, stay and return of the student when the student does not, and those of the studies where annex 32 says so.")),
             ("promise_period", _("I know for which academic year, study cycle or search year I sign.")),
             ("promise_truth", _("I declare that what I answered is true and complete."))),
)


DOCUMENTS = documents(
    paper("residence-permit", _("Residence permit in another Member State"), when=is_abroad & answer("guarantor_status").is_in("eu-citizen", "unlimited"),
          source=OFFICE_PAGE, confidence="O"),
    paper("enrolment", _("Proof of enrolment of the student"), required=False, source="Not asked by a source: it shows the programme and the year", confidence="U"),
    kinship_required=_is_relative_only,
)
ASKED = tuple((one.code, one.title, "") for one in DOCUMENTS)


def competent(values: Values) -> Outcome | None:
    """The municipality of a guarantor in Belgium; abroad the Belgian post of the country where the guarantor lives."""
    if values.get("lives_in_belgium") != "no":
        return short_stay.competent(values)
    if not values.get("abroad_country"):
        return None
    text = _("A guarantor who lives abroad signs at the Belgian embassy or consulate of that country, which also judges the solvency.")
    return Competence(authority="diplomatic-post", role=Role.DIPLOMATIC_POST, rows=(2,), reason=Message(text), source=OFFICE_PAGE, confidence="O")


def derive(values: Values, today: date) -> Mapping[str, str]:
    """The day, whether the guarantor is surely a minor, and whether the post must write "sufficient solvency" on the form."""
    facts = {"today": today.isoformat()}
    if values.get("birth_date"):
        facts["guarantor_is_minor"] = "yes" if age_at_least(values["birth_date"], today) < 18 else "no"
    if values.get("lives_in_belgium") == "no" and values.get("abroad_country") and values.get("beneficiary_country"):
        facts["solvency_mention"] = "needed" if values["abroad_country"] != values["beneficiary_country"] else "not-needed"
    return facts


def proves(values: Values, solvency: str) -> bool:
    """Whether the commitment proves anything: from another country than the student's, only with the mention of the post."""
    return derive(values, date.min).get("solvency_mention") != "needed" or solvency == "yes"


def required(values: Values, day: date) -> Required | None:
    """The income for this student and the others that the guarantor names; None until the year is known or when it has no amount."""
    year = values.get("academic_year", "")
    return for_students(int(values.get("other_commitments") or 0) + 1, year, Figures.at(day)) if year else None


def remarks(values: Values, day: date) -> list[Remark]:
    """Income, card, passport and dates as the figures of the day see them, and the mention that a post abroad must write."""
    until = values.get("stay_until", "")
    known = values if values.get("academic_year") else {name: text for name, text in values.items() if name != "net_monthly_income"}
    found = [*about_income(known, required(values, day), day), *about_card(values, until), *about_passport(values, until)]
    if _other_country.holds({**values, **derive(values, day)}):
        text = _("You do not live in the country of the student: without the words \"sufficient solvency\", written by the Belgian post, the commitment proves nothing.")
        found.append(Remark("guarantor_post", Message(text), OFFICE_PAGE, "O", doubtful=True))
    return found


RULES = (
    Rule(text=_("You are Belgian, a citizen of the European Union, have a right of residence without end, or are a relative up to the third degree."),
         source=OFFICE_PAGE, confidence="O", met=lambda values, _day: None if not values.get("guarantor_status") else values["guarantor_status"] != "none"),
    Rule(text=_("You are a person and at least 18 years old, or emancipated."), source=OFFICE_PAGE, confidence="O"),
    Rule(text=_("You pay the costs of health care, stay, studies and return of the student when the student does not. That the studies are among them is not confirmed."),
         source=OFFICE_PAGE),
    Rule(text=_("You earn at least %(amount)s net a month for yourself."), figure="guarantee-threshold", met=lambda values, day: enough(values, required(values, day))),
    Rule(text=_("And %(amount)s net a month for each student."), figure="student-means"),
    Rule(text=_("Abroad, the Belgian post checks your signature and your solvency. In another country than the student's it must write \"sufficient solvency\"."),
         when=is_abroad, source=OFFICE_PAGE, confidence="O"),
)

GUARANTEE_STUDY = Procedure(
    code="guarantee-study",
    edition="2026-11",
    valid_from=date(2026, 11, 21),
    title=_("Commitment of a guarantor, study (annex 32)"),
    summary=_("You promise to pay the costs of a student, or of a graduate in the search year. The student shows it for the visa or the renewal."),
    decides=_("Your municipality, or the Belgian post abroad, legalises your signature. The post, the Immigration Office or the municipality accepts the commitment or refuses it."),
    legal_basis=_("Article 61 of the Act of 15 December 1980; article 100 of the Royal Decree of 8 October 1981"),
    prefix="GT",
    filed_by=frozenset({Role.GUARANTOR}),
    life=life(ASKED, study=True),
    sections=(("guarantor", _("You")), ("guest", _("The student")), ("stay", _("The studies"))),
    pages=PAGES,
    documents=DOCUMENTS,
    clocks=(replace(VALIDITY_CLOCK, category="study"),),
    fees=(replace(CHARGE, when=~is_abroad),),
    derive=derive,
    derived=frozenset({"today", "guarantor_is_minor", "solvency_mention"}),
    competent=competent,
    remarks=remarks,
    rules=RULES,
    milestones=MILESTONES,
    appeals={},
    advice=(
        Advice(states=frozenset({"legalised"}), roles=GUARANTOR, to_do=True, source=OFFICE_PAGE, confidence="O",
               text=_("Send the legalised commitment to the student, who hands it in with the visa application or at the municipality.")),
        *ADVICE,
        Advice(states=frozenset({"accepted", "used"}), roles=GUARANTOR, source="City of Leuven, annex 32 page", confidence="O",
               text=_("You are liable for the academic year, the study cycle or the search year for which you signed.")),
    ),
    key_facts=(*KEY_FACTS, KeyFact(title=_("The studies"), questions=("covers", "academic_year", "institution", "programme"), labelled=True, roles=TOWN | OFFICE | POST)),
    information="guarantor",
)
