"""The receipt as a tagged PDF (PDF/UA-1): what was filed, when, by whom, and what that proves."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from frontoffice.dossiers.printing import Printer, qr_code, typeset
from frontoffice.kernel.i18n import Locale, Translate, show_moment, show_size


@dataclass(frozen=True)
class ReceiptAnswer:
    """One question and its answer, both as the reader reads them."""

    label: str
    value: str


@dataclass(frozen=True)
class ReceiptPage:
    """One page of the form."""

    title: str
    answers: tuple[ReceiptAnswer, ...]


@dataclass(frozen=True)
class ReceiptDocument:
    """One document: `size` in bytes, `sha256` in hexadecimal."""

    title: str
    file_name: str
    size: int
    sha256: str
    given_by: str


@dataclass(frozen=True, kw_only=True)
class ReceiptFacts:
    """What the receipt says; every text is already in the reader's language, and already what this reader may see.

    `address` is that of the dossier; `check_address`, the QR code, leads anyone to the check of this receipt, `check_form` to where
    its `code` is typed by hand. `translation` says that this is one, and of what; it is empty in the dossier's own language."""

    procedure: str
    number: str
    filed_at: datetime
    filed_by: str
    authority: str
    authority_reason: str
    address: str
    code: str
    check_form: str
    check_address: str
    pages: tuple[ReceiptPage, ...]
    documents: tuple[ReceiptDocument, ...]
    translation: str = ""


def receipt_pdf(facts: ReceiptFacts, locale: Locale, _: Translate) -> bytes:
    """The receipt in the reader's language; the same facts give the same bytes. Takes tens of milliseconds of CPU."""
    return typeset("receipt.typ", _data(facts, locale, _), locale, at=facts.filed_at)


def _data(facts: ReceiptFacts, locale: Locale, _: Translate) -> Mapping[str, Any]:
    printer = Printer()
    shown = printer.printable
    return {
        "number": shown(facts.number),
        "procedure": shown(facts.procedure),
        "qr": qr_code(facts.check_address),
        "summary": [
            *((label, shown(value)) for label, value in _summary(facts, locale, _)),
            (_("Follow the dossier at"), facts.address),
        ],
        "proof": [shown(sentence) for sentence in _proof(facts, locale, _)],
        "check": [(_("Address"), facts.check_form), (_("Check code"), facts.code)],
        "documents": [
            {
                "title": shown(one.title),
                "file_name": shown(one.file_name),
                "size": show_size(one.size, locale),
                "sha256": one.sha256,
                "given_by": shown(_("given by %(name)s", name=one.given_by)),
            }
            for one in facts.documents
        ],
        "pages": [
            {"title": shown(page.title), "answers": [(shown(one.label), shown(one.value)) for one in page.answers]}
            for page in facts.pages
        ],
        "translation": shown(facts.translation),
        "words": _words(_),
        "unprinted": printer.unprinted,
    }


def _words(_: Translate) -> Mapping[str, str]:
    """The receipt's own words."""
    return {
        **shared_words(_),
        "title": _("Receipt of your application"),
        "check_paper": _(
            "Scan the QR code, or go to the address and type the code. Without signing in, the page says what kind of application was "
            "filed, on which day, and whether it is still being dealt with. It says nothing else."
        ),
        "answers": _("Answers"),
    }


def shared_words(_: Translate) -> Mapping[str, str]:
    """The words of every receipt, of filing or later; the template fills in the page numbers, which only it knows."""
    return {
        "product": _("Permit window"),
        "number": _("Dossier number"),
        "qr": _("QR code with the address where this receipt is checked"),
        "scan": _("Check this receipt"),
        "proof": _("What this receipt proves"),
        "check": _("How anyone can check this receipt"),
        "check_file": _(
            "The PDF file carries the electronic seal of this portal. A PDF reader shows whose seal it is, and whether anything "
            "in the file has changed since. On paper the seal cannot be checked."
        ),
        "documents": _("Documents"),
        "no_documents": _("No documents were given."),
        "fingerprint": _(
            "The SHA-256 is the fingerprint of a file. Anyone who has the file can calculate it again: "
            "if it is the same, nothing in the file has changed."
        ),
        "page": _("Page %(page)s of %(pages)s", page="{page}", pages="{pages}"),
        "unprinted": _(
            "Some characters cannot be printed here. Their Unicode number stands in their place, for example [U+738B]; "
            "in the dossier itself they are kept as they were written."
        ),
    }


def _summary(facts: ReceiptFacts, locale: Locale, _: Translate) -> list[tuple[str, str]]:
    return [
        (_("Filed on"), show_moment(facts.filed_at, locale)),
        (_("Filed by"), facts.filed_by),
        (_("Competent authority"), facts.authority),
        (_("Why this authority"), facts.authority_reason),
    ]


def _proof(facts: ReceiptFacts, locale: Locale, _: Translate) -> list[str]:
    return [
        _(
            "The permit window received this dossier on %(moment)s, with the answers and documents listed here.",
            moment=show_moment(facts.filed_at, locale),
        ),
        _(
            "This receipt does not prove that the competent authority has the dossier yet. "
            "We send it on; you do not have to do anything. "
            "The page of the dossier shows when the authority has confirmed that it received it."
        ),
    ]
