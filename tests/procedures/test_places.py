"""A municipality typed beside its postal code."""

import pytest

from frontoffice.forms.identifiers import Wrong
from frontoffice.kernel.i18n import fold
from frontoffice.procedures.places import MunicipalityName, PostalCode
from frontoffice.procedures.territory import municipalities

TOWN = MunicipalityName(name="town", label="Municipality", postal_code="code")


@pytest.mark.parametrize(("code", "typed", "nis"), [
    ("2030", "Antwerpen", "11002"), ("2030", "Anvers", "11002"), ("2030", "ANTWERPEN", "11002"), ("2030", " antwerp ", "11002"), ("2030", "", "11002"),
    ("4700", "Eupen", "63023"), ("4780", "Sankt Vith", "63067"), ("4780", "saint-vith", "63067"), ("4780", "Saint Vith", "63067"), ("9000", "Gand", "44021"),
    ("4000", "Lüttich", "62063"), ("4000", "Liege", "62063"), ("1000", "Brüssel", "21004"), ("1050", "Ixelles", "21009"), ("1050", "Elsene", "21009"), ("", "Gent", "44021"),
    ("9100", "sint niklaas", "46021"), ("4420", "Saint-Nicolas", "62093"),
])
def test_found(code: str, typed: str, nis: str) -> None:
    assert TOWN.read({"code": code, "town": typed}) == nis


@pytest.mark.parametrize(("code", "typed", "why"), [
    ("2030", "Gent", "belongs to"), ("1050", "", "share the postal code"), ("1050", "Gent", "belongs to"), ("", "", "Type the municipality"), ("0000", "", "Type"),
    ("", "Atlantis", "No Belgian"), ("", "\x00", "No Belgian"), ("", "Gent\u202e", "No Belgian"), ("", "a" * 1_000_000, "No Belgian"), ("２０３０", "", "Type"),
])
def test_turned_away(code: str, typed: str, why: str) -> None:
    with pytest.raises(Wrong, match=why) as wrong:
        TOWN.read({"code": code, "town": typed})
    assert wrong.value.message % wrong.value.params


def test_shown_again_as_people_call_it() -> None:
    assert TOWN.raw_of("63023") == {"town": "Eupen"}
    assert TOWN.read({"code": "4700", **TOWN.raw_of("63023")}) == "63023"
    assert TOWN.shown("21004").fr == "Bruxelles"  # type: ignore[union-attr]
    assert TOWN.raw_of("") == {"town": ""}


def test_a_name_names_one_municipality_in_whatever_language() -> None:
    called = [(fold(name), one.nis) for one in municipalities().values() for name in one.names]
    assert len({name for name, _nis in called}) == len(set(called))


@pytest.mark.parametrize("typed", ["203", "20300", "0203", "B-20300", "２０３０", "abcd", "-2030", "20 30"])
def test_a_postal_code_has_four_digits(typed: str) -> None:
    with pytest.raises(Wrong):
        PostalCode(name="code", label="Code").read({"code": typed})
