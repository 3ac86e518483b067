"""Our macros give GOV.UK Frontend's markup, for every option that we support."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest

from tests.components import controls, pieces
from tests.components.fixtures import Reader, UnsupportedOption, fixtures_of, normal

ADAPTERS: dict[str, Callable[[SimpleNamespace, Reader], str]] = {
    "input": controls.text_input, "textarea": controls.text_area, "select": controls.select,
    "radios": controls.radios, "checkboxes": controls.checkboxes, "date-input": controls.date_input,
    "file-upload": controls.file_upload, "fieldset": controls.fieldset, "button": pieces.button,
    "error-summary": pieces.error_summary, "tag": pieces.tag, "task-list": pieces.task_list,
    "summary-list": pieces.summary_list, "notification-banner": pieces.notification_banner,
    "inset-text": pieces.inset_text, "details": pieces.details, "warning-text": pieces.warning_text,
    "table": pieces.table, "pagination": pieces.pagination, "skip-link": pieces.skip_link,
    "back-link": pieces.back_link, "phase-banner": pieces.phase_banner,
}  # fmt: skip

# How many fixtures each component must at least be compared with, so that none drops out unseen.
AT_LEAST = {
    "input": 36, "textarea": 18, "select": 8, "radios": 28, "checkboxes": 26, "date-input": 10, "file-upload": 14,
    "fieldset": 15, "button": 34, "error-summary": 11, "tag": 10, "task-list": 4, "summary-list": 9,
    "notification-banner": 14, "inset-text": 4, "details": 6, "warning-text": 6, "table": 15, "pagination": 13,
    "skip-link": 7, "back-link": 5, "phase-banner": 4,
}  # fmt: skip

# The package names the parts of a date freely; ours always carry the question's name.
NOT_COMPARED = {"date-input": ("name",)}


@pytest.mark.parametrize("component", sorted(ADAPTERS))
def test_markup_is_that_of_the_package(component: str, ui: SimpleNamespace) -> None:
    compared = 0
    for fixture in fixtures_of(component):
        try:
            html = ADAPTERS[component](ui, Reader(fixture["options"]))
        except UnsupportedOption:
            continue
        without = NOT_COMPARED.get(component, ())
        assert normal(html, without) == normal(fixture["html"], without), f"{component}: {fixture['name']}"
        compared += 1
    assert compared >= AT_LEAST[component], f"{component}: only {compared} compared"
