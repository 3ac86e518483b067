"""Rule 7: a link lets one worker in, once; a guess, a second use and a scanner of mail get nowhere."""

import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import httpx
import pytest

from frontoffice.kernel.i18n import BRUSSELS
from frontoffice.kernel.time import now, stopped_at
from frontoffice.kernel.web import hash_of
from frontoffice.parties.invitations import link_token
from tests.engines import Database, Engines
from tests.filing import WORKER_PAGES, begin, fill
from tests.signin.evil import holds_session, somebody
from tests.web import Browser, Portal, running_portal

RIGHT = {"passport_number": "z 1234567", "birth_date-day": "1", "birth_date-month": "2", "birth_date-year": "1990"}
WRONG = {**RIGHT, "passport_number": "Z7654321"}


@pytest.fixture
async def portal(fresh_database: Database, engines: Engines) -> AsyncIterator[Portal]:
    async with running_portal(fresh_database, engines) as one:
        yield one


async def invitation(portal: Portal, dossier: str, *, purpose: str = "join", email: str = "rajesh@worker.example", minutes: int = 60) -> str:
    """A link as the mail would hold it; its path."""
    key = uuid4()
    token = link_token(portal.settings, key)
    await portal.sql(
        "INSERT INTO invitation (id, token_hash, dossier_id, purpose, email, locale, created_at, expires_at) "
        "VALUES (:id, :hash, :dossier, :purpose, :email, 'en', :now, :end)",
        id=key, hash=hash_of(token), dossier=UUID(dossier), purpose=purpose, email=email, now=now(), end=now() + timedelta(minutes=minutes))
    return f"/en/invitations/{token}"


async def jobs(portal: Portal, name: str) -> list[dict[str, str]]:
    return [row.args for row in await portal.sql("SELECT args - 'traceparent' AS args FROM procrastinate_jobs WHERE task_name = :name ORDER BY id", name=name)]


async def entered(browser: Browser, path: str, **typed: str) -> httpx.Response:
    # The token of another page: a link that is over shows no form, and is tried all the same.
    return await browser.client.post(path, data={"csrf": await browser.token("/en/return"), **typed}, follow_redirects=True)


async def test_the_employer_invites_and_the_worker_joins(portal: Portal) -> None:
    katrien = await portal.employer()
    dossier = await begin(katrien)
    await fill(katrien, dossier, {"worker-name": {"worker_surname": "Kumar", "worker_given_names": "Rajesh"}})
    await katrien.post(f"/en/dossiers/{dossier}/worker", {"email": "Rajesh@Worker.example", "language": "fr"})
    queued = await jobs(portal, "notices:invite")
    stored = await portal.sql("SELECT id, token_hash, locale, expires_at - created_at AS valid FROM invitation")
    assert [one["invitation_id"] for one in queued] == [str(stored[0].id)]
    token = link_token(portal.settings, stored[0].id)
    assert (stored[0].token_hash, stored[0].locale, stored[0].valid) == (hash_of(token), "fr", timedelta(days=7))
    rajesh = somebody(portal)
    page = await rajesh.get(f"/fr/invitations/{token}")
    assert page.status_code == 200 and "Kumar" not in page.text and "rajesh" not in page.text.lower()
    answer = await entered(rajesh, f"/fr/invitations/{token}")
    assert answer.url.path == f"/fr/dossiers/{dossier}" and "Rajesh Kumar" in answer.text
    assert (await entered(somebody(portal), f"/fr/invitations/{token}")).status_code == 404
    people = await portal.sql("SELECT p.name, p.email, p.locale, s.kind FROM participation a JOIN party p ON p.id = a.party_id "
                              "JOIN session s ON s.person_id = p.id WHERE a.role = 'worker'")
    assert [tuple(one) for one in people] == [("Rajesh Kumar", "Rajesh@worker.example", "fr", "invited")]
    assert (await katrien.get(f"/en/dossiers/{dossier}/worker")).text.count("takes part") > 0


