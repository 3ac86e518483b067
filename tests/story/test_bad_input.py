"""What people type on a bad day: it is explained in their language, kept as it was typed, and never breaks what was saved."""

import re
from collections.abc import AsyncIterator, Mapping
from html import escape
from urllib.parse import urlencode
from uuid import UUID

import pytest

from frontoffice.kernel.i18n import LOCALES, Locale
from tests.filing import EMPLOYER_PAGES, WORKER_PAGES, begin, fill
from tests.story.stage import World, main_words, say, words
from tests.web import Browser

_DIGITS = "its last two digits do not fit the others. Check each digit"
CASES: tuple[tuple[str, Mapping[str, str], str, str], ...] = (
    ("employer", {"enterprise_number": "1999.999.944"}, "enterprise_number", f"This enterprise number does not exist: {_DIGITS}"),
    ("workplace", {"workplace_unit": "1.999.999.943"}, "workplace_unit",
     "An establishment unit number starts with a digit from 2 to 8. A number that starts with 0 or 1 is an enterprise number"),
    ("workplace", {"workplace_postal_code": "20300"}, "workplace_postal_code", "A Belgian postal code has 4 digits, such as 2000"),
    ("register-number", {"national_number": "85.07.30-033.29"}, "national_number", f"This number does not exist: {_DIGITS}"),
    ("register-number", {"national_number": "24.52.31-995.38"}, "national_number", f"This number does not exist: {_DIGITS}"),
    ("passport-zone", {"passport_zone": WORKER_PAGES["passport-zone"]["passport_zone"].replace("Z1234567<1", "Z1234567<2")}, "passport_zone",
     "The passport number in the second line was misread: its check digit does not fit"),
    ("passport-zone", {"passport_zone": WORKER_PAGES["passport-zone"]["passport_zone"].replace("9002018", "9002019")}, "passport_zone",
     "The date of birth in the second line was misread: its check digit does not fit"),
    ("contract", {"contract_start-day": "31", "contract_start-month": "2"}, "contract_start", "This date does not exist: check the day and the month"),
    ("contract", {"contract_start-day": "29", "contract_start-month": "2"}, "contract_start", "This date does not exist: check the day and the month"),
    ("contract", {"contract_start-year": ""}, "contract_start", "A date needs a day, a month and a year"),
    ("contract", {"contract_start-month": "maart"}, "contract_start", "Type the date in numbers, with a year of four digits, such as 31 3 2027"),
    ("contract", {"contract_start-year": "2020"}, "contract_start", "The work cannot have started already: type a day from today on"),
    ("identity", {"birth_date-year": "2031"}, "birth_date", "This birth date cannot be right: check the year"),
    ("passport", {"passport_expires-year": "2021"}, "passport_expires", "The passport ends after the day on which it was issued: check both dates"),
    ("passport", {"passport_issued-year": "2031"}, "passport_issued", "This day has not come yet: check the date"),
    ("contact", {"contact_email": "katrien@"}, "contact_email", "This is not an e-mail address. It looks like name@example.com, with letters from a to z"),
    ("worker-name", {"worker_surname": "  "}, "worker_surname", "Answer this question"),
)


@pytest.mark.parametrize("locale", LOCALES)
async def test_what_cannot_be_is_explained_at_the_field_and_kept_as_it_was_typed(world: World, locale: Locale) -> None:
    browser = world.who("employer")
    key = await begin(browser)
    await fill(browser, key, {code: page for code, page in EMPLOYER_PAGES.items() if code in ("units", "work-pattern")})
    for code, change, field, problem in CASES:
        typed = {**{**EMPLOYER_PAGES, **WORKER_PAGES}[code], **change}
        path = f"/{locale}/dossiers/{key}/pages/{code}"
        answer = await browser.post(path, typed, follow=False)
        assert answer.status_code == 422, (code, change, answer.status_code)
        assert f'lang="{locale}"' in answer.text and f'href="#{field}' in answer.text, (code, field)
        if problem:
            assert main_words(answer).count(say(locale, problem)) == 2, (problem, main_words(answer)[:800])
        # On the page of the answer, and whenever it is opened again: every text as it was typed.
        for page in (answer.text, (await browser.get(path)).text):
            for name, text in typed.items():
                assert shows(page, name, text), (code, name, text)
    # The other pages are as they were, and the check page asks for these.
    lacking = main_words(await browser.get(f"/{locale}/dossiers/{key}/check"))
    for title in ("The employment contract", "Identity", "Passport"):
        assert say(locale, title) in lacking


def shows(page: str, name: str, text: str) -> bool:
    """Whether an input, a choice, a list or a text area of the page holds this text."""
    found = re.search(rf'<(?:input|textarea|select)[^>]*\bname="{re.escape(name)}"[^>]*>', page)
    if not text or not found:
        return found is not None
    value = escape(text, quote=False).replace('"', "&#34;")
    return any(re.search(pattern, page) for pattern in (
        rf'<input[^>]*\bname="{re.escape(name)}"[^>]*\bvalue="{re.escape(value)}"', rf'<input[^>]*\bvalue="{re.escape(value)}"[^>]*\bname="{re.escape(name)}"',
        rf'<textarea[^>]*\bname="{re.escape(name)}"[^>]*>\s*{re.escape(value)}\s*</textarea>', rf'<option value="{re.escape(value)}" selected'))


