"""From the employer's first click to the worker's card, in every language, with and without script."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx
import pikepdf
import pytest
from PIL import Image

from e2e.conftest import DESK, PHONE, Service, asked
from e2e.pages import Visitor
from frontoffice.kernel import time as kernel_time
from tests.filing import EMPLOYER_DOCUMENTS, EMPLOYER_PAGES, WORKER_DOCUMENTS, WORKER_PAGES

Make = Callable[..., Visitor]


@dataclass(frozen=True)
class Story:
    """One telling of the story: who files, where the work is, and how the people look at it."""

    language: str
    script: bool
    size: tuple[int, int]
    employer: str
    enterprise: str
    place: dict[str, str]
    handler: str
    other_handler: str
    arrival: dict[str, str]
    clerk: str
    other_clerk: str
    mandated: bool = False
    invited: bool = True


STORIES = (
    Story("nl", True, DESK, "Katrien De Smet", "Havenlogistiek Antwerpen NV", {"postal_code": "2030", "municipality": "Antwerpen"}, "Ilse Claes",
          "Samira Benali", {"postal_code": "2018", "municipality": "Antwerpen"}, "Jan Peeters", "Lotte Wouters", mandated=True),
    Story("fr", True, PHONE, "Nora El Idrissi", "", {"postal_code": "1000", "municipality": "Bruxelles"}, "Samira Benali", "Benoît Dumont",
          {"postal_code": "1000", "municipality": ""}, "Chloé Lefèvre", "Michel Renard"),
    Story("de", False, PHONE, "Helga Schmitz", "", {"postal_code": "4700", "municipality": ""}, "Dieter Pauels", "Benoît Dumont",
          {"postal_code": "4700", "municipality": "Eupen"}, "Petra Küpper", "Michel Renard"),
    Story("en", False, DESK, "Luc Lambert", "", {"postal_code": "4000", "municipality": "Liège"}, "Benoît Dumont", "Ilse Claes",
          {"postal_code": "4000", "municipality": "Luik"}, "Michel Renard", "Petra Küpper"),
)


@pytest.fixture(scope="session")
def papers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A PDF, a photo and a scan, as people have them."""
    folder = tmp_path_factory.mktemp("papers")
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(folder / "paper.pdf")
    Image.effect_noise((900, 600), 60).convert("RGB").save(folder / "photo.jpg")
    Image.effect_noise((300, 200), 60).convert("RGB").save(folder / "scan.png")
    return {one.suffix[1:]: one for one in folder.iterdir()}


def mails_to(service: Service, address: str) -> list[dict[str, str]]:
    """The mails that an address got so far, oldest first."""
    found = [one for one in asked(f"{service.mail}/messages") if address in str(one["to"])]
    return sorted(found, key=lambda one: one["received"])


def link_in_mail(service: Service, address: str, pattern: str, *, after: int = 0) -> str:
    """The newest link of that form in a mail to an address, the first `after` mails left out; waits for the mail."""
    for _try in range(240):
        for mail in reversed(mails_to(service, address)[after:]):
            if found := re.search(rf"{re.escape(service.portal)}\S*{pattern}\S*", mail["text"]):
                return found.group(0)
        time.sleep(0.5)
    raise AssertionError(f"no mail with {pattern} to {address}")


def act(service: Service, number: str, authority: str, action: str) -> None:
    """The Immigration Office or a diplomatic post decides, through the stand-in."""
    answer = httpx.post(f"{service.backbone}/acts", json={"dossier": number, "authority": authority, "action": action}, timeout=60)
    assert answer.status_code < 300, answer.text


def answer_pages(person: Visitor, key: str, pages: dict[str, dict[str, str]]) -> None:
    for code, answers in pages.items():
        person.open(f"/dossiers/{key}/pages/{code}")
        person.fill(answers)
        person.press("Save and continue")
        assert f"/pages/{code}" not in person.page.url, person.page.locator("main").text_content()


def bring(person: Visitor, key: str, codes: tuple[str, ...], papers: dict[str, Path]) -> None:
    for index, code in enumerate(codes):
        person.open(f"/dossiers/{key}/documents/{code}")
        person.upload(papers[("pdf", "jpg", "png")[index % 3]])
    for code in codes:
        person.open(f"/dossiers/{key}/documents/{code}")
        person.wait_for("Checked")


def employer_pages(story: Story, address: str) -> dict[str, dict[str, str]]:
    pages = {code: dict(answers) for code, answers in EMPLOYER_PAGES.items() if code != "employer"}
    for stem, page in (("office", "registered-office"), ("workplace", "workplace")):
        pages[page] |= {f"{stem}_{name}": value for name, value in story.place.items()}
    pages["contact"]["contact_email"] = address
    return pages


