"""A printed receipt is checked by a stranger: scanned from paper or typed by hand, in a browser that knows nobody."""

import asyncio
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pypdfium2
import pytest
import zxingcpp

from e2e.conftest import DESK, PHONE, Service
from e2e.pages import Visitor
from e2e.test_every_procedure import WHO, filed
from e2e.test_story import papers  # noqa: F401 - the papers are a fixture
from frontoffice.kernel.i18n import LANGUAGE_NAMES, show_day
from frontoffice.kernel.time import today
from frontoffice.procedures import in_force
from tests.documents.receipting import code_of, is_sealed

Make = Callable[..., Visitor]
PROCEDURE = "declaration-of-arrival"


@pytest.mark.parametrize(("language", "script", "size"), [("nl", True, PHONE), ("de", False, DESK), ("fr", False, PHONE)])
def test_a_printed_receipt_is_checked_by_a_stranger(
        service: Service, visitor: Make, papers: dict[str, Path], tmp_path: Path, language: str, script: bool, size: tuple[int, int]) -> None:  # noqa: F811
    days = {today()}
    number = file(visitor(language, script=False), service, papers)
    days.add(today())
    person = visitor(language, script=script, size=size)
    sign_in(person, service)
    person.open(f"/dossiers/{number}/receipt")
    person.wait_for("Download the receipt (PDF)")
    person.look()
    # The receipt is in the language of the municipality; the others are translations, each with a code of its own.
    pdf = download(person, "Download the receipt (PDF)" if language == "nl" else f"{LANGUAGE_NAMES[language]} (PDF)", tmp_path / "receipt.pdf")
    with ThreadPoolExecutor() as beside:  # Chromium's driver has a loop of its own in this thread.
        assert beside.submit(lambda: asyncio.run(is_sealed(pdf, service.folder))).result()
    address = scanned(pdf)

    # Scanned: a browser without a session, in another language than the paper's too.
    stranger = visitor(language, script=script, size=size)
    stranger.open(address)
    stranger.reads("We gave out a receipt with this code")
    stranger.reads(in_force(PROCEDURE, today()).title)
    stranger.reads("Pending: the authorities have not closed it yet")
    shown = stranger.page.content()
    # It may have been filed just before midnight, or just after.
    assert any(show_day(day, stranger.locale) in shown for day in days)
    assert number not in shown and "Mensah" not in shown and stranger.page.locator("html").get_attribute("lang") == language
    assert stranger.page.locator(".identity").count() == 0

    # Typed by hand, first with a mistake.
    stranger.open("/check")
    code = code_of(pdf)
    stranger.fill({"code": code[:-1]})
    stranger.press("Check")
    stranger.reads("Type all 28 letters and digits of the code, as they stand on the receipt")
    assert stranger.page.get_by_label(stranger.say("Check code")).input_value() == code[:-1]
    stranger.fill({"code": code[:-1] + ("0" if code[-1] != "0" else "1")})
    stranger.press("Check")
    stranger.reads("We gave out no receipt with this code")
    stranger.follow("Check another receipt")
    stranger.fill({"code": code.lower().replace("-", " ")})
    stranger.press("Check")
    stranger.reads("We gave out a receipt with this code")

    # The signed list of documents, checked by the documented command with the published keys.
    person.page.locator("summary", has_text=person.say("How others can check it")).click()
    person.reads_as_is("frontoffice check-manifest")
    manifest = tmp_path / "list.jws"
    download(person, "Download the list of documents, signed", manifest)
    command = [str(Path(sys.executable).parent / "frontoffice"), "check-manifest", str(manifest), "--keys", f"{service.portal}/.well-known/jwks.json"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "The signature holds" in told and number in told


def sign_in(person: Visitor, service: Service) -> None:
    """As the sample person of the procedure."""
    name, hat = WHO[PROCEDURE]
    person.sign_in(*service.login(name), hat=hat)


def file(person: Visitor, service: Service, papers: dict[str, Path]) -> str:  # noqa: F811
    """A declaration of arrival, filed by its sample person, who is left before the receipt; its number."""
    return filed(person, service, in_force(PROCEDURE, today()), papers)


def download(person: Visitor, link: str, where: Path) -> bytes:
    """What a link gives, as it is saved; a translation is sealed a little later than the receipt itself, and its link says so until then."""
    found = person.page.locator("#sealed").get_by_role("link", name=person.say(link), exact=True)
    address = f"{person.portal}{found.get_attribute('href')}"
    assert person.look_again_until(lambda: "attachment" in person.context.request.get(address).headers.get("content-disposition", ""))
    with person.page.expect_download() as arriving:
        found.click()
    arriving.value.save_as(where)
    return where.read_bytes()


def scanned(pdf: bytes) -> str:
    """The one address that a camera reads on the first page, in the print quality of a cheap printer, a little askew."""
    with pypdfium2.PdfDocument(pdf) as document:
        paper = document[0].render(scale=150 / 72).to_pil().convert("L").rotate(3, expand=True, fillcolor=255)
    (found,) = zxingcpp.read_barcodes(paper)
    assert urlsplit(found.text).path.split("/")[2] == "check"
    return found.text
