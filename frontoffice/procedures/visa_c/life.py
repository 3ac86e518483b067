"""The life of a visa C: the post takes the application in and examines it, and refers what is not clear to the Immigration Office.

A Belgian embassy says that only the Immigration Office can refuse; the post gives the clear visas itself.
"""

from frontoffice.forms.fields import Choice, Choices, Day, Number, Option, Text
from frontoffice.kernel.i18n import mark as _
from frontoffice.procedures.lifecycle import Headline, Lifecycle
from frontoffice.procedures.shared.steps import APPLICANT, BOTH, NOBODY, OFFICE, POST, REASONS, TELL, additions, discarding, step, taking_back, withdrawals
from frontoffice.procedures.vocabulary import Role

# The standard form of refusal, by number; 14 is for the border, 17 for a visa that its holder gives back.
REFUSAL_REASONS: tuple[Option, ...] = (
    ("1", _("The travel document is false, counterfeit or forged"), ""),
    ("2", _("The purpose and the conditions of the stay were not justified"), ""),
    ("3", _("There is no proof of sufficient means for the stay, the return or the transit"), ""),
    ("4", _("There is no proof that such means can be obtained lawfully"), ""),
    ("5", _("90 days were already spent in the current period of 180 days"), ""),
    ("6", _("A State has entered an alert for refusal of entry in the Schengen Information System"), ""),
    ("7", _("One or more States see a threat to public policy or internal security"), ""),
    ("8", _("One or more States see a threat to public health"), ""),
    ("9", _("One or more States see a threat to their international relations"), ""),
    ("10", _("The information about the purpose and the conditions of the stay is not reliable"), ""),
    ("11", _("There are reasonable doubts about the reliability of the statements"), ""),
    ("12", _("There are reasonable doubts about the reliability or the authenticity of the documents"), ""),
    ("13", _("There are reasonable doubts about the intention to leave before the visa ends"), ""),
    ("14", _("There is no proof that the visa could not be requested in advance"), ""),
    ("15", _("The purpose and the conditions of the airport transit were not justified"), ""),
    ("16", _("There is no proof of adequate travel medical insurance"), ""),
    ("17", _("The visa was revoked at the request of its holder"), ""),
)
ENTRIES: tuple[Option, ...] = (("one", _("Once"), ""), ("two", _("Twice"), ""), ("multiple", _("Several times"), ""))
# What the Immigration Office can choose when it refuses.
_GROUNDS = tuple(one for one in REFUSAL_REASONS if one[0] not in ("14", "17"))
_ASK = (Text(name="documents", label=_("Documents")), REASONS)
_VISA = (
    Text(name="visa_number", label=_("Number of the visa"), longest=40), Day(name="valid_from", label=_("Valid from")),
    Day(name="valid_until", label=_("Valid until")), Number(name="days", label=_("Days of stay"), least=1, most=90, width=3),
    Choice(name="entries", label=_("Entries"), choices=ENTRIES),
)
_UNDECIDED = ("filed", "appointment", "checking", "complement", "visa-exam", "stay-exam", "stay-complement")

