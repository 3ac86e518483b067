"""Conditions: what holds, what they ask for, and how they are printed."""

import pytest

from frontoffice.forms.conditions import Condition, answer

flanders = answer("region").is_("flanders")
two = answer("region").is_in("flanders", "brussels")
minor = answer("adult").is_("no")


@pytest.mark.parametrize(("condition", "answers", "holds"), [
    (flanders, {"region": "flanders"}, True), (flanders, {"region": "brussels"}, False), (flanders, {}, False), (flanders, {"region": ""}, False),
    (flanders, {"Region": "flanders"}, False), (two, {"region": "brussels"}, True), (two, {"region": "wallonia"}, False),
    (~minor, {}, True), (~minor, {"adult": "no"}, False), (~minor, {"adult": "yes"}, True), (~~minor, {"adult": "no"}, True),
    (two & ~minor, {"region": "flanders"}, True), (two & ~minor, {"region": "flanders", "adult": "no"}, False), (two & ~minor, {"adult": "yes"}, False),
    (~(two & minor), {"region": "flanders", "adult": "no"}, False), (~(two & minor), {"region": "flanders"}, True),
])
def test_what_holds(condition: Condition, answers: dict[str, str], holds: bool) -> None:
    assert condition.holds(answers) is holds


@pytest.mark.parametrize(("condition", "questions", "printed"), [
    (flanders, {"region"}, "region in ['flanders']"), (two, {"region"}, "region in ['brussels', 'flanders']"), (~minor, {"adult"}, "not adult in ['no']"),
    (two & ~minor, {"region", "adult"}, "(region in ['brussels', 'flanders'] and not adult in ['no'])"),
])
def test_what_it_asks_for_and_says(condition: Condition, questions: set[str], printed: str) -> None:
    assert condition.questions() == questions
    assert str(condition) == printed


def test_equal_conditions_are_equal() -> None:
    assert answer("a").is_in("x", "y") == answer("a").is_in("y", "x")
    assert answer("a").is_("x") != ~answer("a").is_("x")
