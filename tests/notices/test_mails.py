"""Every kind of mail in every language for every side: the same words as text and as HTML, nothing fetched, nobody named, one thing to press."""

import json
import re
from collections.abc import AsyncIterator, Iterator
from html import unescape
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from frontoffice.dossiers.model import Event
from frontoffice.kernel.i18n import LOCALES, Locale
from frontoffice.kernel.time import now
from frontoffice.notices import jobs, mail
from frontoffice.notices.model import Notice
from frontoffice.notices.receivers import masked
from frontoffice.notices.second import link_token
from frontoffice.notices.sending import CHANNELS
from frontoffice.notices.texts import ANSWERS, DOCUMENTS, MANDATES, PAPERS, is_formal, telling_of
from frontoffice.procedures import EDITIONS
from frontoffice.routes import ROUTES
from frontoffice.worker import learn_addresses
from tests.catching import Catcher, a_catcher
from tests.engines import Database, Engines
from tests.scene import Scene, a_scene
from tests.web import settings_for

NUMBER, DAY = "SP-2026-0000123-C", "2026-12-01"
ADDRESS = "rajesh.kumar@worker.example"


def a_notice(template: str, locale: str, *, second: bool = False, **facts: str) -> Notice:
    return Notice(id=uuid4(), cause=uuid4(), address=ADDRESS, locale=locale, template=template, facts=facts, created_at=now(), tries=0,
                  second_address_id=uuid4() if second else None)


def every_kind(locale: Locale) -> Iterator[Notice]:
    about = {"key": NUMBER, "number": NUMBER}
    for one in {edition.code: edition for edition in EDITIONS}.values():
        for action in sorted(one.life.actions()):
            if telling := telling_of(one, action):
                papers = "de" if is_formal(one, action) else ""
                for side in ("worker", one.first_role):
                    yield a_notice("event", locale, **about, procedure=one.code, edition=one.edition, action=action, side=side, day=DAY if telling.clock else "",
                                   may_open="yes", papers=papers)
    for second, may_open in ((False, "yes"), (False, "no"), (True, "no")):
        for side in ("employer", "worker", "applicant", "guarantor"):
            known = {**about, "side": side, "may_open": may_open}
            yield a_notice("event", locale, second=second, **known, procedure="single-permit", edition=EDITIONS[0].edition, action="submit", day="", papers="nl")
            for state in ANSWERS:
                yield a_notice("answered", locale, second=second, **known, state=state, papers="fr")
            yield a_notice("relief", locale, second=second, **known, state="moved", day=DAY)
            yield a_notice("draft", locale, second=second, **{**known, "number": ""}, state="idle", until=DAY)
    for state in DOCUMENTS:
        for side in ("employer", "worker"):
            yield a_notice("document", locale, **about, side=side, state=state, may_open="yes", papers="en")
    for state in MANDATES:
        yield a_notice("mandate", locale, state=state, number=NUMBER)
    yield a_notice("invite", locale, until=DAY, employer="Havenlogistiek <b>NV</b> & Co")
    yield a_notice("return-link", locale)
    yield a_notice("ask-address", locale, until=DAY)


def plain(html: str) -> str:
    return flat(unescape(re.sub(r"<[^>]+>", " ", html)))


def flat(text: str) -> str:
    return " ".join(text.replace("\xa0", " ").split())


@pytest.mark.parametrize("locale", LOCALES)
def test_text_and_html_say_the_same(engines: Engines, shared_database: Database, locale: Locale) -> None:
    learn_addresses(ROUTES)
    settings = settings_for(shared_database, engines, mail_from="Permit window <no-reply@portal.example>")
    count = 0
    for one in every_kind(locale):
        count += 1
        written = mail.write(one, settings)
        text, html = written.get_body(("plain",)).get_content(), written.get_body(("html",)).get_content()  # type: ignore[union-attr]
        words, subject = flat(text), written["Subject"]
        for part in re.findall(r"<(?:h1|p)\b[^>]*>(.*?)</(?:h1|p)>", html, re.DOTALL):
            for href in re.findall(r'href="([^"]+)"', part):
                assert unescape(href) in text
            said = plain(re.sub(r"<a\b.*?</a>", "", part, flags=re.DOTALL))
            assert said in words or said in subject, (one.template, one.facts, said)
        for sentence in [line for line in text.splitlines() if line and not line.startswith(("http", "-- "))]:
            # A line before an address is what the button says.
            assert flat(sentence) in plain(html) or sentence.rstrip().endswith(":") or "://" in sentence, (one.template, sentence)
        assert html.count('class="mail__button"') == (0 if one.facts.get("may_open") == "no" else 1), one.template
        assert not re.search(r"(?i)\b(src|background|srcset|poster)=|url\(|@import|<(img|script|link|iframe|form|video|object)\b", html)
        assert "\n\n\n" not in text and "%(" not in text + html + subject and "{{" not in text + html
        assert f'lang="{locale}"' in html and "<b>" not in html and "&lt;b" not in text
        assert written["List-Id"] == "<notices.portal.example>" and written["Auto-Submitted"] == "auto-generated"
        assert (ADDRESS not in subject + text + html) and "\n" not in subject and len(subject) > 8
    assert count > 200


