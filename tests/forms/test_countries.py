"""Countries, several countries, and nationalities that are no country."""

import pytest

from frontoffice.forms.fields import Countries, Country
from frontoffice.forms.identifiers import Wrong
from frontoffice.forms.nationality import SPECIAL, nationality_names, nationality_of
from frontoffice.kernel.i18n import LOCALES, country_codes, translator
from frontoffice.kernel.message import Names

NATIONALITY = Country(name="a", label="A", special=True, refuse={"BEL": "not this one", "EUE": "nor this one"})
SEVERAL = Countries(name="a", label="A", special=True, refuse={"BEL": "not this one"})


@pytest.mark.parametrize("code", [*SPECIAL, "IND"])
def test_a_nationality_may_be_none_of_the_countries(code: str) -> None:
    if code != "EUE":
        assert NATIONALITY.read({"a": code}) == code
    if code in SPECIAL:
        with pytest.raises(Wrong):
            Country(name="a", label="A").read({"a": code})


@pytest.mark.parametrize("typed", ["BEL", "EUE", "D", "xxa", "XXZ", "XX", "UTO", "IND MAR", "Stateless", "IND\x00", "A" * 1_000_000])
def test_what_is_on_no_list_or_turned_away_is_refused(typed: str) -> None:
    with pytest.raises(Wrong):
        NATIONALITY.read({"a": typed})
    with pytest.raises(Wrong):
        Countries(name="a", label="A", refuse={"BEL": "no"}).read({"a": "IND", "a-3": typed})


def test_no_special_code_is_one_of_a_country() -> None:
    assert not set(SPECIAL) & country_codes()


def test_names_are_told_in_each_language() -> None:
    stateless = Names(*(translator(one)("Stateless") for one in LOCALES))
    assert NATIONALITY.shown("XXA") == stateless
    assert SEVERAL.shown("MAR FRA") == Names("Marokko, Frankrijk", "Maroc, France", "Marokko, Frankreich", "Morocco, France")
    assert nationality_names("XXA IND").in_language("en").endswith("India")
    assert [code for code, _label, _hint in NATIONALITY.further] == list(SPECIAL)
    assert Country(name="a", label="A").further == ()


@pytest.mark.parametrize(("icao", "ours"), [("D", "DEU"), ("", "XXX"), ("GBN", "GBN"), ("RKS", "RKS"), ("XXA", "XXA"), ("IND", "IND")])
def test_the_code_of_a_zone_leads_to_one_of_ours(icao: str, ours: str) -> None:
    assert nationality_of(icao) == ours
    assert ours in SPECIAL or ours in country_codes()


@pytest.mark.parametrize(("raw", "stored"), [
    ({"a": "MAR", "a-2": "FRA"}, "MAR FRA"), ({"a-3": "MAR"}, "MAR"), ({"a": "MAR", "a-2": "MAR", "a-4": "XXA"}, "MAR XXA"),
    ({"a": " MAR ", "a-2": "\u200b"}, "MAR"), ({"a": "MAR", "a-5": "FRA"}, "MAR"),
])  # fmt: skip
def test_several_are_stored_once_each_in_their_order(raw: dict[str, str], stored: str) -> None:
    assert SEVERAL.read(raw) == stored
    assert SEVERAL.read(SEVERAL.raw_of(stored)) == stored
    assert set(SEVERAL.raw_of(stored)) == set(SEVERAL.raw_names()) == {"a", "a-2", "a-3", "a-4"}


def test_one_at_least_unless_optional() -> None:
    with pytest.raises(Wrong):
        SEVERAL.read({})
    assert Countries(name="a", label="A", optional=True).read({"a-2": " "}) == ""
    assert SEVERAL.raw_of("") == dict.fromkeys(SEVERAL.raw_names(), "")
