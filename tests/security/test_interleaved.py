"""Rule 21: requests of many people, interleaved on few connections, never see each other's rows; and what guards the rows is guarded."""

import asyncio
import random

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from frontoffice.kernel.database import make_engine
from tests.security.stage import ROLES, Play

REQUESTS = 300
# Who may open which dossier; everything else is not found.
MAY = {
    "draft": {"employer", "mandatary", "worker"}, "filed": {"employer", "mandatary", "worker", "region", "town"},
    "stranger": {"other-employer", "other-worker", "other-region", "other-town"},
}


@pytest.mark.parametrize("seed", [1, 2])
async def test_requests_that_share_five_connections_share_nothing_else(play: Play, seed: int) -> None:
    state, draw = play.portal.app.app.state, random.Random(seed)
    whole: AsyncEngine = state.engine
    state.engine = few = make_engine(play.portal.settings.database_url, pool_size=5)
    few.sync_engine.pool._max_overflow = 0  # type: ignore[attr-defined]
    # Whoever waits for a connection waits for a busy machine too.
    few.sync_engine.pool._timeout = 60.0  # type: ignore[attr-defined]
    names = play.stage.dossiers
    marks = {name: names[name] for name in MAY} | {"number": names["number"]}
    visitors = {role: play.visitor(role) for role in ROLES}
    gate = asyncio.Semaphore(20)

    async def one(role: str, on: str) -> None:
        async with gate:
            answer = await visitors[role].get(play.address("show-dossier", on))
        expected = 303 if role == "visitor" else 200 if role in MAY[on] else 404
        assert answer.status_code == expected, (role, on, answer.status_code)
        foreign = [name for name, mark in marks.items() if mark in answer.text and name != on and not (name == "number" and on == "filed")]
        assert answer.status_code != 200 or not foreign, (role, on, foreign)

    try:
        await asyncio.gather(*(one(draw.choice(ROLES), draw.choice(list(MAY))) for _ in range(REQUESTS)))
        assert few.sync_engine.pool.checkedout() == 0 and few.sync_engine.pool.size() == 5  # type: ignore[attr-defined]
    finally:
        state.engine = whole
        await few.dispose()


async def test_functions_that_pass_the_policies_are_closed_to_others_and_name_their_schema(play: Play) -> None:
    rows = await play.portal.sql(
        "SELECT p.proname, pg_get_userbyid(p.proowner), array_to_string(p.proconfig, ','), coalesce(array_to_string(p.proacl, ' '), '=X') FROM pg_proc p "
        "WHERE p.prosecdef AND p.pronamespace = 'public'::regnamespace")
    assert len(rows) > 10
    for name, owner, configured, rights in rows:
        assert owner == "frontoffice_gate" and configured == "search_path=public, pg_temp", name
        assert not any(one.startswith("=") for one in rights.split()), (name, rights)


async def test_a_view_asks_with_the_rights_of_whoever_looks(play: Play) -> None:
    assert not await play.portal.sql(
        "SELECT relname FROM pg_class WHERE relkind IN ('v', 'm') AND relnamespace = 'public'::regnamespace "
        "AND NOT coalesce(reloptions, '{}') @> '{security_invoker=true}'")


async def test_every_table_of_ours_has_policies_or_holds_nobodys_data(play: Play) -> None:
    rows = await play.portal.sql("SELECT relname FROM pg_class WHERE relkind = 'r' AND NOT relrowsecurity AND relnamespace = 'public'::regnamespace")
    assert {row[0] for row in rows if not row[0].startswith("procrastinate_")} == {"serial", "account", "rate", "outage", "alembic_version"}
