"""Which language a dossier gets, and which its readers get: begun on the pages, filed, told by mail, handed over, and proved on paper."""

import re
from collections.abc import Mapping
from importlib import import_module
from uuid import UUID

import pytest

from frontoffice.documents.manifest import claimed
from frontoffice.dossiers.filings import SEAL
from frontoffice.dossiers.language import translated_from
from frontoffice.kernel.i18n import LOCALES, Locale, translator
from frontoffice.kernel.time import today
from frontoffice.notices.texts import PAPERS
from frontoffice.procedures import in_force
from tests.documents.receipting import text_of
from tests.story.stage import EMPLOYER_MAIL, World, words
from tests.story.test_competence import by_row, complete
from tests.story.test_every_procedure import raw
from tests.web import Browser

APPLICANT = "somebody@citizen.example"
RECEIPT = {locale: translator(locale)("Receipt of your application") for locale in LOCALES}


async def paper(browser: Browser, path: str) -> str:
    """The words of a PDF."""
    return " ".join(text_of((await browser.get(path)).content).split())


async def employer(world: World, account: Locale) -> Browser:
    """Somebody of an enterprise, whose account is in this language."""
    person = await world.scene.person("Nora El Idrissi", None, account)
    party = await world.portal.party("enterprise", "Havenlogistiek Antwerpen NV", number="1999999943")
    return world.portal.visitor(await world.portal.session_of(person, party))


async def begun(browser: Browser, locale: Locale, procedure: str) -> str:
    answer = await browser.post(f"/{locale}/dossiers", page=f"/{locale}/dossiers/new?procedure={procedure}")
    assert answer.status_code == 200, answer.text
    return answer.url.path.rsplit("/", 1)[-1]


async def filed(world: World, browser: Browser, locale: Locale, key: str) -> str:
    answer = await browser.post(f"/{locale}/dossiers/{key}/submit", page=f"/{locale}/dossiers/{key}/check", follow=False)
    assert answer.status_code == 303, words(answer)[:2000]
    rows = await world.portal.sql("SELECT number FROM dossier WHERE id = :id", id=UUID(key))
    return str(rows[0][0])


async def permit(world: World, browser: Browser, locale: Locale, region: str) -> str:
    """A single permit that this Region decides on, begun and filed in one language of the pages; its number."""
    key = await begun(browser, locale, "single-permit")
    await complete(world, browser, key, by_row(7, region), "organisation-chart")
    return await filed(world, browser, locale, key)


async def of_a_citizen(world: World, locale: Locale, account: Locale, procedure: str, **changes: Mapping[str, str]) -> str:
    """A procedure that a person files in his or her own name, from its sample; its number."""
    person = await world.scene.person("Somebody Else", APPLICANT, account)
    browser = world.portal.visitor(await world.portal.session_of(person, person, kind="citizen"))
    sample, declared = import_module(f"tests.procedures.samples.{procedure.replace('-', '_')}"), in_force(procedure, today())
    key = await begun(browser, locale, procedure)
    pages = {code: {**page, **changes.get(code.replace("-", "_"), {})} for code, page in sample.ANSWERS.items()}
    for page in declared.pages:
        if page.code in pages:
            answer = await browser.post(f"/{locale}/dossiers/{key}/pages/{page.code}", raw(list(page.form.fields), pages[page.code]), follow=False)
            assert answer.status_code == 303, (page.code, words(answer)[:2000])
    for code in sample.DOCUMENTS:
        await world.scene.document(UUID(key), await world.scene.employer(), code)
    return await filed(world, browser, locale, key)


async def told(world: World, number: str, address: str) -> tuple[str, str]:
    """The language of the mail about the filing to this address, and its text."""
    await world.scene.run("notices:tell", "notices:send")
    (mail,) = [one for one in world.catcher.to(address) if str(one["Subject"]).startswith(number)]
    return str(mail["Content-Language"]), " ".join(mail.get_body(("plain",)).get_content().split())  # type: ignore[union-attr]


async def handed_over(world: World, number: str) -> str:
    await world.hand_over()
    ((content,),) = await world.portal.sql("SELECT m.content FROM message m JOIN dossier d ON d.id = m.dossier_id WHERE d.number = :number", number=number)
    return str(claimed(bytes(content).decode())["body"]["language"])


async def is_right(world: World, number: str, address: str, reader: Locale, formal: str) -> None:
    language, text = await told(world, number, address)
    assert language == reader and f"/{reader}/" in text
    assert " ".join(translator(reader)(PAPERS[formal]).split()) in text
    assert await handed_over(world, number) == formal
    ((kept,),) = await world.portal.sql("SELECT language FROM dossier WHERE number = :number", number=number)
    assert kept == formal


