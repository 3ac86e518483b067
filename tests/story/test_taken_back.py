"""Taken back, corrected and filed again: on the pages, and in the books of the backbone, whenever the worker comes to hand it over."""

from typing import Any
from uuid import UUID

import httpx
import pytest

from frontoffice.dossiers.corrections import OPENED
from tests.filing import EMPLOYER_PAGES
from tests.story.stage import World, main_words, words


async def change(world: World, page: str, **answers: str) -> int:
    """The employer sends a page of the draft again; the status of the answer."""
    path = f"/en/dossiers/{world.key}/pages/{page}"
    return (await world.who("employer").post(path, {**EMPLOYER_PAGES[page], **answers}, follow=False)).status_code


async def messages(world: World) -> list[dict[str, Any]]:
    """What the backbone has of the dossier, whole, in its order."""
    rows = world.backbone.dossier(await world.number())["messages"]
    return [httpx.get(f"{world.backbone.address}/books/messages/{one['jti']}", timeout=60).json() for one in rows]


async def documents(world: World, code: str) -> list[Any]:
    return await world.portal.sql("SELECT id, state, sha256, handed_over_at FROM document WHERE dossier_id = :id AND requirement = :code ORDER BY given_at",
                                  id=UUID(world.key), code=code)


async def remove(world: World, code: str, document: UUID) -> int:
    slot = f"/en/dossiers/{world.key}/documents/{code}"
    return (await world.who("employer").post(f"{slot}/{document}/remove", page=slot, follow=False)).status_code


async def correct(world: World) -> None:
    """Another pay, and another contract in the place of the first."""
    assert await change(world, "pay", pay_month="5.000,00") == 303
    (contract,) = await documents(world, "contract")
    assert await remove(world, "contract", contract.id) == 303
    await world.bring("employer", "contract")


@pytest.mark.parametrize("worker", ["at once", "at the end"])
async def test_both_filings_reach_the_authority_as_they_were(world: World, worker: str) -> None:
    async def hand_over() -> None:
        if worker == "at once":
            await world.hand_over()

    number = await world.file()
    first_filed = await world.value("filed_at")
    (first,) = await documents(world, "contract")
    await hand_over()
    await world.go("take-back")
    await hand_over()
    # In between, the draft holds less than can be filed.
    assert await change(world, "pay", pay_month="") == 422
    await hand_over()
    await correct(world)
    old, new = await documents(world, "contract")
    assert (old.id, old.state, new.state) == (first.id, "replaced", "checked")
    assert await world.file() == number
    assert await world.value("filed_at") > first_filed
    await world.hand_over()
    assert await world.portal.sql("SELECT last_error FROM message WHERE concluded_at IS NULL") == []
    told = await messages(world)
    assert [(one["seq"], one["body"]["action"], one["body"]["version"]) for one in told] == [(1, "submit", 1), (2, "take-back", 1), (3, "submit", 2)]
    assert [one["body"]["answers"]["pay"]["pay_month"] for one in told] == ["4500.00", "4500.00", "5000.00"]
    assert [sorted(one["body"]["position"]) for one in told] == [["filed"], ["draft", "worker-confirmed"], ["filed"]]
    contracts = [[each["id"] for each in one["body"]["documents"] if each["code"] == "contract"] for one in told]
    assert contracts == [[str(old.id)], [str(old.id)], [str(new.id)]]
    # The bytes of every version are there, and what was removed stays a version with them.
    assert all(one["complete"] for one in world.backbone.dossier(number)["documents"])
    assert all(one.handed_over_at for one in await documents(world, "contract"))
    opened = await world.who("employer").client.get(f"/en/dossiers/{number}/documents/contract/{old.id}")
    assert opened.status_code == 303


async def test_an_application_that_is_withdrawn_while_taken_back_ends_at_the_authority_too(world: World) -> None:
    await world.file()
    await world.go("take-back")
    assert await change(world, "pay", pay_month="") == 422
    page = main_words(await world.who("employer").get(f"/en/dossiers/{world.key}/steps/withdraw"))
    assert "This ends the dossier and cannot be undone." in page
    assert (await world.take("discard")).status_code == 409
    await world.go("withdraw")
    await world.hand_over()
    told = await messages(world)
    assert [(one["body"]["action"], one["body"]["position"], one["body"]["answers"]["pay"]["pay_month"]) for one in told][-1] == ("withdraw", ["withdrawn"], "4500.00")


async def test_the_pages_say_where_it_is_at_each_moment(world: World) -> None:
    number = await world.file()
    employer, region = world.who("employer"), world.who("region")
    filed = words(await employer.get(f"/en/dossiers/{number}"))
    assert "Take it back to correct it" in filed
    step = main_words(await employer.get(f"/en/dossiers/{number}/steps/take-back"))
    assert "No authority has opened it yet." in step and "It keeps its number" in step
    await world.go("take-back")
    tasks = main_words(await employer.get(f"/en/dossiers/{number}"))
    assert f"This application, {number}, was taken back." in tasks and "Ready to file" in tasks
    assert (await region.get(f"/en/dossiers/{number}")).status_code == 404
    assert number not in words(await region.get("/en/counter"))
    # The receipt of the first filing stays true of it.
    assert (await employer.get(f"/en/dossiers/{number}/receipt")).status_code == 200
    await world.file()
    receipt = main_words(await employer.get(f"/en/dossiers/{number}/receipt"))
    assert number in receipt
    assert number in words(await region.get("/en/counter"))


async def test_after_the_region_opened_it_the_button_is_gone_and_an_old_page_is_told_why(world: World) -> None:
    number = await world.file()
    employer = world.who("employer")
    path = f"/en/dossiers/{number}/steps/take-back"
    shown = await employer.get(path)
    assert shown.status_code == 200
    token = await employer.token(path)
    assert (await world.who("region").get(f"/en/dossiers/{number}")).status_code == 200
    assert "Take it back to correct it" not in words(await employer.get(f"/en/dossiers/{number}"))
    answer = await employer.client.post(path, data={"csrf": token, "version": "2"})
    assert answer.status_code == 409
    assert OPENED in words(answer)
    assert await world.position() == {"filed"}


async def test_what_is_added_leaves_when_it_is_sent_and_not_with_what_others_do(world: World) -> None:
    number = await world.file()
    await world.hand_over()
    await world.go("take-up")
    await world.bring("employer", "other")
    # The Region's steps go out meanwhile, and what is only added does not go with them.
    await world.go("admit")
    await world.hand_over()
    page = main_words(await world.who("employer").get(f"/en/dossiers/{number}"))
    assert "It is your turn" in page and "The authority gets them only when you send them." in page and "Added, not sent yet" in page
    region = words(await world.who("region").get(f"/en/dossiers/{number}"))
    assert "other.pdf" not in region
    (added,) = await documents(world, "other")
    assert (await world.who("region").client.get(f"/en/dossiers/{number}/documents/other/{added.id}")).status_code == 404
    step = main_words(await world.who("employer").get(f"/en/dossiers/{number}/steps/add-documents"))
    assert "These documents go to the authority now: Other document" in step or "Another document" in step
    await world.go("add-documents")
    await world.hand_over()
    told = await messages(world)
    held = [(one["body"]["action"], one["body"]["version"], any(each["code"] == "other" for each in one["body"]["documents"])) for one in told]
    assert held == [("submit", 1, False), ("admit", 1, False), ("add-documents", 2, True)]
    assert (await documents(world, "other"))[0].handed_over_at
    page = main_words(await world.who("employer").get(f"/en/dossiers/{number}"))
    assert "Added, not sent yet" not in page and "It is your turn" not in page
