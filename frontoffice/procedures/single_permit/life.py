"""The life of a single permit: every step, who takes it, what he or she must say with it, and what states are called.

Work and stay are examined side by side (cooperation agreement of 2 February 2018), so a position is a set of states.
"""


from frontoffice.forms.fields import Agreement, Checked, Day, LongText, Select, Text
from frontoffice.forms.identifiers import travel_document_number
from frontoffice.kernel.i18n import mark as _
from frontoffice.procedures.lifecycle import Headline, Lifecycle, Step
from frontoffice.procedures.places import MunicipalityName, PostalCode
from frontoffice.procedures.shared.steps import BOTH, OFFICE, POST, REGION, TELL, TOWN, WORKER, additions, discarding, passing_on, step, taking_back
from frontoffice.procedures.single_permit.documents import ASKED
from frontoffice.procedures.vocabulary import FILERS, Role

_GIVERS = FILERS | WORKER
_UNDECIDED = ("filed", "checking", "complement", "stay-exam", "stay-complement")

_REASONS = LongText(name="reasons", label=_("Reasons"), hint=_("The employer and the worker read this text as you write it."), longest=8000)
_ADDRESS = (
    Text(name="street", label=_("Street and number"), autocomplete="street-address"),
    PostalCode(name="postal_code", label=_("Postal code")),
    MunicipalityName(name="municipality", label=_("Municipality"), postal_code="postal_code", optional=True),
)
_DECISION = (Day(name="decision_date", label=_("Day of the decision")), Day(name="valid_until", label=_("Valid until")))
_ASK = (
    Select(name="document", label=_("Which document do you ask for?"), read_as=_("Document"), choices=ASKED),
    LongText(name="request", label=_("What must it show?"), read_as=_("It must show"), hint=_("Say exactly what is missing, so that one answer is enough.")),
)


def _reports() -> list[Step]:
    """A worker who is in Belgium needs no visa; in a renewal the municipality may act while the stay is still examined."""
    return [
        step("report-address", state, after, WORKER, BOTH, "address-reported", _("In Belgium already: report your address"),
              _("The worker, who is in Belgium, reported the address"), _ADDRESS, prominent=False, lets_town_in="municipality",
              intro=_("Only if you are in Belgium with a right to stay: then you need no visa. Your municipality sees your address at once."))
        for state, after in (("work-granted", "work-granted"), ("granted", "arrived"))
    ]


def _withdrawals() -> list[Step]:
    return [
        step("withdraw", state, "withdrawn", FILERS, BOTH, "withdrawn", _("Withdraw the application"), _("Withdrawn by the employer"),
              (LongText(name="reasons", label=_("Why do you withdraw it?"), read_as=_("Reasons"), optional=True),), refusing=True, prominent=False,
              intro=_("You can withdraw until the decision. Nothing more happens with the application after that."), numbered=True if state == "draft" else None)
        for state in ("draft", *_UNDECIDED)
    ]


