"""The second receipt: one for each filing and language, only when the authority said that it can work with it, and true for good."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import pytest

from frontoffice.documents import housekeeping, validations
from frontoffice.documents.checking import storage_of
from frontoffice.documents.second_receipt import ReceivedDocument, SecondFacts, second_receipt_pdf
from frontoffice.documents.validations import VALIDATED
from frontoffice.dossiers import handed_over
from frontoffice.dossiers.filings import SEAL
from frontoffice.dossiers.language import translated_from
from frontoffice.kernel.errors import Unavailable
from frontoffice.kernel.i18n import LOCALES, show_moment, translator
from frontoffice.kernel.jobs import Resources, defer
from frontoffice.kernel.time import now, stopped_at
from frontoffice.routes import ROUTES
from frontoffice.worker import learn_addresses
from tests.documents.answering import Answered, handed, validated
from tests.documents.receipting import code_of, is_sealed, text_of
from tests.engines import Database, Engines
from tests.scene import Filed, Scene, a_scene
from tests.storages import sparing, storage_as
from tests.web import running_portal


@pytest.fixture
async def scene(fresh_database: Database, engines: Engines, tmp_path: Path) -> AsyncIterator[Scene]:
    learn_addresses(ROUTES)
    async with storage_as(engines, "worker"), storage_as(engines, "web"), a_scene(fresh_database, engines, tmp_path) as scene:
        yield scene


@pytest.fixture
async def filed(scene: Scene) -> Filed:
    return await scene.filed()


async def answered(scene: Scene, filed: Filed) -> Answered:
    told = await handed(scene, filed)
    await validated(scene, filed, told)
    return told


async def make(scene: Scene, told: Answered, outcome: str = "validated") -> None:
    await validations.validated(scene.resources, str(told.event_id), outcome)


async def seconds(scene: Scene) -> dict[str, bytes]:
    """The kept second receipts by language, each compared with the hash in its row."""
    found = {}
    for row in await scene.sql("SELECT id, locale, sha256, hidden FROM sealed_receipt WHERE kind = 'validation'"):
        pieces = [piece async for piece in scene.storage.open(scene.storage.clean, f"receipts/{row.id}.pdf", expected_sha256=row.sha256)]
        assert row.locale not in found and row.hidden == []
        found[row.locale] = b"".join(pieces)
    return found


async def test_it_names_authority_moment_filing_documents_and_signed_messages_in_every_language(scene: Scene, filed: Filed, tmp_path: Path) -> None:
    told = await answered(scene, filed)
    await make(scene, told)
    kept = await seconds(scene)
    assert set(kept) == set(LOCALES)
    assert await scene.value("SELECT validation_sealed_at IS NOT NULL FROM filing")
    row = (await scene.sql("SELECT filed_at, validated_at FROM filing"))[0]
    documents = await scene.sql("SELECT sha256, file_name FROM document WHERE dossier_id = :key", key=filed.id)
    for locale, pdf in kept.items():
        assert await is_sealed(pdf, tmp_path)
        words = text_of(pdf)
        flat = re.sub(r"[^\w-]", "", words)
        for said in (filed.number, told.sha256, told.message, told.receipt, told.answer, *(one.sha256 for one in documents)):
            assert said in flat, (locale, said)
        assert show_moment(row.filed_at, locale) in words and show_moment(row.validated_at, locale) in words  # type: ignore[arg-type]
        assert translator(locale)("Flanders, Economic Migration") in words
        # Everybody who sees the dossier may read it: no file name, and no answer.
        assert not any(one.file_name in words for one in documents) and "Pune" not in words and "4.500" not in words
    assert len({code_of(pdf) for pdf in kept.values()}) == len(LOCALES)


async def test_said_again_or_by_two_workers_at_once_there_is_still_one(scene: Scene, filed: Filed) -> None:
    told = await answered(scene, filed)
    await make(scene, told)
    first = await seconds(scene), await scene.value("SELECT validated_at FROM filing")
    with stopped_at(now() + timedelta(days=1)):
        async with scene.session() as session:
            await handed_over.note_refused(session, filed.id, told.event_id, now(), ["unreadable"], by="flanders")
            await handed_over.note_validated(session, filed.id, told.event_id, now(), by="flanders")
        await make(scene, told)
    assert (await seconds(scene), await scene.value("SELECT validated_at FROM filing")) == first
    assert await scene.value("SELECT count(*) FROM receipt_check WHERE kind = 'validation'") == len(LOCALES)


@pytest.mark.parametrize("outcome", ["refused", "", "VALIDATED"])
async def test_nothing_is_made_of_another_outcome_of_another_event_or_before_the_word(scene: Scene, filed: Filed, outcome: str) -> None:
    told = await handed(scene, filed)
    await make(scene, told)
    await validations.validated(scene.resources, str(uuid4()), "validated")
    await validated(scene, filed, told)
    await make(scene, told, outcome)
    assert not await seconds(scene)


async def test_the_word_about_another_step_makes_no_receipt(scene: Scene, filed: Filed) -> None:
    await handed(scene, filed)
    event_id = await scene.take(filed.id, "withdraw", await scene.employer(), reasons="x")
    async with scene.session() as session:
        await handed_over.note_validated(session, filed.id, event_id, now(), by="flanders")
    await validations.validated(scene.resources, str(event_id), "validated")
    assert not await seconds(scene) and not await scene.value("SELECT validated_at FROM filing")


@pytest.mark.parametrize("after", [0, 1, 3])
async def test_a_storage_that_goes_away_leaves_no_half_receipt(scene: Scene, filed: Filed, monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    told = await answered(scene, filed)
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
            await make(scene, told)
    assert len(await seconds(scene)) == after and not await scene.value("SELECT validation_sealed_at FROM filing")
    await make(scene, told)
    assert set(await seconds(scene)) == set(LOCALES)


async def test_without_a_usable_seal_it_waits(scene: Scene, filed: Filed) -> None:
    told = await answered(scene, filed)
    broken = Resources(scene.resources.engine, replace(scene.settings, seal_key_file="", seal_certificate_file=""))
    with pytest.raises(Unavailable):
        await validations.validated(broken, str(told.event_id), "validated")
    assert not await seconds(scene)


async def test_a_lost_job_is_queued_again_after_a_minute_and_only_then(scene: Scene, filed: Filed) -> None:
    told = await answered(scene, filed)
    await scene.drop_queue()
    await validations.wake(scene.resources)
    assert not await scene.queued(VALIDATED)
    with stopped_at(now() + timedelta(minutes=2)):
        await validations.wake(scene.resources)
        await validations.wake(scene.resources)
    (job,) = await scene.queued(VALIDATED)
    assert job.args == {"event_id": str(told.event_id), "outcome": "validated"} and job.lock == f"{VALIDATED}/{told.event_id}"
    await scene.run(VALIDATED)
    with stopped_at(now() + timedelta(minutes=2)):
        await validations.wake(scene.resources)
    assert not await scene.queued(VALIDATED) and len(await seconds(scene)) == len(LOCALES)


async def test_the_nightly_clearing_keeps_it(scene: Scene, filed: Filed) -> None:
    await make(scene, await answered(scene, filed))
    mine = [row[0] for row in await scene.sql("SELECT id FROM sealed_receipt")]
    with stopped_at(now() + timedelta(days=2)), sparing(storage_of(scene.resources), *mine):
        await housekeeping.clear(scene.resources)
    assert len(await seconds(scene)) == len(LOCALES)


async def test_those_who_take_part_download_it_and_nobody_else(scene: Scene, filed: Filed, engines: Engines) -> None:
    await scene.run(SEAL)
    told = await handed(scene, filed)
    path = f"/nl/dossiers/{filed.number}/second-receipt.pdf"
    async with running_portal(scene.database, engines) as portal:
        employer, region, other = await portal.employer(), await portal.official("flanders"), await portal.official("wallonia")
        assert (await employer.get(path)).status_code == 404, "before the word there is none"
        await validated(scene, filed, told)
        waiting = await employer.get(path)
        assert waiting.status_code == 200 and "html" in waiting.headers["content-type"]
        await make(scene, told)
        kept = (await seconds(scene))["nl"]
        for browser in (employer, region):
            answer = await browser.get(path)
            assert answer.content == kept and answer.headers["content-disposition"] == f'attachment; filename="{filed.number}.2.pdf"'
        assert (await other.get(path)).status_code == 404
        assert "sign-in" in (await portal.visitor().get(path)).url.path
        assert (await employer.get(path, params={"filing": str(uuid4())})).status_code == 404
        english = await employer.get(path, params={"language": "en"})
        assert english.content == (await seconds(scene))["en"] and f'"{filed.number}.2.en.pdf"' in english.headers["content-disposition"]
        for locale, one in (await seconds(scene)).items():
            line = translated_from("nl", locale, translator(locale))
            assert bool(line) == (locale != "nl") and line in " ".join(text_of(one).split())
        # The first receipt stays what it was.
        first = await employer.get(f"/nl/dossiers/{filed.number}/receipt.pdf")
        assert first.content.startswith(b"%PDF") and sha256(first.content) != sha256(kept)
        page = (await employer.get(f"/en/dossiers/{filed.number}/receipt")).text
        assert "Second receipt" in page and f"second-receipt.pdf?filing={told.event_id}" in page


async def test_a_stranger_learns_from_its_code_alone_since_when(scene: Scene, filed: Filed, engines: Engines) -> None:
    await scene.run(SEAL)
    told = await answered(scene, filed)
    await make(scene, told)
    first = await scene.value("SELECT id FROM sealed_receipt WHERE kind = 'filing' AND locale = 'en' AND hidden = '{}'")
    pdf = b"".join([one async for one in scene.storage.open(
        scene.storage.clean, f"receipts/{first}.pdf", expected_sha256=await scene.value("SELECT sha256 FROM sealed_receipt WHERE id = :key", key=first))])
    async with running_portal(scene.database, engines) as portal:
        async def told_to_a_stranger(receipt: bytes) -> str:
            answer = await portal.visitor().get(f"/en/check/{code_of(receipt).replace('-', '')}")
            assert answer.status_code == 200
            return answer.text

        second = (await seconds(scene))["en"]
        assert "The authority can work with it" in await told_to_a_stranger(second)
        assert "The authority can work with it" not in await told_to_a_stranger(pdf)
        assert filed.number not in await told_to_a_stranger(second) and "Flanders" not in await told_to_a_stranger(second)
        async with scene.session() as session:
            await handed_over.note_refused(session, filed.id, told.event_id, now(), ["unreadable"], by="flanders")
        shown = await told_to_a_stranger(second)
        assert "taken this back since" in shown and "unreadable" not in shown
        assert "taken this back since" not in await told_to_a_stranger(pdf)


FACTS = SecondFacts(
    procedure="Single permit", number="SP-2026-0000123-C", filed_at=now(), filed_by="王小明, #panic() *b*", authority="Flanders, Economic Migration", validated_at=now(),
    version=2, message=str(uuid4()), message_sha256="ab" * 32, receipt="", answer="https://example.be/" + "x" * 400, documents=(), address="https://permits.example.be/x",
    code="7K3M-9QWE-R4T6-Y8VB-N2PZ-XCDF-G5HJ", check_form="https://permits.example.be/en/check", check_address="https://permits.example.be/en/check/7K3M",
)


def test_the_same_facts_give_the_same_bytes_and_nothing_typed_stops_it() -> None:
    made = second_receipt_pdf(FACTS, "en", translator("en"))
    assert made == second_receipt_pdf(FACTS, "en", translator("en"))
    words = text_of(made)
    assert "#panic() *b*" in words and "[U+738B]" in words and "Confirmation that it arrived" not in words
    many = tuple(ReceivedDocument("A document", 10, "0f" * 32) for _ in range(120))
    assert second_receipt_pdf(replace(FACTS, documents=many), "de", translator("de")).startswith(b"%PDF")


async def test_the_job_is_known_to_the_queue(scene: Scene) -> None:
    async with scene.session() as session:
        await defer(session, VALIDATED, lock="x", event_id=str(uuid4()), outcome="validated")
    assert await scene.run(VALIDATED) == 1
