"""Writes a migration: what the models say and a database of all migrations so far lacks."""

import tempfile
from pathlib import Path

from frontoffice import migrations
from frontoffice.local.postgres import OWNER, Cluster
from frontoffice.local.processes import Supervisor


def write_revision(message: str) -> None:
    """Compare in a throw-away cluster and write the revision's file; read it before you keep it."""
    with tempfile.TemporaryDirectory(prefix="frontoffice-") as name:
        folder = Path(name)
        cluster = Cluster(data=folder / "postgres", sockets=folder / "sockets", durable=False)
        cluster.sockets.mkdir()
        supervisor = Supervisor(folder / "logs")
        try:
            supervisor.start(cluster.program())
            cluster.provide()
            url = cluster.url(OWNER, driver="+psycopg")
            migrations.upgrade(url)
            migrations.write(url, message)
        finally:
            supervisor.stop()
