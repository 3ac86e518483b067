"""Templates compile in every language, name only what exists, and hold no script, style or markup of their own."""

import ast
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import StrictUndefined, nodes

from frontoffice.kernel.i18n import LOCALES, Locale
from frontoffice.kernel.rendering import environment
from tests.patrol.conftest import ROOT, TEMPLATES, Walked, parsed, templates

PAGES = [one for one in templates() if one.parent.name not in ("components", "notices") and "notices" not in one.parts]
COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
EXPRESSION = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)


def source(template: Path) -> str:
    return COMMENT.sub("", template.read_text("utf-8"))


def named(template: Path) -> str:
    return template.relative_to(TEMPLATES).as_posix()


@pytest.mark.parametrize("locale", LOCALES)
def test_every_template_compiles(locale: Locale) -> None:
    made = environment(locale)
    assert made.undefined is StrictUndefined and made.autoescape is True
    for template in [*templates(), *templates("*.txt")]:
        made.get_template(named(template))


def test_links_lead_to_routes_that_exist(walked: list[Walked]) -> None:
    patterns = {one.name: set(re.findall(r"\{(\w+)\}", one.path)) for one in walked}
    wrong = []
    made = environment("en")
    for template in [*templates(), *templates("*.txt")]:
        tree = made.parse(template.read_text("utf-8"))
        for call in tree.find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name == "url" and isinstance(call.args[0], nodes.Const):
                name, given = call.args[0].value, {one.key for one in call.kwargs}
                if name not in patterns or patterns[name] - given:
                    wrong.append(f"{named(template)}: {name}({', '.join(sorted(given))})")
    assert not wrong


def test_handlers_lead_to_routes_and_templates_that_exist(walked: list[Walked]) -> None:
    names, wrong = {one.name for one in walked}, []
    for module in sorted((ROOT / "frontoffice").rglob("*.py")):
        for call in (one for one in ast.walk(parsed(module)) if isinstance(one, ast.Call)):
            called = call.func.id if isinstance(call.func, ast.Name) else ""
            texts = [one.value for one in call.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
            if called == "see_other" and texts and texts[0] not in names:
                wrong.append(f"{module.name}: see_other to {texts[0]}")
            if called == "page" and module.parent.parent.name != "procedures" and texts and not (TEMPLATES / texts[0]).is_file():
                wrong.append(f"{module.name}: page {texts[0]}")
    assert not wrong


def test_a_block_that_htmx_replaces_lives_in_the_element_of_its_name() -> None:
    wrong = []
    for template in PAGES:
        text = source(template)
        for target in re.findall(r'hx-target="#([\w-]+)"', text):
            element = re.search(rf'<(\w+)[^<>]*\bid="{target}"[^<>]*>\s*\{{% block {target} %\}}', text)
            if element is None or not re.search(rf"\{{% endblock %\}}\s*</{element[1]}>", text):
                wrong.append(f"{named(template)}: #{target}")
    assert not wrong


class Tags(HTMLParser):
    """The tags of a template in which every expression was replaced by a word."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.feed(EXPRESSION.sub("EXPRESSION", text))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))


def test_htmx_only_repeats_what_works_without_it() -> None:
    for template in templates():
        for tag, attributes in Tags(source(template)).found:
            asks = {name for name in attributes if name.startswith("hx-") and name != "hx-headers"}
            assert asks <= {"hx-get", "hx-post", "hx-target", "hx-trigger", "hx-swap", "hx-select", "hx-indicator", "hx-push-url"}, (named(template), asks)
            if "hx-post" in asks:
                assert tag == "form" and attributes.get("method") == "post" and attributes.get("action"), named(template)
            if "hx-get" in asks:
                assert (tag == "a" and attributes.get("href")) or (tag == "form" and attributes.get("method") == "get"), named(template)


def test_no_text_of_a_person_in_an_attribute_that_htmx_reads() -> None:
    """Only addresses of ours, and the form token on the body, are put in there."""
    allowed = re.compile(r'url\("[a-z-]+"(, \w+=[\w.]+)*\)')
    for template in templates():
        for name, value in re.findall(r"(hx-[\w-]+)=(\"(?:\{\{.*?\}\}|[^\"])*\"|'[^']*')", source(template)):
            expressions = re.findall(r"\{\{\s*(.*?)\s*\}\}", value)
            if name == "hx-headers":
                assert expressions == ['{"X-CSRF-Token": csrf_token}|tojson'], named(template)
            else:
                assert all(allowed.fullmatch(one) for one in expressions), (named(template), name, value)


def test_no_script_style_or_handler_of_its_own() -> None:
    for template in templates():
        text = source(template)
        mail = "notices" in template.parts
        for tag, attributes in Tags(text).found:
            assert tag not in {"base", "iframe", "object", "embed", "frame", "applet"}, named(template)
            assert tag != "style" or mail, named(template)
            assert not [name for name in attributes if name.startswith("on") or name in ("style", "srcdoc", "formaction", "ping") and not mail], named(template)
            assert not [value for value in attributes.values() if re.match(r"\s*(javascript|data|vbscript):", value, re.IGNORECASE)], named(template)
        scripts = re.findall(r"<script\b([^>]*)>(.*?)</script>", text, re.DOTALL)
        assert all(re.search(r'src="\{\{ asset\("built/', start) and not content.strip() for start, content in scripts), named(template)


def test_nothing_switches_escaping_off() -> None:
    for template in [*templates(), *templates("*.txt")]:
        text = source(template)
        assert not re.search(r"\|\s*safe\b|autoescape|Markup|\|\s*(attr|tojson\|safe)\b", text), named(template)
    for module in sorted((ROOT / "frontoffice").rglob("*.py")):
        text = module.read_text("utf-8")
        # texts.py hands over what the Markdown parser wrote, which escapes all and knows no HTML.
        if module.relative_to(ROOT).as_posix() not in {"frontoffice/kernel/rendering.py", "frontoffice/public/texts.py"}:
            assert not re.search(r"\bMarkup\b|from_string\(", text), module


def test_pages_write_no_input_by_hand() -> None:
    """Hidden values apart, every control comes from the components, which know labels, hints and errors."""
    found = []
    for template in PAGES:
        for tag, attributes in Tags(source(template)).found:
            if tag in ("select", "textarea") or tag == "input" and attributes.get("type") != "hidden":
                found.append(named(template))
    assert not found


def test_every_form_carries_its_token() -> None:
    for template in PAGES:
        for form in re.findall(r"<form\b.*?</form>", source(template), re.DOTALL):
            assert 'method="get"' in form or "ui.forms.tokens(csrf_token)" in form, named(template)


def test_notices_and_pages_are_whole() -> None:
    for folder in sorted(one for one in (TEMPLATES / "notices").iterdir() if one.is_dir()):
        assert {one.name for one in folder.iterdir()} >= {"subject.txt", "body.txt", "body.html"}, folder.name