LIFE = Lifecycle(
    start=frozenset({"draft", "worker-part"}),
    final=frozenset({"discarded", "inadmissible", "work-refused", "refused", "visa-refused", "withdrawn", "card-issued"}),
    steps=(
        step("confirm-worker-part", "worker-part", "worker-confirmed", WORKER, (TELL,), "worker-part-confirmed",
              _("Confirm your part"), _("The worker confirmed his or her part"),
              (Agreement(name="truth", label=_("I declare that what I answered is true and complete.")),
               Agreement(name="consent", label=_("I agree that my employer files this application for me."))),
              intro=_("After this the employer can file. You can still open your part again until then."), confirms=Role.WORKER),
        step("declare-consent", "worker-part", "worker-confirmed", FILERS, (), "consent-declared",
              _("Confirm the worker's part yourself"), _("The employer declared to hold the worker's consent"),
              (Agreement(name="consent", label=_("I hold the worker's consent to give these answers and to file this application.")),),
              intro=_("Only when the worker was not invited. The worker still gets a copy of the receipt if you gave an e-mail address.")),
        step("reopen-worker-part", "draft worker-confirmed", "draft worker-part", _GIVERS, (), "worker-part-reopened",
              _("Open the worker's part again"), _("The worker's part was opened again"), prominent=False),
        discarding(FILERS),
        step("submit", "draft worker-confirmed", "filed", FILERS, BOTH, "submitted", _("File the application"), _("Filed"), files=True),
        taking_back(FILERS, "filed", "draft worker-confirmed"),
        step("take-up", "filed", "checking", REGION, (TELL,), "taken-up", _("Take up this dossier"), _("Taken up by the Region")),
        step("ask-documents", "checking", "complement", REGION, BOTH, "documents-asked", _("Ask for a document"),
              _("Document asked by the Region"), _ASK),
        step("complete", "complement", "checking", _GIVERS, BOTH, "completed", _("Send what was asked"), _("Asked document sent"),
              brings_document=True),
        step("declare-inadmissible", "checking", "inadmissible", REGION, BOTH, "declared-inadmissible", _("Declare inadmissible"),
              _("Declared inadmissible"), (_REASONS,), refusing=True),
        step("declare-inadmissible", "complement", "inadmissible", REGION, BOTH, "declared-inadmissible", _("Declare inadmissible"),
              _("Declared inadmissible"), (_REASONS,), refusing=True),
        step("admit", "checking", "work-exam stay-exam", REGION, BOTH, "admitted", _("Declare admissible"), _("Declared admissible"),
              intro=_("From this day the legal time for the decision runs."), lets_in=Role.IMMIGRATION_OFFICE),
        step("grant-work", "work-exam", "work-granted", REGION, BOTH, "work-granted", _("Authorise the work"), _("Work authorised"),
              (Day(name="valid_from", label=_("Authorised from")), Day(name="valid_until", label=_("Authorised until")))),
        step("refuse-work", "work-exam", "work-refused", REGION, BOTH, "work-refused", _("Refuse the work"), _("Work refused"),
              (_REASONS,), refusing=True),
        step("ask-stay-documents", "stay-exam", "stay-complement", OFFICE, (TELL,), "stay-documents-asked", _("Ask for a document"),
              _("Document asked by the Immigration Office"), (Text(name="documents", label=_("Documents")), _REASONS)),
        step("complete-stay", "stay-complement", "stay-exam", _GIVERS, BOTH, "stay-completed", _("Send what was asked"),
              _("Asked document sent"), brings_document=True),
        step("grant", "work-granted stay-exam", "granted", OFFICE, (TELL,), "granted", _("Grant the permit (annex 46)"),
              _("Permit granted (annex 46)"), _DECISION, lets_in=Role.DIPLOMATIC_POST),
        step("certify-silence", "work-granted stay-exam", "granted", OFFICE, (TELL,), "granted-by-silence",
              _("Certify the grant by silence (annex 47)"), _("Permit granted because no decision came in time (annex 47)"), _DECISION, lets_in=Role.DIPLOMATIC_POST),
        step("refuse-stay", "stay-exam", "refused", OFFICE, (TELL,), "stay-refused", _("Refuse the stay (annex 48)"),
              _("Stay refused (annex 48)"), (_REASONS,), refusing=True),
        step("request-visa", "granted", "visa-requested", POST, (TELL,), "visa-requested", _("Record the visa request"), _("Visa D requested")),
        step("issue-visa", "visa-requested", "visa-issued", POST, (TELL,), "visa-issued", _("Issue the visa"), _("Visa D issued"),
              (Day(name="valid_until", label=_("Valid until")),)),
        step("refuse-visa", "visa-requested", "visa-refused", POST, (TELL,), "visa-refused", _("Refuse the visa"), _("Visa D refused"),
              (_REASONS,), refusing=True),
        step("announce-arrival", "visa-issued", "arrived", WORKER, BOTH, "arrived", _("Announce your arrival"), _("Arrival announced"),
              (Day(name="arrived_on", label=_("On which day did you arrive in Belgium?"), read_as=_("In Belgium since")), *_ADDRESS),
              intro=_("Your municipality sees your announcement at once. You must report within 8 working days of your arrival."), lets_town_in="municipality"),
        step("register", "arrived", "registered", TOWN, BOTH, "registered", _("Check passport and address"),
              _("Passport and address checked by the municipality"),
              (Checked(name="passport_seen", label=_("Number of the passport before you"), read_as=_("Passport number"), reader=travel_document_number),
               Agreement(name="address_seen", label=_("The worker confirmed the address in person."))),
              intro=_("Tell the worker to put the name on the bell and on the letterbox before the police officer comes."), same_as={"passport_seen": "passport_number"}),
        step("issue-annex-49", "registered", "annex-49 address-check", TOWN, BOTH, "annex-49-issued", _("Issue annex 49"),
              _("Annex 49 issued"), (Day(name="valid_until", label=_("Valid until")),),
              intro=_("The address check by the police starts with it. Tell the worker that annex 49 is not a travel document.")),
        step("issue-annex-49", "work-granted", "work-granted", TOWN, BOTH, "annex-49-issued", _("Issue annex 49"),
              _("Annex 49 issued"), (Day(name="valid_until", label=_("Valid until")),),
              intro=_("For a renewal or a new employer: annex 49 proves the right to stay, and to work, until the stay is decided.")),
        step("record-address-check", "address-check", "address-confirmed", TOWN, BOTH, "address-confirmed",
              _("Record the address check: lives there"), _("Address confirmed by the police officer"),
              (Day(name="visited_on", label=_("Day of the visit")), Text(name="officer", label=_("Police zone and service number"), longest=80))),
        step("record-failed-check", "address-check", "address-check", TOWN, (TELL,), "address-not-confirmed",
              _("Record the address check: not found"), _("Police officer did not find the worker; a second visit follows"),
              (Day(name="visited_on", label=_("Day of the visit")), Text(name="officer", label=_("Police zone and service number"), longest=80),
               LongText(name="remark", label=_("What did the officer find?"), read_as=_("Remark"), longest=2000)), prominent=False),
        step("order-card", "annex-49 address-confirmed", "card-ordered", TOWN, BOTH, "card-ordered", _("Order the card"),
              _("Residence card ordered"), (Agreement(name="biometrics", label=_("Photo and fingerprints were taken.")),)),
        step("deliver-card", "card-ordered", "card-issued", TOWN, BOTH, "card-issued", _("Deliver the card"), _("Residence card delivered"),
              (Day(name="valid_until", label=_("Card valid until")),)),
        *passing_on("filed", "checking", "complement", "work-exam"),
        *additions(_GIVERS, *_UNDECIDED),
        *_reports(),
        *_withdrawals(),
    ),
    # The first of these that is present in a position is the status that people read.
    headlines=(
        Headline(state="discarded", title=_("Deleted"), turn=frozenset(), colour="grey"),
        Headline(state="withdrawn", title=_("Withdrawn"), turn=frozenset(), colour="grey"),
        Headline(state="inadmissible", title=_("Inadmissible"), turn=frozenset(), colour="red"),
        Headline(state="work-refused", title=_("Work refused"), turn=frozenset(), colour="red"),
        Headline(state="refused", title=_("Refused"), turn=frozenset(), colour="red"),
        Headline(state="visa-refused", title=_("Visa refused"), turn=frozenset(), colour="red"),
        Headline(state="card-issued", title=_("Card delivered"), turn=frozenset(), colour="green"),
        Headline(state="draft", title=_("Draft"), turn=FILERS, colour="grey"),
        Headline(state="filed", title=_("Filed"), turn=REGION, colour="blue", pending=_("Waiting to be taken up")),
        Headline(state="checking", title=_("Completeness check"), turn=REGION, colour="blue"),
        Headline(state="complement", title=_("Document asked"), turn=_GIVERS, colour="yellow"),
        Headline(state="stay-complement", title=_("Document asked by the Immigration Office"), turn=_GIVERS, colour="yellow"),
        Headline(state="work-exam", title=_("Decision on work"), turn=REGION, colour="purple"),
        Headline(state="stay-exam", title=_("Decision on residence"), turn=OFFICE, colour="purple"),
        Headline(state="work-granted", title=_("Work authorised"), turn=OFFICE, colour="purple"),
        Headline(state="granted", title=_("Permit granted"), turn=WORKER, colour="green", pending=_("Request for the visa D")),
        Headline(state="visa-requested", title=_("Visa D requested"), turn=POST, colour="blue", pending=_("Decision on the visa D")),
        Headline(state="visa-issued", title=_("Visa D issued"), turn=WORKER, colour="green", pending=_("Arrival in Belgium")),
        Headline(state="arrived", title=_("Arrived in Belgium"), turn=TOWN, colour="blue", pending=_("Report to the municipality")),
        Headline(state="registered", title=_("Reported to the municipality"), turn=TOWN, colour="blue", pending=_("Annex 49")),
        Headline(state="address-check", title=_("Address check"), turn=TOWN, colour="blue"),
        Headline(state="address-confirmed", title=_("Address confirmed"), turn=TOWN, colour="blue", pending=_("Order of the card")),
        Headline(state="card-ordered", title=_("Card ordered"), turn=TOWN, colour="blue", pending=_("Delivery of the card")),
        Headline(state="annex-49", title=_("Annex 49 issued"), turn=TOWN, colour="blue"),
        Headline(state="worker-part", title=_("Worker's part open"), turn=WORKER, colour="grey"),
        Headline(state="worker-confirmed", title=_("Worker's part confirmed"), turn=FILERS, colour="grey"),
    ),
)
