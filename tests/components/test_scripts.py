"""Our scripts, in a real browser under the page's own content security policy."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.components.conftest import ROOT
from tests.components.test_pages import KATRIEN
from tests.components.test_pages import page as variables

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
)
# What a page does at once may take long on a machine that is busy with other tests.
_PATIENCE_MS = 60_000
expect.set_options(timeout=_PATIENCE_MS)
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


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
                if portal.serve(self):
                    return
                if self.path.startswith("/static/") and self.path not in portal.pages:
                    file = ROOT / self.path.lstrip("/")
                    self.reply(200, file.read_bytes(), TYPES[Path(self.path).suffix])
                else:
                    self.reply(200, portal.pages[self.path].encode())

            def do_POST(self) -> None:
                if portal.serve(self):
                    return
                portal.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
                if portal.answer == 0:
                    self.connection.close()
                elif portal.answer == 303:
                    self.reply(303, b"", Location="/done")
                else:
                    self.reply(portal.answer, portal.pages["/refused"].encode())

            def do_HEAD(self) -> None:
                portal.serve(self)

            do_PATCH = do_DELETE = do_HEAD

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.address = f"http://127.0.0.1:{self.server.server_port}"

    def serve(self, _request: BaseHTTPRequestHandler) -> bool:
        """What a test adds to this server; whether the request is answered."""
        return False

    def show(self, path: str, source: str, **more: Any) -> None:
        self.pages[path] = self.env.from_string(source).render(**variables(locale="en", problems={}, **more))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    own = Path("/usr/bin/chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=own if own.exists() else None, timeout=3 * _PATIENCE_MS,
            args=["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"],
        )
        yield started
        started.close()


@pytest.fixture
def portal(env: Environment) -> Iterator[Portal]:
    portal = Portal(env)
    yield portal
    portal.server.shutdown()
    portal.server.server_close()


@pytest.fixture
def tab(browser: Browser, portal: Portal) -> Iterator[Page]:
    opened = browser.new_page(base_url=portal.address)
    opened.set_default_timeout(_PATIENCE_MS)
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("console", lambda message: complaints.append(message.text) if "Security Policy" in message.text else None)
    yield opened
    opened.close()
    assert not complaints


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
