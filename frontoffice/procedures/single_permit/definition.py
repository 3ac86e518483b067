"""Single permit: one application to work and to reside for more than ninety days."""

from datetime import date

from frontoffice.kernel.i18n import mark as _
from frontoffice.procedures.single_permit.costs import FEES, clocks
from frontoffice.procedures.single_permit.documents import DOCUMENTS
from frontoffice.procedures.single_permit.facts import DERIVED, case_of, competence_of, derive
from frontoffice.procedures.single_permit.guidance import KEY_FACTS, advice
from frontoffice.procedures.single_permit.life import LIFE
from frontoffice.procedures.single_permit.questions import PAGES
from frontoffice.procedures.single_permit.remarks import remarks
from frontoffice.procedures.single_permit.rules import RULES
from frontoffice.procedures.single_permit.situations import in_belgium
from frontoffice.procedures.vocabulary import FILERS, AppealRoute, Milestone, Procedure, Role

__all__ = ["APPEALS", "CLOCKS", "DOCUMENTS", "FEES", "SINGLE_PERMIT", "SINGLE_PERMIT_RECAST", "case_of", "competence_of", "derive", "remarks"]

CLOCKS = clocks(recast=False)

MILESTONES = (
    Milestone(title=_("Filed"), states=frozenset({"filed"}), role=Role.EMPLOYER),
    Milestone(title=_("Completeness check"), states=frozenset({"checking"}), role=Role.REGION),
    Milestone(title=_("Decision on work"), states=frozenset({"work-exam"}), role=Role.REGION),
    Milestone(title=_("Decision on residence"), states=frozenset({"work-granted"}), role=Role.IMMIGRATION_OFFICE),
    Milestone(title=_("Visa D"), states=frozenset({"granted", "visa-requested"}), role=Role.DIPLOMATIC_POST, when=~in_belgium),
    Milestone(title=_("Arrival and report to the municipality"), states=frozenset({"visa-issued", "arrived"}), role=Role.MUNICIPALITY),
    Milestone(title=_("Annex 49 and address check"), states=frozenset({"registered", "address-check"}), role=Role.MUNICIPALITY),
    Milestone(title=_("Residence card"), states=frozenset({"card-ordered", "card-issued"}), role=Role.MUNICIPALITY),
)

# Appeal bodies: domain notes, sections 1.1 and 2.2 (C13, C14); the periods are figures with their own marks.
_MINISTER = AppealRoute(body=_("The minister of the Region (or the body that the minister appointed)"), figure="appeal-region-period")
_COUNCIL = AppealRoute(body=_("Council for Alien Law Litigation"), figure="appeal-call-period")
APPEALS = {"declare-inadmissible": _MINISTER, "refuse-work": _MINISTER, "refuse-stay": _COUNCIL, "refuse-visa": _COUNCIL}


def single_permit(edition: str, valid_from: date, *, recast: bool = False) -> Procedure:
    """One edition of the declaration; `recast` is the law once Directive (EU) 2024/1233 is transposed, which waits for its switch."""
    return Procedure(
        code="single-permit",
        edition=edition,
        valid_from=valid_from,
        awaits="switch-recast-2024" if recast else "",
        title=_("Single permit"),
        summary=_("One application to work for an employer in Belgium and to live here for more than 90 days. The employer files it, for the worker."),
        decides=_("The Region where the work is done decides on the work, the Immigration Office on the stay."),
        information="single-permit",
        legal_basis=_("Cooperation agreement of 2 February 2018") if not recast else _("Directive (EU) 2024/1233 of 24 April 2024"),
        prefix="SP",
        filed_by=FILERS,
        life=LIFE,
        sections=(("employer", _("Employer")), ("employment", _("Employment")), ("worker", _("Worker"))),
        pages=PAGES,
        documents=DOCUMENTS,
        clocks=clocks(recast=recast),
        fees=FEES,
        rules=RULES,
        derive=derive,
        derived=DERIVED,
        competent=competence_of,
        remarks=remarks,
        milestones=MILESTONES,
        appeals=APPEALS,
        advice=advice(recast=recast),
        key_facts=KEY_FACTS,
        renewal=("renewal-opens", "renewal-closes"),
    )


SINGLE_PERMIT = single_permit("2026-11", date(2026, 11, 21))
SINGLE_PERMIT_RECAST = single_permit("2027-01", date(2027, 1, 1), recast=True)
