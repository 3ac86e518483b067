"""The finder in a browser, without an account: its questions lead to each procedure, as the table of cases says."""

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from e2e.conftest import DESK, PHONE
from e2e.pages import Visitor
from frontoffice.kernel.time import today
from frontoffice.procedures import in_force
from frontoffice.procedures.finder.questions import MOST_STEPS, STEPS

_TABLE: list[dict[str, Any]] = tomllib.loads((Path(__file__).parent.parent / "tests" / "cases" / "finder.toml").read_text("utf-8"))["case"]
# The first row of the table that leads to each procedure.
ROWS = list({one["leads_to"]: one for one in reversed(_TABLE) if "leads_to" in one}.values())
LOOKS = (("de", False, PHONE), ("nl", True, DESK), ("fr", True, PHONE), ("en", False, DESK))


@pytest.mark.parametrize("row", ROWS, ids=[one["leads_to"] for one in ROWS])
def test_the_finder_leads_there(row: Mapping[str, Any], visitor: Callable[..., Visitor]) -> None:
    language, script, size = LOOKS[ROWS.index(row) % len(LOOKS)]
    answers = dict(one.split("=", 1) for one in row["answers"].split())
    fields = {one.name: one for step in STEPS for one in step.form.fields}
    person = visitor(language, script=script, size=size)
    person.open("/finder")
    for _page in range(MOST_STEPS + 1):
        asked = person.page.locator('main form input[name="asked"]')
        if not asked.count():
            break
        shown = {name for name in answers if name in fields and person.page.locator(f'main form [name^="{name}"]:not([type=hidden])').count()}
        person.fill_stored([fields[name] for name in shown], {name: answers[name] for name in shown if answers[name] != "-"})
        person.press("Continue")
    procedure = in_force(row["leads_to"], today())
    person.reads(procedure.title)
    person.page.locator(f'main a[href*="/procedures/{procedure.code}"]').first.click()
    person.look()
    person.reads("What it costs")
    person.follow("Start this application")
    assert "/sign-in" in person.page.url
