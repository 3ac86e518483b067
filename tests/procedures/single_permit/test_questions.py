"""The pages of a single permit: answers that contradict each other, the law, or the passport."""

from collections.abc import Iterator, Mapping
from datetime import datetime

import pytest

from frontoffice.forms.form import Reading
from frontoffice.kernel.i18n import BRUSSELS
from frontoffice.kernel.time import stopped_at
from frontoffice.procedures.single_permit.definition import SINGLE_PERMIT
from frontoffice.procedures.single_permit.questions import EEA_AND_SWITZERLAND
from tests.filing import EMPLOYER_PAGES, WORKER_PAGES

ALL = {**EMPLOYER_PAGES, **WORKER_PAGES}
ZONE = "P<INDKUMAR<<RAJESH<<<<<<<<<<<<<<<<<<<<<<<<<<\nZ1234567<1IND9002018M3201015<<<<<<<<<<<<<<<8"


@pytest.fixture(autouse=True)
def that_day() -> Iterator[None]:
    with stopped_at(datetime(2026, 11, 21, 12, tzinfo=BRUSSELS)):
        yield


def read(code: str, changes: Mapping[str, str] | None = None, others: Mapping[str, str] | None = None) -> Reading:
    page = SINGLE_PERMIT.page(code)
    assert page is not None
    return page.form.read({**ALL[code], **(changes or {})}, {"today": "2026-11-21", **(others or {})})


def wrong(code: str, changes: Mapping[str, str] | None = None, others: Mapping[str, str] | None = None) -> list[str]:
    found = read(code, changes, others).problems
    for one in found:
        assert one.message % one.params
    return [one.field for one in found]


def day(name: str, text: str) -> dict[str, str]:
    year, month, number = text.split("-")
    return {f"{name}-day": number, f"{name}-month": month, f"{name}-year": year}


@pytest.mark.parametrize("code", sorted(ALL))
def test_a_complete_file_is_taken_page_by_page(code: str) -> None:
    assert wrong(code, others={"has_unit": "yes"}) == []


def test_every_page_has_an_example() -> None:
    assert {page.code for page in SINGLE_PERMIT.pages} - set(ALL) == {
        "second-workplace", "shortage", "labour-market", "transfer", "first-state", "blue-card", "season", "sport"}


FIXED = {"contract_kind": "fixed-term"}


@pytest.mark.parametrize(("changes", "fields"), [
    (day("contract_start", "2026-11-20"), ["contract_start"]),
    (day("contract_start", "2026-11-21"), []),
    (FIXED, ["contract_end"]),
    ({**FIXED, **day("contract_end", "2027-03-01")}, ["contract_end"]),
    ({**FIXED, **day("contract_end", "2027-02-28")}, ["contract_end"]),
    ({**FIXED, **day("contract_end", "2027-05-30")}, ["contract_end"]),
    ({**FIXED, **day("contract_end", "2027-05-31")}, []),
    # An end date that belongs to the other kind of contract is not looked at.
    (day("contract_end", "2020-01-01"), []),
    ({"hours_per_week": "38,01"}, ["hours_per_week"]),
    ({"hours_per_week": "19"}, []),
    ({"hours_per_week": "41", "full_time_hours": "40"}, ["hours_per_week"]),
    ({"hours_per_week": "0", "full_time_hours": "0"}, ["hours_per_week", "full_time_hours"]),
    ({**day("contract_start", "2026-11-20"), **FIXED, **day("contract_end", "2026-11-19"), "hours_per_week": "39"},
     ["contract_start", "contract_end", "hours_per_week"]),
])
def test_the_contract(changes: Mapping[str, str], fields: list[str]) -> None:
    assert wrong("contract", changes) == fields


FLANDERS = {"competent_region": "flanders", "contract_start": "2027-03-01", "birth_date": "1990-02-01", "category": "highly-qualified"}
BELOW = ["pay_year", "pay_remark"]


