"""The life of a work authorisation: the Region checks, decides, and nothing follows at the Immigration Office."""

from frontoffice.forms.fields import Choice, Day, LongText
from frontoffice.kernel.i18n import mark as _
from frontoffice.procedures.lifecycle import Headline, Lifecycle
from frontoffice.procedures.shared.steps import BOTH, NOBODY, REASONS, REGION, TELL, discarding, step, withdrawals
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
        step("take-up", "filed", "checking", REGION, (TELL,), "taken-up", _("Take up this dossier"), _("Taken up by the Region")),
        step("ask-documents", "checking", "complement", REGION, BOTH, "documents-asked", _("Ask for a document"), _("Document asked by the Region"),
             (Choice(name="document", label=_("Which document do you ask for?"), read_as=_("Document"), choices=ASKED),
              LongText(name="request", label=_("What must it show?"), read_as=_("It must show"), hint=_("Say exactly what is missing, so that one answer is enough.")))),
        step("complete", "complement", "checking", FILERS, BOTH, "completed", _("Send what was asked"), _("Asked document sent"), brings_document=True),
        step("declare-inadmissible", "checking", "inadmissible", REGION, BOTH, "declared-inadmissible", _("Declare inadmissible"), _("Declared inadmissible"),
             (REASONS,), refusing=True),
        step("declare-inadmissible", "complement", "inadmissible", REGION, BOTH, "declared-inadmissible", _("Declare inadmissible"), _("Declared inadmissible"),
             (REASONS,), refusing=True),
        step("admit", "checking", "work-exam", REGION, BOTH, "admitted", _("Declare admissible"), _("Declared admissible")),
        step("grant-work", "work-exam", "authorised", REGION, BOTH, "work-granted", _("Authorise the work"), _("Work authorised"),
             (Day(name="valid_from", label=_("Authorised from")), Day(name="valid_until", label=_("Authorised until")))),
        step("refuse-work", "work-exam", "work-refused", REGION, BOTH, "work-refused", _("Refuse the work"), _("Work refused"), (REASONS,), refusing=True),
        *withdrawals(FILERS, "filed", "checking", "complement", "work-exam"),
    ),
    headlines=(
        Headline(state="discarded", title=_("Deleted"), turn=NOBODY, colour="grey"),
        Headline(state="withdrawn", title=_("Withdrawn"), turn=NOBODY, colour="grey"),
        Headline(state="inadmissible", title=_("Inadmissible"), turn=NOBODY, colour="red"),
        Headline(state="work-refused", title=_("Work refused"), turn=NOBODY, colour="red"),
        Headline(state="authorised", title=_("Work authorised"), turn=NOBODY, colour="green"),
        Headline(state="draft", title=_("Draft"), turn=FILERS, colour="grey"),
        Headline(state="filed", title=_("Filed"), turn=REGION, colour="blue", pending=_("Waiting to be taken up")),
        Headline(state="checking", title=_("Completeness check"), turn=REGION, colour="blue"),
        Headline(state="complement", title=_("Document asked"), turn=FILERS, colour="yellow"),
        Headline(state="work-exam", title=_("Decision on work"), turn=REGION, colour="purple"),
    ),
)
