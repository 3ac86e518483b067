"""Somebody's own receiver, written from the published files alone, in the place of the stand-in: as the page of the contract says one may try it."""

import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from e2e.conftest import Service
from e2e.pages import Visitor
from e2e.test_every_procedure import filed
from e2e.test_story import papers  # noqa: F401 - a fixture
from frontoffice.kernel.time import today
from frontoffice.local.files import socket_folder
from frontoffice.local.ports import free_port
from frontoffice.local.postgres import JOBS, Cluster
from frontoffice.procedures import in_force
from tests.backbone.stranger import MESSAGE, Stranger, a_stranger
from tests.local.test_service import LocalService


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stranger]:
    """The receiver, which knows beforehand where the portal will be; the names are those that `make run` prints."""
    portal = f"http://127.0.0.1:{free_port()}"
    with a_stranger(tmp_path_factory.mktemp("stranger"), name="https://backbone.example", portal_name="https://permit-window.example", portal=portal) as stranger:
        yield stranger


@pytest.fixture(scope="module")
def service(stranger: Stranger) -> Iterator[Service]:
    """A service of its own, which hands over to that receiver."""
    # Not below pytest's folder, for the reason that stands at the service of all journeys.
    local = LocalService(Path(tempfile.mkdtemp(prefix="frontoffice-journeys-")), int(stranger.portal.rpartition(":")[2]), ("--backbone", stranger.address))
    local.start()
    try:
        facts, state = local.wait(), local.folder / "state"
        cluster = Cluster(data=state / "postgres", sockets=socket_folder(state) / "postgres")
        yield Service(facts["portal"], facts["mail"], facts["backbone"], state, facts["people"], cluster.url(JOBS))
    finally:
        local.end(signal.SIGTERM)


def test_a_receiver_of_ones_own_gets_what_is_filed_and_answers_it(
        service: Service, stranger: Stranger, visitor: Callable[..., Visitor], papers: dict[str, Path]) -> None:  # noqa: F811
    assert service.backbone == stranger.address
    person = visitor("en", script=False)
    number = filed(person, service, in_force("declaration-of-arrival", today()), papers)
    person.open(f"/dossiers/{number}")
    person.wait_for_confirmation()
    [(txn, digest, content)] = stranger.rows("SELECT txn, sha256, content FROM message WHERE dossier = ?", number)
    told = stranger.read(content, MESSAGE)
    assert stranger.rows("SELECT count(*) FROM document") == [(len(told["documents"]),)]

    about = {"authority": told["body"]["authority"]["code"], "message": txn, "message_sha256": digest}
    assert stranger.post(stranger.note(number, "message-validated", **about)).status_code == 202
    person.open(f"/dossiers/{number}")
    said = person.say("The authority checked it and can work with it")
    assert person.look_again_until(lambda: said in (person.page.locator("body").text_content() or ""))
