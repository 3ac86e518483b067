"""Uploads by our script, against a small server that speaks tus, and cuts, forgets and refuses as it is told."""

import base64
import itertools
import json
import re
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from jinja2 import Environment
from playwright.sync_api import Browser, Dialog, FilePayload, Page, expect

from tests.components.test_scripts import Portal, browser, tab

__all__ = ["browser", "tab"]

MEGABYTE = 1_000_000
FORM = """{% extends "layout.html" %}{% block scripts %}{{ ui.scripts.upload() }}{% endblock %}{% block content %}<h1>Passport</h1>
<section id="given"></section>
{% call ui.progress.upload("/form", csrf_token, "key", "Send", most, "the most", endpoint=endpoint, token="the-grant") %}
{{ ui.inputs.date_input("issued", "Issued on", {}) }}{{ ui.progress.files("Passport", "PDF or photo", accept=".pdf,.jpg") }}
{% endcall %}{% endblock %}"""


@dataclass
class Upload:
    """What the server knows of one upload."""

    name: str
    size: int
    said: dict[str, str]
    data: bytearray = field(default_factory=bytearray)

    @property
    def is_whole(self) -> bool:
        return len(self.data) == self.size


class TusPortal(Portal):
    """A portal that takes uploads; `cuts` are numbers of bytes after which the link breaks, `lost` how many creations go unanswered."""

    def __init__(self, env: Environment) -> None:
        self.uploads: dict[str, Upload] = {}
        self.keys = itertools.count()
        self.cuts: list[int] = []
        self.lost = 0
        self.answers: dict[str, list[tuple[int, str]]] = {}
        self.seen: list[tuple[str, int]] = []
        self.at_once = self.most_at_once = 0
        self.gate = threading.Event()
        self.gate.set()
        self.languages: set[str] = set()
        super().__init__(env)
        self.show("/form", FORM, endpoint="/uploads", most=20 * MEGABYTE)

    def begun(self, name: str, size: int, data: bytes = b"") -> str:
        key = f"/uploads/{next(self.keys)}"
        self.uploads[key] = Upload(name, size, {}, bytearray(data))
        return key

    def serve(self, request: Any) -> bool:
        if request.path == "/form" and request.headers.get("HX-Target") == "given":
            items = "".join(f"<li>{one.name}</li>" for one in self.uploads.values() if one.is_whole)
            request.reply(200, f"<h2>Given so far</h2><ul>{items}</ul>".encode())
            return True
        if not request.path.startswith("/uploads"):
            return False
        self.languages.add(request.headers.get("Accept-Language", ""))
        body_length = int(request.headers.get("Content-Length") or 0)
        self.seen.append((request.command, body_length))
        assert request.headers["Authorization"] == "Bearer the-grant"
        assert "Cookie" not in request.headers or request.command in ("POST", "PATCH", "HEAD")
        if forced := self.answers.get(request.command):
            status, detail = forced.pop(0)
            request.rfile.read(body_length)
            self.reply(request, status, json.dumps({"detail": detail}).encode() if detail else b"")
            return True
        getattr(self, request.command.lower())(request)
        return True

    @staticmethod
    def reply(request: Any, status: int, body: bytes = b"", **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request.reply(status, body, "application/problem+json" if status >= 400 else "application/json", **{"Tus-Resumable": "1.0.0", **named})

    def get(self, request: Any) -> None:
        left = [{"id": key, "url": key, "name": one.name, "size": one.size, "offset": len(one.data), "expires": "2026-11-29T10:00:00+00:00"}
                for key, one in self.uploads.items() if not one.is_whole]  # fmt: skip
        self.reply(request, 200, json.dumps(left).encode())

    def post(self, request: Any) -> None:
        pairs = [part.split(" ") for part in request.headers["Upload-Metadata"].split(",")]
        said = {name: base64.b64decode(value[0] if value else "").decode() for name, *value in pairs}
        again = [key for key, one in self.uploads.items() if one.said.get("key") == said["key"]]
        key = again[0] if again else self.begun(said["filename"], int(request.headers["Upload-Length"]))
        self.uploads[key].said = said
        if self.lost:
            self.lost -= 1
            cut(request)
        else:
            self.reply(request, 201, Location=key)

    def head(self, request: Any) -> None:
        one = self.uploads.get(request.path)
        if one is None:
            self.reply(request, 404)
        else:
            self.reply(request, 200, Upload_Offset=str(len(one.data)), Upload_Length=str(one.size))

    def patch(self, request: Any) -> None:
        one, left = self.uploads[request.path], int(request.headers["Content-Length"])
        assert int(request.headers["Upload-Offset"]) == len(one.data)
        until = len(one.data) + self.cuts.pop(0) if self.cuts else None
        self.at_once += 1
        self.most_at_once = max(self.at_once, self.most_at_once)
        try:
            while left:
                self.gate.wait(600)
                piece = request.rfile.read(min(left, 200_000))
                if not piece:
                    return
                one.data += piece
                left -= len(piece)
                if until is not None and len(one.data) >= until:
                    cut(request)
                    return
        finally:
            self.at_once -= 1
        self.reply(request, 204, Upload_Offset=str(len(one.data)))

    def delete(self, request: Any) -> None:
        if self.uploads[request.path].is_whole:
            self.reply(request, 409)
        else:
            del self.uploads[request.path]
            self.reply(request, 204)


def cut(request: BaseHTTPRequestHandler) -> None:
    request.close_connection = True
    request.connection.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def portal(env: Environment) -> Iterator[TusPortal]:
    portal = TusPortal(env)
    yield portal
    portal.gate.set()
    portal.server.shutdown()
    portal.server.server_close()


def a_file(name: str = "pass.pdf", size: int = 3 * MEGABYTE) -> FilePayload:
    return {"name": name, "mimeType": "application/pdf", "buffer": bytes(range(256)) * (size // 256) + b"x" * (size % 256)}


def choose(tab: Page, *files: FilePayload) -> None:
    tab.locator("input[type=file]").set_input_files(list(files))


def send(tab: Page, *files: FilePayload) -> None:
    tab.goto("/form")
    choose(tab, *(files or (a_file(),)))
    tab.get_by_role("button", name="Send", exact=True).click()


def given(tab: Page, *names: str) -> None:
    expect(tab.locator("#given li")).to_have_text(list(names))
    expect(tab.locator(".upload-file")).to_have_count(0)


def row(tab: Page, name: str = "pass.pdf") -> Any:
    return tab.locator(".upload-file").filter(has_text=name)


def under_way(tab: Page, name: str = "pass.pdf") -> None:
    # The link to this machine swallows a small file at once.
    expect(row(tab, name).locator("[data-state]")).to_have_text(re.compile("Being sent|Everything was sent"))


def press(tab: Page, action: str, name: str = "pass.pdf") -> None:
    row(tab, name).get_by_role("button", name=f"{action} {name}").click()


def test_several_files_arrive_whole_and_in_their_order(tab: Page, portal: TusPortal) -> None:
    files = [a_file(f"page {number}.jpg", size) for number, size in enumerate((MEGABYTE, 500, 11 * MEGABYTE, 2 * MEGABYTE))]
    tab.goto("/form")
    tab.locator("[name=issued-day]").fill("3")
    tab.locator("[name=issued-month]").fill("11")
    tab.locator("[name=issued-year]").fill("2026")
    choose(tab, *files)
    expect(row(tab, "page 2.jpg")).to_contain_text("11 MB")
    expect(row(tab, "page 2.jpg")).to_contain_text("Ready to be sent")
    tab.get_by_role("button", name="Send", exact=True).click()
    given(tab, *(one["name"] for one in files))
    assert [bytes(one.data) for one in portal.uploads.values()] == [one["buffer"] for one in files]
    assert {one.said["issued"] for one in portal.uploads.values()} == {"2026-11-03"}
    assert {one.said["filetype"] for one in portal.uploads.values()} == {"application/pdf"}
    assert portal.most_at_once <= 2
    assert portal.languages == {"en"}
    assert portal.bodies == []
    expect(tab.locator("[data-upload-live]")).to_have_text("Everything has arrived. We check it now.")
    assert tab.locator("[name=issued-day]").input_value() == ""
    assert tab.evaluate("localStorage.length + sessionStorage.length") == 0


def test_a_link_that_is_cut_costs_nothing(tab: Page, portal: TusPortal) -> None:
    portal.cuts = [700_000, 900_000]
    send(tab)
    given(tab, "pass.pdf")
    (one,) = portal.uploads.values()
    assert bytes(one.data) == a_file()["buffer"]
    assert [length for method, length in portal.seen if method == "PATCH"] == [3_000_000, 2_200_000, 1_200_000]


def test_while_the_link_is_gone_the_row_says_so(tab: Page, portal: TusPortal) -> None:
    portal.gate.clear()
    send(tab)
    under_way(tab)
    tab.context.set_offline(True)
    expect(row(tab)).to_contain_text("The connection is gone. We go on by ourselves as soon as it is back.")
    expect(tab.locator("[data-upload-live]")).to_contain_text("The connection is gone.")
    portal.gate.set()
    tab.context.set_offline(False)
    given(tab, "pass.pdf")
    assert bytes(next(iter(portal.uploads.values())).data) == a_file()["buffer"]


def test_an_upload_whose_beginning_was_not_answered_is_found_again(tab: Page, portal: TusPortal) -> None:
    portal.lost = 1
    send(tab)
    given(tab, "pass.pdf")
    assert len(portal.uploads) == 1


def test_what_a_closed_tab_left_goes_on_when_the_file_is_chosen_again(tab: Page, portal: TusPortal) -> None:
    whole = a_file("Ausweis\u00a0Ru\u0308ckseite.pdf")
    portal.begun("Ausweis R\u00fcckseite.pdf", 3 * MEGABYTE, whole["buffer"][:MEGABYTE])
    portal.begun("other.pdf", 500, b"xy")
    tab.goto("/form")
    expect(row(tab, "Ausweis")).to_contain_text("1 MB of 3 MB have arrived. Choose the same file again before November 29, 2026")
    choose(tab, whole)
    expect(tab.locator("#given li")).to_have_text(["Ausweis R\u00fcckseite.pdf"])
    assert bytes(portal.uploads["/uploads/0"].data) == whole["buffer"]
    assert ("PATCH", 2 * MEGABYTE) in portal.seen
    press(tab, "Remove", "other.pdf")
    expect(tab.locator(".upload-file")).to_have_count(0)
    assert list(portal.uploads) == ["/uploads/0"]


def test_an_upload_that_the_server_forgot_begins_anew(tab: Page, portal: TusPortal) -> None:
    key = portal.begun("pass.pdf", 3 * MEGABYTE)
    tab.goto("/form")
    expect(row(tab)).to_be_visible()
    del portal.uploads[key]
    choose(tab, a_file())
    expect(tab.locator("#given li")).to_have_text(["pass.pdf"])


def test_one_file_and_all_files_can_be_paused_and_go_on(tab: Page, portal: TusPortal) -> None:
    portal.gate.clear()
    send(tab, a_file("one.pdf"), a_file("two.pdf", 2 * MEGABYTE), a_file("three.pdf"))
    expect(row(tab, "three.pdf")).to_contain_text("Waits for its turn")
    press(tab, "Pause", "one.pdf")
    expect(row(tab, "one.pdf").get_by_role("button", name="Go on one.pdf")).to_be_focused()
    expect(row(tab, "one.pdf")).to_contain_text("Paused")
    under_way(tab, "three.pdf")
    tab.get_by_role("button", name="Pause all").click()
    expect(tab.get_by_role("button", name="Go on with all")).to_be_focused()
    for name in ("one", "two", "three"):
        expect(row(tab, name)).to_contain_text("Paused")
    portal.gate.set()
    tab.get_by_role("button", name="Go on with all").click()
    expect(tab.locator("#given li")).to_have_count(3)
    assert all(one.is_whole for one in portal.uploads.values())


def test_a_file_on_its_way_can_be_removed(tab: Page, portal: TusPortal) -> None:
    portal.gate.clear()
    send(tab, a_file("one.pdf"), a_file("two.pdf"))
    under_way(tab, "two.pdf")
    press(tab, "Remove", "one.pdf")
    expect(row(tab, "one.pdf")).to_have_count(0)
    expect(row(tab, "two.pdf").get_by_role("button", name="Pause two.pdf")).to_be_focused()
    expect(tab.locator("[data-upload-live]")).to_have_text("one.pdf was removed.")
    portal.gate.set()
    given(tab, "two.pdf")


@pytest.mark.parametrize(("method", "status"), [("POST", 413), ("POST", 422), ("POST", 403), ("PATCH", 409)])
def test_what_is_refused_gives_the_reason_and_can_be_tried_again(tab: Page, portal: TusPortal, method: str, status: int) -> None:
    reason = "" if status == 409 else "This day has yet to come"
    portal.answers = {method: [(status, reason)]}
    send(tab)
    if status != 409:
        expect(row(tab)).to_contain_text(reason)
        expect(tab.locator("[data-upload-live]")).to_have_text(f"pass.pdf: {reason}")
        press(tab, "Try again")
    given(tab, "pass.pdf")


def test_who_was_signed_out_is_told_what_stays(tab: Page, portal: TusPortal) -> None:
    portal.answers = {"PATCH": [(401, "")]}
    send(tab)
    expect(tab.get_by_role("alert").filter(has_text="You have been signed out. Sign in again; what has arrived stays.")).to_be_visible()
    expect(tab.get_by_role("link", name="Sign in again")).to_have_attribute("href", "/form")


def test_after_a_long_failure_a_person_decides(tab: Page, portal: TusPortal) -> None:
    portal.answers = {"POST": [(503, "")] * 13}
    tab.clock.install()
    send(tab)
    expect(row(tab)).to_contain_text("The service does not answer at the moment. We go on by ourselves as soon as it does.")
    # A pause that the page had not begun yet when a minute went by is over a minute later.
    for _minute in range(600):
        if not portal.answers["POST"]:
            break
        tab.clock.fast_forward("01:01")
        tab.wait_for_timeout(100)
    assert not portal.answers["POST"]
    expect(row(tab)).to_contain_text("The service has not answered for a long time.")
    press(tab, "Try again")
    given(tab, "pass.pdf")


def test_a_link_that_stands_still_is_taken_up_anew(tab: Page, portal: TusPortal) -> None:
    portal.gate.clear()
    tab.clock.install()
    send(tab)
    under_way(tab)
    gone = row(tab).filter(has_text="The connection is gone.")
    # Again where the page heard something of it only after the minute had gone by.
    for _minute in range(60):
        tab.wait_for_timeout(300)
        tab.clock.fast_forward("01:01")
        tab.wait_for_timeout(700)
        if gone.count():
            break
    expect(row(tab)).to_contain_text("The connection is gone.")
    portal.gate.set()
    tab.wait_for_timeout(300)
    tab.clock.fast_forward("00:02")
    given(tab, "pass.pdf")


@pytest.mark.parametrize(("size", "words"), [(0, "This file is empty: choose another one"), (MEGABYTE + 1, "a file may be at most the most")])
def test_what_cannot_be_taken_is_not_sent(tab: Page, portal: TusPortal, size: int, words: str) -> None:
    portal.show("/form", FORM, endpoint="/uploads", most=MEGABYTE)
    send(tab, a_file("odd.pdf", size), a_file(size=MEGABYTE))
    expect(row(tab, "odd.pdf")).to_contain_text(words)
    expect(row(tab, "odd.pdf").get_by_role("button", name="Try again")).to_have_count(0)
    expect(tab.locator("#given li")).to_have_text(["pass.pdf"])
    assert len(portal.uploads) == 1


def test_leaving_the_page_is_asked_about_while_something_is_sent(tab: Page, portal: TusPortal) -> None:
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    tab.on("dialog", stay)
    portal.gate.clear()
    send(tab)
    under_way(tab)
    tab.evaluate("setTimeout(() => location.reload())")
    for _moment in range(600):
        if asked:
            break
        tab.wait_for_timeout(100)
    assert asked == ["beforeunload"]
    portal.gate.set()
    given(tab, "pass.pdf")


def test_where_nobody_speaks_tus_the_form_itself_is_sent(tab: Page, portal: TusPortal) -> None:
    portal.answers = {"POST": [(404, "")], "GET": [(404, "")]}
    portal.show("/done", '{% extends "layout.html" %}{% block content %}<h1>Stored</h1>{% endblock %}')
    send(tab, a_file("one.pdf", 1000), a_file("two.pdf", 1000))
    expect(tab.get_by_role("heading", name="Stored")).to_be_visible()
    (body,) = portal.bodies
    assert body.index(b'name="csrf"') < body.index(b'name="form_key"') < body.index(b'filename="one.pdf"') < body.index(b'filename="two.pdf"')


@pytest.mark.parametrize("script", [False, True])
def test_without_script_or_place_for_uploads_the_plain_form_sends(browser: Browser, portal: TusPortal, script: bool) -> None:
    portal.show("/form", FORM, endpoint="" if script else "/uploads", most=MEGABYTE)
    portal.show("/done", '{% extends "layout.html" %}{% block content %}<h1>Stored</h1>{% endblock %}')
    with browser.new_context(base_url=portal.address, java_script_enabled=script) as context:
        page = context.new_page()
        page.goto("/form")
        page.get_by_label("Passport").set_input_files([a_file("one.pdf", 1000)])
        page.get_by_role("button", name="Send", exact=True).click()
        expect(page.get_by_role("heading", name="Stored")).to_be_visible()
    assert len(portal.bodies) == 1 and portal.uploads == {}


def test_with_nothing_chosen_the_server_says_what_is_missing(tab: Page, portal: TusPortal) -> None:
    portal.answer = 422
    portal.show("/refused", '{% extends "layout.html" %}{% block content %}<h1>Choose a file first</h1>{% endblock %}')
    tab.goto("/form")
    tab.get_by_role("button", name="Send", exact=True).click()
    expect(tab.get_by_role("heading", name="Choose a file first")).to_be_visible()


def test_files_can_be_dropped_and_added_one_after_the_other(tab: Page, portal: TusPortal) -> None:
    tab.goto("/form")
    dropped = tab.evaluate_handle("""() => { const data = new DataTransfer(); data.items.add(new File(["dropped"], "drop.pdf")); return data }""")
    tab.dispatch_event(".govuk-file-upload-button", "drop", {"dataTransfer": dropped})
    expect(row(tab, "drop.pdf")).to_contain_text("Ready to be sent")
    choose(tab, a_file())
    choose(tab, a_file())
    expect(tab.locator(".upload-file")).to_have_count(2)
    tab.get_by_role("button", name="Send", exact=True).click()
    given(tab, "drop.pdf", "pass.pdf")


def test_each_quarter_is_read_aloud_once(tab: Page, portal: TusPortal) -> None:
    tab.goto("/form")
    tab.evaluate("""() => { window.heard = [];
        new MutationObserver(() => heard.push(document.querySelector('[data-upload-live]').textContent))
        .observe(document.querySelector('[data-upload-live]'), {childList: true}) }""")
    choose(tab, a_file(size=6 * MEGABYTE))
    tab.get_by_role("button", name="Send", exact=True).click()
    given(tab, "pass.pdf")
    heard = [one for one in tab.evaluate("heard") if one]
    assert heard[-1] == "Everything has arrived. We check it now."
    assert len(heard) == len(set(heard)) <= 4
    assert all(re.fullmatch(r"Sending, (25|50|75)% done", one) for one in heard[:-1])


def test_the_list_fits_a_narrow_screen(tab: Page, portal: TusPortal) -> None:
    portal.gate.clear()
    tab.set_viewport_size({"width": 320, "height": 600})
    send(tab, a_file("a" * 120 + ".pdf"), a_file())
    under_way(tab)
    wide = tab.evaluate("[...document.querySelectorAll('main *')].filter(one => one.getBoundingClientRect().right > 320).map(one => one.outerHTML.slice(0, 200))")
    assert tab.evaluate("document.documentElement.scrollWidth") <= 320, wide


def test_what_the_page_shows_already_is_neither_sent_nor_shown_twice(tab: Page, portal: TusPortal) -> None:
    key = portal.begun("half.pdf", 500, b"xy").rsplit("/", 1)[-1]
    shown = f'<ul><li data-uploading="{key}">half.pdf</li><li data-arrived-name="pass.pdf" data-arrived-size="{3 * MEGABYTE}">pass.pdf</li></ul>'
    portal.show("/form", FORM.replace('<section id="given">', f'<section id="given">{shown}'), endpoint="/uploads", most=20 * MEGABYTE)
    tab.goto("/form")
    expect(row(tab, "half.pdf")).to_be_visible()
    expect(tab.locator("#given li").first).to_be_hidden()
    choose(tab, a_file(), a_file("new.pdf", 1000))
    expect(row(tab)).to_contain_text("This file has been given already.")
    tab.get_by_role("button", name="Send", exact=True).click()
    expect(tab.locator("#given li")).to_have_text(["new.pdf"])
    assert len(portal.uploads) == 2
