"""What each event is called in a mail, and what its reader must do: general words only, never a name or an answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from frontoffice.kernel.i18n import mark as _
from frontoffice.procedures.vocabulary import AUTHORITIES, Procedure, Role

EMPLOYER, WORKER = "employer", "worker"
TELL: Final = "notices:tell"
_BOTH: Final = frozenset({EMPLOYER, WORKER})
NOTHING_TO_DO: Final = _("You do not have to do anything now.")


@dataclass(frozen=True, kw_only=True)
class Telling:
    """The texts for one event. `clock` names the legal period whose last day the mail gives, with `day_text` around it."""

    subject: str
    happened: str
    employer: str = NOTHING_TO_DO
    worker: str = NOTHING_TO_DO
    told: frozenset[str] = _BOTH
    clock: str = ""
    day_text: str = ""
    important: str = ""

    def to_do(self, side: str) -> str:
        """What the employer's side or the worker must do now."""
        return self.worker if side == WORKER else self.employer


_SEND_BY: Final = _("Send it on %(day)s at the latest.")
_DECISION_BY: Final = _("The decision must be taken on %(day)s at the latest.")
_REPORT_BY: Final = _("The last day to report to the municipality is %(day)s.")
_READ_DECISION: Final = _("Open the dossier and read the decision: it gives the reasons, where you can appeal, and until when.")
_SEND_DOCUMENT: Final = _("Open the dossier, read what is asked, add the document and send it. The employer and the worker can both do this.")
_APPEAL_RUNS: Final = _("The time to appeal is short: open the dossier today.")
_MUNICIPALITY_WRITES: Final = _("The municipality tells the worker when to come.")
_STAYS_THE_SAME: Final = _("You need to do nothing for this. What was asked of you is still asked, and the last day stays the same.")

