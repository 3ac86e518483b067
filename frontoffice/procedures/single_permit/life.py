"""The life of a single permit: every step, who takes it, what he or she must say with it, and what states are called.

Work and stay are examined side by side (cooperation agreement of 2 February 2018), so a position is a set of states.
"""

from collections.abc import Sequence
from typing import Any

from frontoffice.forms.fields import Agreement, Checked, Day, Field, LongText, Select, Text
from frontoffice.forms.identifiers import travel_document_number
from frontoffice.kernel.i18n import mark as _
from frontoffice.procedures.lifecycle import Headline, Lifecycle, Step
from frontoffice.procedures.places import MunicipalityName, PostalCode
from frontoffice.procedures.single_permit.documents import ASKED
from frontoffice.procedures.vocabulary import FILERS, Role

HAND_OVER = "backbone:hand_over"
TELL = "notices:tell"
_BOTH = (HAND_OVER, TELL)
_REGION, _OFFICE, _POST, _TOWN, _WORKER = (
    frozenset({one}) for one in (Role.REGION, Role.IMMIGRATION_OFFICE, Role.DIPLOMATIC_POST, Role.MUNICIPALITY, Role.WORKER)
)
_GIVERS = FILERS | _WORKER

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


def _step(action: str, takes: str, gives: str, by: frozenset[str], then: tuple[str, ...], past: str, label: str, done: str,
          evidence: Sequence[Field] = (), **more: Any) -> Step:
    return Step(action=action, takes=frozenset(takes.split()), gives=frozenset(gives.split()), by=by, then=then, past=past,
                label=label, done=done, evidence=evidence, **more)


def _reports() -> list[Step]:
    """A worker who is in Belgium needs no visa; in a renewal the municipality may act while the stay is still examined."""
    return [
        _step("report-address", state, after, _WORKER, _BOTH, "address-reported", _("In Belgium already: report your address"),
              _("The worker, who is in Belgium, reported the address"), _ADDRESS, prominent=False, lets_town_in="municipality",
              intro=_("Only if you are in Belgium with a right to stay: then you need no visa. Your municipality sees your address at once."))
        for state, after in (("work-granted", "work-granted"), ("granted", "arrived"))
    ]


def _withdrawals() -> list[Step]:
    return [
        _step("withdraw", state, "withdrawn", FILERS, _BOTH, "withdrawn", _("Withdraw the application"), _("Withdrawn by the employer"),
              (LongText(name="reasons", label=_("Why do you withdraw it?"), read_as=_("Reasons"), optional=True),), refusing=True, prominent=False,
              intro=_("You can withdraw until the decision. Nothing more happens with the application after that."))
        for state in ("filed", "checking", "complement", "stay-exam", "stay-complement")
    ]


