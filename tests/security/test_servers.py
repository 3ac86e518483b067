"""Any number of web servers: they share sessions, form tokens and counts, and nothing that a proxy claims moves a count."""

import json
import re
from html import unescape
from uuid import UUID

import httpx
import pytest

from frontoffice.kernel.time import now, stopped_at
from frontoffice.kernel.tracing import read
from tests.engines import Engines
from tests.security.stage import Play, Stage, playing
from tests.web import ORIGIN, running_portal


async def test_a_session_begun_at_one_server_is_known_and_ended_at_another(stage: Stage, engines: Engines) -> None:
    async with playing(stage, engines) as play, running_portal(stage.database, engines, **{**stage.settings, "database_url": play.portal.settings.database_url}) as second:
        here = play.visitor("employer")
        there = httpx.AsyncClient(transport=httpx.ASGITransport(app=second.app), base_url=ORIGIN, headers={"sec-fetch-site": "same-origin"})
        there.cookies.set("__Host-session", stage.tokens["employer"], domain="portal.example", path="/")
        async with there:
            page = await there.get(play.address("show-page", code="contact"))
            assert page.status_code == 200 and here.token in page.text
            saved = {"csrf": here.token, "version": "1", "contact_name": "From there", "contact_email": "k@canary.example", "contact_phone": "+32 3 210 12 34"}
            assert (await there.post(play.address("save-page", code="contact"), data=saved)).status_code == 303
            assert "From there" in (await here.get(play.address("show-page", code="contact"))).text
            assert (await there.post("/en/sign-out", data={"csrf": here.token})).status_code == 303
        assert (await here.get("/en/dossiers")).status_code == 303


FORWARDED = ("x-forwarded-for", "x-real-ip", "forwarded", "x-client-ip", "true-client-ip", "cf-connecting-ip")


@pytest.mark.parametrize("name", FORWARDED)
async def test_a_sender_cannot_move_its_own_count(play: Play, name: str) -> None:
    visitor = play.visitor()
    # They are counted in stretches of five minutes: none may end meanwhile.
    with stopped_at(now()):
        statuses = [(await visitor.post("/en/return", {"email": f"one{number}@canary.example"}, headers={name: f"198.51.100.{number}"})).status_code
                    for number in range(21)]
    assert statuses == [303] * 20 + [429]


async def test_htmx_is_kept_on_a_short_leash(play: Play) -> None:
    page = (await play.visitor("employer").get(play.address("show-slot", requirement="contract"))).text
    config = json.loads(unescape(re.search(r'<meta name="htmx-config" content=(["\'])(.*?)\1', page)[2]))  # type: ignore[index]
    expected = {"allowEval": False, "allowScriptTags": False, "includeIndicatorStyles": False, "selfRequestsOnly": True, "historyCacheSize": 0}
    assert {name: config.get(name) for name in expected} == expected


async def test_jobs_carry_identifiers_only(play: Play) -> None:
    employer, worker, region = play.visitor("employer"), play.visitor("worker"), play.visitor("region")
    await worker.post(play.address("take-step", action="confirm-worker-part"), {"truth": "yes", "consent": "yes", "version": "0"})
    await employer.post(play.address("submit-dossier"))
    await region.post(play.address("take-step", "filed", action="ask-documents"), {"document": "diploma", "request": "Of Rajesh Canarykumar, please.", "version": "3"})
    await play.visitor().post("/en/return", {"email": "worker@canary.example"})
    await employer.post(play.address("give-mandate", "filed"), {"office": "0999.000.525", "first_day-day": "1", "first_day-month": "3", "first_day-year": "2028",
                                                                 "last_day-day": "1", "last_day-month": "4", "last_day-year": "2028"})
    rows = await play.portal.sql("SELECT task_name, args FROM procrastinate_jobs")
    assert len({row.task_name for row in rows}) >= 4
    for row in rows:
        traceparent = row.args.pop("traceparent", "")
        assert not traceparent or read(traceparent), traceparent
        for name, value in row.args.items():
            assert name.endswith("_id") and str(UUID(value)) == value, (row.task_name, name, value)
    locks = await play.portal.sql("SELECT DISTINCT lock FROM procrastinate_jobs WHERE lock IS NOT NULL")
    assert all(re.fullmatch("[a-z:_-]+/[0-9a-f-]{36}", row.lock) for row in locks), locks
