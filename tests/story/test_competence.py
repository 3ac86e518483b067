"""Which Region is competent, by every row of the table, as the form asks it and the pages show it; and the other doors."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import pytest

from frontoffice.kernel.i18n import BRUSSELS, LOCALES, Locale, show_money
from frontoffice.kernel.time import stopped_at
from frontoffice.procedures.doors import DOORS as DOORS_TO
from frontoffice.procedures.single_permit.competence import SOURCES
from tests.filing import EMPLOYER_DOCUMENTS, EMPLOYER_PAGES, WORKER_DOCUMENTS, WORKER_PAGES, begin, fill
from tests.story.stage import World, main_words, say, words
from tests.web import Browser

Pages = dict[str, Mapping[str, str]]
# Region: the address as it is typed, as it is shown, the Region's name, its code, the desk of its officials.
PLACES = {
    "flanders": (("2030", "Antwerpen"), "2030 Antwerp", "Flanders, Economic Migration"),
    "brussels": (("1000", ""), "1000 Brussels", "Brussels Economy and Employment"),
    "wallonia": (("4000", "Liège"), "4000 Liège", "Wallonia, Employment and Work Permits"),
    "german-speaking-community": (("4700", "Eupen"), "4700 Eupen", "German-speaking Community, Employment"),
}
ELSEWHERE = {"flanders": "wallonia", "brussels": "flanders", "wallonia": "brussels", "german-speaking-community": "flanders"}
UNITS = ("8999999993", "2123456791")
SURENESS = {"O": "from an official source", "P": "from a professional publication: check with the authority", "U": "not confirmed: check with the authority"}
REASONS = {
    3: "The worker is employed at one establishment unit of the employer in Belgium",
    4: "The worker is employed at several establishment units and mainly at",
    5: "none is the main one: the registered office of the employer counts",
    6: "The worker is posted to an entity in Belgium: the place where that entity is established counts.",
    7: "the place where the work is done counts",
    8: "the main workplace counts",
}


def address(stem: str, region: str, *, street: str = "Straat 1") -> dict[str, str]:
    postal_code, municipality = PLACES[region][0]
    return {f"{stem}_street": street, f"{stem}_postal_code": postal_code, f"{stem}_municipality": municipality}


def answers(*, office: str = "", unit: bool = False, posted: str = "", pattern: str = "one", places: tuple[str, ...] = ()) -> Pages:
    """The pages that decide, as somebody types them."""
    pages: Pages = {
        "registered-office": {"has_office": "yes", **address("office", office)} if office else {"has_office": "no"},
        "units": {"has_unit": "yes" if unit else "no"},
        "posting": {"posted": "yes", "receiving_name": "Acme Belgium", **address("receiving", posted)} if posted else {"posted": "no"},
        "work-pattern": {"work_pattern": pattern},
    }
    for stem, code, place, number in zip(("workplace", "second"), ("workplace", "second-workplace"), places, UNITS, strict=False):
        pages[code] = {**address(stem, place), **({f"{stem}_unit": number} if unit else {})}
    return pages


def by_row(row: int, region: str) -> Pages:
    """Answers by which this row makes this Region competent; everything else points elsewhere."""
    other = ELSEWHERE[region]
    return {
        3: answers(office=other, unit=True, places=(region,)),
        4: answers(office=other, unit=True, pattern="main", places=(region, other)),
        5: answers(office=region, unit=True, pattern="equal", places=(other, ELSEWHERE[other])),
        6: answers(office=other, unit=True, posted=region, places=(other,)),
        7: answers(places=(region,)),
        8: answers(pattern="main", places=(region, other)),
    }[row]


async def checked(browser: Browser, key: str, pages: Pages, locale: Locale = "en") -> str:
    await fill(browser, key, pages)
    return main_words(await browser.get(f"/{locale}/dossiers/{key}/check"))


async def complete(world: World, browser: Browser, key: str, pages: Pages, *documents: str) -> None:
    """Everything else that filing asks for, the worker's part by the employer."""
    await fill(browser, key, {code: page for code, page in {**EMPLOYER_PAGES, **WORKER_PAGES}.items() if code not in {*by_row(4, "flanders"), "second-workplace"}})
    await fill(browser, key, pages)
    # Wallonia asks whether a diploma or experience proves the qualification; other Regions do not read that answer.
    await fill(browser, key, {"education": {**WORKER_PAGES["education"], "qualification": "diploma"}})
    actor = await world.scene.employer()
    for code in (*EMPLOYER_DOCUMENTS, *WORKER_DOCUMENTS, *documents):
        await world.scene.document(UUID(key), replace(actor), code)
    answer = await browser.post(f"/en/dossiers/{key}/steps/declare-consent", {"consent": "yes"}, follow=False)
    assert answer.status_code == 303, words(answer)


@pytest.mark.parametrize("row", [3, 4, 5, 6, 7, 8])
async def test_each_row_leads_to_each_region_and_says_why(world: World, row: int) -> None:
    browser = world.who("employer")
    key = await begin(browser)
    for region, (_typed, shown, title) in PLACES.items():
        page = await checked(browser, key, by_row(row, region))
        rows = (row, 10) if region == "german-speaking-community" else (row,)
        assert f"Which authority is competent, and why {title}" in page, page[:1500]
        assert REASONS[row] in page
        assert shown in page
        assert f"Rule {', '.join(map(str, rows))} of the competence table." in page
        assert "; ".join(SOURCES[one][0] for one in rows) in page and SURENESS[SOURCES[row][1]] in page
        if row in (3, 4):
            assert "8.999.999.993" in page
        assert ("one of the nine municipalities for which the German-speaking Community decides" in page) == (len(rows) == 2)


