"""Our scripts, in a real browser under the page's own content security policy."""

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment
from playwright.sync_api import Browser, FilePayload, Page, expect, sync_playwright

from tests.components.conftest import ROOT
from tests.components.test_forms import Question
from tests.components.test_pages import KATRIEN
from tests.components.test_pages import page as variables

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
)
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
UPLOAD = """{% extends "layout.html" %}{% block scripts %}{{ ui.scripts.upload() }}{% endblock %}{% block content %}
{{ ui.forms.error_summary(problems) }}
{% call ui.progress.upload("/upload", csrf_token, "key", "Upload the passport", 3000000, "3 MB") %}
{{ ui.forms.field(question, {}, problems) }}{% endcall %}{% endblock %}"""


class Portal:
    """Just enough of a server: pages by path, and an answer of choice to the next upload."""

    def __init__(self, env: Environment) -> None:
        self.pages: dict[str, str] = {}
        self.answer = 303
        self.bodies: list[bytes] = []
        self.env = env
        portal = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_args: Any) -> None:
                """A test's server says nothing."""

            def reply(self, status: int, body: bytes, kind: str = "text/html; charset=utf-8", **headers: str) -> None:
                self.send_response(status)
                for name, value in {"Content-Type": kind, "Content-Security-Policy": POLICY, **headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self) -> None:
                if self.path.startswith("/static/") and self.path not in portal.pages:
                    file = ROOT / self.path.lstrip("/")
                    self.reply(200, file.read_bytes(), TYPES[Path(self.path).suffix])
                else:
                    self.reply(200, portal.pages[self.path].encode())

            def do_POST(self) -> None:
                portal.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
                if portal.answer == 0:
                    self.connection.close()
                elif portal.answer == 303:
                    self.reply(303, b"", Location="/done")
                else:
                    self.reply(portal.answer, portal.pages["/refused"].encode())

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.address = f"http://127.0.0.1:{self.server.server_port}"

    def show(self, path: str, source: str, **more: Any) -> None:
        self.pages[path] = self.env.from_string(source).render(**variables(locale="en", problems={}, **more))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    own = Path("/usr/bin/chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=own if own.exists() else None,
            args=["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"],
        )
        yield started
        started.close()


@pytest.fixture
def portal(env: Environment) -> Iterator[Portal]:
    portal = Portal(env)
    question = Question("file", name="passport", label="Passport")
    portal.show("/form", UPLOAD, question=question)
    refused = variables(locale="en", problems={"passport": "This file is empty"}, question=question)
    portal.pages["/refused"] = env.from_string(UPLOAD).render(**refused)
    portal.show("/done", '{% extends "layout.html" %}{% block content %}<h1>Stored</h1>{% endblock %}')
    yield portal
    portal.server.shutdown()
    portal.server.server_close()


@pytest.fixture
def tab(browser: Browser, portal: Portal) -> Iterator[Page]:
    opened = browser.new_page(base_url=portal.address)
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("console", lambda message: complaints.append(message.text) if "Security Policy" in message.text else None)
    yield opened
    opened.close()
    assert not complaints


def choose(tab: Page, size: int) -> None:
    file: FilePayload = {"name": "pass.pdf", "mimeType": "application/pdf", "buffer": b"x" * size}
    tab.get_by_label("Passport").set_input_files(file)


def send(tab: Page, size: int = 2_000_000) -> None:
    tab.goto("/form")
    choose(tab, size)
    tab.get_by_role("button", name="Upload the passport").click()


def test_an_upload_ends_on_the_page_that_the_server_names(tab: Page, portal: Portal) -> None:
    send(tab)
    expect(tab.get_by_role("heading", name="Stored")).to_be_visible()
    (body,) = portal.bodies
    assert body.index(b'name="csrf"') < body.index(b'name="form_key"') < body.index(b'name="passport"')


def test_a_refused_file_is_explained_at_the_question(tab: Page, portal: Portal) -> None:
    portal.answer = 422
    send(tab)
    expect(tab.get_by_role("alert").filter(has_text="There is a problem")).to_be_visible()
    expect(tab).to_have_title(re.compile("^Error:"))
    portal.answer = 303
    choose(tab, 1)
    tab.get_by_role("button", name="Upload the passport").click()
    expect(tab.get_by_role("heading", name="Stored")).to_be_visible()


@pytest.mark.parametrize(("answer", "words"), [(0, "cut off"), (500, "cut off"), (413, "at most 3 MB")])
def test_a_failed_upload_says_so_and_may_be_tried_again(tab: Page, portal: Portal, answer: int, words: str) -> None:
    portal.answer = answer
    send(tab)
    expect(tab.get_by_role("alert").filter(has_text=words)).to_be_visible()
    portal.answer = 303
    tab.get_by_role("button", name="Upload the passport").click()
    expect(tab.get_by_role("heading", name="Stored")).to_be_visible()


def test_a_file_that_is_too_large_is_not_sent(tab: Page, portal: Portal) -> None:
    send(tab, 3_000_001)
    expect(tab.get_by_role("alert").filter(has_text="at most 3 MB")).to_be_visible()
    assert portal.bodies == []


def test_without_script_the_same_form_uploads(browser: Browser, portal: Portal) -> None:
    with browser.new_context(base_url=portal.address, java_script_enabled=False) as context:
        tab = context.new_page()
        send(tab)
        expect(tab.get_by_role("heading", name="Stored")).to_be_visible()
        assert len(portal.bodies) == 1


def test_a_session_that_ends_warns_and_can_be_kept(tab: Page, portal: Portal) -> None:
    portal.show("/long", '{% extends "layout.html" %}', actor=KATRIEN, signed_in_minutes_left=15)
    portal.pages["/refused"] = "kept"
    portal.answer = 200
    tab.clock.install()
    tab.goto("/long")
    dialog = tab.get_by_role("dialog", name="Are you still there?")
    tab.clock.fast_forward("12:00")
    expect(dialog).to_be_hidden()
    tab.clock.fast_forward("00:32")
    expect(dialog).to_contain_text("about 3 minutes")
    dialog.get_by_role("button", name="Stay signed in").click()
    expect(dialog).to_be_hidden()
    assert portal.bodies == [b"csrf=the-token"]
    tab.clock.fast_forward("15:02")
    expect(dialog).to_contain_text("You are signed out")
    expect(dialog.get_by_role("link", name="Sign in again")).to_be_visible()


def test_a_page_fits_a_narrow_screen(tab: Page) -> None:
    tab.set_viewport_size({"width": 320, "height": 600})
    tab.goto("/form")
    assert tab.evaluate("document.documentElement.scrollWidth") <= 320
