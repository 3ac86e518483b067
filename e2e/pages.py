"""What people do on the pages, told in their own language; every page that is visited is checked on the way."""

import re
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, Route, TimeoutError, expect

from frontoffice.forms.fields import Field
from frontoffice.kernel.i18n import Locale, as_locale, translator

_AXE_OPTIONS = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}}


# Large files through a plain form, on a machine that is busy.
_LONG_UPLOAD_MS = 240_000
# What makes a page scroll sideways, by element and text.
_WIDER = """() => document.documentElement.scrollWidth <= document.documentElement.clientWidth ? null :
  [...document.querySelectorAll('main *, header *, footer *')].filter(one => one.getBoundingClientRect().right > innerWidth + 1)
  .map(one => one.tagName + '.' + one.className + ' ' + one.textContent.trim().slice(0, 60)).slice(0, 5)"""


def _without_our_scripts(route: Route) -> None:
    route.abort()


class Visitor:
    """A person at a screen. Texts are given in English and looked up in the catalogue of the person's language."""

    def __init__(self, context: BrowserContext, language: str, *, portal: str, script: bool) -> None:
        locale: Locale | None = as_locale(language)
        assert locale
        self.locale, self.script, self.context, self.portal = locale, script, context, portal
        self.translate = translator(locale)
        self.faults: list[str] = []
        self.seen: set[str] = set()
        if not script:
            # Only our own scripts are kept away: the accessibility check is a script too.
            context.route("**/static/**/*.js*", _without_our_scripts)
        self.page: Page = self._tab()

    def _tab(self) -> Page:
        tab = self.context.new_page()
        tab.on("console", self._heard)
        return tab

    def turn_to_a_new_tab(self) -> None:
        """Close the tab, whatever it does at the moment, and open another one."""
        self.page.close()
        self.page = self._tab()

    def _heard(self, message: Any) -> None:
        if "Content Security Policy" in message.text or "violates" in message.text:
            self.faults.append(f"{self.page.url}: {message.text}")

    def say(self, text: str, **params: object) -> str:
        """A text in this person's language."""
        return self.translate(text, **params)

    def open(self, path: str) -> None:
        """Go to an address; a path without language gets the person's own."""
        self.page.goto(path if path.startswith("http") else f"/{self.locale}{path}")
        self.until_it_answers()
        self.look()

    def until_it_answers(self) -> None:
        """Do what the page itself advises when the service is too busy to answer within its limits: send it again, or come back."""
        for _try in range(20):
            if not self.page.title().startswith(self.say("We cannot answer for a moment")):
                return
            self.page.wait_for_timeout(1000)
            again = self.page.get_by_role("button", name=self.say("Send it again"), exact=True)
            with self.page.expect_navigation():
                if again.count():
                    again.click()
                else:
                    self.page.reload()

    def look(self) -> None:
        """Check the page that is shown: language, no sideways scrolling, no accessibility fault; once for each kind of page."""
        self.page.wait_for_load_state("load")
        if self.script and self.page.url.startswith(self.portal):
            # A long list gets its search box by a script of its own, which comes after the page: what is typed meanwhile would fall between.
            expect(self.page.locator("select[data-search]:not([hidden]), input[data-search]")).to_have_count(0)
        kind = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|[A-Z]{2}-[0-9]{4}-[0-9A-Z-]+|[0-9a-f]{64}", "*", urlsplit(self.page.url).path) + self.page.title()[:20]
        if kind in self.seen or not self.page.url.startswith(self.portal):
            return
        self.seen.add(kind)
        assert self.page.locator("html").get_attribute("lang") == self.locale, self.page.url
        if wider := self.page.evaluate(_WIDER):
            self.faults.append(f"{self.page.url}: wider than the screen: {wider}")
        found = Axe().run(self.page, options=_AXE_OPTIONS)
        for fault in found.response["violations"]:
            self.faults.append(f"{self.page.url}: {fault['id']} {[node['html'][:160] for node in fault['nodes'][:3]]}")

    def press(self, text: str, *, role: str = "button", exact: bool = True, nth: int = 0, patient: bool = True, **params: object) -> None:
        """Press a button (or follow a link, with role="link") by its words, and wait for the page that it leads to.

        Without `patient` that may be the page which says that the service cannot answer now."""
        wanted = self.page.get_by_role(role, name=self.say(text, **params), exact=exact).nth(nth)  # type: ignore[arg-type]
        try:
            with self.page.expect_navigation():
                wanted.click()
        except TimeoutError:
            shown = self.page.locator("main").inner_text()
            raise AssertionError(f"{self.page.url} has no {role} {self.say(text, **params)!r}, or it leads nowhere: {shown}") from None
        if patient:
            self.until_it_answers()
        self.look()

    def follow(self, text: str, *, exact: bool = True, nth: int = 0, **params: object) -> None:
        """Follow a link by its words."""
        self.press(text, role="link", exact=exact, nth=nth, **params)

    def fill(self, answers: Mapping[str, str]) -> None:
        """Fill in inputs by name: texts are typed, choices are taken by their value."""
        for name, value in answers.items():
            one = self.page.locator(f'[name="{name}"]').first
            kind = one.get_attribute("type") or one.evaluate("element => element.tagName.toLowerCase()")
            if kind in ("radio", "checkbox"):
                self.page.locator(f'[name="{name}"][value="{value}"]').check()
            elif kind == "select":
                # A long list is hidden behind the box in which it is searched.
                one.select_option(value, force=True)
            else:
                one.fill(value)

    def fill_stored(self, fields: Iterable[Field], stored: Mapping[str, str]) -> None:
        """Fill in questions with values as they are stored; what is not named stays as it is."""
        for one in fields:
            if one.name in stored:
                raw = one.raw_of(stored[one.name])
                self.fill({name: text for name, text in raw.items() if text})

    def upload(self, *files: Path) -> None:
        """Choose files and send them: with script piece by piece, without it by the plain form."""
        self.page.wait_for_load_state("load")
        self.page.locator('input[type="file"]').set_input_files([str(one) for one in files])
        button = self.page.get_by_role("button", name=self.say("Send"), exact=True)
        if self.script:
            button.click()
            self.arrived()
        else:
            with self.page.expect_navigation(timeout=_LONG_UPLOAD_MS):
                button.click(timeout=_LONG_UPLOAD_MS)
        self.look()

    def arrived(self, *, seconds: float = 120) -> None:
        """Wait until nothing is on its way any more; what was refused at once stays in its list."""
        moving = ", ".join(f'.upload-file[data-shown="{state}"]' for state in ("queued", "sending", "waiting", "done"))
        expect(self.page.locator(moving)).to_have_count(0, timeout=seconds * 1000)

    def reads(self, text: str, **params: object) -> None:
        """The page says this."""
        expect(self.page.locator("main")).to_contain_text(self.say(text, **params))

    def reads_as_is(self, text: str) -> None:
        """The page says exactly this, whatever the language."""
        expect(self.page.locator("main")).to_contain_text(text)

    def look_again_until(self, holds: Callable[[], bool], *, seconds: float = 300) -> bool:
        """Look at the page again and again, less often as time passes: each look takes time from the job that is waited for."""
        until, pause = time.monotonic() + seconds, 500.0
        while not holds():
            if time.monotonic() > until:
                return False
            self.page.wait_for_timeout(pause)
            pause = min(1.2 * pause, 2000)
            self.page.reload()
        return True

    def wait_for(self, text: str, *, seconds: float = 300, **params: object) -> None:
        """Look at the page again until it says this: what a job of the worker brings takes a moment."""
        wanted = self.say(text, **params)
        if not self.look_again_until(lambda: wanted in (self.page.locator("main").text_content() or ""), seconds=seconds):
            self.reads(text, **params)

    def wait_for_confirmation(self, *, seconds: float = 300) -> None:
        """Look at the dossier again until the authority has it."""
        said, missing = self.say("The authority has it"), self.say("not yet confirmed")

        def confirmed() -> bool:
            # A page that says neither, since the service could not answer, confirms nothing.
            shown = self.page.locator("body").text_content() or ""
            return said in shown and missing not in shown

        assert self.look_again_until(confirmed, seconds=seconds), "the authority has not confirmed"

    def wait_until_still(self) -> None:
        """Look again until the page renews no part of itself any more: a press in that very moment would be lost, as it is to a person."""
        renewed = self.page.locator('[hx-trigger*="load delay"]')
        assert self.look_again_until(lambda: not self.script or not renewed.count()), f"{self.page.url} is still renewed"

    def sign_in(self, provider: str, login: str, hat: str = "") -> None:
        """Sign in at the State's stand-in, and choose for whom one acts when there is a choice."""
        self.open("/sign-in")
        self.page.locator(f'a[href*="/sign-in/{provider}"]').click()
        self.page.get_by_label("Login").fill(login)
        self.page.get_by_role("button", name="Sign in", exact=True).click()
        self.page.wait_for_url(f"**/{self.locale}/**")
        if "/acting-for" in self.page.url:
            self.look()
            self.page.get_by_label(hat).check()
            self.press("Continue")
        self.look()

    def leave(self) -> None:
        """Close the browser; nothing may have been left in its storage, and no page may have had a fault."""
        kept = {} if self.page.is_closed() else self.page.evaluate("({...localStorage, ...sessionStorage})") if self.page.url.startswith("http") else {}
        self.context.close()
        assert not kept, f"left in web storage: {sorted(kept)}"
        assert not self.faults, "\n".join(self.faults)
