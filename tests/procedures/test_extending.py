"""What changes when the law does: a figure for the next year, a document, a fee, a category, each a few lines of data."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from frontoffice.dossiers import completeness
from frontoffice.dossiers.ages import ages
from frontoffice.forms.conditions import answer
from frontoffice.forms.fields import Choice
from frontoffice.procedures import figures
from frontoffice.procedures.fees import charges
from frontoffice.procedures.figures import Figures, read_rows
from frontoffice.procedures.single_permit.definition import SINGLE_PERMIT
from frontoffice.procedures.single_permit.salary import Salary, salary_check
from frontoffice.procedures.territory import Region
from frontoffice.procedures.vocabulary import EVERYONE, FILERS, DocumentRequirement, Fee, Procedure
from tests.dossiers.opened import a_dossier, answers

# The whole of a change on 1 January 2027: three rows in a file of figures.
OF_2027 = read_rows("""
[[federal-contribution]]
value = 160
unit = "EUR"
valid_from = 2027-01-01
source = "a page of 2027"
confidence = "O"

[[salary-threshold]]
region = "flanders"
category = "highly-qualified"
value = 51000
unit = "EUR gross a year"
valid_from = 2027-01-01
source = "a page of 2027"
confidence = "O"

[[criminal-record-age]]
value = 3
unit = "months"
valid_from = 2027-01-01
source = "a page of 2027"
confidence = "O"
""")
OLD_YEAR, NEW_YEAR = date(2026, 12, 31), date(2027, 1, 1)
KNOWN = {"competent_region": "flanders", "contribution_exemption": "none"}


def _asked(day: date) -> tuple[object, ...]:
    """What a dossier that is filed on a day pays, must earn, and how old its extract may be."""
    filed = replace(a_dossier("filed", given=answers(), region="flanders"), filed_at=datetime(day.year, day.month, day.day, 11, tzinfo=UTC))
    fees = {one.fee.code: one.amount for one in charges(SINGLE_PERMIT, KNOWN, Figures.at(day))}
    pay = Salary(yearly=Decimal(50000), monthly=Decimal(4000), birth_date=date(1980, 1, 1), start=day)
    threshold = salary_check(pay, Region.FLANDERS, "highly-qualified", Figures.at(day)).threshold
    extract = ages(filed, completeness.facts(filed), SINGLE_PERMIT.documents)["criminal-record"]
    return fees["federal-contribution"], fees["flanders-fee"], threshold.value, extract.oldest


def test_rows_for_2027_change_dossiers_of_2027_and_no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    before = _asked(OLD_YEAR), _asked(NEW_YEAR)
    assert before[1] == (None, Decimal(180), Decimal(48912), date(2026, 7, 1))
    monkeypatch.setattr(figures, "PUBLISHED", (*figures.PUBLISHED, *OF_2027))
    assert _asked(OLD_YEAR) == before[0] == (Decimal(152), Decimal(180), Decimal(48912), date(2026, 7, 1))
    assert _asked(NEW_YEAR) == (Decimal(160), Decimal(180), Decimal(51000), date(2026, 10, 1))


def test_the_order_of_rows_does_not_matter() -> None:
    for rows in ((*figures.PUBLISHED, *OF_2027), (*OF_2027, *figures.PUBLISHED)):
        found = Figures.at(NEW_YEAR, rows).get("salary-threshold", region="flanders", category="highly-qualified", age=40)
        assert found.value == Decimal(51000)


def _with_beekeepers() -> Procedure:
    """The single permit with one more category, which brings a document and pays a fee."""
    keeps_bees = answer("category").is_("beekeeper")
    page = next(one for one in SINGLE_PERMIT.pages if one.code == "category")
    fields = [replace(one, choices=(*one.choices, ("beekeeper", "Beekeeper", ""))) if isinstance(one, Choice) and one.name == "category" else one
              for one in page.form.fields]
    licence = DocumentRequirement(code="bee-licence", title="Licence to keep bees", by=FILERS, seen_by=EVERYONE, when=keeps_bees, max_age="bee-licence-age")
    fee = Fee(code="bees", title="Bees", figure="bee-fee", category="beekeeper", payer="Employer", where="At the hive", when=keeps_bees)
    return replace(
        SINGLE_PERMIT, pages=[replace(one, form=replace(one.form, fields=fields)) if one is page else one for one in SINGLE_PERMIT.pages],
        documents=[*SINGLE_PERMIT.documents, licence], fees=[*SINGLE_PERMIT.fees, fee])


BEES = read_rows("""
bee-fee = [{ category = "beekeeper", value = "12.50", unit = "EUR", source = "a page", confidence = "O" }]
bee-licence-age = [{ value = 10, unit = "days", source = "a page", confidence = "P" }]
""")


@pytest.mark.parametrize(("category", "asked"), [("beekeeper", True), ("highly-qualified", False)])
def test_a_category_a_document_and_a_fee(monkeypatch: pytest.MonkeyPatch, category: str, asked: bool) -> None:
    monkeypatch.setattr(figures, "PUBLISHED", (*figures.PUBLISHED, *BEES))
    procedure = _with_beekeepers()
    page = procedure.page("category")
    assert page is not None and not page.form.read({"category": category}, KNOWN).problems
    assert SINGLE_PERMIT.page("category").form.read({"category": "beekeeper"}, KNOWN).problems  # type: ignore[union-attr]
    dossier = a_dossier(given=answers(), procedure=procedure)
    known = {**completeness.facts(dossier), "category": category}
    wanted = completeness.documents_that_count(dossier, known)
    assert ("bee-licence" in {one.code for one in wanted}) is asked
    assert ("bee-licence" in ages(dossier, known, wanted)) is asked
    assert [one.amount for one in charges(procedure, known, Figures.at(OLD_YEAR)) if one.fee.code == "bees"] == ([Decimal("12.50")] if asked else [])
