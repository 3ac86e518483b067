"""One dated timeline for everybody, mails in the language of each, and nothing in either that its reader may not know."""

import re
from urllib.parse import urlsplit
from uuid import UUID

import httpx

from frontoffice.app import create_download_app
from frontoffice.kernel.i18n import show_day, show_moment
from frontoffice.kernel.time import add_months, now, today
from frontoffice.procedures.figures import Figures
from tests.filing import WORKER_PAGES
from tests.story.stage import EMPLOYER_MAIL, UNTIL, WORKER_MAIL, World, main_words, say, words

PRIVATE = ("12 MG Road", "411001 Pune", "Rue de la Loi 1234")
CANARIES = ("Kumar", "Rajesh", "Z1234567", "Pune", "MG Road", "Katrien De Smet", "60.000", "60000", "Rue de la Loi", "sworn translation", "contract.pdf")
NOTICES = ("notices:tell", "notices:send")


def day(name: str) -> dict[str, str]:
    return {f"{name}-day": str(today().day), f"{name}-month": str(today().month), f"{name}-year": str(today().year)}


ARRIVAL = {**day("arrived_on"), "street": "Rue de la Loi 1234", "postal_code": "2018", "municipality": "Antwerpen"}
VISIT = {**day("visited_on"), "officer": "PZ 5345, 1234"}
TOWN = (
    ("register", {"passport_seen": "Z1234567", "address_seen": "yes"}), ("issue-annex-49", UNTIL), ("record-failed-check", {**VISIT, "remark": "Nobody was there."}),
    ("record-address-check", VISIT), ("order-card", {"biometrics": "yes"}), ("deliver-card", UNTIL),
)


async def pages(world: World, number: str) -> dict[str, str]:
    return {role: words(await world.who(role).get(f"/en/dossiers/{number}")) for role in ("region", "town", "employer", "worker")}


async def download(world: World, location: str) -> httpx.Response:
    """What the download address hands out."""
    door, address = create_download_app(world.portal.settings), urlsplit(location)
    try:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=door), base_url="https://download.example") as client:
            return await client.get(f"{address.path}?{address.query}")
    finally:
        await door.app.state.engine.dispose()  # type: ignore[attr-defined]
        door.app.state.storage.close()  # type: ignore[attr-defined]


async def test_everybody_sees_whose_turn_it_is_and_by_when(world: World) -> None:
    number = await world.file()

    async def seen(role: str, locale: str = "en") -> str:
        return main_words(await world.who(role).get(f"/{locale}/dossiers/{number}"))

    for role in ("employer", "worker"):
        page = await seen(role)
        assert "You need to do nothing now." in page and "Flanders, Economic Migration has the next step: taking up the dossier." in page
        assert "The law sets no last day before the dossier is declared admissible." in page
    assert "It is your turn" in await seen("region")
    await world.go("take-up", "ask-documents")
    last = show_day(Figures.at(today()).find("complement-period", region="flanders").after(today()), "en")  # type: ignore[union-attr]
    for role in ("employer", "worker"):
        page = await seen(role)
        assert "It is your turn" in page and f"legal last day {last}" in page and "A sworn translation, please." in page
    assert "You need to do nothing now." in await seen("region")
    await world.go("complete", "admit")
    due = show_day(Figures.at(today()).find("decision-period", region="flanders").after(today()), "en")  # type: ignore[union-attr]
    for role in ("employer", "worker", "region"):
        assert due in await seen(role), role
    assert add_months(today(), 4).isoformat()[:7] in (await world.value("due_on")).isoformat()
    assert "from a professional publication: check with the authority" in words(await world.who("employer").get(f"/en/dossiers/{number}"))


async def test_one_timeline_from_the_first_day_to_the_card(world: World) -> None:
    number = await world.file()
    await world.go("take-up", "ask-documents", "complete", "admit", "grant-work", "grant", "request-visa", "issue-visa")
    assert (await world.who("town").get(f"/en/dossiers/{number}")).status_code == 404
    await world.go_as("worker", "announce-arrival", **ARRIVAL)
    assert (await world.who("other-town").get(f"/en/dossiers/{number}")).status_code == 404
    assert number not in (await world.who("other-town").get("/en/counter")).text
    assert number in (await world.who("town").get("/en/counter")).text
    for action, answers in TOWN:
        await world.go_as("town", action, **answers)
    done = ("Filed", "Taken up by the Region", "Document asked by the Region", "Asked document sent", "Declared admissible", "Work authorised",
            "Permit granted (annex 46)", "Visa D requested", "Visa D issued", "Arrival announced", "Passport and address checked by the municipality",
            "Annex 49 issued", "Police officer did not find the worker; a second visit follows", "Address confirmed by the police officer",
            "Residence card ordered", "Residence card delivered")
    moment = show_moment(now(), "en").rpartition(",")[0]
    for role, page in (await pages(world, number)).items():
        track = page.partition("Where the dossier is")[2]
        places = [track.find(f"Done: {one} {moment}") for one in done]
        assert -1 not in places and places == sorted(places), (role, [one for one, place in zip(done, places, strict=True) if place < 0])
        # Who opened the file, and what: the authorities, never the parties themselves.
        opened = page.partition("Who opened this file")[2]
        assert "Flanders, Economic Migration" in opened and ("Municipality of Antwerp" in opened or role == "region")
        assert not re.search("Katrien|Havenlogistiek|Rajesh", opened[:200])
    assert "This dossier is complete" in (await pages(world, number))["employer"]