LIFE = Lifecycle(
    start=frozenset({"draft"}),
    final=frozenset({"discarded", "withdrawn", "inadmissible", "refused", "visa-issued"}),
    steps=(
        discarding(APPLICANT),
        step("submit", "draft", "filed", APPLICANT, BOTH, "submitted", _("File the application"), _("Filed"), files=True),
        taking_back(APPLICANT, "filed"),
        step("make-appointment", "filed", "appointment", POST, (TELL,), "appointment-made", _("Make an appointment"), _("Appointment made"),
             (Day(name="appointment_on", label=_("Day of the appointment")), Text(name="appointment_at", label=_("Hour and place"), longest=200))),
        step("take-up", "filed", "checking", POST, (TELL,), "taken-up", _("Take up this dossier"), _("Taken up by the embassy or consulate")),
        step("take-up", "appointment", "checking", POST, (TELL,), "taken-up", _("Take up this dossier"), _("Taken up by the embassy or consulate")),
        step("ask-documents", "checking", "complement", POST, (TELL,), "documents-asked", _("Ask for a document"),
             _("Document asked by the embassy or consulate"), _ASK),
        step("complete", "complement", "checking", APPLICANT, BOTH, "completed", _("Send what was asked"), _("Asked document sent"), brings_document=True),
        step("declare-inadmissible", "checking", "inadmissible", POST, (TELL,), "declared-inadmissible", _("Declare inadmissible"),
             _("Declared inadmissible"), (REASONS,), refusing=True),
        step("declare-inadmissible", "complement", "inadmissible", POST, (TELL,), "declared-inadmissible", _("Declare inadmissible"),
             _("Declared inadmissible"), (REASONS,), refusing=True),
        step("admit", "checking", "visa-exam", POST, (TELL,), "admitted", _("Declare admissible"), _("Declared admissible"),
             intro=_("From this day the legal time for the decision runs.")),
        step("refer", "visa-exam", "stay-exam", POST, (TELL,), "referred", _("Refer to the Immigration Office"), _("Referred to the Immigration Office"),
             lets_in=Role.IMMIGRATION_OFFICE),
        step("ask-stay-documents", "stay-exam", "stay-complement", OFFICE, (TELL,), "stay-documents-asked", _("Ask for a document"),
             _("Document asked by the Immigration Office"), _ASK),
        step("complete-stay", "stay-complement", "stay-exam", APPLICANT, BOTH, "stay-completed", _("Send what was asked"), _("Asked document sent"),
             brings_document=True),
        step("grant", "stay-exam", "granted", OFFICE, (TELL,), "granted", _("Grant the visa"), _("Visa granted"),
             (Day(name="decision_date", label=_("Day of the decision")),)),
        step("refuse", "stay-exam", "refused", OFFICE, (TELL,), "refused", _("Refuse the visa"), _("Visa refused"),
             (Choices(name="refusal_reasons", label=_("Reasons of the standard form"), choices=_GROUNDS), REASONS), refusing=True),
        step("issue-visa", "visa-exam", "visa-issued", POST, (TELL,), "visa-issued", _("Issue the visa"), _("Visa issued"), _VISA),
        step("issue-visa", "granted", "visa-issued", POST, (TELL,), "visa-issued", _("Issue the visa"), _("Visa issued"), _VISA),
        *additions(APPLICANT, *_UNDECIDED),
        *withdrawals(APPLICANT, "draft", *_UNDECIDED),
    ),
    headlines=(
        Headline(state="discarded", title=_("Deleted"), turn=NOBODY, colour="grey"),
        Headline(state="withdrawn", title=_("Withdrawn"), turn=NOBODY, colour="grey"),
        Headline(state="inadmissible", title=_("Inadmissible"), turn=NOBODY, colour="red"),
        Headline(state="refused", title=_("Refused"), turn=NOBODY, colour="red"),
        Headline(state="visa-issued", title=_("Visa issued"), turn=NOBODY, colour="green"),
        Headline(state="draft", title=_("Draft"), turn=APPLICANT, colour="grey"),
        Headline(state="filed", title=_("Filed"), turn=POST, colour="blue", pending=_("Appointment")),
        Headline(state="appointment", title=_("Appointment made"), turn=APPLICANT, colour="blue", pending=_("Come to the appointment")),
        Headline(state="checking", title=_("Completeness check"), turn=POST, colour="blue"),
        Headline(state="complement", title=_("Document asked"), turn=APPLICANT, colour="yellow"),
        Headline(state="stay-complement", title=_("Document asked by the Immigration Office"), turn=APPLICANT, colour="yellow"),
        Headline(state="visa-exam", title=_("Decision on the visa"), turn=POST, colour="purple"),
        Headline(state="stay-exam", title=_("Decision by the Immigration Office"), turn=OFFICE, colour="purple"),
        Headline(state="granted", title=_("Visa granted"), turn=POST, colour="green", pending=_("Issue of the visa")),
    ),
)