@pytest.mark.parametrize(("row", "region"), [(3, "german-speaking-community"), (4, "brussels"), (5, "flanders"), (6, "wallonia"), (7, "flanders"), (8, "wallonia")])
async def test_the_region_that_the_rule_found_gets_the_dossier_and_no_other(world: World, row: int, region: str) -> None:
    browser = world.who("employer")
    key = await begin(browser)
    await complete(world, browser, key, by_row(row, region), "organisation-chart", "secondment", "social-security")
    answer = await browser.post(f"/en/dossiers/{key}/submit", page=f"/en/dossiers/{key}/check")
    assert answer.status_code == 200 and answer.url.path.endswith("/receipt"), main_words(answer)[:1500]
    number, reason = (await world.portal.sql(
        "SELECT d.number, p.reason FROM dossier d JOIN participation p ON p.dossier_id = d.id AND p.role = 'region' WHERE d.id = :id", id=UUID(key)))[0]
    assert reason["row"] == (10 if region == "german-speaking-community" else row) and reason["source"]
    for code in PLACES:
        queue = await (await world.portal.official(code)).get("/en/counter")
        assert (number in queue.text) == (code == region), code
    shown = words(await browser.get(f"/en/dossiers/{number}"))
    assert REASONS[row] in shown


UNDECIDABLE = (
    (8, answers(pattern="equal", places=("flanders", "brussels")), "the work is done in several Regions, and no workplace is the main one"),
    (5, answers(office="wallonia", places=("wallonia",)), "has a registered office in Belgium but no establishment unit. No rule covers this"),
    (5, answers(unit=True, pattern="equal", places=("flanders", "wallonia")), "the employer's registered office in Belgium is not known"),
)


@pytest.mark.parametrize(("row", "pages", "why"), UNDECIDABLE, ids=["two-regions-alike", "office-without-unit", "no-main-no-office"])
async def test_what_no_rule_decides_is_asked_to_a_person_and_not_filed(world: World, row: int, pages: Pages, why: str) -> None:
    browser = world.who("employer")
    key = await begin(browser)
    await complete(world, browser, key, pages)
    for locale in LOCALES:
        page = main_words(await browser.get(f"/{locale}/dossiers/{key}/check"))
        assert say(locale, "We cannot tell which authority is competent, and we do not guess.") in page
        assert say(locale, "Ask a person") in page
        assert say(locale, "File the application") not in page
    page = main_words(await browser.get(f"/en/dossiers/{key}/check"))
    assert why in page and f"Rule {row} of the competence table." in page
    answer = await browser.post(f"/en/dossiers/{key}/submit", page=f"/en/dossiers/{key}/check", follow=False)
    assert answer.status_code == 422 and why in words(answer)
    rows = await world.portal.sql("SELECT number, region, position FROM dossier WHERE id = :id", id=UUID(key))
    assert [tuple(row) for row in rows] == [(None, None, ["draft", "worker-confirmed"])]
    # Nothing is lost: with one answer corrected the same draft can be filed.
    await fill(browser, key, by_row(3, "flanders"))
    assert "File the application" in main_words(await browser.get(f"/en/dossiers/{key}/check"))


DOORS = (
    ("work_form=self-employed", "professional-card"),
    ("work_form=au-pair&nationality=FRA", "no-permit-eea"),
    ("residence_status=unlimited", "unlimited-access"),
)


@pytest.mark.parametrize(("said", "code"), DOORS, ids=[code for _said, code in DOORS])
async def test_who_must_knock_elsewhere_is_led_there_and_nothing_is_kept(world: World, said: str, code: str) -> None:
    browser, door = world.who("employer"), DOORS_TO[code]
    rest = [one for one in ("nationality=IND", "residence_status=abroad") if one.partition("=")[0] not in said]
    before = await world.portal.sql("SELECT count(*) FROM dossier")
    for locale in LOCALES:
        answer = await browser.get(f"/{locale}/finder?{'&'.join(['goal=hire', said, *rest])}")
        page = main_words(answer)
        assert answer.status_code == 200 and f'lang="{locale}"' in answer.text
        assert say(locale, door.title) in page and say(locale, "Nothing to file here") in page
        assert say(locale, "Source: %(source)s, %(confidence)s.", source=door.source, confidence=say(locale, SURENESS[door.confidence])) in page
    assert await world.portal.sql("SELECT count(*) FROM dossier") == before


async def test_fees_are_shown_with_their_marks_and_block_nothing(world: World) -> None:
    browser = world.who("employer")
    for locale in LOCALES:
        page = main_words(await browser.get(f"/{locale}/dossiers/{world.key}/check"))
        assert say(locale, "Due when you file. You cannot pay here yet; filing goes on without it") in page
        for title, amount in (("Federal contribution", 152), ("Fee of the Flemish Region", 180)):
            assert say(locale, title) in page and " ".join(show_money(amount, locale).split()) in page
        # The contribution rests on a recent overview, the fee on a professional publication: both say so.
        assert say(locale, "from a recent overview: check with the authority") in page
        assert say(locale, SURENESS["P"]) in page
    assert (await world.file()).startswith("SP-")
    assert await world.position() == {"filed"}


async def test_other_regions_ask_no_fee_and_a_year_without_a_figure_says_so(world: World) -> None:
    browser = world.who("employer")
    key = await begin(browser)
    for region in PLACES:
        page = await checked(browser, key, by_row(3, region))
        assert ("Fee of the Flemish Region" in page) == (region == "flanders")
    with stopped_at(datetime(2027, 1, 4, 10, tzinfo=BRUSSELS)):
        later = await world.portal.employer()
        page = main_words(await later.get(f"/en/dossiers/{world.key}/check"))
        assert "Federal contribution not known for today: check with the authority" in page and "€152.00" not in page
        await later.client.aclose()
