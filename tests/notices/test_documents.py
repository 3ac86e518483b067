"""Who is told of a document that was refused, not taken or not finished: in general words, once for each time, and only if nobody put it right."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from frontoffice.dossiers import judging, queries
from frontoffice.dossiers.judging import do_not_take, take_over
from frontoffice.notices import jobs
from frontoffice.routes import ROUTES
from frontoffice.worker import learn_addresses
from tests.catching import Catcher, a_catcher
from tests.engines import Database, Engines
from tests.scene import Filed, Scene, a_scene

EMPLOYER, WORKER = "katrien@havenlogistiek.example", "rajesh.kumar@worker.example"
NOTICES = ("notices:document", "notices:send")
# What a mail about a document must never hold.
CANARIES = ("Kumar", "Rajesh", "Katrien", "diploma", "criminal", ".pdf", "Blauwe Vinvis", "Z1234567")


@pytest.fixture
def catcher() -> Iterator[Catcher]:
    with a_catcher() as catcher:
        yield catcher


@pytest.fixture
async def scene(fresh_database: Database, engines: Engines, tmp_path: Path, catcher: Catcher) -> AsyncIterator[Scene]:
    learn_addresses(ROUTES)
    async with a_scene(fresh_database, engines, tmp_path, smtp_url=catcher.url, mail_from="Permit window <no-reply@portal.example>") as scene:
        yield scene


async def run(scene: Scene) -> None:
    """Two minutes later."""
    await scene.make_due()
    await scene.run(*NOTICES)


async def refuse(scene: Scene, document: UUID) -> None:
    """As the check does."""
    async with scene.session() as session:
        await judging.queue_telling(session, document, "refused")
    await scene.sql("UPDATE document SET state = 'refused', reason = 'This file is empty: choose another one' WHERE id = :id", id=document)


async def turn_down(scene: Scene, filed: Filed, code: str, reason: str = "Blauwe Vinvis") -> UUID:
    document: UUID = await scene.value("SELECT id FROM document WHERE requirement = :code ORDER BY given_at DESC LIMIT 1", code=code)
    async with scene.session() as session:
        await do_not_take(session, await queries.any_dossier(session, str(filed.id), lock=True), document, reason, None)
    return document


def told(catcher: Catcher, address: str) -> list[str]:
    return [" ".join(one["Subject"].split()) for one in catcher.to(address)]


def texts(one: Any) -> tuple[str, str]:
    return one.get_body(("plain",)).get_content(), one.get_body(("html",)).get_content()


async def test_a_refused_document_of_a_draft_is_told_to_who_gave_it(scene: Scene, catcher: Catcher) -> None:
    person = await scene.person("Rajesh Kumar", WORKER, "en")
    employer = await scene.employer()
    key = await scene.draft(employer, worker=person, language="en", answers={"worker-contact": {"worker_language": "en"}})
    await refuse(scene, await scene.document(key, employer, "contract", state="received", stored=False))
    await scene.run(*NOTICES)
    assert catcher.mails == []
    await run(scene)
    assert told(catcher, EMPLOYER) == ["Your draft: a document was refused"] and catcher.to(WORKER) == []
    for text in texts(catcher.mails[0]):
        assert f"https://portal.example/en/dossiers/{key}" in text
        assert not [canary for canary in CANARIES if canary in text]


async def test_the_worker_is_told_of_the_own_document_in_the_own_language(scene: Scene, catcher: Catcher) -> None:
    person = await scene.person("Rajesh Kumar", WORKER, "fr")
    key = await scene.draft(await scene.employer(), worker=person, answers={"worker-contact": {"worker_language": "fr"}})
    document = await scene.document(key, await scene.employer(), "passport", state="received", stored=False)
    await scene.sql("UPDATE document SET given_by = :person", person=person)
    await refuse(scene, document)
    await run(scene)
    (mail,) = catcher.mails
    assert (mail["To"], mail["Content-Language"]) == (WORKER, "fr")
    assert "https://portal.example/fr/return" in texts(mail)[0]


async def test_what_was_put_right_meanwhile_needs_no_mail(scene: Scene, catcher: Catcher) -> None:
    employer = await scene.employer()
    key = await scene.draft(employer)
    first = await scene.document(key, employer, "contract", state="received", stored=False)
    await refuse(scene, first)
    better = await scene.document(key, employer, "contract")
    await scene.sql("UPDATE document SET replaces = :first WHERE id = :id", first=first, id=better)
    removed = await scene.document(key, employer, "health-insurance", state="received", stored=False)
    await refuse(scene, removed)
    await scene.sql("UPDATE document SET state = 'replaced' WHERE id = :id", id=removed)
    await run(scene)
    assert catcher.mails == []


async def test_a_refused_one_of_several_is_told_although_the_next_came(scene: Scene, catcher: Catcher) -> None:
    employer = await scene.employer()
    key = await scene.draft(employer)
    await refuse(scene, await scene.document(key, employer, "contract", state="received", stored=False))
    await scene.document(key, employer, "contract")
    await run(scene)
    assert len(catcher.mails) == 1


async def test_files_refused_together_make_one_mail_and_each_later_one_its_own(scene: Scene, catcher: Catcher) -> None:
    employer = await scene.employer()
    key = await scene.draft(employer, language="en")
    given = [await scene.document(key, employer, code, state="received", stored=False) for code in ("contract", "contract", "health-insurance")]
    for one in given:
        await refuse(scene, one)
    await run(scene)
    assert told(catcher, EMPLOYER) == ["Your draft: documents were refused"]
    # The first tells of all: what becomes of it later leaves none of the others untold, and tells nothing twice.
    await scene.sql("UPDATE document SET state = 'replaced' WHERE id = :id", id=given[0])
    for one in given:
        await jobs.document(scene.resources, str(one), "refused")
    await run(scene)
    assert len(catcher.mails) == 1
    await refuse(scene, await scene.document(key, employer, "contract", state="received", stored=False))
    await run(scene)
    assert told(catcher, EMPLOYER) == ["Your draft: documents were refused", "Your draft: a document was refused"]


async def test_what_two_people_gave_is_told_to_each_of_them(scene: Scene, catcher: Catcher) -> None:
    person = await scene.person("Rajesh Kumar", WORKER, "en")
    employer = await scene.employer()
    key = await scene.draft(employer, worker=person, language="en", answers={"worker-contact": {"worker_language": "en"}})
    own = await scene.document(key, employer, "passport", state="received", stored=False)
    await scene.sql("UPDATE document SET given_by = :person WHERE id = :id", person=person, id=own)
    await refuse(scene, own)
    await refuse(scene, await scene.document(key, employer, "contract", state="received", stored=False))
    await run(scene)
    assert told(catcher, EMPLOYER) == told(catcher, WORKER) == ["Your draft: a document was refused"]


async def test_each_time_is_told_once(scene: Scene, catcher: Catcher) -> None:
    employer = await scene.employer()
    key = await scene.draft(employer)
    document = await scene.document(key, employer, "contract", state="received", stored=False)
    await refuse(scene, document)
    await run(scene)
    for _ in range(2):
        await jobs.document(scene.resources, str(document), "refused")
    await run(scene)
    assert len(catcher.mails) == 1


async def test_an_upload_that_lapsed_is_told_in_its_own_words(scene: Scene, catcher: Catcher) -> None:
    employer = await scene.employer()
    key = await scene.draft(employer, language="en")
    document = await scene.document(key, employer, "contract", state="uploading", stored=False)
    async with scene.session() as session:
        await judging.queue_telling(session, document, "lapsed")
    await scene.sql("UPDATE document SET state = 'refused', reason = 'x' WHERE id = :id", id=document)
    await run(scene)
    assert told(catcher, EMPLOYER) == ["Your draft: an upload was not finished"]
    lapsed = [await scene.document(key, employer, "contract", state="uploading", stored=False) for _ in range(2)]
    for one in lapsed:
        async with scene.session() as session:
            await judging.queue_telling(session, one, "lapsed")
        await scene.sql("UPDATE document SET state = 'refused', reason = 'x' WHERE id = :id", id=one)
    await run(scene)
    assert told(catcher, EMPLOYER)[1:] == ["Your draft: uploads were not finished"]


async def test_a_document_not_taken_is_told_to_all_who_may_see_it(scene: Scene, catcher: Catcher) -> None:
    person = await scene.person("Rajesh Kumar", WORKER, "en")
    filed = await scene.filed(worker=person, language="en", answers={"worker-contact": {"worker_language": "en"}})
    await turn_down(scene, filed, "diploma")
    await run(scene)
    subject = f"{filed.number}: the authority cannot use a document"
    assert told(catcher, EMPLOYER) == [subject] and told(catcher, WORKER) == [subject]
    for one in catcher.mails:
        assert not [canary for text in (one["Subject"], *texts(one)) for canary in CANARIES if canary in text]


async def test_of_a_private_document_the_employer_hears_nothing(scene: Scene, catcher: Catcher) -> None:
    person = await scene.person("Rajesh Kumar", WORKER, "en")
    filed = await scene.filed(worker=person)
    await scene.sql("UPDATE document SET given_by = :person WHERE given_role = 'worker'", person=person)
    await turn_down(scene, filed, "criminal-record")
    await run(scene)
    assert catcher.to(EMPLOYER) == [] and len(catcher.to(WORKER)) == 1


async def test_without_a_worker_in_person_the_employer_hears_of_it(scene: Scene, catcher: Catcher) -> None:
    filed = await scene.filed()
    await turn_down(scene, filed, "criminal-record")
    await run(scene)
    # A worker who was never invited cannot do anything about it.
    assert len(catcher.to(EMPLOYER)) == 1 and catcher.to(WORKER) == []


async def test_a_slip_that_was_taken_back_is_not_told(scene: Scene, catcher: Catcher) -> None:
    filed = await scene.filed()
    document = await turn_down(scene, filed, "diploma")
    async with scene.session() as session:
        await take_over(session, await queries.any_dossier(session, str(filed.id), lock=True), [document], None)
    await run(scene)
    assert catcher.mails == []


async def test_a_newer_word_is_told_again_and_the_same_is_not(scene: Scene, catcher: Catcher) -> None:
    filed = await scene.filed()
    for reason in ("First.", "First.", "Second."):
        await turn_down(scene, filed, "diploma", reason)
        await run(scene)
    assert len(catcher.to(EMPLOYER)) == 2


async def test_nobody_is_told_of_a_dossier_that_has_ended(scene: Scene, catcher: Catcher) -> None:
    filed, employer = await scene.filed(), await scene.employer()
    await turn_down(scene, filed, "diploma")
    await scene.take(filed.id, "withdraw", employer)
    await run(scene)
    assert catcher.mails == []


async def test_a_document_that_is_gone_is_told_to_nobody(scene: Scene, catcher: Catcher) -> None:
    await jobs.document(scene.resources, "00000000-0000-0000-0000-000000000001", "refused")
    assert catcher.mails == []
