"""The life of a commitment: signature legalised in person, accepted or refused, used at the entry, ended; replaced only by another.

Three ways lead on from the counter (annex 3bis): a visitor without visa and a visa of another Schengen State go to the
Immigration Office; for a visa of a Belgian post the guarantor sends the commitment to the visitor.
"""

from collections.abc import Iterator, Sequence

from frontoffice.forms.fields import Agreement, Checked, Choice, Day, Field, LongText, Money, Option, Text
from frontoffice.forms.identifiers import read_dossier_number
from frontoffice.kernel.i18n import mark as _
from frontoffice.procedures.lifecycle import Headline, Lifecycle, Step
from frontoffice.procedures.shared.steps import BOTH, GUARANTOR, NOBODY, OFFICE, POST, TELL, TOWN, additions, discarding, step, taking_back
from frontoffice.procedures.vocabulary import Role

TO_GUARANTOR = LongText(name="reasons", label=_("Reasons"), hint=_("The guarantor reads this text as you write it. Say nothing about a visa."), longest=8000)
DECIDED = (Day(name="decision_date", label=_("Day of the decision")),)

# The conditions of the commitment and nothing else: why a visa is refused is never told to a guarantor.
GROUNDS: tuple[Option, ...] = (
    ("income", _("The income is not enough or not proved"), ""), ("residence-right", _("The right of residence does not allow it"), ""),
    ("commitments", _("Too many other commitments are active"), ""), ("incomplete", _("The commitment or its proofs are not complete"), ""),
    ("other", _("Another reason about the commitment"), ""),
)
MEANS_SEEN: tuple[Option, ...] = (
    ("reached", _("The proofs show the income that is asked"), ""), ("below", _("The proofs show less than what is asked"), ""),
    ("unclear", _("It cannot be said: the authority that decides must look"), ""),
)
SEALS: tuple[Option, ...] = (("dry-seal", _("Dry seal on the printed form"), ""), ("electronic", _("Electronic signature of the officer"), ""))
LEGALISATION: tuple[Field, ...] = (
    Day(name="legalised_on", label=_("Day of the legalisation")),
    Agreement(name="identity_seen", label=_("The guarantor signed before me, and I saw the identity or residence card.")),
    Agreement(name="proofs_seen", label=_("I saw the proofs of income and the composition of the household.")),
    Choice(name="means_seen", label=_("What do the proofs show of the income?"), choices=MEANS_SEEN, read_as=_("Income")),
    Text(name="officer", label=_("Your service number or name"), read_as=_("Officer"), longest=80),
    Choice(name="seal", label=_("How was it legalised?"), choices=SEALS, read_as=_("Legalised with")),
    Money(name="charge", label=_("Charge of the municipality"), hint=_("Type 0 if there is none."), optional=True),
    LongText(name="remark", label=_("Remark for the authority that decides"), read_as=_("Remark"), optional=True, longest=2000),
)
SOLVENCY = Choice(name="sufficient_solvency", label=_("Did the post write \"sufficient solvency\" on the form?"), read_as=_("Sufficient solvency"),
                  choices=(("yes", _("Yes"), ""), ("no", _("No"), "")))


def life(asked: Sequence[Option], *, study: bool) -> Lifecycle:
    """The life of annex 3bis or, with `study`, of annex 32; `asked` are the documents that an authority may ask for."""
    return Lifecycle(
        start=frozenset({"draft"}),
        final=frozenset({"discarded", "withdrawn", "not-legalised", "commitment-refused", "expired", "replaced", "ended"}),
        steps=(*_filing(), *_counter(asked), *(_abroad() if study else ()), *_decision(study=study), *_liability()),
        headlines=_headlines(study=study),
    )