@pytest.mark.parametrize("locale", LOCALES)
def test_a_formal_paper_says_its_language_and_other_mails_do_not(engines: Engines, shared_database: Database, locale: Locale) -> None:
    learn_addresses(ROUTES)
    settings = settings_for(shared_database, engines)
    for language in PAPERS:
        about = {"key": NUMBER, "number": NUMBER, "side": "employer", "may_open": "yes", "state": "validated"}
        with_papers = mail.write(a_notice("answered", locale, **about, papers=language), settings).get_body(("plain",)).get_content()  # type: ignore[union-attr]
        without = mail.write(a_notice("answered", locale, **about), settings).get_body(("plain",)).get_content()  # type: ignore[union-attr]
        assert len(with_papers.splitlines()) == len(without.splitlines()) + 1


def test_what_is_formal() -> None:
    permit = EDITIONS[0]
    formal = {action for action in permit.life.actions() if is_formal(permit, action)}
    assert formal >= {"submit", "ask-documents", "admit", "declare-inadmissible", "grant-work", "refuse-work", "grant", "refuse-stay", "refuse-visa", "issue-annex-49"}
    assert not formal & {"take-up", "confirm-worker-part", "take-back", "add-documents", "withdraw", "announce-arrival"}
    for edition in EDITIONS:
        assert edition.life.filing.action in {action for action in edition.life.actions() if is_formal(edition, action)}
        assert {action for action in edition.appeals} <= {action for action in edition.life.actions() if is_formal(edition, action)}


def test_a_second_address_gets_the_way_out_in_text_html_and_header(engines: Engines, shared_database: Database) -> None:
    learn_addresses(ROUTES)
    settings = settings_for(shared_database, engines)
    one = a_notice("relief", "en", second=True, key=NUMBER, number=NUMBER, side="employer", may_open="no", state="moved", day=DAY)
    written = mail.write(one, settings)
    assert one.second_address_id
    link = f"https://portal.example/en/addresses/{link_token(settings, one.second_address_id)}"
    assert written["List-Unsubscribe"] == f"<{link}>" and all(link in part.get_content() for part in written.iter_parts())
    assert f"/dossiers/{NUMBER}" not in "".join(part.get_content() for part in written.iter_parts())
    assert mail.write(a_notice("return-link", "en"), settings)["List-Unsubscribe"] is None


@pytest.mark.parametrize(("address", "shown"), [
    ("katrien@havenlogistiek.example", "k…@havenlogistiek.example"), ("k@x.example", "k…@x.example"), ('"a b"@x.example', '"…@x.example'),
    ("a@xn--aypal-uye.example", "a…@xn--aypal-uye.example"), ("", "…@"),
])
def test_an_address_is_not_shown_whole(address: str, shown: str) -> None:
    assert masked(address) == shown


def test_there_is_one_place_for_channels() -> None:
    assert Notice.__table__.c.channel.server_default.arg in CHANNELS  # type: ignore[union-attr]


@pytest.fixture
def catcher() -> Iterator[Catcher]:
    with a_catcher() as catcher:
        yield catcher


@pytest.fixture
async def scene(fresh_database: Database, engines: Engines, tmp_path: Path, catcher: Catcher) -> AsyncIterator[Scene]:
    learn_addresses(ROUTES)
    async with a_scene(fresh_database, engines, tmp_path, smtp_url=catcher.url, mail_from="Permit window <no-reply@portal.example>") as scene:
        yield scene