@pytest.mark.parametrize(("pay", "others", "fields"), [
    (("4076", "48912"), {}, []),
    (("4076", "48911,99"), {}, BELOW),
    (("4434", "53219,99"), {"competent_region": "wallonia"}, BELOW),
    (("4435", "53220"), {"competent_region": "wallonia"}, []),
    (("4152", "49829"), {"competent_region": "german-speaking-community"}, BELOW),
    (("4153", "49830"), {"competent_region": "german-speaking-community"}, []),
    # Brussels counts the month, whatever the year brings.
    (("3703,43", "60000"), {"competent_region": "brussels"}, ["pay_month", "pay_remark"]),
    (("3703,44", "44500"), {"competent_region": "brussels"}, []),
    (("3703,43", "60000"), {"competent_region": "brussels", "birth_date": "2003-01-01"}, ["pay_month", "pay_remark"]),
    # Under thirty on the first working day; thirty on that day is too late.
    (("3300", "39129,60"), {"birth_date": "1997-03-02"}, []),
    (("3300", "39129,60"), {"birth_date": "1997-03-01"}, BELOW),
    (("3260", "39129,59"), {"birth_date": "2003-01-01"}, BELOW),
    (("3300", "39600"), {"birth_date": "2003-01-01", "posted": "yes"}, BELOW),
    (("3300", "39600"), {"birth_date": "", "posted": "no"}, []),
    (("3548", "42576"), {"competent_region": "wallonia", "birth_date": "2003-01-01"}, []),
    (("3547", "42575"), {"competent_region": "wallonia", "birth_date": "2003-01-01"}, BELOW),
    # What is not known holds nobody up.
    (("1000", "12000"), {"competent_region": ""}, []),
    (("1000", "12000"), {"contract_start": ""}, []),
    (("1000", "12000"), {"category": "athlete"}, []),
    # A month that was typed as a year, and a year as a month.
    (("4500", "4500"), {}, ["pay_year"]),
    (("60000", "60000"), {}, ["pay_year"]),
    (("4500", "90001"), {}, ["pay_year"]),
])
def test_the_pay(pay: tuple[str, str], others: Mapping[str, str], fields: list[str]) -> None:
    assert wrong("pay", {"pay_month": pay[0], "pay_year": pay[1]}, {**FLANDERS, **others}) == fields


def test_a_remark_lets_a_lower_pay_through_but_not_a_contradiction() -> None:
    assert wrong("pay", {"pay_month": "3000", "pay_year": "36000", "pay_remark": "Part-time, see the annex."}, FLANDERS) == []
    assert wrong("pay", {"pay_month": "3000", "pay_year": "3000", "pay_remark": "Part-time, see the annex."}, FLANDERS) == ["pay_year"]


@pytest.mark.parametrize(("changes", "zone", "fields"), [
    ({}, ZONE, []), ({}, "", []),
    ({"surname": "Kumari"}, ZONE, ["surname"]), ({"given_names": "Rajeev"}, ZONE, ["given_names"]), (day("birth_date", "1990-02-02"), ZONE, ["birth_date"]),
    ({"surname": "Kumari", "given_names": "", **day("birth_date", "1991-02-01")}, ZONE, ["birth_date", "surname", "given_names"]),
    ({"surname": "Kumari", "given_names": ""}, "", []),
    # A script without a common transliteration is not compared.
    ({"surname": "कुमार", "given_names": "राजेश"}, ZONE, []),
    (day("birth_date", "2026-11-21"), "", ["birth_date"]), (day("birth_date", "2026-11-20"), "", []), (day("birth_date", "1906-12-31"), "", ["birth_date"]),
    (day("birth_date", "1907-01-01"), "", []), (day("birth_date", "9999-12-31"), "", ["birth_date"]),
])
def test_the_identity_beside_the_zone(changes: Mapping[str, str], zone: str, fields: list[str]) -> None:
    assert wrong("identity", changes, {"passport_zone": zone}) == fields


