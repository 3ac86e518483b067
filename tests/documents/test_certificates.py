"""Certificates of unavailability: sealed in every language by a job, the same bytes for good, for those who take part."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from frontoffice.documents import certificates, housekeeping, retention
from frontoffice.documents.checking import storage_of
from frontoffice.dossiers import outages, relieving
from frontoffice.dossiers.language import translated_from
from frontoffice.dossiers.relieving import CERTIFY
from frontoffice.kernel.errors import Unavailable
from frontoffice.kernel.i18n import BRUSSELS, LOCALES, translator
from frontoffice.kernel.time import now, stopped_at
from frontoffice.routes import ROUTES
from frontoffice.worker import learn_addresses
from tests.documents.receipting import is_sealed, text_of
from tests.engines import Database, Engines
from tests.scene import Filed, Scene, a_scene
from tests.storages import sparing, storage_as
from tests.web import running_portal


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=BRUSSELS)


@pytest.fixture
async def scene(fresh_database: Database, engines: Engines, tmp_path: Path) -> AsyncIterator[Scene]:
    learn_addresses(ROUTES)
    async with storage_as(engines, "worker"), a_scene(fresh_database, engines, tmp_path) as scene:
        yield scene


async def relieved(scene: Scene) -> tuple[Filed, str]:
    """A dossier whose last day to send a document moved, and the relief."""
    with stopped_at(at("11-24T11:00")):
        filed, region = await scene.filed(), await scene.official("flanders")
        await scene.take(filed.id, "take-up", region)
        await scene.take(filed.id, "ask-documents", region, document="diploma", request="A translation.")
    with stopped_at(at("12-09T13:00")):
        async with scene.session() as session:
            await outages.record(session, affects="uploads", since=at("12-09T09:00"), until=at("12-09T12:00"), reason="The storage was full.", by="operations")
        await relieving.relieve(scene.resources)
    await scene.drop_queue()
    return filed, str(await scene.value("SELECT id FROM relief"))


async def kept(scene: Scene) -> dict[str, bytes]:
    """Every certificate by its language, its bytes compared with the hash in its row."""
    found = {}
    for row in await scene.sql("SELECT id, locale, sha256, size FROM certificate"):
        name = certificates.object_of(row.id)
        found[row.locale] = b"".join([piece async for piece in scene.storage.open(scene.storage.clean, name, expected_sha256=row.sha256)])
        assert len(found[row.locale]) == row.size and sha256(found[row.locale]).hexdigest() == row.sha256
    return found


async def test_one_in_every_language_sealed_dated_and_telling_all(scene: Scene, tmp_path: Path) -> None:
    filed, relief = await relieved(scene)
    with stopped_at(at("12-09T13:05")):
        await certificates.certify(scene.resources, relief)
    found = await kept(scene)
    assert set(found) == set(LOCALES)
    for pdf in found.values():
        assert await is_sealed(pdf, tmp_path)
        assert filed.number in text_of(pdf)
    words = " ".join(text_of(found["en"]).split())
    for told in ("Certificate of unavailability", "Uploading documents", "9 December 2026, 09:00", "9 December 2026, 12:00", "The storage was full.",
                 "Time to send the document", "Last day before the outage 9 December 2026", "Last day now 11 December 2026", "/en/outages"):
        assert told in words, (told, words)
    assert "Kumar" not in words and "Havenlogistiek" not in words
    assert await scene.value("SELECT sealed_at FROM relief") is not None


async def test_the_job_again_changes_nothing(scene: Scene) -> None:
    _filed, relief = await relieved(scene)
    await certificates.certify(scene.resources, relief)
    before = await kept(scene)
    await certificates.certify(scene.resources, relief)
    assert await kept(scene) == before
    await certificates.certify(scene.resources, str(uuid4()))


async def test_two_workers_at_once_keep_one_of_each(scene: Scene) -> None:
    _filed, relief = await relieved(scene)
    await asyncio.gather(*(certificates.certify(scene.resources, relief) for _ in range(2)))
    assert set(await kept(scene)) == set(LOCALES)


async def test_a_job_that_was_cut_goes_on_where_it_was(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    _filed, relief = await relieved(scene)
    put, left = type(scene.storage).put, [2]

    async def failing(*arguments: object, **more: object) -> object:
        left[0] -= 1
        if left[0] < 0:
            raise Unavailable("storage")
        return await put(*arguments, **more)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(type(scene.storage), "put", failing)
        with pytest.raises(Unavailable):
            await certificates.certify(scene.resources, relief)
    first = await kept(scene)
    assert len(first) == 2 and await scene.value("SELECT sealed_at FROM relief") is None
    await certificates.certify(scene.resources, relief)
    found = await kept(scene)
    assert set(found) == set(LOCALES) and all(found[one] == pdf for one, pdf in first.items())


async def test_without_a_seal_nothing_is_kept(scene: Scene) -> None:
    _filed, relief = await relieved(scene)
    Path(scene.settings.seal_key_file).write_text("no key")
    with pytest.raises(Unavailable):
        await certificates.certify(scene.resources, relief)
    assert await kept(scene) == {}


async def test_a_lost_job_is_queued_again_after_a_minute_and_only_then(scene: Scene) -> None:
    _filed, relief = await relieved(scene)
    with stopped_at(at("12-09T13:00") + timedelta(seconds=30)):
        await certificates.wake(scene.resources)
        assert not await scene.queued(CERTIFY)
    with stopped_at(at("12-09T13:00") + timedelta(seconds=61)):
        await certificates.wake(scene.resources)
        await certificates.wake(scene.resources)
        assert [one.args for one in await scene.queued(CERTIFY)] == [{"relief_id": relief}]


async def test_the_nightly_clearing_keeps_them_and_retention_takes_them(scene: Scene) -> None:
    filed, relief = await relieved(scene)
    await certificates.certify(scene.resources, relief)
    stray = certificates.object_of(uuid4())
    await scene.storage.put(stray, bytearray(b"%PDF-1.7"), bucket=scene.storage.clean)
    mine = {certificates.object_of(row[0]) for row in await scene.sql("SELECT id FROM certificate")}
    assert len(mine) == len(LOCALES)
    with stopped_at(now() + timedelta(days=60)):
        with sparing(storage_of(scene.resources), stray, *mine):
            await housekeeping.clear(scene.resources)
        assert stray not in [one.key async for one in scene.storage.keys(scene.storage.clean)]
        assert len(await kept(scene)) == len(LOCALES)
        await scene.take(filed.id, "declare-inadmissible", await scene.official("flanders"), reasons="Nothing came.")
        async with scene.session() as session:
            await retention.order(session, filed.number, reason="A test", by="ticket 1")
        await retention.carry_out(scene.resources)
    assert await scene.value("SELECT count(*) FROM certificate") == await scene.value("SELECT count(*) FROM relief") == 0
    assert not mine & {one.key async for one in scene.storage.keys(scene.storage.clean)}


async def test_those_who_take_part_get_it_from_the_dossier_s_page(scene: Scene, engines: Engines) -> None:
    filed, relief = await relieved(scene)
    with stopped_at(at("12-09T13:10")):
        async with running_portal(scene.database, engines) as portal:
            employer = await portal.employer()
            page = (await employer.get(f"/en/dossiers/{filed.number}")).text
            assert "The last day moved from 9 December 2026 to 11 December 2026" in page and "being sealed" in page
            assert (await employer.get(f"/en/dossiers/{filed.number}/certificates/{relief}")).status_code == 404
            await certificates.certify(scene.resources, relief)
            found = await kept(scene)
            page = (await employer.get(f"/en/dossiers/{filed.number}")).text
            assert f'/en/dossiers/{filed.number}/certificates/{relief}"' in page and f"certificates/{relief}?language=en" in page
            # The certificate is the one in the language of the dossier; the others say that they are translations of it.
            for address, locale in ((f"/fr/dossiers/{filed.number}/certificates/{relief}", "nl"), (f"/en/dossiers/{filed.number}/certificates/{relief}?language=fr", "fr"),
                                    (f"/de/dossiers/{filed.number}/certificates/{relief}?language=xx", "nl"),
                                    (f"/nl/dossiers/{filed.number}/certificates/{relief}?language=en", "en")):
                answer, line = await employer.get(address), translated_from("nl", locale, translator(locale))
                assert bool(line) == (locale != "nl") and line in " ".join(text_of(found[locale]).split())
                assert answer.content == found[locale] and f"{filed.number}.certificate-{locale}.pdf" in answer.headers["content-disposition"]
            region, other = await portal.official("flanders"), await portal.official("wallonia")
            assert (await region.get(f"/en/dossiers/{filed.number}/certificates/{relief}")).status_code == 200
            assert (await other.get(f"/en/dossiers/{filed.number}/certificates/{relief}")).status_code == 404


async def test_a_certificate_of_one_dossier_is_not_found_under_another(scene: Scene, engines: Engines) -> None:
    _filed, relief = await relieved(scene)
    await certificates.certify(scene.resources, relief)
    with stopped_at(at("12-09T13:10")):
        other = await scene.filed()
        async with running_portal(scene.database, engines) as portal:
            assert (await (await portal.employer()).get(f"/en/dossiers/{other.number}/certificates/{UUID(relief)}")).status_code == 404
