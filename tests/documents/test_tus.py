"""The tus protocol at our door: each request gets the answer that the protocol and the access rule say."""

import asyncio
import hashlib
import random
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from frontoffice.documents import senders, slots, tus, unfinished
from frontoffice.documents.unfinished import LAPSED
from frontoffice.kernel.time import now, stopped_at
from frontoffice.kernel.uploads import UploadLimits
from frontoffice.kernel.web import hash_of
from tests.documents.sending import BYTES, Desk, a_desk, a_pdf, b64, said, slowly
from tests.engines import Database, Engines

PROBLEM = "application/problem+json"


@pytest.fixture
async def desk(fresh_database: Database, engines: Engines, tmp_path: Path) -> AsyncIterator[Desk]:
    async with a_desk(fresh_database, engines, tmp_path) as desk:
        yield desk


async def test_a_file_in_two_stretches_is_checked_as_it_was_sent(desk: Desk) -> None:
    content = a_pdf(700_000)
    where = await desk.create(len(content), "Überblick.pdf", issued="2026-01-02")
    assert (await desk.document(where)).state == "uploading" and await desk.offset(where) == 0
    first = await desk.send(where, 0, content[:300_000])
    assert first.status_code == 204 and first.headers["upload-offset"] == "300000" and first.headers["upload-expires"].endswith("GMT")
    shown = await desk.ask("HEAD", where)
    assert shown.status_code == 200 and shown.headers["upload-length"] == str(len(content)) and shown.headers["cache-control"] == "no-store"
    assert shown.headers["upload-metadata"] == f"filename {b64('Überblick.pdf')},filetype {b64('application/pdf')}"
    last = await desk.send(where, 300_000, content[300_000:])
    assert last.status_code == 204 and last.headers["upload-offset"] == str(len(content)) and "upload-expires" not in last.headers
    row = await desk.document(where)
    assert (row.state, row.file_name, str(row.issued_on), row.given_role, row.page_order) == ("received", "Überblick.pdf", "2026-01-02", "employer", 1)
    # The answer to the last stretch may get lost: asking once more tells that all is there.
    assert await desk.offset(where) == len(content)
    await desk.checked(where, content)
    assert await desk.offset(where) == len(content) and await desk.left() == (0, 0)
    changes = [one.state for one in await desk.scene.sql("SELECT state FROM document_change ORDER BY id")]
    assert changes == ["uploading", "received", "checking", "checked"]


async def test_what_the_server_can_do_is_told_to_anybody(desk: Desk) -> None:
    answer = await desk.client.options("/uploads")
    assert answer.status_code == 204 and answer.headers["tus-resumable"] == answer.headers["tus-version"] == "1.0.0"
    assert set(answer.headers["tus-extension"].split(",")) == {"creation", "creation-with-upload", "expiration", "checksum", "termination"}
    assert answer.headers["tus-max-size"] == "100000000" and answer.headers["tus-checksum-algorithm"] == "sha1,sha256"


# What is wrong with a creation, the status that says so, and whether it reads as a refusal for people.
CREATIONS: dict[str, tuple[dict[str, Any], int]] = {
    "another version": ({"tus-resumable": "0.2.2", "upload-length": "5"}, 412),
    "no version": ({"tus-resumable": "", "upload-length": "5"}, 412),
    "no length": ({}, 400),
    "a length in words": ({"upload-length": "five"}, 400),
    "a negative length": ({"upload-length": "-5"}, 400),
    "a length in other digits": ({"upload-length": "٥".encode()}, 400),
    "a length of a hundred digits": ({"upload-length": "9" * 100}, 400),
    "a length that is not known yet": ({"upload-defer-length": "1"}, 501),
    "a part of a joined upload": ({"upload-length": "5", "upload-concat": "partial"}, 501),
    "an empty file": ({"upload-length": "0"}, 422),
    "one byte too many": ({"upload-length": "100000001"}, 413),
    "a claim of five gigabytes": ({"upload-length": "5000000000"}, 413),
    "metadata that is no base64": ({"upload-length": "5", "upload-metadata": "filename ###"}, 400),
    "metadata that is no text": ({"upload-length": "5", "upload-metadata": f"filename {b64(bytes([0xff, 0xfe]))}"}, 400),
    "metadata without end": ({"upload-length": "5", "upload-metadata": f"filename {b64('x' * 9000)}"}, 400),
    "an issued day that does not exist": ({"upload-length": "5", **said(issued="2026-02-30")}, 422),
    "an issued day to come": ({"upload-length": "5", **said(issued="2126-02-03")}, 422),
    "a document to replace that is not there": ({"upload-length": "5", **said(replaces=str(uuid4()))}, 403),
    "a sum of an unknown kind": ({"upload-length": "5", "upload-checksum": "md5 " + b64(b"x" * 16)}, 400),
}


