"""An application that is taken back, corrected and filed again before the Region opens it, and added to after that."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from playwright.sync_api import expect

from e2e.conftest import DESK, PHONE, Service
from e2e.pages import Visitor
from e2e.test_bad_days import begun, complete
from frontoffice.dossiers.corrections import OPENED

Make = Callable[..., Visitor]


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    """The right contract, on two pages."""
    return a_paper(tmp_path / "the right contract.pdf", pages=2)


@pytest.fixture
def annex(tmp_path: Path) -> Path:
    """Something that nobody asked for, on three pages."""
    return a_paper(tmp_path / "an annex.pdf", pages=3)


def a_paper(path: Path, *, pages: int) -> Path:
    with pikepdf.new() as pdf:
        for _page in range(pages):
            pdf.add_blank_page()
        pdf.save(path)
    return path


def books(service: Service, number: str, *, messages: int) -> list[dict[str, Any]]:
    """What the backbone has of the dossier, once it has so many messages and all their documents."""
    for _try in range(240):
        found = next((one for one in service.books() if one["number"] == number), None)
        if found and len(found["messages"]) == messages and all(one["complete"] for one in found["documents"]):
            return [service.message(one["jti"]) for one in found["messages"]]
        time.sleep(0.5)
    raise AssertionError(f"the backbone has not {messages} messages about {number}: {found}")


def contract_in(message: dict[str, Any]) -> list[str]:
    return [one["sha256"] for one in message["body"]["documents"] if one["code"] == "contract"]


def file(person: Visitor, key: str) -> str:
    """File from the check page; the number on the receipt."""
    person.open(f"/dossiers/{key}/check")
    person.wait_for("Everything is there")
    person.press("File the application")
    assert person.page.url.endswith("/receipt"), person.page.locator("main").inner_text()
    return person.page.url.rsplit("/", 2)[-2] if "SP-" in person.page.url else str(person.page.locator(".number").first.text_content())


@pytest.mark.parametrize(("language", "script", "size"), [("en", True, DESK), ("de", False, PHONE)], ids=["script", "plain"])
def test_taken_back_corrected_and_filed_again(language: str, script: bool, size: tuple[int, int], service: Service, visitor: Make, paper: Path,
                                             annex: Path) -> None:
    employer, handler = visitor(language, script=script, size=size), visitor(language)
    key = begun(employer, service, "Helga Schmitz")
    complete(employer, key)
    number = file(employer, key)
    first = books(service, number, messages=1)

    # Nobody has opened it: it is taken back, and the Region no longer finds it.
    employer.open(f"/dossiers/{number}")
    employer.follow("Take it back to correct it")
    employer.reads("No authority has opened it yet. If you take it back, it becomes a draft again, and the authority no longer sees it. "
                   "Correct what is wrong and file it again. It keeps its number, and the day of filing is that of the new filing.")
    employer.press("Take it back to correct it")
    employer.reads_as_is(number)
    employer.reads("Ready to file")
    handler.open("/")
    handler.sign_in(*service.login("Ilse Claes"))
    handler.open(f"/dossiers/{number}")
    expect(handler.page.locator("main")).not_to_contain_text("Kumar")

    # An answer and a document are put right, and it is filed again under the same number.
    employer.open(f"/dossiers/{number}/pages/pay")
    employer.fill({"pay_month": "5.000,00"})
    employer.press("Save and continue")
    employer.open(f"/dossiers/{number}/documents/contract")
    employer.wait_until_still()
    employer.press("Remove", exact=False)
    employer.upload(paper)
    # That it is checked is waited for before it is filed: here the history of the first one says "Checked" already.
    employer.open(f"/dossiers/{number}/documents/contract")
    employer.reads_as_is(paper.name)
    assert file(employer, number) == number
    told = books(service, number, messages=3)
    assert [(one["body"]["action"], one["body"]["version"]) for one in told] == [("submit", 1), ("take-back", 1), ("submit", 2)]
    assert [one["body"]["answers"]["pay"]["pay_month"] for one in told] == ["4500.00", "4500.00", "5000.00"]
    assert contract_in(told[0]) == contract_in(told[1]) == contract_in(first[0])
    assert len(contract_in(told[2])) == 1 and contract_in(told[2]) != contract_in(told[0])

    # Once the Region has opened it the way is gone, and a page that was open before says why.
    employer.open(f"/dossiers/{number}/steps/take-back")
    late = employer.page
    employer.page = employer.context.new_page()
    handler.open(f"/dossiers/{number}")
    handler.reads_as_is("Kumar")
    employer.open(f"/dossiers/{number}")
    expect(employer.page.get_by_role("link", name=employer.say("Take it back to correct it"))).to_have_count(0)
    late.get_by_role("button", name=employer.say("Take it back to correct it"), exact=True).click()
    expect(late.locator("main")).to_contain_text(employer.say(OPENED))

    # More can be added until the decision; it does not look delivered before it is sent.
    employer.open(f"/dossiers/{number}/documents/other")
    employer.upload(annex)
    employer.open(f"/dossiers/{number}/documents/other")
    employer.wait_for("Added, not sent yet")
    handler.open(f"/dossiers/{number}")
    expect(handler.page.locator("main")).not_to_contain_text(annex.name)
    employer.open(f"/dossiers/{number}")
    employer.reads("You added documents after filing. The authority gets them only when you send them.")
    employer.press("Send what you added", role="button")
    employer.reads("These documents go to the authority now:")
    employer.press("Send what you added")
    expect(employer.page.locator("main")).not_to_contain_text(employer.say("Added, not sent yet"))
    last = books(service, number, messages=4)[-1]
    assert (last["body"]["action"], last["body"]["version"], last["body"]["position"]) == ("add-documents", 3, ["filed"])
    assert [one["code"] for one in last["body"]["documents"]].count("other") == 1
    handler.open(f"/dossiers/{number}")
    handler.reads_as_is(annex.name)
