"""Each procedure is filed by its own sample person, reaches the backbone as its schema says, and goes its way to a good end."""

import re
import time
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path

import psycopg
import pytest

from e2e.conftest import DESK, PHONE, Service
from e2e.pages import Visitor
from e2e.test_story import act, papers  # noqa: F401 - the papers are a fixture
from frontoffice.backbone import contract
from frontoffice.kernel.time import today
from frontoffice.procedures import every_in_force
from frontoffice.procedures.competence import Competence
from frontoffice.procedures.lifecycle import Step
from frontoffice.procedures.vocabulary import Procedure, Role, field_of
from tests.walking import said_with, taken_here, usual_way

Make = Callable[..., Visitor]
# The single permit has a story of its own, with the worker in it.
PROCEDURES = [one for one in every_in_force(today()) if one.code != "single-permit"]
# Who files, and for which enterprise when there are several.
WHO: Mapping[str, tuple[str, str]] = {
    "unlimited-permit": ("Amina Diallo", ""), "work-authorisation": ("Pieter Claessens", ""),
    "visa-c": ("Meera Nair", ""), "visa-d-family": ("Rania Khoury", ""), "visa-d-study": ("Grace Mbarga", ""), "visa-d-researcher": ("Arjun Mehta", ""),
    "visa-d-au-pair": ("Camila Rojas", ""), "visa-d-working-holiday": ("Liam Walker", ""), "visa-d-marriage": ("Fatima Zahra Bennis", ""),
    "visa-d-humanitarian": ("Selam Tesfay", ""), "guarantee-short-stay": ("Arjun Nair", ""), "guarantee-study": ("Joseph Mbarga", ""),
    "declaration-of-arrival": ("Kofi Mensah", ""),
}
HANDLERS = {"flanders": "Ilse Claes", "wallonia": "Benoît Dumont", "brussels": "Samira Benali", "german-speaking-community": "Dieter Pauels"}
CLERKS = {"municipality-11002": "Jan Peeters", "municipality-21004": "Chloé Lefèvre", "municipality-62063": "Michel Renard",
          "municipality-63023": "Petra Küpper", "municipality-44021": "Lotte Wouters"}
LOOKS = (("nl", True, DESK), ("fr", False, PHONE), ("de", True, PHONE), ("en", False, DESK))


def sample(procedure: Procedure) -> tuple[Mapping[str, Mapping[str, str]], tuple[str, ...]]:
    """The answers by page, as they are stored, and the documents of the sample person."""
    module = import_module(f"tests.procedures.samples.{procedure.code.replace('-', '_')}")
    return module.ANSWERS, tuple(module.DOCUMENTS)


def known_of(procedure: Procedure) -> dict[str, str]:
    """The answers of the sample person, with the facts that follow from them."""
    known = {name: text for page in sample(procedure)[0].values() for name, text in page.items()}
    return known | procedure.derive(known, today())


def filed(person: Visitor, service: Service, procedure: Procedure, papers: dict[str, Path]) -> str:  # noqa: F811
    """An application filed by its sample person, from the public page to the receipt; its number."""
    known, documents = known_of(procedure), sample(procedure)[1]
    name, hat = WHO[procedure.code]
    person.sign_in(*service.login(name), hat=hat)
    person.open(f"/procedures/{procedure.code}")
    person.follow("Start this application")
    person.press("Begin")
    key = person.page.url.rsplit("/", 1)[-1]
    fill_in(person, key, procedure, known)
    bring(person, key, documents, papers)
    person.open(f"/dossiers/{key}/check")
    person.wait_for("Everything is there")
    person.press("File the application")
    person.reads("We have your application")
    found = re.search(rf"{procedure.prefix}-[0-9]{{4}}-[0-9]{{7}}-[0-9A-Z]", person.page.content())
    assert found
    return found.group(0)


@pytest.mark.parametrize("procedure", PROCEDURES, ids=lambda one: one.code)
def test_from_the_finder_to_a_good_end(procedure: Procedure, service: Service, visitor: Make, papers: dict[str, Path]) -> None:  # noqa: F811
    language, script, size = LOOKS[PROCEDURES.index(procedure) % len(LOOKS)]
    person = visitor(language, script=script, size=size)
    number = filed(person, service, procedure, papers)
    person.open(f"/dossiers/{number}")
    person.wait_for_confirmation()
    handed_over(service, number)
    walk(procedure, known_of(procedure), number, (service, person), lambda login: signed_in(service, visitor(language, script=script), login))
    person.open(f"/dossiers/{number}")
    person.reads(usual_way(procedure)[-1].done)


