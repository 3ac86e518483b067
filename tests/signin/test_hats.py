"""Claims are read as they should be, and whatever else a provider sends counts as absent."""

from typing import Any

import pytest

from frontoffice.signin.hats import MOST, authority_code, enterprises_in, identity_of

WHO = {"iss": "https://sign-in.example", "sub": "s-1"}


@pytest.mark.parametrize(("claims", "name", "email", "locale"), [
    ({"given_name": "Ada", "family_name": "Peeters", "locale": "nl-BE", "email": "a@b.example", "email_verified": True}, "Ada Peeters", "a@b.example", "nl"),
    ({"family_name": "Suharto"}, "Suharto", None, None),
    ({"name": "  Nguyễn   Văn\nAn ", "locale": "DE"}, "Nguyễn Văn An", None, "de"),
    ({"name": "x", "email": "a@b.example"}, "x", None, None),
    ({"name": "x", "email": "a@b.example", "email_verified": "true"}, "x", None, None),
    ({"given_name": ["Ada"], "name": {"a": 1}, "locale": 7, "email": True, "email_verified": True}, "–", None, None),
    ({"given_name": "x" * 1000, "family_name": "y"}, "x" * 300, None, None),
    ({"locale": "es"}, "–", None, None),
])
def test_a_person_is_read_from_the_claims(claims: dict[str, Any], name: str, email: str | None, locale: str | None) -> None:
    found = identity_of({**WHO, **claims})
    assert (found.name, found.email, found.locale) == (name, email, locale)


@pytest.mark.parametrize(("claims", "code"), [
    ({"authority": "brussels"}, "brussels"), ({"authority": "immigration-office"}, "immigration-office"),
    ({"authority": "municipality", "territory": "63023"}, "municipality-63023"), ({"authority": "municipality-63023"}, "municipality-63023"),
    ({"authority": "municipality"}, None), ({"authority": "municipality-63023", "territory": "11002"}, None), ({"authority": "municipality-00000"}, None),
    ({"authority": "Brussels"}, None), ({}, None),
])
def test_an_authority_is_one_that_exists(claims: dict[str, Any], code: str | None) -> None:
    assert authority_code(claims) == code


def test_enterprises_without_a_possible_number_are_left_out() -> None:
    listed = [{"number": "BE 0999.000.129", "name": "A", "capacity": "access-manager"}, {"number": "0999000129", "name": "again"}, {"number": "0999000128"},
              {"number": 999000228}, "text", {"number": "0999000228", "capacity": "emperor"}]
    found = enterprises_in({"enterprises": listed})
    assert [(one.number, one.name, one.capacity) for one in found] == [("0999000129", "A", "access manager"), ("0999000228", "0999000228", "")]
    assert enterprises_in({"enterprises": [{"number": "0999000129"}] * (MOST * 100)})[0].number == "0999000129"
