"""Every way by which an authority reads a dossier is recorded and ends taking back; every download is recorded, whoever it is, and stands in nobody's way."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from uuid import UUID, uuid4

import httpx
import pytest
from litestar.routes import HTTPRoute

from frontoffice.app import create_download_app
from frontoffice.dossiers.corrections import OPENED
from frontoffice.dossiers.idle import IDLE_DRAFT, WARNED_BEFORE
from frontoffice.dossiers.jobs import clear
from frontoffice.dossiers.openings import openings
from frontoffice.kernel.errors import Conflict
from frontoffice.kernel.jobs import Resources
from frontoffice.kernel.storage import Storage
from frontoffice.kernel.time import now, stopped_at
from tests.authorities.systems import DOSSIERS, Town
from tests.documents.given import a_picture
from tests.dossiers.drafts import THAT_DAY, Hat, Office, an_office
from tests.engines import Database, Engines
from tests.storages import storage_as
from tests.web import Browser

SEEN = "/en/dossiers/{number}"
# Route, address, and whether the record names the document.
READS = (
    ("show-dossier", SEEN, False), ("receipt", f"{SEEN}/receipt", False), ("receipt-pdf", f"{SEEN}/receipt.pdf", False),
    ("second-receipt-pdf", f"{SEEN}/second-receipt.pdf", False), ("certificate", f"{SEEN}/certificates/{{relief}}", False),
    ("manifest", f"{SEEN}/manifest", False), ("show-slot", f"{SEEN}/documents/contract", False),
    ("view-document", f"{SEEN}/documents/contract/{{document}}/view", True), ("preview", f"{SEEN}/documents/contract/{{document}}/previews/1", True),
    ("open-document", f"{SEEN}/documents/contract/{{document}}", True), ("show-judgement", f"{SEEN}/documents/contract/{{document}}/judgement", False),
    ("show-step", f"{SEEN}/steps/take-up", False), ("show-page", f"{SEEN}/pages/contract", False),
    ("api-dossier", f"{DOSSIERS}/{{number}}", False), ("api-document", f"{DOSSIERS}/{{number}}/documents/{{document}}", True),
)
# Pages about one dossier that show an authority nothing of it.
TELLS_NOTHING = {
    "transfer": "not for authorities", "planner": "not for authorities", "who-is-told": "not for authorities", "worker": "not for authorities",
    "mandate": "not for authorities", "check-dossier": "leads to the dossier", "show-hand-over": "for operators, who take part in no dossier",
}


@pytest.fixture
async def storage(engines: Engines) -> AsyncIterator[Storage]:
    async with storage_as(engines, "worker") as storage:
        yield storage


@dataclass
class Filed:
    """A filed dossier with all that can be read of it."""

    office: Office
    hat: Hat
    number: str
    document: UUID
    relief: UUID

    async def recorded(self) -> list[tuple[UUID | None, UUID]]:
        """The documents and the parties of all access records."""
        return [tuple(row) for row in await self.office.portal.sql("SELECT document_id, party_id FROM opening ORDER BY opened_at")]

    async def download(self, browser: Browser) -> httpx.Response:
        """The contract, as a browser gets it that is led to the download address."""
        leads = await browser.client.get(f"/en/dossiers/{self.number}/documents/contract/{self.document}")
        assert leads.status_code == 303, leads.text
        door = create_download_app(self.office.portal.settings)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=door), base_url="https://download.example") as client:
            answer = await client.get(leads.headers["location"])
        await door.app.state.engine.dispose()  # type: ignore[attr-defined]
        door.app.state.storage.close()  # type: ignore[attr-defined]
        return answer


@asynccontextmanager
async def a_filed_dossier(database: Database, engines: Engines, storage: Storage) -> AsyncIterator[Filed]:
    """Filed in Flanders, with pictures of the contract, its bytes, a second receipt and a certificate."""
    async with an_office(database, engines) as office:
        hat = await office.employer()
        key = await office.ready(hat)
        [[document]] = await office.portal.sql("SELECT id FROM document WHERE requirement = 'contract'")
        picture, content = a_picture(1), b"%PDF-1.4 the contract"
        relief = uuid4()
        for name, held in ((str(document), content), (f"previews/{document}/1.webp", picture), (f"certificates/{relief}.pdf", content)):
            await storage.put(name, bytearray(held), bucket=storage.clean)
        await office.portal.sql("UPDATE document SET sha256 = :sha, size = :size, previews = 1, previewed_at = now() WHERE id = :id",
                                sha=sha256(content).hexdigest(), size=len(content), id=document)
        await office.portal.sql("INSERT INTO preview (document_id, number, size, sha256, width, height) VALUES (:id, 1, :size, :sha, 60, 85)",
                                id=document, size=len(picture), sha=sha256(picture).hexdigest())
        number = await office.file(hat, key)
        await office.portal.sql("UPDATE filing SET validated_at = :now", now=now())
        await office.portal.sql(
            "INSERT INTO relief (id, dossier_id, clock, started_on, was_on, last_day, outages, granted_at)"
            " SELECT :id, id, 'complement', :day, :day, :day, '[]', :now FROM dossier", id=relief, day=THAT_DAY.date(), now=now())
        await office.portal.sql(
            "INSERT INTO certificate (id, relief_id, dossier_id, locale, sha256, size, sealed_at) SELECT :id, :id, id, 'nl', :sha, :size, :now FROM dossier",
            id=relief, sha=sha256(content).hexdigest(), size=len(content), now=now())
        yield Filed(office, hat, number, UUID(str(document)), relief)


@pytest.mark.parametrize(("route", "address", "names_document"), READS, ids=[one[0] for one in READS])
async def test_an_official_who_reads_is_recorded_and_ends_taking_back(
    fresh_database: Database, engines: Engines, storage: Storage, route: str, address: str, names_document: bool,
) -> None:
    async with a_filed_dossier(fresh_database, engines, storage) as filed:
        office, path = filed.office, address.format(number=filed.number, document=filed.document, relief=filed.relief)
        official = await office.official("flanders")
        with stopped_at(THAT_DAY + timedelta(minutes=5)):
            if route.startswith("api-"):
                town = Town(office)
                system = await town.system("flanders")
                answer = await system.get(path)
                [client] = town.clients
                await client.aclose()
            elif route == "open-document":
                answer = await filed.download(await office.browser(official))
            else:
                answer = await (await office.browser(official)).get(path)
            # A page of the draft tells what happened since it was filed.
            assert answer.status_code == (409 if route == "show-page" else 200), answer.text
        [[document, party]] = await filed.recorded()
        assert document == (filed.document if names_document else None)
        assert await office.portal.sql("SELECT FROM party WHERE id = :id AND authority_code = 'flanders'", id=party)
        with stopped_at(THAT_DAY + timedelta(minutes=10)):
            assert "take-back" not in {one.action for one in (await office.see(filed.hat, filed.number)).steps}
            with pytest.raises(Conflict) as refused:
                await office.take(filed.hat, filed.number, "take-back")
        assert refused.value.message == OPENED


async def test_no_way_to_read_a_dossier_is_missing_above(fresh_database: Database, engines: Engines) -> None:
    async with an_office(fresh_database, engines) as office:
        found = {
            handler.name for route in office.portal.app.app.routes if isinstance(route, HTTPRoute) for handler in route.route_handlers
            if "GET" in handler.http_methods and {"{key}", "{number}", "{document}"} & set(route.path_format.split("/"))
        }
    assert found - set(TELLS_NOTHING) == {name for name, _address, _document in READS}


async def test_lists_are_no_look_at_a_dossier(fresh_database: Database, engines: Engines, storage: Storage) -> None:
    async with a_filed_dossier(fresh_database, engines, storage) as filed:
        browser = await filed.office.browser(await filed.office.official("flanders"))
        for path in ("/en/counter", "/en/counter?state=all", f"/en/counter?q={filed.number}", "/en/counter/passed-on"):
            assert (await browser.get(path)).status_code == 200
        # To be led to a document is not to have it.
        await browser.client.get(f"/en/dossiers/{filed.number}/documents/contract/{filed.document}")
        assert await filed.recorded() == []


async def test_every_download_is_recorded_and_those_of_the_applicant_are_in_nobody_s_way(
    fresh_database: Database, engines: Engines, storage: Storage,
) -> None:
    async with a_filed_dossier(fresh_database, engines, storage) as filed:
        own = await filed.office.browser(filed.hat)
        with stopped_at(THAT_DAY + timedelta(minutes=5)):
            for _again in range(3):
                assert (await filed.download(own)).content == b"%PDF-1.4 the contract"
            # Looking at one's own pages and pictures leaves nothing.
            for path in ("", "/receipt", "/documents/contract", f"/documents/contract/{filed.document}/view", f"/documents/contract/{filed.document}/previews/1"):
                assert (await own.get(f"/en/dossiers/{filed.number}{path}")).status_code == 200
        assert await filed.recorded() == [(filed.document, filed.hat.party)] * 3
        with stopped_at(THAT_DAY + timedelta(minutes=10)):
            page = (await own.get(f"/en/dossiers/{filed.number}")).text
            assert "facts__who" not in page
            await filed.office.take(filed.hat, filed.number, "take-back")
            assert (await filed.office.see(filed.hat, filed.number)).is_draft


async def test_an_authority_s_downloads_are_recorded_each_and_shown_as_one_line_a_day(fresh_database: Database, engines: Engines, storage: Storage) -> None:
    async with a_filed_dossier(fresh_database, engines, storage) as filed:
        for day in range(2):
            with stopped_at(THAT_DAY + timedelta(days=day, minutes=5)):
                official = await filed.office.browser(await filed.office.official("flanders"))
                for _again in range(30):
                    assert (await filed.download(official)).status_code == 200
        assert len(await filed.recorded()) == 60
        with stopped_at(THAT_DAY + timedelta(days=1, minutes=10)):
            async with filed.office.acting(filed.hat) as (session, _actor):
                [[identity]] = await filed.office.portal.sql("SELECT id FROM dossier")
                found = await openings(session, identity)
            assert [(one.last_at, list(one.documents)) for one in found] == [
                (THAT_DAY + timedelta(days=day, minutes=5), ["contract"]) for day in (1, 0)]
            page = (await (await filed.office.browser(filed.hat)).get(f"/en/dossiers/{filed.number}")).text
            assert page.count("facts__who") == 2


async def test_a_look_at_an_earlier_filing_does_not_hide_one_at_the_next(fresh_database: Database, engines: Engines, storage: Storage) -> None:
    async with a_filed_dossier(fresh_database, engines, storage) as filed:
        office, region = filed.office, await filed.office.official("flanders")
        with stopped_at(THAT_DAY + timedelta(minutes=5)):
            await office.take(filed.hat, filed.number, "take-back")
            # A page that was being made while it was taken back.
            await office.portal.sql("INSERT INTO opening (id, dossier_id, party_id, person_id, opened_at) SELECT :id, id, :party, :person, :now FROM dossier",
                                    id=uuid4(), party=region.party, person=region.person, now=now())
        with stopped_at(THAT_DAY + timedelta(minutes=6)):
            await office.take(filed.hat, filed.number, "submit")
        with stopped_at(THAT_DAY + timedelta(minutes=7)):
            assert (await (await office.browser(region)).get(f"/en/dossiers/{filed.number}")).status_code == 200
        assert len(await filed.recorded()) == 2
        with stopped_at(THAT_DAY + timedelta(minutes=8)), pytest.raises(Conflict):
            await office.take(filed.hat, filed.number, "take-back")


async def test_a_draft_whose_documents_were_downloaded_is_cleared_like_any_other(fresh_database: Database, engines: Engines, storage: Storage) -> None:
    async with an_office(fresh_database, engines) as office:
        hat = await office.employer()
        key = await office.start(hat)
        [document] = await office.bring(hat, key, ["contract"])
        await storage.put(str(document), bytearray(b"x"), bucket=storage.clean)
        await office.portal.sql("UPDATE document SET sha256 = :sha, size = 1 WHERE id = :id", sha=sha256(b"x").hexdigest(), id=document)
        filed = Filed(office, hat, key, document, uuid4())
        assert (await filed.download(await office.browser(hat))).content == b"x"
        assert await filed.recorded() == [(document, hat.party)]
        await office.portal.sql("UPDATE dossier SET warned_at = :then", then=THAT_DAY + IDLE_DRAFT - WARNED_BEFORE)
        with stopped_at(THAT_DAY + IDLE_DRAFT + timedelta(days=1)):
            await clear(Resources(office.portal.engine, office.portal.settings))
        assert await office.count("opening") == await office.count("dossier") == 0
