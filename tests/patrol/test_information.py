"""The texts of the information pages: complete in four languages, alike in build, plain, and leading somewhere."""

import re
from collections import Counter
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from frontoffice.kernel.i18n import LOCALES, Locale
from frontoffice.procedures.figures import PUBLISHED
from frontoffice.public.information import SLUGS
from frontoffice.public.texts import FIGURE, ROUTE
from tests.patrol.conftest import ROOT, Walked

TEXTS = [(locale, slug) for locale in LOCALES for slug in SLUGS]
TRANSLATED = [(locale, slug) for locale, slug in TEXTS if locale != "en"]
LINK = re.compile(r"\[[^\]]+\]\(([^)]*)\)")


def file(locale: Locale, slug: str) -> Path:
    return ROOT / "locales" / locale / "pages" / f"{slug}.md"


def source(locale: Locale, slug: str) -> str:
    return file(locale, slug).read_text("utf-8")


def sentences(text: str) -> list[str]:
    """What a person reads in one breath; rows of tables are not sentences, and a figure counts as two words."""
    lines = [line for line in text.splitlines() if not line.startswith("|")]
    plain = FIGURE.sub("a figure", LINK.sub(lambda found: found.group().split("](")[0][1:], "\n".join(lines)))
    # An end of a line ends an item or a heading; a full stop counts before a space and a capital, not in "15. Dezember".
    pieces = re.split(r"\n+|(?<=[^\d][.!?:;])\s+", re.sub(r"[*#`]|^\s*[-\d]+\.? ", "", plain, flags=re.MULTILINE))
    return [one for one in pieces if one.strip()]


@pytest.mark.parametrize("locale", LOCALES)
def test_each_language_has_every_text_and_no_other(locale: Locale) -> None:
    assert {one.stem for one in (ROOT / "locales" / locale / "pages").iterdir()} == set(SLUGS)


@pytest.mark.parametrize(("locale", "slug"), TEXTS)
def test_built_as_the_reader_expects(locale: Locale, slug: str) -> None:
    kinds = [one.type for one in MarkdownIt("commonmark").parse(source(locale, slug))]
    assert kinds[:6] == ["heading_open", "inline", "heading_close", "paragraph_open", "inline", "paragraph_close"]
    lead = source(locale, slug).splitlines()[2]
    assert not re.search(r"[{\[*]", lead), "the index shows the first paragraph as plain words"
    assert source(locale, slug).count("\n# ") == 0 and len(re.findall(r"^## ", source(locale, slug), re.MULTILINE)) >= 5


@pytest.mark.parametrize(("locale", "slug"), TRANSLATED)
def test_all_languages_say_the_same(locale: Locale, slug: str) -> None:
    english, other = source("en", slug), source(locale, slug)
    for what in (r"^#+ ", r"^- ", r"^\d+\. ", r"^\|"):
        assert len(re.findall(what, other, re.MULTILINE)) == len(re.findall(what, english, re.MULTILINE)), what
    assert Counter(found.group() for found in FIGURE.finditer(other)) == Counter(found.group() for found in FIGURE.finditer(english))
    assert Counter(LINK.findall(other)) == Counter(LINK.findall(english))
    assert other.count("\n\n") == english.count("\n\n"), "as many paragraphs"


@pytest.mark.parametrize(("locale", "slug"), TRANSLATED)
def test_all_languages_give_the_same_numbers(locale: Locale, slug: str) -> None:
    def numbers(text: str) -> set[str]:
        without_dates = re.sub(r"\b1er\b", "1", FIGURE.sub("", text))
        return {re.sub(r"[.,\s\u00a0\u202f]", "", one) for one in re.findall(r"\d(?:[\d.,\u00a0\u202f]|\s(?=\d{3}\b))*", without_dates)} - {""}

    assert numbers(source(locale, slug)) == numbers(source("en", slug))


@pytest.mark.parametrize(("locale", "slug"), TEXTS)
def test_no_markup_but_markdown(locale: Locale, slug: str) -> None:
    text = source(locale, slug)
    assert not re.search(r"<[a-zA-Z/!]|&[a-z]+;|%\(", text)
    assert not re.search(r"\{(?!figure:)", text) and len(FIGURE.findall(text)) == text.count("{figure:")
    assert not [one for one in re.findall(r"(?<![*\\])\*(?![* |])([^*\n]+)\*(?!\*)", text) if one[:3] not in {f"{code}:" for code in LOCALES}], "which language?"


@pytest.mark.parametrize(("locale", "slug"), TEXTS)
def test_links_lead_to_texts_and_routes(locale: Locale, slug: str, walked: list[Walked]) -> None:
    routes = {one.name for one in walked if "{" not in one.path and one.method == "GET"}
    for target in LINK.findall(source(locale, slug)):
        known = target.removeprefix(ROUTE) in routes if target.startswith(ROUTE) else target in SLUGS
        assert (known or target.startswith("https://")) and target != slug, target


@pytest.mark.parametrize("slug", SLUGS)
def test_every_text_is_within_reach(slug: str) -> None:
    """From one text one comes to another, not only from the index."""
    assert any(slug in LINK.findall(source("en", other)) for other in SLUGS if other != slug)


@pytest.mark.parametrize(("locale", "slug"), TEXTS)
def test_figures_exist(locale: Locale, slug: str) -> None:
    """Of some, no amount is known for this year: the page then says so, but the name must be right."""
    for found in FIGURE.finditer(source(locale, slug)):
        options = dict(one.split("=") for one in found["options"].split())
        assert set(options) <= {"region", "category", "age", "mark"} and options.get("mark", "no") == "no"
        assert [row for row in PUBLISHED if row.code == found["code"] and row.fits(options.get("region"), options.get("category"), None)], found.group()


@pytest.mark.parametrize(("locale", "slug"), TEXTS)
def test_easy_to_read(locale: Locale, slug: str) -> None:
    lengths = [len(one.split()) for one in sentences(source(locale, slug))]
    words = sum(lengths)
    assert 250 <= words <= 800, words
    assert words / len(lengths) <= 16 and max(lengths) <= 40, sorted(lengths)[-3:]
