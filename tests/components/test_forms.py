"""Any question of a procedure is shown with its label, hint, problem and what was typed."""

from dataclasses import dataclass
from types import SimpleNamespace

import pytest

from frontoffice.forms.fields import Countries, Country
from frontoffice.forms.nationality import SPECIAL
from tests.components.fixtures import normal

HOSTILE = "<script>alert(1)</script>\"'"


@dataclass(frozen=True)
class Question:
    kind: str
    name: str = "answer"
    label: str = "The question"
    hint: str = "A hint"
    options: tuple[tuple[str, str, str], ...] = (("one", "First", "About it"), ("two", "Second & last", ""))
    width: int | None = None
    autocomplete: str | None = None
    inputmode: str | None = None
    optional: bool = False
    prefix: str = ""
    suffix: str = ""


def elements(html: str, tag: str) -> list[dict[str, str]]:
    return [event[1] for event in normal(html) if isinstance(event, tuple) and event[0] == tag]


KINDS = ("text", "longtext", "number", "money", "day", "choice", "choices", "yes-no", "country", "select", "email",
         "phone", "file", "agreement")  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_labelled_described_and_safe(ui: SimpleNamespace, kind: str) -> None:
    raw = {"answer": HOSTILE, "answer-day": HOSTILE}
    html = str(ui.forms.field(Question(kind), raw, {"answer": "Problem " + HOSTILE}))
    assert "<script>" not in html
    assert "The question" in html and "A hint" in html
    controls = [*elements(html, "input"), *elements(html, "textarea"), *elements(html, "select")]
    labelled = {label["for"] for label in elements(html, "label")}
    assert controls and {control["id"] for control in controls} == labelled
    described = " ".join(one.get("aria-describedby", "") for tag in ("input", "textarea", "select", "fieldset")
                         for one in elements(html, tag))  # fmt: skip
    assert "answer-error" in described
    assert set(described.split()) <= {one["id"] for tag in ("div", "p") for one in elements(html, tag) if "id" in one}


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (Question("email", autocomplete="email"), {"type": "email", "autocomplete": "email", "autocapitalize": "none"}),
        (Question("phone"), {"type": "tel"}),
        (Question("number"), {"type": "text", "inputmode": "numeric"}),
        (Question("money", prefix="€"), {"inputmode": "decimal"}),
        (Question("text", width=4), {"class": "govuk-input govuk-input--width-4"}),
        (Question("text", width=12), {"class": "govuk-input govuk-input--width-20"}),
        (Question("text", width=80), {"class": "govuk-input"}),
    ],
)
def test_an_input_helps_to_type(ui: SimpleNamespace, question: Question, expected: dict[str, str]) -> None:
    (control,) = elements(str(ui.forms.field(question)), "input")
    assert expected.items() <= control.items()


def test_a_day_is_three_inputs_that_keep_what_was_typed(ui: SimpleNamespace) -> None:
    raw = {"answer-day": "31", "answer-month": "2", "answer-year": "2027"}
    html = str(ui.forms.field(Question("day"), raw, {"answer-month": "Check the month"}))
    assert {one["name"]: one["value"] for one in elements(html, "input")} == raw
    assert [one["name"] for one in elements(html, "input") if "--error" in one["class"]] == ["answer-month"]
    assert "Check the month" in html


@pytest.mark.parametrize(("kind", "mark"), [("choice", "checked"), ("select", "selected")])
def test_what_was_chosen_stays_chosen(ui: SimpleNamespace, kind: str, mark: str) -> None:
    html = str(ui.forms.field(Question(kind), {"answer": "two"}))
    chosen = [one["value"] for tag in ("input", "option") for one in elements(html, tag) if mark in one]
    assert chosen == ["two"]
    assert "Second &amp; last" in html


def test_each_ticked_box_stays_ticked_under_its_own_name(ui: SimpleNamespace) -> None:
    html = str(ui.forms.field(Question("choices"), {"answer-two": "yes"}))
    boxes = [one for one in elements(html, "input") if one["type"] == "checkbox"]
    assert [(one["name"], one["value"]) for one in boxes if "checked" in one] == [("answer-two", "yes")]
    assert {one["name"] for one in boxes} > {"answer-two"}


def test_a_kept_list_of_options_shows_the_one_that_was_chosen(ui: SimpleNamespace) -> None:
    kept = ui.inputs.options([("BEL", "Belgium"), ("IND", "India")])
    for value, chosen in (("IND", ["IND"]), ("", []), (HOSTILE, []), ('IND" x="', [])):
        html = str(ui.forms.field(Question("country", options=()), {"answer": value}, options_html=kept))
        assert [one["value"] for one in elements(html, "option")] == ["", "BEL", "IND"]
        assert [one["value"] for one in elements(html, "option") if "selected" in one] == chosen


def test_several_countries_are_lists_under_one_legend(ui: SimpleNamespace) -> None:
    kept = ui.inputs.options([("BEL", "Belgium"), ("IND", "India")])
    html = str(ui.forms.field(Countries(name="answer", label="The question", hint="A hint", special=True), {"answer": "IND", "answer-3": "XXA"},
                              {"answer": "Choose " + HOSTILE}, options_html=kept))  # fmt: skip
    assert "<script>" not in html and html.count("The question") == 1
    lists = elements(html, "select")
    assert [one["id"] for one in lists] == [one["name"] for one in lists] == [one["for"] for one in elements(html, "label")]
    assert [one["name"] for one in lists] == ["answer", "answer-2", "answer-3", "answer-4"]
    assert all("govuk-select--error" in one["class"] for one in lists)
    assert elements(html, "fieldset")[0]["aria-describedby"] == "answer-hint answer-error"
    assert [one["value"] for one in elements(html, "option") if "selected" in one] == ["IND", "XXA"]


def test_what_is_no_country_comes_after_the_countries(ui: SimpleNamespace) -> None:
    kept = ui.inputs.options([("BEL", "Belgium"), ("IND", "India")])
    html = str(ui.forms.field(Country(name="answer", label="The question", special=True), {"answer": "RKS"}, options_html=kept))
    assert len(elements(html, "optgroup")) == 1
    assert [one["value"] for one in elements(html, "option")] == ["", "BEL", "IND", *SPECIAL]
    assert [one["value"] for one in elements(html, "option") if "selected" in one] == ["RKS"]


def test_optional_questions_say_so_and_a_heading_is_a_heading(ui: SimpleNamespace) -> None:
    assert "The question (optional)" in str(ui.forms.field(Question("text", optional=True)))
    assert len(elements(str(ui.forms.field(Question("choice"), heading=True)), "h1")) == 1
    assert len(elements(str(ui.forms.field(Question("text"), heading=True)), "h1")) == 1


def test_the_summary_leads_to_the_first_input_of_each_question(ui: SimpleNamespace) -> None:
    fields = [Question("day", name="start"), Question("text", name="name")]
    html = str(ui.forms.error_summary({"start": "No such day", "name": "Type it", "": "Signed out"}, fields))
    assert [one["href"] for one in elements(html, "a")] == ["#start-day", "#name"]
    assert "Signed out" in html
    assert str(ui.forms.error_summary({})) == ""


def test_the_token_is_the_first_thing_in_a_form(ui: SimpleNamespace) -> None:
    inputs = elements(str(ui.progress.upload("/x", "the-token", "the-key", caller=lambda: "")), "input")
    assert [(one["name"], one["value"]) for one in inputs] == [("csrf", "the-token"), ("form_key", "the-key")]
