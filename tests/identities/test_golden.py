"""The golden record: the zone before what was typed, the fuller date before the vaguer, then the newest; everything else is kept beside it."""

from datetime import UTC, datetime
from uuid import UUID

from frontoffice.forms.identifiers import PartialDate
from frontoffice.identities.golden import Record, gathered, golden, stored
from frontoffice.identities.particulars import particulars_in
from tests.filing import WORKER_PAGES

ZONE = WORKER_PAGES["passport-zone"]["passport_zone"]


def record(day: int, **answers: str) -> Record:
    filed = datetime(2026, 11, day, tzinfo=UTC)
    particulars = particulars_in({"surname": "Kumar", "given_names": "Rajesh", **answers}, filed.date())
    assert particulars
    return Record(dossier=UUID(int=day), filed_at=filed, particulars=particulars)


def test_the_newest_name_counts_and_the_old_one_stays() -> None:
    records = [record(2, surname="Kumar-Jones"), record(1)]
    assert golden(records)["name"].value.surname == "Kumar-Jones" and golden(records)["name"].dossier == UUID(int=2)
    assert [one.surname for one in gathered(records, "names")] == ["Kumar-Jones", "Kumar"]


def test_a_zone_outranks_what_was_typed_later() -> None:
    records = [record(1, passport_zone=ZONE), record(2, birth_date="1991-02-01", sex="X")]
    best = golden(records)
    assert (best["born"].value, best["born"].source, best["born"].dossier) == (PartialDate(1990, 2, 1), "zone", UUID(int=1))


def test_a_whole_date_outranks_a_vaguer_one_that_came_later() -> None:
    assert golden([record(1, birth_date="1990-02-01"), record(2, birth_date="1990-00-00")])["born"].value == PartialDate(1990, 2, 1)


def test_what_nobody_gave_is_left_out() -> None:
    assert set(golden([record(1)])) == {"name"}
    assert stored([record(1)])["nationalities"] == []


def test_what_is_stored_names_the_dossier_of_each_value() -> None:
    kept = stored([record(1, nationality="IND", other_nationalities="USA", birth_date="1990-02-00"), record(2, nationality="IND", birth_place="Pune")])
    assert kept["birth_place"] == {"value": "Pune", "dossier": str(UUID(int=2)), "source": "applicant"}
    assert kept["born"]["value"] == {"year": 1990, "month": 2, "day": None} and kept["nationalities"] == ["IND", "USA"]
