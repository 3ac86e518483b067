"""Long lists are plain lists without script, and searchable by typing in any language with it."""

import json
from collections.abc import Iterator
from types import SimpleNamespace
from urllib.parse import parse_qs

import pytest
from jinja2 import Environment
from playwright.sync_api import Browser, Locator, Page, expect

from frontoffice.forms.fields import Country, Field
from frontoffice.kernel.i18n import countries
from frontoffice.procedures.choices import SEARCHABLE, Occupation, Post, names_in
from frontoffice.procedures.places import MunicipalityName, PostalCode
from tests.components.test_forms import elements
from tests.components.test_scripts import Portal, browser, tab

__all__ = ["browser", "tab"]

OCCUPATION = Occupation(name="isco", label="Occupation", hint="As in the contract.")
POST = Post(name="post", label="Embassy or consulate")
COUNTRY = Country(name="nationality", label="Nationality")
POSTAL_CODE = PostalCode(name="code", label="Postal code")
TOWN = MunicipalityName(name="town", label="Municipality", postal_code="code")
FIELDS: tuple[Field, ...] = (OCCUPATION, POST, COUNTRY, POSTAL_CODE, TOWN)

FORM = """{% extends "layout.html" %}{% block content %}{% call ui.forms.form("/send", csrf_token) %}
{% for field in fields %}{{ ui.forms.field(field, raw, told, options_html=country_options if field.kind == "country" else "") }}{% endfor %}
{{ ui.forms.submit("Save") }}{% endcall %}{% endblock %}"""


@pytest.fixture
def portal(env: Environment, ui: SimpleNamespace) -> Iterator[Portal]:
    portal = Portal(env)
    for code in SEARCHABLE:
        portal.pages[f"/static/choices/{code}.json"] = json.dumps(names_in(code))
    listed = ui.inputs.options(countries("en"))
    portal.show("/form", FORM, fields=FIELDS, raw={}, told={}, country_options=listed)
    portal.show("/again", FORM, fields=FIELDS, raw={"isco": "2512", "nationality": "MAR"}, country_options=listed,
                told={"isco": "Choose an occupation from the list"})  # fmt: skip
    portal.show("/done", '{% extends "layout.html" %}{% block content %}<h1>Stored</h1>{% endblock %}')
    yield portal
    portal.server.shutdown()
    portal.server.server_close()


def box(tab: Page, name: str) -> Locator:
    """The box in which a list is searched; a list that the script has not reached yet has the same role."""
    return tab.get_by_role("combobox", name=name).and_(tab.locator("input"))


def sent(tab: Page, portal: Portal) -> dict[str, list[str]]:
    tab.get_by_role("button", name="Save").click()
    expect(tab.get_by_role("heading", name="Stored")).to_be_visible()
    return parse_qs(portal.bodies[-1].decode())


def test_a_long_list_is_a_list_under_headings(ui: SimpleNamespace) -> None:
    html = str(ui.forms.field(OCCUPATION, {"isco": "2512"}, {"isco": "Choose one"}))
    options = elements(html, "option")
    assert len(options) == 437 and options[0]["value"] == ""
    assert [one["value"] for one in options if "selected" in one] == ["2512"]
    assert [one["label"] for one in elements(html, "optgroup")][:2] == ["Armed forces occupations", "Managers"]
    (select,) = elements(html, "select")
    assert select["data-search"] == "/static/choices/occupations.json" and "isco-error" in select["aria-describedby"]


@pytest.mark.parametrize(
    ("question", "typed", "found", "value"),
    [
        ("Occupation", "softwareontw", "Software developers (2512)", "2512"),
        ("Occupation", "ingenieurs electriciens", "Electrical engineers (2151)", "2151"),
        ("Occupation", "kinesi", "Physiotherapists (2264)", "2264"),
        ("Occupation", "9112", "Cleaners and helpers in offices, hotels and other establishments (9112)", "9112"),
        ("Embassy or consulate", "le caire", "Cairo, Egypt", "egy-cairo"),
        ("Nationality", "Côte d'Ivoire", "Côte d’Ivoire", "CIV"),
        ("Nationality", "deutschl", "Germany", "DEU"),
    ],
)  # fmt: skip
def test_typing_in_any_language_finds_the_choice(
    tab: Page, portal: Portal, question: str, typed: str, found: str, value: str
) -> None:
    tab.goto("/form")
    box(tab, question).press_sequentially(typed)
    expect(tab.get_by_role("option").first).to_contain_text(found)
    box(tab, question).press("Enter")
    expect(box(tab, question)).to_have_value(found)
    expect(tab.locator("select").first).to_be_hidden()
    assert [value] in sent(tab, portal).values()


