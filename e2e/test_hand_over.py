"""Between the portal and the authorities, as people see it: a hand-over that is stuck, a dossier that is passed on, an outage of ours, and the contract."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import httpx
import psycopg
import pytest
from playwright.sync_api import expect

from e2e.conftest import DESK, PHONE, Service
from e2e.pages import Visitor
from e2e.test_bad_days import running
from e2e.test_every_procedure import filed, signed_in
from e2e.test_story import link_in_mail, papers, step  # noqa: F401 - the papers are a fixture
from frontoffice.kernel.i18n import show_day
from frontoffice.kernel.time import add_working_days, is_working_day, today
from frontoffice.local.postgres import JOBS, SUPERUSER
from frontoffice.procedures import every_in_force, in_force

Make = Callable[..., Visitor]
WHY = "The place of work is in Brussels."
PLAIN_FR, SCRIPT_DE = ("fr", False, PHONE), ("de", True, DESK)


@contextmanager
def out_of_service(service: Service) -> Iterator[None]:
    """The backbone answers everything with 503 meanwhile."""
    def behave(**told: str) -> None:
        httpx.put(f"{service.backbone}/behaviour", json=told, timeout=60).raise_for_status()

    behave(fail="503")
    try:
        yield
    finally:
        behave()


def outage(service: Service, *words: str) -> str:
    """What `frontoffice outages` prints, run beside the service as its operator does."""
    environment = running(service, "frontoffice.cli worker").environ()
    command = [str(Path(sys.executable).parent / "frontoffice"), "outages", *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize(("language", "script", "size"), [("de", False, PHONE), ("nl", True, DESK)])
def test_a_hand_over_that_is_stuck_is_found_and_freed(
        service: Service, visitor: Make, papers: dict[str, Path], language: str, script: bool, size: tuple[int, int]) -> None:  # noqa: F811
    person = visitor(language, script=script, size=size)
    operator = visitor(language, script=script, size=size)
    operator.sign_in(*service.login("Wim Aerts" if language == "nl" else "Karin Lenz"))
    with out_of_service(service):
        number = filed(person, service, in_force("declaration-of-arrival", today()), papers)
        person.open(f"/dossiers/{number}")
        person.reads("not yet confirmed")

        # Nobody but operators knows of this page; they find the dossier by its number, and see no name on it.
        person.open("/operators/hand-overs")
        assert person.page.get_by_role("heading", level=1).text_content() == person.say("Page not found")
        operator.open("/operators/hand-overs")
        operator.fill({"number": number.lower()})
        operator.press("Show")
        operator.wait_for("The backbone does not have everything yet")
        operator.wait_for("Signed, not delivered")
        assert "Mensah" not in operator.page.content()

        # Each thing that is done has a reason, and is kept.
        operator.fill({"act": "hold"})
        operator.press("Do it")
        operator.reads("Write why")
        assert operator.page.locator('[name="act"][value="hold"]').is_checked()
        operator.fill({"reason": "Ticket 4711"})
        operator.press("Do it")
        operator.reads("This dossier is held: nothing of it is sent")
        operator.look()
    operator.fill({"act": "release", "reason": "The backbone answers again"})
    operator.press("Do it")
    for _try in range(3):
        # It may go between the look and the press: then the page says so, and how the dossier stands.
        if operator.page.locator('[name="act"][value="retry"]').count():
            operator.fill({"act": "retry", "reason": "Now"})
            operator.press("Do it")
        operator.page.wait_for_timeout(1500)
        operator.open(f"/operators/hand-overs/{number}")
    # After ten failures in a row nobody tries for half a minute, and what asked meanwhile waits for the sweep.
    operator.wait_for("The backbone has everything that it must have of this dossier.")
    operator.reads_as_is("Ticket 4711")
    operator.open("/operators/hand-overs")
    operator.reads("What operators did last")
    person.open(f"/dossiers/{number}")
    person.wait_for_confirmation()
    [books] = [one for one in service.books() if one["number"] == number]
    assert [one["action"] for one in books["messages"]] == ["submit"]


@pytest.mark.parametrize(("language", "script", "size"), [PLAIN_FR, SCRIPT_DE])
def test_a_dossier_is_passed_on_and_its_last_day_moves_with_an_outage(
        service: Service, visitor: Make, papers: dict[str, Path], language: str, script: bool, size: tuple[int, int]) -> None:  # noqa: F811
    person = visitor(language, script=script, size=size)
    number = filed(person, service, in_force("work-authorisation", today()), papers)
    person.open(f"/dossiers/{number}")
    person.wait_for_confirmation()
    second_address(service, visitor, person, number)

    first, then = (signed_in(service, visitor(language, script=script), name) for name in ("Ilse Claes", "Samira Benali"))
    assert number not in then.page.content()
    step(first, number, "take-up", "Take up this dossier")
    step(first, number, "pass-on", "Pass on to another Region", {"region": "brussels", "reason": WHY})
    first.open("/counter/passed-on")
    first.page.get_by_role("link", name=number).click()
    first.look()
    first.reads("You passed this dossier on")
    first.reads_as_is(WHY)

    # The other one goes on where the first was; the person reads who has it now, and why.
    then.open("/counter?state=all")
    then.page.get_by_role("link", name=number).click()
    then.look()
    step(then, number, "ask-documents", "Ask for a document", {"document": "other", "request": "Page 3, please."})
    person.open(f"/dossiers/{number}")
    person.reads_as_is(WHY)
    person.reads("It is your turn")

    # An outage is announced for the last day to bring it: that day moves by itself, and back when there will be none.
    last, opening = asked_until(service, number), person.page.locator(".now")
    moved = add_working_days(last + timedelta(days=1), 1)
    expect(opening).to_contain_text(show_day(last, person.locale))
    recorded = outage(service, "record", "--affects", "everything", "--from", f"{last}T09:00", "--until", f"{last}T15:00", "--reason", "Moving to new machines",
                      "--by", "ticket 12")
    try:
        person.open(f"/dossiers/{number}")
        expect(opening).to_contain_text(show_day(moved, person.locale))
        stranger = visitor(language, script=script, size=size)
        stranger.open("/outages")
        stranger.reads("Announced")
        stranger.reads_as_is("Moving to new machines")
    finally:
        outage(service, "withdraw", recorded.split()[-1], "--reason", "It was put off", "--by", "ticket 12")
    person.open(f"/dossiers/{number}")
    expect(opening).to_contain_text(show_day(last, person.locale))

    # Days later: the last day was one on which we were out of service, and who missed it can prove why.
    since, until = days_later(service, number, last)
    outage(service, "record", "--affects", "everything", "--from", f"{since}T00:01", "--until", f"{until}T00:02", "--reason", "A broken disk",
           "--by", "ticket 13")
    link = person.page.get_by_role("link", name=person.say("Certificate (PDF)"))
    for _try in range(180):
        person.open(f"/dossiers/{number}")
        if link.count():
            break
        person.page.wait_for_timeout(500)
    person.look()
    with person.page.expect_download() as download:
        link.click()
    paper = download.value.path().read_bytes()
    assert paper.startswith(b"%PDF-") and b"/ByteRange" in paper and number in download.value.suggested_filename


def second_address(service: Service, visitor: Make, person: Visitor, number: str) -> None:
    """Somebody else is told too: asked first, by a link in a mail that gives no access to the dossier."""
    address = f"second.{person.locale}@colleague.example"
    person.open(f"/dossiers/{number}/told")
    person.reads("These people get the mails")
    person.fill({"email": address, "language": person.locale})
    person.press("Ask the owner")
    person.reads("Mails go there as soon as the owner agrees, with the link in our mail.")
    owner = visitor(person.locale, script=person.script, size=PHONE)
    owner.open(link_in_mail(service, address, "/addresses/"))
    owner.press("Yes, send me these mails")
    owner.reads("You get mails about a dossier")
    assert number not in owner.page.content()
    owner.open(f"/dossiers/{number}")
    assert "/sign-in" in owner.page.url or number not in owner.page.content()


def asked_until(service: Service, number: str) -> date:
    """The last day to bring what was asked, as the work list knows it."""
    with psycopg.connect(service.database) as connection:
        row = connection.execute("SELECT due_on FROM dossier WHERE number = %s", (number,)).fetchone()
    assert row and isinstance(row[0], date)
    return row[0]


def days_later(service: Service, number: str, last: date) -> tuple[date, date]:
    """Let all that happened to a dossier lie so far back that its last day is over; gives the days between which it lay.

    `last` is that day by the law: the one in the work list is moved and moved back by jobs, which may still be at it."""
    until = next(day for day in (today() - timedelta(days=one) for one in range(10)) if is_working_day(day))
    back = last - until
    with psycopg.connect(service.database.replace(JOBS, SUPERUSER, 1)) as connection:
        # Rows of events are only ever added, whoever writes: but here days pass that nobody waits for.
        connection.execute("SET LOCAL session_replication_role = replica")
        of_this = "(SELECT id FROM dossier WHERE number = %(number)s)"
        connection.execute(f"UPDATE event SET happened_at = happened_at - %(back)s WHERE dossier_id = {of_this}", {"back": back, "number": number})
        connection.execute(f"UPDATE document SET given_at = given_at - %(back)s WHERE dossier_id = {of_this}", {"back": back, "number": number})
        connection.execute("UPDATE dossier SET filed_at = filed_at - %(back)s, due_on = %(until)s WHERE number = %(number)s",
                           {"back": back, "until": until, "number": number})
    # A period that ends on a day off ends later, so it may have been some days longer than the law says.
    return until - timedelta(days=5), until


@pytest.mark.parametrize(("language", "size"), [("de", PHONE), ("en", DESK)])
def test_the_contract_reads_well_to_a_stranger(service: Service, visitor: Make, language: str, size: tuple[int, int]) -> None:
    stranger = visitor(language, script=False, size=size)
    stranger.open("/contract")
    pages = stranger.page.locator("main a[href*='/contract/']").evaluate_all("all => all.map(one => new URL(one.href).pathname)")
    shown = sorted({one for one in pages if one.startswith(f"/{language}/contract/")})
    assert len(shown) >= 3
    kinds = {re.sub(r"/[^/]+$", "", one): one for one in shown}
    for path in {*kinds.values(), *[one for one in shown if "/operations/" in one]}:
        stranger.open(path.removeprefix(f"/{language}"))
        assert stranger.page.get_by_role("heading", level=1).count() == 1
    editions = [one for one in shown if "/schemas/" in one]
    assert len(editions) >= len(every_in_force(today()))
