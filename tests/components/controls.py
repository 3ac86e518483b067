"""How the fixtures' options of form controls become calls of our macros."""

from types import SimpleNamespace

from tests.components.fixtures import Options, Reader, Rendered, UnsupportedOption, attributes


def _control(reader: Reader) -> Options:
    label = reader.heading("label", "label_text")
    group = Reader(reader.take("formGroup", {}))
    arguments = {
        "name": reader.take("name"),
        "id": reader.take("id"),
        "label_text": label["label_text"],
        "label_classes": label["classes"],
        "heading": label["heading"],
        "hint": reader.text("hint"),
        "error": reader.text("errorMessage"),
        "classes": reader.take("classes"),
        "described_by": reader.take("describedBy"),
        "group_classes": group.take("classes"),
    }
    group.done()
    return arguments


def text_input(ui: SimpleNamespace, reader: Reader) -> str:
    arguments = _control(reader) | {
        "value": reader.take("value"), "type": reader.take("type", "text"), "prefix": reader.text("prefix"),
        "suffix": reader.text("suffix"), "autocomplete": reader.take("autocomplete"),
        "inputmode": reader.take("inputmode"),
        "spellcheck": reader.take("spellcheck", None), "autocapitalize": reader.take("autocapitalize"),
        "attributes": attributes(reader),
    }
    reader.done()
    return str(ui.inputs.text_input(**arguments))


def text_area(ui: SimpleNamespace, reader: Reader) -> str:
    arguments = _control(reader) | {
        "value": reader.take("value"), "rows": reader.take("rows", 5), "autocomplete": reader.take("autocomplete"),
        "spellcheck": reader.take("spellcheck", None), "attributes": attributes(reader),
    }
    reader.done()
    return str(ui.inputs.text_area(**arguments))


def select(ui: SimpleNamespace, reader: Reader) -> str:
    value = reader.take("value")
    items = []
    for item in reader.take("items", []):
        if not item or type(item.get("value")) not in (str, int) or (value and "selected" in item):
            raise UnsupportedOption("an option without a value, or chosen in two ways")
        option = Reader(item)
        items.append((str(option.take("value")), option.take("text")))
        if option.take("selected", False):
            value = items[-1][0]
        option.done()
    arguments = _control(reader) | {"items": items, "value": value, "attributes": attributes(reader)}
    reader.done()
    return str(ui.inputs.select(**arguments))


def _choices(reader: Reader) -> Options:
    fieldset = Reader(reader.take("fieldset", {}))
    legend = fieldset.heading("legend", "legend")
    described_by = fieldset.take("describedBy")
    fieldset.done()
    group = Reader(reader.take("formGroup", {}))
    items, checked, conditional = [], [], {}
    for given in reader.take("items", []):
        if not given or ("checked" in given and set(reader.left) & {"value", "values"}):
            raise UnsupportedOption("an item that is not there, or is chosen in two ways")
        item = Reader(given)
        value = item.take("value")
        items.append((value, item.take("text"), item.text("hint")))
        if item.take("checked", False):
            checked.append(value)
        if html := Reader(item.take("conditional", {})).take("html"):
            conditional[value] = Rendered(html)
        item.done()
    arguments = {
        "name": reader.take("name"), "id": reader.take("idPrefix"), "legend": legend["legend"],
        "legend_classes": legend["classes"], "heading": legend["heading"], "items": items,
        "hint": reader.text("hint"), "error": reader.text("errorMessage"), "classes": reader.take("classes"),
        "conditional": conditional, "described_by": described_by, "group_classes": group.take("classes"),
        "checked": checked,
    }
    group.done()
    return arguments


def radios(ui: SimpleNamespace, reader: Reader) -> str:
    arguments = _choices(reader)
    checked = arguments.pop("checked")
    value = reader.take("value") or (checked[0] if checked else "")
    reader.done()
    return str(ui.inputs.radios(**arguments, value=value))


def checkboxes(ui: SimpleNamespace, reader: Reader) -> str:
    arguments = _choices(reader)
    values = [*reader.take("values", []), *arguments.pop("checked")]
    arguments["described_by"] = arguments["described_by"] or reader.take("describedBy")
    reader.done()
    return str(ui.inputs.checkboxes(**arguments, values=values))


def date_input(ui: SimpleNamespace, reader: Reader) -> str:
    name, prefix = reader.take("id"), reader.take("namePrefix")
    given = Reader(reader.take("fieldset", {}))
    legend = given.heading("legend", "legend")
    described_by = given.take("describedBy")
    values = reader.take("values", {})
    items = reader.take("items", [])
    if items and [item.get("name") for item in items if item] != ["day", "month", "year"]:
        raise UnsupportedOption("we always ask a whole date")
    if any(
        not set(item) <= {"name", "classes"} or item.get("classes", "govuk-input--error") != "govuk-input--error"
        for item in items
    ):
        raise UnsupportedOption("options of one part")
    wrong = [item["name"] for item in items if "--error" in item.get("classes", "")]
    group = Reader(reader.take("formGroup", {}))
    arguments = {
        "name": name, "legend": legend["legend"], "legend_classes": legend["classes"], "heading": legend["heading"],
        "values": {
            f"{name}-{part}": values.get(f"{prefix}-{part}" if prefix else part) for part in ("day", "month", "year")
        },
        "hint": reader.text("hint"), "error": reader.text("errorMessage"), "wrong": wrong, "described_by": described_by,
        "group_classes": group.take("classes"),
    }
    for inner in (given, group, reader):
        inner.done()
    return str(ui.inputs.date_input(**arguments))


def file_upload(ui: SimpleNamespace, reader: Reader) -> str:
    accept = attributes(reader)
    arguments = _control(reader) | {"multiple": reader.take("multiple", False), "accept": accept.pop("accept", "")}
    Reader(accept).done()
    reader.done()
    return str(ui.inputs.file_upload(**arguments))


def fieldset(ui: SimpleNamespace, reader: Reader) -> str:
    legend = reader.heading("legend", "legend")
    arguments = {
        "legend": legend["legend"], "legend_classes": legend["classes"], "heading": legend["heading"],
        "described_by": reader.take("describedBy"), "role": reader.take("role"), "classes": reader.take("classes"),
    }
    reader.done()
    return str(ui.inputs.fieldset(**arguments))
