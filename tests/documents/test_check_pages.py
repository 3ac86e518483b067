"""Whoever holds a code learns the kind, the day and whether it is pending; nobody learns anything else, with or without one."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from frontoffice.documents import check_pages
from frontoffice.documents.check_codes import in_groups, new_code, read_code
from frontoffice.dossiers.filings import SEAL
from frontoffice.kernel.database import transaction
from frontoffice.kernel.i18n import show_day
from frontoffice.kernel.time import now, stopped_at
from frontoffice.kernel.web import hash_of
from frontoffice.routes import ROUTES
from frontoffice.worker import learn_addresses
from tests.documents.receipting import code_of
from tests.engines import Database, Engines
from tests.scene import Filed, Scene, a_scene
from tests.storages import storage_as
from tests.web import Browser, Portal, running_portal


@dataclass
class Counter:
    """A filed dossier with sealed receipts, the code on one of them, and a portal."""

    scene: Scene
    portal: Portal
    filed: Filed
    code: str

    async def ask(self, code: str, language: str = "en") -> tuple[int, str]:
        """The answer to a stranger: its status and the words of its main part."""
        answer = await self.portal.visitor().get(f"/{language}/check/{quote(code)}")
        assert answer.headers["x-robots-tag"] == "noindex, nofollow" and answer.headers["cache-control"] == "no-store"
        return answer.status_code, main_words(answer.text)


def main_words(page: str) -> str:
    body = page[page.index("<main") : page.index("</main>")]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body)))


@pytest.fixture
async def counter(fresh_database: Database, engines: Engines, tmp_path: Path) -> AsyncIterator[Counter]:
    learn_addresses(ROUTES)
    async with storage_as(engines, "worker"), storage_as(engines, "web"), a_scene(fresh_database, engines, tmp_path) as scene:
        filed = await scene.filed()
        await scene.run(SEAL)
        key = await scene.value("SELECT id FROM sealed_receipt WHERE locale = 'en' AND hidden = '{}'")
        sha256 = await scene.value("SELECT sha256 FROM sealed_receipt WHERE id = :key", key=key)
        pdf = b"".join([piece async for piece in scene.storage.open(scene.storage.clean, f"receipts/{key}.pdf", expected_sha256=sha256)])
        async with running_portal(fresh_database, engines) as portal:
            yield Counter(scene, portal, filed, code_of(pdf))


async def test_a_stranger_reads_the_kind_the_day_and_that_it_is_pending_and_nothing_else(counter: Counter) -> None:
    status, words = await counter.ask(counter.code)
    assert status == 200 and "We gave out a receipt with this code" in words and "Single permit" in words and "Pending" in words
    filed_at = await counter.scene.value("SELECT filed_at FROM filing")
    assert show_day(filed_at, "en") in words
    for secret in (counter.filed.number, str(counter.filed.id), "Kumar", "Rajesh", "Havenlogistiek", "Katrien", "De Smet", "Flemish", "Antwerp", "Region",
                   "developer", f"{filed_at:%H:%M}"):
        assert secret not in words, secret


@pytest.mark.parametrize(("steps", "state"), [
    ((("flanders", "take-up", {}),), "Pending"),
    ((("flanders", "take-up", {}), ("flanders", "declare-inadmissible", {"reasons": "x"})), "Closed"),
    (((None, "withdraw", {"reasons": "x"}),), "Closed"),
])
async def test_it_tells_open_from_closed_but_not_how_it_ended(counter: Counter, steps: tuple[tuple[str | None, str, dict[str, str]], ...], state: str) -> None:
    for who, action, evidence in steps:
        actor = await counter.scene.official(who) if who else await counter.scene.employer()
        await counter.scene.take(counter.filed.id, action, actor, **evidence)
    _status, words = await counter.ask(counter.code)
    assert f"Now {state}" in words
    assert not re.search("inadmissible|withdr|refus|grant|taken up", words, re.IGNORECASE)


async def test_what_was_taken_back_is_told_so_and_a_second_filing_has_receipts_of_its_own(counter: Counter) -> None:
    scene, employer = counter.scene, await counter.scene.employer()
    await scene.take(counter.filed.id, "take-back", employer)
    assert "Taken back: this filing no longer counts" in (await counter.ask(counter.code))[1]
    browser = await counter.portal.employer()
    path = f"/en/dossiers/{counter.filed.number}/receipt"
    shown = main_words((await browser.get(path)).text)
    assert "An earlier filing of this application" in shown and "has not been filed again yet" in shown
    first = (await browser.get(f"{path}.pdf")).content
    if "worker-confirmed" not in await scene.value("SELECT position FROM dossier WHERE id = :id", id=counter.filed.id):
        await scene.take(counter.filed.id, "declare-consent", employer)
    await scene.take(counter.filed.id, "submit", employer)
    await scene.run(SEAL)
    assert await scene.value("SELECT count(*) FROM filing") == 2
    second = (await browser.get(f"{path}.pdf")).content
    assert first.startswith(b"%PDF") and second.startswith(b"%PDF") and code_of(first) != code_of(second)
    # Both remain: the first is told to be taken back, the second to be pending.
    assert "Taken back" in (await counter.ask(code_of(first)))[1] and "Now Pending" in (await counter.ask(code_of(second)))[1]
    page = (await browser.get(path)).text
    assert "We have your application" in page and "Other filings of this application" in page
    earlier = re.search(r"receipt\?filing=([0-9a-f-]{36})\">Filed on", page)
    assert earlier and (await browser.get(f"{path}.pdf?filing={earlier.group(1)}")).content == first
    # The authority was never shown what was taken back.
    region = await counter.portal.official("flanders")
    assert (await region.get(f"{path}.pdf?filing={earlier.group(1)}")).status_code == 404
    assert (await region.get(f"{path}.pdf")).content.startswith(b"%PDF")


WRONG = ("x", "0" * 28, "0" * 27, "U" * 28, "ABCD-EFGH", "é" * 28, "%27", "<script>alert(1)", "A" * 5000, "🙂", "SP-2026-0000123-C")


async def test_a_code_that_was_never_given_out_and_one_that_cannot_be_get_the_same_answer(counter: Counter) -> None:
    close = list(counter.code)
    close[-1] = "7" if close[-1] != "7" else "8"
    answers = {await counter.ask(code) for code in (*WRONG, new_code(), "".join(close), str(counter.filed.id))}
    assert len(answers) == 1
    ((status, words),) = answers
    assert status == 404 and "We gave out no receipt with this code" in words


async def test_it_is_read_as_people_type_it(counter: Counter) -> None:
    plain = counter.code.replace("-", "")
    for typed in (plain, plain.lower(), counter.code, " ".join(plain), plain.replace("0", "o").replace("1", "l"), f"  {counter.code.lower()} "):
        form = await counter.portal.visitor().get("/en/check", params={"code": typed})
        assert form.url.path == f"/en/check/{plain}" and "We gave out a receipt with this code" in form.text, typed


@pytest.mark.parametrize("typed", ["abc", "0" * 27, "0" * 29, "U" * 28, "!" * 28, "<b>" * 9, "x" * 5000, "\u202e" * 28])
async def test_what_cannot_be_a_code_is_told_at_the_field_and_kept(counter: Counter, typed: str) -> None:
    answer = await counter.portal.visitor().get("/en/check", params={"code": typed})
    assert answer.status_code == 422 and 'href="#code"' in answer.text and "govuk-input--error" in answer.text and "<b>" not in answer.text


async def test_it_is_the_same_with_a_session(counter: Counter) -> None:
    browser: Browser = await counter.portal.employer()
    answer = await browser.get(f"/en/check/{counter.code}")
    assert "We gave out a receipt with this code" in main_words(answer.text) and counter.filed.number not in answer.text


async def test_too_many_tries_from_one_address_are_turned_away_for_a_while(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_pages, "_MOST", 3)
    browser = counter.portal.visitor()
    instant = now()
    with stopped_at(instant):
        assert [(await browser.get(f"/en/check/{new_code()}")).status_code for _ in range(4)] == [404, 404, 404, 429]
        assert (await browser.get(f"/en/check/{counter.code}")).status_code == 429
        # Typing is free: only asking counts.
        assert (await browser.get("/en/check")).status_code == 200
    with stopped_at(instant + timedelta(minutes=5)):
        assert (await browser.get(f"/en/check/{counter.code}")).status_code == 200


async def test_the_web_role_reads_no_codes_and_asks_by_hash_only(counter: Counter) -> None:
    engine = counter.portal.app.app.state.engine
    for statement in ("SELECT * FROM receipt_check", "DELETE FROM receipt_check", "UPDATE sealed_receipt SET locale = 'xx'", "DELETE FROM manifest",
                      "UPDATE filing SET sealed_at = NULL"):
        with pytest.raises(DBAPIError):
            async with transaction(engine, b"") as session:
                await session.execute(text(statement))
    async with transaction(engine, b"") as session:
        rows = (await session.execute(text("SELECT * FROM check_receipt(:hash)"), {"hash": hash_of(counter.code.replace("-", ""))})).mappings().all()
        assert [set(row) for row in rows] == [{"procedure", "edition", "filed_at", "position", "taken_back", "validated_at", "refused"}]
        for table in ("filing", "sealed_receipt", "manifest"):
            assert not (await session.execute(text(f"SELECT 1 FROM {table}"))).all()


def test_codes_are_long_random_and_free_of_letters_that_look_alike() -> None:
    codes = {new_code() for _ in range(500)}
    assert len(codes) == 500 and all(read_code(in_groups(one)) == one and not set(one) & set("ILOU") for one in codes)
    assert len(set("".join(codes))) == 32
