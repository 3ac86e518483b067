"""The life of a work authorisation: the Region checks, decides, and nothing follows at the Immigration Office."""

from frontoffice.forms.fields import Day
from frontoffice.kernel.i18n import mark as _
from frontoffice.procedures.lifecycle import Headline, Lifecycle
from frontoffice.procedures.shared.steps import (
    BOTH,
    NOBODY,
    REASONS,
    REGION,
    additions,
    check_headlines,
    closed_headlines,
    completeness_check,
    discarding,
    passing_on,
    step,
    taking_back,
    withdrawals,
)
from frontoffice.procedures.vocabulary import FILERS

ASKED = (
    ("contract", _("Employment contract"), ""), ("passport", _("Passport, page with the photo"), ""), ("function-description", _("Description of the function"), ""),
    ("secondment", _("Posting letter"), ""), ("social-security", _("Proof of social security abroad"), ""), ("diploma", _("Diploma"), ""), ("other", _("Another document"), ""),
)

LIFE = Lifecycle(
    start=frozenset({"draft"}),
    final=frozenset({"discarded", "withdrawn", "inadmissible", "work-refused", "authorised"}),
    steps=(
        discarding(FILERS),
        step("submit", "draft", "filed", FILERS, BOTH, "submitted", _("File the application"), _("Filed"), files=True),
        taking_back(FILERS, "filed"),
        *completeness_check(FILERS, ASKED),
        step("admit", "checking", "work-exam", REGION, BOTH, "admitted", _("Declare admissible"), _("Declared admissible")),
        step("grant-work", "work-exam", "authorised", REGION, BOTH, "work-granted", _("Authorise the work"), _("Work authorised"),
             (Day(name="valid_from", label=_("Authorised from")), Day(name="valid_until", label=_("Authorised until")))),
        step("refuse-work", "work-exam", "work-refused", REGION, BOTH, "work-refused", _("Refuse the work"), _("Work refused"), (REASONS,), refusing=True),
        *passing_on("filed", "checking", "complement", "work-exam"),
        *additions(FILERS, "filed", "checking", "complement", "work-exam"),
        *withdrawals(FILERS, "draft", "filed", "checking", "complement", "work-exam"),
    ),
    headlines=(
        *closed_headlines(),
        Headline(state="authorised", title=_("Work authorised"), turn=NOBODY, colour="green"),
        *check_headlines(FILERS),
        Headline(state="work-exam", title=_("Decision on work"), turn=REGION, colour="purple"),
    ),
)
