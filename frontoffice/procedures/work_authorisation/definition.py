"""Work authorisation: up to 90 days of work, or work for a Belgian employer by somebody who keeps living abroad; no stay is decided."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from frontoffice.forms.conditions import answer
from frontoffice.forms.fields import Choice, Country, Day, Money, Number
from frontoffice.forms.form import Values
from frontoffice.kernel.errors import Problem
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.message import Message
from frontoffice.procedures.figures import Figures
from frontoffice.procedures.shared.questions import PERSON_FACTS, document_page, identity_pages, page, person_facts
from frontoffice.procedures.single_permit.documents import APPENDICES
from frontoffice.procedures.single_permit.employment import EMPLOYMENT_PAGES
from frontoffice.procedures.single_permit.facts import competence_of, region_of
from frontoffice.procedures.single_permit.questions import EMPLOYER_PAGES
from frontoffice.procedures.single_permit.situations import is_posted
from frontoffice.procedures.territory import Region
from frontoffice.procedures.vocabulary import FILERS, AppealRoute, Clock, DocumentRequirement, Fee, KeyFact, Milestone, Procedure, Remark, Role, Rule
from frontoffice.procedures.work_authorisation.life import LIFE

_COUNTER = "One-Stop Counter, Working in Belgium (acceptance site, home page), 2025-26"
_UNKNOWN = "No source found for every Region; general knowledge"
_REGION = frozenset({Role.REGION})
_region = answer("competent_region")
_is_short = answer("authorisation_ground").is_("short")
# The same questions about place and function as for a single permit.
_SHARED = tuple(one for one in EMPLOYMENT_PAGES if one.code in ("posting", "work-pattern", "workplace", "second-workplace", "function"))


def _check_work(values: Values, others: Values) -> Sequence[Problem]:
    start, end = date.fromisoformat(values["contract_start"]), date.fromisoformat(values["contract_end"])
    if end < start:
        return [Problem("contract_end", _("The last day comes after the first day"))]
    longest = Figures.at(date.fromisoformat(others["today"])).get("work-authorisation-longest")
    if values.get("authorisation_ground") == "short" and (end - start).days + 1 > longest.count:
        return [Problem("contract_end", _("This is more than %(count)s days: apply for a single permit instead"), {"count": longest.count})]
    if Decimal(values["hours_per_week"]) > 40:
        return [Problem("hours_per_week", _("The hours of the worker cannot be more than those of a full-time job"))]
    return []


PAGES = (
    *EMPLOYER_PAGES, *_SHARED,
    page("work", "employment", _("How long will the worker work?"),
         Choice(name="authorisation_ground", label=_("Why does the worker need no residence permit?"), choices=(
             ("short", _("The work lasts up to 90 days within 180 days"), ""),
             ("frontier", _("The worker lives in a neighbouring country and comes home each week"), _("A frontier worker.")),
             ("telework", _("The worker teleworks from abroad for a Belgian employer"), ""))),
         Country(name="lives_in", label=_("In which country does the worker live?")),
         Day(name="contract_start", label=_("First working day")), Day(name="contract_end", label=_("Last working day")),
         Number(name="hours_per_week", label=_("Hours a week of this worker"), least=1, most=40, decimals=2, width=5),
         Money(name="pay_month", label=_("Gross pay a month")), by=FILERS, check=_check_work),
    *identity_pages("worker", by=FILERS, seen_by=FILERS | _REGION), document_page("worker", by=FILERS, seen_by=FILERS | _REGION),
)


def derive(values: Values, today: date) -> Mapping[str, str]:
    """The facts of the worker and the competent Region."""
    region = region_of(values)
    return {**person_facts(values, today), **({"competent_region": str(region)} if region else {})}


def remarks(values: Values, today: date) -> list[Remark]:
    """Days of work that other stays may have used up already, and the visa that a short stay may need."""
    if values.get("authorisation_ground") != "short" or not values.get("contract_start"):
        return []
    text = _("The 90 days count with every other stay in the Schengen area within 180 days. The worker may need a visa C too: see whether the nationality does.")
    return [Remark("contract_start", Message(text), _UNKNOWN, "U")]


WORK_AUTHORISATION = Procedure(
    code="work-authorisation", edition="2026-11", valid_from=date(2026, 11, 21), prefix="WA",
    title=_("Work authorisation without residence"), legal_basis=_("Law of 30 April 1999 on the employment of foreign workers"), information="work-authorisation",
    summary=_("For work of up to 90 days, and for people who work for a Belgian employer while they keep living abroad. It gives no right to live in Belgium."),
    decides=_("The Region where the work is done decides. The Immigration Office takes no part."),
    filed_by=FILERS, life=LIFE, sections=(("employer", _("Employer")), ("employment", _("Employment")), ("worker", _("Worker"))), pages=PAGES,
    documents=(
        DocumentRequirement(code="contract", title=_("Employment contract"), by=FILERS, when=~is_posted, hint=_("Dated and signed by the employer and the worker."),
                            source="Law of 3 July 1978; " + APPENDICES, confidence="O"),
        DocumentRequirement(code="signatory-identity", title=_("Identity card of the person who signs for the employer"), by=FILERS, source=APPENDICES, confidence="U"),
        DocumentRequirement(code="function-description", title=_("Description of the function"), by=FILERS,
                            when=_region.is_in(str(Region.FLANDERS), str(Region.BRUSSELS)), source=APPENDICES, confidence="P"),
        DocumentRequirement(code="secondment", title=_("Posting letter"), by=FILERS, when=is_posted, source=APPENDICES, confidence="O"),
        DocumentRequirement(code="social-security", title=_("Proof of social security abroad"), by=FILERS, when=is_posted,
                            hint=_("Form A1, a certificate of coverage, or a statement of the Belgian authority."), source=_UNKNOWN),
        DocumentRequirement(code="limosa", title=_("Limosa declaration"), by=FILERS, when=is_posted, required=False,
                            hint=_("It must be there before the work starts."), source=_UNKNOWN),
        DocumentRequirement(code="passport", title=_("Passport, page with the photo"), by=FILERS, source=_COUNTER, confidence="O"),
        DocumentRequirement(code="home-proof", title=_("Proof of residence abroad"), by=FILERS, when=~_is_short, required=False, source=_UNKNOWN),
        DocumentRequirement(code="diploma", title=_("Diploma"), by=FILERS, required=False, translation=True, source=_UNKNOWN),
        DocumentRequirement(code="other", title=_("Another document"), by=FILERS, required=False),
    ),
    clocks=(
        Clock(code="complement", title=_("Time to send the document"), starts=frozenset({"ask-documents"}),
              stops=frozenset({"complete", "declare-inadmissible", "withdraw"}), figure="complement-period",
              on_expiry=_("If nothing comes the application may be declared inadmissible.")),
    ),
    fees=(Fee(code="visa-c", title=_("Visa C"), figure="visa-c-fee", category="adult", payer=_("Worker"), where=_("At the embassy or the visa centre, if the worker needs a visa"), when=_is_short),),
    derive=derive, derived=PERSON_FACTS | {"competent_region"}, competent=competence_of, remarks=remarks,
    rules=(
        Rule(text=_("The work lasts at most %(count)s days within 180 days, or the worker keeps living abroad."), figure="work-authorisation-longest"),
        Rule(text=_("The employer is registered in the Crossroads Bank for Enterprises. An employer abroad files through a mandatary in Belgium."), source=_COUNTER, confidence="O"),
        Rule(text=_("The conditions of the category of worker are those of the Region, as for a single permit."), source=_COUNTER, confidence="O"),
    ),
    milestones=(
        Milestone(title=_("Filed"), states=frozenset({"filed"}), role=Role.EMPLOYER),
        Milestone(title=_("Completeness check"), states=frozenset({"checking"}), role=Role.REGION),
        Milestone(title=_("Decision on work"), states=frozenset({"work-exam"}), role=Role.REGION),
        Milestone(title=_("Work authorised"), states=frozenset({"authorised"}), role=Role.REGION),
    ),
    appeals={one: AppealRoute(body=_("The minister of the Region (or the body that the minister appointed)"), figure="appeal-region-period")
             for one in ("declare-inadmissible", "refuse-work")},
    key_facts=(
        KeyFact(title=_("Worker"), questions=("birth_date", "nationality", "lives_in"), labelled=True, roles=_REGION),
        KeyFact(title=_("Function"), questions=("function_title", "isco"), roles=_REGION),
        KeyFact(title=_("Work"), questions=("authorisation_ground", "contract_start", "contract_end", "hours_per_week", "pay_month"), labelled=True, roles=_REGION),
        KeyFact(title=_("Place of work"), questions=("workplace_street", "workplace_postal_code", "workplace_municipality", "workplace_unit"), roles=_REGION),
    ),
)
