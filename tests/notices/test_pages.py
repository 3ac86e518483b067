"""Who is told, on the review page and on its own; a second address from its question to its end; and who gets nowhere with its link."""

import re
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import event

from frontoffice.dossiers import queries
from frontoffice.kernel.time import now, stopped_at
from frontoffice.notices import jobs
from frontoffice.notices.receivers import receivers_of
from frontoffice.notices.second import link_token
from frontoffice.notices.texts import TELLINGS
from tests.catching import Catcher, a_catcher
from tests.engines import Database, Engines
from tests.filing import EMPLOYER_PAGES, WORKER_PAGES, begin, fill
from tests.scene import Scene, a_scene
from tests.web import Browser, Portal, running_portal

EMPLOYER, WORKER, SECOND = "katrien@havenlogistiek.example", "rajesh.kumar@worker.example", "colleague@havenlogistiek.example"
NOTICES = ("notices:tell", "notices:send", "notices:ask-address")


@pytest.fixture
def catcher() -> Iterator[Catcher]:
    with a_catcher() as catcher:
        yield catcher


@pytest.fixture
async def portal(fresh_database: Database, engines: Engines) -> AsyncIterator[Portal]:
    async with running_portal(fresh_database, engines) as one:
        yield one


@pytest.fixture
async def scene(portal: Portal, fresh_database: Database, engines: Engines, tmp_path: Path, catcher: Catcher) -> AsyncIterator[Scene]:
    """The worker beside the portal."""
    async with a_scene(fresh_database, engines, tmp_path, smtp_url=catcher.url) as one:
        yield one


async def a_draft(portal: Portal) -> tuple[Browser, str]:
    employer = await portal.employer()
    key = await begin(employer)
    await fill(employer, key, {**EMPLOYER_PAGES, **WORKER_PAGES})
    return employer, key


async def ask(employer: Browser, key: str, email: str = SECOND, language: str = "fr") -> httpx.Response:
    return await employer.post(f"/en/dossiers/{key}/told", {"email": email, "language": language}, follow=False)


async def link_of(portal: Portal) -> str:
    rows = await portal.sql("SELECT id FROM second_address ORDER BY asked_at DESC LIMIT 1")
    return f"/en/addresses/{link_token(portal.settings, rows[0][0])}"


async def state(portal: Portal) -> tuple[bool, str]:
    rows = await portal.sql("SELECT confirmed_at IS NOT NULL, ended_by FROM second_address ORDER BY asked_at DESC LIMIT 1")
    return rows[0][0], rows[0][1]


def words(answer: httpx.Response) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


async def test_the_review_page_names_those_who_will_get_the_mails(portal: Portal, scene: Scene) -> None:
    employer, key = await a_draft(portal)
    page = await employer.get(f"/en/dossiers/{key}/check")
    shown = words(page)
    assert page.status_code == 200 and "Who will be told by e-mail" in shown
    dossier = await scene_dossier(scene, key)
    async with scene.session() as session:
        told = await receivers_of(session, dossier)
    assert {one.address for one in told} == {EMPLOYER, WORKER}
    for one in told:
        masked = f"{one.address[0]}…@{one.address.split('@')[1]}"
        assert masked in shown
    part = page.text[page.text.index('id="told"'):page.text.index("Also send to another address")]
    assert EMPLOYER not in part and WORKER not in part
    assert "Language: English" in " ".join(re.sub(r"<[^>]+>", " ", part).split())
    # The same list from which mails are written, each subject once; what only the employer hears stands with the employer.
    assert part.count("the worker&#39;s part is ready") + part.count("the worker's part is ready") == 1
    for telling in TELLINGS.values():
        assert telling.subject.replace("'", "&#39;") in part or telling.subject in part


async def scene_dossier(scene: Scene, key: str) -> queries.OpenDossier:
    async with scene.session() as session:
        return await queries.any_dossier(session, key)


