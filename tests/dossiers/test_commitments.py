"""The register of commitments on a real database: entered at filing, changed by steps, asked by visa dossiers and counters."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import text

from frontoffice.dossiers import commitment_jobs, commitments
from frontoffice.kernel.errors import Conflict, Invalid, NotFound, Refused
from frontoffice.kernel.jobs import Resources
from frontoffice.kernel.time import stopped_at
from frontoffice.procedures.vocabulary import Role
from tests.dossiers.drafts import THAT_DAY, Hat, an_office
from tests.dossiers.guarantors import SAMPLES, Counter, flat
from tests.engines import Database, Engines

DAY = THAT_DAY.date()


@pytest.fixture
async def counter(fresh_database: Database, engines: Engines) -> AsyncIterator[Counter]:
    async with an_office(fresh_database, engines) as office:
        yield Counter(office)


def problems(refused: pytest.ExceptionInfo[Invalid]) -> dict[str, str]:
    return {one.field: one.message for one in refused.value.problems}


async def test_a_commitment_is_entered_when_it_is_filed_and_the_counter_finds_it(counter: Counter) -> None:
    arjun = await counter.guarantor()
    number = await counter.file(arjun)
    assert number.startswith("GS-2026-")
    row = await counter.row(number)
    assert (row.kind, row.state, row.covers, row.passport, row.passport_country, row.filed_on) == ("short-stay", "pending", True, "Z4815162", "IND", DAY)
    assert (row.declared_income, row.required, row.expires_on) == (Decimal("3150.00"), Decimal("2131.28"), date(2027, 5, 24))
    clerk = await counter.office.official("municipality-44021")
    dossier = await counter.office.see(clerk, number)
    assert (dossier.headline.state, dossier.roles) == ("to-legalise", frozenset({Role.MUNICIPALITY}))
    with pytest.raises(NotFound):
        await counter.office.see(await counter.office.official("municipality-11002"), number)


async def test_a_draft_or_another_procedure_is_not_in_the_register(counter: Counter) -> None:
    arjun = await counter.guarantor()
    draft = await counter.draft(arjun)
    assert await counter.office.count("commitment") == 0
    async with counter.office.acting(arjun) as (session, _actor):
        assert await commitments.register_view(session, await counter.office.see(arjun, draft)) is None
    await counter.office.take(arjun, draft, "discard")
    assert await counter.office.count("commitment") == 0


async def test_the_whole_way_of_a_visa_at_a_belgian_post(counter: Counter) -> None:
    arjun = await counter.guarantor()
    number = await counter.file(arjun)
    await counter.legalise(number)
    row = await counter.row(number)
    assert (row.state, row.legalised_on, row.expires_on, row.proves) == ("legalised", DAY, date(2027, 5, 24), True)
    await counter.decide(number, "accept", Role.DIPLOMATIC_POST, decision_date="2026-11-23")
    assert (await counter.row(number)).state == "accepted"
    with stopped_at(THAT_DAY + timedelta(days=120)):
        await counter.decide(number, "record-entry", Role.IMMIGRATION_OFFICE, entered_on="2027-03-15")
        row = await counter.row(number)
        assert (row.state, row.entered_on, row.liability_until, row.covers) == ("used", date(2027, 3, 15), date(2029, 3, 15), True)
        await counter.decide(number, "record-end", Role.IMMIGRATION_OFFICE, ended_on="2027-03-23")
    assert [(one.state, one.covers) for one in [await counter.row(number)]] == [("ended", False)]
    assert (await counter.office.see(arjun, number)).position == frozenset({"ended"})


async def test_a_guest_without_visa_goes_to_the_immigration_office(counter: Counter) -> None:
    number = await counter.file(await counter.guarantor(), route="visa-free")
    with pytest.raises(Invalid) as refused:
        await counter.legalise(number)
    assert "legalise for the Immigration Office" in problems(refused)["legalised_on"]
    await counter.legalise(number, "legalise-for-office")
    with pytest.raises((Refused, Conflict)):
        await counter.decide(number, "accept", Role.DIPLOMATIC_POST)
    await counter.decide(number, "refuse-commitment", Role.IMMIGRATION_OFFICE, decision_date="2026-11-23", ground="income")
    assert (await counter.row(number)).state == "refused"
    # The place is free again.
    await counter.file(await counter.guarantor("Another"), surname="Maes", given_names="An")


@pytest.mark.parametrize(("day", "part"), [("2026-11-24", "has not come yet"), ("2026-11-22", "filed after this day"), ("tomorrow", "Type a date")])
async def test_a_legalisation_on_a_day_that_cannot_be(counter: Counter, day: str, part: str) -> None:
    number = await counter.file(await counter.guarantor())
    with pytest.raises(Invalid) as refused:
        await counter.legalise(number, legalised_on=day)
    assert part in problems(refused)["legalised_on"]
    assert (await counter.row(number)).state == "pending"


async def test_an_entry_before_the_legalisation_cannot_be(counter: Counter) -> None:
    number = await counter.file(await counter.guarantor())
    await counter.legalise(number)
    await counter.decide(number, "accept", Role.DIPLOMATIC_POST)
    with pytest.raises(Invalid) as refused:
        await counter.decide(number, "record-entry", Role.IMMIGRATION_OFFICE, entered_on="2026-11-01")
    assert "before the signature" in problems(refused)["entered_on"]


async def test_only_one_commitment_of_a_kind_for_a_guest(counter: Counter) -> None:
    await counter.file(await counter.guarantor())
    second = await counter.guarantor("Second")
    draft = await counter.draft(second, surname="Peeters", given_names="Jan")
    with pytest.raises(Invalid) as refused:
        await counter.office.take(second, draft, "submit")
    assert "Another commitment for this passport is active" in problems(refused)["beneficiary_passport"]
    assert (await counter.office.see(second, draft)).is_draft
    # Another passport, another State, or another kind is another place.
    await counter.file(second, beneficiary_passport="Z9999999")
    await counter.file(second, beneficiary_passport_country="PAK")
    await counter.file(second, "guarantee-study", beneficiary_passport="Z4815162", beneficiary_passport_country="IND")


async def test_two_at_the_same_moment(counter: Counter) -> None:
    people = [await counter.guarantor(f"Guarantor {nth}") for nth in range(4)]
    drafts = [await counter.draft(one) for one in people]
    done = await asyncio.gather(*(counter.office.take(one, draft, "submit") for one, draft in zip(people, drafts, strict=True)), return_exceptions=True)
    assert [type(one) for one in done if isinstance(one, Exception)] == [Invalid] * 3
    assert sum(isinstance(one, UUID) for one in done) == 1
    assert await counter.office.count("commitment") == 1
    assert [row[0] for row in await counter.office.portal.sql("SELECT count(*) FROM dossier WHERE number IS NOT NULL")] == [1]


async def test_what_was_not_used_in_time_no_longer_holds_the_place(counter: Counter) -> None:
    arjun, second = await counter.guarantor(), await counter.guarantor("Second")
    first = await counter.file(arjun)
    await counter.legalise(first)
    with stopped_at(THAT_DAY + timedelta(days=182)):  # 24 May 2027, the last day
        draft = await counter.draft(second, stay_from="2027-06-10", stay_until="2027-06-20")
        with pytest.raises(Invalid):
            await counter.office.take(second, draft, "submit")
    with stopped_at(THAT_DAY + timedelta(days=183)):
        await counter.office.take(second, draft, "submit")
        assert not (await counter.row(first)).covers
        # The other named the same register number: the counter is shown both, each guarantor the own one.
        clerk = await counter.office.official("municipality-44021")
        assert [(await counter.register(one, first)).active for one in (arjun, clerk)] == [0, 1]


async def test_one_that_waited_too_long_for_its_signature_has_lost_its_place(counter: Counter) -> None:
    arjun, second = await counter.guarantor(), await counter.guarantor("Second")
    first = await counter.file(arjun)
    with stopped_at(THAT_DAY + timedelta(days=200)):
        await counter.file(second, stay_from="2027-07-01", stay_until="2027-07-10")
        with pytest.raises(Invalid) as refused:
            await counter.legalise(first)
        assert "can no longer be legalised" in problems(refused)["legalised_on"]


async def test_a_commitment_ends_when_the_one_that_replaces_it_is_accepted(counter: Counter) -> None:
    arjun, second = await counter.guarantor(), await counter.guarantor("Second")
    old = await counter.file(arjun)
    await counter.legalise(old)
    await counter.decide(old, "accept", Role.DIPLOMATIC_POST)
    with pytest.raises((Refused, Conflict)):
        await counter.office.take(arjun, old, "withdraw")
    new = await counter.file(second, replaces=old)
    with pytest.raises(Invalid) as refused:
        await counter.file(await counter.guarantor("Third"), replaces=old)
    assert problems(refused) == {"replaces": "Another commitment is already to take the place of this one"}
    await counter.legalise(new)
    assert [(await counter.row(one)).covers for one in (old, new)] == [True, False]
    await counter.decide(new, "accept", Role.DIPLOMATIC_POST)
    assert "dossiers:replace-commitment" in await counter.office.jobs()
    resources = Resources(counter.office.portal.engine, counter.office.portal.settings)
    replaced = await counter.row(new)
    for _time in range(2):
        await commitment_jobs.replace_commitment(resources, dossier_id=str(replaced.dossier_id))
    rows = [await counter.row(one) for one in (old, new)]
    assert [(one.state, one.covers) for one in rows] == [("replaced", False), ("accepted", True)]
    assert rows[0].replaced_by == rows[1].dossier_id
    told = await counter.office.history(arjun, old)
    assert [one.action for one in told].count("record-replacement") == 1
    assert told[-1].evidence == {"replaced_by": new}


ARRIVAL = {"entered_on": "2026-11-23", "passport_number": "Z4815162", "passport_country": "IND"}


@pytest.mark.parametrize(("changes", "state"), [({}, "used"), ({"passport_number": "Z0000000"}, "accepted"), ({"entered_on": "2026-11-01"}, "accepted"),
                                                ({"commitment_number": "of my brother"}, "accepted")])
async def test_a_declaration_of_arrival_makes_the_liability_begin(counter: Counter, changes: dict[str, str], state: str) -> None:
    arjun = await counter.guarantor()
    number = await counter.file(arjun)
    await counter.legalise(number)
    await counter.decide(number, "accept", Role.DIPLOMATIC_POST)
    arrival = await counter.declared_arrival({"commitment_number": number.lower(), **ARRIVAL, **changes})
    clerk = await counter.office.official("municipality-11002")
    await counter.office.take(clerk, str(arrival), "check-in", passport_seen={**ARRIVAL, **changes}["passport_number"], address_seen="yes")
    assert "dossiers:commitment-used" in await counter.office.jobs()
    for _time in range(2):
        await commitment_jobs.use_commitment(Resources(counter.office.portal.engine, counter.office.portal.settings), dossier_id=str(arrival))
    row = await counter.row(number)
    assert (row.state, row.liability_until) == (state, date(2028, 11, 23) if state == "used" else None)
    if state == "used":
        assert (await counter.office.history(arjun, number))[-1].evidence == {"entered_on": "2026-11-23", "reported_in": "DA-2026-0000001-X"}


async def test_only_an_active_commitment_for_this_guest_can_be_replaced(counter: Counter) -> None:
    arjun = await counter.guarantor()
    number = await counter.file(arjun)
    draft = await counter.draft(arjun, replaces=number, beneficiary_passport="Z1111111")
    with pytest.raises(Invalid) as refused:
        await counter.office.take(arjun, draft, "submit")
    assert "No active commitment for this passport has this number" in problems(refused)["replaces"]


async def test_the_register_counts_for_the_guarantor_and_for_the_counter(counter: Counter) -> None:
    arjun = await counter.guarantor()
    numbers = [await counter.file(arjun, beneficiary_passport=f"Z100000{nth}") for nth in range(3)]
    wife = await counter.guarantor("Priya Nair")
    await counter.file(wife, beneficiary_passport="Z2000000", national_number="85073003328", birth_date="1985-07-30", home_street="VISSERIJ, 25")
    clerk = await counter.office.official("municipality-44021")
    seen, own = await counter.register(clerk, numbers[2]), await counter.register(arjun, numbers[2])
    assert (seen.active, seen.at_address, own.active, own.at_address) == (3, 1, 3, None)
    assert seen.required and seen.required.amount == Decimal("4262.56")
    assert (seen.declared, seen.gap, seen.enough) == (Decimal("3150.00"), Decimal("1112.56"), None)
    assert {one.number for one in own.others} == set(numbers[:2])
    assert all(one.is_active and one.title == "Signature to legalise" for one in own.others)
    assert (await counter.row(numbers[2])).required == Decimal("4262.56")
    await counter.office.take(arjun, numbers[0], "withdraw")
    assert (await counter.register(clerk, numbers[2])).active == 2
    assert [one.is_active for one in (await counter.register(clerk, numbers[2])).others].count(False) == 1


async def test_an_address_is_forgotten_after_its_time(counter: Counter) -> None:
    arjun, wife = await counter.guarantor(), await counter.guarantor("Priya Nair")
    await counter.file(wife, beneficiary_passport="Z2000000", national_number="85073003328", birth_date="1985-07-30")
    clerk = await counter.office.official("municipality-44021")
    for months, found in ((23, 1), (25, 0)):
        with stopped_at(THAT_DAY + timedelta(days=30 * months + 20)):
            day = (THAT_DAY + timedelta(days=30 * months + 20)).date()
            number = await counter.file(arjun, beneficiary_passport=f"Z30000{months}", stay_from=day.isoformat(), stay_until=day.isoformat(),
                                        income_until=day.isoformat())
            assert (await counter.register(clerk, number)).at_address == found


REFUSED = [
    ({"number": "GS-2026-0000099-T"}, "No commitment of this kind"), ({"passport": "Z0000000"}, "names another passport"), ({"country": "PAK"}, "names another passport"),
]


async def test_a_visa_dossier_refers_to_a_commitment(counter: Counter) -> None:
    number = await counter.file(await counter.guarantor())
    meera = await counter.guarantor("Meera Nair")
    visa = await counter.visa_dossier(meera, "visa-c", number)
    with pytest.raises(Invalid) as refused:
        await counter.refer(meera, visa)
    assert "has not been legalised yet" in problems(refused)["commitment_number"]
    await counter.legalise(number)
    await counter.refer(meera, visa, link=False)
    assert (await counter.row(number)).visa_dossier_id is None
    await counter.refer(meera, visa)
    assert (await counter.row(number)).visa_dossier_id == visa
    for changes, part in REFUSED:
        other = await counter.visa_dossier(meera, "visa-c", **{"number": number, **changes})
        with pytest.raises(Invalid) as refused:
            await counter.refer(meera, other)
        assert part in problems(refused)["commitment_number"]
    with stopped_at(THAT_DAY + timedelta(days=183)), pytest.raises(Invalid) as refused:
        await counter.refer(meera, visa)
    assert "not used in time" in problems(refused)["commitment_number"]


async def test_a_short_stay_needs_the_commitment_for_short_stays(counter: Counter) -> None:
    meera = await counter.guarantor("Meera Nair")
    number = await counter.file(meera, "guarantee-study", beneficiary_passport="Z4815162", beneficiary_passport_country="IND")
    await counter.legalise(number, nis="62063")
    with pytest.raises(Invalid):
        await counter.refer(meera, await counter.visa_dossier(meera, "visa-c", number))


@pytest.mark.parametrize(("mention", "country", "proves"), [("no", "CAN", False), ("", "CAN", False), ("yes", "CAN", True), ("no", "CMR", True)])
async def test_t12_from_another_country_only_with_the_mention(counter: Counter, mention: str, country: str, proves: bool) -> None:
    celine = await counter.guarantor("Céline Mbarga")
    number = await counter.file(celine, "guarantee-study", abroad=True, abroad_country=country)
    await counter.decide(number, "legalise", Role.DIPLOMATIC_POST, legalised_on="2026-11-23", sufficient_solvency=mention)
    assert (await counter.row(number)).proves is proves


async def test_a_study_commitment_binds_until_the_end_of_the_studies(counter: Counter) -> None:
    number = await counter.file(await counter.guarantor("Joseph"), "guarantee-study", stay_from="2026-11-01")
    await counter.legalise(number, nis="62063")
    clerk = await counter.office.official("municipality-62063")
    await counter.office.take(clerk, number, "accept", decision_date="2026-11-23")
    await counter.office.take(clerk, number, "record-entry", entered_on="2026-11-23")
    assert (await counter.row(number)).liability_until == date(2029, 6, 30)


async def test_row_security_hides_the_register_of_others(counter: Counter) -> None:
    arjun, stranger = await counter.guarantor(), await counter.guarantor("Stranger")
    number = await counter.file(arjun)
    row = await counter.row(number)

    async def seen_by(hat: Hat, statement: str) -> list[object]:
        async with counter.office.acting(hat) as (session, _actor):
            return list((await session.execute(text(statement), {"id": row.dossier_id})).all())

    select = "SELECT 1 FROM commitment WHERE dossier_id = :id"
    beside = "SELECT 1 FROM commitments_beside(:id, current_date, current_date)"
    await counter.file(arjun, beneficiary_passport="Z1000001")
    assert (len(await seen_by(arjun, select)), len(await seen_by(stranger, select))) == (1, 0)
    assert (len(await seen_by(arjun, beside)), len(await seen_by(stranger, beside))) == (2, 0)
    assert await seen_by(stranger, "UPDATE commitment SET covers = false WHERE dossier_id = :id RETURNING 1") == []


def test_the_keys_of_a_guarantor_and_of_an_address() -> None:
    at_home = flat(SAMPLES["guarantee-short-stay"].ANSWERS)
    abroad = flat(SAMPLES["guarantee-study"].ABROAD)
    assert commitments.guarantor_key(at_home) != commitments.guarantor_key(abroad)
    assert commitments.guarantor_key(abroad) != commitments.guarantor_key({**abroad, "passport_country": "USA"})
    assert commitments.address_key(at_home) == commitments.address_key({**at_home, "home_street": "visserij, 25"})
    assert commitments.address_key(at_home) != commitments.address_key({**at_home, "home_street": "Visserij 26"})
    assert commitments.address_key(abroad) == commitments.address_key({**abroad, "abroad_city": "MONTREAL H2X 1X4"})
    assert "83030421769" not in commitments.guarantor_key(at_home)
