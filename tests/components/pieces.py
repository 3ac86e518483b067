"""How the fixtures' options of the other components become calls of our macros."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from tests.components.fixtures import Options, Reader, Rendered, UnsupportedOption, attributes


def button(ui: SimpleNamespace, reader: Reader) -> str:
    if reader.left.get("preventDoubleClick") is False:
        raise UnsupportedOption("leaving the attribute out says the same")
    arguments = {
        "text": reader.take("text"), "href": reader.take("href"), "name": reader.take("name"),
        "value": reader.take("value"), "type": reader.take("type", "submit"), "id": reader.take("id"),
        "classes": reader.take("classes"), "start": reader.take("isStartButton", False),
        "disabled": reader.take("disabled", False), "attributes": attributes(reader),
        "prevent_double_click": reader.take("preventDoubleClick", False),
    }
    reader.done()
    return str(ui.inputs.button(**arguments))


def error_summary(ui: SimpleNamespace, reader: Reader) -> str:
    problems = {}
    for given in reader.take("errorList", []):
        item = Reader(given)
        problems[item.take("href").removeprefix("#")] = item.take("text")
        item.done()
    arguments = {
        "problems": problems, "title": reader.take("titleText"), "description": reader.take("descriptionText"),
        "classes": reader.take("classes"),
    }
    reader.done()
    return str(ui.forms.error_summary(**arguments))


def tag(ui: SimpleNamespace, reader: Reader) -> str:
    colour = reader.take("classes").removeprefix("govuk-tag--")
    text = reader.take("text")
    reader.done()
    return str(ui.tags.tag(text, colour))


def task_list(ui: SimpleNamespace, reader: Reader) -> str:
    items = []
    for given in reader.take("items", []):
        if not given:
            raise UnsupportedOption("an item that is not there")
        item = Reader(given)
        status = Reader(item.take("status", {}))
        colour_tag = Reader(status.take("tag", {}))
        if colour_tag.left and "classes" not in colour_tag.left:
            raise UnsupportedOption("a tag whose colour is not said")
        colour = colour_tag.take("classes", "govuk-tag--blue").removeprefix("govuk-tag--") if colour_tag.left else ""
        items.append({
            "title": item.text("title"), "href": item.take("href"), "hint": item.text("hint"), "colour": colour,
            "status": colour_tag.take("text") if colour else status.take("text"),
            "waits": status.take("classes") == "govuk-task-list__status--cannot-start-yet",
        })
        for inner in (colour_tag, status, item):
            inner.done()
    arguments = {"items": items, "id": reader.take("idPrefix", "task-list"), "classes": reader.take("classes")}
    reader.done()
    return str(ui.tasks.list(**arguments))


def _actions(given: Mapping[str, Any]) -> list[Options]:
    reader = Reader(given)
    actions = []
    for one in reader.take("items", []):
        action = Reader(one)
        shown = {"href": action.take("href"), "text": action.take("text")}
        actions.append(shown | {"hidden": action.take("visuallyHiddenText")})
        action.done()
    reader.done()
    return actions


def summary_list(ui: SimpleNamespace, reader: Reader) -> str:
    rows = []
    for given in filter(None, reader.take("rows", [])):
        row = Reader(given)
        rows.append({"key": row.text("key"), "value": row.text("value"), "actions": _actions(row.take("actions", {}))})
        row.done()
    card = Reader(reader.take("card", {}))
    title = Reader(card.take("title", {}))
    arguments = {
        "rows": rows, "title": title.take("text"), "level": title.take("headingLevel", 2),
        "card_actions": _actions(card.take("actions", {})), "classes": reader.take("classes"),
    }
    for inner in (title, card, reader):
        inner.done()
    return str(ui.summary.rows(**arguments))


def notification_banner(ui: SimpleNamespace, reader: Reader) -> str:
    arguments = {
        "text": reader.take("text"), "type": reader.take("type"), "title": reader.take("titleText"),
        "title_id": reader.take("titleId", "govuk-notification-banner-title"), "role": reader.take("role"),
        "classes": reader.take("classes"), "level": reader.take("titleHeadingLevel", 2),
    }
    reader.done()
    return str(ui.feedback.banner(**arguments))


def inset_text(ui: SimpleNamespace, reader: Reader) -> str:
    arguments = {"text": reader.take("text"), "id": reader.take("id"), "classes": reader.take("classes")}
    reader.done()
    return str(ui.feedback.inset(**arguments))


def details(ui: SimpleNamespace, reader: Reader) -> str:
    arguments = {
        "summary": reader.take("summaryText"), "text": reader.take("text"), "id": reader.take("id"),
        "open": reader.take("open", False), "classes": reader.take("classes"),
    }
    reader.done()
    return str(ui.feedback.details(**arguments))


def warning_text(ui: SimpleNamespace, reader: Reader) -> str:
    arguments = {"text": reader.take("text"), "fallback": reader.take("iconFallbackText")}
    arguments["classes"] = reader.take("classes")
    reader.done()
    return str(ui.feedback.warning(**arguments))


def _cell(given: Mapping[str, Any]) -> Options:
    if unknown := set(given) - {"text", "format", "classes", "colspan", "rowspan"}:
        raise UnsupportedOption(", ".join(unknown))
    return dict(given)


def table(ui: SimpleNamespace, reader: Reader) -> str:
    arguments = {
        "head": [_cell(cell) for cell in reader.take("head", [])],
        "rows": [[_cell(cell) for cell in row] for row in reader.take("rows", []) if row],
        "caption": reader.take("caption"), "caption_classes": reader.take("captionClasses"),
        "first_cell_is_header": reader.take("firstCellIsHeader", False), "classes": reader.take("classes"),
    }
    reader.done()
    return str(ui.tables.table(**arguments))


def pagination(ui: SimpleNamespace, reader: Reader) -> str:
    items: list[tuple[Any, str, bool] | None] = []
    for given in reader.take("items", []):
        if not given:
            continue
        item = Reader(given)
        gap = item.take("ellipsis", False)
        items.append(None if gap else (item.take("number"), item.take("href"), item.take("current", False)))
        item.done()
    arguments: Options = {"items": items, "classes": reader.take("classes")}
    arguments["label"] = reader.take("landmarkLabel", "Pagination")
    for way in ("previous", "next"):
        link = Reader(reader.take(way, {}))
        words = link.take("text", Rendered(f'{way.title()}<span class="govuk-visually-hidden"> page</span>'))
        arguments |= {f"{way}_href": link.take("href"), f"{way}_text": words, f"{way}_label": link.take("labelText")}
        link.done()
    reader.done()
    return str(ui.navigation.pagination(**arguments))


def skip_link(ui: SimpleNamespace, reader: Reader) -> str:
    href = reader.take("href", "#content")
    arguments = {"text": reader.take("text"), "href": href, "classes": reader.take("classes")}
    reader.done()
    return str(ui.navigation.skip_link(**arguments))


def back_link(ui: SimpleNamespace, reader: Reader) -> str:
    arguments = {"text": reader.take("text"), "href": reader.take("href", "#"), "classes": reader.take("classes")}
    reader.done()
    return str(ui.navigation.back_link(**arguments))


def phase_banner(ui: SimpleNamespace, reader: Reader) -> str:
    tag_options = Reader(reader.take("tag", {}))
    arguments = {
        "text": reader.take("text"), "tag_text": tag_options.take("text"), "classes": reader.take("classes"),
        "tag_colour": tag_options.take("classes").removeprefix("govuk-tag--"),
    }
    tag_options.done()
    reader.done()
    return str(ui.navigation.phase_banner(**arguments))
