"""The made-up people can be told apart, and their numbers pass the official checks."""

import pytest
from stdnum.be import vat

from frontoffice.local.people import INVITATION, PEOPLE, REALMS, Person, people_of


def test_logins_differ_and_providers_exist() -> None:
    assert len({one.login for one in PEOPLE}) == len(PEOPLE)
    assert {one.provider for one in PEOPLE} == {realm.code for realm in REALMS} | {INVITATION}
    assert all(people_of(realm.code) for realm in REALMS)


def test_every_language_and_every_region_is_there() -> None:
    assert {one.language for one in PEOPLE} == {"nl", "fr", "de", "en"}
    authorities = {one.claims["authority"] for one in PEOPLE if one.role == "region"}
    assert authorities == {"flanders", "wallonia", "brussels", "german-speaking-community"}


@pytest.mark.parametrize("person", [one for one in PEOPLE if "enterprises" in one.claims], ids=lambda one: one.login)
def test_enterprise_numbers_are_valid_test_numbers(person: Person) -> None:
    enterprises = person.claims["enterprises"]
    assert isinstance(enterprises, list)
    for one in enterprises:
        assert vat.is_valid(one["number"])
        assert one["number"].startswith("0999")
