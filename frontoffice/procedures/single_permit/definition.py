"""Single permit: one application to work and to reside for more than ninety days."""

from collections.abc import Mapping
from datetime import date

from frontoffice.forms.conditions import answer
from frontoffice.forms.form import Values
from frontoffice.forms.identifiers import establishment_unit_doubt
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.message import Message
from frontoffice.kernel.time import add_years
from frontoffice.procedures.figures import Figures, UnknownFigure
from frontoffice.procedures.single_permit.competence import Case, Competence, Outcome, Place, Workplace, competent_region
from frontoffice.procedures.single_permit.guidance import ADVICE, KEY_FACTS
from frontoffice.procedures.single_permit.life import LIFE
from frontoffice.procedures.single_permit.questions import PAGES, is_posted, salary_of
from frontoffice.procedures.single_permit.salary import salary_check
from frontoffice.procedures.vocabulary import (
    FILERS,
    NOT_THE_EMPLOYER,
    NOT_THE_WORKER,
    AppealRoute,
    Clock,
    DocumentRequirement,
    Fee,
    Milestone,
    Procedure,
    Remark,
    Role,
)

_WORKER = frozenset({Role.WORKER})
_PROCEDURE = 'Immigration Office, "Single permit" page'
_APPENDICES = "Brussels Economy and Employment, lists of appendices"


def case_of(values: Values) -> Case:
    """The facts that decide which Region is competent, from the answers given so far."""

    def place(stem: str) -> Place | None:
        code, nis = values.get(f"{stem}_postal_code", ""), values.get(f"{stem}_municipality", "")
        return Place(nis=nis, postal_code=code) if code or nis else None

    pattern, has_unit = values.get("work_pattern", "one"), values.get("has_unit") == "yes"
    workplaces = []
    for stem, share in (("workplace", 50 if pattern == "equal" else None), ("second", 50 if pattern == "equal" else None)):
        where = place(stem)
        if where and (stem == "workplace" or pattern != "one"):
            workplaces.append(Workplace(place=where, share=share, is_main=pattern == "main" and stem == "workplace",
                                        unit_number=values.get(f"{stem}_unit", "") if has_unit else ""))
    return Case(
        posted=values.get("posted") == "yes", receiving_entity=place("receiving") if values.get("posted") == "yes" else None,
        employer_has_belgian_unit=has_unit, registered_office=place("office") if values.get("has_office") == "yes" else None,
        workplaces=tuple(workplaces),
    )


def competence_of(values: Values) -> Outcome | None:
    """The outcome of the competence table; None while the answers that it looks at are missing."""
    needed = ("has_office", "has_unit", "posted", "work_pattern", "workplace_postal_code")
    return competent_region(case_of(values)) if all(values.get(name) for name in needed) else None


def derive(values: Values, today: date) -> Mapping[str, str]:
    """Facts that follow from the answers: the competent Region, whether the worker is an adult, and what day it is."""
    facts = {"today": today.isoformat()}
    outcome = competence_of(values)
    if isinstance(outcome, Competence):
        facts["competent_region"] = str(outcome.region)
    if born := values.get("birth_date"):
        facts["worker_is_adult"] = "yes" if add_years(date.fromisoformat(born), 18) <= today else "no"
    return facts


def remarks(values: Values, today: date) -> list[Remark]:
    """The pay against the figure of the competent Region, and numbers that look wrong but may be right."""
    found = []
    for name in ("workplace_unit", "second_unit"):
        if values.get(name) and (doubt := establishment_unit_doubt(values[name])):
            found.append(Remark(name, Message(doubt), "Crossroads Bank for Enterprises, rule of the check digits", "U", doubtful=True))
    salary, outcome = salary_of(values), competence_of(values)
    if salary and isinstance(outcome, Competence):
        try:
            check = salary_check(salary, outcome.region, values.get("category", ""), Figures.at(today))
        except UnknownFigure:
            return found
        found.append(Remark("pay_year", check.explanation, check.threshold.source, check.threshold.confidence, doubtful=not check.enough))
    return found


_region = answer("competent_region")

DOCUMENTS = (
    DocumentRequirement(code="contract", title=_("Employment contract"), by=FILERS,
                        hint=_("Dated and signed by the employer and the worker. In Wallonia with the compulsory mentions."),
                        source="Law of 3 July 1978; " + _APPENDICES, confidence="O"),
    DocumentRequirement(code="function-description", title=_("Description of the function"), by=FILERS, when=_region.is_in("flanders", "brussels"),
                        hint=_("Tasks, level and objectives of the job."), source=_APPENDICES, confidence="P"),
    DocumentRequirement(code="organisation-chart", title=_("Organisation chart"), by=FILERS, seen_by=NOT_THE_WORKER, when=_region.is_("brussels"),
                        source=_APPENDICES, confidence="O"),
    DocumentRequirement(code="signatory-identity", title=_("Identity card of the person who signs for the employer"), by=FILERS, seen_by=NOT_THE_WORKER,
                        source=_APPENDICES, confidence="U"),
    DocumentRequirement(code="health-insurance", title=_("Proof of health insurance"), by=FILERS,
                        hint=_("For the worker and the family, covering all risks. An undertaking of the employer is accepted in Brussels; "
                               "in Wallonia a clause in the contract is enough."), source=_PROCEDURE, confidence="O"),
    DocumentRequirement(code="secondment", title=_("Posting letter"), by=FILERS, when=is_posted, source=_APPENDICES, confidence="O"),
    DocumentRequirement(code="contribution", title=_("Proof of payment of the federal contribution"), by=FILERS | _WORKER,
                        hint=_("The full amount, bank costs included. Without it the application is inadmissible."), source=_PROCEDURE, confidence="O"),
    DocumentRequirement(code="passport", title=_("Passport, every page"), by=_WORKER, hint=_("All pages, the empty ones too."), source=_PROCEDURE, confidence="O"),
    DocumentRequirement(code="diploma", title=_("Diploma"), by=_WORKER, hint=_("With a sworn translation if it is not in Dutch, French, German or English."),
                        source=_APPENDICES, confidence="O"),
    DocumentRequirement(code="criminal-record", title=_("Criminal record extract"), by=_WORKER, seen_by=NOT_THE_EMPLOYER,
                        when=~answer("worker_is_adult").is_("no"),
                        hint=_("From the country of origin or of the last residence, less than 6 months old, legalised or with an apostille. "
                               "Your employer cannot open it."), source=_PROCEDURE, confidence="O"),
    DocumentRequirement(code="medical-certificate", title=_("Medical certificate"), by=_WORKER, seen_by=NOT_THE_EMPLOYER,
                        hint=_("On the model of the Immigration Office, less than 6 months old. Your employer cannot open it."),
                        source=_PROCEDURE, confidence="O"),
    DocumentRequirement(code="other", title=_("Another document"), by=FILERS | _WORKER, required=False, source=""),
)