@pytest.mark.parametrize("country", sorted(EEA_AND_SWITZERLAND))
def test_nationals_who_need_no_permit_are_told_so(country: str) -> None:
    found = read("identity", {"nationality": country}).problems
    assert [(one.field, "without a permit" in one.message) for one in found] == [("nationality", True)]


@pytest.mark.parametrize("country", ["IND", "GBR", "USA", "TUR", "COD", "UKR", "SRB", "AND"])
def test_others_may_go_on(country: str) -> None:
    assert wrong("identity", {"nationality": country}) == []


@pytest.mark.parametrize(("changes", "others", "fields"), [
    ({}, {"passport_zone": ZONE}, []),
    ({"passport_number": "Z1234568"}, {"passport_zone": ZONE}, ["passport_number"]),
    ({"passport_number": "z 123-4567"}, {"passport_zone": ZONE}, []),
    (day("passport_expires", "2032-01-02"), {"passport_zone": ZONE}, ["passport_expires"]),
    (day("passport_issued", "2026-11-22"), {}, ["passport_issued"]),
    (day("passport_expires", "2022-01-02"), {}, ["passport_expires"]),
    (day("passport_expires", "2027-05-31"), {"contract_start": "2027-03-01"}, ["passport_expires"]),
    (day("passport_expires", "2027-06-01"), {"contract_start": "2027-03-01"}, []),
    (day("passport_expires", "2027-06-01"), {"contract_start": "2199-12-31"}, ["passport_expires"]),
    ({"passport_number": "Ｚ1234567"}, {}, ["passport_number"]),
    ({"passport_number": "Z12345678901234567890"}, {}, ["passport_number"]),
])
def test_the_passport(changes: Mapping[str, str], others: Mapping[str, str], fields: list[str]) -> None:
    assert wrong("passport", changes, others) == fields


@pytest.mark.parametrize(("number", "born", "fields"), [
    ("", "1990-02-01", []), ("90.02.01-123.05", "", []), ("90.02.01-123.05", "1990-02-01", []), ("90.02.01-123.05", "1990-02-02", ["national_number"]),
    ("90.02.01-123.05", "1991-02-01", ["national_number"]), ("90.02.01-123.11", "1990-02-01", ["national_number"]),
])
def test_the_register_number_beside_the_birth_date(number: str, born: str, fields: list[str]) -> None:
    assert wrong("register-number", {"national_number": number}, {"birth_date": born}) == fields


@pytest.mark.parametrize("zone", [ZONE, ZONE.lower(), ZONE.replace("\n", "\r\n"), ZONE.replace("\n", ""), "  " + ZONE.replace("\n", "  ") + "\n"])
def test_the_zone_is_stored_one_way(zone: str) -> None:
    assert read("passport-zone", {"passport_zone": zone}).values == {"passport_zone": ZONE}


@pytest.mark.parametrize("zone", [ZONE[:-1], ZONE + "<", ZONE.replace("9002018", "9002019"), ZONE.replace("IND", "1ND", 1)[1:], "P<" * 44, "<" * 88, "I" + ZONE[1:]])
def test_a_zone_that_was_misread_is_explained(zone: str) -> None:
    assert wrong("passport-zone", {"passport_zone": zone}) == ["passport_zone"]


def test_the_zone_fills_in_the_next_pages() -> None:
    known = {"passport_zone": ZONE, "worker_surname": "Kumar", "worker_given_names": "Rajesh"}
    identity, passport = SINGLE_PERMIT.page("identity"), SINGLE_PERMIT.page("passport")
    assert identity and identity.prefill and passport and passport.prefill
    assert identity.prefill(known) == {
        "surname": "Kumar", "given_names": "Rajesh", "birth_date": "1990-02-01", "sex": "M", "nationality": "IND"}
    assert passport.prefill(known) == {"passport_number": "Z1234567", "passport_country": "IND", "passport_expires": "2032-01-01"}
    assert identity.prefill({"worker_surname": "Kumar"}) == {"surname": "Kumar", "given_names": ""}
    assert passport.prefill({}) == {}


