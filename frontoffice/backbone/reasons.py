"""What the short words for failures mean, as sentences for the people who keep the portal running."""

from collections.abc import Mapping
from typing import Final

from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.message import Message

_WHOLE: Final[Mapping[str, str]] = {
    "": _("Nothing has been tried yet. A document may still be in the check."),
    "unreachable": _("The backbone cannot be reached."),
    "time-out": _("The backbone did not answer in time."),
    "no-keys": _("The keys of the backbone cannot be read, so its receipt cannot be checked."),
    "no-receipt": _("The backbone answered without a signed receipt."),
    "answer-too-large": _("The answer of the backbone was longer than a receipt may be."),
    "receipt-against-contract": _("The receipt of the backbone does not fit the contract."),
    "receipt-over-other-bytes": _("The receipt is for other bytes than those that we sent."),
    "receipt-asks-unknown-document": _("The receipt asks for a document that the message does not name."),
    "receipt-over-other-document": _("The receipt for a document is for other bytes than those that we sent."),
    "document-differs": _("A stored document is not the same as when it was filed, so it was not sent."),
    "storage-notfound": _("A document is not in the storage."),
    "storage-unavailable": _("The storage of documents did not answer."),
    "storage-altered": _("A stored document is not the same as when it was filed, so it was not sent."),
    "lost-by-the-backbone": _("The backbone lost what it had signed for. We send it again."),
    "refused": _("The authority said that it cannot work with this message. Its reasons are in the dossier."),
    "status-401": _("The backbone does not let us in."),
    "status-403": _("The backbone does not let us in."),
    "status-409": _("The backbone says that it has another message under this name."),
    "status-413": _("The backbone says that the message is too large."),
    "status-429": _("The backbone asks us to send more slowly."),
    "the signature no longer holds": _("The signature no longer holds."),
    "no such dossier": _("There is no dossier of this number."),
    "came after a later message about this dossier": _("It came after a later message about the same dossier."),
    "this authority takes no part in the dossier": _("The authority that signed takes no part in this dossier."),
    "a document that was not handed over to this authority": _("It names a document that this authority was not given."),
    "a message that was not sent like that": _("It answers a message that we did not send, or sent with other bytes."),
    "missing": _("It waits for an earlier message about the same dossier, which did not come. We ask for it every ten minutes."),
    "no reason given": _("The authority gave no reason."),
}
# What a word may begin with; the rest of it is shown as it is, or is a sentence of its own.
_BEGINNINGS: Final[Mapping[str, str]] = {
    "status-5": _("The backbone has a fault of its own (%(word)s)."),
    "status-3": _("The backbone points to another address, which we do not follow (%(word)s)."),
    "status-": _("The backbone refused what we sent (%(word)s)."),
    "receipt-": _("The signature of the receipt does not hold (%(word)s)."),
    "$": _("Our own message does not fit the contract, so it was not sent: %(word)s"),
    "against the contract: ": _("It does not fit the contract: %(rest)s"),
    "Refused: ": _("The step is not allowed: %(rest)s"),
    "Conflict: ": _("The step does not fit where the dossier stands: %(rest)s"),
    "Invalid: ": _("What was said with the step cannot be taken: %(rest)s"),
}
_OURS: Final = ("Refused: ", "Conflict: ", "Invalid: ")
_OTHER: Final = _("It failed: %(word)s")


def sentence(word: str) -> Message:
    """The sentence for a word of `last_error` or `remark`; one that is not known here is shown as it is."""
    if word in _WHOLE:
        return Message(_WHOLE[word])
    beginning = next((one for one in _BEGINNINGS if word.startswith(one)), None)
    if beginning is None:
        return Message(_OTHER, {"word": word})
    rest = word.removeprefix(beginning)
    # Our own refusals are msgids: their sentences are read in the reader's language too.
    return Message(_BEGINNINGS[beginning], {"word": word, "rest": Message(rest) if beginning in _OURS else rest})
