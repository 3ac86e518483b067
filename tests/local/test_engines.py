"""The engines of the tests are real ones, with the product's roles and rights."""

import psycopg
import pytest

from tests.engines import Engines


def test_roles_have_the_rights_that_row_level_security_needs(engines: Engines) -> None:
    with psycopg.connect(engines.superuser_url) as connection:
        rows = connection.execute("SELECT rolname, rolcanlogin, rolbypassrls, rolsuper FROM pg_roles "
                                  "WHERE rolname LIKE 'frontoffice%' ORDER BY 1").fetchall()
    assert rows == [
        ("frontoffice_gate", False, True, False),
        ("frontoffice_jobs", True, True, False),
        ("frontoffice_owner", True, True, False),
        ("frontoffice_web", True, False, False),
    ]


def test_a_copy_of_a_database_is_apart_and_goes_away(engines: Engines) -> None:
    first = engines.new_database("template1")
    with psycopg.connect(first.url("frontoffice_owner", driver="")) as connection:
        connection.execute("CREATE TABLE thing (id int)")
        assert connection.execute("SHOW timezone").fetchone() == ("UTC",)
    copy = engines.new_database(first.name)
    with psycopg.connect(copy.url("frontoffice_owner", driver="")) as connection:
        connection.execute("SELECT id FROM thing")
    for database in (copy, first):
        engines.drop(database)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(copy.url("frontoffice_web", driver=""))