@pytest.mark.parametrize("case", CREATIONS)
async def test_a_creation_that_is_not_right_makes_nothing(desk: Desk, case: str) -> None:
    headers, status = CREATIONS[case]
    answer = await desk.ask("POST", headers=headers)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == PROBLEM and answer.json()["status"] == status and answer.json()["detail"]
    assert answer.headers["tus-resumable"] == "1.0.0" and answer.headers.get("tus-version") == ("1.0.0" if status == 412 else None)
    assert answer.headers.get("tus-max-size") == ("100000000" if status == 413 else None)
    assert await desk.scene.value("SELECT count(*) FROM document") == 0


async def test_reasons_are_told_in_the_language_that_the_page_asks_for(desk: Desk) -> None:
    answer = await desk.ask("POST", headers={"upload-length": "0", "accept-language": "de"})
    assert answer.json()["detail"] == "Diese Datei ist leer: Wählen Sie eine andere"
    answer = await desk.ask("POST", headers={"upload-length": "100000001", "accept-language": "fr"})
    assert "100" in answer.json()["detail"] and answer.json()["detail"].startswith("Ce fichier est trop")


NAMES = {
    "../../etc/passwd": "passwd", "C:\\Users\\Jan\\diploma.pdf": "diploma.pdf", "evil\u202efdp.exe": "evilfdp.exe", "a\x00b\r\nSet-Cookie: x.pdf": "abSet-Cookie: x.pdf",
    "نسخة العقد.pdf": "نسخة العقد.pdf", "नियुक्ति पत्र.pdf": "नियुक्ति पत्र.pdf", "契約書.pdf": "契約書.pdf", "x" * 251 + ".pdf": "x" * 146 + ".pdf", "": "", "..": "", "\u202e": "",
    "Zoe\u0308.pdf": "Zo\u00eb.pdf", "<script>alert(1)</script>.pdf": "script>.pdf", "'; DROP TABLE document; --.pdf": "'; DROP TABLE document; --.pdf",
}


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
async def test_names_in_any_script_are_data_and_never_a_path(desk: Desk, name: str) -> None:
    content = a_pdf()
    where = await desk.create(len(content), name)
    assert (await desk.document(where)).file_name == NAMES[name]
    assert (await desk.send(where, 0, content)).status_code == 204
    for key in [one[0] for one in await desk.scene.sql("SELECT key FROM segment")]:
        assert isinstance(key, UUID)
    if not NAMES[name] or NAMES[name].endswith(".pdf"):
        await desk.checked(where, content)


CONTINUATIONS: dict[str, tuple[dict[str, str], int]] = {
    "another version": ({"tus-resumable": "2.0"}, 412),
    "another kind of content": ({"content-type": "application/octet-stream"}, 415),
    "no offset": ({"upload-offset": ""}, 400),
    "an offset in words": ({"upload-offset": "ten"}, 400),
    "an offset before": ({"upload-offset": "9"}, 409),
    "an offset after": ({"upload-offset": "11"}, 409),
    "an offset beyond the end": ({"upload-offset": "1000"}, 409),
    "a wrong sum": ({"upload-checksum": "sha256 " + b64(hashlib.sha256(b"other").digest())}, 460),
    "a sum that is none": ({"upload-checksum": "sha1 ###"}, 400),
    "a sum of an unknown kind": ({"upload-checksum": "crc32 AAAA"}, 400),
    "more than the file is long": ({"content-length": "1000000"}, 413),
}