@pytest.mark.parametrize("story", STORIES, ids=lambda story: f"{story.language}-{'script' if story.script else 'plain'}-{story.size[0]}")
def test_from_the_first_click_to_the_card(story: Story, service: Service, visitor: Make, papers: dict[str, Path]) -> None:
    here = {"script": story.script, "size": story.size}
    contact, worker_address = f"hr.{story.language}@employer.example", f"worker.{story.language}@worker.example"

    # The employer signs in, chooses the enterprise, and starts.
    employer = visitor(story.language, **here)
    employer.open("/")
    employer.sign_in(*service.login(story.employer), hat=story.enterprise)
    employer.open("/dossiers/new?procedure=single-permit")
    employer.press("Begin")
    key = employer.page.url.rsplit("/", 1)[-1]
    employer.reads("Employment contract")

    # The form keeps each page; the task list knows what is missing.
    filler = employer
    if story.mandated:
        filler = mandate(story, service, visitor, employer, key)
    answer_pages(filler, key, employer_pages(story, contact))
    if story.mandated:
        take_over(employer, filler, key)

    # The worker is invited, proves the address, and fills in the own part on a phone.
    employer.open(f"/dossiers/{key}/worker")
    employer.fill({"email": worker_address, "language": story.language})
    employer.press("Send the invitation")
    worker = visitor(story.language, script=story.script, size=PHONE)
    worker.open(link_in_mail(service, worker_address, "/invitations/"))
    worker.press("Go on")
    pages = {code: dict(answers) for code, answers in WORKER_PAGES.items()}
    pages["worker-contact"] |= {"worker_email": worker_address, "worker_language": story.language}
    if story.handler == "Benoît Dumont":
        # Wallonia also takes experience for a diploma, so it asks which of them proves the qualification.
        pages["education"] |= {"qualification": "diploma"}
    answer_pages(worker, key, pages)
    bring(worker, key, WORKER_DOCUMENTS, papers)
    worker.open(f"/dossiers/{key}")
    worker.press("Confirm your part")
    worker.fill({"truth": "yes", "consent": "yes"})
    worker.press("Confirm your part")

    # The employer brings the papers, reads which Region is competent and why, and files.
    needed = EMPLOYER_DOCUMENTS if story.handler in ("Ilse Claes", "Samira Benali") else tuple(one for one in EMPLOYER_DOCUMENTS if one != "function-description")
    bring(employer, key, needed + (("organisation-chart",) if story.handler == "Samira Benali" else ()), papers)
    employer.open(f"/dossiers/{key}/documents/criminal-record")
    assert employer.page.get_by_role("heading", level=1).text_content() == employer.say("Page not found")
    employer.open(f"/dossiers/{key}/check")
    employer.reads("Which authority is competent, and why")
    employer.wait_for("Everything is there")
    employer.press("File the application")
    employer.reads("We have your application")
    employer.reads_as_is("SHA-256")
    employer.open(f"/dossiers/{key}")
    number = re.search(r"SP-[0-9]{4}-[0-9]{7}-[0-9A-Z]", employer.page.content()).group(0)  # type: ignore[union-attr]
    employer.wait_for_confirmation()

    handle(story, service, visitor, employer, worker, number, papers)
    settle(story, service, visitor, employer, number, worker_address)

    # One timeline for all, and mail in the language of each without anything personal in it.
    employer.open(f"/dossiers/{number}")
    employer.reads("Residence card delivered")
    for mail in [*mails_to(service, contact), *mails_to(service, worker_address)]:
        words = mail["subject"] + mail["text"] + mail["html"]
        assert not re.search("Kumar|Rajesh|Z1234567|Pune", words), mail["subject"]
    assert number in str(service.books())


def mandate(story: Story, service: Service, visitor: Make, employer: Visitor, key: str) -> Visitor:
    """The employer mandates a lawyer's office, which accepts and works on the dossier."""
    today = kernel_time.today()
    employer.open(f"/dossiers/{key}/mandate")
    names = [one.get_attribute("name") or "" for one in employer.page.locator("main input:not([type=hidden])").all()]
    number = next(one for one in names if "-" not in one)
    first, last = dict.fromkeys(one.rsplit("-", 1)[0] for one in names if "-" in one)
    employer.fill({number: "0999.000.624", f"{first}-day": str(today.day), f"{first}-month": str(today.month), f"{first}-year": str(today.year),
                   f"{last}-day": "31", f"{last}-month": "12", f"{last}-year": str(today.year + 1)})
    employer.press("Give the mandate")
    lawyer = visitor(story.language)
    lawyer.sign_in(*service.login("Thomas Maes"))
    lawyer.open(f"/dossiers/{key}")
    assert lawyer.page.get_by_role("heading", level=1).text_content() == lawyer.say("Page not found")
    lawyer.open("/mandates")
    lawyer.press("Accept")
    return lawyer


def take_over(employer: Visitor, lawyer: Visitor, key: str) -> None:
    """The mandate ends: the office sees nothing any more, the employer goes on."""
    employer.open(f"/dossiers/{key}/mandate")
    employer.press("End it now")
    lawyer.open(f"/dossiers/{key}")
    assert lawyer.page.get_by_role("heading", level=1).text_content() == lawyer.say("Page not found")