@pytest.mark.parametrize(("locale", "account", "region", "formal"), [
    ("en", "en", "flanders", "nl"), ("fr", "fr", "flanders", "nl"), ("de", "de", "wallonia", "fr"), ("nl", "nl", "wallonia", "fr"),
    ("en", "en", "german-speaking-community", "de"), ("fr", "fr", "german-speaking-community", "de"),
    # In Brussels the applicant's choice counts, as far as it is one of its two languages; an account says it when the pages do not.
    ("fr", "nl", "brussels", "fr"), ("nl", "fr", "brussels", "nl"), ("en", "fr", "brussels", "fr"), ("en", "en", "brussels", "nl"), ("de", "de", "brussels", "nl"),
])
async def test_a_permit_gets_the_language_of_its_region_and_the_contact_that_of_who_began_it(
        world: World, locale: Locale, account: Locale, region: str, formal: str) -> None:
    number = await permit(world, await employer(world, account), locale, region)
    await is_right(world, number, EMPLOYER_MAIL, account, formal)


@pytest.mark.parametrize(("locale", "account", "asked", "formal"), [
    ("en", "en", "fr", "fr"), ("fr", "fr", "de", "de"), ("de", "en", "nl", "nl"), ("de", "de", "none", "de"), ("en", "en", "none", "nl"), ("en", "fr", "none", "fr"),
])
async def test_a_visa_gets_the_language_that_was_asked_for(world: World, locale: Locale, account: Locale, asked: str, formal: str) -> None:
    number = await of_a_citizen(world, locale, account, "visa-c", family_member={"procedure_language": asked})
    await is_right(world, number, "meera.nair@permit-window.example", account, formal)


@pytest.mark.parametrize(("locale", "place", "formal"), [("fr", ("2018", "11002"), "nl"), ("en", ("4700", "63023"), "de"), ("nl", ("4000", "62063"), "fr")])
async def test_what_a_municipality_gets_is_in_the_language_of_its_area(world: World, locale: Locale, place: tuple[str, str], formal: str) -> None:
    here = {"stay_postal_code": place[0], "stay_municipality": place[1]}
    number = await of_a_citizen(world, locale, locale, "declaration-of-arrival", stay=here)
    await is_right(world, number, APPLICANT, locale, formal)


async def test_a_contact_who_has_an_account_is_written_to_in_its_language(world: World) -> None:
    browser = await employer(world, "fr")
    await world.portal.sql("UPDATE party SET email = :address WHERE name = 'Nora El Idrissi'", address=EMPLOYER_MAIL.upper())
    number = await permit(world, browser, "en", "flanders")
    await is_right(world, number, EMPLOYER_MAIL, "fr", "nl")


async def test_another_region_goes_on_in_its_own_language_and_the_receipts_stay_as_they_were(world: World) -> None:
    browser = await employer(world, "fr")
    number = await permit(world, browser, "fr", "wallonia")
    await world.scene.run(SEAL)
    region = await world.portal.official("wallonia")
    moved = await region.post(f"/fr/dossiers/{number}/steps/pass-on", {"region": "flanders", "reason": "The work is in Antwerp."}, follow=False)
    assert moved.status_code == 303, words(moved)[:2000]
    assert await world.portal.sql("SELECT language FROM dossier WHERE number = :number", number=number) == [("nl",)]
    assert RECEIPT["fr"] in await paper(browser, f"/en/dossiers/{number}/receipt.pdf")


async def test_the_receipt_is_the_one_in_the_language_of_the_dossier_and_the_others_say_what_they_are(world: World) -> None:
    browser = await employer(world, "en")
    number = await permit(world, browser, "en", "german-speaking-community")
    await world.scene.run(SEAL)
    page = (await browser.get(f"/en/dossiers/{number}/receipt")).text
    assert re.findall(r'receipt\.pdf\?filing=[0-9a-f-]+([^"]*)" hreflang="(..)"', page) == [
        ("", "de"), *((f"&amp;language={one}", one) for one in LOCALES if one != "de")]
    original = await browser.get(f"/en/dossiers/{number}/receipt.pdf")
    assert f'"{number}.pdf"' in original.headers["content-disposition"]
    for locale in LOCALES:
        path = f"/en/dossiers/{number}/receipt.pdf?language={locale}"
        said, line = await paper(browser, path), translated_from("de", locale, translator(locale))
        assert RECEIPT[locale] in said and bool(line) == (locale != "de") and line in said
        answer = await browser.get(path)
        assert (answer.content == original.content) == (locale == "de")
        assert (f'"{number}.{locale}.pdf"' in answer.headers["content-disposition"]) == (locale != "de")


async def test_a_filing_of_before_its_language_was_kept_has_that_of_its_dossier(world: World) -> None:
    browser = await employer(world, "en")
    number = await permit(world, browser, "en", "wallonia")
    await world.portal.sql("UPDATE filing SET facts = facts - 'language'")
    await world.scene.run(SEAL)
    assert RECEIPT["fr"] in await paper(browser, f"/en/dossiers/{number}/receipt.pdf")
    assert translated_from("fr", "en", translator("en")) in await paper(browser, f"/en/dossiers/{number}/receipt.pdf?language=en")
