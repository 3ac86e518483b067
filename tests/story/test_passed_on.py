"""A dossier that one Region passes on to another: by our pages and by a signed message, as the backbone, the mails and the pages tell it."""

import json
from typing import Any

import httpx
import pytest

from frontoffice.backbone.envelope import EVENT_TYP
from frontoffice.kernel.tokens import sign
from tests.peers import a_token
from tests.story.stage import World, main_words

WHY = "The place of work lies in Brussels."


async def act(world: World, seq: int, authority: str, action: str, **evidence: Any) -> None:
    """An authority acts in a system of its own; the backbone signs it, it comes in at our door and is carried out."""
    key = json.loads((world.backbone.folder / "key.json").read_text())
    claims = a_token(world.backbone, await world.number(), authority, action, evidence, seq)
    assert (await world.post_message(sign(claims, key, EVENT_TYP))).status_code == 202
    await world.scene.run("backbone:apply")


async def bodies(world: World) -> list[dict[str, Any]]:
    """What the backbone has been told of the dossier, in order."""
    rows = world.backbone.dossier(await world.number())["messages"]
    found = [httpx.get(f"{world.backbone.address}/books/messages/{one['jti']}", timeout=60).json() for one in rows]
    return [one.get("claims", one)["body"] for one in found]


async def outcomes(world: World) -> list[tuple[str, str]]:
    return [(row[0], row[1]) for row in await world.portal.sql("SELECT outcome, remark FROM inbound_message ORDER BY seq")]


async def test_by_our_pages_the_backbone_hears_who_is_competent_now_and_why(world: World) -> None:
    await world.file()
    await world.go("take-up")
    await world.go_as("region", "pass-on", region="brussels", reason=WHY)
    await world.hand_over()
    told = await bodies(world)
    assert [(one["action"], one["authority"]["code"]) for one in told] == [("submit", "flanders"), ("pass-on", "brussels")]
    last = told[-1]
    assert last["authority"] == {**last["authority"], "role": "region", "row": 0, "answers": {}, "reason":
                                 f"Passed on by: Flanders, Economic Migration. Reason given: {WHY}"}
    assert last["evidence"] == {"region": "brussels", "reason": WHY} and last["position"] == ["checking"] and last["version"] == 1
    # The new Region goes on where the first one was, and is told as competent from then on.
    await world.go_as("other-region", "admit")
    await world.hand_over()
    assert [(one["action"], one["by"], one["authority"]["code"]) for one in await bodies(world)][-1] == ("admit", "region", "brussels")


async def test_by_a_signed_message_it_moves_too_and_is_not_sent_back(world: World) -> None:
    await world.file()
    await world.go("take-up")
    await act(world, 1, "flanders", "pass-on", region="brussels", reason=[WHY, "See the contract."])
    assert await outcomes(world) == [("applied", "")] and await world.value("region") == "brussels"
    await world.hand_over()
    assert [one["action"] for one in await bodies(world)] == ["submit"]
    page = main_words(await world.who("employer").get(f"/en/dossiers/{await world.number()}"))
    assert "Brussels Economy and Employment" in page and WHY in page and "See the contract." in page
    # From the first Region nothing more is carried out; from the second it is.
    await act(world, 2, "flanders", "admit")
    await act(world, 3, "brussels", "admit")
    assert [one for one, _remark in await outcomes(world)] == ["applied", "review", "applied"]
    assert await world.position() == {"work-exam", "stay-exam"}


@pytest.mark.parametrize(("region", "reason"), [("flanders", WHY), ("antwerp", WHY), ("brussels", "")])
async def test_a_message_that_names_no_other_region_moves_nothing(world: World, region: str, reason: str) -> None:
    await world.file()
    await world.go("take-up")
    await act(world, 1, "flanders", "pass-on", region=region, reason=reason)
    assert [one for one, _remark in await outcomes(world)] == ["review"]
    assert await world.value("region") == "flanders" and "pass-on" not in await world.events()


async def test_everybody_is_told_and_reads_the_same(world: World) -> None:
    await world.file()
    await world.go("take-up")
    await world.scene.run("notices:tell", "notices:send")
    world.catcher.mails.clear()
    await world.go_as("region", "pass-on", region="brussels", reason=WHY)
    await world.scene.run("notices:tell", "notices:send")
    assert len(world.catcher.mails) == 2
    number = await world.number()
    pages = {role: main_words(await world.who(role).get(f"/en/dossiers/{number}")) for role in ("employer", "worker", "other-region", "region")}
    for role in ("employer", "worker", "other-region"):
        assert "Brussels Economy and Employment" in pages[role] and WHY in pages[role], role
    assert "You passed this dossier on" in pages["region"] and "You passed this dossier on" not in pages["other-region"]


async def test_a_second_click_is_led_to_the_first(world: World) -> None:
    await world.file()
    await world.go("take-up")
    browser = world.who("region")
    path = f"/en/dossiers/{world.key}/steps/pass-on"
    version = str(await world.value("version"))
    answers = [await browser.post(path, {"region": "brussels", "reason": WHY, "version": version}, page=f"/en/dossiers/{world.key}", follow=False) for _ in range(2)]
    assert [one.status_code for one in answers] == [303, 303]
    assert (await world.events()).count("pass-on") == 1


async def test_it_comes_back_and_goes_on(world: World) -> None:
    await world.file()
    await world.go("take-up")
    await world.go_as("region", "pass-on", region="brussels", reason=WHY)
    await world.go_as("other-region", "pass-on", region="flanders", reason="The unit lies in Antwerp.")
    await world.go("admit", "grant-work", "grant")
    await world.hand_over()
    told = await bodies(world)
    assert [one["authority"]["code"] for one in told] == ["flanders", "brussels", "flanders", "flanders", "flanders"]
    assert told[-1]["authority"]["reason"] == "Passed on by: Brussels Economy and Employment. Reason given: The unit lies in Antwerp."
    assert await world.position() == {"granted"}