async def test_a_second_address_gets_mails_once_its_owner_agreed(portal: Portal, scene: Scene, catcher: Catcher) -> None:
    employer, key = await a_draft(portal)
    answer = await ask(employer, key)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/en/dossiers/{key}/told#second")
    await scene.run(*NOTICES)
    (question,) = catcher.to(SECOND)
    plain = question.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert question["Content-Language"] == "fr" and "havenlogistiek" not in plain.lower()
    found = re.search(r"https://portal\.example(/fr/addresses/[0-9a-f]{64})", plain)
    assert found
    # Not one mail before the owner agreed.
    await tell(portal, scene, key)
    assert len(catcher.to(SECOND)) == 1 and len(catcher.to(EMPLOYER)) == 1
    page = words(await employer.get(f"/en/dossiers/{key}/told"))
    assert "We asked the owner of c…@havenlogistiek.example" in page
    visitor = portal.visitor()
    answer = await visitor.post(found.group(1), {"answer": "yes"})
    assert answer.status_code == 200
    await tell(portal, scene, key)
    told = catcher.to(SECOND)[-1]
    body = told.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert len(catcher.to(SECOND)) == 2 and len(catcher.to(EMPLOYER)) == 2 and told["Content-Language"] == "fr"
    # It gives no access, and each mail holds the way out.
    assert f"/dossiers/{key}" not in body and found.group(1) in body and found.group(1) in told["List-Unsubscribe"]
    page = words(await employer.get(f"/en/dossiers/{key}/told"))
    assert "Mails also go to c…@havenlogistiek.example" in page and "Employer, second address" in page


async def tell(portal: Portal, scene: Scene, key: str) -> None:
    """Something happened that the employer's side is told."""
    await portal.sql(
        "INSERT INTO event (id, dossier_id, seq, action, past, takes, gives, role, happened_at) SELECT :id, :key, 1 + count(*), 'confirm-worker-part',"
        " 'worker-part-confirmed', '{worker-part}', '{worker-confirmed}', 'worker', now() FROM event WHERE dossier_id = :key", id=(one := uuid4()), key=UUID(key))
    await jobs.tell(scene.resources, str(one))
    await scene.run(*NOTICES)


@pytest.mark.parametrize("by", ["receiver", "party"])
async def test_either_can_end_it(portal: Portal, scene: Scene, catcher: Catcher, by: str) -> None:
    employer, key = await a_draft(portal)
    await ask(employer, key)
    link = await link_of(portal)
    await portal.visitor().post(link, {"answer": "yes"})
    await tell(portal, scene, key)
    if by == "receiver":
        # The link of a mail that came months ago still works.
        with stopped_at(now() + timedelta(days=200)):
            answer = await portal.visitor().post(link, {"answer": "no"})
        assert "You get no more mails about this dossier" in answer.text
    else:
        await employer.post(f"/en/dossiers/{key}/told/end", page=f"/en/dossiers/{key}/told")
    assert await state(portal) == (True, by)
    before = len(catcher.to(SECOND))
    await tell(portal, scene, key)
    assert len(catcher.to(SECOND)) == before and len(catcher.to(EMPLOYER)) == 2
    # What was ended stays so: the old link does not bring it back.
    await portal.visitor().post(link, {"answer": "yes"})
    assert await state(portal) == (True, by)


async def test_a_mail_that_waits_is_not_sent_after_the_end(portal: Portal, scene: Scene, catcher: Catcher) -> None:
    employer, key = await a_draft(portal)
    await ask(employer, key)
    link = await link_of(portal)
    await portal.visitor().post(link, {"answer": "yes"})
    catcher.refusals += ["451 later"] * 9
    await tell(portal, scene, key)
    catcher.refusals.clear()
    await portal.visitor().post(link, {"answer": "no"})
    await scene.make_due()
    await scene.run(*NOTICES)
    assert catcher.to(SECOND) == [] and len(catcher.to(EMPLOYER)) == 1


async def test_looking_changes_nothing(portal: Portal) -> None:
    employer, key = await a_draft(portal)
    await ask(employer, key)
    link = await link_of(portal)
    for _ in range(3):
        page = await portal.visitor().get(link)
        assert page.status_code == 200 and key not in page.text and "Havenlogistiek" not in page.text and SECOND not in page.text
    await portal.visitor().client.head(link)
    assert await state(portal) == (False, "")