def fill_in(person: Visitor, key: str, procedure: Procedure, known: Mapping[str, str]) -> None:
    """Every page that counts, with the answers of the sample."""
    for page in procedure.pages:
        if page.when is None or page.when.holds(known):
            person.open(f"/dossiers/{key}/pages/{page.code}")
            person.fill_stored(page.form.asked(known), known)
            person.press("Save and continue")
            assert not person.page.url.endswith(f"/pages/{page.code}"), person.page.locator("main").inner_text()


def bring(person: Visitor, key: str, documents: tuple[str, ...], papers: dict[str, Path]) -> None:  # noqa: F811
    """Every document, issued today where the day is asked, and each of them checked."""
    day = today()
    for index, code in enumerate(documents):
        person.open(f"/dossiers/{key}/documents/{code}")
        if person.page.locator('[name="issued-day"]').count():
            person.fill({"issued-day": str(day.day), "issued-month": str(day.month), "issued-year": str(day.year)})
        person.upload(papers[("pdf", "jpg", "png")[index % 3]])
    for code in documents:
        person.open(f"/dossiers/{key}/documents/{code}")
        person.wait_for("Checked")


def signed_in(service: Service, official: Visitor, name: str) -> Visitor:
    """An official before the work list."""
    official.sign_in(*service.login(name))
    official.open("/counter?state=all")
    return official


def walk(procedure: Procedure, known: Mapping[str, str], number: str, filer: tuple[Service, Visitor], official: Callable[[str], Visitor]) -> None:
    """The usual way, each step by whoever takes it: here, or in the stand-in for the federal authorities."""
    service, person = filer
    outcome = procedure.competent(known)
    assert isinstance(outcome, Competence)
    stored = {name: value for name, value in known.items() if field_of(procedure, name)}
    officials: dict[str, Visitor] = {}
    town = outcome.authority if outcome.role == Role.MUNICIPALITY else ""
    for row in usual_way(procedure):
        step = taken_here(procedure, row, {procedure.first_role, outcome.role, Role.MUNICIPALITY})
        evidence = said_with(step, stored)
        if step.lets_town_in:
            town = f"municipality-{evidence.get(step.lets_town_in) or stored[step.lets_town_in]}"
        if federal := step.by & {Role.IMMIGRATION_OFFICE, Role.DIPLOMATIC_POST}:
            person.open(f"/dossiers/{number}")
            person.wait_for_confirmation()
            act(service, number, next(iter(federal)), step.action)
            wait_until_done(service, number, step.action)
        elif step.by & {Role.REGION, Role.MUNICIPALITY}:
            name = HANDLERS[outcome.authority] if Role.REGION in step.by else CLERKS[town]
            if name not in officials:
                officials[name] = official(name)
                officials[name].page.get_by_role("link", name=number).click()
                officials[name].page.wait_for_load_state("load")
            take(officials[name], number, step, evidence)
        else:
            take(person, number, step, evidence)


def take(person: Visitor, number: str, step: Step, evidence: Mapping[str, str]) -> None:
    """One step on its page."""
    person.open(f"/dossiers/{number}/steps/{step.action}")
    person.fill_stored(step.evidence, evidence)
    person.press(step.label)
    assert "/steps/" not in person.page.url, person.page.locator("main").inner_text()


def wait_until_done(service: Service, number: str, action: str) -> None:
    """What the federal authorities tell comes in by a job, which takes a moment."""
    sought = "SELECT count(*) FROM event e JOIN dossier d ON d.id = e.dossier_id WHERE d.number = %s AND e.action = %s"
    with psycopg.connect(service.database) as connection:
        for _try in range(480):
            row = connection.execute(sought, (number, action)).fetchone()
            if row and row[0]:
                return
            connection.rollback()
            time.sleep(0.25)
    raise AssertionError(f"{action} did not come in for {number}")


def handed_over(service: Service, number: str) -> None:
    """The stand-in took the message, and it is what the published schemas of the contract ask for."""
    [dossier] = [one for one in service.books() if one["number"] == number]
    claims = service.message(dossier["messages"][0]["jti"])
    assert contract.violations("message", claims) == []
    assert contract.procedure_violations(claims["body"]) == []
    assert all(one["complete"] for one in dossier["documents"])
