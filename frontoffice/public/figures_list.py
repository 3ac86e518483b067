"""The figures of the law as people read them: in force, announced and ended, by subject, each with its source."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from frontoffice.forms.nationality import nationality_names
from frontoffice.kernel.i18n import LOCALES, Locale, fold, translator
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.message import Message, Names, say
from frontoffice.procedures.figures import PUBLISHED, Figure
from frontoffice.procedures.posts import POSTS
from frontoffice.procedures.single_permit.categories import title_of
from frontoffice.procedures.territory import REGION_TITLES, Region
from frontoffice.public.figure_titles import BY_COUNTRY, CATEGORIES, CONFIDENCE, OF_COUNTRIES, SUBJECTS, WORDS


@dataclass(frozen=True)
class ShownFigure:
    """One row with the words that go with it; `state` is current, announced or ended."""

    figure: Figure
    state: str

    @property
    def region(self) -> str:
        """The msgid of its Region; empty when it holds everywhere."""
        return REGION_TITLES[self.figure.region] if self.figure.region else ""

    @property
    def category(self) -> Message | Names | str:
        """What its category is called, if it names one."""
        code = self.figure.category
        if not code:
            return ""
        if self.figure.code in BY_COUNTRY:
            return nationality_names(code)
        return Message(CATEGORIES.get(self.figure.code, {}).get(code) or title_of(code))

    @property
    def confidence(self) -> str:
        """How sure it is, as a msgid."""
        return CONFIDENCE[self.figure.confidence]


@dataclass(frozen=True)
class FigureGroup:
    """All rows of one figure: its code, the msgid of its title, and the rows with those in force first."""

    code: str
    title: str
    rows: Sequence[ShownFigure]

    def of(self, state: str) -> list[ShownFigure]:
        """The rows that are current, announced or ended."""
        return [one for one in self.rows if one.state == state]


@dataclass(frozen=True)
class Subject:
    """What belongs together on the page: work, visas, fees and so on."""

    code: str
    title: str
    groups: Sequence[FigureGroup]


@dataclass(frozen=True)
class OfficialList:
    """A list that this window does not hold: of which Region, who publishes it, and where that is said."""

    region: str
    publisher: str
    source: str
    confidence: str


# No full list was found that may be copied here; saying which one counts is all that can be said truly.
SHORTAGE_LISTS = (
    OfficialList(REGION_TITLES[Region.FLANDERS], _("List of the Flemish minister for medium-skilled occupations; list of VDAB for other workers"),
                 "Flemish government, mid-skilled shortage occupations page", "P"),
    OfficialList(REGION_TITLES[Region.WALLONIA], _("List of the Walloon Region, renewed each year"), "Mondaq/Fragomen, Walloon changes, 5 September 2024", "P"),
    OfficialList(REGION_TITLES[Region.BRUSSELS], _("List of Actiris"), "Brussels Economy and Employment, lists of appendices", "P"),
    OfficialList(REGION_TITLES[Region.GERMAN_SPEAKING_COMMUNITY], _("No list is known: ADG looks at the labour market for each application"),
                 "Ministry of the German-speaking Community and ADG, pages on work permits", "U"),
)


def words_of(row: Figure, locale: Locale) -> str:
    """A value that is text, in the reader's language where it has words there."""
    text = str(row.value)
    if row.code in OF_COUNTRIES:
        return ", ".join(sorted((in_locale(nationality_names(code), locale) for code in text.split()), key=fold))
    return translator(locale)(WORDS[text]) if text in WORDS else text


def in_locale(text: Message | Names | str, locale: Locale) -> str:
    """A sentence, a name, or a text that is the same in every language."""
    return say(text, locale) if isinstance(text, Message) else text.in_language(locale) if isinstance(text, Names) else text


def shown(day: date, region: str = "", *, sought: str = "", locale: Locale = LOCALES[0], rows: Sequence[Figure] | None = None) -> list[Subject]:
    """The figures of the law on a day, by subject; with `region` those that hold there, with `sought` those that hold all its words."""
    words = fold(sought).split()
    found: dict[str, list[ShownFigure]] = {}
    every = PUBLISHED if rows is None else rows
    latest: dict[tuple[object, ...], date] = {}
    for row in every:
        if row.in_force(day):
            latest[_about(row)] = max(latest.get(_about(row), date.min), row.valid_from or date.min)
    for row in every:
        if not region or row.region in (None, region):
            found.setdefault(row.code, []).append(ShownFigure(row, _state(row, day, latest.get(_about(row), date.min))))
    subjects = []
    for code, (title, titles) in SUBJECTS.items():
        groups = [_group(one, titles[one], found[one], words, locale) for one in titles if one in found]
        if kept := [one for one in groups if one.rows]:
            subjects.append(Subject(code, title, kept))
    return subjects


def posts_by_country(locale: Locale) -> list[tuple[str, list[str]]]:
    """The embassies and consulates that the questions offer: the country and its cities."""
    found: dict[str, list[str]] = {}
    for one in POSTS.values():
        found.setdefault(in_locale(nationality_names(one.country), locale), []).append(one.city.in_language(locale))
    return [(country, sorted(found[country], key=fold)) for country in sorted(found, key=fold)]


def _group(code: str, title: str, rows: Sequence[ShownFigure], words: Sequence[str], locale: Locale) -> FigureGroup:
    kept = [one for one in rows if _matches(one, title, words, locale)]
    return FigureGroup(code, title, sorted(kept, key=_order))


def _matches(one: ShownFigure, title: str, words: Sequence[str], locale: Locale) -> bool:
    if not words:
        return True
    translate, row = translator(locale), one.figure
    texts = (translate(title), translate(one.region), in_locale(one.category, locale), row.source, translate(row.note), str(row.value))
    searched = fold(" ".join(texts))
    return all(word in searched for word in words)


def _about(row: Figure) -> tuple[object, ...]:
    """What two rows have in common of which the later one takes the place of the other."""
    return row.code, row.region, row.category, row.age_below


def _state(row: Figure, day: date, latest: date) -> str:
    if row.valid_from is not None and row.valid_from > day:
        return "announced"
    return "current" if row.in_force(day) and (row.valid_from or date.min) == latest else "ended"


def _order(one: ShownFigure) -> tuple[int, str, str, int, date]:
    row = one.figure
    place = ("current", "announced", "ended").index(one.state)
    return place, str(row.region or ""), str(row.category or ""), -(row.age_below or 999), row.valid_from or date.min
