"""Steps that end many procedures alike: arrival in Belgium, the municipality, the residence card; and a short way to write a step."""

from collections.abc import Sequence
from typing import Any

from frontoffice.forms.fields import Agreement, Checked, Choice, Day, Field, LongText, Option, Text
from frontoffice.forms.identifiers import travel_document_number
from frontoffice.kernel.i18n import mark as _
from frontoffice.procedures.lifecycle import Headline, Step
from frontoffice.procedures.places import MunicipalityName, PostalCode
from frontoffice.procedures.territory import REGION_TITLES
from frontoffice.procedures.vocabulary import Role

HAND_OVER = "backbone:hand_over"
TELL = "notices:tell"
BOTH = (HAND_OVER, TELL)
REGION, OFFICE, POST, TOWN, APPLICANT, GUARANTOR, WORKER = (
    frozenset({one})
    for one in (Role.REGION, Role.IMMIGRATION_OFFICE, Role.DIPLOMATIC_POST, Role.MUNICIPALITY, Role.APPLICANT, Role.GUARANTOR, Role.WORKER)
)
NOBODY: frozenset[str] = frozenset()

REASONS = LongText(name="reasons", label=_("Reasons"), hint=_("The applicant reads this text as you write it."), longest=8000)


def step(action: str, takes: str, gives: str, by: frozenset[str], then: tuple[str, ...], past: str, label: str, done: str,
         evidence: Sequence[Field] = (), **more: Any) -> Step:
    """One row of a life; `takes` and `gives` are states with spaces between."""
    return Step(action=action, takes=frozenset(takes.split()), gives=frozenset(gives.split()), by=by, then=then, past=past,
                label=label, done=done, evidence=evidence, **more)


def withdrawals(by: frozenset[str], *states: str) -> list[Step]:
    """The applicant may withdraw in each of these states; in a draft once it was filed and taken back."""
    return [
        step("withdraw", state, "withdrawn", by, BOTH, "withdrawn", _("Withdraw the application"), _("Withdrawn by the applicant"),
             (LongText(name="reasons", label=_("Why do you withdraw it?"), read_as=_("Reasons"), optional=True),), refusing=True, prominent=False,
             intro=_("You can withdraw until the decision. Nothing more happens with the application after that."), numbered=True if state == "draft" else None)
        for state in states
    ]


def discarding(by: frozenset[str]) -> Step:
    """Whoever fills in a draft may delete it, unless it was filed before: then it is withdrawn."""
    return step("discard", "draft", "discarded", by, (), "discarded", _("Delete this draft"), _("Draft deleted"), prominent=False, refusing=True,
                intro=_("The answers and documents of this draft are deleted and cannot be brought back."), numbered=False)


def taking_back(by: frozenset[str], filed: str, draft: str = "draft") -> Step:
    """Until an authority opens it, the filer may take back what was filed; `draft` are the states that filing took."""
    return step("take-back", filed, draft, by, BOTH, "taken-back", _("Take it back to correct it"), _("Taken back to correct it"),
                prominent=False, takes_back=True,
                intro=_("No authority has opened it yet. If you take it back, it becomes a draft again, and the authority no longer sees it. "
                        "Correct what is wrong and file it again. It keeps its number, and the day of filing is that of the new filing."))


def additions(by: frozenset[str], *states: str) -> list[Step]:
    """In each of these states documents may be sent that nobody asked for; no clock changes by it."""
    return [
        step("add-documents", state, state, by, BOTH, "documents-added", _("Send what you added"), _("Documents added"), brings_document=True,
             prominent=False, intro=_("The documents that you added go to the authority. The legal time does not change."))
        for state in states
    ]


def passing_on(*states: str) -> list[Step]:
    """In each of these states a Region that is not competent passes the dossier on: what was done stands, and no clock changes."""
    competent = Choice(name="region", label=_("Which Region is competent?"), read_as=_("Competent Region"),
                       choices=tuple((str(region), title, "") for region, title in REGION_TITLES.items()))
    reason = LongText(name="reason", label=_("Why is that Region competent?"), read_as=_("Reason"), longest=800,
                      hint=_("The applicant and that Region read this text as you write it."))
    return [
        step("pass-on", state, state, REGION, BOTH, "passed-on", _("Pass on to another Region"), _("Passed on to another Region"), (competent, reason),
             prominent=False, passes_on=True,
             intro=_("The other Region sees the whole dossier at once and goes on where you are now. You can still read what you had until today, and nothing "
                     "later. The legal time goes on and does not begin anew."))
        for state in states
    ]


def completeness_check(by: frozenset[str], asked: Sequence[Option]) -> list[Step]:
    """The Region takes up a filed dossier, asks for documents (one of `asked`), and declares it inadmissible if they do not come."""
    refusals = [
        step("declare-inadmissible", state, "inadmissible", REGION, BOTH, "declared-inadmissible", _("Declare inadmissible"), _("Declared inadmissible"),
             (REASONS,), refusing=True)
        for state in ("checking", "complement")
    ]
    return [
        step("take-up", "filed", "checking", REGION, (TELL,), "taken-up", _("Take up this dossier"), _("Taken up by the Region")),
        step("ask-documents", "checking", "complement", REGION, BOTH, "documents-asked", _("Ask for a document"), _("Document asked by the Region"),
             (Choice(name="document", label=_("Which document do you ask for?"), read_as=_("Document"), choices=asked),
              LongText(name="request", label=_("What must it show?"), read_as=_("It must show"),
                       hint=_("Say exactly what is missing, so that one answer is enough.")))),
        step("complete", "complement", "checking", by, BOTH, "completed", _("Send what was asked"), _("Asked document sent"), brings_document=True),
        *refusals,
    ]


