"""The cluster survives a kill, and is not confused by what a dead one left behind."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest

from frontoffice.local.postgres import OWNER, WEB, Cluster
from frontoffice.local.processes import Supervisor


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    with TemporaryDirectory(prefix="fo-") as name:
        (Path(name) / "s").mkdir()
        yield Cluster(data=Path(name) / "data", sockets=Path(name) / "s" / "postgres")


def _rows(cluster: Cluster) -> list[tuple[object, ...]]:
    with psycopg.connect(cluster.url(OWNER)) as connection:
        return connection.execute("SELECT id FROM thing").fetchall()


def test_a_killed_server_comes_back_with_every_committed_row(cluster: Cluster) -> None:
    logs = cluster.data.parent / "logs"
    first = Supervisor(logs)
    first.start(cluster.program())
    cluster.provide()
    cluster.provide()
    with psycopg.connect(cluster.url(OWNER)) as connection:
        connection.execute("CREATE TABLE thing (id int)")
        connection.execute("INSERT INTO thing VALUES (1)")
    with psycopg.connect(cluster.url(WEB)) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("CREATE TABLE other (id int)")

    pid = first.children[0].pid
    assert pid
    os.kill(pid, signal.SIGKILL)
    second = Supervisor(logs)
    second.start(cluster.program())
    assert _rows(cluster) == [(1,)]

    second.stop()
    # The number of a long dead server belongs to another process now: here, to this test.
    (cluster.data / "postmaster.pid").write_text(f"{os.getpid()}\n{cluster.data}\n")
    third = Supervisor(logs)
    third.start(cluster.program())
    assert _rows(cluster) == [(1,)]
    third.stop()
    first.stop()
