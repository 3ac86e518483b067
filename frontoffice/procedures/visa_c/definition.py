"""Visa C: the harmonised application form of the Schengen States, filed with a Belgian embassy or consulate."""

from datetime import date

from frontoffice.forms.conditions import answer
from frontoffice.kernel.i18n import mark as _
from frontoffice.procedures.visa_c import journey_pages, person_pages, stay_pages
from frontoffice.procedures.visa_c.competence import competence_of
from frontoffice.procedures.visa_c.documents import DOCUMENTS
from frontoffice.procedures.visa_c.facts import FACTS, derive
from frontoffice.procedures.visa_c.guidance import ADVICE, KEY_FACTS, RULES
from frontoffice.procedures.visa_c.life import LIFE
from frontoffice.procedures.visa_c.person_pages import is_family
from frontoffice.procedures.visa_c.remarks import remarks
from frontoffice.procedures.vocabulary import AppealRoute, Clock, Exemption, Fee, Milestone, Procedure, Role

_ARTICLE_16 = "Visa Code, Regulation (EC) 810/2009, article 16"
_is_child = answer("age_band").is_("child")
_is_young = answer("age_band").is_in("infant", "child", "minor", "young")
_group = answer("fee_group")

_WHOEVER = (
    Exemption(when=is_family, title=_("Family member of an EU citizen who uses the right of free movement"), source="Directive 2004/38/EC, article 5", confidence="U"),
    Exemption(when=_group.is_("school"), title=_("Pupil, student, postgraduate student or accompanying teacher on a journey for study or training"),
              source=_ARTICLE_16, confidence="U"),
    Exemption(when=_group.is_("researcher"), title=_("Researcher on a journey for research"), source=_ARTICLE_16, confidence="U"),
    Exemption(when=_group.is_("representative") & _is_young, title=_("Representative of a non-profit organisation, 25 years old at most"),
              source=_ARTICLE_16, confidence="U"),
)
_PAYER, _WHERE = _("Applicant"), _("At the embassy or consulate or at the visa centre, when you apply")

FEES = (
    Fee(code="visa-c", title=_("Visa C"), figure="visa-c-fee", category="adult", payer=_PAYER, where=_WHERE, when=~_is_child, exempt=(
        Exemption(when=answer("age_band").is_("infant"), title=_("Young child"), source="Delegated Regulation (EU) 2024/1415 of 22 May 2024", confidence="O"),
        *_WHOEVER)),
    Fee(code="visa-c-child", title=_("Visa C for a child, at the lower fee"), figure="visa-c-fee", category="child", payer=_PAYER, where=_WHERE, when=_is_child,
        exempt=_WHOEVER),
)

_ENDS = frozenset({"withdraw", "declare-inadmissible"})
CLOCKS = (
    Clock(code="appointment", title=_("Appointment"), starts=frozenset({"submit"}), stops=frozenset({"make-appointment", "take-up"}) | _ENDS,
          figure="visa-c-appointment-period", of=frozenset({Role.DIPLOMATIC_POST}), on_expiry=_("Ask the embassy or consulate for an appointment.")),
    Clock(code="decision", title=_("Decision on the visa"), starts=frozenset({"admit"}), stops=frozenset({"issue-visa", "grant", "refuse", "withdraw"}),
          figure="visa-c-decision-period", on_expiry=_("In individual cases the examination takes longer: ask the embassy or consulate.")),
)

MILESTONES = (
    Milestone(title=_("Filed"), states=frozenset({"filed"}), role=Role.APPLICANT),
    Milestone(title=_("Appointment"), states=frozenset({"appointment", "checking"}), role=Role.DIPLOMATIC_POST),
    Milestone(title=_("Completeness check"), states=frozenset({"checking"}), role=Role.DIPLOMATIC_POST),
    Milestone(title=_("Decision on the visa"), states=frozenset({"visa-exam"}), role=Role.DIPLOMATIC_POST),
    Milestone(title=_("Visa issued"), states=frozenset({"visa-issued"}), role=Role.DIPLOMATIC_POST),
)

VISA_C = Procedure(
    code="visa-c",
    edition="2026-11",
    valid_from=date(2026, 11, 21),
    title=_("Short-stay visa (visa C)"),
    legal_basis=_("Visa Code, Regulation (EC) 810/2009"),
    prefix="VC",
    summary=_("To visit Belgium and the other Schengen countries for at most 90 days in any 180 days."),
    decides=_("The Belgian embassy or consulate, which may refer the application to the Immigration Office"),
    information="short-stay-visa",
    filed_by=frozenset({Role.APPLICANT}),
    life=LIFE,
    sections=(("start", _("Before you start")), ("person", _("Applicant")), ("journey", _("Journey")), ("stay", _("Stay and costs")),
              ("statements", _("Statements"))),
    pages=(*person_pages.PAGES, *journey_pages.PAGES, *stay_pages.PAGES),
    documents=DOCUMENTS,
    clocks=CLOCKS,
    fees=FEES,
    derive=derive,
    derived=FACTS,
    competent=competence_of,
    remarks=remarks,
    rules=RULES,
    milestones=MILESTONES,
    appeals={"refuse": AppealRoute(body=_("Council for Alien Law Litigation"), figure="appeal-call-period")},
    advice=ADVICE,
    key_facts=KEY_FACTS,
    commitment="commitment_number",
)