def check_headlines(by: frozenset[str]) -> list[Headline]:
    """How a draft and the states of `completeness_check` are called."""
    return [
        Headline(state="draft", title=_("Draft"), turn=by, colour="grey"),
        Headline(state="filed", title=_("Filed"), turn=REGION, colour="blue", pending=_("Waiting to be taken up")),
        Headline(state="checking", title=_("Completeness check"), turn=REGION, colour="blue"),
        Headline(state="complement", title=_("Document asked"), turn=by, colour="yellow"),
    ]


def closed_headlines() -> list[Headline]:
    """How the ends before a decision on the work, and its refusal, are called; they come first in every list of headlines."""
    return [
        Headline(state="discarded", title=_("Deleted"), turn=NOBODY, colour="grey"),
        Headline(state="withdrawn", title=_("Withdrawn"), turn=NOBODY, colour="grey"),
        Headline(state="inadmissible", title=_("Inadmissible"), turn=NOBODY, colour="red"),
        Headline(state="work-refused", title=_("Work refused"), turn=NOBODY, colour="red"),
    ]


def arrival(by: frozenset[str], *, paper: str, paper_code: str, paper_done: str) -> list[Step]:
    """From the visa in hand to the residence card: `paper` is what the municipality issues meanwhile (its label, code and past words)."""
    return [
        step("announce-arrival", "visa-issued", "arrived", by, BOTH, "arrived", _("Announce your arrival"), _("Arrival announced"),
             (Day(name="arrived_on", label=_("On which day did you arrive in Belgium?"), read_as=_("In Belgium since")),
              Text(name="street", label=_("Street and number"), autocomplete="street-address"),
              PostalCode(name="postal_code", label=_("Postal code")),
              MunicipalityName(name="municipality", label=_("Municipality"), postal_code="postal_code", optional=True)),
             intro=_("Your municipality sees your announcement at once. You must report within 8 working days of your arrival."),
             lets_town_in="municipality"),
        step("register", "arrived", "registered", TOWN, BOTH, "registered", _("Check passport and address"),
             _("Passport and address checked by the municipality"),
             (Checked(name="passport_seen", label=_("Number of the passport before you"), read_as=_("Passport number"), reader=travel_document_number),
              Agreement(name="address_seen", label=_("The person confirmed the address."))),
             intro=_("Tell the person to put the name on the bell and on the letterbox before the police officer comes."),
             same_as={"passport_seen": "passport_number"}),
        step(f"issue-{paper_code}", "registered", f"{paper_code} address-check", TOWN, BOTH, f"{paper_code}-issued", paper, paper_done,
             (Day(name="valid_until", label=_("Valid until")),),
             intro=_("The address check by the police starts with it.")),
        step("record-address-check", "address-check", "address-confirmed", TOWN, BOTH, "address-confirmed",
             _("Record the address check: lives there"), _("Address confirmed by the police officer"),
             (Day(name="visited_on", label=_("Day of the visit")), Text(name="officer", label=_("Police zone and service number"), longest=80))),
        step("record-failed-check", "address-check", "address-check", TOWN, (TELL,), "address-not-confirmed",
             _("Record the address check: not found"), _("Police officer did not find the person; a second visit follows"),
             (Day(name="visited_on", label=_("Day of the visit")), Text(name="officer", label=_("Police zone and service number"), longest=80),
              LongText(name="remark", label=_("What did the officer find?"), read_as=_("Remark"), longest=2000)), prominent=False),
        step("order-card", f"{paper_code} address-confirmed", "card-ordered", TOWN, BOTH, "card-ordered", _("Order the card"),
             _("Residence card ordered"), (Agreement(name="biometrics", label=_("Photo and fingerprints were taken.")),)),
        step("deliver-card", "card-ordered", "card-issued", TOWN, BOTH, "card-issued", _("Deliver the card"), _("Residence card delivered"),
             (Day(name="valid_until", label=_("Card valid until")),)),
    ]


def arrival_headlines(by: frozenset[str], *, paper_code: str, paper_title: str, paper_pending: str) -> list[Headline]:
    """How the states of `arrival` are called; the final ones are listed by the procedure, which must put them first."""
    return [
        Headline(state="visa-issued", title=_("Visa D issued"), turn=by, colour="green", pending=_("Arrival in Belgium")),
        Headline(state="arrived", title=_("Arrived in Belgium"), turn=TOWN, colour="blue", pending=_("Report to the municipality")),
        Headline(state="registered", title=_("Reported to the municipality"), turn=TOWN, colour="blue", pending=paper_pending),
        Headline(state="address-check", title=_("Address check"), turn=TOWN, colour="blue"),
        Headline(state="address-confirmed", title=_("Address confirmed"), turn=TOWN, colour="blue", pending=_("Order of the card")),
        Headline(state="card-ordered", title=_("Card ordered"), turn=TOWN, colour="blue", pending=_("Delivery of the card")),
        Headline(state=paper_code, title=paper_title, turn=TOWN, colour="blue"),
    ]
