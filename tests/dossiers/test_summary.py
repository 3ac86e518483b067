"""What authorities read at once, which files count, and who opened the dossier."""

from dataclasses import replace
from datetime import timedelta

import pytest

from frontoffice.dossiers.openings import Opened
from frontoffice.dossiers.summary import document_rows, key_facts, openings_by_day
from frontoffice.kernel.i18n import Locale
from frontoffice.kernel.message import say
from frontoffice.procedures.vocabulary import Role
from tests.dossiers.opened import NOON, a_dossier, answers, document, happened
from tests.dossiers.test_track import ARRIVED


@pytest.mark.parametrize(("role", "titles"), [
    (Role.REGION, ["Worker", "Function", "Diploma", "The employment contract", "Pay", "Place of work"]),
    (Role.MUNICIPALITY, ["Worker", "Passport", "Address in Belgium"]), (Role.EMPLOYER, []), (Role.WORKER, []),
])
def test_each_authority_has_its_own_facts_first(role: str, titles: list[str]) -> None:
    events = happened(*ARRIVED)
    rows = key_facts(a_dossier("arrived", roles=(role,), given=answers()), events)
    assert [one.title for one in rows] == titles
    for row in rows:
        assert row.values and all(value for _label, value in row.values)


@pytest.mark.parametrize(("kinds", "shown", "filed"), [
    (["refused"], ["refused"], []), (["refused", "checked"], ["checked"], ["checked"]), (["received", "refused"], ["received"], ["received"]), ([], [], []),
])
def test_a_refused_file_gives_way_and_is_never_filed(kinds: list[str], shown: list[str], filed: list[str]) -> None:
    dossier = replace(a_dossier(given=answers()), documents=[document("diploma", one) for one in kinds])
    for at, wanted in ((None, shown), (NOON + timedelta(days=400), filed)):
        row = next(one for one in document_rows(dossier, at=at) if one.requirement.code == "diploma")
        assert [one.state for one in row.given] == wanted


@pytest.mark.parametrize(("locale", "who"), [("en", "Municipality of Antwerp"), ("fr", "Commune : Anvers"), ("de", "Gemeinde Antwerpen"), ("nl", "Gemeente Antwerpen")])
def test_openings_of_one_day_are_one_row(locale: Locale, who: str) -> None:
    looks = [Opened("Antwerpen", NOON, ["visa", "passport"]), Opened("Antwerpen", NOON - timedelta(days=1))]
    today, before = openings_by_day(a_dossier("arrived"), looks)
    assert say(today.who, locale) == who
    assert (today.last_at, list(today.documents)) == (NOON, ["Passport, every page"])
    assert before.documents == []
