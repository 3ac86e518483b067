"""What runs in production knows nothing of the service for one machine: no stand-in, no sample person, no provider without a password."""

import subprocess
import sys

import pytest

from frontoffice.jobs import JOBS
from frontoffice.routes import DOWNLOAD_ROUTES, ROUTES
from tests.security.stage import Play

SERVED = "import sys, frontoffice.app, frontoffice.worker, frontoffice.routes, frontoffice.jobs, frontoffice.cli; print([one for one in sys.modules if one.startswith('frontoffice.local')])"


def test_no_process_of_production_loads_the_local_service() -> None:
    done = subprocess.run([sys.executable, "-c", SERVED], capture_output=True, text=True, check=True, timeout=120)  # noqa: S603 - our own words
    assert done.stdout.strip() == "[]"


def test_no_route_and_no_job_comes_from_it() -> None:
    homes = {one.fn.__module__ for one in (*ROUTES, *DOWNLOAD_ROUTES)} | {one.run.__module__ for one in JOBS}
    assert homes and not [one for one in homes if one.startswith("frontoffice.local")]


@pytest.mark.parametrize("path", ["/books", "/behaviour", "/acts/SP-2026-0000001-X", "/acts", "/people", "/desk", "/mails", "/authorize", "/token", "/en/books", "/en/acts"])
async def test_its_addresses_lead_nowhere(play: Play, path: str) -> None:
    visitor = play.visitor()
    for method in ("GET", "POST", "PUT"):
        answer = await visitor.ask(method, path)
        assert answer.status_code in (303, 400, 403, 404, 405), (method, path, answer.status_code)
        if answer.status_code == 303:
            assert (await visitor.get(answer.headers["location"])).status_code == 404
