"""The guard over the logs catches what it is there for, and an error of ours is logged without what a person wrote."""

import logging

import pytest

from frontoffice.dossiers import queries
from tests.canaries import Guard
from tests.security.stage import Play


def test_the_guard_sees_a_name_a_number_and_a_secret() -> None:
    guard = Guard(("the-secret-of-a-link",))
    for line in ("opened by Katrien Canarysmet", "passport Z1234567", "GET /en/invitations/the-secret-of-a-link", "sent to worker@canary.example"):
        guard.handle(logging.LogRecord("frontoffice", logging.INFO, "", 0, line, (), None))
    guard.handle(logging.LogRecord("frontoffice", logging.INFO, "", 0, "event 7 handed over", (), None))
    assert len(guard.caught) == 4


async def test_an_error_is_logged_by_its_kind_and_place(play: Play, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    async def broken(*_anything: object, **_more: object) -> None:
        raise ValueError("passport Z1234567 of Rajesh Canarykumar")

    monkeypatch.setattr(queries, "dossier", broken)
    answer = await play.visitor("employer").get(play.address("show-dossier"))
    lines = [one.getMessage() for one in caplog.records if one.name == "frontoffice"]
    assert answer.status_code == 500 and len(lines) == 1
    assert "ValueError" in lines[0] and answer.headers["belgov-trace-id"] in lines[0] and "\n" not in lines[0]