FEES = (
    Fee(code="federal-contribution", title=_("Federal contribution"), figure="federal-contribution", payer=_("Employer, worker or someone else"),
        where=_("By transfer to the Immigration Office, before you file")),
    Fee(code="flanders-fee", title=_("Fee of the Flemish Region"), figure="flanders-fee", payer=_("Employer"),
        where=_("Due when you file. You cannot pay here yet; filing goes on without it"), when=_region.is_("flanders")),
    Fee(code="visa-d", title=_("Visa D"), figure="visa-d-fee", payer=_("Worker"), where=_("At the embassy or the visa centre, after the permit")),
    Fee(code="residence-card", title=_("Residence card"), figure="residence-card-fee", payer=_("Worker"), where=_("At the municipality")),
)

CLOCKS = (
    Clock(code="complement", title=_("Time to send the document"), starts=frozenset({"ask-documents"}),
          stops=frozenset({"complete", "declare-inadmissible", "withdraw"}), figure="complement-period",
          on_expiry=_("If nothing comes the application may be declared inadmissible.")),
    Clock(code="stay-complement", title=_("Time to send the document"), starts=frozenset({"ask-stay-documents"}),
          stops=frozenset({"complete-stay", "refuse-work", "withdraw"}), figure="stay-complement-period",
          on_expiry=_("If nothing comes the Immigration Office decides on what it has.")),
    Clock(code="decision", title=_("Decision on work and residence"), starts=frozenset({"admit"}),
          stops=frozenset({"grant", "certify-silence", "refuse-stay", "refuse-work", "withdraw"}), figure="decision-period",
          paused_in=frozenset({"stay-complement"}), on_expiry=_("If no decision comes in time the permit is granted: ask for annex 47.")),
    Clock(code="municipal-report", title=_("Report to the municipality"), starts=frozenset({"announce-arrival"}), stops=frozenset({"register"}),
          figure="municipal-report-period", on_expiry=_("Proof of an appointment counts as having reported in time.")),
)

MILESTONES = (
    Milestone(title=_("Filed"), states=frozenset({"filed"}), role=Role.EMPLOYER),
    Milestone(title=_("Completeness check"), states=frozenset({"checking"}), role=Role.REGION),
    Milestone(title=_("Decision on work"), states=frozenset({"work-exam"}), role=Role.REGION),
    Milestone(title=_("Decision on residence"), states=frozenset({"work-granted"}), role=Role.IMMIGRATION_OFFICE),
    Milestone(title=_("Visa D"), states=frozenset({"granted", "visa-requested"}), role=Role.DIPLOMATIC_POST),
    Milestone(title=_("Arrival and report to the municipality"), states=frozenset({"visa-issued", "arrived"}), role=Role.MUNICIPALITY),
    Milestone(title=_("Annex 49 and address check"), states=frozenset({"registered", "address-check"}), role=Role.MUNICIPALITY),
    Milestone(title=_("Residence card"), states=frozenset({"card-ordered", "card-issued"}), role=Role.MUNICIPALITY),
)

# Appeal bodies: domain notes, sections 1.1 and 2.2 (C13, C14); the periods are figures with their own marks.
_MINISTER = AppealRoute(body=_("The minister of the Region (or the body that the minister appointed)"), figure="appeal-region-period")
_COUNCIL = AppealRoute(body=_("Council for Alien Law Litigation"), figure="appeal-call-period")
APPEALS = {"declare-inadmissible": _MINISTER, "refuse-work": _MINISTER, "refuse-stay": _COUNCIL, "refuse-visa": _COUNCIL}

SINGLE_PERMIT = Procedure(
    code="single-permit",
    edition="2026-01",
    valid_from=date(2026, 1, 1),
    title=_("Single permit"),
    legal_basis=_("Cooperation agreement of 2 February 2018"),
    prefix="SP",
    filed_by=FILERS,
    life=LIFE,
    sections=(("employer", _("Employer")), ("employment", _("Employment")), ("worker", _("Worker"))),
    pages=PAGES,
    documents=DOCUMENTS,
    clocks=CLOCKS,
    fees=FEES,
    derive=derive,
    competent=competence_of,
    remarks=remarks,
    milestones=MILESTONES,
    appeals=APPEALS,
    advice=ADVICE,
    key_facts=KEY_FACTS,
    derived=frozenset({"today", "competent_region", "worker_is_adult"}),
)
