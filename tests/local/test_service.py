"""A whole local service starts by itself, apart from another one, says where it is, and leaves nothing running."""

import json
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from frontoffice.local.ports import free_port
from frontoffice.local.service import Place

_ROOT = Path(__file__).parents[2]


@dataclass
class _Service:
    """One `frontoffice local` in a folder of its own."""

    folder: Path
    port: int
    process: subprocess.Popen[str] | None = None

    @property
    def ready_file(self) -> Path:
        return self.folder / "ready.json"

    def start(self) -> None:
        command = [sys.executable, "-m", "frontoffice.cli", "local", "--port", str(self.port),
                   "--folder", str(self.folder / "state"), "--ready-file", str(self.ready_file)]
        self.process = subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def wait(self) -> dict[str, Any]:
        assert self.process
        deadline = time.monotonic() + 180
        while not self.ready_file.exists():
            assert self.process.poll() is None and time.monotonic() < deadline, self.process.communicate()[0]
            time.sleep(0.05)
        found: dict[str, Any] = json.loads(self.ready_file.read_text())
        return found

    def end(self, how: signal.Signals) -> list[psutil.Process]:
        """End the service and return its processes that are still alive shortly after."""
        assert self.process
        family = psutil.Process(self.process.pid).children(recursive=True)
        self.process.send_signal(how)
        self.process.communicate(timeout=90)
        self.process = None
        return psutil.wait_procs(family, timeout=60)[1]


@pytest.fixture
def services(tmp_path: Path) -> Iterator[list[_Service]]:
    both = [_Service(tmp_path / name, free_port()) for name in ("one", "two")]
    for service in both:
        service.folder.mkdir()
    yield both
    for service in both:
        if service.process:
            service.end(signal.SIGTERM)


def test_two_services_run_side_by_side_and_are_found_again_as_they_were(services: list[_Service]) -> None:
    for service in services:
        service.start()
    first, second = (service.wait() for service in services)
    assert set(first) == {"portal", "sign_in", "mail", "backbone", "people"}
    assert all(set(one) == {"name", "role", "login", "language", "provider"} for one in first["people"])
    addresses = ("portal", "sign_in", "mail", "backbone")
    assert not {first[name] for name in addresses} & {second[name] for name in addresses}
    for found in (first, second):
        assert httpx.get(f"{found['portal']}/health").json() == {"status": "UP"}
        assert httpx.get(f"{found['mail']}/messages").json() == []
        assert httpx.get(f"{found['backbone']}/books").is_success

    # However it ends, nothing outlives it and the next start finds the same addresses.
    assert services[0].end(signal.SIGKILL) == []
    services[0].start()
    time.sleep(1)  # what a killed run left must be gone by then
    assert services[0].wait() == first
    assert httpx.get(f"{first['portal']}/health").is_success
    assert httpx.get(f"{second['portal']}/health").is_success
    assert services[0].end(signal.SIGTERM) == []
    assert not services[0].ready_file.exists()


def test_a_folder_in_use_and_a_taken_port_are_explained(tmp_path: Path) -> None:
    service = _Service(tmp_path, free_port())
    service.start()
    while not (tmp_path / "state" / "lock").exists():
        time.sleep(0.01)
    again = _Service(tmp_path, free_port())
    again.start()
    assert again.process and "already runs" in again.process.communicate(timeout=120)[0]
    assert again.process.returncode == 1
    assert service.end(signal.SIGINT) == []  # in the middle of its start


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
