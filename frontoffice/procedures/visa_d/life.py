"""The life of a visa D: intake at the post, contribution, examination by the Immigration Office, visa, arrival and card.

The post and the Immigration Office act through the backbone; a family file gets annex 15quinquies when it is complete and
may go to the public prosecutor for advice.
"""

from collections.abc import Sequence

from frontoffice.forms.fields import Agreement, Choice, Day, Field, LongText, Money, Option, Text
from frontoffice.kernel.i18n import mark as _
from frontoffice.procedures.lifecycle import Headline, Lifecycle, Step
from frontoffice.procedures.shared.steps import (
    APPLICANT,
    BOTH,
    NOBODY,
    OFFICE,
    POST,
    REASONS,
    TELL,
    additions,
    arrival,
    arrival_headlines,
    discarding,
    step,
    taking_back,
    withdrawals,
)
from frontoffice.procedures.vocabulary import Role

PAPER = "annex-15"
_ONLY_TELL = (TELL,)

FINGERPRINTS: tuple[Option, ...] = (
    ("taken", _("Taken today"), ""), ("reused", _("Taken earlier for a visa D and used again"), ""), ("not-needed", _("Not needed"), ""),
)
NOTIFIED: tuple[Option, ...] = (
    ("hand", _("Handed over in person"), ""), ("registered", _("By registered letter"), ""), ("other", _("In another way"), ""),
)
_DOCUMENTS = (
    Text(name="documents", label=_("Documents")),
    LongText(name="request", label=_("What must it show?"), read_as=_("It must show"), hint=_("Say exactly what is missing, so that one answer is enough.")),
)
_NOTIFIED: tuple[Field, ...] = (
    Day(name="decision_date", label=_("Day of the decision")), Day(name="notified_on", label=_("Day on which the applicant was told"), optional=True),
    Choice(name="notified_by", label=_("How was the applicant told?"), choices=NOTIFIED, optional=True),
)


def _ask(takes: str, gives: str) -> Step:
    return step("ask-documents", takes, gives, POST, _ONLY_TELL, "documents-asked", _("Ask for a document"), _("Document asked by the embassy or consulate"),
                _DOCUMENTS)


def _complete(takes: str, gives: str) -> Step:
    return step("complete", takes, gives, APPLICANT, BOTH, "completed", _("Send what was asked"), _("Asked document sent"), brings_document=True)


def _inadmissible(takes: str) -> Step:
    return step("declare-inadmissible", takes, "inadmissible", POST, _ONLY_TELL, "declared-inadmissible", _("Declare inadmissible (annex 42)"),
                _("Declared inadmissible"), (REASONS,), refusing=True)


def _intake() -> list[Step]:
    return [
        step("submit", "draft", "filed", APPLICANT, BOTH, "filed", _("File the application"), _("Application filed"), files=True,
             intro=_("The embassy or consulate receives everything at once. You still have to go there in person, with the originals.")),
        discarding(APPLICANT),
        taking_back(APPLICANT, "filed"),
        step("take-up", "filed", "checking", POST, _ONLY_TELL, "taken-up", _("Record the visit to the post"),
             _("Visit to the post: originals and fingerprints"),
             (Day(name="visited_on", label=_("Day of the visit")), Choice(name="fingerprints", label=_("Fingerprints"), choices=FINGERPRINTS),
              Agreement(name="originals_seen", label=_("The originals were seen.")))),
        _ask("checking", "complement"),
        _complete("complement", "checking"),
        step("ask-contribution", "checking", "contribution-due", POST, _ONLY_TELL, "contribution-asked", _("Ask for the rest of the contribution (annex 43)"),
             _("Rest of the contribution asked (annex 43)"), (Money(name="missing_amount", label=_("Amount that is missing")),)),
        step("complete-contribution", "contribution-due", "checking", APPLICANT, BOTH, "contribution-completed", _("Send the proof of the rest"),
             _("Proof of the rest of the contribution sent"), brings_document=True),
        _inadmissible("checking"), _inadmissible("complement"), _inadmissible("contribution-due"),
    ]


def _admission(receipt: bool) -> list[Step]:
    admit = step("admit", "checking", "admissible" if receipt else "stay-exam", POST, _ONLY_TELL, "admitted", _("Declare admissible"), _("Declared admissible"),
                 lets_in=Role.IMMIGRATION_OFFICE)
    if not receipt:
        return [admit]
    return [
        admit,
        _ask("admissible", "file-complement"),
        _complete("file-complement", "admissible"),
        step("issue-annex-15quinquies", "admissible", "stay-exam", POST, _ONLY_TELL, "annex-15quinquies-issued",
             _("Declare complete and issue annex 15quinquies"),
             _("File complete: annex 15quinquies issued"), (Day(name="complete_on", label=_("Day on which everything was there")),),
             intro=_("From this day the legal time for the decision runs.")),
    ]