NAMES = (("Suharto", ""), ("महात्मा", "मोहनदास करमचंद"), ("الحكيم", "توفيق"), ("王", "小明"), ("O’Brien-Nuñez", "Zoë Ǿ"), ("Nguyễn", "Thị Ánh"))


@pytest.mark.parametrize(("surname", "given"), NAMES, ids=["one-part", "devanagari", "arabic", "han", "latin", "vietnamese"])
async def test_a_name_of_one_part_or_in_any_script_goes_all_the_way(world: World, surname: str, given: str) -> None:
    worker, name = world.who("worker"), f"{given} {surname}".strip()
    answer = await worker.post(f"/en/dossiers/{world.key}/steps/reopen-worker-part", follow=False)
    assert answer.status_code == 303
    identity = {**WORKER_PAGES["identity"], "surname": surname, "given_names": given}
    await fill(worker, world.key, {"passport-zone": {"passport_zone": ""}, "identity": identity})
    await world.go_as("worker", "confirm-worker-part", truth="yes", consent="yes")
    number = await world.file()
    for role, path in (("employer", "/en/dossiers"), ("worker", f"/en/dossiers/{number}"), ("region", "/en/counter"), ("employer", f"/en/dossiers/{number}/receipt")):
        shown = words(await world.who(role).get(path))
        assert all(part in shown for part in ((surname, given) if path.endswith("receipt") else (name,))), (role, path)
    await world.scene.run("documents:seal")
    pdf = await world.who("employer").get(f"/en/dossiers/{number}/receipt.pdf")
    assert pdf.status_code == 200 and pdf.content.startswith(b"%PDF-")
    found = await world.who("region").get("/en/counter", params={"q": re.split(r"[\s-]", surname)[-1]})
    assert number in found.text
    await world.hand_over()
    assert await world.value("confirmed_at") is not None


@pytest.mark.parametrize("locale", ["de", "fr"])
@pytest.mark.parametrize("announced", [True, False], ids=["announced", "chunked"])
async def test_ten_megabytes_of_text_are_refused_unread_and_the_saved_page_stays(world: World, locale: Locale, announced: bool) -> None:
    browser = world.who("employer")
    key = await begin(browser)
    await fill(browser, key, {"function": EMPLOYER_PAGES["function"]})
    path = f"/{locale}/dossiers/{key}/pages/function"
    token = await browser.token(path)
    piece, read = b"x" * 100_000, 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal read
        for part in (urlencode({"csrf": token, "version": "1", "function_description": ""}).encode(), *[piece] * 100):
            read += len(part)
            yield part

    headers = {"content-type": "application/x-www-form-urlencoded"} | ({"content-length": "10000200"} if announced else {})
    answer = await browser.client.post(path, content=body(), headers=headers)
    assert answer.status_code == 413 and f'lang="{locale}"' in answer.text
    assert say(locale, "That is too much at once") in main_words(answer)
    assert read <= (200_000 if announced else 1_300_000)
    rows = await world.portal.sql("SELECT raw->>'function_description', version FROM answer WHERE page = 'function' AND dossier_id = :id", id=UUID(key))
    assert [tuple(row) for row in rows] == [(EMPLOYER_PAGES["function"]["function_description"], 1)]
    assert EMPLOYER_PAGES["function"]["function_description"] in (await browser.get(path)).text


async def saved_in_two_tabs(browser: Browser, path: str, typed: Mapping[str, str]) -> list[dict[str, str]]:
    page = (await browser.get(path)).text
    return [{**dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)), **typed} for _ in range(2)]


@pytest.mark.parametrize("locale", ["de", "fr"])
async def test_a_page_saved_in_another_tab_meanwhile_shows_both(world: World, locale: Locale) -> None:
    browser = world.who("employer")
    key = await begin(browser)
    path = f"/{locale}/dossiers/{key}/pages/contact"
    await fill(browser, key, {"contact": EMPLOYER_PAGES["contact"]})
    first, second = await saved_in_two_tabs(browser, path, EMPLOYER_PAGES["contact"])
    assert (await browser.client.post(path, data={**first, "contact_name": "First Tab"})).status_code == 303
    answer = await browser.client.post(path, data={**second, "contact_name": "Second Tab"})
    assert answer.status_code == 409
    assert "Second Tab" in answer.text and "First Tab" in answer.text
    assert say(locale, "This page was saved in another window after you opened it: compare both before you save again") in main_words(answer)
    # Sent once more from there, it counts.
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', answer.text))
    assert (await browser.client.post(path, data={**second, **fields, "contact_name": "Second Tab"})).status_code == 303


@pytest.mark.parametrize("locale", ["de", "fr"])
async def test_someone_elses_number_is_nobodys(world: World, locale: Locale) -> None:
    number = await world.file()
    absent = number[:8] + "9999999" + number[15:]
    for role in ("other-employer", "other-region", "town"):
        browser = world.who(role)
        for path in ("", "/receipt", "/receipt.pdf", "/pages/contact", "/documents/contract", "/steps/withdraw", "/check", "/worker", "/mandate"):
            answers = [await browser.get(f"/{locale}/dossiers/{key}{path}") for key in (number, absent, world.key)]
            assert [one.status_code for one in answers] == [404] * 3, (role, path)
            shown = {re.sub(r"[0-9a-f]{32}", "", main_words(one)) for one in answers}
            assert len(shown) == 1 and say(locale, "Page not found") in shown.pop()
