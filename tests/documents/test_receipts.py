"""Of each filing one sealed receipt for everybody who sees the same, in every language; kept for good, whatever happens on the way."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from frontoffice.documents import housekeeping, receipts
from frontoffice.documents.checking import storage_of
from frontoffice.dossiers.filings import SEAL, audiences, fitting, hidden_from
from frontoffice.kernel.errors import Unavailable
from frontoffice.kernel.i18n import LOCALES
from frontoffice.kernel.jobs import Resources
from frontoffice.kernel.time import now, stopped_at, today
from frontoffice.kernel.web import hash_of
from frontoffice.local.seal import make_seal
from frontoffice.procedures import EDITIONS, in_force
from frontoffice.routes import ROUTES
from frontoffice.worker import learn_addresses
from tests.documents.receipting import code_of, is_sealed, text_of
from tests.engines import Database, Engines
from tests.scene import Filed, Scene, a_scene
from tests.storages import sparing, storage_as
from tests.web import Portal, running_portal

KINDS = len(audiences(in_force("single-permit", today()))) * len(LOCALES)


@pytest.fixture
async def scene(fresh_database: Database, engines: Engines, tmp_path: Path) -> AsyncIterator[Scene]:
    learn_addresses(ROUTES)
    async with storage_as(engines, "worker"), a_scene(fresh_database, engines, tmp_path) as scene:
        yield scene


async def event_of(scene: Scene) -> str:
    return str(await scene.value("SELECT event_id FROM filing ORDER BY filed_at DESC LIMIT 1"))


async def stored(scene: Scene) -> dict[UUID, bytes]:
    """Every kept receipt, its bytes compared with the hash in its row."""
    found = {}
    for row in await scene.sql("SELECT id, sha256, size FROM sealed_receipt"):
        pieces = [piece async for piece in scene.storage.open(scene.storage.clean, f"receipts/{row.id}.pdf", expected_sha256=row.sha256)]
        found[row.id] = b"".join(pieces)
        assert len(found[row.id]) == row.size and sha256(found[row.id]).hexdigest() == row.sha256
    return found


async def objects(scene: Scene) -> set[str]:
    """Those of all tests that run now: they share the bucket."""
    return {one.key async for one in scene.storage.keys(scene.storage.clean) if one.key.startswith("receipts/")}


async def named(scene: Scene) -> set[str]:
    return {f"receipts/{row.id}.pdf" for row in await scene.sql("SELECT id FROM sealed_receipt")}


async def test_filing_seals_a_receipt_for_everybody_in_every_language(scene: Scene, tmp_path: Path) -> None:
    filed = await scene.filed()
    (job,) = await scene.queued(SEAL)
    assert job.lock == f"{SEAL}/{filed.id}" and set(job.args) == {"event_id"}
    await scene.run(SEAL)
    rows = await scene.sql("SELECT id, locale, hidden FROM sealed_receipt")
    assert len(rows) == KINDS and {row.locale for row in rows} == set(LOCALES)
    assert await scene.value("SELECT sealed_at IS NOT NULL FROM filing")
    codes = set()
    kept = await stored(scene)
    for row in rows:
        pdf = kept[row.id]
        assert await is_sealed(pdf, tmp_path)
        words = text_of(pdf)
        assert filed.number in words and "Havenlogistiek Antwerpen NV" in words
        assert ("411001 Pune" in words) == ("page:residence" not in row.hidden), (row.locale, row.hidden)
        # Everybody sees that a private document was given, and its hash; its name only those who may open it.
        assert ("criminal-record.pdf" in words) == ("document:criminal-record" not in row.hidden)
        codes.add(code_of(pdf).replace("-", ""))
    assert {bytes(row[0]) for row in await scene.sql("SELECT code_hash FROM receipt_check")} == {hash_of(one) for one in codes}


async def test_the_job_again_changes_nothing(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    await scene.filed()
    await scene.run(SEAL)
    before, made = (await scene.sql("SELECT * FROM sealed_receipt ORDER BY id"), await stored(scene)), list[str]()

    async def noted(_storage: object, key: str, *_given: object, **_more: object) -> None:
        made.append(key)

    with monkeypatch.context() as patch:
        for name in ("put", "put_stream", "keep_clean"):
            patch.setattr(type(scene.storage), name, noted)
        await receipts.seal(scene.resources, await event_of(scene))
    assert (await scene.sql("SELECT * FROM sealed_receipt ORDER BY id"), await stored(scene)) == before and not made
    await receipts.seal(scene.resources, str(uuid4()))


async def test_two_workers_at_once_keep_one_of_each(scene: Scene) -> None:
    await scene.filed()
    event = await event_of(scene)
    await asyncio.gather(*(receipts.seal(scene.resources, event) for _ in range(2)))
    assert await scene.value("SELECT count(*) FROM sealed_receipt") == KINDS
    assert await scene.value("SELECT count(*) FROM receipt_check") == KINDS
    await stored(scene)


@pytest.mark.parametrize("after", [0, 1, 5])
async def test_a_storage_that_goes_away_leaves_no_half_receipt_and_the_job_goes_on_later(
        scene: Scene, monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    await scene.filed()
    put, done = type(scene.storage).put, 0

    async def breaking(self: object, key: str, body: bytearray, **more: object) -> object:
        nonlocal done
        if done >= after:
            raise Unavailable("storage")
        done += 1
        return await put(self, key, body, **more)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(type(scene.storage), "put", breaking)
        with pytest.raises(Unavailable):
            await receipts.seal(scene.resources, await event_of(scene))
    assert len(await stored(scene)) == after and not await scene.value("SELECT sealed_at FROM filing")
    await receipts.seal(scene.resources, await event_of(scene))
    assert len(await stored(scene)) == KINDS


@pytest.mark.parametrize("trouble", ["expired", "absent", "not set"])
async def test_without_a_usable_seal_nothing_pretends_to_be_sealed_and_the_log_says_why(
        scene: Scene, tmp_path: Path, trouble: str, caplog: pytest.LogCaptureFixture) -> None:
    await scene.filed()
    other = tmp_path / "other"
    other.mkdir()
    if trouble == "expired":
        make_seal(other, begins=now() - timedelta(days=10), lasts=timedelta(days=9))
    names = {"seal_key_file": "", "seal_certificate_file": ""} if trouble == "not set" else {
        "seal_key_file": str(other / "seal-key.pem"), "seal_certificate_file": str(other / "seal-certificate.pem")}
    broken = Resources(scene.resources.engine, replace(scene.settings, **names))
    with caplog.at_level(logging.ERROR), pytest.raises(Unavailable):
        await receipts.seal(broken, await event_of(scene))
    assert "receipts wait, the seal cannot be used" in caplog.text
    assert ("expired on" in caplog.text) == (trouble == "expired") and ("are not set" in caplog.text) == (trouble == "not set")
    assert not await scene.sql("SELECT FROM sealed_receipt") and not await objects(scene) & await named(scene)
    # The manifest needs no seal, and is there meanwhile.
    assert await scene.value("SELECT count(*) FROM manifest") == 1
    await receipts.seal(scene.resources, await event_of(scene))
    assert len(await stored(scene)) == KINDS


async def test_a_lost_job_is_queued_again_after_a_minute_and_only_then(scene: Scene) -> None:
    filed = await scene.filed()
    with stopped_at(now() + timedelta(minutes=2)):
        await receipts.wake(scene.resources)
        assert len(await scene.queued(SEAL)) == 1, "a job that waits is enough"
    await scene.drop_queue()
    await receipts.wake(scene.resources)
    assert not await scene.queued(SEAL)
    with stopped_at(now() + timedelta(minutes=2)):
        await receipts.wake(scene.resources)
    assert [job.lock for job in await scene.queued(SEAL)] == [f"{SEAL}/{filed.id}"]
    await scene.run(SEAL)
    with stopped_at(now() + timedelta(minutes=2)):
        await receipts.wake(scene.resources)
    assert not await scene.queued(SEAL)


async def test_a_late_receipt_tells_what_was_filed_not_what_was_changed_since(scene: Scene) -> None:
    filed = await scene.filed()
    await scene.sql("UPDATE answer SET content = content || '{\"function_title\": \"Something else\"}' WHERE dossier_id = :id AND page = 'function'", id=filed.id)
    await scene.sql("UPDATE document SET state = 'replaced' WHERE dossier_id = :id AND requirement = 'contract'", id=filed.id)
    await scene.run(SEAL)
    row = (await scene.sql("SELECT id FROM sealed_receipt WHERE locale = 'en' AND hidden = '{}'"))[0]
    words = text_of((await stored(scene))[row.id])
    assert "Software developer" in words and "Something else" not in words and "contract.pdf" in words


async def test_the_nightly_clearing_keeps_receipts_and_takes_those_without_a_row(scene: Scene) -> None:
    await scene.filed()
    await scene.run(SEAL)
    lost = f"receipts/{uuid4()}.pdf"
    await scene.storage.put(lost, bytearray(b"%PDF-"), bucket=scene.storage.clean)
    with stopped_at(now() + timedelta(days=2)), sparing(storage_of(scene.resources), lost, *await named(scene)):
        await housekeeping.clear(scene.resources)
    assert await named(scene) <= await objects(scene) and lost not in await objects(scene)


@pytest.mark.parametrize("procedure", EDITIONS, ids=lambda one: f"{one.code}-{one.edition}")
def test_whoever_reads_gets_a_receipt_and_never_one_that_shows_too_much(procedure: object) -> None:
    kinds = audiences(procedure)  # type: ignore[arg-type]
    roles = sorted(procedure.life.roles())  # type: ignore[attr-defined]
    for one in roles:
        for other in roles:
            reader = hidden_from(procedure, {one, other})  # type: ignore[arg-type]
            found = fitting(kinds, reader)
            assert found is not None and found >= reader
        assert fitting(kinds, hidden_from(procedure, {one})) == hidden_from(procedure, {one})  # type: ignore[arg-type]
    assert len(kinds) <= 4 and fitting([], frozenset()) is None


@asynccontextmanager
async def a_portal(scene: Scene, engines: Engines) -> AsyncIterator[Portal]:
    keys = {"public_jwks_file": scene.settings.public_jwks_file}
    async with storage_as(engines, "web"), running_portal(scene.database, engines, **keys) as portal:
        yield portal


async def test_people_wait_for_the_seal_and_then_get_the_same_bytes_for_good(scene: Scene, engines: Engines, tmp_path: Path) -> None:
    filed: Filed = await scene.filed()
    async with a_portal(scene, engines) as portal:
        employer = await portal.employer()
        path = f"/en/dossiers/{filed.number}/receipt"
        for address in (path, f"{path}.pdf", f"/en/dossiers/{filed.number}/manifest"):
            waits = await employer.get(address)
            assert waits.status_code == 200 and "one moment" in waits.text and "%PDF" not in waits.text and "electronic seal, " not in waits.text
        with stopped_at(now() + timedelta(minutes=15)):
            assert "it takes longer than usual" in (await employer.get(path)).text
        await scene.run(SEAL)
        shown = await employer.get(path)
        assert "With our electronic seal" in shown.text and "one moment" not in shown.text and "Software developer" in shown.text
        pdfs = [await employer.get(f"{path}.pdf") for _ in range(2)]
        assert pdfs[0].content == pdfs[1].content and await is_sealed(pdfs[0].content, tmp_path)
        assert pdfs[0].headers["content-disposition"] == f'attachment; filename="{filed.number}.pdf"'
        assert (await employer.get(f"/de/dossiers/{filed.number}/receipt.pdf")).content == pdfs[0].content, "the receipt is in the language of the dossier"
        german = await employer.get(f"{path}.pdf?language=de")
        assert german.content != pdfs[0].content and await is_sealed(german.content, tmp_path)
        manifest = await employer.get(f"/en/dossiers/{filed.number}/manifest")
        assert manifest.headers["content-type"].startswith("application/jose") and manifest.text.count(".") == 2
        assert manifest.headers["content-disposition"] == f'attachment; filename="{filed.number}.manifest.jws"'
        block = await employer.get(path, headers={"hx-request": "true", "hx-target": "sealed"})
        assert "Download the receipt (PDF)" in block.text and "<html" not in block.text


async def test_only_those_who_take_part_get_it_and_each_what_he_may_see(scene: Scene, engines: Engines) -> None:
    filed = await scene.filed()
    await scene.run(SEAL)
    async with a_portal(scene, engines) as portal:
        for browser in (await portal.employer("Luc Lambert", "Ateliers Lambert SRL", "0999000228"), await portal.official("brussels")):
            for name in ("receipt", "receipt.pdf", "manifest"):
                assert (await browser.get(f"/en/dossiers/{filed.number}/{name}")).status_code == 404
        worker, region = await portal.worker(str(filed.id)), await portal.official("flanders")
        employer = await portal.employer()
        shown = {name: text_of((await one.get(f"/en/dossiers/{filed.number}/receipt.pdf")).content)
                 for name, one in (("worker", worker), ("region", region), ("employer", employer))}
        # A worker takes part now: the employer no longer sees the worker's part.
        assert {name: "411001 Pune" in words for name, words in shown.items()} == {"worker": True, "region": True, "employer": False}
        assert "criminal-record.pdf" not in shown["employer"] and "signatory-identity.pdf" not in shown["worker"]
        for wrong in ("x", str(uuid4()), "'"):
            assert (await employer.get(f"/en/dossiers/{filed.number}/receipt", params={"filing": wrong})).status_code == 404


async def test_altered_bytes_are_never_served_as_the_receipt(scene: Scene, engines: Engines) -> None:
    filed = await scene.filed()
    await scene.run(SEAL)
    row = (await scene.sql("SELECT id FROM sealed_receipt WHERE locale = 'nl' AND hidden = '{}'"))[0]
    key = f"receipts/{row.id}.pdf"
    await scene.storage.delete(scene.storage.clean, key)
    await scene.storage.put(key, bytearray(b"%PDF-1.7 something else"), bucket=scene.storage.clean)
    async with a_portal(scene, engines) as portal:
        answer = await (await portal.employer()).get(f"/en/dossiers/{filed.number}/receipt.pdf")
        assert answer.status_code >= 500 and b"%PDF" not in answer.content