@pytest.mark.parametrize("case", CONTINUATIONS)
async def test_a_stretch_that_does_not_fit_changes_nothing(desk: Desk, case: str) -> None:
    headers, status = CONTINUATIONS[case]
    where = await desk.create(100)
    assert (await desk.send(where, 0, b"0123456789")).status_code == 204
    body = slowly(b"x" * 200) if status == 413 else b"abc"
    answer = await desk.ask("PATCH", where, {**BYTES, "upload-offset": "10", **headers}, content=body)
    assert answer.status_code == status and answer.headers["content-type"] == PROBLEM and answer.headers["tus-resumable"] == "1.0.0"
    assert await desk.offset(where) == 10
    assert await desk.scene.value("SELECT sum(size) FROM segment") == 10


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
async def test_a_right_sum_counts(desk: Desk, algorithm: str) -> None:
    content = a_pdf(12_000_000)
    where, half = await desk.create(len(content)), 11_000_000
    for start, stretch in ((0, content[:half]), (half, content[half:])):
        total = hashlib.new(algorithm, stretch).digest()
        answer = await desk.send(where, start, stretch, **{"upload-checksum": f"{algorithm} {b64(total)}"})
        assert answer.status_code == 204
    await desk.checked(where, content)


async def test_a_wrong_sum_over_many_stretches_keeps_none_of_them(desk: Desk) -> None:
    where = await desk.create(12_000_000)
    answer = await desk.send(where, 0, slowly(bytes(11_000_000)), **{"upload-checksum": f"sha256 {b64(bytes(32))}"})
    assert answer.status_code == 460 and await desk.offset(where) == 0
    assert await desk.scene.value("SELECT count(*) FROM segment") == 0


async def test_the_first_stretch_may_come_with_the_creation(desk: Desk) -> None:
    content = a_pdf(200_000)
    headers = {"upload-length": str(len(content)), **said(filename="contract.pdf", filetype="application/pdf"), **BYTES}
    answer = await desk.ask("POST", headers=headers, content=content[:50_000])
    assert answer.status_code == 201 and answer.headers["upload-offset"] == "50000"
    assert (await desk.send(answer.headers["location"], 50_000, content[50_000:])).status_code == 204
    await desk.checked(answer.headers["location"], content)


async def test_more_than_was_announced_is_not_read(desk: Desk) -> None:
    where, read = await desk.create(1000), 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        for _ in range(1000):
            read += 100_000
            yield b"x" * 100_000

    answer = await desk.send(where, 0, endless())
    assert answer.status_code == 413 and read <= 200_000 and await desk.offset(where) == 0


async def test_an_announcement_whose_answer_was_lost_leads_to_the_same_upload(desk: Desk) -> None:
    content = a_pdf(100_000)
    first = await desk.create(len(content), key="3f6a")
    assert (await desk.send(first, 0, content[:40_000])).status_code == 204
    again = await desk.create(len(content), key="3f6a")
    other = await desk.create(len(content), key="3f6b")
    assert again == first and other != first and await desk.offset(again) == 40_000
    assert (await desk.send(first, 40_000, content[40_000:])).status_code == 204
    # Even after its end: it is not brought twice.
    assert await desk.create(len(content), key="3f6a") == first
    await desk.checked(first, content)


async def test_the_page_asks_what_it_may_go_on_with(desk: Desk) -> None:
    where, done = await desk.create(1000, "a.pdf"), await desk.create(4, "b.pdf")
    await desk.send(where, 0, b"x" * 300)
    await desk.send(done, 0, b"%PDF")
    elsewhere = await desk.create(5, token=desk.token(requirement="other"))
    (found,) = (await desk.ask("GET")).json()
    assert found.pop("expires") > now().isoformat()
    assert found == {"id": where.rsplit("/", 1)[1], "url": where, "name": "a.pdf", "size": 1000, "offset": 300}
    assert (await desk.ask("HEAD", elsewhere)).status_code == 404


async def test_a_person_may_end_an_upload_and_a_job_clears_it_away(desk: Desk) -> None:
    where = await desk.create(1000)
    await desk.send(where, 0, b"x" * 300)
    assert (await desk.ask("DELETE", where)).status_code == 204
    assert (await desk.document(where)).state == "replaced"
    assert [(await desk.ask(method, where, {**BYTES, "upload-offset": "300"})).status_code for method in ("HEAD", "PATCH", "DELETE")] == [410] * 3
    assert (await desk.ask("GET")).json() == []
    await unfinished.lapse(desk.scene.resources)
    assert await desk.left() == (0, 0) and await _in_quarantine(desk) == []


async def _in_quarantine(desk: Desk) -> list[str]:
    keys = {str(one[0]) for one in await desk.scene.sql("SELECT key FROM segment")}
    return [one.key async for one in desk.scene.storage.keys(desk.scene.storage.quarantine) if one.key in keys]


async def test_what_has_ended_cannot_be_ended(desk: Desk) -> None:
    where = await desk.create(4)
    await desk.send(where, 0, b"%PDF")
    assert (await desk.ask("DELETE", where)).status_code == 409
    assert (await desk.document(where)).state == "received"