async def test_looking_uses_nothing_up(portal: Portal) -> None:
    path = await invitation(portal, await begin(await portal.employer()))
    before = await portal.sql("SELECT tries, used_at FROM invitation")
    for _ in range(10):
        assert (await somebody(portal).client.get(path)).status_code == 200
        assert (await somebody(portal).client.head(path)).status_code in (200, 405)
    assert await portal.sql("SELECT tries, used_at FROM invitation") == before
    assert (await portal.sql("SELECT count(*) FROM participation WHERE role = 'worker'"))[0][0] == 0


async def test_a_newer_invitation_replaces_the_older(portal: Portal) -> None:
    katrien = await portal.employer()
    dossier = await begin(katrien)
    for email in ("wrong@worker.example", "right@worker.example"):
        await katrien.post(f"/en/dossiers/{dossier}/worker", {"email": email, "language": "en"})
    rows = {row.email: row.id for row in await portal.sql("SELECT email, id FROM invitation")}
    statuses = {email: (await somebody(portal).get(f"/en/invitations/{link_token(portal.settings, key)}")).status_code for email, key in rows.items()}
    assert statuses == {"wrong@worker.example": 404, "right@worker.example": 200}


@pytest.mark.parametrize("path", ["/en/invitations/x", "/en/invitations/" + "f" * 64, "/en/invitations/" + "a" * 3000])
async def test_a_guess_finds_nothing_but_help(portal: Portal, path: str) -> None:
    browser = somebody(portal)
    answer = await browser.get(path)
    assert answer.status_code == 404
    token = await browser.token("/en/return")
    assert (await browser.client.post(path, data={"csrf": token})).status_code == 404 and not holds_session(browser)


async def test_an_old_link_says_what_to_do(portal: Portal) -> None:
    path = await invitation(portal, await begin(await portal.employer()), minutes=10)
    browser = somebody(portal)
    token = await browser.token(path)
    with stopped_at(now() + timedelta(minutes=10, seconds=1)):
        assert "Ask for a new link" in (await browser.get(path)).text
        assert (await browser.client.post(path, data={"csrf": token})).status_code == 404


async def with_passport(portal: Portal) -> tuple[str, UUID]:
    """A dossier whose worker has joined and given the passport."""
    katrien = await portal.employer()
    dossier = await begin(katrien)
    worker = await portal.worker(dossier, email="rajesh@worker.example")
    await fill(worker, dossier, {name: WORKER_PAGES[name] for name in ("passport-zone", "identity", "passport")})
    person = (await portal.sql("SELECT party_id FROM participation WHERE role = 'worker'"))[0][0]
    return dossier, person


async def test_coming_back_takes_the_passport_and_gives_the_same_person(portal: Portal) -> None:
    dossier, person = await with_passport(portal)
    path = await invitation(portal, dossier, purpose="return")
    browser = somebody(portal)
    page = await browser.get(path)
    assert "Z1234567" not in page.text and "1990" not in page.text
    assert (await entered(browser, path)).status_code == 422
    answer = await entered(browser, path, **WRONG)
    assert answer.status_code == 422 and 'value="Z7654321"' in answer.text and not holds_session(browser)
    assert (await entered(browser, path, **{**RIGHT, "birth_date-day": "2"})).status_code == 422
    answer = await entered(browser, path, **RIGHT)
    assert answer.url.path == f"/en/dossiers/{dossier}"
    mine = await portal.sql("SELECT person_id, party_id FROM session WHERE token_hash = :hash", hash=hash_of(browser.client.cookies["__Host-session"]))
    assert [tuple(one) for one in mine] == [(person, person)]
    assert (await portal.sql("SELECT count(*) FROM participation WHERE role = 'worker'"))[0][0] == 1
    assert (await entered(somebody(portal), path, **RIGHT)).status_code == 404


async def test_an_invitation_asks_for_a_passport_that_the_dossier_holds(portal: Portal) -> None:
    katrien = await portal.employer()
    dossier = await begin(katrien)
    await fill(katrien, dossier, {name: WORKER_PAGES[name] for name in ("passport-zone", "identity", "passport")})
    path = await invitation(portal, dossier)
    assert (await entered(somebody(portal), path)).status_code == 422
    assert (await entered(somebody(portal), path, **WRONG)).status_code == 422
    assert (await entered(somebody(portal), path, **RIGHT)).url.path == f"/en/dossiers/{dossier}"


