"""What a dossier says of its applicant: every form of the name, partial dates, several nationalities, documents of refugees, guardians."""

from collections.abc import Mapping
from datetime import date

import pytest

from frontoffice.forms.identifiers import PartialDate
from frontoffice.identities.keys import Key, keys_of
from frontoffice.identities.particulars import Name, Particulars, others_named, particulars_in, words_of
from tests.filing import WORKER_PAGES

TODAY = date(2026, 11, 21)
ZONE = WORKER_PAGES["passport-zone"]["passport_zone"]


def person(**answers: str) -> Particulars:
    found = particulars_in({"surname": "Kumar", "given_names": "Rajesh", **answers}, TODAY)
    assert found is not None
    return found


def test_every_form_of_a_name_is_kept_as_it_was_given() -> None:
    one = person(birth_surname="Patel", former_names="Shah; Mehta", usage_name="Kumar-Jones", passport_zone=ZONE)
    assert [(name.kind, name.whole) for name in one.names] == [
        ("legal", "Rajesh Kumar"), ("birth", "Rajesh Patel"), ("former", "Rajesh Shah"), ("former", "Rajesh Mehta"), ("usage", "Rajesh Kumar-Jones"),
        ("mrz", "RAJESH KUMAR")]
    assert [one.kind for one in others_named(one.names)] == ["birth", "former", "former", "usage"]


@pytest.mark.parametrize("given", ["", "-", "XXX", "fnu"])
def test_one_name_only_is_a_surname_without_given_name(given: str) -> None:
    assert person(given_names=given).name == Name(kind="legal", surname="Kumar", given_names="")


def test_a_dossier_that_names_nobody_has_no_applicant() -> None:
    assert particulars_in({"enterprise_number": "1999999943"}, TODAY) is None
    assert particulars_in({}, TODAY) is None


@pytest.mark.parametrize(("stored", "born"), [
    ("1987-00-00", PartialDate(1987)), ("1987-05-00", PartialDate(1987, 5)), ("1987-05-09", PartialDate(1987, 5, 9)), ("", PartialDate(None)),
])
def test_no_day_of_birth_is_made_up(stored: str, born: PartialDate) -> None:
    assert person(birth_date=stored).born == born


def test_the_zone_fills_what_was_left_open_and_a_broken_one_counts_for_nothing() -> None:
    one = person(passport_zone=ZONE)
    assert (one.born, one.sex, one.documents, one.from_zone) == (PartialDate(1990, 2, 1), "M", (("IND", "Z1234567"),), True)
    assert person(passport_zone="P<nonsense").from_zone is False


def test_several_nationalities_refugees_and_stateless_persons() -> None:
    one = person(nationality="XXB", other_nationalities="ERI D", document_type="convention_1951", passport_number="R 000-1234", passport_country="UGA")
    assert one.nationalities == ("XXB", "ERI", "DEU")
    assert one.documents == (("UGA", "R0001234"),) and one.document_type == "convention_1951"


def test_a_minor_has_guardians() -> None:
    one = person(guardian_surname="Kumar", guardian_given_names="Asha", father_surname="Kumar", father_given_names="Ravi")
    assert one.guardians == ("Asha Kumar", "Ravi Kumar")


def test_particulars_come_back_as_they_were_stored() -> None:
    one = person(birth_date="1987-05-00", nationality="IND", passport_number="Z1", passport_country="IND", national_number="90020100117",
                 worker_email="R@Mail.example", worker_phone="+3232101234", guardian_surname="Kumar", passport_zone=ZONE)
    assert Particulars.read(one.stored()) == one


@pytest.mark.parametrize(("name", "words"), [
    ("Müller-Lüdenscheidt", ("MUELLER", "LUEDENSCHEIDT")), ("O'Neill", ("ONEILL",)), ("Nguyễn Thị", ("NGUYEN", "THI")), ("Иванов", ("IVANOV",)),
    ("-", ()), ("", ()), ("  ", ()),
])
def test_words_are_those_of_a_zone(name: str, words: tuple[str, ...]) -> None:
    assert words_of(name) == words


@pytest.mark.parametrize(("answers", "keys", "never"), [
    ({"passport_number": "z 1234567", "passport_country": "IND"}, {Key("passport", "IND:Z1234567"), Key("number", "Z1234567")}, ()),
    ({"national_number": "90020100117"}, {Key("register", "90020100117")}, ("passport",)),
    ({"birth_date": "1990-02-01", "sex": "M"}, {Key("person", "KUMAR RAJESH 1990-02-01 M"), Key("born", "1990-01-02")}, ("passport", "register")),
    ({"birth_date": "1990-01-01"}, {Key("person", "KUMAR RAJESH 1990-01-01 ")}, ("born",)),
    ({"birth_date": "1990-00-00"}, {Key("sound", "KMR 1990")}, ("born", "person", "day")),
    ({"birth_date": ""}, set(), ("born", "person", "day", "sound")),
])
def test_keys(answers: Mapping[str, str], keys: set[Key], never: tuple[str, ...]) -> None:
    found = keys_of(person(**answers))
    assert keys <= set(found) and not {one.kind for one in found} & set(never)
    assert list(found) == sorted(found)
