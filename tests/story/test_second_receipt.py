"""From filing to the second receipt, against the real stand-in: it names the very bytes and tokens that travelled."""

import asyncio
import re

import pytest

from frontoffice.documents.manifest import claimed
from tests.documents.receipting import text_of
from tests.story.stage import World, words


async def answered(world: World) -> str:
    """The authority's signed word, once the stand-in has posted it."""
    for _try in range(1200):
        if world.backbone.portal.events:
            return world.backbone.portal.events[-1].decode()
        await asyncio.sleep(0.05)
    raise AssertionError("the authority did not answer")


@pytest.mark.parametrize("word", ["validate", "refuse"])
async def test_the_authority_answers_and_the_applicant_reads_and_keeps_it(world: World, word: str) -> None:
    world.backbone.behave(answer_messages=word)
    world.backbone.portal.events.clear()
    await world.file()
    await world.scene.run()
    answer = await answered(world)
    assert (await world.post_message(answer)).status_code == 202
    await world.scene.run()
    employer, number = world.who("employer"), await world.number()
    page = words(await employer.get(f"/en/dossiers/{world.key}"))
    receipt = await employer.get(f"/en/dossiers/{number}/second-receipt.pdf")
    if word == "refuse":
        assert "Refused: The authority cannot work with it yet" in page and "nothing that was sent is lost" in page and receipt.status_code == 404
        return
    assert "Done: The authority checked it and can work with it" in page and receipt.content.startswith(b"%PDF")
    (message,) = await world.portal.sql("SELECT sha256, content, receipt FROM message")
    told = re.sub(r"[^\w-]", "", text_of(receipt.content))
    for named in (number, message.sha256, claimed(bytes(message.content).decode())["jti"], claimed(message.receipt)["jti"], claimed(answer)["jti"],
                  *(one["sha256"] for one in claimed(bytes(message.content).decode())["documents"])):
        assert named in told, named