TELLINGS: Final[Mapping[str, Telling]] = {
    "confirm-worker-part": Telling(
        subject=_("the worker's part is ready"), happened=_("The worker confirmed the worker's part of your draft."), told=frozenset({EMPLOYER}),
        employer=_("Open the draft, check that everything is there, and file the application."),
    ),
    "submit": Telling(
        subject=_("your application is filed"),
        happened=_("The application for a single permit is filed. The receipt is in the dossier, as a page and as a PDF."),
        employer=_("Keep the receipt. The competent Region now checks whether the application is complete; we tell you what it says."),
        worker=_("Keep the number of the dossier. The competent Region now checks whether the application is complete; we tell you what it says."),
    ),
    "take-back": Telling(
        subject=_("the application was taken back"),
        happened=_("The application was taken back to correct it. It is a draft again, and the authority no longer sees it."),
        employer=_("Correct what is wrong, and file it again."),
    ),
    "add-documents": Telling(subject=_("documents were added"), happened=_("Documents were added to the application and sent to the authority.")),
    "pass-on": Telling(
        subject=_("another Region deals with your dossier now"),
        happened=_("The Region passed your dossier on to another Region, which is competent. The dossier says which one, and why."),
        employer=_STAYS_THE_SAME, worker=_STAYS_THE_SAME,
    ),
    "take-up": Telling(
        subject=_("the Region took up your dossier"),
        happened=_("The competent Region has started to check whether the application is complete."),
    ),
    "ask-documents": Telling(
        subject=_("a document is asked"), happened=_("The competent Region asks for a document."), employer=_SEND_DOCUMENT, worker=_SEND_DOCUMENT,
        clock="complement", day_text=_SEND_BY, important=_("If nothing comes in time the application may be declared inadmissible."),
    ),
    "complete": Telling(subject=_("the document has been sent"), happened=_("The document that the Region asked for has been sent.")),
    "declare-inadmissible": Telling(
        subject=_("the application was declared inadmissible"), happened=_("The competent Region declared the application inadmissible."),
        employer=_READ_DECISION, worker=_READ_DECISION, important=_APPEAL_RUNS,
    ),
    "admit": Telling(
        subject=_("the application is admissible"),
        happened=_("The competent Region declared the application admissible. The time for the decision runs from today."),
        clock="decision", day_text=_DECISION_BY,
    ),
    "grant-work": Telling(
        subject=_("the work is authorised"), happened=_("The competent Region authorised the work. The Immigration Office still decides on the residence."),
        employer=_("Wait for that decision: the worker cannot start yet."), worker=_("Wait for that decision: you cannot start to work yet."),
    ),
    "refuse-work": Telling(
        subject=_("a decision was taken"), happened=_("The competent Region refused the authorisation to work."),
        employer=_READ_DECISION, worker=_READ_DECISION, important=_APPEAL_RUNS,
    ),
    "ask-stay-documents": Telling(
        subject=_("a document is asked"), happened=_("The Immigration Office asks for a document."), employer=_SEND_DOCUMENT, worker=_SEND_DOCUMENT,
        clock="stay-complement", day_text=_SEND_BY, important=_("If nothing comes in time the Immigration Office decides on what it has."),
    ),
    "complete-stay": Telling(subject=_("the document has been sent"), happened=_("The document that the Immigration Office asked for has been sent.")),
    "grant": Telling(
        subject=_("the permit is granted"), happened=_("The single permit is granted (annex 46)."),
        employer=_("Open the dossier to see from when the worker may start."),
        worker=_("If you live abroad, ask for visa D at the Belgian embassy or consulate. Open the dossier to see how it goes on."),
    ),
    "certify-silence": Telling(
        subject=_("the permit is granted"), happened=_("The single permit is granted, because no decision came in time (annex 47)."),
        employer=_("Open the dossier to see from when the worker may start."),
        worker=_("If you live abroad, ask for visa D at the Belgian embassy or consulate. Open the dossier to see how it goes on."),
    ),
    "refuse-stay": Telling(
        subject=_("a decision was taken"), happened=_("The Immigration Office refused the residence (annex 48)."),
        employer=_READ_DECISION, worker=_READ_DECISION, important=_APPEAL_RUNS,
    ),
    "request-visa": Telling(subject=_("visa D was requested"), happened=_("The embassy or consulate received the request for visa D.")),
    "issue-visa": Telling(
        subject=_("visa D was issued"), happened=_("The embassy or consulate issued visa D."),
        worker=_("Travel to Belgium, then open the dossier and announce your arrival. "
                 "You have a few working days to report to your municipality: the dossier says how many."),
        employer=_("The worker can travel to Belgium, and announces the arrival in the dossier."),
    ),
    "refuse-visa": Telling(
        subject=_("a decision was taken"), happened=_("The embassy or consulate refused visa D."),
        employer=_READ_DECISION, worker=_READ_DECISION, important=_APPEAL_RUNS,
    ),
    "announce-arrival": Telling(
        subject=_("the arrival was announced"), happened=_("The worker announced the arrival in Belgium. The municipality of the address can see it."),
        worker=_("Report in person to the municipality of your address, with your passport."), clock="municipal-report", day_text=_REPORT_BY,
    ),
    "report-address": Telling(
        subject=_("the address was reported"), happened=_("The worker, who is in Belgium, reported the address. The municipality of the address can see it."),
        worker=_("Report in person to the municipality of your address, with your passport."), clock="municipal-report-here", day_text=_REPORT_BY,
    ),
    "register": Telling(
        subject=_("the municipality checked passport and address"), happened=_("The municipality checked the passport and the address of the worker."),
        worker=_("The municipality now issues annex 49."),
    ),
    "issue-annex-49": Telling(
        subject=_("annex 49 was issued"), happened=_("The municipality issued annex 49. It proves the right to stay until the card is there."),
        worker=_("Put your name on your door and letter box: a police officer comes to check that you live there."),
    ),
    "record-address-check": Telling(
        subject=_("the address was confirmed"), happened=_("The police officer confirmed the address of the worker."), worker=_MUNICIPALITY_WRITES,
    ),
    "record-failed-check": Telling(
        subject=_("the police officer will come again"), happened=_("The police officer did not find the worker at the address. A second visit follows."),
        worker=_("Check that your name is on your door and letter box, and that the address in the dossier is right."),
    ),
    "order-card": Telling(subject=_("the residence card is ordered"), happened=_("The municipality ordered the residence card."), worker=_MUNICIPALITY_WRITES),
    "deliver-card": Telling(
        subject=_("the residence card was delivered"), happened=_("The municipality delivered the residence card. The dossier is closed."),
    ),
    "withdraw": Telling(subject=_("the application was withdrawn"), happened=_("The employer withdrew the application. Nothing more happens with it.")),
}

_YOUR_TURN: Final = _("Open the dossier: the next step is yours.")


def telling_of(procedure: Procedure, action: str) -> Telling | None:
    """The texts for an event of this procedure; None when nobody is told of it.

    Procedures without texts of their own are told in the words of their life: what was done, and whether it is the reader's turn.
    """
    if procedure.code == "single-permit" and (known := TELLINGS.get(action)):
        return known
    step = next((one for one in procedure.life.steps if one.action == action), None)
    if step is None or TELL not in step.then:
        return None
    turn = procedure.life.headline(step.gives).turn if step.gives & {one.state for one in procedure.life.headlines} else frozenset()
    to_do = _READ_DECISION if step.refusing and action != "withdraw" else _YOUR_TURN if procedure.first_role in turn else NOTHING_TO_DO
    return Telling(subject=step.done, happened=step.done, employer=to_do, worker=to_do, told=frozenset({EMPLOYER, WORKER, Role.APPLICANT, Role.GUARANTOR}),
                   important=_APPEAL_RUNS if action in procedure.appeals else "")