def _filing() -> Iterator[Step]:
    yield step("submit", "draft", "to-legalise", GUARANTOR, BOTH, "submitted", _("File the commitment"), _("Filed"), files=True)
    yield discarding(GUARANTOR)
    yield taking_back(GUARANTOR, "to-legalise")
    yield from additions(GUARANTOR, "to-legalise", "complement", "legalised", "office-exam", "stay-complement")
    for state in ("draft", "to-legalise", "complement"):
        yield step("withdraw", state, "withdrawn", GUARANTOR, BOTH, "withdrawn", _("Withdraw the commitment"), _("Withdrawn before the signature"),
                   refusing=True, prominent=False, numbered=True if state == "draft" else None,
                   intro=_("You can withdraw as long as your signature has not been legalised. Later the commitment ends only when another one takes its place."))


def _counter(asked: Sequence[Option]) -> Iterator[Step]:
    ask = (Choice(name="document", label=_("Which document do you ask for?"), read_as=_("Document"), choices=asked),
           LongText(name="request", label=_("What must it show?"), read_as=_("It must show"), hint=_("Say exactly what is missing, so that one answer is enough.")))
    yield step("ask-documents", "to-legalise", "complement", TOWN, BOTH, "documents-asked", _("Ask for a document"), _("Document asked by the municipality"), ask)
    yield step("complete", "complement", "to-legalise", GUARANTOR, BOTH, "completed", _("Send what was asked"), _("Asked document sent"), brings_document=True)
    yield step("legalise", "to-legalise", "legalised", TOWN, BOTH, "legalised", _("Legalise: for a Belgian embassy or consulate"), _("Signature legalised"),
               LEGALISATION, lets_in=Role.DIPLOMATIC_POST,
               intro=_("The guarantor is before you and sends the commitment to the guest, who hands it in with the visa application."))
    yield step("legalise-for-office", "to-legalise", "office-exam", TOWN, BOTH, "legalised-for-office", _("Legalise: for the Immigration Office"),
               _("Signature legalised, sent to the Immigration Office"), LEGALISATION, lets_in=Role.IMMIGRATION_OFFICE,
               intro=_("For a guest who needs no visa, asks another Schengen State for it, or is in Belgium already. The Immigration Office decides."))
    for state in ("to-legalise", "complement"):
        yield step("refuse-legalisation", state, "not-legalised", TOWN, BOTH, "legalisation-refused", _("Do not legalise"), _("Signature not legalised"),
                   (TO_GUARANTOR,), refusing=True)


def _abroad() -> Iterator[Step]:
    """Annex 32 only: the Belgian post of the guarantor's country takes the place of the counter."""
    documents = (Text(name="documents", label=_("Documents")), TO_GUARANTOR)
    yield step("ask-documents", "to-legalise", "complement", POST, (TELL,), "documents-asked", _("Ask for a document"), _("Document asked by the post"), documents)
    yield step("legalise", "to-legalise", "legalised", POST, (TELL,), "legalised", _("Legalise the signature and judge the solvency"), _("Signature legalised"),
               (Day(name="legalised_on", label=_("Day of the legalisation")), SOLVENCY))
    for state in ("to-legalise", "complement"):
        yield step("refuse-legalisation", state, "not-legalised", POST, (TELL,), "legalisation-refused", _("Do not legalise"), _("Signature not legalised"),
                   (TO_GUARANTOR,), refusing=True)


def _decision(*, study: bool) -> Iterator[Step]:
    accept, accepted = _("Accept the commitment"), _("Commitment accepted")
    senders: tuple[tuple[frozenset[str], tuple[str, ...]], ...] = ((TOWN, BOTH), (POST, (TELL,)))
    for by, then in senders:
        yield step("send-to-office", "legalised", "office-exam", by, then, "sent-to-office", _("Send to the Immigration Office"),
                   _("Sent to the Immigration Office"), lets_in=Role.IMMIGRATION_OFFICE, prominent=False)
    yield step("ask-stay-documents", "office-exam", "stay-complement", OFFICE, (TELL,), "stay-documents-asked", _("Ask for a document"),
               _("Document asked by the Immigration Office"), (Text(name="documents", label=_("Documents")), TO_GUARANTOR))
    yield step("complete-stay", "stay-complement", "office-exam", GUARANTOR, BOTH, "stay-completed", _("Send what was asked"), _("Asked document sent"),
               brings_document=True)
    deciders: list[tuple[str, frozenset[str], tuple[str, ...]]] = [("legalised", POST, (TELL,)), ("office-exam", OFFICE, (TELL,))]
    deciders += [("legalised", TOWN, BOTH)] if study else []
    for state, by, then in deciders:
        yield step("accept", state, "accepted", by, then, "accepted", accept, accepted, DECIDED)
    for state, by in (("legalised", POST), ("office-exam", OFFICE), ("stay-complement", OFFICE)):
        yield step("refuse-commitment", state, "commitment-refused", by, (TELL,), "commitment-refused", _("Refuse the commitment"), _("Commitment refused"),
                   (*DECIDED, Choice(name="ground", label=_("Reason"), choices=GROUNDS)), refusing=True)


