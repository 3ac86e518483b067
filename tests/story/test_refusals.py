"""Every way in which an application ends without a permit: its reasons, where to appeal and until when, and nothing after it."""

import re
from datetime import timedelta

import pytest

from frontoffice.kernel.i18n import LOCALES, Locale, show_day
from frontoffice.kernel.time import today
from tests.filing import EMPLOYER_DOCUMENTS
from tests.story.stage import ANSWERS, ELSEWHERE, World, main_words, say, words

MINISTER = "The minister of the Region (or the body that the minister appointed)"
COUNCIL = "Council for Alien Law Litigation"
UNSURE = "not confirmed: check with the authority"
ADMITTED = ("take-up", "admit")
GRANTED = (*ADMITTED, "grant-work", "grant")
REFUSALS = (
    (("take-up", "declare-inadmissible"), "Inadmissible", "The contribution was not paid.", MINISTER),
    (("take-up", "ask-documents", "declare-inadmissible"), "Inadmissible", "The contribution was not paid.", MINISTER),
    ((*ADMITTED, "refuse-work"), "Work refused", "The pay is too low for this function.", MINISTER),
    ((*ADMITTED, "refuse-stay"), "Refused", "The means of subsistence are not proved.", COUNCIL),
    ((*ADMITTED, "grant-work", "refuse-stay"), "Refused", "The means of subsistence are not proved.", COUNCIL),
    ((*GRANTED, "request-visa", "refuse-visa"), "Visa refused", "The passport could not be verified.", COUNCIL),
)
BEFORE_A_DECISION = (
    (), ("take-up",), ("take-up", "ask-documents"), ADMITTED, (*ADMITTED, "grant-work"), (*ADMITTED, "ask-stay-documents"),
)


async def nothing_is_open(world: World) -> None:
    """No step, no document, no page: whoever could once gets 409 with what happened since, all others what they got before."""
    before = (await world.position(), await world.events())
    for action, role in (("take-up", "region"), ("admit", "region"), ("ask-documents", "region"), ("declare-inadmissible", "region"),
                         ("grant-work", "region"), ("refuse-work", "region"), ("withdraw", "employer"), ("complete", "employer"),
                         ("complete", "worker"), ("complete-stay", "worker"), ("announce-arrival", "worker")):
        path, browser = f"/en/dossiers/{world.key}/steps/{action}", world.who(role)
        assert (await browser.get(path)).status_code == 409, action
        token = await browser.token(f"/en/dossiers/{world.key}")
        answer = await browser.client.post(path, data={"csrf": token, **ANSWERS.get(action, {})})
        assert answer.status_code == 409, (action, answer.status_code)
        assert "What happened since" in words(answer) and f'href="/en/dossiers/{await world.number()}"' in answer.text
    employer = world.who("employer")
    token = await employer.token(f"/en/dossiers/{world.key}")
    for path in ("pages/contact", *(f"documents/{code}" for code in EMPLOYER_DOCUMENTS[:1])):
        files = {"files": {"file": ("x.pdf", b"%PDF-1.4", "application/pdf")}} if "documents" in path else {}
        answer = await employer.client.post(f"/en/dossiers/{world.key}/{path}", data={"csrf": token}, **files)  # type: ignore[arg-type]
        assert answer.status_code == 409, path
    assert (await world.position(), await world.events()) == before


async def only_among_the_closed(world: World, state: str) -> None:
    number, region = await world.number(), world.who("region")
    for tab in ("to-take-up", "checking", "documents-asked", "to-decide", "waiting"):
        assert number not in (await region.get(f"/en/counter?state={tab}")).text, tab
    closed = await region.get("/en/counter?state=closed")
    assert number in closed.text and state in words(closed)
    assert number not in (await world.who("other-region").get("/en/counter?state=closed")).text


@pytest.mark.parametrize(("steps", "state", "reasons", "body"), REFUSALS, ids=lambda value: "-".join(value[-2:]) if isinstance(value, tuple) else "")
async def test_a_refusal_tells_its_reasons_where_to_appeal_and_until_when(world: World, steps: tuple[str, ...], state: str, reasons: str, body: str) -> None:
    await world.file()
    await world.go(*steps)
    for role, locale in zip(("employer", "worker") * 2, LOCALES, strict=True):
        page = main_words(await world.who(role).get(f"/{locale}/dossiers/{world.key}"))
        assert say(locale, state) in page and reasons in page
        assert say(locale, "You can appeal to: %(body)s.", body=say(locale, body)) in page
        last = show_day(today() + timedelta(days=30), locale)
        assert say(locale, "The last day is %(day)s.", day=last) in page
        # The period at the Council is an official one; those of the Regions outside Brussels are not confirmed.
        assert (say(locale, UNSURE) in page) == (body == MINISTER)
        assert say(locale, "It is your turn") not in page
    await nothing_is_open(world)
    await only_among_the_closed(world, state)


