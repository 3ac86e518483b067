"""A whole local service starts by itself, apart from another one, says where it is, and leaves nothing running."""

import json
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from frontoffice.local.ports import free_port
from frontoffice.local.service import Place, Receiver, product

_ROOT = Path(__file__).parents[2]


@dataclass
class LocalService:
    """One `frontoffice local` in a folder of its own, with `more` in its command."""

    folder: Path
    port: int
    more: Sequence[str] = ()
    process: subprocess.Popen[str] | None = None

    @property
    def ready_file(self) -> Path:
        return self.folder / "ready.json"

    def start(self) -> None:
        command = [sys.executable, "-m", "frontoffice.cli", "local", "--port", str(self.port),
                   "--folder", str(self.folder / "state"), "--ready-file", str(self.ready_file), *self.more]
        self.process = subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def wait(self) -> dict[str, Any]:
        assert self.process
        deadline = time.monotonic() + 180
        while not self.ready_file.exists():
            assert self.process.poll() is None and time.monotonic() < deadline, self.process.communicate()[0]
            time.sleep(0.05)
        found: dict[str, Any] = json.loads(self.ready_file.read_text())
        return found

    def made_at(self) -> int:
        """When the ready file was written; nothing while there is none."""
        try:
            return self.ready_file.stat().st_mtime_ns
        except FileNotFoundError:
            return 0

    def end(self, how: signal.Signals) -> list[psutil.Process]:
        """End the service and return its processes that are still alive shortly after."""
        assert self.process
        family = psutil.Process(self.process.pid).children(recursive=True)
        self.process.send_signal(how)
        self.process.communicate(timeout=90)
        self.process = None
        return psutil.wait_procs(family, timeout=60)[1]


@pytest.fixture
def services(tmp_path: Path) -> Iterator[list[LocalService]]:
    both = [LocalService(tmp_path / name, free_port()) for name in ("one", "two")]
    for service in both:
        service.folder.mkdir()
    yield both
    for service in both:
        if service.process:
            service.end(signal.SIGTERM)


def is_up(found: dict[str, Any]) -> None:
    """All parts of a service answer; on a busy machine one may have been late when it was asked last."""
    deadline = time.monotonic() + 120
    while (told := httpx.get(f"{found['portal']}/health", timeout=60).json()) != {"status": "UP"}:
        assert time.monotonic() < deadline, told
        time.sleep(1)


def test_two_services_run_side_by_side_and_are_found_again_as_they_were(services: list[LocalService]) -> None:
    # One after the other: of two that choose their ports at the same moment each may choose one of the other's, on which nothing listens yet.
    found_at = []
    for service in services:
        service.start()
        found_at.append(service.wait())
    first, second = found_at
    assert set(first) == {"portal", "sign_in", "mail", "backbone", "people"}
    assert all(set(one) == {"name", "role", "login", "language", "provider"} for one in first["people"])
    addresses = ("portal", "sign_in", "mail", "backbone")
    assert not {first[name] for name in addresses} & {second[name] for name in addresses}
    for found in (first, second):
        is_up(found)
        assert httpx.get(f"{found['mail']}/messages", timeout=60).json() == []
        assert httpx.get(f"{found['backbone']}/books", timeout=60).is_success

    # However it ends, nothing outlives it and the next start finds the same addresses.
    assert services[0].end(signal.SIGKILL) == []
    left = services[0].made_at()
    assert left
    services[0].start()
    deadline = time.monotonic() + 60
    while services[0].made_at() == left:  # what a killed run left is gone before anything else is done
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert services[0].wait() == first
    for found in (first, second):
        is_up(found)
    assert services[0].end(signal.SIGTERM) == []
    assert not services[0].ready_file.exists()


def test_a_folder_in_use_and_a_taken_port_are_explained(tmp_path: Path) -> None:
    service = LocalService(tmp_path, free_port())
    service.start()
    while not (tmp_path / "state" / "lock").exists():
        time.sleep(0.01)
    again = LocalService(tmp_path, free_port())
    again.start()
    assert again.process and "already runs" in again.process.communicate(timeout=120)[0]
    assert again.process.returncode == 1
    assert service.end(signal.SIGINT) == []  # in the middle of its start


def backbone_settings(place: Place) -> dict[str, str]:
    """What every process of the product is told about the other side of the hand-over."""
    told = [{name: text for name, text in one.environment.items() if "BACKBONE" in name} for one in product(place) if one.environment]
    assert len(told) == 2 and told[0] == told[1]
    return told[0]


def test_somebodys_own_receiver_takes_the_place_of_the_stand_in(tmp_path: Path) -> None:
    place = Place.open(tmp_path, free_port())
    usual = backbone_settings(place)
    assert usual["FRONTOFFICE_BACKBONE_URL"] == place.addresses["backbone"] and "backbone" in [one.name for one in product(place)]

    mine = replace(place, own=Receiver.at("http://127.0.0.1:7000/"))
    address = {"FRONTOFFICE_BACKBONE_URL": "http://127.0.0.1:7000", "FRONTOFFICE_BACKBONE_JWKS_URL": "http://127.0.0.1:7000/.well-known/jwks.json"}
    assert backbone_settings(mine) == {**usual, **address}
    assert mine.addresses["backbone"] == "http://127.0.0.1:7000" and "backbone" not in [one.name for one in product(mine)]

    named = replace(place, own=Receiver.at("http://127.0.0.1:7000", "urn:example:mine", "http://127.0.0.1:7001/keys"))
    assert backbone_settings(named) == {
        **usual, "FRONTOFFICE_BACKBONE_URL": "http://127.0.0.1:7000", "FRONTOFFICE_BACKBONE_ISSUER": "urn:example:mine",
        "FRONTOFFICE_BACKBONE_JWKS_URL": "http://127.0.0.1:7001/keys"}


def test_only_the_worker_may_sign_and_the_providers_can_be_read(tmp_path: Path) -> None:
    place = Place.open(tmp_path, free_port())
    place.write_keys_and_providers()
    key = json.loads((tmp_path / "signing-key.json").read_text())["keys"][0]
    public = json.loads((tmp_path / "public-keys.json").read_text())["keys"][0]
    assert "d" in key and "d" not in public and key["kid"] == public["kid"]
    settings = place.settings("frontoffice_web", place.identity("web"))
    assert not {"FRONTOFFICE_SIGNING_KEY_FILE", "FRONTOFFICE_SEAL_KEY_FILE"} & set(settings)
    assert (tmp_path / "seal-key.pem").stat().st_mode & 0o077 == 0
    providers = tomllib.loads(Path(settings["FRONTOFFICE_PROVIDERS"]).read_text())
    assert {one["kind"] for one in providers.values()} == {"enterprise", "citizen", "official"}
    assert place.secrets["secret_key"] not in repr(place)
    assert (tmp_path / "secrets.json").stat().st_mode & 0o077 == 0
