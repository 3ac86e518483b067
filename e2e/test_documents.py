"""Documents on bad days: photos over a link that breaks, and a file with a virus in it."""

import hashlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import psycopg
import pytest
from PIL import Image
from playwright.sync_api import expect

from e2e.conftest import DESK, PHONE, Service
from e2e.link import Link, a_link
from e2e.pages import Visitor
from e2e.test_bad_days import PDF, begun, running
from frontoffice.local.scanner import EICAR, clamd
from tests.documents import raw_pdf

Make = Callable[..., Visitor]
MEGABYTE = 1_000_000
TURNED_RIGHT = 6
ORIENTATION = 0x0112


@pytest.fixture(scope="session")
def photos(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Eight photos of some 5 MB each, as a phone makes them: lying on their side, and saying so."""
    folder, exif = tmp_path_factory.mktemp("photos"), Image.Exif()
    exif[ORIENTATION] = TURNED_RIGHT
    noise = Image.effect_noise((3000, 2200), 70).convert("RGB")
    made = []
    for number in range(1, 9):
        photo = noise.copy()
        photo.paste((255, 20 * number, 0), (0, 0, 200 * number, 150))
        photo.save(folder / f"IMG_{number}.jpg", quality=93, exif=exif)
        made.append(folder / f"IMG_{number}.jpg")
    assert sum(one.stat().st_size for one in made) >= 40 * MEGABYTE
    return made


@pytest.fixture
def link(service: Service) -> Iterator[Link]:
    """Four cuts by themselves; the fifth is the tab that is closed."""
    with a_link(service.portal, 4 * MEGABYTE, 11 * MEGABYTE, 28 * MEGABYTE, 36 * MEGABYTE) as link:
        yield link


def choose_and_send(person: Visitor, *files: Path) -> None:
    person.page.locator('input[type="file"]').set_input_files([str(one) for one in files])
    person.page.get_by_role("button", name=person.say("Send"), exact=True).click()


def over_a_link_that_breaks(visitor: Make, person: Visitor, link: Link, place: str, photos: list[Path]) -> None:
    """All photos are sent; in the middle the tab is closed, and another one goes on with what is missing."""
    away = visitor(person.locale, size=PHONE, proxy=link.address, state=person.context.storage_state())
    away.open(place)
    # However slow this process is: the tab is closed before the third cut.
    link.holds_at = 19 * MEGABYTE
    choose_and_send(away, *photos)
    for _try in range(6000):
        if link.sent >= link.holds_at:
            break
        away.page.wait_for_timeout(50)
    assert link.broken == 2 and link.sent >= link.holds_at
    away.turn_to_a_new_tab()
    link.holds_at = 0
    # What was all there may just have been put away: the page still shows it as coming, the list of what to go on with no longer holds it,
    # and who chooses it again now sends it twice. Then one looks again.
    coming, unfinished = away.page.locator("[data-uploading]"), away.page.locator('.upload-file[data-shown="unfinished"]')
    for _look in range(20):
        away.open(place)
        expect(away.page.locator(".upload-file").first).to_have_attribute("data-shown", "unfinished")
        if coming.count() == unfinished.count():
            break
    assert coming.count() == unfinished.count()
    away.seen.clear()
    away.look()
    # Nobody remembers which had arrived: all are chosen again.
    choose_and_send(away, *photos)
    away.arrived(seconds=180)
    assert link.broken == 4
    known = away.page.locator(".upload-file")
    expect(known.first).to_contain_text(away.say("This file has been given already."))
    assert link.sent < 60 * MEGABYTE, "what had arrived was not sent again"


def put_in_order(person: Visitor, names: list[str]) -> None:
    """Move the pages with their buttons until they stand as they should."""
    pages = person.page.locator(".pages__item")
    for place, name in enumerate(names):
        while not pages.nth(place).filter(has_text=name).count():
            with person.page.expect_navigation():
                pages.filter(has_text=name).get_by_role("button", name=person.say("Earlier")).click()
            person.look()


def kept(service: Service, key: str, requirement: str) -> list[dict[str, Any]]:
    """The documents of a slot that count, with what is really in the bucket for each."""
    settings = running(service, "frontoffice.cli worker").environ()
    client = boto3.client(
        "s3", endpoint_url=settings["FRONTOFFICE_S3_ENDPOINT"], region_name=settings["FRONTOFFICE_S3_REGION"],
        aws_access_key_id=settings["FRONTOFFICE_S3_ACCESS_KEY"], aws_secret_access_key=settings["FRONTOFFICE_S3_SECRET_KEY"],
    )
    with psycopg.connect(service.database, row_factory=psycopg.rows.dict_row) as connection:
        found = connection.execute(
            "SELECT document.id, file_name, sha256, joined_into, document.page_order, pages, previews FROM document JOIN dossier ON dossier.id = dossier_id"
            " WHERE dossier.id::text = %s AND requirement = %s AND document.state = 'checked' ORDER BY document.page_order", (key, requirement)).fetchall()
    for one in found:
        content = client.get_object(Bucket=settings["FRONTOFFICE_S3_CLEAN"], Key=str(one["id"]))["Body"].read()
        one["real"] = hashlib.sha256(content).hexdigest()
    return found


@pytest.mark.parametrize(("language", "script", "size"), [("de", True, PHONE), ("fr", False, DESK)])
def test_40_mb_of_photos_over_a_link_that_is_cut_five_times_become_one_pdf(  # noqa: PLR0917 - fixtures
    service: Service, visitor: Make, link: Link, photos: list[Path], language: str, script: bool, size: tuple[int, int],
) -> None:
    person = visitor(language, script=script, size=size)
    key = begun(person, service, "Helga Schmitz")
    place = f"/dossiers/{key}/documents/contract"
    if script:
        over_a_link_that_breaks(visitor, person, link, place, photos)
        person.open(place)
    else:
        person.open(place)
        person.upload(photos[1], photos[0], *photos[2:])
    pages, names = person.page.locator(".pages__item"), [one.name for one in photos]
    assert person.look_again_until(lambda: pages.count() == len(photos)), person.page.locator("main").inner_text()
    person.wait_until_still()
    put_in_order(person, names)
    with person.page.expect_navigation():
        person.page.get_by_role("button", name=re.compile("PDF")).click()
    person.look()
    made = person.page.locator(".given__item")
    expect(made).to_have_count(1)
    person.wait_for("Checked")
    person.wait_until_still()
    assert pages.count() == 0 and made.count() == 1

    # In the bucket lie the photos as they left the phone, and the one document that is made of them.
    documents = kept(service, key, "contract")
    assert all(one["real"] == one["sha256"] for one in documents)
    (joined,) = [one for one in documents if one["joined_into"] is None]
    parts = [one for one in documents if one["joined_into"] == joined["id"]]
    assert [(one["file_name"], one["sha256"]) for one in parts] == [(one.name, hashlib.sha256(one.read_bytes()).hexdigest()) for one in photos]
    assert joined["pages"] == len(photos)

    # Each page can be looked at, turned upright.
    with person.page.expect_navigation():
        made.get_by_role("link", name=re.compile(re.escape(person.say("View")))).first.click()
    shown = person.page.locator(".view__picture")
    for number in range(1, len(photos) + 1):
        title = person.page.get_by_text(person.say("Page %(number)s of %(total)s", number=number, total=len(photos)), exact=True)
        assert person.look_again_until(lambda title=title: bool(shown.count() and title.count())), person.page.locator("main").inner_text()
        person.look()
        width, height = shown.evaluate("picture => picture.decode().then(() => [picture.naturalWidth, picture.naturalHeight])")
        assert height > width > 700
        if number < len(photos):
            person.follow("Next page")


@pytest.mark.skipif(clamd() is None, reason="ClamAV (clamav-daemon) is not installed")
@pytest.mark.parametrize(("language", "script", "size"), [("nl", True, PHONE), ("de", False, DESK)])
def test_a_virus_is_refused_and_replaced(service: Service, visitor: Make, tmp_path: Path, language: str, script: bool, size: tuple[int, int]) -> None:
    person = visitor(language, script=script, size=size)
    key = begun(person, service, "Luc Lambert")
    (tmp_path / "contract.pdf").write_bytes(raw_pdf.with_page(b"/Contents 4 0 R", {4: raw_pdf.stream(EICAR)}))
    (tmp_path / "clean.pdf").write_bytes(PDF)
    person.open(f"/dossiers/{key}/documents/contract")
    person.upload(tmp_path / "contract.pdf")
    person.wait_for("Refused")
    person.look()
    given = person.page.locator(".given__item")
    expect(given).to_contain_text(person.say("It does not count as it is: replace it, or remove it if it is not needed."))
    ways = [link.get_attribute("href") or "" for link in given.get_by_role("link").all()]
    assert len(ways) == 1 and "?replaces=" in ways[0], "what is refused is served to nobody: it can only be replaced"

    # The first thing on the dossier's page is what is to be put right, and the way there.
    person.open(f"/dossiers/{key}")
    person.page.locator(".unsolved").get_by_role("link", name=person.say("Employment contract"), exact=True).click()
    person.look()
    person.upload(tmp_path / "clean.pdf")
    person.wait_for("Checked")
    person.open(f"/dossiers/{key}")
    expect(person.page.locator(".unsolved")).to_have_count(0)
