"""A whole service on one machine, apart from any other: its processes, their settings, and who may sign in."""

import json
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from frontoffice.kernel import tokens
from frontoffice.local.files import (
    made_once,
    make_secrets,
    remove_sockets,
    socket_folder,
    write_private,
)
from frontoffice.local.objects import (
    CLEAN,
    QUARANTINE,
    REGION,
    Identity,
    objects_program,
)
from frontoffice.local.people import HIGH, PEOPLE, REALMS
from frontoffice.local.ports import Ports, choose_ports
from frontoffice.local.postgres import JOBS, OWNER, WEB, Cluster
from frontoffice.local.processes import Program, Supervisor, answers, python, run_to_end
from frontoffice.local.scanner import scanner_address, scanner_programs
from frontoffice.local.seal import CERTIFICATE, KEY, make_seal
from frontoffice.local.systems import FILE, make_system

# Names, not addresses: a signed message that waits must stay valid when a port changes.
_ISSUER, _BACKBONE_ISSUER = "https://permit-window.example", "https://backbone.example"


class _Ended(BaseException):
    """Somebody asked the service to end; no ordinary handler may swallow it."""


def _at(port: int, path: str = "") -> str:
    return f"http://127.0.0.1:{port}{path}"


@dataclass(frozen=True, kw_only=True)
class Size:
    """How many processes serve pages and do jobs, and how many messages a second the stand-in has agreed to."""

    servers: int = 1
    workers: int = 1
    rate: int = 5


@dataclass(frozen=True, kw_only=True)
class Receiver:
    """Somebody's own backbone in the place of the stand-in: its address, its name in what it signs, and where its public keys are."""

    address: str
    issuer: str
    keys: str

    @classmethod
    def at(cls, address: str, issuer: str | None = None, keys: str | None = None) -> "Receiver":
        """With the stand-in's name and the contract's place for keys, unless others are told."""
        whole = address.rstrip("/")
        return cls(address=whole, issuer=issuer or _BACKBONE_ISSUER, keys=keys or f"{whole}/.well-known/jwks.json")


@dataclass(frozen=True, kw_only=True)
class Place:
    """One local service as its folder describes it."""

    folder: Path
    ports: Ports
    cluster: Cluster
    secrets: Mapping[str, str] = field(repr=False)
    size: Size = Size()
    own: Receiver | None = None

    @classmethod
    def open(cls, folder: Path, port: int, size: Size | None = None, own: Receiver | None = None) -> "Place":
        """Read the folder, or fill it on the first run."""
        return cls(
            folder=folder, ports=choose_ports(folder, port), size=size or Size(), own=own,
            cluster=Cluster(data=folder / "postgres", sockets=socket_folder(folder) / "postgres"),
            secrets=made_once(folder / "secrets.json", make_secrets),
        )

    @property
    def receiver(self) -> Receiver:
        """Who is handed over to: somebody's own backbone, or the stand-in."""
        return self.own or Receiver.at(_at(self.ports.backbone))

    @property
    def addresses(self) -> dict[str, str]:
        """Where a person or a program finds the parts."""
        ports = self.ports
        return {"portal": _at(ports.portal), "sign_in": _at(ports.sign_in), "mail": _at(ports.mail),
                "backbone": self.receiver.address}

    def identity(self, name: str) -> Identity:
        """The access of `web` or `worker` to the object storage."""
        key, secret = self.secrets[f"s3_{name}_key"], self.secrets[f"s3_{name}_secret"]
        return Identity(name=name, access_key=key, secret_key=secret)

    def settings(self, role: str, identity: Identity) -> dict[str, str]:
        """The environment of a process of the product; the keys that sign and seal are added for the worker alone."""
        ports = self.ports
        values = {
            "DATABASE_URL": self.cluster.url(role, driver="+psycopg"),
            "PUBLIC_URL": _at(ports.portal), "DOWNLOAD_URL": _at(ports.download), "COOKIE_SUFFIX": f"-{ports.portal}",
            "SECRET_KEY": self.secrets["secret_key"],
            "S3_ENDPOINT": _at(ports.s3), "S3_REGION": REGION, "S3_QUARANTINE": QUARANTINE, "S3_CLEAN": CLEAN,
            "S3_ACCESS_KEY": identity.access_key, "S3_SECRET_KEY": identity.secret_key,
            "SMTP_URL": f"smtp://127.0.0.1:{ports.smtp}", "MAIL_FROM": "Permit window <no-reply@permit-window.example>",
            "PROVIDERS": str(self.folder / "providers.toml"),
            "BACKBONE_URL": self.receiver.address, "BACKBONE_JWKS_URL": self.receiver.keys,
            "BACKBONE_ISSUER": self.receiver.issuer, "BACKBONE_RATE": str(self.size.rate), "ISSUER": _ISSUER,
            "PUBLIC_JWKS_FILE": str(self.folder / "public-keys.json"),
            "CLAMAV": scanner_address(ports.scanner), "OPERATORS_MAIL": "operators@permit-window.example",
        }
        return {f"FRONTOFFICE_{name}": value for name, value in values.items()}

    def write_keys_and_providers(self) -> None:
        """Make the signing key and the seal once; write the public keys and the list of sign-in providers."""
        private = made_once(self.folder / "signing-key.json", lambda: {"keys": [tokens.new_key()]})
        made_once(self.folder / "public-keys.json", lambda: tokens.public_jwks(private))
        if not (self.folder / KEY).exists():
            make_seal(self.folder)
        write_private(self.folder / "providers.toml", "\n".join(
            f'[{realm.code}]\ncode = "{realm.code}"\ntitle = "{realm.title}"\nkind = "{realm.kind}"\n'
            f'issuer = "{_at(self.ports.sign_in, f"/{realm.code}")}"\n'
            f'client_id = "permit-window"\nclient_secret = "{self.secrets["client_secret"]}"\n'
            'auth_method = "client_secret_basic"\nalgorithms = ["RS256"]\nannounces_iss = false\n'
            f'binding_levels = ["{HIGH}"]\n'
            for realm in REALMS
        ))


