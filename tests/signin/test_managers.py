"""Rule 4: whoever manages access for an authority or enterprise ends the sessions of its members, and of nobody else."""

import re
import secrets
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.engines import Database, Engines
from tests.signin.evil import Provider, a_provider, providers_file, signed_in, somebody, table
from tests.web import Browser, Portal, running_portal

ANTWERP = {"authority": "municipality", "territory": "11002"}
GHENT = {"authority": "municipality", "territory": "44021"}
MANAGER = {"capacity": "access-manager"}
FIRM = {"number": "0999000129", "name": "Havenlogistiek Antwerpen NV"}


@pytest.fixture
def provider() -> Iterator[Provider]:
    with a_provider() as one:
        yield one


@pytest.fixture
async def portal(fresh_database: Database, engines: Engines, provider: Provider, tmp_path: Path) -> AsyncIterator[Portal]:
    file = providers_file(tmp_path, officials=table(provider.address, "official"), enterprises=table(provider.address, "enterprise"))
    async with running_portal(fresh_database, engines, providers_file=file) as one:
        yield one


async def person(portal: Portal, provider: Provider, name: str, code: str = "officials", **claims: Any) -> Browser:
    """Somebody who has just signed in."""
    provider.claims = {"sub": secrets.token_hex(6), "given_name": name, "family_name": "Clerk", **claims}
    browser = somebody(portal)
    assert (await signed_in(browser, provider, code)).status_code == 303
    return browser


async def keys_beside(browser: Browser) -> dict[str, str]:
    """The sessions of others that the page offers to end, by the first name of their person."""
    page = (await browser.get("/en/sessions")).text
    cards = re.findall(r'action="/en/sessions/([0-9a-f]{16})/end"(?:(?!action=).)*?govuk-visually-hidden"> \((\w+) Clerk,', page, re.S)
    return {name: key for key, name in cards}


async def is_in(browser: Browser) -> bool:
    return (await browser.client.get("/en/sessions")).status_code == 200


async def test_a_manager_ends_the_session_of_a_member_at_once(portal: Portal, provider: Provider) -> None:
    boss, member = await person(portal, provider, "Boss", **ANTWERP, **MANAGER), await person(portal, provider, "Member", **ANTWERP)
    elsewhere = await person(portal, provider, "Elsewhere", **GHENT)
    assert set(await keys_beside(boss)) == {"Member"}
    answer = await boss.post(f"/en/sessions/{(await keys_beside(boss))['Member']}/end", page="/en/sessions", follow=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/en/sessions")
    assert [await is_in(one) for one in (boss, member, elsewhere)] == [True, False, True]
    assert await keys_beside(boss) == {}


async def test_a_member_and_a_manager_elsewhere_see_and_end_nothing(portal: Portal, provider: Provider) -> None:
    boss, member = await person(portal, provider, "Boss", **ANTWERP, **MANAGER), await person(portal, provider, "Member", **ANTWERP)
    key = (await keys_beside(boss))["Member"]
    others = [member, await person(portal, provider, "Foreign", **GHENT, **MANAGER), await person(portal, provider, "Other", **ANTWERP, capacity="clerk"),
              await person(portal, provider, "Odd", **ANTWERP, capacity=["access-manager"])]
    for one in others[1:]:
        assert await keys_beside(one) == {}
        assert (await one.post(f"/en/sessions/{key}/end", page="/en/sessions", follow=False)).status_code == 404
    assert await keys_beside(member) == {} and await is_in(member)


async def test_an_enterprise_has_managers_too_and_a_changed_hat_is_another_party(portal: Portal, provider: Provider) -> None:
    boss = await person(portal, provider, "Boss", "enterprises", enterprises=[{**FIRM, "capacity": "access-manager"}])
    two = [{**FIRM, "capacity": "mandatary"}, {"number": "0999000228", "name": "Zorggroep Schelde VZW", "capacity": "access-manager"}]
    member = await person(portal, provider, "Member", "enterprises", enterprises=two)
    assert await keys_beside(boss) == {}  # no hat chosen yet
    hats = re.findall(r'name="hat" type="radio" value="([^"]+)"', (await member.get("/en/acting-for")).text)
    for hat, seen in ((hats[0], {"Member"}), (hats[1], set())):
        await member.post("/en/acting-for", {"hat": hat}, follow=False)
        assert set(await keys_beside(boss)) == seen
    assert await keys_beside(member) == {}


async def test_ending_all_others_means_ones_own(portal: Portal, provider: Provider) -> None:
    boss, member = await person(portal, provider, "Boss", **ANTWERP, **MANAGER), await person(portal, provider, "Member", **ANTWERP)
    await boss.post("/en/sessions/others/end", page="/en/sessions", follow=False)
    assert await is_in(member)