@pytest.mark.parametrize("steps", BEFORE_A_DECISION, ids=lambda value: "-".join(value[-1:]))
async def test_the_employer_withdraws_before_the_decision(world: World, steps: tuple[str, ...]) -> None:
    await world.file()
    await world.go(*steps, "withdraw")
    assert await world.position() == {"withdrawn"}
    assert await world.value("due_on") is None
    for role in ("employer", "worker"):
        page = main_words(await world.who(role).get(f"/en/dossiers/{world.key}"))
        assert "Withdrawn" in page and "The worker found another job." in page and "You can appeal" not in page
    await nothing_is_open(world)
    await only_among_the_closed(world, "Withdrawn")
    await world.hand_over()
    assert world.backbone.dossier(await world.number())["messages"][-1]["action"] == "withdraw"


@pytest.mark.parametrize("steps", [GRANTED, (*GRANTED, "request-visa", "issue-visa")], ids=["granted", "visa"])
async def test_after_the_decision_nobody_withdraws(world: World, steps: tuple[str, ...]) -> None:
    await world.file()
    await world.go(*steps)
    before = await world.position()
    assert "Withdraw the application" not in words(await world.who("employer").get(f"/en/dossiers/{world.key}"))
    assert (await world.who("employer").get(f"/en/dossiers/{world.key}/steps/withdraw")).status_code == 409
    assert await world.position() == before


async def test_a_decision_that_crosses_a_withdrawal_waits_for_a_person_and_overwrites_nothing(world: World) -> None:
    await world.file()
    await world.go(*ADMITTED, "grant-work")
    await world.hand_over()
    decision = await world.signed("grant")
    await world.go("withdraw")
    assert (await world.post_message(decision)).status_code == 202
    await world.scene.run("backbone:apply")
    assert await world.position() == {"withdrawn"}
    assert [tuple(row) for row in await world.portal.sql("SELECT outcome FROM inbound_message")] == [("review",)]


async def test_who_may_never_take_a_refusing_step_is_told_so(world: World) -> None:
    await world.file()
    await world.go("take-up")
    for role, action, status in (("employer", "declare-inadmissible", 403), ("worker", "withdraw", 403), ("region", "withdraw", 403),
                                 ("region", "refuse-stay", 403), ("other-region", "declare-inadmissible", 404), ("other-employer", "withdraw", 404),
                                 ("town", "refuse-work", 404)):
        answer = await world.who(role).get(f"/en/dossiers/{world.key}/steps/{action}")
        assert answer.status_code == status, (role, action)
    assert await world.position() == {"checking"} and not set(await world.events()) & set(ELSEWHERE)


@pytest.mark.parametrize("locale", LOCALES)
async def test_a_step_that_came_too_late_says_what_happened_since_and_gives_back_what_was_typed(world: World, locale: Locale) -> None:
    await world.file()
    await world.go("take-up")
    region = world.who("region")
    path = f"/{locale}/dossiers/{world.key}/steps/declare-inadmissible"
    shown = (await region.get(path)).text
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', shown))
    await world.go("withdraw")
    answer = await region.client.post(path, data={**fields, "reasons": "Half an hour of <b>writing</b>"})
    page = main_words(answer)
    assert answer.status_code == 409 and f'lang="{locale}"' in answer.text
    assert say(locale, "This has changed meanwhile") in page and say(locale, "What happened since") in page
    assert say(locale, "Withdrawn by the employer") in page and show_day(today(), locale) in page
    assert say(locale, "Taken up by the Region") not in page
    assert say(locale, "What you typed") in page and "Half an hour of <b>writing</b>" in page
    assert f'href="/{locale}/dossiers/{await world.number()}"' in answer.text
    # A page of the draft and a document, sent from windows that were left open.
    late = await world.who("employer").post(f"/{locale}/dossiers/{world.key}/pages/contact", {"contact_name": "Typed too late"},
                                            page=f"/{locale}/dossiers/{world.key}")
    assert late.status_code == 409 and "Typed too late" in main_words(late) and say(locale, "Withdrawn by the employer") in main_words(late)
