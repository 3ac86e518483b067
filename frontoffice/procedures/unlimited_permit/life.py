"""The life of an unlimited permit: the Region of residence decides on the work, the Immigration Office on the stay, the municipality on nothing but the card."""

from frontoffice.forms.fields import Agreement, Checked, Day, Text
from frontoffice.forms.identifiers import travel_document_number
from frontoffice.kernel.i18n import mark as _
from frontoffice.procedures.lifecycle import Headline, Lifecycle
from frontoffice.procedures.shared.steps import (
    APPLICANT,
    BOTH,
    NOBODY,
    OFFICE,
    REASONS,
    REGION,
    TELL,
    TOWN,
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
from frontoffice.procedures.vocabulary import Role

ASKED = (
    ("pay-slips", _("Pay slips"), ""), ("individual-account", _("Yearly individual account"), ""), ("previous-authorisation", _("Earlier authorisations to work"), ""),
    ("residence-title", _("Residence title, both sides"), ""), ("mutual-insurance", _("Statement of the health insurance fund"), ""), ("passport", _("Passport, page with the photo"), ""),
    ("other", _("Another document"), ""),
)

LIFE = Lifecycle(
    start=frozenset({"draft"}),
    final=frozenset({"discarded", "withdrawn", "inadmissible", "work-refused", "refused", "card-issued"}),
    steps=(
        discarding(APPLICANT),
        step("submit", "draft", "filed", APPLICANT, BOTH, "submitted", _("File the application"), _("Filed"), files=True),
        taking_back(APPLICANT, "filed"),
        *completeness_check(APPLICANT, ASKED),
        step("admit", "checking", "work-exam stay-exam", REGION, BOTH, "admitted", _("Declare admissible"), _("Declared admissible"), lets_in=Role.IMMIGRATION_OFFICE),
        step("grant-work", "work-exam", "work-granted", REGION, BOTH, "work-granted", _("Authorise the work"), _("Work authorised"),
             (Day(name="valid_from", label=_("Authorised from")),)),
        step("refuse-work", "work-exam", "work-refused", REGION, BOTH, "work-refused", _("Refuse the work"), _("Work refused"), (REASONS,), refusing=True),
        step("ask-stay-documents", "stay-exam", "stay-complement", OFFICE, (TELL,), "stay-documents-asked", _("Ask for a document"),
             _("Document asked by the Immigration Office"), (Text(name="documents", label=_("Documents")), REASONS)),
        step("complete-stay", "stay-complement", "stay-exam", APPLICANT, BOTH, "stay-completed", _("Send what was asked"), _("Asked document sent"), brings_document=True),
        step("grant", "work-granted stay-exam", "granted", OFFICE, (TELL,), "granted", _("Grant the unlimited stay"), _("Unlimited permit granted"),
             (Day(name="decision_date", label=_("Day of the decision")),), lets_town_in="home_municipality"),
        step("refuse-stay", "stay-exam", "refused", OFFICE, (TELL,), "stay-refused", _("Refuse the stay (annex 48)"), _("Stay refused (annex 48)"), (REASONS,), refusing=True),
        step("register", "granted", "address-confirmed", TOWN, BOTH, "registered", _("Check passport and address"), _("Passport and address checked by the municipality"),
             (Checked(name="passport_seen", label=_("Number of the passport before you"), read_as=_("Passport number"), reader=travel_document_number),
              Agreement(name="address_seen", label=_("The person confirmed the address."))), same_as={"passport_seen": "passport_number"}),
        step("order-card", "address-confirmed", "card-ordered", TOWN, BOTH, "card-ordered", _("Order the card"), _("Residence card ordered"),
             (Agreement(name="biometrics", label=_("Photo and fingerprints were taken.")),)),
        step("deliver-card", "card-ordered", "card-issued", TOWN, BOTH, "card-issued", _("Deliver the card"), _("Residence card delivered"),
             (Day(name="valid_until", label=_("Card valid until")),)),
        *passing_on("filed", "checking", "complement", "work-exam"),
        *additions(APPLICANT, "filed", "checking", "complement", "stay-exam", "stay-complement"),
        *withdrawals(APPLICANT, "draft", "filed", "checking", "complement", "stay-exam", "stay-complement"),
    ),
    headlines=(
        *closed_headlines(),
        Headline(state="refused", title=_("Refused"), turn=NOBODY, colour="red"),
        Headline(state="card-issued", title=_("Card delivered"), turn=NOBODY, colour="green"),
        *check_headlines(APPLICANT),
        Headline(state="stay-complement", title=_("Document asked by the Immigration Office"), turn=APPLICANT, colour="yellow"),
        Headline(state="work-exam", title=_("Decision on work"), turn=REGION, colour="purple"),
        Headline(state="stay-exam", title=_("Decision on residence"), turn=OFFICE, colour="purple"),
        Headline(state="work-granted", title=_("Work authorised"), turn=OFFICE, colour="purple"),
        Headline(state="granted", title=_("Permit granted"), turn=TOWN, colour="green", pending=_("Report to the municipality")),
        Headline(state="address-confirmed", title=_("Address confirmed"), turn=TOWN, colour="blue", pending=_("Order of the card")),
        Headline(state="card-ordered", title=_("Card ordered"), turn=TOWN, colour="blue", pending=_("Delivery of the card")),
    ),
)