@pytest.mark.parametrize("token", ["x", "0" * 64, "..%2F..", "%F0%9F%92%A9", "' OR true --", "a" * 4000])
async def test_another_secret_gets_nowhere(portal: Portal, token: str) -> None:
    employer, key = await a_draft(portal)
    await ask(employer, key)
    answer = await portal.visitor().get(f"/en/addresses/{token}")
    assert answer.status_code == 404
    good = await link_of(portal)
    visitor = portal.visitor()
    sent = await visitor.client.post(f"/en/addresses/{token}", data={"csrf": await visitor.token(good), "answer": "yes"})
    assert sent.status_code == 404 and await state(portal) == (False, "")


async def test_a_link_lapses_after_seven_days_and_is_used_once(portal: Portal) -> None:
    employer, key = await a_draft(portal)
    await ask(employer, key)
    link, visitor = await link_of(portal), portal.visitor()
    token = await visitor.token(link)
    with stopped_at(now() + timedelta(days=7, minutes=1)):
        assert "This link can no longer be used" in (await visitor.get(link)).text
        await visitor.client.post(link, data={"csrf": token, "answer": "yes"})
    assert await state(portal) == (False, "")
    for _ in range(2):
        assert (await visitor.client.post(link, data={"csrf": token, "answer": "yes"})).status_code == 303
    first = await portal.sql("SELECT confirmed_at FROM second_address")
    await visitor.client.post(link, data={"csrf": token, "answer": "yes"})
    assert await portal.sql("SELECT confirmed_at FROM second_address") == first


async def test_a_new_address_takes_the_place_of_the_old_one(portal: Portal, scene: Scene, catcher: Catcher) -> None:
    employer, key = await a_draft(portal)
    await ask(employer, key)
    old = await link_of(portal)
    # Before the mail left another address was typed: the first owner is asked nothing.
    await ask_again(employer, key, "other@havenlogistiek.example")
    await scene.run(*NOTICES)
    assert catcher.to(SECOND) == [] and len(catcher.to("other@havenlogistiek.example")) == 1
    await portal.visitor().post(old, {"answer": "yes"})
    rows = await portal.sql("SELECT email, confirmed_at IS NULL FROM second_address WHERE ended_at IS NULL")
    assert [tuple(row) for row in rows] == [("other@havenlogistiek.example", True)]


async def ask_again(employer: Browser, key: str, email: str) -> httpx.Response:
    token = await employer.token(f"/en/dossiers/{key}/told")
    return await employer.client.post(f"/en/dossiers/{key}/told", data={"csrf": token, "email": email, "language": "nl"})


WRONG = [
    "", "x", "a@b@c.example", "a@b.example,c@d.example", "a@b.example; c@d.example", "a@b.example c@d.example", "a@b.example\r\nBcc: c@d.example",
    "a@b.example\nBcc: c@d.example", "a@b.example%0d%0aBcc:c@d.example", "<a@b.example>", "A <a@b.example>", '"a\r\nb"@c.example', "a@[127.0.0.1]", "a@localhost",
    "ü@b.example", "a\u202eb@c.example", "a@b.example\x00", "a" * 255 + "@b.example", "a@" + "b." * 130 + "example", "a@-b.example", "a@b..example", "mailto:a@b.example",
    "bounces+0.0@portal.example", "window@PORTAL.example", EMPLOYER, EMPLOYER.upper(),
]


@pytest.mark.parametrize("typed", WRONG)
async def test_what_is_no_other_address_is_refused(portal: Portal, typed: str) -> None:
    employer, key = await a_draft(portal)
    answer = await ask(employer, key, typed)
    assert answer.status_code == 422 and 'href="#email"' in answer.text
    assert await portal.sql("SELECT FROM second_address") == [] and await portal.sql("SELECT FROM procrastinate_jobs WHERE task_name = 'notices:ask-address'") == []


async def test_a_domain_in_foreign_letters_is_shown_in_a_form_that_cannot_deceive(portal: Portal) -> None:
    employer, key = await a_draft(portal)
    assert (await ask(employer, key, "anna@\u0440aypal.example")).status_code == 303  # the first letter is Cyrillic
    shown = (await employer.get(f"/en/dossiers/{key}/told")).text
    assert "a…@xn--" in shown and "\u0440aypal" not in shown


async def test_five_a_day_and_no_more(portal: Portal) -> None:
    employer, key = await a_draft(portal)
    token = await employer.token(f"/en/dossiers/{key}/told")
    with stopped_at(now()):
        for index in range(6):
            answer = await employer.client.post(f"/en/dossiers/{key}/told", data={"csrf": token, "email": f"c{index}@d.example", "language": "nl"})
            assert answer.status_code == (303 if index < 5 else 429)
    assert len(await portal.sql("SELECT FROM second_address")) == 5