async def test_an_upload_whose_time_is_over_lapses_with_a_reason(desk: Desk) -> None:
    where, other = await desk.create(1000), await desk.create(4, "fresh.pdf")
    await desk.send(where, 0, b"x" * 300)
    keys = [str(one[0]) for one in await desk.scene.sql("SELECT key FROM segment")]
    with stopped_at(now() + unfinished.LIFETIME - timedelta(hours=1)):
        await unfinished.lapse(desk.scene.resources)
    assert (await desk.document(where)).state == "uploading"
    await desk.scene.sql("UPDATE upload SET expires_at = :then WHERE document_id = :id", then=now() - timedelta(seconds=1), id=UUID(where.rsplit("/", 1)[1]))
    assert [(await desk.ask(method, where, {**BYTES, "upload-offset": "300"})).status_code for method in ("HEAD", "PATCH")] == [410] * 2
    await unfinished.lapse(desk.scene.resources)
    await unfinished.lapse(desk.scene.resources)
    row = await desk.document(where)
    assert (row.state, row.reason) == ("refused", LAPSED) and (await desk.document(other)).state == "uploading"
    assert await desk.left() == (1, 0)
    assert not [one.key async for one in desk.scene.storage.keys(desk.scene.storage.quarantine) if one.key in keys]
    assert (await desk.ask("HEAD", where)).status_code == 410


def _altered(token: str) -> str:
    return token[:-3] + ("AAA" if not token.endswith("AAA") else "BBB")


STRANGERS: dict[str, tuple[Callable[[Desk], str], int]] = {
    "no token": (lambda _desk: "", 401),
    "nonsense": (lambda _desk: "x" * 5000, 401),
    "altered": (lambda desk: _altered(desk.token()), 401),
    "expired": (lambda desk: desk.token(hours=-0.01), 401),
    "made for too long": (lambda desk: desk.token(hours=13), 401),
    "of a session that never was": (lambda desk: desk.token(secret="nobody"), 401),
    "of another slot": (lambda desk: desk.token(requirement="diploma"), 404),
    "of a slot that does not exist": (lambda desk: desk.token(requirement="nothing"), 404),
    "of a dossier that does not exist": (lambda desk: desk.token(dossier=uuid4()), 404),
}


@pytest.mark.parametrize("kind", STRANGERS)
async def test_a_token_that_is_not_right_opens_nothing(desk: Desk, kind: str) -> None:
    make, status = STRANGERS[kind]
    where = await desk.create(1000)
    before = await desk.scene.sql("SELECT * FROM upload")
    headers = {**desk.headers(), **BYTES, "authorization": f"Bearer {make(desk)}", "upload-offset": "0"}
    for method in ("HEAD", "PATCH", "DELETE"):
        answer = await desk.client.request(method, where, headers=headers, content=b"x" if method == "PATCH" else None)
        assert answer.status_code == status and answer.headers["tus-resumable"] == "1.0.0", method
        assert ("www-authenticate" in answer.headers) == (status == 401)
    assert await desk.scene.sql("SELECT * FROM upload") == before


async def test_another_person_finds_nothing(desk: Desk) -> None:
    where = await desk.create(1000)
    stranger = await desk.scene.employer(name="Luc Lambert", enterprise="Ateliers Lambert SRL")
    colleague = await desk.portal.session_of(stranger.person_id, desk.actor.party_id)
    own = await desk.portal.party("enterprise", "Ateliers Lambert SRL", number="0999000228")
    foreign = await desk.portal.session_of(stranger.person_id, own)
    for secret, allowed in ((colleague, 201), (foreign, 404)):
        token = desk.token(secret=secret)
        assert (await desk.ask("HEAD", where, token=token)).status_code == 404
        assert (await desk.ask("PATCH", where, {**BYTES, "upload-offset": "0"}, token=token, content=b"x")).status_code == 404
        assert (await desk.ask("POST", headers={"upload-length": "5"}, token=token)).status_code == allowed
    assert await desk.offset(where) == 0


