"""The layout, the error pages and the pieces of a dossier's page."""

import re
from types import SimpleNamespace
from typing import Any

import pytest
from jinja2 import Environment

from tests.components.test_forms import HOSTILE, elements

KATRIEN = SimpleNamespace(name="Katrien De Smet", party_name="Haven NV", capacity="access manager", party_title="Haven NV", party_kind="enterprise")


def page(**more: Any) -> dict[str, Any]:
    return {
        "locale": "fr", "locales": ("nl", "fr", "de", "en"), "actor": None, "csrf_token": "the-token",
        "path_in": lambda locale: f"/{locale}/here", "title": "Title", "signed_in_minutes_left": None,
    } | more  # fmt: skip


def shown(env: Environment, source: str, **more: Any) -> str:
    return env.from_string('{% extends "layout.html" %}' + source).render(**page(**more))


def test_nothing_in_a_page_needs_an_inline_script_or_style(env: Environment) -> None:
    html = shown(env, "{% block scripts %}{{ ui.scripts.htmx() }}{{ ui.scripts.upload() }}{% endblock %}",
                 actor=KATRIEN, signed_in_minutes_left=60)  # fmt: skip
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", html)
    assert all("src" in script for script in elements(html, "script"))


def test_a_page_names_its_language_and_leads_to_the_others(env: Environment) -> None:
    html = shown(env, "")
    assert html.startswith("<!DOCTYPE html>")
    assert elements(html, "html") == [{"lang": "fr", "class": "govuk-template"}]
    links = [link for link in elements(html, "a") if link.get("rel") == "alternate"]
    assert [link["href"] for link in links[:4]] == ["/nl/here", "/fr/here", "/de/here", "/en/here"]
    assert [link["hreflang"] for link in links if "aria-current" in link] == ["fr", "fr"]


def test_the_header_says_who_acts_for_whom_and_signs_out_by_post(env: Environment) -> None:
    html = shown(env, "", actor=KATRIEN, signed_in_minutes_left=60)
    assert "Katrien De Smet" in html and "acting for Haven NV" in html
    forms = {form["action"]: form["method"] for form in elements(html, "form")}
    assert forms == {"/en/sign-out": "post", "/en/stay-signed-in": "post"}
    assert [one["value"] for one in elements(html, "input") if one["name"] == "csrf"] == ["the-token"] * 2
    assert elements(html, "dialog")[0]["data-seconds-left"] == "3600"
    assert "dialog" not in shown(env, "")


def test_the_token_travels_with_htmx(env: Environment) -> None:
    html = shown(env, "", csrf_token="a'b")
    (body,) = elements(html, "body")
    assert body["hx-headers"] == r'{"X-CSRF-Token": "a\u0027b"}'
    (config,) = [one["content"] for one in elements(html, "meta") if one.get("name") == "htmx-config"]
    assert '"allowEval":false' in config and '"historyCacheSize":0' in config and '{"code":"422","swap":true}' in config


def test_an_aside_makes_columns_and_the_content_stands_once(env: Environment) -> None:
    alone = shown(env, "{% block content %}only-once{% endblock %}")
    beside = shown(env, "{% block content %}only-once{% endblock %}{% block aside %}card{% endblock %}")
    for html in (alone, beside):
        assert html.count("only-once") == 1
        assert elements(html, "main")[0]["id"] == "content"
    assert not elements(alone, "aside") and len(elements(beside, "aside")) == 1


def test_the_title_warns_of_problems(env: Environment) -> None:
    assert "<title>Error: Title – " in shown(env, "", problems={"name": "Type it"})
    assert "<title>Title – " in shown(env, "", problems={})


def test_an_error_page_says_what_happened_and_what_to_do(env: Environment) -> None:
    explained = SimpleNamespace(title="Something changed", text="Someone took a step.", advice="Open the dossier.")
    given = page(status=409, explained=explained, message="", params={}, again={}, trace="the-trace", home="/en/start")
    html = env.get_template("error.html").render(given)
    for words in ("<title>Something changed", "Someone took a step.", "Open the dossier.", "the-trace"):
        assert words in html
    html = env.get_template("error.html").render(given | {"message": "Done by %(who)s", "params": {"who": HOSTILE}})
    assert "Done by &lt;script&gt;" in html and "Someone took a step." not in html


def test_a_step_says_its_state_in_words(ui: SimpleNamespace) -> None:
    html = str(ui.timeline.track([
        {"state": "done", "title": "Filed", "when": "2 March 2027", "datetime": "2027-03-02"},
        {"state": "now", "title": "Check", "detail": HOSTILE, "href": "/why", "link": "Why?"},
        {"state": "refused", "title": "Work"},
        {"state": "to-come", "title": "Card"},
    ]))  # fmt: skip
    for words in ("Done:", "Now:", "Refused:", "To come:"):
        assert words in html
    assert [one.get("aria-current") for one in elements(html, "li")] == [None, "step", None, None]
    assert elements(html, "time") == [{"datetime": "2027-03-02"}]
    assert "<script>" not in html


@pytest.mark.parametrize(("used", "width"), [(0, "0"), (37, "37"), (140, "100"), (-5, "0")])
def test_the_bar_of_a_clock_stays_within_its_frame(ui: SimpleNamespace, used: int, width: str) -> None:
    html = str(ui.clock.bar("3 days left", used, "soon"))
    assert elements(html, "rect")[1]["width"] == width
    assert "3 days left" in html and not elements(str(ui.clock.bar("4 days in queue")), "svg")


def test_lists_take_plain_values_and_escape_them(ui: SimpleNamespace) -> None:
    html = "".join(map(str, (
        ui.documents.list([{"title": HOSTILE, "file": HOSTILE, "detail": [HOSTILE], "status": HOSTILE},
                           {"title": "Diploma", "file": "Missing", "href": "/add", "action": "Add"}]),
        ui.facts.card([{"term": HOSTILE, "value": HOSTILE}, {"term": "Address", "value": ["Line", HOSTILE]}], HOSTILE),
        ui.now.box(HOSTILE, HOSTILE, by=HOSTILE),
        ui.summary.rows([{"key": HOSTILE, "value": [HOSTILE, "line"]}]),
        ui.tasks.list([{"title": HOSTILE, "status": HOSTILE, "hint": HOSTILE}]),
        ui.tables.table([HOSTILE], [[HOSTILE]], dense=True, label=HOSTILE),
    )))  # fmt: skip
    assert "<script>" not in html
    assert "Add<span" in html
