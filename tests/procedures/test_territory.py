"""Municipalities, postal codes and Regions, against the facts that the law and Statbel state."""

import tomllib
from collections import Counter
from pathlib import Path

import pytest

from frontoffice.procedures.territory import (
    _POSTAL_RANGES,
    Region,
    municipalities,
    municipalities_of,
    municipality,
    region_of,
    region_of_postal_code,
)

CASES = tomllib.loads((Path(__file__).parents[1] / "cases" / "territory.toml").read_text())


def test_565_municipalities_in_four_regions() -> None:
    count = Counter(one.region for one in municipalities().values())
    assert count == {
        Region.FLANDERS: 285,
        Region.WALLONIA: 252,
        Region.GERMAN_SPEAKING_COMMUNITY: 9,
        Region.BRUSSELS: 19,
    }


@pytest.mark.parametrize("row", CASES["municipality"], ids=lambda row: row["nis"])
def test_a_municipality(row: dict[str, str]) -> None:
    found = municipality(row["nis"])
    assert found
    assert found.region == row["region"]
    assert row["names"] in (f"{found.names.nl} / {found.names.fr}", f"{found.names.de} / {found.names.fr}")
    # Two codes belong to the City of Brussels and to a neighbour.
    assert set(row["postal_codes"].split()) <= set(found.postal_codes)
    for code in row["postal_codes"].split():
        assert found in municipalities_of(code)


@pytest.mark.parametrize("row", CASES["merger"], ids=lambda row: row["nis"])
def test_a_merger_of_2025(row: dict[str, str]) -> None:
    found = municipality(row["nis"])
    assert found
    assert set(row["postal_codes"].split()) <= set(found.postal_codes)
    for old in row["old"].split():
        assert municipality(old) is found
        assert region_of(old) == row["region"]


@pytest.mark.parametrize("row", CASES["postal_code"], ids=lambda row: row["region"] + row.get("why", ""))
def test_postal_codes_lie_where_the_facts_say(row: dict[str, str]) -> None:
    for code in row["codes"].split():
        assert region_of_postal_code(code) == row["region"], code


def test_no_postal_code_and_no_hundred_block_lies_in_two_regions() -> None:
    blocks: dict[str, set[Region]] = {}
    for one in municipalities().values():
        for code in one.postal_codes:
            assert {other.region for other in municipalities_of(code)} == {one.region}
            blocks.setdefault(code[:2], set()).add(one.region)
    assert all(len(regions) == 1 for regions in blocks.values())


def test_the_ranges_agree_with_every_ordinary_code() -> None:
    for one in municipalities().values():
        for code in one.postal_codes:
            assert next(region for last, region in _POSTAL_RANGES if int(code) <= last) == one.region, code


def test_shared_codes_are_three() -> None:
    shared = {
        code for one in municipalities().values() for code in one.postal_codes if len(municipalities_of(code)) > 1
    }
    assert shared == {"1040", "1050", "1804"}


def test_the_german_speaking_codes_are_4700_to_4791() -> None:
    codes = sorted(
        code
        for one in municipalities().values()
        if one.region is Region.GERMAN_SPEAKING_COMMUNITY
        for code in one.postal_codes
    )
    assert (codes[0], codes[-1]) == ("4700", "4791")
    between = {code for one in municipalities().values() for code in one.postal_codes if "4700" <= code <= "4791"}
    assert between == set(codes)


@pytest.mark.parametrize("text", ["", "0", "999", "0999", "10000", "abcd", "１０００", "-100", "1e30", "\x00"])
def test_what_is_no_code_has_no_region(text: str) -> None:
    assert region_of_postal_code(text) is None
    assert region_of(text) is None
    assert municipalities_of(text) == ()


def test_names_in_four_languages() -> None:
    brussels, eupen, antwerp, liege = (municipality(nis) for nis in ("21004", "63040", "11002", "62063"))
    assert brussels
    assert brussels.names == ("Brussel", "Bruxelles", "Brüssel", "Brussels")
    assert eupen
    assert eupen.names == ("Kelmis", "La Calamine", "Kelmis", "Kelmis")
    assert antwerp
    assert antwerp.names == ("Antwerpen", "Anvers", "Antwerpen", "Antwerp")
    assert liege
    assert liege.names.in_language("de") == "Lüttich"