async def test_signing_out_ends_uploads_and_signing_in_again_goes_on(desk: Desk) -> None:
    content = a_pdf(100_000)
    where = await desk.create(len(content))
    await desk.send(where, 0, content[:10_000])
    await desk.scene.sql("UPDATE session SET ended_at = now()")
    answer = await desk.send(where, 10_000, content[10_000:])
    assert answer.status_code == 401 and answer.json()["detail"].startswith("You are signed out")
    desk.secret = await desk.portal.session_of(desk.actor.person_id, desk.actor.party_id)
    assert await desk.offset(where) == 10_000
    assert (await desk.send(where, 10_000, content[10_000:])).status_code == 204
    await desk.checked(where, content)


async def test_signing_out_in_the_middle_of_a_stretch_stops_it(desk: Desk) -> None:
    where = await desk.create(20_000_000)

    async def body() -> AsyncIterator[bytes]:
        for index in range(320):
            if index == 250:
                await _some_is_kept(desk)
                await desk.scene.sql("UPDATE session SET ended_at = now()")
            yield bytes(62_500)

    assert (await desk.send(where, 0, body())).status_code == 401
    assert (await desk.document(where)).state == "uploading"
    assert 0 < await desk.scene.value("SELECT stored FROM upload") < 20_000_000
    assert await desk.scene.value("SELECT stored FROM upload") == await desk.scene.value("SELECT sum(size) FROM segment")


async def _some_is_kept(desk: Desk) -> None:
    for _try in range(600):
        if await desk.scene.value("SELECT max(stored) FROM upload"):
            return
        await asyncio.sleep(0.05)


async def test_whoever_no_longer_takes_part_brings_nothing_more(desk: Desk) -> None:
    where = await desk.create(20_000_000)

    async def body() -> AsyncIterator[bytes]:
        for index in range(320):
            if index == 150:
                await desk.scene.sql("UPDATE participation SET ends_at = now()")
            yield bytes(62_500)

    assert (await desk.send(where, 0, body())).status_code == 409
    assert (await desk.ask("HEAD", where)).status_code == 404
    assert await desk.scene.value("SELECT stored FROM upload") < 20_000_000


async def test_a_dossier_takes_no_more_than_its_limits(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slots, "MOST_DOCUMENTS", 3)
    made = await asyncio.gather(*(desk.ask("POST", headers={"upload-length": "5"}) for _ in range(6)))
    assert sorted(one.status_code for one in made) == [201] * 3 + [403] * 3
    monkeypatch.setattr(slots, "MOST_DOCUMENTS", 100)
    monkeypatch.setattr(slots, "LARGEST_DOSSIER", 1000)
    made = await asyncio.gather(*(desk.ask("POST", headers={"upload-length": "400"}) for _ in range(4)))
    assert sorted(one.status_code for one in made) == [201] * 2 + [403] * 2
    assert "as many documents as it can" in next(one for one in made if one.status_code == 403).json()["detail"]
    assert await desk.scene.value("SELECT count(DISTINCT page_order) FROM document") == 5


async def test_who_trickles_is_let_go_and_what_came_is_kept(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tus, "LIMITS", UploadLimits(patience_seconds=1, slowest_bytes_per_second=100))
    where = await desk.create(1000)

    async def body() -> AsyncIterator[bytes]:
        for _ in range(100):
            await asyncio.sleep(0.05)
            yield b"x"

    answer = await desk.send(where, 0, body())
    assert answer.status_code == 409 and "What has arrived is kept" in answer.json()["detail"]
    assert 0 < await desk.offset(where) < 100


async def test_the_same_stretch_twice_and_stretches_out_of_order_count_once(desk: Desk) -> None:
    content, size = a_pdf(300_000), 50_000
    where = await desk.create(len(content))
    starts, order = list(range(0, len(content), size)), random.Random(4)
    while (offset := await desk.offset(where)) < len(content):
        for start in order.sample(starts, 3):
            answer = await desk.send(where, start, content[start:start + size])
            assert answer.status_code == (204 if start == offset else 409)
            offset = int(answer.headers["upload-offset"]) if answer.status_code == 204 else offset
    await desk.checked(where, content)


async def test_two_senders_at_once_make_one_right_file(desk: Desk) -> None:
    content = a_pdf(8_000_000)
    where = await desk.create(len(content))

    async def sender() -> None:
        for _try in range(600):
            offset = await desk.offset(where)
            if offset == len(content):
                return
            await desk.send(where, offset, slowly(content[offset:], 30_000))
        raise AssertionError("it did not end")

    await asyncio.gather(*(sender() for _ in range(3)))
    await desk.checked(where, content)


