"""The schema's history on real PostgreSQL: up, down and up again, and no word apart from the models."""

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from frontoffice import migrations
from frontoffice.kernel.database import Base
from tests.engines import Database, Engines

# Everything of ours in a database, one line each.
_CATALOGUE = """
    SELECT concat_ws(' ', 'table', relname, relkind, relrowsecurity, relforcerowsecurity,
        coalesce(relacl, acldefault(CASE relkind WHEN 'S' THEN 's'::"char" ELSE 'r'::"char" END, relowner)))
      FROM pg_class WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT concat_ws(' ', 'column', table_name, column_name, data_type, is_nullable, column_default)
      FROM information_schema.columns WHERE table_schema = 'public'
    UNION ALL SELECT concat_ws(' ', 'constraint', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint
     WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT concat_ws(' ', 'index', indexdef) FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT concat_ws(' ', 'function', oid::regprocedure, pg_get_userbyid(proowner), prosecdef, md5(prosrc), coalesce(proacl, acldefault('f', proowner)))
      FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT concat_ws(' ', 'policy', tablename, policyname, cmd, qual, with_check) FROM pg_policies
    UNION ALL SELECT concat_ws(' ', 'trigger', tgrelid::regclass, pg_get_triggerdef(oid)) FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT concat_ws(' ', 'type', typname) FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typtype IN ('e', 'c', 'd')
"""


@pytest.fixture(scope="module")
def empty(engines: Engines) -> Iterator[Database]:
    """A database in which nothing was migrated yet."""
    name = f"test_migrations_{os.getpid()}"
    engines.cluster.provide(name)
    database = Database(engines.cluster, name)
    yield database
    engines.drop(database)


def catalogue(database: Database) -> set[str]:
    with psycopg.connect(database.url("frontoffice_owner", driver="")) as connection:
        return {row[0] for row in connection.execute(_CATALOGUE)}


def revisions() -> list[str]:
    """Oldest first."""
    script = ScriptDirectory(str(Path(migrations.__file__).parent))
    return [one.revision for one in script.walk_revisions()][::-1]


def test_there_is_one_line_of_history() -> None:
    script = ScriptDirectory(str(Path(migrations.__file__).parent))
    assert len(script.get_heads()) == len(script.get_bases()) == 1


def test_up_down_and_up_again(empty: Database) -> None:
    before = catalogue(empty)
    migrations.upgrade(empty.owner)
    full = catalogue(empty)
    assert len(full) > len(before) + 100
    migrations.downgrade(empty.owner, "base")
    left = catalogue(empty) - before
    assert {one for one in left if "alembic_version" not in one} == set()
    migrations.upgrade(empty.owner)
    assert catalogue(empty) == full


def test_each_revision_can_be_taken_back_alone(empty: Database) -> None:
    migrations.upgrade(empty.owner)
    known, seen = revisions(), {}
    migrations.downgrade(empty.owner, "base")
    for one in known:
        migrations.upgrade(empty.owner, one)
        seen[one] = catalogue(empty)
    for one in known[-2::-1]:
        migrations.downgrade(empty.owner, one)
        assert catalogue(empty) == seen[one], one
    migrations.upgrade(empty.owner)
    assert catalogue(empty) == seen[known[-1]]


def test_models_and_schema_agree(shared_database: Database) -> None:
    engine = create_engine(shared_database.owner)
    options = {"compare_server_default": True, "include_object": lambda _object, name, kind, *_more: not (kind == "table" and name.startswith("procrastinate"))}
    try:
        with engine.connect() as connection:
            assert compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata) == []
    finally:
        engine.dispose()


def test_every_constraint_has_a_name_we_gave(shared_database: Database) -> None:
    with psycopg.connect(shared_database.url("frontoffice_owner", driver="")) as connection:
        rows = connection.execute(
            "SELECT conrelid::regclass::text, conname, contype::text FROM pg_constraint WHERE connamespace = 'public'::regnamespace "
            "AND contype IN ('p', 'u', 'f', 'c') AND conrelid::regclass::text NOT LIKE 'procrastinate%' AND conrelid::regclass::text <> 'alembic_version'").fetchall()
    starts = {"p": "pk_", "u": "uq_", "f": "fk_", "c": "ck_"}
    assert [row for row in rows if not row[1].startswith(f"{starts[row[2]]}{row[0]}")] == []
