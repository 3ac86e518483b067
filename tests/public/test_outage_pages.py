"""The public page of outages: what goes on, what was, and nothing of who wrote it down."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from frontoffice.kernel.i18n import BRUSSELS, LOCALES
from frontoffice.kernel.time import stopped_at
from tests.engines import Database, Engines
from tests.web import Portal, running_portal

NOW = datetime(2026, 12, 9, 13, tzinfo=BRUSSELS)


async def outage(portal: Portal, hours: float, lasts: float | None, affects: str, reason: str, *, withdrawn: bool = False) -> None:
    begins = NOW + timedelta(hours=hours)
    await portal.sql("INSERT INTO outage (id, affects, starts_at, ends_at, reason, recorded_by, recorded_at, withdrawn) VALUES (:id, :affects, :begins, :ends, :reason,"
                     " 'ticket 7 of Jan', :begins, :withdrawn)", id=uuid4(), affects=affects, begins=begins,
                     ends=begins + timedelta(hours=lasts) if lasts else None, reason=reason, withdrawn=withdrawn)


@pytest.mark.parametrize("locale", LOCALES)
async def test_nothing_to_tell(fresh_database: Database, engines: Engines, locale: str) -> None:
    with stopped_at(NOW):
        async with running_portal(fresh_database, engines) as portal:
            answer = await portal.visitor().get(f"/{locale}/outages")
    assert answer.status_code == 200 and answer.text.count("<h1") == 1 and "%(" not in answer.text


async def test_what_goes_on_comes_first_then_what_is_announced_then_what_was(fresh_database: Database, engines: Engines) -> None:
    with stopped_at(NOW):
        async with running_portal(fresh_database, engines) as portal:
            await outage(portal, -300, 3, "filing", "First & last <b>")
            await outage(portal, -1, None, "uploads", "The storage is full.")
            await outage(portal, 48, 2, "everything", "Planned work.")
            await outage(portal, -900 * 24, 3, "sign-in", "Long ago.")
            await outage(portal, -30, 3, "sign-in", "A wrong alarm.", withdrawn=True)
            text = (await portal.visitor().get("/en/outages")).text
    assert "A part of this portal does not work now" in text
    places = [text.index(one) for one in ("The storage is full.", "Planned work.", "First &amp; last &lt;b&gt;")]
    assert places == sorted(places)
    assert "Long ago." not in text and "A wrong alarm." not in text and "ticket 7" not in text
