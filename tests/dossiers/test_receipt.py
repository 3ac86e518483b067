"""The receipt says all that was filed, in every language and script, and nothing typed can change its shape."""

import io
import random
import sys
from dataclasses import replace
from datetime import UTC, datetime

import pikepdf
import pytest

from frontoffice.dossiers import printing, receipt
from frontoffice.dossiers.receipt import ReceiptAnswer, ReceiptDocument, ReceiptFacts, ReceiptPage, receipt_pdf
from frontoffice.kernel.i18n import LOCALES, Locale

FILED = datetime(2026, 11, 21, 13, 2, tzinfo=UTC)


def english(message: str, **params: object) -> str:
    return message % params if params else message


FACTS = ReceiptFacts(
    procedure="Single permit: first application, highly qualified worker",
    number="SP-2026-0000123-C",
    filed_at=FILED,
    filed_by="Katrien Peeters, for Scheldehaven Logistics NV (0403.170.701)",
    authority="Flemish Region, Economic Migration Service",
    authority_reason="The place of work is in Antwerp, which lies in the Flemish Region.",
    address="https://permits.example.be/en/dossiers/SP-2026-0000123-C",
    code="7K3M-9QWE-R4T6-Y8VB-N2PZ-XCDF-G5HJ",
    check_form="https://permits.example.be/en/check",
    check_address="https://permits.example.be/en/check/7K3M9QWER4T6Y8VBN2PZXCDFG5HJ",
    pages=(
        ReceiptPage(
            "The worker",
            (
                ReceiptAnswer("Names as in the passport", "Rajesh Kumar · राजेश कुमार · محمد · ராஜேஷ்"),
                ReceiptAnswer("Address abroad", "12 MG Road\nBengaluru 560001\nIndia"),
            ),
        ),
        ReceiptPage("The work", (ReceiptAnswer("Salary", "€ 48.912,00 a year"),)),
    ),
    documents=(
        ReceiptDocument("Passport", "paspoort-rajesh.pdf", 1_234_567, "ab" * 32, "Rajesh Kumar"),
        ReceiptDocument("Contract of employment", "Łukasz’s contract #1.pdf", 345, "0f" * 32, "Katrien Peeters"),
    ),
)


def opened(facts: ReceiptFacts, locale: Locale = "en") -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(receipt_pdf(facts, locale, english)))


@pytest.mark.parametrize("locale", LOCALES)
def test_the_receipt_is_a_tagged_pdf_in_its_language(locale: Locale) -> None:
    with opened(FACTS, locale) as pdf:
        assert str(pdf.Root.Lang).startswith(locale)
        assert bool(pdf.Root.MarkInfo.Marked)
        assert "SP-2026-0000123-C" in str(pdf.docinfo.Title)
        assert pdf.open_metadata()["pdfuaid:part"] == "1"


def test_the_same_facts_give_the_same_bytes() -> None:
    assert receipt_pdf(FACTS, "nl", english) == receipt_pdf(FACTS, "nl", english)


def test_everything_that_was_filed_is_in_it() -> None:
    data = receipt._data(FACTS, "en", english)
    assert [label for label, _value in data["summary"]][:2] == ["Filed on", "Filed by"]
    assert data["summary"][0][1] == "21 November 2026, 14:02"
    assert data["documents"][0]["sha256"] == "ab" * 32
    assert data["documents"][0]["size"] == "1.2 MB"
    assert data["pages"][0]["answers"][1] == ("Address abroad", "12 MG Road\nBengaluru 560001\nIndia")
    assert data["unprinted"] is False


def test_it_tells_we_have_it_apart_from_the_authority_has_it() -> None:
    assert "does not prove that the competent authority has the dossier yet" in receipt._proof(FACTS, "en", english)[1]


def test_it_says_where_and_with_which_code_anyone_checks_it() -> None:
    data = receipt._data(FACTS, "en", english)
    assert data["check"] == [("Address", FACTS.check_form), ("Check code", FACTS.code)]
    assert ("Follow the dossier at", FACTS.address) in data["summary"]


@pytest.mark.parametrize(
    ("typed", "printed", "complete"),
    [
        ("Łukasz Đặng Žižek", "Łukasz Đặng Žižek", True),
        ("Zoe\u0308", "Zo\u00eb", True),
        ("Ειρήνη Ірина", "Ειρήνη Ірина", True),
        ("राजेश", "राजेश", True),
        ("王小明", "[U+738B][U+5C0F][U+660E]", False),
        ("a😀b", "a[U+1F600]b", False),
        ("safe\u202egnp.exe", "safegnp.exe", True),
        ("tab\tand\x07bell\x00", "tab andbell", True),
        ("#panic() $x$ *b* `r` <l> @ref \\n", "#panic() $x$ *b* `r` <l> @ref \\n", True),
        ("x" * 90, "x" * 40 + "\u200b" + "x" * 40 + "\u200b" + "x" * 10, True),
    ],
)
def test_any_text_can_be_printed(typed: str, printed: str, complete: bool) -> None:
    printer = printing.Printer()
    assert printer.printable(typed) == printed
    assert printer.unprinted is not complete


HOSTILE = ['#panic("x")', "$ #sys.inputs $", "= heading\n== other", "*/ /*", '"})', "]]]", '#image("/etc/passwd")', ""]


def test_nothing_typed_is_read_as_markup() -> None:
    pages = (ReceiptPage("#panic()", tuple(ReceiptAnswer(one, one) for one in HOSTILE)),)
    documents = tuple(ReceiptDocument(one, one, 0, one, one) for one in HOSTILE)
    facts = replace(FACTS, filed_by="#panic()", authority="#panic()", pages=pages, documents=documents)
    with opened(facts) as pdf:
        assert len(pdf.pages) >= 1


def test_every_assigned_and_unassigned_character_can_be_part_of_a_receipt() -> None:
    chance = random.Random(1)
    scattered = "".join(chr(chance.randrange(0x110000)) for _ in range(300)).encode("utf-8", "replace").decode()
    low = "".join(chr(point) for point in range(0x0600))
    joined = " ".join(chr(point) + "\u200d" + chr(point + 1) + "\u0301" for point in sorted(printing._fonts().covered))
    assert max(map(ord, scattered)) <= sys.maxunicode
    pages = (ReceiptPage("All", (ReceiptAnswer("a", scattered), ReceiptAnswer("b", low), ReceiptAnswer("c", joined))),)
    with opened(replace(FACTS, pages=pages)) as pdf:
        assert len(pdf.pages) > 1


def test_a_long_dossier_runs_over_pages_and_an_empty_one_stands() -> None:
    long = (ReceiptPage("Long", tuple(ReceiptAnswer(f"Question {n}", "word " * 200) for n in range(40))),)
    with opened(replace(FACTS, pages=long, documents=FACTS.documents * 20)) as pdf:
        assert len(pdf.pages) > 5
    with opened(replace(FACTS, pages=(), documents=())) as pdf:
        assert len(pdf.pages) == 1