async def test_five_wrong_tries_end_every_link_of_the_dossier(portal: Portal) -> None:
    dossier, _person = await with_passport(portal)
    first, second = [await invitation(portal, dossier, purpose="return") for _ in range(2)]
    statuses = [(await entered(somebody(portal), path, **WRONG)).status_code for path in (first, first, second, first, second)]
    assert statuses == [422] * 5
    # Right or wrong, nothing tells them apart any more.
    assert [(await entered(somebody(portal), path, **typed)).status_code for path in (first, second) for typed in (WRONG, RIGHT)] == [404] * 4
    with stopped_at(now() + timedelta(hours=6, minutes=1)):
        later = await invitation(portal, dossier, purpose="return")
        assert (await entered(somebody(portal), later, **RIGHT)).url.path == f"/en/dossiers/{dossier}"


async def test_two_people_with_one_link_are_one_worker(portal: Portal) -> None:
    path = await invitation(portal, await begin(await portal.employer()))
    browsers = [somebody(portal) for _ in range(2)]
    tokens = [await one.token(path) for one in browsers]
    answers = [await one.client.post(path, data={"csrf": token}) for one, token in zip(browsers, tokens, strict=True)]
    assert sorted(one.status_code for one in answers) == [303, 404]
    assert (await portal.sql("SELECT count(*) FROM participation WHERE role = 'worker'"))[0][0] == 1


async def test_a_citizen_who_signed_in_joins_as_that_person(portal: Portal) -> None:
    path = await invitation(portal, dossier := await begin(await portal.employer()))
    person = await portal.party("person", "Sofia Marques")
    sofia = portal.visitor(await portal.session_of(person, person, kind="citizen"))
    assert "You take part as Sofia Marques" in (await sofia.get(path)).text
    assert (await entered(sofia, path)).url.path == f"/en/dossiers/{dossier}"
    assert (await portal.sql("SELECT party_id FROM participation WHERE role = 'worker'"))[0][0] == person


async def test_a_link_opened_by_the_employer_ends_that_session(portal: Portal) -> None:
    katrien = await portal.employer()
    path = await invitation(portal, await begin(katrien))
    secret = katrien.client.cookies["__Host-session"]
    assert "Going on signs you out" in (await katrien.get(path)).text
    await entered(katrien, path)
    assert (await portal.visitor(secret).client.get("/en/dossiers")).status_code == 303


async def test_the_answer_is_the_same_for_an_unknown_address(portal: Portal) -> None:
    await with_passport(portal)
    texts = set()
    for email in ("rajesh@worker.example", "RAJESH@worker.example", "nobody@worker.example"):
        answer = await entered(somebody(portal), "/en/return", email=email)
        assert answer.status_code == 200 and email not in answer.text
        texts.add(re.sub(r'value="[0-9a-f]{64}"|"X-CSRF-Token": "[0-9a-f]{64}"|hx-headers=\'[^\']*\'', "", answer.text))
    assert len(texts) == 1
    made = await portal.sql("SELECT id, token_hash, expires_at - created_at AS valid FROM invitation WHERE purpose = 'return'")
    queued = {one["invitation_id"] for one in await jobs(portal, "notices:return-link")}
    assert len(queued) == 3 and {str(row.id) for row in made} < queued and len(made) == 2
    assert {row.valid for row in made} == {timedelta(minutes=15)}
    assert all(row.token_hash == hash_of(link_token(portal.settings, row.id)) for row in made)


async def test_links_are_sent_five_times_in_six_hours(portal: Portal) -> None:
    instant = datetime(2026, 11, 21, 12, 30, tzinfo=BRUSSELS)
    with stopped_at(instant):
        statuses = [(await entered(somebody(portal), "/en/return", email="rajesh@worker.example")).status_code for _ in range(6)]
        assert statuses == [200] * 5 + [429]
        assert (await entered(somebody(portal), "/en/return", email="other@worker.example")).status_code == 200


@pytest.mark.parametrize("email", ["", "no address", "a@b", "x" * 400 + "@example.org"])
async def test_what_is_no_address_is_explained(portal: Portal, email: str) -> None:
    answer = await entered(somebody(portal), "/en/return", email=email)
    assert answer.status_code == 422 and "There is a problem" in answer.text