def _engines(place: Place) -> list[Program]:
    """What the product stands on: database, objects, sign-in, mail."""
    ports, folder = place.ports, place.folder
    identities = place.identity("web"), place.identity("worker")
    return [
        place.cluster.program(),
        objects_program(folder / "seaweedfs", socket_folder(folder), ports, identities),
        python("frontoffice.local.sign_in", "--port", ports.sign_in, "--folder", folder,
               name="sign-in", ready=answers(_at(ports.sign_in))),
        python("frontoffice.local.mail", "--port", ports.mail, "--smtp-port", ports.smtp, "--folder", folder / "mail",
               name="mail", environment=place.settings(JOBS, place.identity("worker")), ready=answers(_at(ports.mail, "/messages"))),
        *scanner_programs(folder / "scanner", ports.scanner),
    ]


def _migration(place: Place) -> Program:
    return python("frontoffice.cli", "migrate", name="migrate",
                  environment={"FRONTOFFICE_DATABASE_URL": place.cluster.url(OWNER, driver="+psycopg")})


def product(place: Place) -> list[Program]:
    """The product itself, and the stand-in that it hands dossiers over to unless somebody's own receiver takes its place."""
    ports = place.ports
    files = {"SIGNING_KEY": "signing-key.json", "SEAL_KEY": KEY, "SEAL_CERTIFICATE": CERTIFICATE}
    signing = {f"FRONTOFFICE_{name}_FILE": str(place.folder / file) for name, file in files.items()}
    workers = ["worker", *(f"worker-{nth}" for nth in range(2, place.size.workers + 1))]
    stand_in = python("frontoffice.local.backbone", "--port", ports.backbone, "--folder", place.folder / "backbone",
                      "--portal", _at(ports.portal), "--portal-issuer", _ISSUER, "--issuer", _BACKBONE_ISSUER,
                      name="backbone", ready=answers(_at(ports.backbone, "/health")))
    return [
        python("frontoffice.cli", "serve", "--port", ports.portal, "--download-port", ports.download, "--workers", place.size.servers, name="serve",
               environment=place.settings(WEB, place.identity("web")), ready=answers(_at(ports.portal, "/health"))),
        *(python("frontoffice.cli", "worker", name=name, environment=place.settings(JOBS, place.identity("worker")) | signing) for name in workers),
        *([] if place.own else [stand_in]),
    ]


def _people() -> list[dict[str, str]]:
    return [{"name": one.name, "role": one.role, "login": one.login, "language": one.language, "provider": one.provider}
            for one in PEOPLE]


def _table(place: Place) -> str:
    """What a newcomer needs to know, as a few lines of text."""
    titles = {"portal": "Permit window", "sign_in": "Sign-in provider", "mail": "Mail that was sent",
              "backbone": "Your backbone" if place.own else "Backbone stand-in"}
    lines = ["", *(f"  {titles[name]:<20}{address}" for name, address in place.addresses.items()), "",
             f"  {'Who':<18}{'Sign in at':<13}{'Login':<38}Acts as"]
    lines += [f"  {one.name:<18}{one.provider:<13}{one.login:<38}{one.about}" for one in PEOPLE]
    lines += ["", f"  The backbone signs as {place.receiver.issuer} and has its keys at {place.receiver.keys};",
              f"  the portal signs as {_ISSUER} and has its keys at {_at(place.ports.portal, '/.well-known/jwks.json')}."]
    lines += ["", f"  A system of Flanders may use the API for authorities: {place.folder / FILE} holds its client_id and key."]
    return "\n".join([*lines, "", f"  Everything is kept in {place.folder}. Press Ctrl-C to end."])


def _end(_number: int, _frame: FrameType | None) -> None:
    raise _Ended


def run(port: int, folder: Path, ready_file: Path | None, size: Size, own: Receiver | None = None) -> None:
    """Run the service in a folder that we hold until it is told to end; raises CannotStart."""
    asked = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    supervisor = Supervisor(folder / "logs")
    for one in asked:
        signal.signal(one, _end)
    try:
        _run(Place.open(folder, port, size, own), supervisor, ready_file)
    except _Ended:
        print("\nEnding …", flush=True)
    finally:
        for one in asked:
            signal.signal(one, signal.SIG_IGN)
        if ready_file:
            ready_file.unlink(missing_ok=True)
        supervisor.stop()
        remove_sockets(folder)


def _run(place: Place, supervisor: Supervisor, ready_file: Path | None) -> None:
    print(f"Starting in {place.folder} …", flush=True)
    place.write_keys_and_providers()
    supervisor.start(*_engines(place))
    place.cluster.provide()
    run_to_end(_migration(place), place.folder / "logs")
    make_system(place.folder, place.cluster.url(JOBS, driver="+psycopg"), _at(place.ports.portal))
    supervisor.start(*product(place))
    print(_table(place), flush=True)
    if ready_file:
        write_private(ready_file, json.dumps({**place.addresses, "people": _people()}, indent=2, ensure_ascii=False))
    while True:
        time.sleep(0.2)
        supervisor.look_after()