LIFE = Lifecycle(
    start=frozenset({"draft", "worker-part"}),
    final=frozenset({"discarded", "inadmissible", "work-refused", "refused", "visa-refused", "withdrawn", "card-issued"}),
    steps=(
        _step("confirm-worker-part", "worker-part", "worker-confirmed", _WORKER, (TELL,), "worker-part-confirmed",
              _("Confirm your part"), _("The worker confirmed his or her part"),
              (Agreement(name="truth", label=_("I declare that what I answered is true and complete.")),
               Agreement(name="consent", label=_("I agree that my employer files this application for me."))),
              intro=_("After this the employer can file. You can still open your part again until then."), confirms=Role.WORKER),
        _step("declare-consent", "worker-part", "worker-confirmed", FILERS, (), "consent-declared",
              _("Confirm the worker's part yourself"), _("The employer declared to hold the worker's consent"),
              (Agreement(name="consent", label=_("I hold the worker's consent to give these answers and to file this application.")),),
              intro=_("Only when the worker was not invited. The worker still gets a copy of the receipt if you gave an e-mail address.")),
        _step("reopen-worker-part", "draft worker-confirmed", "draft worker-part", _GIVERS, (), "worker-part-reopened",
              _("Open the worker's part again"), _("The worker's part was opened again"), prominent=False),
        _step("discard", "draft", "discarded", FILERS, (), "discarded", _("Delete this draft"), _("Draft deleted"), prominent=False,
              refusing=True, intro=_("The answers and documents of this draft are deleted and cannot be brought back.")),
        _step("submit", "draft worker-confirmed", "filed", FILERS, _BOTH, "submitted", _("File the application"), _("Filed"), files=True),
        _step("take-up", "filed", "checking", _REGION, (TELL,), "taken-up", _("Take up this dossier"), _("Taken up by the Region")),
        _step("ask-documents", "checking", "complement", _REGION, _BOTH, "documents-asked", _("Ask for a document"),
              _("Document asked by the Region"), _ASK),
        _step("complete", "complement", "checking", _GIVERS, _BOTH, "completed", _("Send what was asked"), _("Asked document sent"),
              brings_document=True),
        _step("declare-inadmissible", "checking", "inadmissible", _REGION, _BOTH, "declared-inadmissible", _("Declare inadmissible"),
              _("Declared inadmissible"), (_REASONS,), refusing=True),
        _step("declare-inadmissible", "complement", "inadmissible", _REGION, _BOTH, "declared-inadmissible", _("Declare inadmissible"),
              _("Declared inadmissible"), (_REASONS,), refusing=True),
        _step("admit", "checking", "work-exam stay-exam", _REGION, _BOTH, "admitted", _("Declare admissible"), _("Declared admissible"),
              intro=_("From this day the legal time for the decision runs."), lets_in=Role.IMMIGRATION_OFFICE),
        _step("grant-work", "work-exam", "work-granted", _REGION, _BOTH, "work-granted", _("Authorise the work"), _("Work authorised"),
              (Day(name="valid_from", label=_("Authorised from")), Day(name="valid_until", label=_("Authorised until")))),
        _step("refuse-work", "work-exam", "work-refused", _REGION, _BOTH, "work-refused", _("Refuse the work"), _("Work refused"),
              (_REASONS,), refusing=True),
        _step("ask-stay-documents", "stay-exam", "stay-complement", _OFFICE, (TELL,), "stay-documents-asked", _("Ask for a document"),
              _("Document asked by the Immigration Office"), (Text(name="documents", label=_("Documents")), _REASONS)),
        _step("complete-stay", "stay-complement", "stay-exam", _GIVERS, _BOTH, "stay-completed", _("Send what was asked"),
              _("Asked document sent"), brings_document=True),
        _step("grant", "work-granted stay-exam", "granted", _OFFICE, (TELL,), "granted", _("Grant the permit (annex 46)"),
              _("Permit granted (annex 46)"), _DECISION, lets_in=Role.DIPLOMATIC_POST),
        _step("certify-silence", "work-granted stay-exam", "granted", _OFFICE, (TELL,), "granted-by-silence",
              _("Certify the grant by silence (annex 47)"), _("Permit granted because no decision came in time (annex 47)"), _DECISION, lets_in=Role.DIPLOMATIC_POST),
        _step("refuse-stay", "stay-exam", "refused", _OFFICE, (TELL,), "stay-refused", _("Refuse the stay (annex 48)"),
              _("Stay refused (annex 48)"), (_REASONS,), refusing=True),
        _step("request-visa", "granted", "visa-requested", _POST, (TELL,), "visa-requested", _("Record the visa request"), _("Visa D requested")),
        _step("issue-visa", "visa-requested", "visa-issued", _POST, (TELL,), "visa-issued", _("Issue the visa"), _("Visa D issued"),
              (Day(name="valid_until", label=_("Valid until")),)),
        _step("refuse-visa", "visa-requested", "visa-refused", _POST, (TELL,), "visa-refused", _("Refuse the visa"), _("Visa D refused"),
              (_REASONS,), refusing=True),
        _step("announce-arrival", "visa-issued", "arrived", _WORKER, _BOTH, "arrived", _("Announce your arrival"), _("Arrival announced"),
              (Day(name="arrived_on", label=_("On which day did you arrive in Belgium?"), read_as=_("In Belgium since")), *_ADDRESS),
              intro=_("Your municipality sees your announcement at once. You must report within 8 working days of your arrival."), lets_town_in="municipality"),
        _step("register", "arrived", "registered", _TOWN, _BOTH, "registered", _("Check passport and address"),
              _("Passport and address checked by the municipality"),
              (Checked(name="passport_seen", label=_("Number of the passport before you"), read_as=_("Passport number"), reader=travel_document_number),
               Agreement(name="address_seen", label=_("The worker confirmed the address in person."))),
              intro=_("Tell the worker to put the name on the bell and on the letterbox before the police officer comes."), same_as={"passport_seen": "passport_number"}),
        _step("issue-annex-49", "registered", "annex-49 address-check", _TOWN, _BOTH, "annex-49-issued", _("Issue annex 49"),
              _("Annex 49 issued"), (Day(name="valid_until", label=_("Valid until")),),
              intro=_("The address check by the police starts with it. Tell the worker that annex 49 is not a travel document.")),
        _step("issue-annex-49", "work-granted", "work-granted", _TOWN, _BOTH, "annex-49-issued", _("Issue annex 49"),
              _("Annex 49 issued"), (Day(name="valid_until", label=_("Valid until")),),
              intro=_("For a renewal or a new employer: annex 49 proves the right to stay, and to work, until the stay is decided.")),
        _step("record-address-check", "address-check", "address-confirmed", _TOWN, _BOTH, "address-confirmed",
              _("Record the address check: lives there"), _("Address confirmed by the police officer"),
              (Day(name="visited_on", label=_("Day of the visit")), Text(name="officer", label=_("Police zone and service number"), longest=80))),
        _step("record-failed-check", "address-check", "address-check", _TOWN, (TELL,), "address-not-confirmed",
              _("Record the address check: not found"), _("Police officer did not find the worker; a second visit follows"),
              (Day(name="visited_on", label=_("Day of the visit")), Text(name="officer", label=_("Police zone and service number"), longest=80),
               LongText(name="remark", label=_("What did the officer find?"), read_as=_("Remark"), longest=2000)), prominent=False),
        _step("order-card", "annex-49 address-confirmed", "card-ordered", _TOWN, _BOTH, "card-ordered", _("Order the card"),
              _("Residence card ordered"), (Agreement(name="biometrics", label=_("Photo and fingerprints were taken.")),)),
        _step("deliver-card", "card-ordered", "card-issued", _TOWN, _BOTH, "card-issued", _("Deliver the card"), _("Residence card delivered"),
              (Day(name="valid_until", label=_("Card valid until")),)),
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
        Headline(state="filed", title=_("Filed"), turn=_REGION, colour="blue", pending=_("Waiting to be taken up")),
        Headline(state="checking", title=_("Completeness check"), turn=_REGION, colour="blue"),
        Headline(state="complement", title=_("Document asked"), turn=_GIVERS, colour="yellow"),
        Headline(state="stay-complement", title=_("Document asked by the Immigration Office"), turn=_GIVERS, colour="yellow"),
        Headline(state="work-exam", title=_("Decision on work"), turn=_REGION, colour="purple"),
        Headline(state="stay-exam", title=_("Decision on residence"), turn=_OFFICE, colour="purple"),
        Headline(state="work-granted", title=_("Work authorised"), turn=_OFFICE, colour="purple"),
        Headline(state="granted", title=_("Permit granted"), turn=_WORKER, colour="green", pending=_("Request for the visa D")),
        Headline(state="visa-requested", title=_("Visa D requested"), turn=_POST, colour="blue", pending=_("Decision on the visa D")),
        Headline(state="visa-issued", title=_("Visa D issued"), turn=_WORKER, colour="green", pending=_("Arrival in Belgium")),
        Headline(state="arrived", title=_("Arrived in Belgium"), turn=_TOWN, colour="blue", pending=_("Report to the municipality")),
        Headline(state="registered", title=_("Reported to the municipality"), turn=_TOWN, colour="blue", pending=_("Annex 49")),
        Headline(state="address-check", title=_("Address check"), turn=_TOWN, colour="blue"),
        Headline(state="address-confirmed", title=_("Address confirmed"), turn=_TOWN, colour="blue", pending=_("Order of the card")),
        Headline(state="card-ordered", title=_("Card ordered"), turn=_TOWN, colour="blue", pending=_("Delivery of the card")),
        Headline(state="annex-49", title=_("Annex 49 issued"), turn=_TOWN, colour="blue"),
        Headline(state="worker-part", title=_("Worker's part open"), turn=_WORKER, colour="grey"),
        Headline(state="worker-confirmed", title=_("Worker's part confirmed"), turn=FILERS, colour="grey"),
    ),
)
