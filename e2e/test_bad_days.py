"""Bad days that only a real browser, or a part of the service that is killed, can show."""

import io
import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pikepdf
import psutil
import pytest
from playwright.sync_api import APIResponse

from e2e.conftest import DESK, PHONE, Service
from e2e.pages import Visitor
from tests.filing import EMPLOYER_DOCUMENTS, EMPLOYER_PAGES, WORKER_DOCUMENTS, WORKER_PAGES

Make = Callable[..., Visitor]


def _a_pdf() -> bytes:
    file = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(file)
    return file.getvalue()


PDF = _a_pdf()
# What the service answers when something would take longer than its limits allow.
BUSY = 503
# Six hundred megabytes, on a machine that does other things too.
_LONG_MS = 180_000


def send(person: Visitor, path: str, answers: dict[str, str], *, page: str = "", file: bytes = b"") -> None:
    """Send a form quickly, with the cookies of this browser; what pages look like is looked at elsewhere."""
    for _try in range(10):
        answer = _sent(person, path, answers, page or path, file)
        if answer.status != BUSY:
            break
        person.page.wait_for_timeout(1000)
    assert answer.ok, (path, answer.status, answer.text()[-1500:])


def _sent(person: Visitor, path: str, answers: dict[str, str], page: str, file: bytes) -> APIResponse:
    # The server closes a line that was quiet for a while, perhaps just as it is used again: a browser asks once more by itself.
    shown = person.context.request.get(f"{person.portal}/{person.locale}{page}", max_retries=3)
    if shown.status == BUSY:
        return shown
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', shown.text()))
    headers, address = {"sec-fetch-site": "same-origin", "origin": person.portal}, f"{person.portal}/{person.locale}{path}"
    if file:
        given = {"csrf": hidden["csrf"], "file": {"name": "paper.pdf", "mimeType": "application/pdf", "buffer": file}}
        return person.context.request.post(address, multipart=given, headers=headers)
    return person.context.request.post(address, form={**hidden, **answers}, headers=headers)


def begun(person: Visitor, service: Service, name: str) -> str:
    """Somebody signs in and begins a draft; its key."""
    person.open("/")
    person.sign_in(*service.login(name))
    person.open("/dossiers/new?procedure=single-permit")
    person.press("Begin")
    return person.page.url.rsplit("/", 1)[-1]


def complete(person: Visitor, key: str) -> None:
    """Everything that filing asks for, the worker's part by the employer."""
    for code, answers in {**EMPLOYER_PAGES, **WORKER_PAGES}.items():
        if code != "employer":
            send(person, f"/dossiers/{key}/pages/{code}", dict(answers))
    for code in (*EMPLOYER_DOCUMENTS, *WORKER_DOCUMENTS):
        send(person, f"/dossiers/{key}/documents/{code}", {}, file=PDF)
    send(person, f"/dossiers/{key}/steps/declare-consent", {"consent": "yes"})
    person.open(f"/dossiers/{key}/check")
    person.wait_for("Everything is there")


@pytest.mark.parametrize(("language", "script"), [("nl", True), ("fr", False)])
def test_a_double_click_going_back_and_a_reload_file_once(service: Service, visitor: Make, language: str, script: bool) -> None:
    person = visitor(language, script=script)
    key = begun(person, service, "Helga Schmitz")
    complete(person, key)
    other_tab = person.context.new_page()
    other_tab.goto(f"{person.portal}/{language}/dossiers/{key}/check")
    button = person.page.get_by_role("button", name=person.say("File the application"), exact=True)
    button.dblclick(no_wait_after=True)
    # The second click waits at the server for the first, and on a busy machine it may be told to send again.
    person.page.wait_for_url(re.compile("/(receipt|submit)$"))
    person.until_it_answers()
    person.page.wait_for_url("**/receipt")
    person.look()
    number = re.search(r"SP-\d{4}-\d{7}-[0-9A-Z]", person.page.content())
    assert number
    person.page.reload()
    assert number.group(0) in person.page.content()
    person.page.go_back()
    person.page.wait_for_load_state("load")
    if (again := person.page.get_by_role("button", name=person.say("File the application"), exact=True)).count():
        again.click()
        person.page.wait_for_url("**/receipt")
        assert number.group(0) in person.page.content()
    other_tab.get_by_role("button", name=person.say("File the application"), exact=True).click()
    other_tab.wait_for_url("**/receipt")
    assert number.group(0) in other_tab.content()
    person.open(f"/dossiers/{key}")
    person.wait_for_confirmation()
    mine = [one for one in service.books() if one["number"] == number.group(0)]
    assert [[message["action"] for message in one["messages"]] for one in mine] == [["submit"]]


