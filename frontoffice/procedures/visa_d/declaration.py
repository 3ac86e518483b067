"""What every visa D has besides its questions: documents, fees with their exemptions, clocks, advice; and the way to declare one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_

from frontoffice.forms.conditions import Condition, answer
from frontoffice.forms.fields import Option
from frontoffice.forms.form import Values
from frontoffice.kernel.i18n import mark as _
from frontoffice.procedures.competence import Outcome
from frontoffice.procedures.lifecycle import Lifecycle
from frontoffice.procedures.shared.questions import is_minor
from frontoffice.procedures.shared.steps import APPLICANT, OFFICE, POST, TOWN
from frontoffice.procedures.visa_d.common import (
    CONTRIBUTION,
    EXAMINERS,
    FACTS,
    FILING,
    GROUNDS,
    PARTIES,
    SECTIONS,
    common_facts,
    common_remarks,
    journey_pages,
    person_pages,
    post_of,
)
from frontoffice.procedures.visa_d.life import life
from frontoffice.procedures.vocabulary import (
    Advice,
    AppealRoute,
    Clock,
    DocumentRequirement,
    Exemption,
    Fee,
    KeyFact,
    Milestone,
    Page,
    Procedure,
    Remark,
    Role,
    Rule,
)

COMMON_FILE = "Immigration Office, marriage and au pair pages; Belgian embassy in Vietnam, forms; studacy.com, guide, 18 June 2026"
LIST_OF_EXEMPTIONS = "Agency for Integration (AGII), third-country students; Immigration Office, contribution (2021) and administrative fee (20 July 2017)"
OLDER_LIST = "pickvisa.com, an older list"

UNDER_AGE = Exemption(when=is_minor, title=_("Under 18 years"), source=LIST_OF_EXEMPTIONS, confidence="O")
_OF_GROUND: Mapping[str, str] = {
    "stateless": _("Recognised stateless person"),
    "turkey": _("Association rules between the European Union and Turkey"),
    "eu-family": _("Family member of a citizen of the European Union, the European Economic Area or Switzerland"),
}
CONTRIBUTION_EXEMPT: tuple[Exemption, ...] = (
    UNDER_AGE,
    *(Exemption(when=answer("contribution_ground").is_(code), title=title, source=LIST_OF_EXEMPTIONS, confidence="O") for code, title in _OF_GROUND.items()),
)


def any_of(exemptions: Sequence[Exemption]) -> Condition:
    """The condition that one of these exemptions holds."""
    return reduce(or_, (one.when for one in exemptions))


def contribution(category: str, *, when: Condition | None = None, exempt: Sequence[Exemption] = CONTRIBUTION_EXEMPT, code: str = "federal-contribution") -> Fee:
    """The federal contribution of one category: paid by transfer, before filing. A procedure that knows several gives each its `code`."""
    return Fee(code=code, title=_("Federal contribution"), figure="federal-contribution-d", category=category, when=when, exempt=exempt,
               by_transfer=True, payer=_("You or someone else"), where=_("By transfer to the Immigration Office, before you file"))


def document(code: str, title: str, source: str, confidence: str, **more: object) -> DocumentRequirement:
    """A document that the applicant brings; the post, the Immigration Office and the municipality may open it unless `seen_by` says otherwise."""
    return DocumentRequirement(code=code, title=title, by=APPLICANT, source=source, confidence=confidence, **{"seen_by": PARTIES, **more})  # type: ignore[arg-type]


def _common_documents(exempt: Sequence[Exemption]) -> tuple[DocumentRequirement, ...]:
    return (
        document("passport", _("Passport, every page"), COMMON_FILE, "O", hint=_("All pages, the empty ones too.")),
        document("photo", _("Passport photo"), COMMON_FILE, "O", hint=_("Recent. Take paper photos to your appointment as well: the post says how many.")),
        document("contribution", _("Proof of payment of the federal contribution"), CONTRIBUTION, "O", seen_by=EXAMINERS, when=~any_of(exempt),
                 hint=_("The full amount, bank costs included. Without it the application is inadmissible.")),
        document("contribution-exemption", _("Proof that you need not pay the contribution"), LIST_OF_EXEMPTIONS, "O", seen_by=EXAMINERS,
                 when=any_of(exempt) & ~is_minor),
        document("medical-certificate", _("Medical certificate"), "Immigration Office, au pair and working holiday pages", "O", seen_by=EXAMINERS,
                 max_age="visa-d-medical-certificate-age",
                 hint=_("From a doctor whom the post accepts, on the form of the post. Only you, the post and the Immigration Office can open it.")),
        document("criminal-record", _("Criminal record extract"), COMMON_FILE, "O", seen_by=EXAMINERS, when=~is_minor, translation=True, legalisation=True,
                 max_age="visa-d-criminal-record-age", hint=_("From the country where you live. Only you, the post and the Immigration Office can open it.")),
        document("parental-consent", _("Consent of the other parent, or the decision on custody"), "No source found; general knowledge", "U", when=is_minor,
                 translation=True, legalisation=True, hint=_("For the departure and for the stay. With the identity document of the parent who signs.")),
        document("other", _("Another document"), "", "U", required=False),
    )


def _common_fees(own: Sequence[Fee], visa_exempt: Sequence[Exemption]) -> tuple[Fee, ...]:
    you = _("You")
    return (
        *own,
        Fee(code="visa-d", title=_("Visa D"), figure="visa-d-fee", payer=you, where=_("At the embassy, the consulate or the visa centre"), exempt=visa_exempt),
        Fee(code="visa-centre", title=_("Service of the visa centre"), figure="visa-centre-fee", payer=you, where=_("At the visa centre, where there is one")),
        Fee(code="residence-card", title=_("Residence card"), figure="residence-card-fee", payer=you, where=_("At the municipality")),
    )


_COMMON_RULES = (
    Rule(text=_("You need a visa D for every stay of more than 90 days, also if you need no visa for a short stay."), source=FILING, confidence="O"),
    Rule(text=_("You apply in person at the Belgian embassy or consulate for the place where you live, often through a visa centre."), source=FILING,
         confidence="O"),
    Rule(text=_("Posts ask for a passport that is valid for %(count)s months."), figure="visa-d-passport-validity"),
    Rule(text=_("Fingerprints are taken from the age of %(count)s years, and a photo of everyone."), figure="biometrics-d-age"),
    Rule(text=_("If you paid only a part of the contribution you have %(count)s days to pay the rest (annex 43). If you paid nothing the application is "
                "inadmissible (annex 42)."), figure="annex-43-period"),
    Rule(text=_("The contribution is paid for each person and each application. Partners and their family who file together on the same legal basis pay once."),
         source="Immigration Office, contribution fee", confidence="O"),
    Rule(text=_("The contribution is not paid back if the visa is refused."), source="Immigration Office, contribution (2021)", confidence="O"),
    Rule(text=_("Sources differ on the visa fee of the last months: ask the post for the amount before you pay."),
         source="visahq.com, 1 February 2026; visahq.news, "
         "27 June 2026", confidence="P"),
)

_COMMON_CLOCKS = (
    Clock(code="contribution", title=_("Time to pay the rest of the contribution"), starts=frozenset({"ask-contribution"}),
          stops=frozenset({"complete-contribution", "declare-inadmissible", "withdraw"}), figure="annex-43-period",
          on_expiry=_("If nothing comes the application may be declared inadmissible.")),
    Clock(code="municipal-report", title=_("Report to the municipality"), starts=frozenset({"announce-arrival"}), stops=frozenset({"register"}),
          figure="municipal-report-period", on_expiry=_("Proof of an appointment counts as having reported in time.")),
)


def decision_clock(figure: str, *, starts: str = "admit", category: str = "", when: Condition | None = None) -> Clock:
    """The time of the Immigration Office for its decision; nothing follows from its end by itself."""
    return Clock(code="decision", title=_("Decision on residence"), starts=frozenset({starts}), stops=frozenset({"grant", "refuse", "close", "withdraw"}),
                 figure=figure, category=category, when=when, paused_in=frozenset({"stay-complement"}),
                 on_expiry=_("Nothing is decided by silence: ask the Immigration Office where your file is."))


def _milestones(life: Lifecycle) -> tuple[Milestone, ...]:
    receipt = (Milestone(title=_("Annex 15quinquies"), states=frozenset({"admissible"}), role=Role.DIPLOMATIC_POST),) if "admissible" in life.states() else ()
    return (
        Milestone(title=_("Filed"), states=frozenset({"filed"}), role=Role.APPLICANT),
        Milestone(title=_("Visit to the post"), states=frozenset({"checking"}), role=Role.DIPLOMATIC_POST),
        *receipt,
        Milestone(title=_("Decision on residence"), states=frozenset({"stay-exam"}), role=Role.IMMIGRATION_OFFICE),
        Milestone(title=_("Visa D"), states=frozenset({"granted"}), role=Role.DIPLOMATIC_POST),
        Milestone(title=_("Arrival and report to the municipality"), states=frozenset({"visa-issued", "arrived"}), role=Role.MUNICIPALITY),
        Milestone(title=_("Annex 15 and address check"), states=frozenset({"registered", "address-check"}), role=Role.MUNICIPALITY),
        Milestone(title=_("Residence card"), states=frozenset({"card-ordered", "card-issued"}), role=Role.MUNICIPALITY),
    )


# Appeal: one body for all refusals of the State; the figure carries its own mark.
_COUNCIL = AppealRoute(body=_("Council for Alien Law Litigation"), figure="appeal-call-period")
_APPEALS = {"declare-inadmissible": _COUNCIL, "refuse": _COUNCIL}
_COUNCIL_PAGE = "Immigration Office, Council for Alien Law Litigation"

_ADVICE = (
    Advice(states=frozenset({"filed"}), roles=APPLICANT, to_do=True, source=FILING, confidence="O",
           text=_("Go to the post or the visa centre in person, with the originals of your documents, your passport and the visa fee.")),
    Advice(states=frozenset({"contribution-due"}), roles=APPLICANT, to_do=True, figure="annex-43-period",
           text=_("Pay the rest of the contribution and send the proof within %(count)s days of annex 43.")),
    Advice(states=frozenset({"visa-issued"}), roles=APPLICANT, figure="municipal-report-period",
           text=_("Travel to Belgium, announce your arrival here, and report to your municipality within %(count)s working days of your arrival.")),
    Advice(states=frozenset({"arrived"}), roles=APPLICANT, to_do=True, figure="municipal-report-period",
           text=_("Report in person to your municipality within %(count)s working days of your arrival, with your passport.")),
    Advice(states=frozenset({"arrived", "registered", "address-check"}), roles=APPLICANT, source="No source found; general knowledge",
           text=_("Put your name on the bell and on the letterbox: a police officer comes to check the address, and a missing name is the usual reason why it fails.")),
    Advice(states=frozenset({"refused", "inadmissible"}), roles=APPLICANT, source=_COUNCIL_PAGE, confidence="O",
           text=_("Only you or your lawyer can appeal; a minor appeals through a parent or guardian. A guarantor or a relative cannot.")),
)

_KEY_FACTS = (
    KeyFact(title=_("Applicant"), questions=("birth_date", "nationality"), labelled=True, roles=POST | OFFICE | TOWN),
    KeyFact(title=_("Passport"), questions=("passport_number", "passport_country", "passport_expires"), labelled=True, roles=POST | OFFICE | TOWN),
    KeyFact(title=_("Embassy or consulate"), questions=("post",), roles=POST | OFFICE),
    KeyFact(title=_("National mention on the visa"), questions=("mention",), said_with="grant", roles=POST | TOWN),
    KeyFact(title=_("Visa D"), questions=("valid_until",), labelled=True, said_with="issue-visa", roles=APPLICANT | TOWN),
    KeyFact(title=_("Address in Belgium"), questions=("street", "postal_code", "municipality"), said_with="announce-arrival", roles=TOWN),
)
_PLAIN_LIFE = life()


@dataclass(frozen=True, kw_only=True)
class Purpose:
    """What one purpose adds to the common file of a visa D.

    `exempt` frees of the contribution besides the common exemptions, `visa_exempt` of the visa fee; `derive` and `remarks` add to
    the common ones, and `derived` names the facts that `derive` gives.
    """

    code: str
    prefix: str
    title: str
    summary: str
    legal_basis: str
    information: str
    pages: Sequence[Page]
    contributions: Sequence[Fee]
    documents: Sequence[DocumentRequirement] = ()
    exempt: Sequence[Exemption] = CONTRIBUTION_EXEMPT
    visa_exempt: Sequence[Exemption] = ()
    grounds: Sequence[Option] = GROUNDS
    rules: Sequence[Rule] = ()
    clocks: Sequence[Clock] = ()
    advice: Sequence[Advice] = ()
    key_facts: Sequence[KeyFact] = ()
    life: Lifecycle = _PLAIN_LIFE
    decides: str = _("The Immigration Office decides. The Belgian embassy or consulate receives your application and puts the visa in your passport.")
    commitment: str = ""
    derived: frozenset[str] = frozenset()
    derive: Callable[[Values, date], Mapping[str, str]] = lambda values, today: {}
    remarks: Callable[[Values, date], Sequence[Remark]] = lambda values, today: ()
    competent: Callable[[Values], Outcome | None] = post_of


def visa_d(purpose: Purpose) -> Procedure:
    """The procedure of one purpose: the common file and what the purpose adds."""
    def derive(values: Mapping[str, str], today: date) -> Mapping[str, str]:
        return {**common_facts(values, today), **purpose.derive(values, today)}

    def remarks(values: Mapping[str, str], today: date) -> Sequence[Remark]:
        return [*purpose.remarks(values, today), *common_remarks(values, today)]

    return Procedure(
        code=purpose.code, edition="2026-11", valid_from=date(2026, 11, 21), title=purpose.title, legal_basis=purpose.legal_basis, prefix=purpose.prefix,
        filed_by=APPLICANT, life=purpose.life, sections=SECTIONS, pages=(*person_pages(), *purpose.pages, *journey_pages(purpose.grounds)),
        documents=(*purpose.documents, *_common_documents(purpose.exempt)), clocks=(*purpose.clocks, *_COMMON_CLOCKS),
        fees=_common_fees(purpose.contributions, purpose.visa_exempt), derive=derive, derived=FACTS | purpose.derived, competent=purpose.competent,
        remarks=remarks, milestones=_milestones(purpose.life), appeals=_APPEALS, advice=(*purpose.advice, *_ADVICE),
        key_facts=(*purpose.key_facts, *_KEY_FACTS), summary=purpose.summary, decides=purpose.decides, rules=(*purpose.rules, *_COMMON_RULES),
        information=purpose.information, commitment=purpose.commitment,
    )