_RECORDERS: tuple[tuple[frozenset[str], tuple[str, ...]], ...] = ((OFFICE, (TELL,)), (TOWN, BOTH))


def _liability() -> Iterator[Step]:
    for by, then in _RECORDERS:
        yield step("record-entry", "accepted", "used", by, then, "entered", _("Record the entry of the guest"), _("Guest entered the Schengen area"),
                   (Day(name="entered_on", label=_("Day of the entry")),
                    Text(name="reported_in", label=_("Where was it reported?"), read_as=_("Reported in"), longest=60, optional=True)), intro=_("From this day the guarantor is liable for the guest."))
    for state in ("legalised", "accepted"):
        yield step("record-expiry", state, "expired", TOWN, BOTH, "expired", _("Record that the commitment was not used in time"), _("Not used in time"),
                   prominent=False, intro=_("A commitment that was not used ends some months after the legalisation: the last day stands in the dossier."))
    for state in ("legalised", "office-exam", "stay-complement", "accepted", "used"):
        yield step("record-replacement", state, "replaced", OFFICE | POST | TOWN, BOTH, "replaced", _("Record the commitment that takes its place"),
                   _("Another commitment took its place"), (Checked(name="replaced_by", label=_("Number of the new commitment"), reader=read_dossier_number),),
                   prominent=False)
    for by, then in _RECORDERS:
        yield step("record-end", "used", "ended", by, then, "ended", _("Record the end of the liability"), _("Liability ended"),
                   (Day(name="ended_on", label=_("Day of the end")),), prominent=False)


def _headlines(*, study: bool) -> tuple[Headline, ...]:
    return (
        Headline(state="discarded", title=_("Deleted"), turn=NOBODY, colour="grey"),
        Headline(state="withdrawn", title=_("Withdrawn"), turn=NOBODY, colour="grey"),
        Headline(state="not-legalised", title=_("Not legalised"), turn=NOBODY, colour="red"),
        Headline(state="commitment-refused", title=_("Commitment refused"), turn=NOBODY, colour="red"),
        Headline(state="expired", title=_("Not used in time"), turn=NOBODY, colour="grey"),
        Headline(state="replaced", title=_("Replaced by another commitment"), turn=NOBODY, colour="grey"),
        Headline(state="ended", title=_("Liability ended"), turn=NOBODY, colour="grey"),
        Headline(state="draft", title=_("Draft"), turn=GUARANTOR, colour="grey"),
        Headline(state="to-legalise", title=_("Signature to legalise"), turn=TOWN | POST if study else TOWN, colour="yellow"),
        Headline(state="complement", title=_("Document asked"), turn=GUARANTOR, colour="yellow"),
        Headline(state="stay-complement", title=_("Document asked by the Immigration Office"), turn=GUARANTOR, colour="yellow"),
        Headline(state="legalised", title=_("Signature legalised"), turn=POST, colour="blue", pending=_("Decision on the commitment")),
        Headline(state="office-exam", title=_("Decision on the commitment"), turn=OFFICE, colour="purple"),
        Headline(state="accepted", title=_("Commitment accepted"), turn=OFFICE, colour="green", pending=_("Entry of the guest")),
        Headline(state="used", title=_("Guarantor liable"), turn=OFFICE, colour="green", pending=_("End of the liability")),
    )
