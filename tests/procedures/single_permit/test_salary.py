"""A salary against the threshold of each Region."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from frontoffice.procedures.figures import Figure, Figures, UnknownFigure
from frontoffice.procedures.single_permit.salary import Salary, salary_check
from frontoffice.procedures.territory import Region

FILING = date(2026, 11, 21)
START = date(2027, 1, 4)
BORN_1993, BORN_1998 = date(1993, 2, 14), date(1998, 3, 1)


def check(region: str, **said: Any) -> Any:
    salary = Salary(
        **{"yearly": Decimal(50_000), "monthly": Decimal(4_000), "birth_date": BORN_1993, "start": START, **said}
    )
    return salary_check(salary, Region(region), "highly-qualified", Figures.at(FILING))


@pytest.mark.parametrize(
    ("region", "said", "enough", "threshold"),
    [
        ("flanders", {"yearly": Decimal("48912.00")}, True, "48912"),
        ("flanders", {"yearly": Decimal("48911.99")}, False, "48912"),
        ("flanders", {"yearly": Decimal("48911.99"), "birth_date": BORN_1998}, True, "39129.60"),
        ("flanders", {"yearly": Decimal("39129.59"), "birth_date": BORN_1998}, False, "39129.60"),
        ("flanders", {"yearly": Decimal("40000"), "birth_date": BORN_1998, "posted": True}, False, "48912"),
        ("flanders", {"yearly": Decimal("40000"), "birth_date": None}, True, "39129.60"),
        ("flanders", {"yearly": Decimal("39000"), "birth_date": None}, False, "39129.60"),
        ("wallonia", {"yearly": Decimal("53220")}, True, "53220"),
        ("wallonia", {"yearly": Decimal("53219")}, False, "53220"),
        ("wallonia", {"yearly": Decimal("42576"), "birth_date": BORN_1998}, True, "42576"),
        ("brussels", {"monthly": Decimal("3703.44"), "yearly": None}, True, "3703.44"),
        ("brussels", {"monthly": Decimal("3703.43"), "birth_date": BORN_1998}, False, "3703.44"),
        ("german-speaking-community", {"yearly": Decimal("49830")}, True, "49830"),
        ("german-speaking-community", {"yearly": Decimal("49829"), "birth_date": BORN_1998}, False, "49830"),
        ("flanders", {"yearly": None}, False, "48912"),
    ],
)
def test_enough_or_not(region: str, said: dict[str, Any], enough: bool, threshold: str) -> None:
    result = check(region, **said)
    assert (result.enough, result.threshold.amount) == (enough, Decimal(threshold))
    explanation = result.explanation
    assert explanation.text % explanation.params


def test_turning_thirty_ends_the_lower_threshold_the_day_before() -> None:
    assert check("flanders", yearly=Decimal(40_000), birth_date=BORN_1998).until == date(2028, 2, 29)
    assert check("flanders", yearly=Decimal(40_000), birth_date=BORN_1998, end=date(2028, 2, 29)).until is None
    assert check("flanders", yearly=Decimal(50_000), birth_date=BORN_1998).until is None
    assert "raise the pay" in check("flanders", yearly=Decimal(40_000), birth_date=BORN_1998).explanation.text
    assert "raise the pay" not in check("wallonia", yearly=Decimal(43_000), birth_date=BORN_1998).explanation.text
    # On the thirtieth birthday itself the full amount counts.
    assert not check("flanders", yearly=Decimal(40_000), birth_date=date(1997, 1, 4)).enough
    assert check("flanders", yearly=Decimal(40_000), birth_date=date(1997, 1, 5)).enough


def test_the_date_that_counts_is_a_figure_of_its_own() -> None:
    def row(code: str, value: Any, unit: str, start: date | None = None, until: date | None = None) -> Figure:
        return Figure(
            code=code, value=value, unit=unit, source="test", confidence="U", valid_from=start, valid_until=until
        )

    old = row("salary-threshold", Decimal(100), "EUR gross a year", None, date(2026, 12, 31))
    new = row("salary-threshold", Decimal(200), "EUR gross a year", date(2027, 1, 1))
    for reference, threshold in (("filing", 100), ("decision", 100), ("start-of-work", 200)):
        figures = Figures.at(FILING, rows=(old, new, row("threshold-reference-date", reference, "text")))
        salary = Salary(yearly=Decimal(150), monthly=None, birth_date=BORN_1993, start=START)
        assert salary_check(salary, Region.BRUSSELS, "highly-qualified", figures).threshold.amount == threshold


def test_an_unknown_threshold_is_said_to_be_unknown() -> None:
    salary = Salary(yearly=Decimal(1), monthly=None, birth_date=None, start=START)
    with pytest.raises(UnknownFigure):
        salary_check(salary, Region.FLANDERS, "artist", Figures.at(FILING))