def is_formal(procedure: Procedure, action: str) -> bool:
    """Whether a formal paper goes with an event: the receipt of a filing, or what an authority asked, recorded or decided."""
    if action == procedure.life.filing.action:
        return True
    starts = frozenset[str]().union(*(one.starts for one in procedure.clocks))
    return any(one.action == action and one.by & AUTHORITIES and (one.evidence or action in starts) for one in procedure.life.steps)


# A mail is in its reader's language, a formal paper in that of its dossier, which since the filing is one of the country.
# A municipality in another language area, or the Immigration Office where nobody chose, may write in another one.
PAPERS: Final[Mapping[str, str]] = {
    "nl": _("The language of this dossier is Dutch: our receipts are in Dutch, and so are letters and decisions, unless the authority must use "
            "another language. A receipt in another language is a translation for reading."),
    "fr": _("The language of this dossier is French: our receipts are in French, and so are letters and decisions, unless the authority must use "
            "another language. A receipt in another language is a translation for reading."),
    "de": _("The language of this dossier is German: our receipts are in German, and so are letters and decisions, unless the authority must use "
            "another language. A receipt in another language is a translation for reading."),
}

# What is told of a document by how it stands: subject, what happened, what to do. Which document it is, only the dossier says.
DOCUMENTS: Final[Mapping[str, tuple[str, str, str]]] = {
    "refused": (
        _("a document was refused"), _("A document that you added cannot be accepted, and is not delivered."),
        _("Open the dossier: it says which document it is, why, and what you can do."),
    ),
    "several-refused": (
        _("documents were refused"), _("Several documents that you added cannot be accepted, and are not delivered."),
        _("Open the dossier: it says which documents they are, why, and what you can do."),
    ),
    "lapsed": (
        _("an upload was not finished"), _("A file was not uploaded to its end in time. Nothing of it is delivered."),
        _("Open the dossier and upload the document again."),
    ),
    "several-lapsed": (
        _("uploads were not finished"), _("Several files were not uploaded to their end in time. Nothing of them is delivered."),
        _("Open the dossier and upload these documents again."),
    ),
    "not-taken": (
        _("the authority cannot use a document"), _("The authority looked at a document and cannot use it. It wrote down why."),
        _("Open the dossier, read the reason and add another document."),
    ),
    "expiring": (
        _("a document will soon be too old"), _("A document of your dossier will be older than it may be within two weeks."),
        _("If you have not filed yet, file before that day or ask for a new document now. "
          "If you have filed, the authority may ask for a newer one: the dossier says which document it is."),
    ),
}

# What the authority's system said of what was sent to it. The day of filing stands either way.
ANSWERS: Final[Mapping[str, tuple[str, str, str]]] = {
    "validated": (
        _("the authority can work with the application"),
        _("The authority checked that the application arrived whole, with all its documents, and can work with it. "
          "A second receipt in the dossier says so."),
        NOTHING_TO_DO,
    ),
    "documents-validated": (
        _("the authority has the documents that were added"),
        _("The authority has the documents that were sent to it after the filing, and can work with them."),
        NOTHING_TO_DO,
    ),
    "refused": (
        _("the authority could not take over what was sent"), _("The authority could not take over what was sent to it. It wrote down why."),
        _("You lose nothing by this: what you filed is kept, and the day on which you filed it counts. "
          "Open the dossier, read the reasons and see whether you must do something."),
    ),
}

# Of a draft that nobody goes on with; how long it is kept is our own promise.
DRAFTS: Final[Mapping[str, tuple[str, str, str]]] = {
    "idle": (
        _("nobody works on the draft any more, and it will soon be deleted"),
        _("Nobody has worked on this draft for a long time. We keep it until %(day)s, and then delete it with its answers and documents."),
        _("Do you still need it? Open it before that day ends, and save a page or add a document: then we keep it for %(days)s days more. "
          "If you do not need it any more, you do not have to do anything. How long we keep a draft is our own rule, not a law."),
    ),
}

# A failure of ours on a last day moves that day.
NEW_LAST_DAY: Final = (
    _("the last day moved"), _("This service did not work for a while, and a last day of the dossier fell in that time. That day has moved."),
    _("Open the dossier: it gives every last day, and a certificate that says when the service did not work."),
)

MANDATES: Final[Mapping[str, tuple[str, str, str]]] = {
    "offered": (
        _("You are asked to act for an employer"), _("An employer asks your office to act for it in one dossier."),
        _("Open your list of mandates and accept or decline."),
    ),
    "accepted": (
        _("Your mandate was accepted"), _("The office that you chose accepted the mandate. It can now work on the dossier."), NOTHING_TO_DO,
    ),
    "declined": (
        _("Your mandate was declined"), _("The office that you chose declined the mandate."), _("Go on yourself, or choose another office."),
    ),
    "ended": (
        _("A mandate has ended"), _("The mandate for one dossier has ended. The office can no longer open it; the employer goes on."), NOTHING_TO_DO,
    ),
}