def handle(story: Story, service: Service, visitor: Make, employer: Visitor, worker: Visitor, number: str, papers: dict[str, Path]) -> None:
    """The Region takes the dossier up, asks for a document, admits it and authorises the work; the Office and the post decide."""
    handler, stranger = visitor(story.language, script=story.script), visitor(story.language)
    stranger.sign_in(*service.login(story.other_handler))
    stranger.open("/counter")
    assert number not in stranger.page.content()
    stranger.open(f"/dossiers/{number}")
    assert stranger.page.get_by_role("heading", level=1).text_content() == stranger.say("Page not found")
    handler.sign_in(*service.login(story.handler))
    handler.open("/counter")
    handler.page.get_by_role("link", name=number).click()
    handler.look()
    handler.page.get_by_role("link", name=re.compile(r"paper\.pdf")).first.click()
    handler.look()
    with handler.page.expect_download() as downloading:
        handler.page.get_by_role("button", name=handler.say("Download the original"), exact=True).click()
    assert downloading.value.suggested_filename == "paper.pdf"
    step(handler, number, "take-up", "Take up this dossier")
    step(handler, number, "ask-documents", "Ask for a document", {"document": "diploma", "request": "Both sides, please."})
    employer.open(f"/dossiers/{number}")
    employer.reads("It is your turn")
    worker.open(f"/dossiers/{number}/documents/diploma")
    worker.wait_until_still()
    worker.upload(papers["pdf"])
    # What happened to the first one says "Checked" too: this is said of the new one alone, and only once it is checked.
    worker.wait_for("Added, not sent yet")
    step(worker, number, "complete", "Send what was asked")
    step(handler, number, "admit", "Declare admissible")
    step(handler, number, "grant-work", "Authorise the work", {
        "valid_from-day": "1", "valid_from-month": "3", "valid_from-year": "2027", "valid_until-day": "28", "valid_until-month": "2", "valid_until-year": "2030"})
    employer.open(f"/dossiers/{number}")
    employer.wait_for_confirmation()
    act(service, number, "immigration-office", "grant")
    employer.wait_for("Permit granted (annex 46)")
    act(service, number, "diplomatic-post", "request-visa")
    employer.wait_for("Visa D requested")
    act(service, number, "diplomatic-post", "issue-visa")
    employer.wait_for("Visa D issued")


def step(person: Visitor, number: str, action: str, label: str, answers: dict[str, str] | None = None) -> None:
    person.open(f"/dossiers/{number}/steps/{action}")
    person.fill(answers or {})
    person.press(label)
    assert "/steps/" not in person.page.url, person.page.locator("main").text_content()


def settle(story: Story, service: Service, visitor: Make, employer: Visitor, number: str, worker_address: str) -> None:
    """The worker comes back by a link, announces the arrival; the municipality registers, checks and delivers the card."""
    worker = visitor(story.language, script=story.script, size=PHONE)
    known = len(mails_to(service, worker_address))
    worker.open("/return")
    worker.fill({worker.page.locator("main input:not([type=hidden])").first.get_attribute("name") or "": worker_address})
    worker.press("Send the link")
    worker.open(link_in_mail(service, worker_address, "/invitations/", after=known))
    names = [one.get_attribute("name") or "" for one in worker.page.locator("main input:not([type=hidden])").all()]
    passport, birth = next(one for one in names if "-" not in one), next(one for one in names if "-" in one).rsplit("-", 1)[0]
    worker.fill({passport: "Z1234567", f"{birth}-day": "1", f"{birth}-month": "2", f"{birth}-year": "1990"})
    worker.press("Go on")
    today = kernel_time.today()
    step(worker, number, "announce-arrival", "Announce your arrival", {
        "arrived_on-day": str(today.day), "arrived_on-month": str(today.month), "arrived_on-year": str(today.year), "street": "Rue Haute 1", **story.arrival})
    clerk, stranger = visitor(story.language, script=story.script), visitor(story.language)
    stranger.sign_in(*service.login(story.other_clerk))
    stranger.open("/counter")
    assert number not in stranger.page.content()
    clerk.sign_in(*service.login(story.clerk))
    clerk.open("/counter")
    clerk.page.get_by_role("link", name=number).click()
    clerk.look()
    day = {"visited_on-day": str(today.day), "visited_on-month": str(today.month), "visited_on-year": str(today.year), "officer": "PZ 5345, 1234"}
    until = {"valid_until-day": "1", "valid_until-month": "2", "valid_until-year": str(today.year + 1)}
    step(clerk, number, "register", "Check passport and address", {"passport_seen": "Z1234567", "address_seen": "yes"})
    step(clerk, number, "issue-annex-49", "Issue annex 49", until)
    step(clerk, number, "record-address-check", "Record the address check: lives there", day)
    step(clerk, number, "order-card", "Order the card", {"biometrics": "yes"})
    step(clerk, number, "deliver-card", "Deliver the card", until)
