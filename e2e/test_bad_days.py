"""Bad days that only a real browser, or a part of the service that is killed, can show."""

import io
import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pikepdf
import psutil
import pytest

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


def send(person: Visitor, path: str, answers: dict[str, str], *, page: str = "", file: bytes = b"") -> None:
    """Send a form quickly, with the cookies of this browser; what pages look like is looked at elsewhere."""
    shown = person.context.request.get(f"{person.portal}/{person.locale}{page or path}").text()
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', shown))
    headers, address = {"sec-fetch-site": "same-origin", "origin": person.portal}, f"{person.portal}/{person.locale}{path}"
    if file:
        given = {"csrf": hidden["csrf"], "file": {"name": "paper.pdf", "mimeType": "application/pdf", "buffer": file}}
        answer = person.context.request.post(address, multipart=given, headers=headers)
    else:
        answer = person.context.request.post(address, form={**hidden, **answers}, headers=headers)
    assert answer.ok, (path, answer.status, answer.text()[-1500:])


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
    mine = [one for one in httpx.get(f"{service.backbone}/books").json()["dossiers"] if one["number"] == number.group(0)]
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
    person.page.get_by_role("button", name=person.say("Send"), exact=True).click()
    most = "100 MB"
    if script:
        person.reads("This file is too large: a file may be at most %(most)s. Split it, and send the parts.", most=most)
    else:
        person.reads("This file is too large: the most we can take is %(most)s. Scan it with fewer dots per inch, or split it.", most=most)
    choose("good.pdf", PDF)
    person.wait_for("Checked")


def running(service: Service, *words: str) -> psutil.Process:
    """The process of this service whose command holds these words as they are; the oldest of them, which is the parent of the others."""
    found = [one for one in psutil.process_iter(["cmdline", "create_time"]) if all(word in " ".join(one.info["cmdline"] or ()) for word in words)]
    mine = [one for one in found if str(service.folder) in " ".join(one.info["cmdline"]) or service.portal in _environment(one)]
    return min(mine, key=lambda one: float(one.info["create_time"]))


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


def test_parts_that_are_killed_come_back_and_nothing_is_lost(service: Service, visitor: Make) -> None:
    person = visitor("de")
    key = begun(person, service, "Helga Schmitz")
    person.open(f"/dossiers/{key}/pages/contact")
    typed = {"contact_name": "Helga Schmitz", "contact_email": "helga@schmitz.example", "contact_phone": "+32 87 55 12 34"}
    person.fill(typed)
    with nobody_looks_after(service):
        os.kill(running(service, "postgres", "-D").pid, signal.SIGKILL)
        person.press("Save and continue")
        person.reads("We cannot answer for a moment")
        person.reads("What you typed is still on this page: send it again from here.")
    for _try in range(180):
        person.page.get_by_role("button", name=person.say("Send it again"), exact=True).click()
        person.page.wait_for_load_state("load")
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
    person.wait_for_confirmation(seconds=150)