def test_the_name_that_was_typed_is_shown_beside_the_choice_in_its_own_language(tab: Page) -> None:
    tab.goto("/form")
    box(tab, "Occupation").press_sequentially("elektrotechnisch ing")
    also = tab.get_by_role("option").first.locator(".search__also")
    expect(also).to_have_text("Elektrotechnisch ingenieurs")
    expect(also).to_have_attribute("lang", "nl")


def test_what_was_chosen_before_is_there_with_its_problem_and_can_be_taken_away(tab: Page, portal: Portal) -> None:
    tab.goto("/again")
    occupation = box(tab, "Occupation")
    expect(occupation).to_have_value("Software developers (2512)")
    expect(occupation).to_have_accessible_description("As in the contract. Error: Choose an occupation from the list "
                                                      "Type to search, in any language. Go through what is found with the "
                                                      "arrow keys, and choose with Enter.")  # fmt: skip
    occupation.fill("")
    box(tab, "Nationality").fill("nowhere at all")
    expect(tab.get_by_text("Nothing found. Try another word.").first).to_be_visible()
    answers = sent(tab, portal)
    assert "isco" not in answers and "nationality" not in answers


@pytest.mark.parametrize(("typed", "value"), [("2512", "2512"), ("Softwareontwikkelaars", "2512"), ("software", None)])
def test_what_was_typed_counts_only_when_it_names_one_choice(tab: Page, portal: Portal, typed: str, value: str | None) -> None:
    tab.goto("/form")
    box(tab, "Occupation").press_sequentially(typed)
    expect(tab.get_by_role("option").first).to_be_visible()
    box(tab, "Embassy or consulate").focus()
    assert sent(tab, portal).get("isco") == (value and [value])


def test_the_arrow_keys_open_the_whole_list(tab: Page) -> None:
    tab.goto("/form")
    box(tab, "Embassy or consulate").focus()
    tab.keyboard.press("ArrowDown")
    expect(tab.get_by_role("option").first).to_be_focused()
    expect(tab.get_by_role("option").first).to_have_text("Tirana, Albania")
    tab.keyboard.press("Escape")
    expect(tab.get_by_role("option").first).to_be_hidden()


def test_a_municipality_is_sent_as_it_was_chosen_and_the_postal_code_comes_first(tab: Page, portal: Portal) -> None:
    tab.goto("/form")
    tab.get_by_label("Postal code").fill("1050")
    box(tab, "Municipality").press_sequentially("el")
    expect(tab.get_by_role("option").first).to_contain_text("Ixelles")
    tab.get_by_role("option").first.click()
    expect(box(tab, "Municipality")).to_have_value("Ixelles")
    expect(box(tab, "Municipality")).to_have_attribute("autocomplete", "address-level2")
    assert sent(tab, portal)["town"] == ["Ixelles"]


def test_without_script_the_lists_are_chosen_from(browser: Browser, portal: Portal) -> None:
    with browser.new_context(base_url=portal.address, java_script_enabled=False) as context:
        tab = context.new_page()
        tab.goto("/form")
        tab.get_by_label("Occupation").select_option("2512")
        assert sent(tab, portal)["isco"] == ["2512"]


def test_a_page_of_long_lists_fits_a_narrow_screen(tab: Page) -> None:
    tab.set_viewport_size({"width": 320, "height": 600})
    tab.goto("/form")
    box(tab, "Occupation").press_sequentially("operat")
    expect(tab.get_by_role("option").first).to_be_visible()
    assert tab.evaluate("document.documentElement.scrollWidth") <= 320