async def test_one_side_does_not_see_the_address_of_the_other(portal: Portal, scene: Scene) -> None:
    employer, key = await a_draft(portal)
    worker = await portal.worker(key)
    await ask(employer, key)
    await portal.visitor().post(await link_of(portal), {"answer": "yes"})
    own = words(await employer.get(f"/en/dossiers/{key}/told"))
    theirs = words(await worker.get(f"/en/dossiers/{key}/told"))
    assert "second address" in own and "second address" not in theirs and "c…@" not in theirs
    # With the first net gone, the second still holds: the row belongs to the party.
    await worker.post(f"/en/dossiers/{key}/told/end", page=f"/en/dossiers/{key}/told")
    assert await state(portal) == (True, "")


async def test_the_second_address_of_an_office_ends_with_its_mandate(portal: Portal, scene: Scene, catcher: Catcher) -> None:
    _employer, key = await a_draft(portal)
    lawyer = await portal.party("person", "Thomas Maes", email="thomas@maes.example")
    office = await portal.party("enterprise", "Maes Advocaten", number="0999000525")
    await portal.sql("INSERT INTO participation (id, dossier_id, party_id, role, starts_at) VALUES (:id, :key, :office, 'mandatary', now() - interval '1 hour')", id=uuid4(), key=UUID(key), office=office)
    await portal.sql(
        "INSERT INTO mandate (id, dossier_id, mandator_id, mandatary_id, offered_by, starts_at, ends_at, offered_at, accepted_at, accepted_by)"
        " VALUES (:id, :key, :office, :office, :lawyer, now(), now() + interval '9 days', now(), now(), :lawyer)", id=uuid4(), key=UUID(key), office=office, lawyer=lawyer)
    browser = portal.visitor(await portal.session_of(lawyer, office))
    await ask(browser, key, "clerk@maes.example")
    await portal.visitor().post(await link_of(portal), {"answer": "yes"})
    await tell(portal, scene, key)
    # The question was still on its way when it was answered; the news goes out.
    assert len(catcher.to("clerk@maes.example")) == 1
    await portal.sql("UPDATE participation SET ends_at = now() - interval '1 second' WHERE role = 'mandatary'")
    await portal.sql("UPDATE mandate SET ended_at = now()")
    await tell(portal, scene, key)
    assert len(catcher.to("clerk@maes.example")) == 1 and len(catcher.to("thomas@maes.example")) == 1


async def test_a_mail_that_came_back_is_shown_with_the_way_to_change_the_address(portal: Portal, scene: Scene, catcher: Catcher) -> None:
    employer, key = await a_draft(portal)
    await fill(employer, key, {"contact": {**EMPLOYER_PAGES["contact"], "contact_email": "nobody@havenlogistiek.example"}})
    catcher.refusals.append("550 5.1.1 No such user <nobody@havenlogistiek.example>")
    await tell(portal, scene, key)
    page = await employer.get(f"/en/dossiers/{key}/told")
    assert "A mail to n…@havenlogistiek.example came back: check the address" in words(page) and "There is no such address." in words(page)
    assert f'href="/en/dossiers/{key}/pages/contact"' in page.text
    assert "came back: check the address" in words(await employer.get(f"/en/dossiers/{key}"))
    # Another mail that goes out puts the warning away.
    await tell(portal, scene, key)
    assert "came back: check the address" not in words(await employer.get(f"/en/dossiers/{key}"))


async def test_what_the_pages_cost(portal: Portal, scene: Scene) -> None:
    employer, key = await a_draft(portal)
    await ask(employer, key)
    await portal.visitor().post(await link_of(portal), {"answer": "yes"})
    await tell(portal, scene, key)
    said: list[str] = []
    engine = portal.app.app.state.engine.sync_engine

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        said.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    for path, most in ((f"/en/dossiers/{key}/check", 3), (f"/en/dossiers/{key}/told", 5), (await link_of(portal), 2)):
        said.clear()
        assert (await employer.get(path)).status_code == 200
        assert len(said) <= most, (path, said)
    event.remove(engine, "before_cursor_execute", note)
