"""What follows a refusal or a card: from which day an appeal is counted, and when to renew."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from frontoffice.dossiers.endings import appeal_of, renewal_of
from frontoffice.dossiers.queries import HappenedEvent
from frontoffice.kernel.time import stopped_at
from frontoffice.procedures.visa_d.study import VISA_D_STUDY
from frontoffice.procedures.vocabulary import Role
from tests.dossiers.drafts import THAT_DAY, an_office
from tests.dossiers.opened import a_dossier
from tests.engines import Database, Engines


def _event(action: str, day: str, **evidence: object) -> HappenedEvent:
    return HappenedEvent(uuid4(), 1, action, action, Role.IMMIGRATION_OFFICE, "", "", datetime.fromisoformat(f"{day}T10:00").replace(tzinfo=UTC), evidence, [], [])


@pytest.mark.parametrize(("evidence", "told_on", "last_day"), [
    # Nothing said: the day of the message, Monday 2 November 2026; the thirtieth day after is Wednesday 2 December.
    ({}, date(2026, 11, 2), date(2026, 12, 2)),
    ({"notified_by": "registered"}, date(2026, 11, 2), date(2026, 12, 2)),
    ({"notified_on": "2026-11-05", "notified_by": "hand"}, date(2026, 11, 5), date(2026, 12, 7)),
    ({"notified_on": "2026-11-05"}, date(2026, 11, 5), date(2026, 12, 7)),
    # Posted on Thursday 5 November: received on Tuesday the 10th, which is the first of thirty days; the last is 9 December.
    ({"notified_on": "2026-11-05", "notified_by": "registered"}, date(2026, 11, 5), date(2026, 12, 9)),
    # The 11th of November is no working day: posted on the 9th, received on the 13th.
    ({"notified_on": "2026-11-09", "notified_by": "registered"}, date(2026, 11, 9), date(2026, 12, 14)),
])
def test_an_appeal_is_counted_from_the_day_on_which_the_applicant_was_told(evidence: dict[str, object], told_on: date, last_day: date) -> None:
    dossier = a_dossier("refused", roles=(Role.APPLICANT,), procedure=VISA_D_STUDY)
    found = appeal_of(dossier, _event("refuse", "2026-11-02", **evidence))
    assert found is not None and found.figure is not None
    assert (found.told_on, found.last_day) == (told_on, last_day)
    assert (found.letter is not None) is (len(evidence) == 2 and evidence["notified_by"] == "registered")
    assert found.letter is None or (found.letter.count, found.letter.confidence) == (3, "O")


def test_no_appeal_against_what_is_no_refusal() -> None:
    assert appeal_of(a_dossier("withdrawn", procedure=VISA_D_STUDY), _event("withdraw", "2026-11-02")) is None


@pytest.mark.parametrize(("region", "opens", "closes", "marks"), [
    ("flanders", date(2027, 8, 16), date(2027, 10, 31), "OO"),   # four months and fifteen days before the end, then two months
    ("wallonia", date(2027, 8, 31), date(2027, 10, 31), "UP"),
])
def test_when_to_renew(region: str, opens: date, closes: date, marks: str) -> None:
    delivered = _event("deliver-card", "2026-11-20", valid_until="2027-12-31")
    dossier = a_dossier("card-issued", region=region)
    found = renewal_of(dossier, [delivered])
    assert found is not None
    assert (found.opens, found.closes, "".join(one.confidence for one in found.figures)) == (opens, closes, marks)
    assert renewal_of(replace(dossier, position=frozenset({"card-ordered"})), [delivered]) is None
    assert renewal_of(dossier, []) is None
    assert renewal_of(replace(dossier, procedure=VISA_D_STUDY), [delivered]) is None


async def test_the_page_tells_pauses_appeals_and_renewals(fresh_database: Database, engines: Engines) -> None:
    async with an_office(fresh_database, engines) as office:
        hat = await office.employer()
        key, refused = await office.file(hat), await office.file(hat)
        region, federal = await office.official("flanders"), await office.official("immigration-office")
        for who, action, day in ((region, "take-up", 1), (region, "admit", 1), (federal, "ask-stay-documents", 2)):
            with stopped_at(THAT_DAY + timedelta(days=day)):
                await office.take(who, key, action, **({"document": "passport", "request": "Page 3"} if day == 2 else {}))
        with stopped_at(THAT_DAY + timedelta(days=12)):
            text = (await (await office.browser(hat)).get(f"/en/dossiers/{key}")).text
            assert "Paused since 25 November 2026 by: Immigration Office." in text and "Paused for 10 days." in text
            # Four months are 120 days; their end on a Saturday moves to the Monday.
            assert "1 of 122 calendar days used." in text
        with stopped_at(THAT_DAY + timedelta(days=1)):
            for action in ("take-up", "declare-inadmissible"):
                await office.take(region, refused, action, **({"reasons": "Nothing was paid"} if action == "declare-inadmissible" else {}))
            text = (await (await office.browser(hat)).get(f"/en/dossiers/{refused}")).text
            assert "Counted from 24 November 2026" in text and "The last day is 24 December 2026." in text