async def answered(scene: Scene, outcome: str, *, at: str = "now()") -> None:
    column, other = ("validated_at", "refused_at") if outcome == "validated" else ("refused_at", "validated_at")
    await scene.sql(f"UPDATE dossier SET {column} = {at}, {other} = NULL")
    await jobs.answered(scene.resources, str(await scene.value("SELECT id FROM event WHERE action = 'submit'")), outcome)
    await scene.run("notices:send")


async def test_the_authoritys_answer_is_told_once_each_time(scene: Scene, catcher: Catcher) -> None:
    await scene.filed(language="nl", answers={"worker-contact": {"worker_language": "en"}})
    for outcome, at, mails in (("refused", "'2026-11-01'", 2), ("refused", "'2026-11-01'", 2), ("validated", "'2026-11-02'", 4), ("refused", "'2026-11-03'", 6)):
        await answered(scene, outcome, at=at)
        assert len(catcher.mails) == mails
    worker = catcher.to(ADDRESS)
    assert ["cannot" in one["Subject"] or "could not" in one["Subject"] for one in worker] == [True, False, True]
    assert all("in Dutch" in one.get_body(("plain",)).get_content() for one in worker)  # type: ignore[union-attr]


async def test_an_answer_that_no_longer_holds_is_not_told(scene: Scene, catcher: Catcher) -> None:
    await scene.filed()
    event = str(await scene.value("SELECT id FROM event WHERE action = 'submit'"))
    await jobs.answered(scene.resources, event, "validated")
    await jobs.answered(scene.resources, event, "refused")
    await scene.run("notices:send")
    assert catcher.mails == []


async def test_of_what_came_later_documents_and_a_refusal_are_news(scene: Scene, catcher: Catcher) -> None:
    filed = await scene.filed()
    await scene.take(filed.id, "take-up", await scene.official("flanders"))
    await scene.sql("UPDATE dossier SET validated_at = now(), refused_at = now()")
    async with scene.session() as session:
        session.add(Event(id=(later := uuid4()), dossier_id=filed.id, seq=99, action="add-documents", past="documents-added", takes=[], gives=[], role="employer",
                          happened_at=now()))
        session.add(Event(id=(other := uuid4()), dossier_id=filed.id, seq=100, action="announce-arrival", past="arrived", takes=[], gives=[], role="worker",
                          happened_at=now()))
    of_region = await scene.value("SELECT id FROM event WHERE action = 'take-up'")
    cases: list[tuple[Any, str, int]] = [(of_region, "refused", 0), (of_region, "validated", 0), (other, "validated", 0), (later, "validated", 2), (later, "validated", 2),
                                         (later, "refused", 4)]
    for event, outcome, mails in cases:
        await jobs.answered(scene.resources, str(event), outcome)
        await scene.run("notices:send")
        assert len(catcher.mails) == mails, (event, outcome)
    subjects = [" ".join(one["Subject"].split()) for one in catcher.to(ADDRESS)]
    assert subjects[0] == f"{filed.number}: the authority has the documents that were added", subjects


async def test_a_last_day_that_moved_is_told_with_the_day_once(scene: Scene, catcher: Catcher) -> None:
    filed, outage = await scene.filed(language="en"), uuid4()
    await jobs.relief(scene.resources, str(filed.id), str(outage))
    for day, times in ((DAY, 1), (DAY, 1), ("2026-12-02", 2)):
        await scene.sql(
            "INSERT INTO relief (id, dossier_id, clock, started_on, was_on, last_day, outages, granted_at) VALUES (:id, :dossier, 'complement', '2026-11-01', '2026-11-30',"
            " CAST(:day AS date), CAST(:outages AS jsonb), now()) ON CONFLICT DO NOTHING", id=uuid4(), dossier=filed.id, day=day,
            outages=json.dumps([{"id": str(outage), "affects": "filing", "since": "2026-11-30T08:00:00+00:00", "until": "2026-11-30T09:00:00+00:00", "reason": "x"}]))
        await jobs.relief(scene.resources, str(filed.id), str(outage))
        await scene.run("notices:send")
        mails = catcher.to("katrien@havenlogistiek.example")
        assert len(mails) == times
    assert "The new last day is 2 December 2026." in mails[-1].get_body(("plain",)).get_content()  # type: ignore[union-attr]
