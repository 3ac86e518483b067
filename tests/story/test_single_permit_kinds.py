"""A single permit of each kind and each group of categories, filled in on its pages and filed."""

from uuid import UUID, uuid4

import pytest

from frontoffice.dossiers import actions
from frontoffice.kernel.time import today
from frontoffice.procedures import in_force
from tests.procedures.samples.single_permit import VARIANTS
from tests.story.stage import World, words
from tests.story.test_every_procedure import a_filer, raw, send


@pytest.mark.parametrize("name", sorted(VARIANTS))
async def test_each_kind_and_group_is_filed_on_its_pages(world: World, name: str) -> None:
    procedure, (pages, documents) = in_force("single-permit", today()), VARIANTS[name]
    filer = await a_filer(world, procedure)
    async with world.scene.session() as session:
        key = await actions.start(session, filer.actor, procedure, form_key=uuid4(), language="fr")
    for page in procedure.pages:
        if page.code in pages:
            shown = await filer.browser.get(f"/de/dossiers/{key}/pages/{page.code}")
            assert shown.status_code == 200, (page.code, words(shown)[:500])
            await send(filer.browser, f"/fr/dossiers/{key}/pages/{page.code}", raw(list(page.form.fields), pages[page.code]))
    for code in documents:
        await world.scene.document(UUID(key), filer.actor, code)
    await send(filer.browser, f"/fr/dossiers/{key}/steps/declare-consent", {"consent": "yes"})
    answer = await filer.browser.post(f"/fr/dossiers/{key}/submit", page=f"/fr/dossiers/{key}/check", follow=False)
    assert answer.status_code == 303, words(answer)[:3000]
    receipt = await filer.browser.get(answer.headers["location"])
    assert receipt.status_code == 200
