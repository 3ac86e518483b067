"""Who is told what, in which language, by real SMTP; and that no mail ever names anybody or tells an answer."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert

from frontoffice.kernel.i18n import LOCALES
from frontoffice.kernel.rendering import addresses
from frontoffice.kernel.time import now
from frontoffice.kernel.web import hash_of
from frontoffice.notices import jobs, mail
from frontoffice.notices.model import Notice
from frontoffice.notices.texts import DOCUMENTS, MANDATES, TELLINGS, telling_of
from frontoffice.parties.invitations import link_token
from frontoffice.parties.model import Invitation, Mandate
from frontoffice.procedures import EDITIONS
from frontoffice.routes import ROUTES
from frontoffice.worker import learn_addresses
from tests.catching import Catcher, a_catcher
from tests.engines import Database, Engines
from tests.scene import Scene, a_scene

EMPLOYER, WORKER = "katrien@havenlogistiek.example", "rajesh.kumar@worker.example"
# Whatever a mail must never hold: names, numbers and answers of the persons of these scenes.
CANARIES = ("Kumar", "Rajesh", "Katrien", "De Smet", "Z1234567", "1990", "Pune", "MG Road", "Software developer", "passport.pdf", "Els Peeters",
            "210 12 34", "4500", "60000", "Blauwe Vinvis")


@pytest.fixture
def catcher() -> Iterator[Catcher]:
    with a_catcher() as catcher:
        yield catcher


@pytest.fixture
async def scene(fresh_database: Database, engines: Engines, tmp_path: Path, catcher: Catcher) -> AsyncIterator[Scene]:
    learn_addresses(ROUTES)
    async with a_scene(fresh_database, engines, tmp_path, smtp_url=catcher.url,
                       mail_from="Permit window <no-reply@portal.example>") as scene:
        yield scene


def texts(one: EmailMessage) -> tuple[str, str]:
    plain, html = one.get_body(("plain",)), one.get_body(("html",))
    assert plain and html
    return plain.get_content(), html.get_content()


NOTICES = ("notices:tell", "notices:send", "notices:invite", "notices:return-link", "notices:mandate")


def test_every_event_that_is_told_has_its_words() -> None:
    for edition in EDITIONS:
        told = {step.action for step in edition.life.steps if "notices:tell" in step.then}
        assert told == {action for action in edition.life.actions() if telling_of(edition, action)}, edition.code
    single_permit = {step.action for edition in EDITIONS if edition.code == "single-permit" for step in edition.life.steps if "notices:tell" in step.then}
    assert single_permit == set(TELLINGS)
    clocks = {clock.code for edition in EDITIONS for clock in edition.clocks}
    assert {one.clock for one in TELLINGS.values() if one.clock} <= clocks
    assert all("%(day)s" in one.day_text for one in TELLINGS.values() if one.clock)


def test_the_words_of_the_single_permit_are_its_own() -> None:
    told = telling_of(next(one for one in EDITIONS if one.code == "work-authorisation"), "submit")
    assert told and "single permit" not in told.happened


async def test_filing_is_told_to_the_employer_and_the_worker_each_in_the_chosen_language(scene: Scene, catcher: Catcher) -> None:
    filed = await scene.filed(language="fr", answers={"worker-contact": {"worker_language": "de"}})
    await scene.run(*NOTICES)
    (employer,), (worker,) = catcher.to(EMPLOYER), catcher.to(WORKER)
    assert (employer["Content-Language"], worker["Content-Language"]) == ("fr", "de")
    for one in (employer, worker):
        assert one["Subject"].replace(" :", ":").startswith(f"{filed.number}: ")
        assert one["Auto-Submitted"] == "auto-generated" and one["From"] == "Permit window <no-reply@portal.example>"
        assert re.fullmatch(r"<[0-9a-f-]{36}@portal\.example>", one["Message-ID"])
    assert f"https://portal.example/fr/dossiers/{filed.number}" in texts(employer)[0]
    assert f"https://portal.example/fr/dossiers/{filed.number}" in texts(employer)[1]
    # A worker who was never invited cannot open the dossier: no link that leads nowhere.
    assert f"/dossiers/{filed.number}" not in texts(worker)[0]
    assert await scene.value("SELECT count(*) FROM notice WHERE sent_at IS NOT NULL") == 2


async def test_a_worker_who_joined_is_told_at_the_verified_address(scene: Scene, catcher: Catcher) -> None:
    person = await scene.person("Rajesh Kumar", "verified@worker.example", "fr")
    await scene.filed(worker=person, answers={"worker-contact": {"worker_language": "en"}})
    await scene.run(*NOTICES)
    (worker,) = catcher.to("verified@worker.example")
    assert catcher.to(WORKER) == [] and worker["Content-Language"] == "en"
    assert "https://portal.example/en/return" in texts(worker)[0]


async def test_a_mail_that_asks_for_a_document_gives_the_last_day(scene: Scene, catcher: Catcher) -> None:
    filed, region = await scene.filed(language="en"), await scene.official("flanders")
    await scene.take(filed.id, "take-up", region)
    await scene.take(filed.id, "ask-documents", region, document="other", request="Blauwe Vinvis")
    await scene.run(*NOTICES)
    last = catcher.to(EMPLOYER)[-1]
    plain, html = texts(last)
    day = await scene.value("SELECT due_on FROM dossier")
    shown = f"{day.day} {day:%B %Y}"
    assert f"Send it on {shown} at the latest." in plain and shown in html
    assert "may be declared inadmissible" in plain and "&#" not in plain and "&" not in last["Subject"]


async def test_the_employer_hears_that_the_worker_is_ready_before_a_number_exists(scene: Scene, catcher: Catcher) -> None:
    employer = await scene.employer(email="founder@havenlogistiek.example")
    person = await scene.person("Rajesh Kumar", WORKER, "en")
    key = await scene.draft(employer, worker=person)
    await scene.sql("DELETE FROM answer WHERE page = 'contact'")
    await scene.sql("INSERT INTO event (id, dossier_id, seq, action, past, takes, gives, role, happened_at) VALUES (:id, :key, 1, 'confirm-worker-part',"
                    " 'worker-part-confirmed', '{worker-part}', '{worker-confirmed}', 'worker', now())", id=uuid4(), key=key)
    await jobs.tell(scene.resources, str(await scene.value("SELECT id FROM event")))
    await scene.run(*NOTICES)
    (told,) = catcher.mails
    assert told["To"] == "founder@havenlogistiek.example"
    assert f"/dossiers/{key}" in texts(told)[0]


async def test_a_mandatary_is_told_while_the_mandate_lasts(scene: Scene, catcher: Catcher) -> None:
    filed = await scene.filed()
    lawyer, office = await scene.person("Thomas Maes", "thomas@maes.example", "nl"), await scene.person("Office", None)
    until = now() + timedelta(days=30)
    async with scene.session() as session:
        await session.execute(insert(Mandate).values(id=uuid4(), dossier_id=filed.id, mandator_id=office, mandatary_id=office, offered_by=lawyer,
                                                     starts_at=now(), ends_at=until, offered_at=now(), accepted_at=now(), accepted_by=lawyer))
    await scene.sql("INSERT INTO participation (id, dossier_id, party_id, role, starts_at, ends_at) VALUES (:id, :key, :office, 'mandatary',"
                    " now() - interval '1 minute', :until)", id=uuid4(), key=filed.id, office=office, until=until)
    await scene.run(*NOTICES)
    assert len(catcher.to("thomas@maes.example")) == 1
    await scene.sql("UPDATE participation SET ends_at = now() - interval '1 second' WHERE role = 'mandatary'")
    await scene.take(filed.id, "take-up", await scene.official("flanders"))
    await scene.run(*NOTICES)
    assert len(catcher.to("thomas@maes.example")) == 1 and len(catcher.to(EMPLOYER)) == 2


async def test_telling_twice_writes_once(scene: Scene, catcher: Catcher) -> None:
    await scene.filed()
    event = str(await scene.value("SELECT id FROM event WHERE action = 'submit'"))
    await jobs.tell(scene.resources, event)
    await jobs.tell(scene.resources, event)
    await scene.run(*NOTICES)
    await jobs.send_notice(scene.resources, str(await scene.value("SELECT id FROM notice LIMIT 1")))
    assert len(catcher.mails) == 2


async def test_a_mail_server_that_is_away_delays(scene: Scene, catcher: Catcher) -> None:
    await scene.filed()
    catcher.refusals += ["451 come back later"] * 2
    await scene.run(*NOTICES)
    assert catcher.mails == []
    rows = await scene.sql("SELECT tries, last_error, next_try_at >= created_at + interval '2.5 s' AS later, given_up_at FROM notice")
    assert [tuple(row) for row in rows] == [(1, "address-refused-451", True, None)] * 2
    await scene.drop_queue()
    await scene.make_due()
    await jobs.sweep(scene.resources)
    await scene.run(*NOTICES)
    assert len(catcher.mails) == 2
    assert [tuple(row) for row in await scene.sql("SELECT tries, last_error, sent_at IS NOT NULL FROM notice")] == [(2, "", True)] * 2


async def test_an_address_that_does_not_exist_is_given_up_and_stays_visible(scene: Scene, catcher: Catcher) -> None:
    await scene.filed()
    catcher.refusals.append("550 no such user")
    await scene.run(*NOTICES)
    (row,) = await scene.sql("SELECT last_error, given_up_at IS NOT NULL AS given_up, next_try_at FROM notice WHERE sent_at IS NULL")
    assert tuple(row) == ("address-refused-550", True, None)
    assert len(catcher.mails) == 1 and await scene.queued("notices:send") == []


async def test_after_three_days_it_is_given_up(scene: Scene, catcher: Catcher) -> None:
    await scene.filed()
    await scene.run("notices:tell")
    await scene.sql("UPDATE notice SET created_at = created_at - interval '4 days'")
    catcher.refusals += ["451 later"] * 2
    await scene.run(*NOTICES)
    assert await scene.value("SELECT count(*) FROM notice WHERE given_up_at IS NOT NULL") == 2


async def invitation(scene: Scene, *, purpose: str = "join", locale: str = "en", minutes: int = 600) -> UUID:
    key, employer = uuid4(), await scene.employer()
    dossier = await scene.draft(employer)
    async with scene.session() as session:
        await session.execute(insert(Invitation).values(
            id=key, token_hash=hash_of(link_token(scene.settings, key)), dossier_id=dossier, purpose=purpose, email=WORKER, locale=locale,
            created_at=now(), expires_at=now() + timedelta(minutes=minutes),
        ))
    return key


async def test_an_invitation_carries_the_link_whose_hash_is_kept(scene: Scene, catcher: Catcher) -> None:
    key = await invitation(scene, locale="de")
    await jobs.invite(scene.resources, str(key))
    await scene.run(*NOTICES)
    (sent,) = catcher.to(WORKER)
    plain, html = texts(sent)
    found = re.search(r"https://portal\.example/de/invitations/(\S+)", plain)
    assert found and f"/de/invitations/{found.group(1)}" in html
    assert hash_of(found.group(1)) == bytes(await scene.value("SELECT token_hash FROM invitation"))
    assert "Havenlogistiek Antwerpen NV" in plain
    assert found.group(1) not in str(await scene.sql("SELECT facts::text, address FROM notice"))


async def test_an_outdated_link_is_not_sent(scene: Scene, catcher: Catcher) -> None:
    key = await invitation(scene, purpose="return", minutes=-1)
    await jobs.return_link(scene.resources, str(key))
    await scene.run(*NOTICES)
    assert catcher.mails == []
    assert await scene.value("SELECT last_error FROM notice WHERE given_up_at IS NOT NULL") == "link-outdated"


async def test_each_turn_of_a_mandate_is_told_once(scene: Scene, catcher: Catcher) -> None:
    employer, key = await scene.employer(email="katrien@desmet.example"), uuid4()
    dossier, lawyer = await scene.draft(employer), await scene.person("Thomas Maes", "thomas@maes.example", "fr")
    await scene.sql("UPDATE party SET email = 'office@maes.example' WHERE id = :id", id=(office := await scene.person("Office", None)))
    async with scene.session() as session:
        await session.execute(insert(Mandate).values(id=key, dossier_id=dossier, mandator_id=employer.party_id, mandatary_id=office,
                                                     offered_by=employer.person_id, starts_at=now(), ends_at=now() + timedelta(days=9), offered_at=now()))
    turns = ("", "accepted_at = now(), accepted_by = :lawyer", "ended_at = now()")
    for turn in turns:
        if turn:
            await scene.sql(f"UPDATE mandate SET {turn}", **({"lawyer": lawyer} if ":lawyer" in turn else {}))
        await jobs.mandate(scene.resources, str(key))
        await jobs.mandate(scene.resources, str(key))
        await scene.run(*NOTICES)
    assert len(catcher.to("office@maes.example")) == 1
    assert len(catcher.to("katrien@desmet.example")) == 2
    assert [one["Content-Language"] for one in catcher.to("thomas@maes.example")] == ["fr"]


def a_notice(template: str, locale: str, facts: dict[str, str]) -> Notice:
    return Notice(id=uuid4(), cause=uuid4(), address=WORKER, locale=locale, template=template, facts=facts, created_at=now(), tries=0)


@pytest.mark.parametrize("locale", LOCALES)
async def test_no_mail_holds_personal_data_in_any_language(scene: Scene, locale: str) -> None:
    day = now().date().isoformat()
    event = {"key": "SP-2026-0000123-C", "number": "SP-2026-0000123-C", "day": day}
    notices = [
        a_notice("event", locale, {**event, "procedure": one.code, "edition": one.edition, "action": action, "side": side, "may_open": may_open})
        for one in EDITIONS for action in sorted(one.life.actions()) if telling_of(one, action)
        for side in ("employer", "worker", one.first_role) for may_open in ("yes", "no")
    ]
    notices += [a_notice("mandate", locale, {"state": state, "number": ""}) for state in MANDATES]
    notices += [a_notice("document", locale, {"state": state, "side": side, "key": event["key"], "number": number})
                for state in DOCUMENTS for side in ("employer", "worker") for number in ("", event["number"])]
    notices += [a_notice("draft", locale, {"state": "idle", "side": side, "key": event["key"], "number": "", "until": day}) for side in ("employer", "worker")]
    notices += [a_notice("invite", locale, {"until": day, "employer": "Havenlogistiek <b>NV</b> & Co"}), a_notice("return-link", locale, {"until": day})]
    for one in notices:
        written = mail.write(one, scene.settings)
        plain, html = texts(written)
        for text in (written["Subject"], plain, html):
            assert not [canary for canary in CANARIES if canary in text], (one.template, one.facts)
            assert "%(" not in text and "{{" not in text
        assert f'lang="{locale}"' in html and "<b>" not in html and "&lt;b" not in plain
        assert "\n" not in written["Subject"] and len(written["Subject"]) > 8


async def test_a_whole_life_is_told_without_a_name(scene: Scene, catcher: Catcher) -> None:
    person = await scene.person("Rajesh Kumar", WORKER, "nl")
    employer, region = await scene.employer(), await scene.official("flanders")
    filed = await scene.filed(employer, worker=person)
    steps: list[tuple[str, Any, dict[str, Any]]] = [
        ("take-up", region, {}), ("ask-documents", region, {"document": "other", "request": "Blauwe Vinvis"}),
        ("declare-inadmissible", region, {"reasons": "Blauwe Vinvis"}),
    ]
    for action, actor, evidence in steps:
        await scene.take(filed.id, action, actor, **evidence)
    await scene.run(*NOTICES)
    assert len(catcher.mails) == 8
    for one in catcher.mails:
        for text in (one["Subject"], *texts(one)):
            assert not [canary for canary in CANARIES if canary in text]


@pytest.mark.parametrize(
    ("url", "reason"),
    [("smtp://127.0.0.1:9", "unreachable-ConnectionRefusedError"), ("smtp+starttls://127.0.0.1:{port}", "server-lacks-tls-or-login")],
)
async def test_a_server_that_is_not_there_or_not_safe(scene: Scene, catcher: Catcher, url: str, reason: str) -> None:
    written = mail.write(a_notice("return-link", "en", {}), scene.settings)
    with pytest.raises(mail.NotSent) as failure:
        await asyncio.to_thread(mail.send, written, url.format(port=catcher.port), sender="no-reply@portal.example")
    assert failure.value.reason == reason and not failure.value.for_good


def test_addresses_are_those_of_the_pages() -> None:
    learn_addresses(ROUTES)
    assert addresses.path("show-dossier", "nl", key="SP-1") == "/nl/dossiers/SP-1"
