"""Who gets which answer from which route: the running router against the table, and what must look the same from outside."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.dossiers import queries
from frontoffice.dossiers.queries import OpenDossier
from frontoffice.parties.actor import Actor
from tests.engines import Engines
from tests.security.stage import ROLES, Play, Stage, Visitor, playing, routes

TABLES = tomllib.loads((Path(__file__).parents[1] / "cases" / "access.toml").read_text("utf-8"))
# The download address has a router of its own; see test_downloads in the dossiers' tests.
CHANGES = {200, 204, 303, 422}


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    on: str
    route: str
    params: tuple[tuple[str, str], ...]
    expected: tuple[int, ...]

    @property
    def title(self) -> str:
        return f"{self.route} {' '.join(f'{key}={value}' for key, value in self.params)} on {self.on}"


def _rows() -> Iterator[Row]:
    for on, table in TABLES.items():
        head, *lines = table.strip().splitlines()
        assert tuple(head.split()) == ROLES
        for line in lines:
            words = line.split()
            name, *params = words[: -len(ROLES)]
            yield Row(on, name, tuple((one.partition("=")[0], one.partition("=")[2]) for one in params), tuple(map(int, words[-len(ROLES):])))


ROWS = tuple(_rows())


def wants(play: Play, row: Row) -> tuple[str, str]:
    """Method and address of a row."""
    return routes(play)[row.route][0], play.address(row.route, row.on, **dict(row.params))


async def send(play: Play, visitor: Visitor, method: str, path: str, name: str) -> httpx.Response:
    """The request as a browser would make it; a form is sent with nothing in it but its token."""
    if method != "POST":
        return await visitor.ask(method, path)
    if routes(play)[name][2].get("upload"):
        return await visitor.upload(path, "", b"")
    # The version that the pages of the stage were saved under, or the answer would only tell that they changed meanwhile.
    return await visitor.post(path, {"version": "1"} if name == "save-page" else {})


async def test_the_table_names_every_route(play: Play) -> None:
    keyed = {name for name, (_method, path, _opt) in routes(play).items() if "{key}" in path}
    assert {row.route for row in ROWS if row.on == "anywhere"} == set(routes(play)) - keyed
    assert {row.route for row in ROWS if row.on == "draft"} == keyed
    assert {row.route for row in ROWS if row.on == "filed"} == keyed


@pytest.mark.parametrize("role", ROLES)
async def test_every_route_answers_each_role_as_the_table_says(stage: Stage, engines: Engines, role: str) -> None:
    """Rows that change something get a copy of the stage of their own."""
    wrong, later, column = [], [], ROLES.index(role)
    async with playing(stage, engines) as play:
        visitor = play.visitor(role)
        for row in ROWS:
            method, path = wants(play, row)
            if method == "POST" and row.expected[column] in CHANGES and role != "visitor" and row.route != "csp":
                later.append(row)
                continue
            status = (await send(play, visitor, method, path, row.route)).status_code
            wrong += [f"{row.title}: {status}, not {row.expected[column]}"] if status != row.expected[column] else []
    for row in later:
        async with playing(stage, engines) as play:
            method, path = wants(play, row)
            status = (await send(play, play.visitor(role), method, path, row.route)).status_code
            wrong += [f"{row.title}: {status}, not {row.expected[column]}"] if status != row.expected[column] else []
    assert not wrong, "\n".join(wrong)


def outside(answer: httpx.Response, *keys: str) -> tuple[int, dict[str, str], str]:
    """What can be seen of an answer, without what is new each time or was in the address."""
    headers = {name: value for name, value in answer.headers.items() if name not in ("belgov-trace-id", "set-cookie")}
    headers.pop("content-length", None)
    text = answer.text.replace(answer.headers["belgov-trace-id"], "TRACE")
    for key in keys:
        text = text.replace(key, "KEY")
        headers = {name: value.replace(key, "KEY") for name, value in headers.items()}
    return answer.status_code, headers, text


@pytest.mark.parametrize("role", ROLES)
async def test_what_is_not_ones_own_looks_like_what_does_not_exist(play: Play, role: str) -> None:
    own = {"other-employer": "draft", "other-worker": "draft", "other-region": "filed", "other-town": "filed"}
    key, absent, visitor = play.stage.dossiers[own.get(role, "stranger")], str(uuid4()), play.visitor(role)
    document = str(play.stage.documents[own.get(role, "stranger")])
    for row in (one for one in ROWS if one.on != "anywhere"):
        method, path = wants(play, row)
        mine = play.stage.dossiers[row.on]
        here = path.replace(mine, key).replace(str(play.stage.documents[row.on]), document)
        nowhere = path.replace(mine, absent)
        seen = outside(await send(play, visitor, method, here, row.route), key, document)
        unseen = outside(await send(play, visitor, method, nowhere, row.route), absent, document, str(play.stage.documents[row.on]))
        assert seen == unseen, row.title
        assert seen[0] == (303 if role == "visitor" else 404), row.title


@pytest.mark.parametrize("role", [one for one in ROLES if one != "visitor"])
async def test_a_number_opens_no_more_than_the_key(play: Play, role: str) -> None:
    visitor, number = play.visitor(role), play.stage.dossiers["number"]
    by_key, by_number = await visitor.get(play.address("show-dossier", "filed")), await visitor.get(play.address("show-dossier", number))
    assert by_key.status_code == by_number.status_code
    assert (await visitor.get(play.address("show-dossier", number[:-1] + ("A" if number[-1] != "A" else "B")))).status_code == 404


async def test_a_list_shows_ones_own_only(play: Play) -> None:
    mine, other = play.stage.dossiers["number"], play.stage.dossiers["stranger"]
    for role in ("employer", "mandatary", "worker"):
        page = (await play.visitor(role).get("/en/dossiers")).text
        assert mine in page and other not in page
    for role in ("ended-mandatary", "other-employer", "other-worker"):
        assert mine not in (await play.visitor(role).get("/en/dossiers")).text
    assert mine in (await play.visitor("region").get("/en/counter?state=checking")).text + (await play.visitor("region").get(f"/en/counter?q={mine}")).text
    for role in ("other-region", "other-town"):
        assert f"/en/dossiers/{mine}" not in (await play.visitor(role).get(f"/en/counter?q={mine}")).text


async def test_a_mandate_that_ends_ends_at_the_next_click(play: Play) -> None:
    office = play.visitor("mandatary")
    assert (await office.get(play.address("show-dossier"))).status_code == 200
    assert (await play.visitor("employer").post(play.address("end-mandate"))).status_code == 303
    assert (await office.get(play.address("show-dossier"))).status_code == 404
    assert (await office.post(play.address("save-page", code="contract"))).status_code == 404


async def test_the_employer_never_reads_what_only_the_worker_and_authorities_may(play: Play) -> None:
    home, employer = re.compile("MG Road|411001 Pune|criminal-record.pdf|medical-certificate.pdf"), play.visitor("employer")
    for on in ("draft", "filed"):
        for name in ("show-dossier", "check-dossier", "receipt"):
            assert not home.search((await employer.get(play.address(name, on))).text), (name, on)
    assert home.search((await play.visitor("region").get(play.address("show-dossier", "filed"))).text)


async def test_with_every_door_open_in_the_program_the_database_still_shows_nothing(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    """Row-level security as the second net: dossiers are read without asking who reads, and nobody sees a foreign one."""

    async def whoever_asks(session: AsyncSession, _actor: Actor, key: str, *, lock: bool = False) -> OpenDossier:
        return await queries.any_dossier(session, key, lock=lock)

    monkeypatch.setattr(queries, "dossier", whoever_asks)
    assert (await play.visitor("employer").get(play.address("show-dossier"))).status_code == 200
    for role in [one for one in ROLES if one != "visitor"]:
        visitor = play.visitor(role)
        for on in ("draft", "filed") if role.startswith("other-") or role == "ended-mandatary" else ("stranger",):
            for name in ("show-dossier", "check-dossier"):
                assert (await visitor.get(play.address(name, on))).status_code == 404, (role, on, name)