@pytest.mark.parametrize(("code", "changes", "others", "fields"), [
    ("registered-office", {"has_office": "no"}, {}, []),
    ("registered-office", {"office_postal_code": "9000"}, {}, ["office_municipality"]),
    ("registered-office", {"office_street": ""}, {}, ["office_street"]),
    ("workplace", {"workplace_unit": ""}, {"has_unit": "no"}, []),
    ("workplace", {"workplace_unit": ""}, {"has_unit": "yes"}, ["workplace_unit"]),
    ("workplace", {"workplace_unit": "0403019261"}, {"has_unit": "yes"}, ["workplace_unit"]),
    ("posting", {"posted": "yes"}, {}, ["receiving_name", "receiving_street", "receiving_postal_code", "receiving_municipality"]),
    ("residence", {"post_country": ""}, {}, ["post_country"]),
    ("residence", {"residence_status": "long-stay", "post_country": ""}, {}, []),
    ("function", {"isco": "999"}, {}, ["isco"]), ("function", {"isco": "9630"}, {}, ["isco"]), ("function", {"isco": "2512.0"}, {}, ["isco"]),
    ("worker-name", {"worker_given_names": ""}, {}, []), ("worker-name", {"worker_surname": "\u200b"}, {}, ["worker_surname"]),
    ("category", {"category": "executive"}, {}, []), ("category", {"category": "au-pair"}, {}, ["category"]),
    ("category", {"category": "general"}, {"competent_region": "flanders", "posted": "no"}, ["category"]),
    ("education", {"diploma_year": "2.012"}, {}, []),
])
def test_other_pages(code: str, changes: Mapping[str, str], others: Mapping[str, str], fields: list[str]) -> None:
    assert wrong(code, changes, others) == fields


@pytest.mark.parametrize(("typed", "stored"), [
    ("", ""), ("200", "200"), ("118.08", "118.08"), ("11808", "118.08"), ("118 08", "118.08"), ("20", None), ("118.8", None), ("abc", None), ("1180800", None),
])
def test_the_joint_committee(typed: str, stored: str | None) -> None:
    found = read("contract", {"joint_committee": typed})
    assert found.values.get("joint_committee") == stored
    assert [one.field for one in found.problems] == ([] if stored is not None else ["joint_committee"])


@pytest.mark.parametrize(("category", "pay", "fields"), [
    # Three months of a season are a whole year's pay for nobody, and fewer than twelve months for a seasonal worker.
    ("seasonal", ("2300", "6900"), []), ("seasonal", ("2300", "46001"), ["pay_year"]), ("general", ("2300", "6900"), ["pay_year"]),
])
def test_the_pay_of_a_season(category: str, pay: tuple[str, str], fields: list[str]) -> None:
    assert wrong("pay", {"pay_month": pay[0], "pay_year": pay[1]}, {"category": category}) == fields


@pytest.mark.parametrize(("born", "fields"), [
    ("1990-00-00", []), ("1990-05-00", []), ("1905-00-00", ["birth_date"]), ("2027-00-00", ["birth_date"]), ("2026-00-00", []),
])
def test_a_birth_date_that_is_known_in_part(born: str, fields: list[str]) -> None:
    year, month, number = born.split("-")
    typed = {"birth_date-day": number.strip("0"), "birth_date-month": month.strip("0"), "birth_date-year": year}
    assert wrong("identity", typed) == fields


def test_a_present_permit_is_asked_about_only_when_there_is_one() -> None:
    assert wrong("request", {"request_kind": "first"}) == []
    assert wrong("request", {"request_kind": "renewal"}) == ["previous_region", "previous_until", "same_status"]
    assert wrong("request", {"contribution_exemption": ""}) == ["contribution_exemption"]


def test_a_renewal_may_have_begun_and_nothing_else() -> None:
    begun = day("contract_start", "2024-03-16")
    assert wrong("contract", begun, {"request_kind": "renewal"}) == []
    for kind in ("first", "change-employer", "change-function"):
        assert wrong("contract", begun, {"request_kind": kind}) == ["contract_start"]
