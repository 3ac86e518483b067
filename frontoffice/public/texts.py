"""Reads a Markdown text of one language: its title, its parts, and its HTML with the figures of one day.

A text holds no HTML. It leads to another text by `[words](slug)`, to a page of this window by `[words](route:figures)`, and shows a figure
of the law by `{figure:complement-period}` or `{figure:salary-threshold region=flanders category=highly-qualified age=29}`; how sure it is stands
beside it, unless the sentence tells that itself (`mark=no`). A word of another language stands between stars with the code of that language,
`*nl:gemeente*`, so that it is read aloud well.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache, lru_cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererProtocol
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup, escape

from frontoffice.kernel.i18n import LANGUAGE_NAMES, Locale, catalogue, fold, show_money, translator
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.rendering import addresses, environment
from frontoffice.procedures.figures import AMOUNTS, Figure, Figures
from frontoffice.public.figure_titles import UNITS
from frontoffice.public.figures_list import words_of
from frontoffice.settings import resources

FIGURE = re.compile(r"\{figure:(?P<code>[a-z0-9-]+)(?P<options>(?: [a-z]+=[A-Za-z0-9-]+)*)\}")
ROUTE = "route:"
_UNKNOWN = _("not known for today: check with the authority")
_LANGUAGES = {name: code for code, name in LANGUAGE_NAMES.items()}
_CLASSES = {
    "table": "govuk-table table--dense", "thead": "govuk-table__head", "tbody": "govuk-table__body", "tr": "govuk-table__row",
    "th": "govuk-table__header", "td": "govuk-table__cell",
}


@dataclass(frozen=True)
class Part:
    """A heading of the second level, and the anchor by which a link leads to it."""

    anchor: str
    title: str


@dataclass(frozen=True, kw_only=True)
class Text:
    """One text in one language; `lead` is its first paragraph in plain words."""

    locale: Locale
    title: str
    lead: str
    parts: Sequence[Part]
    _tokens: Sequence[Token] = field(repr=False)

    def body(self, day: date) -> Markup:
        """The HTML below the title, with the figures in force on that day."""
        made = _markdown()
        return Markup(made.renderer.render(self._tokens, made.options, {"day": day, "locale": self.locale}))  # noqa: S704 - the parser escapes all


@cache
def read(slug: str, locale: Locale) -> Text:
    """The text of that name, read once; raises FileNotFoundError when the language lacks it."""
    source = (resources("locales") / locale / "pages" / f"{slug}.md").read_text("utf-8")
    return parse(source, locale)


@lru_cache(maxsize=256)
def body_of(slug: str, locale: Locale, day: date) -> Markup:
    """The HTML of a text on one day, made once and kept."""
    return read(slug, locale).body(day)


def parse(source: str, locale: Locale) -> Text:
    """A text from its Markdown, which opens with `# title` and one plain paragraph."""
    tokens = _markdown().parse(source)
    title, lead = tokens[1], tokens[4]
    rest, parts = tokens[3:], _anchors(tokens)
    _lead_somewhere(rest, locale)
    _speak(rest)
    _dress_tables(rest)
    return Text(locale=locale, title=title.content, lead=lead.content.replace("\n", " "), parts=parts, _tokens=rest)


def prose(text: str, *, below: int) -> Markup:
    """A description in CommonMark that is no text of ours, as HTML; its headings come below one of that level."""
    made = MarkdownIt("commonmark", {"html": False})
    tokens = made.parse(text)
    highest = min((int(one.tag[1]) for one in tokens if one.type == "heading_open"), default=1)
    for one in tokens:
        if one.type in ("heading_open", "heading_close"):
            one.tag = f"h{min(int(one.tag[1]) - highest + below + 1, 6)}"
    return Markup(made.renderer.render(tokens, made.options, {}))  # noqa: S704 - the parser escapes all


def in_words(row: Figure, locale: Locale) -> str:
    """The value of a figure as a sentence of that language holds it."""
    gettext = translator(locale)
    if row.unit == "text":
        return words_of(row, locale)
    if row.unit not in AMOUNTS:
        return _counted(row, locale)
    amount = show_money(row.amount, locale)
    if row.up_to is not None:
        amount = gettext("%(least)s to %(most)s", least=amount, most=show_money(row.up_to, locale))
    return f"{amount} {gettext(UNITS[row.unit])}" if row.unit in UNITS else amount


def _counted(row: Figure, locale: Locale) -> str:
    ngettext, number, days = catalogue(locale).ngettext, row.count, row.plus_days
    words = {
        "days": ngettext("%(num)s day", "%(num)s days", number),
        "working days": ngettext("%(num)s working day", "%(num)s working days", number),
        "months": ngettext("%(num)s month", "%(num)s months", number),
        "years": ngettext("%(num)s year", "%(num)s years", number),
        "hours a day": ngettext("%(num)s hour a day", "%(num)s hours a day", number),
        "hours a week": ngettext("%(num)s hour a week", "%(num)s hours a week", number),
        "persons a year": ngettext("%(num)s person a year", "%(num)s persons a year", number),
        "percent": "%(num)s %%",
    }[row.unit] % {"num": number}
    return f"{words} {ngettext('and %(num)s day', 'and %(num)s days', days) % {'num': days}}" if days else words


def _figure(found: re.Match[str], day: date, locale: Locale) -> Markup:
    options = dict(one.split("=", 1) for one in found["options"].split())
    age = int(options["age"]) if "age" in options else None
    row = Figures.at(day).find(found["code"], region=options.get("region"), category=options.get("category"), age=age)
    if row is None:
        return Markup("<strong>{}</strong>").format(translator(locale)(_UNKNOWN))
    value = Markup("<strong>{}</strong>").format(in_words(row, locale))
    if options.get("mark") == "no":
        return value
    return value + Markup(" <small>({})</small>").format(environment(locale).filters["confidence"](row.confidence))


def _write_text(renderer: RendererProtocol, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
    content, made, end = tokens[index].content, Markup(), 0
    for found in FIGURE.finditer(content):
        made += escape(content[end:found.start()]) + _figure(found, env["day"], env["locale"])
        end = found.end()
    return str(made + escape(content[end:]))


def _open_table(renderer: Any, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
    # The frame scrolls sideways on a narrow screen, by keyboard too.
    frame = Markup('<div class="table-frame" role="region" tabindex="0" aria-label="{}">').format(tokens[index].meta["label"])
    return f"{frame}{renderer.renderToken(tokens, index, options, env)}"


def _close_table(renderer: Any, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
    return f"{renderer.renderToken(tokens, index, options, env)}</div>\n"


@cache
def _markdown() -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": False}).enable("table")
    made.add_render_rule("text", _write_text)
    made.add_render_rule("table_open", _open_table)
    made.add_render_rule("table_close", _close_table)
    return made


def _anchors(tokens: Sequence[Token]) -> tuple[Part, ...]:
    """Give every heading below the title an anchor made from its words."""
    parts = []
    for opening, inline in zip(tokens, tokens[1:], strict=False):
        if opening.type == "heading_open" and opening.tag != "h1":
            anchor = re.sub(r"[^\w]+", "-", fold(inline.content)).strip("-")
            opening.attrSet("id", anchor)
            if opening.tag == "h2":
                parts.append(Part(anchor, inline.content))
    return tuple(parts)


def _links(tokens: Sequence[Token]) -> list[Token]:
    """Every opening of a link in a text."""
    return [child for token in tokens for child in token.children or () if child.type == "link_open"]


def _lead_somewhere(tokens: Sequence[Token], locale: Locale) -> None:
    for link in _links(tokens):
        target = str(link.attrGet("href"))
        if target.startswith(ROUTE):
            link.attrSet("href", addresses.path(target.removeprefix(ROUTE), locale))
        elif target.startswith("https://"):
            link.attrSet("rel", "external noreferrer")
        else:
            slug, hash_mark, anchor = target.partition("#")
            link.attrSet("href", (addresses.path("information-page", locale, slug=slug) if slug else "") + hash_mark + anchor)


def _speak(tokens: Sequence[Token]) -> None:
    """Give words between stars the language that they name."""
    for token in tokens:
        children = token.children or ()
        for opening, word in zip(children, children[1:], strict=False):
            code, mark, rest = word.content.partition(":")
            if opening.type == "em_open" and mark and code in LANGUAGE_NAMES:
                opening.attrSet("lang", code)
                word.content = rest


def _dress_tables(tokens: Sequence[Token]) -> None:
    """Give tables their looks and the name of the heading above, and the cells below the name of a language that language."""
    column, heading, languages = 0, "", dict[int, str]()
    for opening, inline in zip(tokens, tokens[1:], strict=False):
        part = opening.type.removesuffix("_open")
        if part == "heading":
            heading = inline.content
        if part not in _CLASSES:
            continue
        opening.attrSet("class", _CLASSES[part])
        if part == "table":
            languages = {}
            opening.meta["label"] = heading
        if part == "tr":
            column = 0
        if part == "th" and inline.content in _LANGUAGES:
            languages[column] = _LANGUAGES[inline.content]
        if part in ("th", "td"):
            _dress_cell(opening, languages.get(column))
            column += 1


def _dress_cell(opening: Token, language: str | None) -> None:
    if language:
        opening.attrSet("lang", language)
    if opening.tag == "th":
        opening.attrSet("scope", "col")
