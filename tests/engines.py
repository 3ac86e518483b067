"""Real PostgreSQL and SeaweedFS for the tests: started once per run, shared by its workers, ended with it."""

import fcntl
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import psutil
import psycopg
import pytest
from psycopg import sql

from frontoffice import migrations
from frontoffice.local.files import write_private
from frontoffice.local.objects import CLEAN, QUARANTINE, REGION, Identity, objects_program
from frontoffice.local.ports import choose_ports, free_port
from frontoffice.local.postgres import JOBS, OWNER, SUPERUSER, WEB, Cluster, make_database
from frontoffice.local.processes import Supervisor

_TEMPLATE = "migrated"
_IDENTITIES = tuple(
    Identity(name=name, access_key=f"{name}-tests", secret_key="only-for-tests") for name in ("web", "worker")
)
_PATIENCE = 180.0


@dataclass(frozen=True)
class S3:
    """The object storage as one identity reaches it, under the names of the product's settings."""

    s3_endpoint: str
    s3_access_key: str
    s3_secret_key: str
    s3_region: str = REGION
    s3_quarantine: str = QUARANTINE
    s3_clean: str = CLEAN


@dataclass(frozen=True)
class Database:
    """One database with the whole schema, as each role reaches it; addresses are SQLAlchemy's."""

    cluster: Cluster
    name: str

    def url(self, role: str, driver: str = "+psycopg") -> str:
        """The address for a role; with an empty driver, psycopg takes it."""
        return self.cluster.url(role, self.name, driver=driver)

    @property
    def web(self) -> str:
        """As the web server, under row-level security."""
        return self.url(WEB)

    @property
    def jobs(self) -> str:
        """As the job worker."""
        return self.url(JOBS)

    @property
    def owner(self) -> str:
        """As the role that migrates."""
        return self.url(OWNER)


@dataclass(frozen=True)
class Engines:
    """What runs in `folder` for this test run."""

    folder: Path
    s3_endpoint: str

    @property
    def cluster(self) -> Cluster:
        """The PostgreSQL cluster."""
        return _cluster(self.folder)

    @property
    def superuser_url(self) -> str:
        """The cluster's own database as its superuser, for psycopg."""
        return self.cluster.url(SUPERUSER, "postgres")

    def s3(self, name: str = "worker") -> S3:
        """The object storage as `web` or `worker` reaches it."""
        identity = next(one for one in _IDENTITIES if one.name == name)
        return S3(self.s3_endpoint, identity.access_key, identity.secret_key)

    @cached_property
    def template(self) -> str:
        """The name of a database with every migration, made by whoever needs it first."""
        with _locked(self.folder / "template.lock"), self._connected() as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [_TEMPLATE]).fetchone():
                self.cluster.provide("draft")
                migrations.upgrade(self.cluster.url(OWNER, "draft", driver="+psycopg"))
                connection.execute(sql.SQL("ALTER DATABASE draft RENAME TO {}").format(sql.Identifier(_TEMPLATE)))
        return _TEMPLATE

    def new_database(self, template: str | None = None) -> Database:
        """A fresh copy of the migrated template, or of another database."""
        name = f"test_{secrets.token_hex(6)}"
        template = template or self.template
        with self._connected() as connection:
            make_database(connection, name, template)
        return Database(self.cluster, name)

    def drop(self, database: Database) -> None:
        """Remove a database and whoever is still connected to it."""
        with self._connected() as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(database.name)))

    def _connected(self) -> psycopg.Connection:
        return psycopg.connect(self.superuser_url, autocommit=True)


def _cluster(folder: Path) -> Cluster:
    return Cluster(data=folder / "postgres", sockets=folder / "sockets" / "postgres", durable=False)


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    with file.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def start_or_join(run: str, owner: int) -> Engines:
    """The engines of one test run, started by whoever asks first; they end when the process `owner` does."""
    folder = Path(tempfile.gettempdir()) / f"frontoffice-tests-{run}"
    folder.mkdir(mode=0o711, exist_ok=True)
    ready = folder / "engines.json"
    with _locked(folder / "engines.lock"):
        if not ready.exists():
            with (folder / "holder.log").open("wb") as log:
                holder = subprocess.Popen(
                    [sys.executable, "-m", "tests.engines", str(folder), str(owner)],
                    cwd=Path(__file__).parent.parent, stdout=log, stderr=log, start_new_session=True,
                )
            deadline = time.monotonic() + _PATIENCE
            while not ready.exists():
                if holder.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"the engines did not start: {(folder / 'holder.log').read_text()}")
                time.sleep(0.05)
            holder.returncode = 0  # it outlives whoever started it, and is nobody's to wait for
    return Engines(folder, json.loads(ready.read_text())["s3"])


def _hold(folder: Path, owner: int) -> None:
    """Run the engines until `owner` ends, then leave nothing."""
    supervisor = Supervisor(folder / "logs")
    try:
        sockets = folder / "sockets"
        sockets.mkdir(mode=0o711, exist_ok=True)
        ports = choose_ports(folder, free_port())
        cluster = _cluster(folder)
        supervisor.start(cluster.program(), objects_program(folder / "seaweedfs", sockets, ports, _IDENTITIES), patience=_PATIENCE)
        cluster.provide("postgres")
        write_private(folder / "engines.json", json.dumps({"s3": f"http://127.0.0.1:{ports.s3}"}))
        psutil.Process(owner).wait()
    except psutil.NoSuchProcess:
        pass
    finally:
        supervisor.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def engines(request: pytest.FixtureRequest) -> Engines:
    """Real PostgreSQL and S3, shared by every worker of this run."""
    worker = getattr(request.config, "workerinput", None)
    if worker is None:
        return start_or_join(f"{os.getpid()}", os.getpid())
    return start_or_join(worker["testrunuid"], os.getppid())


@pytest.fixture(scope="session")
def shared_database(engines: Engines) -> Iterator[Database]:
    """A database of this test process, for tests that roll back."""
    database = engines.new_database()
    yield database
    engines.drop(database)


@pytest.fixture
def fresh_database(engines: Engines) -> Iterator[Database]:
    """A database of this test alone, for tests that commit."""
    database = engines.new_database()
    yield database
    engines.drop(database)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    _hold(Path(sys.argv[1]), int(sys.argv[2]))