async def test_the_employer_sees_neither_the_address_nor_private_papers_of_the_worker(world: World) -> None:
    number = await world.file()
    await world.go("take-up", "admit", "grant-work", "grant", "request-visa", "issue-visa")
    await world.go_as("worker", "announce-arrival", **ARRIVAL)
    employer = world.who("employer")
    for path in ("", "/receipt"):
        page = words(await employer.get(f"/en/dossiers/{number}{path}"))
        assert "Rue de la Loi 1234" not in page, path
    assert "Arrival announced" in words(await employer.get(f"/en/dossiers/{number}"))
    for role in ("worker", "town"):
        assert "Rue de la Loi 1234" in words(await world.who(role).get(f"/en/dossiers/{number}")), role
    leads = ""
    for code in ("criminal-record", "medical-certificate"):
        key = (await world.portal.sql("SELECT id FROM document WHERE requirement = :code AND dossier_id = :id", code=code, id=UUID(world.key)))[0][0]
        assert (await employer.get(f"/en/dossiers/{number}/documents/{code}/{key}")).status_code == 404
        assert f"{code}.pdf" not in (await employer.get(f"/en/dossiers/{number}")).text
        for role in ("worker", "region"):
            answer = await world.who(role).client.get(f"/en/dossiers/{number}/documents/{code}/{key}")
            assert answer.status_code == 303, role
            if (role, code) == ("region", "criminal-record"):
                leads = answer.headers["location"]
    # Nor does the worker see who signs for the employer.
    key = (await world.portal.sql("SELECT id FROM document WHERE requirement = 'signatory-identity' AND dossier_id = :id", id=UUID(world.key)))[0][0]
    assert (await world.who("worker").get(f"/en/dossiers/{number}/documents/signatory-identity/{key}")).status_code == 404
    # What the authority opened, and not what it was only led to, is told to both.
    for role in ("employer", "worker"):
        assert "Criminal record extract" not in words(await world.who(role).get(f"/en/dossiers/{number}")).partition("Who opened this file")[2]
    assert (await download(world, leads)).content.startswith(b"%PDF-")
    for role in ("employer", "worker"):
        assert "Criminal record extract" in words(await world.who(role).get(f"/en/dossiers/{number}")).partition("Who opened this file")[2]


async def test_each_is_told_by_mail_in_the_own_language_and_nothing_personal(world: World) -> None:
    await world.go_as("worker", "reopen-worker-part")
    answer = await world.who("worker").post(f"/en/dossiers/{world.key}/pages/worker-contact", {**WORKER_PAGES["worker-contact"], "worker_language": "fr"}, follow=False)
    assert answer.status_code == 303
    await world.go_as("worker", "confirm-worker-part", truth="yes", consent="yes")
    # The contact has no account: the mails follow that of whoever began the draft, whatever the language of the dossier.
    await world.portal.sql("UPDATE party SET locale = 'de' WHERE name = 'Katrien De Smet'")
    number = await world.file()
    await world.go("take-up", "ask-documents", "complete", "admit", "grant-work", "grant", "request-visa", "issue-visa")
    await world.go_as("worker", "announce-arrival", **ARRIVAL)
    for action, answers in TOWN:
        await world.go_as("town", action, **answers)
    await world.scene.run(*NOTICES)
    for address, locale in ((EMPLOYER_MAIL, "de"), (WORKER_MAIL, "fr")):
        mails = world.catcher.to(address)
        assert {one["Content-Language"] for one in mails} == {locale} and len(mails) >= 15
        texts = [" ".join(str(one.get_body(("plain",)).get_content()).split()) for one in mails]  # type: ignore[union-attr]
        for happened in ("The competent Region asks for a document.", "The single permit is granted (annex 46).", "The municipality issued annex 49. It proves the right to stay until the card is there."):
            assert any(say(locale, happened) in text for text in texts), (locale, happened)  # type: ignore[arg-type]
        # Each leads to the dossier in that language, by its number, and holds no secret.
        assert any(f"/{locale}/dossiers/{number}" in text for text in texts)
        for one in mails:
            html = one.get_body(("html",)).get_content()  # type: ignore[union-attr]
            # Of its headers all but those that hold random digits: one in some hundred mails would name a canary by chance.
            headers = [f"{name}: {value}" for name, value in one.items() if name not in ("Message-ID", "Content-Type")]
            whole = " ".join([*headers, html, words(html), texts[mails.index(one)]])
            assert not [canary for canary in CANARIES if canary in whole and canary.lower() not in address], one["Subject"]
            assert not re.search(r"/invitations/", whole)
    assert {one["To"] for one in world.catcher.mails} == {EMPLOYER_MAIL, WORKER_MAIL}
