"""The life of a declaration of arrival: declared, checked in person, annex 3, left."""

from frontoffice.forms.fields import Agreement, Checked, Choice, Day, LongText, Text
from frontoffice.forms.identifiers import travel_document_number
from frontoffice.kernel.i18n import mark as _
from frontoffice.procedures.lifecycle import Headline, Lifecycle
from frontoffice.procedures.shared.steps import APPLICANT, BOTH, NOBODY, TOWN, additions, discarding, step, taking_back, withdrawals

_ASKED = (("passport", _("Passport, page with the photo"), ""), ("visa", _("Visa"), ""), ("other", _("Another document"), ""))

LIFE = Lifecycle(
    start=frozenset({"draft"}),
    final=frozenset({"discarded", "withdrawn", "left", "refused"}),
    steps=(
        discarding(APPLICANT),
        step("submit", "draft", "declared", APPLICANT, BOTH, "submitted", _("Declare my arrival"), _("Arrival declared"), files=True),
        taking_back(APPLICANT, "declared"),
        step("ask-documents", "declared", "complement", TOWN, BOTH, "documents-asked", _("Ask for a document"), _("Document asked by the municipality"),
             (Choice(name="document", label=_("Which document do you ask for?"), read_as=_("Document"), choices=_ASKED),
              LongText(name="request", label=_("What must it show?"), read_as=_("It must show")))),
        step("complete", "complement", "declared", APPLICANT, BOTH, "completed", _("Send what was asked"), _("Asked document sent"), brings_document=True),
        step("check-in", "declared", "checked-in", TOWN, BOTH, "checked-in", _("Check the passport in person"), _("Passport checked by the municipality"),
             (Checked(name="passport_seen", label=_("Number of the passport before you"), read_as=_("Passport number"), reader=travel_document_number),
              Agreement(name="address_seen", label=_("The person confirmed the address."))), same_as={"passport_seen": "passport_number"}),
        step("issue-annex-3", "checked-in", "annex-3", TOWN, BOTH, "annex-3-issued", _("Issue annex 3"), _("Annex 3 issued"),
             (Text(name="annex_number", label=_("Number of annex 3"), longest=40), Day(name="valid_until", label=_("Valid until"))),
             intro=_("Valid until the visa ends, or 90 days after the entry.")),
        step("report-departure", "annex-3", "left", APPLICANT | TOWN, BOTH, "departure-reported", _("Report the departure"), _("Departure reported"),
             (Day(name="left_on", label=_("Day of departure")),)),
        step("declare-inadmissible", "declared", "refused", TOWN, BOTH, "declared-inadmissible", _("Refuse the declaration"), _("Declaration refused"),
             (LongText(name="reasons", label=_("Reasons"), longest=8000),), refusing=True, prominent=False),
        *additions(APPLICANT, "declared", "complement", "checked-in"),
        *withdrawals(APPLICANT, "draft", "declared", "complement"),
    ),
    headlines=(
        Headline(state="discarded", title=_("Deleted"), turn=NOBODY, colour="grey"),
        Headline(state="withdrawn", title=_("Withdrawn"), turn=NOBODY, colour="grey"),
        Headline(state="refused", title=_("Refused"), turn=NOBODY, colour="red"),
        Headline(state="left", title=_("Departure reported"), turn=NOBODY, colour="green"),
        Headline(state="draft", title=_("Draft"), turn=APPLICANT, colour="grey"),
        Headline(state="declared", title=_("Arrival declared"), turn=TOWN, colour="blue", pending=_("Report in person to the municipality")),
        Headline(state="complement", title=_("Document asked"), turn=APPLICANT, colour="yellow"),
        Headline(state="checked-in", title=_("Passport checked"), turn=TOWN, colour="blue", pending=_("Annex 3")),
        Headline(state="annex-3", title=_("Annex 3 issued"), turn=APPLICANT, colour="green", pending=_("Departure")),
    ),
)
