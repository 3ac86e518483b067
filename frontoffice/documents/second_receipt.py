"""The second receipt as a tagged PDF (PDF/UA-1): which authority said when that it can work with what was filed, and what that proves."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from frontoffice.dossiers.printing import Printer, qr_code, typeset
from frontoffice.dossiers.receipt import shared_words
from frontoffice.kernel.i18n import Locale, Translate, show_moment, show_size


@dataclass(frozen=True)
class ReceivedDocument:
    """One document of the message that the authority checked: `size` in bytes, `sha256` in hexadecimal."""

    title: str
    size: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class SecondFacts:
    """What the second receipt says; every text is already in the reader's language, and everybody who sees the dossier may read all of it.

    `translation` says that it is one, and of what; it is empty in the dossier's own language. `version` counts what was sent: 1 for
    the filing. `message`, `receipt` and `answer` identify the signed tokens (their `jti`): ours, the one that confirms its arrival, and
    that in which the authority said so; `message_sha256` is that of the token that we sent, in hexadecimal."""

    procedure: str
    number: str
    filed_at: datetime
    filed_by: str
    authority: str
    validated_at: datetime
    version: int
    message: str
    message_sha256: str
    receipt: str
    answer: str
    documents: tuple[ReceivedDocument, ...]
    address: str
    code: str
    check_form: str
    check_address: str
    translation: str = ""


def second_receipt_pdf(facts: SecondFacts, locale: Locale, _: Translate) -> bytes:
    """The second receipt in the reader's language; the same facts give the same bytes. Takes tens of milliseconds of CPU."""
    return typeset("validation.typ", _data(facts, locale, _), locale, at=facts.validated_at)


def _data(facts: SecondFacts, locale: Locale, _: Translate) -> Mapping[str, Any]:
    printer = Printer()
    shown = printer.printable
    return {
        "number": shown(facts.number),
        "procedure": shown(facts.procedure),
        "qr": qr_code(facts.check_address),
        "summary": [*((label, shown(value)) for label, value in _summary(facts, locale, _)), (_("Follow the dossier at"), facts.address)],
        "proof": [shown(sentence) for sentence in _proof(facts, locale, _)],
        "check": [(_("Address"), facts.check_form), (_("Check code"), facts.code)],
        "documents": [{"title": shown(one.title), "size": show_size(one.size, locale), "sha256": one.sha256} for one in facts.documents],
        "signed": [(label, shown(value)) for label, value in _signed(facts, _) if value],
        "translation": shown(facts.translation),
        "words": _words(_),
        "unprinted": printer.unprinted,
    }


def _words(_: Translate) -> Mapping[str, str]:
    return {
        **shared_words(_),
        "title": title(_),
        "check_paper": _(
            "Scan the QR code, or go to the address and type the code. Without signing in, the page says what kind of application was "
            "filed, on which day, since when the authority can work with it, and whether it is still being dealt with. It says nothing else."
        ),
        "documents": _("Documents that the authority has"),
        "signed": _("The signed messages behind this"),
        "signed_help": _(
            "Our message to the authority, the confirmation that it arrived, and the authority's answer are all signed electronically and kept. "
            "With these numbers they can be found and compared."
        ),
    }


def title(_: Translate) -> str:
    """What the second receipt is called, on the paper and in its seal."""
    return _("Second receipt: the authority can work with your application")


def _summary(facts: SecondFacts, locale: Locale, _: Translate) -> list[tuple[str, str]]:
    return [
        (_("Authority"), facts.authority),
        (_("Said on"), show_moment(facts.validated_at, locale)),
        (_("Filed on"), show_moment(facts.filed_at, locale)),
        (_("Filed by"), facts.filed_by),
        (_("Version"), str(facts.version)),
    ]


def _proof(facts: SecondFacts, locale: Locale, _: Translate) -> list[str]:
    return [
        _(
            "On %(said)s the authority told us in a signed message that it has application %(number)s, filed on %(filed)s, with the documents "
            "listed here, and that it can work with them.",
            said=show_moment(facts.validated_at, locale), number=facts.number, filed=show_moment(facts.filed_at, locale),
        ),
        _(
            "It is not a decision. The authority can still ask for more documents, and it can still grant or refuse the application. "
            "The day of filing stays the one above."
        ),
    ]


def _signed(facts: SecondFacts, _: Translate) -> list[tuple[str, str]]:
    return [
        (_("Our message, number"), facts.message),
        (_("Our message, SHA-256"), facts.message_sha256),
        (_("Confirmation that it arrived, number"), facts.receipt),
        (_("Answer of the authority, number"), facts.answer),
    ]
