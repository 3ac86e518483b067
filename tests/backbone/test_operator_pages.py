"""The operators' pages: what they show and do, what they never show, and that nobody else finds them."""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError

from frontoffice.kernel.database import transaction
from frontoffice.kernel.web import hash_of
from tests.engines import Database, Engines
from tests.peers import Backbone
from tests.scene import Filed, Scene
from tests.web import Browser, Portal, running_portal

LIST = "/en/operators/hand-overs"
WHY = {"reason": "The backbone is being moved"}


@pytest.fixture
async def portal(scene: Scene, fresh_database: Database, engines: Engines) -> AsyncIterator[Portal]:
    async with running_portal(fresh_database, engines) as one:
        yield one


@pytest.fixture
async def operator(portal: Portal) -> Browser:
    return await portal.official("operators", "Wim Aerts")


@contextmanager
def statements(portal: Portal) -> Iterator[list[str]]:
    """What the web process asks the database."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        seen.append(statement)

    engine = portal.app.app.state.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


async def stuck(scene: Scene, stand_in: Backbone) -> Filed:
    """A dossier that was tried once, more than ten minutes ago."""
    filed = await scene.filed()
    stand_in.behave(fail="500", fail_times=1)
    await scene.run("backbone:hand_over")
    await scene.sql("UPDATE message SET created_at = now() - interval '20 minutes', next_try_at = now() + interval '1 hour'")
    await scene.sql("UPDATE procrastinate_jobs SET scheduled_at = now() + interval '1 hour' WHERE scheduled_at IS NOT NULL")
    return filed


async def acts(scene: Scene) -> list[Any]:
    return [tuple(row) for row in await scene.sql(
        "SELECT a.kind, a.reason, p.name FROM hand_over_act a LEFT JOIN party p ON p.id::text = a.by ORDER BY a.acted_at")]


async def test_an_operator_lands_on_the_list_and_nothing_waits(operator: Browser) -> None:
    answer = await operator.get("/en/dossiers")
    assert answer.url.path == LIST and "You need to do nothing now." in answer.text and "Nothing waits here." in answer.text


async def test_the_list_tells_what_is_stuck_and_names_nobody(scene: Scene, stand_in: Backbone, operator: Browser) -> None:
    filed = await stuck(scene, stand_in)
    page, shown = (await operator.get(LIST)).text, (await operator.get(f"{LIST}/{filed.number}")).text
    for words in ("1 hand-over needs you", filed.number, "The backbone has a fault of its own (status-500).", "next try"):
        assert words in page, words
    for words in ("The backbone does not have everything yet", "Signed, not delivered", "Try again now", "frontoffice hand-overs package"):
        assert words in shown, words
    for canary in ("Kumar", "Katrien", "Havenlogistiek", "contract.pdf", "Z1234567", str(filed.id)):
        assert canary not in page + shown, canary


async def test_a_try_is_made_at_once_with_the_reason_and_the_person_written_down(scene: Scene, stand_in: Backbone, operator: Browser) -> None:
    filed = await stuck(scene, stand_in)
    path = f"{LIST}/{filed.number}"
    answer = await operator.post(path, {"act": "retry", **WHY})
    assert answer.url.path == path and "Wim Aerts: tried again" in answer.text and WHY["reason"] in answer.text
    assert await acts(scene) == [("retry", WHY["reason"], "Wim Aerts")]
    await scene.run("backbone:hand_over")
    assert [one["action"] for one in stand_in.dossier(filed.number)["messages"]] == ["submit"]
    page = (await operator.get(path)).text
    assert "You need to do nothing now." in page and "Delivered" in page and "Try again now" not in page


async def test_a_dossier_is_held_and_released(scene: Scene, stand_in: Backbone, operator: Browser) -> None:
    filed = await stuck(scene, stand_in)
    path = f"{LIST}/{filed.number}"
    held = (await operator.post(path, {"act": "hold", **WHY})).text
    assert "This dossier is held: nothing of it is sent" in held and "Release it" in held and "Try again now" not in held
    listed = (await operator.get(f"{LIST}?part=held")).text
    assert filed.number in listed and WHY["reason"] in listed
    refused = await operator.post(path, {"act": "retry", "reason": "Ticket 4711"}, follow=False)
    assert refused.status_code == 409 and "This dossier is held. Release it first." in refused.text and 'value="Ticket 4711"' in refused.text
    await operator.post(path, {"act": "release", "reason": "The line works again"})
    await scene.make_due()
    await scene.run("backbone:hand_over")
    assert "Delivered" in (await operator.get(path)).text
    # Pressed on a page that was opened before: nothing waits any more, and the page says how the dossier stands.
    late = await operator.post(path, {"act": "retry", **WHY}, follow=False)
    assert late.status_code == 409 and "Nothing waits here any more." in late.text and "You need to do nothing now." in late.text
    assert [one[0] for one in await acts(scene)] == ["hold", "release"]


async def test_sending_is_stopped_and_started(scene: Scene, stand_in: Backbone, operator: Browser) -> None:
    stopped = (await operator.post("/en/operators/sending", {"act": "stop", **WHY}, page=LIST)).text
    assert "Nothing is sent to the authorities: sending is stopped" in stopped and "Wim Aerts stopped it on" in stopped and "Start sending again" in stopped
    filed = await scene.filed()
    await scene.run("backbone:hand_over")
    assert "sending is stopped" in (await operator.get(f"{LIST}/{filed.number}")).text
    started = (await operator.post("/en/operators/sending", {"act": "start", **WHY}, page=LIST)).text
    assert "Stop sending to the authorities" in started and "Wim Aerts: started sending again" in started
    assert await scene.queued("backbone:sweep")
    again = await operator.post("/en/operators/sending", {"act": "start", **WHY}, page=LIST, follow=False)
    assert again.status_code == 409 and "Sending is not stopped." in again.text and "Stop sending to the authorities" in again.text


async def test_refusals_and_messages_put_aside_are_reviewed(scene: Scene, operator: Browser) -> None:
    filed = await scene.filed()
    await scene.run("backbone:hand_over")
    await scene.sql("UPDATE message SET refused_at = now(), refusal = '[\"Rajesh Kumar is unknown\"]'")
    await scene.sql("INSERT INTO inbound_message (issuer, jti, dossier_number, seq, content, received_at, outcome, remark, concluded_at) VALUES "
                    "('b', 'an-id', :number, 1, 'x', now(), 'review', 'came after a later message about this dossier', now())", number=filed.number)
    path = f"{LIST}/{filed.number}"
    page = (await operator.get(path)).text
    assert "The authority gave 1 reason." in page and "Kumar" not in page and "It came after a later message" in page
    assert filed.number in (await operator.get(f"{LIST}?part=refused")).text and filed.number in (await operator.get(f"{LIST}?part=review")).text
    assert 'part=refused" aria-current="page"' in (await operator.get(LIST)).text  # the list opens where somebody is needed
    for value in re.findall(r'value="(reviewed [^"]+)"', page):
        assert (await operator.post(path, {"act": value, **WHY}, follow=False)).status_code == 303
    page = (await operator.get(path)).text
    assert "Mark the" not in page and "You need to do nothing now." in page
    assert [one[0] for one in await acts(scene)] == ["reviewed", "reviewed"]


async def test_a_message_that_does_not_come_is_found_by_the_one_that_waits_for_it(scene: Scene, operator: Browser) -> None:
    filed = await scene.filed()
    await scene.run("backbone:hand_over")
    path, title = f"{LIST}/{filed.number}", "An earlier message of an authority did not come"
    statement = ("INSERT INTO inbound_message (issuer, jti, dossier_number, seq, content, received_at, outcome, remark) VALUES "
                 "('b', :jti, :number, :seq, 'x', now() - CAST(:ago AS interval), 'waiting', '')")
    # What waits for its turn behind one that is here, and what has not been asked for twice, calls for nobody.
    for jti, seq, ago in (("first", 1, "1 hour"), ("second", 2, "1 hour"), ("early", 4, "19 minutes")):
        await scene.sql(statement, jti=jti, number=filed.number, seq=seq, ago=ago)
    assert "You need to do nothing now." in (await operator.get(path)).text and filed.number not in (await operator.get(f"{LIST}?part=missing")).text
    await scene.sql("UPDATE inbound_message SET received_at = now() - interval '21 minutes' WHERE jti = 'early'")
    listed = (await operator.get(LIST)).text
    assert 'part=missing" aria-current="page"' in listed and "1 hand-over needs you" in listed and "which did not come" in listed
    assert title in (await operator.get(path)).text
    await scene.sql(statement, jti="third", number=filed.number, seq=3, ago="1 minute")
    assert title not in (await operator.get(path)).text and "You need to do nothing now." in (await operator.get(LIST)).text


@pytest.mark.parametrize("sent, says", [
    ({}, "Answer this question"), ({"act": "retry"}, "Write why"), ({"act": "retry", "reason": "   "}, "Write why"),
    ({"act": "retry", "reason": "x" * 301}, "no more than 300 characters"), ({"act": "discard", **WHY}, "Answer this question"),
])
async def test_without_a_reason_nothing_is_done_and_what_was_typed_stays(scene: Scene, stand_in: Backbone, operator: Browser, sent: dict[str, str], says: str) -> None:
    filed = await stuck(scene, stand_in)
    answer = await operator.post(f"{LIST}/{filed.number}", sent)
    assert answer.status_code == 422 and says in answer.text and "There is a problem" in answer.text
    assert sent.get("reason", "") in answer.text and await acts(scene) == []
    stop = await operator.post("/en/operators/sending", {"act": "stop"}, page=LIST)
    assert stop.status_code == 422 and "Write why" in stop.text and await acts(scene) == []


async def test_a_number_leads_to_its_hand_overs(scene: Scene, stand_in: Backbone, operator: Browser) -> None:
    filed = await scene.filed()
    assert (await operator.get(f"{LIST}?number=%20{filed.number.lower()}")).url.path == f"{LIST}/{filed.number}"
    assert "There is nothing of this number." in (await operator.get(f"{LIST}?number=SP-1")).text
    draft = await scene.draft(await scene.employer())
    assert (await operator.get(f"{LIST}/{draft}")).status_code == 404


@pytest.mark.parametrize("path", [f"{LIST}?after=x~y", f"{LIST}?after=2026-01-01~y", f"{LIST}?after=2026-01-01T00:00:00%2B00:00~%22", f"{LIST}?part=%27--",
                                  f"{LIST}/SP-1", f"{LIST}/%F0%9F%92%A9", f"{LIST}/{'x' * 3000}"])
async def test_a_strange_address_is_answered_calmly(operator: Browser, path: str) -> None:
    assert (await operator.get(path)).status_code in (200, 400, 404, 414)


async def test_what_an_operator_types_is_shown_as_text(scene: Scene, stand_in: Backbone, operator: Browser) -> None:
    filed = await stuck(scene, stand_in)
    answer = await operator.post(f"{LIST}/{filed.number}", {"act": "hold", "reason": "<script>alert(1)</script> %(x)s {{ 7*7 }}"})
    assert "<script>alert" not in answer.text and "&lt;script&gt;" in answer.text and "{{ 7*7 }}" in answer.text
    assert "&lt;script&gt;" in (await operator.get(f"{LIST}?part=held")).text


async def test_for_everybody_else_there_is_no_such_page(scene: Scene, stand_in: Backbone, portal: Portal) -> None:
    filed = await stuck(scene, stand_in)
    person = await portal.party("person", "Wim Aerts")
    own = portal.visitor(await portal.session_of(person, person, kind="official"))
    others = [await portal.employer(), await portal.official("flanders"), await portal.official("municipality-11002"), await portal.official("immigration-office"), own]
    # Whoever would call an enterprise "operators" is none of them.
    others.append(portal.visitor(await portal.session_of(person, await portal.party("authority", "operators", authority="operators"), kind="enterprise")))
    for browser in others:
        for path in (LIST, f"{LIST}?part=held", f"{LIST}/{filed.number}", f"{LIST}/SP-0"):
            assert (await browser.get(path)).status_code == 404
        token = await browser.token()
        for path, data in ((f"{LIST}/{filed.number}", {"act": "hold", **WHY}), ("/en/operators/sending", {"act": "stop", **WHY})):
            assert (await browser.client.post(path, data={"csrf": token, **data})).status_code == 404
    assert "/sign-in" in str((await portal.visitor().client.get(LIST)).headers["location"]) and await acts(scene) == []


async def test_the_database_itself_answers_no_one_else(scene: Scene, stand_in: Backbone, portal: Portal) -> None:
    """As if every check of the program were gone: the functions know who asks."""
    filed = await stuck(scene, stand_in)
    person = await portal.party("person", "Els Peeters")
    hats = {"nobody": b""} | {
        code: hash_of(await portal.session_of(person, await portal.party("authority", code, authority=code), kind="official")) for code in ("flanders", "immigration-office")}
    silent = {
        "SELECT count(*) FROM hand_overs('late', ARRAY['submit'], now() - interval '10 minutes', '-infinity', '', 50)": 0,
        "SELECT count(*) FROM missing_hand_overs(now(), '-infinity', '', 50)": 0,
        "SELECT hand_over_overview(ARRAY['submit'], now(), now(), 10)": None, f"SELECT show_hand_over('{filed.number}', ARRAY['submit'])": None,
        f"SELECT outcome FROM act_on_hand_over('hold', '{filed.number}', '', ARRAY['submit'], 'r', 'b', now())": "absent",
        "SELECT switch_sending('stop', 'r', 'b', now())": "absent",
    }
    for who, session_hash in hats.items():
        for statement, expected in silent.items():
            async with transaction(portal.app.app.state.engine, session_hash) as session:
                assert await session.scalar(text(statement)) == expected, (who, statement)
        for statement in ("SELECT * FROM hand_over_act", "SELECT * FROM hand_over_stop", "SELECT * FROM late_hand_overs('{}', now(), now(), '', 1)",
                          "SELECT note_hand_over_act('hold', NULL, NULL, '', 'r', 'b', now())"):
            with pytest.raises(DBAPIError, match="permission denied"):
                async with transaction(portal.app.app.state.engine, session_hash) as session:
                    await session.execute(text(statement))
    assert await acts(scene) == [] and await scene.value("SELECT count(*) FROM hand_over_stop") == 0


async def test_an_operator_sees_no_dossier_and_cannot_pretend_to_be_another(scene: Scene, stand_in: Backbone, portal: Portal, operator: Browser) -> None:
    filed = await stuck(scene, stand_in)
    for path in (f"/en/dossiers/{filed.id}", f"/en/dossiers/{filed.number}", "/en/counter", "/en/identities", f"/en/dossiers/{filed.id}/receipt"):
        assert (await operator.get(path)).status_code == 404, path
    person = await portal.party("person", "Wim Aerts")
    party = await portal.party("authority", "operators", authority="operators")
    async with transaction(portal.app.app.state.engine, hash_of(await portal.session_of(person, party, kind="official"))) as session:
        row = (await session.execute(text("SELECT * FROM act_on_hand_over('hold', :number, '', '{}', 'r', 'somebody else', now())"), {"number": filed.number})).one()
        assert row.outcome == "done" and (await session.execute(text("SELECT count(*) FROM dossier"))).scalar() == 0
    assert await scene.value("SELECT by FROM hand_over_act") == str(person)


@pytest.mark.parametrize("path", [LIST, f"{LIST}?part=held", f"{LIST}/{{number}}"])
async def test_a_page_costs_few_statements(scene: Scene, stand_in: Backbone, portal: Portal, operator: Browser, path: str) -> None:
    filed = await stuck(scene, stand_in)
    with statements(portal) as seen:
        assert (await operator.get(path.format(number=filed.number))).status_code == 200
    assert len(seen) <= 3, seen


async def test_pages_speak_every_language(scene: Scene, stand_in: Backbone, operator: Browser) -> None:
    filed = await stuck(scene, stand_in)
    for locale in ("nl", "fr", "de", "en"):
        for path in (LIST, f"{LIST}/{filed.number}"):
            assert (await operator.get(path.replace("/en/", f"/{locale}/"))).status_code == 200
