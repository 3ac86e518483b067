"""The four catalogues hold the same sentences, translated, with the same placeholders."""

import re
import subprocess
import sys
from collections import Counter
from functools import cache
from gettext import GNUTranslations
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from tests.patrol.conftest import ROOT

TRANSLATED = ("nl", "fr", "de")
PLACEHOLDER = re.compile(r"%\((\w+)\)[a-z]|%%|\{(\w+)\}")


@cache
def catalogue(locale: str) -> Catalog:
    with (ROOT / "locales" / locale / "LC_MESSAGES" / "frontoffice.po").open("rb") as file:
        return read_po(file, locale=locale)


def texts(text: str | tuple[str, ...] | list[str] | None) -> list[str]:
    return [text] if isinstance(text, str) else list(text or [""])


def placeholders(text: str) -> Counter[str]:
    return Counter(found.group() for found in PLACEHOLDER.finditer(text))


def ids(locale: str) -> set[object]:
    return {(message.context, tuple(texts(message.id))) for message in catalogue(locale) if message.id}


def test_there_is_something_to_read() -> None:
    assert len(ids("en")) > 300


@pytest.mark.parametrize("locale", TRANSLATED)
def test_the_same_sentences(locale: str) -> None:
    assert ids(locale) == ids("en")


@pytest.mark.parametrize("locale", (*TRANSLATED, "en"))
def test_nothing_is_fuzzy_or_left_over(locale: str) -> None:
    assert not [message.id for message in catalogue(locale) if message.id and message.fuzzy]
    assert not catalogue(locale).obsolete


@pytest.mark.parametrize("locale", TRANSLATED)
def test_nothing_is_left_empty(locale: str) -> None:
    assert not [message.id for message in catalogue(locale) if message.id and not all(texts(message.string))]


@pytest.mark.parametrize("locale", (*TRANSLATED, "en"))
def test_placeholders_survive(locale: str) -> None:
    wrong = []
    for message in catalogue(locale):
        if not message.id:
            continue
        wanted = {frozenset(placeholders(one).items()) for one in texts(message.id)}
        wrong += [(message.id, one) for one in texts(message.string) if one and frozenset(placeholders(one).items()) not in wanted]
    assert not wrong


@pytest.mark.parametrize("locale", (*TRANSLATED, "en"))
def test_plurals_are_those_of_the_language(locale: str) -> None:
    assert catalogue(locale).num_plurals == 2
    assert not [message.id for message in catalogue(locale) if message.pluralizable and len(texts(message.string)) != 2]


@pytest.mark.parametrize("locale", TRANSLATED)
def test_no_markup_in_a_sentence(locale: str) -> None:
    assert not [message.id for message in catalogue(locale) if any(re.search(r"</?[a-z]+[ >]", one) for one in texts(message.string))]


@pytest.mark.parametrize("locale", (*TRANSLATED, "en"))
def test_make_compiles_it_from_nothing(locale: str, tmp_path: Path) -> None:
    """The very command of the Makefile, as a fresh checkout runs it: compiled catalogues are not kept in git."""
    rule = re.search(r"@pybabel (-q compile [^\n]+)", (ROOT / "Makefile").read_text("utf-8"))
    assert rule
    made = tmp_path / "frontoffice.mo"
    told = rule[1].replace("$<", str(ROOT / "locales" / locale / "LC_MESSAGES" / "frontoffice.po")).replace("$@", str(made)).replace("$*", locale)
    subprocess.run([sys.executable, "-m", "babel.messages.frontend", *told.split()], check=True, capture_output=True)
    with made.open("rb") as file:
        assert GNUTranslations(file).charset() == "utf-8"
