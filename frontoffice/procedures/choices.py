"""Questions with hundreds of answers, found by typing in any language or chosen from a plain list."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import ClassVar

from frontoffice.forms.fields import Field
from frontoffice.forms.identifiers import Wrong
from frontoffice.kernel.i18n import LOCALES, Locale, country_codes, country_name, fold, translator
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.message import Message, Names
from frontoffice.procedures.occupations import MAJOR_GROUPS, OCCUPATIONS
from frontoffice.procedures.posts import POSTS
from frontoffice.procedures.territory import municipalities

# A heading and what stands under it as (value, name), in one language; the heading is "" where there is none.
Group = tuple[str, Sequence[tuple[str, str]]]

# The list of posts is not official, and stops nobody.
OTHER_POST = "other"
_OTHER_POST_TITLE = _("Another embassy or consulate, not on this list")


@dataclass(frozen=True, kw_only=True)
class SearchSelect(Field):
    """One of hundreds, stored by its code; `list_code` names the list that a browser may search in every language."""

    kind: ClassVar[str] = "search-select"
    list_code: ClassVar[str] = ""

    def groups(self, locale: Locale) -> Sequence[Group]:
        """What readers of one language choose from."""
        return ()


@dataclass(frozen=True, kw_only=True)
class Occupation(SearchSelect):
    """An occupation as ISCO-08 knows it, stored by the four digits of its unit group."""

    list_code: ClassVar[str] = "occupations"

    def parse(self, text: str) -> str:
        if text not in OCCUPATIONS:
            raise Wrong(_("Choose an occupation from the list"))
        return text

    def shown(self, value: str) -> Message | Names | str:
        found = OCCUPATIONS.get(value)
        return Names(*(f"{name} ({value})" for name in found)) if found else value

    def groups(self, locale: Locale) -> Sequence[Group]:
        """The unit groups in the order of their codes, under the names of the major groups."""
        return _occupations(locale)


@dataclass(frozen=True, kw_only=True)
class Post(SearchSelect):
    """A Belgian embassy or consulate, stored by its code; OTHER_POST for one that the list lacks."""

    hint: str = _("This list is not official: check with the post that it takes your application.")
    list_code: ClassVar[str] = "posts"

    def parse(self, text: str) -> str:
        if text not in POSTS and text != OTHER_POST:
            raise Wrong(_("Choose an embassy or consulate from the list"))
        return text

    def shown(self, value: str) -> Message | Names | str:
        if value == OTHER_POST:
            return Message(_OTHER_POST_TITLE)
        return POSTS[value].names if value in POSTS else value

    def groups(self, locale: Locale) -> Sequence[Group]:
        """The posts by country, in the order of the language's names, and the way out of the list."""
        return _posts(locale)


@cache
def _occupations(locale: Locale) -> Sequence[Group]:
    found: dict[str, list[tuple[str, str]]] = {code: [] for code in MAJOR_GROUPS}
    for code, names in OCCUPATIONS.items():
        found[code[0]].append((code, f"{names.in_language(locale)} ({code})"))
    return [(names.in_language(locale), found[code]) for code, names in MAJOR_GROUPS.items()]


@cache
def _posts(locale: Locale) -> Sequence[Group]:
    found: dict[str, list[tuple[str, str]]] = {}
    for code, post in POSTS.items():
        found.setdefault(country_name(post.country, locale), []).append((code, post.city.in_language(locale)))
    named = [(country, sorted(found[country], key=lambda row: fold(row[1]))) for country in sorted(found, key=fold)]
    return [*named, ("", [(OTHER_POST, translator(locale)(_OTHER_POST_TITLE))])]


def _names_of_countries() -> Mapping[str, Sequence[str]]:
    return {code: [country_name(code, one) for one in LOCALES] for code in sorted(country_codes())}


def _names_of_municipalities() -> Mapping[str, Sequence[str]]:
    return {nis: [*one.names, *one.postal_codes] for nis, one in municipalities().items()}


def _names_of_occupations() -> Mapping[str, Sequence[str]]:
    return OCCUPATIONS


def _names_of_posts() -> Mapping[str, Sequence[str]]:
    return {code: post.names for code, post in POSTS.items()}


SEARCHABLE: Mapping[str, Callable[[], Mapping[str, Sequence[str]]]] = {
    "countries": _names_of_countries, "municipalities": _names_of_municipalities,
    "occupations": _names_of_occupations, "posts": _names_of_posts,
}


def names_in(list_code: str) -> Mapping[str, Sequence[str]]:
    """What a person may type for each code of a list: its names in the order of LOCALES, then its other marks.

    Raises KeyError for an unknown list.
    """
    return SEARCHABLE[list_code]()