async def test_two_processes_that_know_nothing_of_each_other_make_one_right_file(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    content = a_pdf(12_000_000)
    where = await desk.create(len(content))

    async def never(_upload: UUID) -> bool:
        return False

    monkeypatch.setattr(senders.SENDERS, "make_way", never)
    answers = await asyncio.gather(*(desk.send(where, 0, slowly(content)) for _ in range(4)))
    assert sorted(one.status_code for one in answers) == [204, 409, 409, 409] or {one.status_code for one in answers} == {409}
    offset = await desk.offset(where)
    if offset < len(content):
        assert (await desk.send(where, offset, content[offset:])).status_code == 204
    await desk.checked(where, content)


async def test_a_dead_link_makes_way_for_its_owner(desk: Desk) -> None:
    content, taken, hang = a_pdf(400_000), asyncio.Event(), asyncio.Event()
    where = await desk.create(len(content))

    async def dying() -> AsyncIterator[bytes]:
        yield content[:100_000]
        taken.set()
        await hang.wait()

    dead = asyncio.create_task(desk.send(where, 0, dying()))
    await asyncio.wait_for(taken.wait(), 30)
    await asyncio.sleep(0.3)
    assert await asyncio.wait_for(desk.offset(where), 30) == 100_000
    assert (await desk.send(where, 100_000, content[100_000:])).status_code == 204
    hang.set()
    assert (await dead).status_code == 409
    await desk.checked(where, content)


async def test_two_browsers_fill_one_slot_side_by_side(desk: Desk) -> None:
    files = [a_pdf(200_000 + index) for index in range(6)]
    other = await desk.portal.session_of(desk.actor.person_id, desk.actor.party_id)

    async def bring(index: int) -> str:
        token = desk.token(secret=other if index % 2 else "")
        where = await desk.create(len(files[index]), f"{index}.pdf", token=token)
        answer = await desk.ask("PATCH", where, {**BYTES, "upload-offset": "0"}, token=token, content=slowly(files[index]))
        assert answer.status_code == 204
        return where

    made = await asyncio.gather(*(bring(index) for index in range(6)))
    for where, content in zip(made, files, strict=True):
        await desk.checked(where, content)


async def test_a_hundred_uploads_at_once_all_arrive(desk: Desk) -> None:
    files = [a_pdf(20_000 + index) for index in range(100)]

    async def bring(index: int) -> str:
        answer = await desk.patiently("POST", "/uploads", {"upload-length": str(len(files[index])), **said(filename=f"{index}.pdf", key=str(index))})
        where, offset = str(answer.headers["location"]), 0
        while offset < len(files[index]):
            await desk.patiently("PATCH", where, {**BYTES, "upload-offset": str(offset)}, files[index][offset:])
            offset = int((await desk.patiently("HEAD", where, {})).headers["upload-offset"])
        return where

    made = await asyncio.gather(*(bring(index) for index in range(100)))
    assert len(set(made)) == 100
    rows = {str(row.id): row for row in await desk.scene.sql("SELECT id, state, size FROM document")}
    assert {(rows[one.rsplit("/", 1)[1]].state, rows[one.rsplit("/", 1)[1]].size) for one in made} == {("received", len(one)) for one in files}
    assert await desk.scene.value("SELECT count(*) FROM upload") == 0
    for index in (0, 50, 99):
        stored = await desk.scene.sql("SELECT key, sha256 FROM segment WHERE document_id = :id", id=UUID(made[index].rsplit("/", 1)[1]))
        assert [one.sha256 for one in stored] == [hashlib.sha256(files[index]).hexdigest()]


async def test_a_long_upload_keeps_its_session_awake_and_looking_does_not(desk: Desk) -> None:
    where = await desk.create(1000)
    seen: Any = "SELECT seen_at FROM session WHERE token_hash = :hash"
    begun = await desk.scene.value(seen, hash=hash_of(desk.secret))
    with stopped_at(now() + timedelta(minutes=50)):
        assert (await desk.ask("GET")).status_code == 200
        assert await desk.scene.value(seen, hash=hash_of(desk.secret)) == begun
        assert (await desk.send(where, 0, b"x")).status_code == 204
    assert await desk.scene.value(seen, hash=hash_of(desk.secret)) > begun


async def test_a_method_may_be_named_in_a_header(desk: Desk) -> None:
    where = await desk.create(10)
    answer = await desk.ask("POST", where, {**BYTES, "x-http-method-override": "PATCH", "upload-offset": "0"}, content=b"xyz")
    assert answer.status_code == 204 and answer.headers["upload-offset"] == "3"