@pytest.mark.parametrize(("language", "script", "size"), [("de", True, PHONE), ("fr", False, DESK)])
def test_files_that_cannot_be_taken(service: Service, visitor: Make, tmp_path: Path, language: str, script: bool, size: tuple[int, int]) -> None:
    person = visitor(language, script=script, size=size)
    key = begun(person, service, "Luc Lambert")
    place = f"/dossiers/{key}/documents/contract"

    def choose(name: str, content: bytes) -> None:
        (tmp_path / name).write_bytes(content)
        person.open(place)
        person.page.locator('input[type="file"]').set_input_files(str(tmp_path / name))
        person.page.get_by_role("button", name=person.say("Send"), exact=True).click()
        person.arrived()

    choose("empty.pdf", b"")
    person.reads("This file is empty: choose another one")
    person.look()
    choose("program.pdf", b"MZ" + bytes(5000))
    person.wait_for("Refused")
    person.reads("We can only take PDF, JPEG, PNG and HEIC files. Save your document as one of these, and upload that.")
    # Sent without script, what is too large is refused while it is still coming: the answer must reach the browser.
    with (tmp_path / "large.pdf").open("wb") as file:
        file.truncate(100_000_001 if script else 600_000_000)
    person.open(place)
    person.page.locator('input[type="file"]').set_input_files(str(tmp_path / "large.pdf"))
    person.page.get_by_role("button", name=person.say("Send"), exact=True).click(timeout=_LONG_MS)
    most = "100 MB"
    if script:
        person.reads("This file is too large: a file may be at most %(most)s. Split it, and send the parts.", most=most)
    else:
        person.reads("A dossier holds at most %(most)s documents, of %(size)s together, and one file may be %(largest)s at most.",
                     most=100, size="500 MB", largest=most)
    choose("good.pdf", PDF)
    person.wait_for("Checked")


def running(service: Service, *words: str) -> psutil.Process:
    """The process of this service whose command holds these words as they are; the oldest of them, which is the parent of the others.

    One that has died is waited for: the supervisor starts it again after a pause."""
    for _try in range(600):
        found = [one for one in psutil.process_iter(["cmdline", "create_time"]) if all(word in " ".join(one.info["cmdline"] or ()) for word in words)]
        if mine := [one for one in found if str(service.folder) in " ".join(one.info["cmdline"]) or service.portal in _environment(one)]:
            return min(mine, key=lambda one: float(one.info["create_time"]))
        time.sleep(0.2)
    raise AssertionError(f"no process of the service is {words}")


def _environment(process: psutil.Process) -> list[str]:
    try:
        return list(process.environ().values())
    except psutil.Error:
        return []


@contextmanager
def nobody_looks_after(service: Service) -> Iterator[None]:
    """The service's own supervisor stands still meanwhile, so that what is killed stays away."""
    supervisor = running(service, "frontoffice", "local", "--folder")
    supervisor.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        supervisor.send_signal(signal.SIGCONT)


def kill_with_children(process: psutil.Process) -> None:
    """Return when the children are gone too: they end by themselves, but until then one of them may still answer."""
    children = process.children(recursive=True)
    process.kill()
    for _try in range(600):
        if not any(_lives(one) for one in children):
            return
        time.sleep(0.1)
    raise AssertionError(f"still there: {[one for one in children if _lives(one)]}")


def _lives(process: psutil.Process) -> bool:
    try:
        # Nobody may be there to collect an orphan.
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def test_parts_that_are_killed_come_back_and_nothing_is_lost(service: Service, visitor: Make) -> None:
    person = visitor("de")
    key = begun(person, service, "Helga Schmitz")
    person.open(f"/dossiers/{key}/pages/contact")
    typed = {"contact_name": "Helga Schmitz", "contact_email": "helga@schmitz.example", "contact_phone": "+32 87 55 12 34"}
    person.fill(typed)
    with nobody_looks_after(service):
        kill_with_children(running(service, "postgres", "-D"))
        person.press("Save and continue", patient=False)
        person.reads("We cannot answer for a moment")
        person.reads("What you typed is still on this page: send it again from here.")
    for _try in range(180):
        person.press("Send it again", patient=False)
        if not person.page.get_by_role("button", name=person.say("Send it again"), exact=True).count():
            break
        time.sleep(0.5)
    assert "/pages/contact" not in person.page.url
    person.open(f"/dossiers/{key}/pages/contact")
    assert {name: person.page.locator(f'[name="{name}"]').input_value() for name in typed} == typed
    # The worker dies with documents waiting for it; the one that takes its place checks them, and hands over.
    running(service, "frontoffice.cli worker").kill()
    complete(person, key)
    person.press("File the application")
    running(service, "frontoffice.cli worker").kill()
    person.open(f"/dossiers/{key}")
    # Half a minute without a sign of life, and then up to one until somebody looks.
    person.wait_for_confirmation(seconds=400)