def _examination(prosecutor: bool) -> list[Step]:
    steps = [
        step("ask-stay-documents", "stay-exam", "stay-complement", OFFICE, _ONLY_TELL, "stay-documents-asked", _("Ask for a document"),
             _("Document asked by the Immigration Office"), (*_DOCUMENTS, Day(name="send_by", label=_("Send it before or on"), optional=True))),
        step("complete-stay", "stay-complement", "stay-exam", APPLICANT, BOTH, "stay-completed", _("Send what was asked"), _("Asked document sent"),
             brings_document=True),
        step("grant", "stay-exam", "granted", OFFICE, _ONLY_TELL, "granted", _("Grant the visa"), _("Visa D granted"),
             (Day(name="decision_date", label=_("Day of the decision")),
              Text(name="mention", label=_("National mention on the visa"), hint=_("For example B8. It tells the municipality which document to issue."),
                   optional=True,
                   longest=20))),
        step("refuse", "stay-exam", "refused", OFFICE, _ONLY_TELL, "refused", _("Refuse the visa"), _("Visa D refused"), (*_NOTIFIED, REASONS), refusing=True),
        step("close", "stay-exam", "without-object", OFFICE, _ONLY_TELL, "closed", _("Close without a decision"),
             _("Closed: there is nothing left to decide"), (REASONS,),
             refusing=True, prominent=False),
        step("issue-visa", "granted", "visa-issued", POST, _ONLY_TELL, "visa-issued", _("Issue the visa"), _("Visa D issued"),
             (Day(name="valid_until", label=_("Valid until")),)),
    ]
    if prosecutor:
        steps += [
            step("ask-prosecutor", "stay-exam", "prosecutor-advice", OFFICE, _ONLY_TELL, "prosecutor-asked", _("Ask the public prosecutor for advice"),
                 _("Advice of the public prosecutor asked"), (Day(name="advice_expected", label=_("Advice expected by"), optional=True),), prominent=False),
            step("record-prosecutor-advice", "prosecutor-advice", "stay-exam", OFFICE, _ONLY_TELL, "prosecutor-advised", _("Record the advice"),
                 _("Advice of the public prosecutor received"), (Day(name="advice_date", label=_("Day of the advice")),)),
        ]
    return steps


def _headlines() -> list[Headline]:
    grey = ((("discarded"), _("Deleted")), ("withdrawn", _("Withdrawn")), ("without-object", _("Closed: there is nothing left to decide")))
    return [
        *(Headline(state=state, title=title, turn=NOBODY, colour="grey") for state, title in grey),
        Headline(state="inadmissible", title=_("Inadmissible"), turn=NOBODY, colour="red"),
        Headline(state="refused", title=_("Refused"), turn=NOBODY, colour="red"),
        Headline(state="card-issued", title=_("Card delivered"), turn=NOBODY, colour="green"),
        Headline(state="draft", title=_("Draft"), turn=APPLICANT, colour="grey"),
        Headline(state="filed", title=_("Filed"), turn=POST, colour="blue", pending=_("Visit to the post")),
        Headline(state="checking", title=_("Completeness check"), turn=POST, colour="blue"),
        Headline(state="complement", title=_("Document asked"), turn=APPLICANT, colour="yellow"),
        Headline(state="contribution-due", title=_("Rest of the contribution asked"), turn=APPLICANT, colour="yellow"),
        Headline(state="admissible", title=_("Admissible"), turn=POST, colour="blue", pending=_("Complete file and annex 15quinquies")),
        Headline(state="file-complement", title=_("Document asked"), turn=APPLICANT, colour="yellow"),
        Headline(state="stay-exam", title=_("Decision on residence"), turn=OFFICE, colour="purple"),
        Headline(state="prosecutor-advice", title=_("Advice of the public prosecutor"), turn=OFFICE, colour="purple"),
        Headline(state="stay-complement", title=_("Document asked by the Immigration Office"), turn=APPLICANT, colour="yellow"),
        Headline(state="granted", title=_("Visa D granted"), turn=POST, colour="green", pending=_("The visa in the passport")),
        *arrival_headlines(APPLICANT, paper_code=PAPER, paper_title=_("Annex 15 issued"), paper_pending=_("Annex 15")),
    ]


def life(*, receipt: bool = False, prosecutor: bool = False) -> Lifecycle:
    """The life of one kind of visa D: with annex 15quinquies as `receipt`, with the advice of the public `prosecutor`."""
    open_states = ["filed", "checking", "complement", "contribution-due", "stay-exam", "stay-complement"]
    open_states += ["admissible", "file-complement"] if receipt else []
    open_states += ["prosecutor-advice"] if prosecutor else []
    steps: Sequence[Step] = (
        *_intake(), *_admission(receipt), *_examination(prosecutor),
        *arrival(APPLICANT, paper=_("Issue annex 15"), paper_code=PAPER, paper_done=_("Annex 15 issued")),
        *additions(APPLICANT, *open_states),
        *withdrawals(APPLICANT, "draft", *open_states),
    )
    given = frozenset({"draft"}).union(*(one.gives for one in steps))
    return Lifecycle(
        start=frozenset({"draft"}), final=frozenset({"discarded", "inadmissible", "refused", "without-object", "withdrawn", "card-issued"}),
        steps=steps, headlines=[one for one in _headlines() if one.state in given],
    )
