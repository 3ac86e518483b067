"""Commitments on the pages: what keeps one from being filed is said, the counter and the guarantor see what the register holds."""

import re
from collections.abc import AsyncIterator
from html import unescape

import pytest

from tests.dossiers.drafts import an_office
from tests.dossiers.guarantors import Counter
from tests.engines import Database, Engines

TODAY = {"legalised_on-day": "23", "legalised_on-month": "11", "legalised_on-year": "2026"}
SEEN = {"identity_seen": "yes", "proofs_seen": "yes", "means_seen": "below", "officer": "4417", "seal": "electronic", "charge": "12,50"}


@pytest.fixture
async def counter(fresh_database: Database, engines: Engines) -> AsyncIterator[Counter]:
    async with an_office(fresh_database, engines) as office:
        yield Counter(office)


def section(page: str) -> str:
    """The part of a page about the register, as it is read."""
    found = re.search(r'<section id="commitments".*?</section>', page, re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", found[0])).split()) if found else ""


async def test_a_second_commitment_is_refused_with_a_way_on(counter: Counter) -> None:
    await counter.file(await counter.guarantor())
    second = await counter.guarantor("Second")
    draft = await counter.draft(second)
    answer = await (await counter.office.browser(second)).post(f"/en/dossiers/{draft}/submit", page=f"/en/dossiers/{draft}/check")
    assert answer.status_code == 422
    assert "Another commitment for this passport is active" in answer.text
    assert f'href="/en/dossiers/{draft}/pages/visitor-passport#beneficiary_passport"' in answer.text
    assert "Everything is there" not in answer.text


async def test_the_counter_sees_what_so_many_commitments_need_and_the_guarantor_the_same_without_others(counter: Counter) -> None:
    arjun, wife = await counter.guarantor(), await counter.guarantor("Priya Nair")
    first, number = [await counter.file(arjun, beneficiary_passport=f"Z100000{nth}") for nth in range(2)]
    await counter.file(wife, beneficiary_passport="Z2000000", national_number="85073003328", birth_date="1985-07-30")
    clerk = await counter.office.browser(await counter.office.official("municipality-44021"))
    seen = section((await clerk.get(f"/en/dossiers/{number}")).text)
    own = section((await (await counter.office.browser(arjun)).get(f"/en/dossiers/{number}")).text)
    for told in (seen, own):
        assert "2 commitments are active now" in told
        assert "Net income asked a month €3,196.92" in told
        assert "€46.92 lower" in told
        assert f"{first} : Signature to legalise, Ends on 24 May 2027" in told or f"{first}: Signature to legalise, Ends on 24 May 2027" in told
    assert "1 other commitment was filed from the same address by someone else since 23 November 2024" in seen
    assert "same address" not in own
    assert "Priya" not in seen + own


async def test_the_counter_legalises_with_what_it_saw(counter: Counter) -> None:
    arjun = await counter.guarantor()
    number = await counter.file(arjun)
    clerk = await counter.office.browser(await counter.office.official("municipality-44021"))
    late = await clerk.post(f"/en/dossiers/{number}/steps/legalise", {**TODAY, "legalised_on-day": "24", **SEEN})
    assert late.status_code == 422 and "This day has not come yet" in late.text
    for missing in ("identity_seen", "proofs_seen", "officer"):
        assert (await clerk.post(f"/en/dossiers/{number}/steps/legalise", {**TODAY, **SEEN, missing: ""})).status_code == 422
    done = await clerk.post(f"/en/dossiers/{number}/steps/legalise", {**TODAY, **SEEN})
    assert done.status_code == 200
    assert "Signature legalised" in done.text
    page = (await (await counter.office.browser(arjun)).get(f"/en/dossiers/{number}")).text
    assert "Send the legalised commitment to your guest" in page


async def test_the_guest_is_nobody_in_the_commitment(counter: Counter) -> None:
    number = await counter.file(await counter.guarantor())
    meera = await counter.office.browser(await counter.guarantor("Meera Nair"))
    assert (await meera.client.get(f"/en/dossiers/{number}")).status_code == 404
