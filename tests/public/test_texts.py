"""A text of one language: its parts, where it leads, its words of other languages, and the figures of the day."""

from datetime import date
from decimal import Decimal

import pytest

from frontoffice.kernel.i18n import LOCALES
from frontoffice.kernel.rendering import addresses
from frontoffice.procedures.figures import AMOUNTS, UNITS, Figure
from frontoffice.public.texts import Text, in_words, parse, read
from tests.patrol.conftest import ROOT

DAY = date(2026, 11, 21)
OPENING = "# A title\n\nA first\nparagraph.\n\n"


@pytest.fixture(autouse=True)
def known_addresses() -> None:
    addresses.learn({"figures": "/figures", "information-page": "/information/{slug}"})


def text(rest: str) -> Text:
    return parse(OPENING + rest, "en")


def body(rest: str, day: date = DAY) -> str:
    return str(text(rest).body(day)).replace("\xa0", " ")


def test_title_lead_and_parts() -> None:
    made = text("## What it is\n\n### Détail\n\n## Zwei Wörter & mehr\n")
    assert (made.title, made.lead) == ("A title", "A first paragraph.")
    assert [(one.anchor, one.title) for one in made.parts] == [("what-it-is", "What it is"), ("zwei-worter-mehr", "Zwei Wörter & mehr")]
    assert '<h3 id="detail">' in made.body(DAY) and "<h1" not in made.body(DAY) and "<p>A first" in made.body(DAY)


@pytest.mark.parametrize(("source", "shown"), [
    ("{figure:complement-period}", "<strong>15 days</strong> <small>(from an official source)</small>"),
    ("{figure:municipal-report-period}", "<strong>8 working days</strong> <small>(from an official source)</small>"),
    ("{figure:decision-period}", "<strong>4 months</strong> <small>(from a professional publication: check with the authority)</small>"),
    ("{figure:earliest-filing region=flanders}", "<strong>4 months and 15 days</strong>"),
    ("{figure:residence-card-fee}", "<strong>€25.00 to €35.00</strong> <small>(from a recent overview: check with the authority)</small>"),
    ("{figure:salary-threshold region=flanders category=highly-qualified}", "<strong>€48,912.00 gross a year</strong>"),
    ("{figure:salary-threshold region=flanders category=highly-qualified age=29}", "<strong>€39,129.60 gross a year</strong>"),
    ("{figure:threshold-reference-date region=flanders}", "<strong>the first working day</strong>"),
    ("{figure:flanders-fee region=flanders}", "<strong>€180.00</strong>"),
    ("{figure:flanders-fee region=wallonia}", "<strong>not known for today: check with the authority</strong>"),
    ("{figure:complement-period mark=no}.", "<strong>15 days</strong>.."),
    ("{figure:au-pair-hours-week}", "<strong>20 hours a week</strong>"),
    ("{figure:working-holiday-quota category=TWN}", "<strong>200 persons a year</strong>"),
    ("{figure:no-such-figure}", "<strong>not known for today: check with the authority</strong>"),
    ("<b>5 & 6</b> {figure: x}", "&lt;b&gt;5 &amp; 6&lt;/b&gt; {figure: x}"),
])
def test_figures_of_the_day(source: str, shown: str) -> None:
    assert shown in body(f"Send it within {source}.\n")


def test_every_unit_has_words() -> None:
    for unit in UNITS:
        value: Decimal | int | str = Decimal(1) if unit in AMOUNTS else "x" if unit == "text" else 1
        assert in_words(Figure(code="x", value=value, unit=unit, source="a page", confidence="O"), "en")


def test_another_day_shows_another_figure() -> None:
    assert "€180.00" in body("{figure:visa-d-fee}\n", date(2026, 6, 30)) and "€250.00" in body("{figure:visa-d-fee}\n", date(2026, 7, 1))


@pytest.mark.parametrize(("link", "shown"), [
    ("[x](study)", '<a href="/en/information/study">x</a>'),
    ("[x](study#what-it-is)", '<a href="/en/information/study#what-it-is">x</a>'),
    ("[x](#here)", '<a href="#here">x</a>'),
    ("[x](route:figures)", '<a href="/en/figures">x</a>'),
    ("[x](https://example.org/y)", '<a href="https://example.org/y" rel="external noreferrer">x</a>'),
])
def test_links_lead_somewhere(link: str, shown: str) -> None:
    assert shown in body(f"See {link}.\n")


def test_a_link_to_no_route_fails_at_once() -> None:
    with pytest.raises(KeyError):
        text("[x](route:nowhere)\n")


def test_words_of_other_languages_say_so() -> None:
    assert '<em lang="fr">permis unique</em>, <em>so: it</em>' in body("*fr:permis unique*, *so: it*\n")


def test_tables_fit_a_phone_and_name_their_languages() -> None:
    shown = body("## Words\n\n| English | Deutsch | No |\n| --- | --- | --- |\n| town | Gemeinde | 1 |\n")
    assert '<div class="table-frame" role="region" tabindex="0" aria-label="Words"><table class="govuk-table table--dense">' in shown and "</table>\n</div>" in shown
    assert '<th class="govuk-table__header" lang="de" scope="col">Deutsch</th>' in shown
    assert '<td class="govuk-table__cell" lang="de">Gemeinde</td>' in shown and '<td class="govuk-table__cell">1</td>' in shown


def test_texts_are_read_once_and_exist_in_each_language() -> None:
    assert read("study", "en") is read("study", "en")
    assert len({read("study", locale).title for locale in LOCALES}) == 4
    with pytest.raises(FileNotFoundError):
        read("no-such-text", "en")
    assert (ROOT / "locales" / "nl" / "pages" / "study.md").is_file()
