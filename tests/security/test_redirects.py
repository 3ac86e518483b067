"""After signing in a person goes on to a page of ours, whatever somebody wrote into the link."""

import re
from urllib.parse import quote

import pytest

from frontoffice.signin.returning import page_for, place_at
from tests.security.stage import Play

HOSTS = ("evil.example", "evil.example/en/dossiers", "portal.example@evil.example", "portal.example.evil.example", "evil%2eexample", "[::ffff:1.2.3.4]", "0x7f.1", "2130706433")
BEFORE = (
    "https://", "http://", "//", "///", "////", "/\\", "\\\\", "\\/", "/\t/", "/\n/", "/\r/", "\t//", " //", "/ /", "https:", "https:/", "http:\\\\", "HTTPS://", "hTtPs:\\/",
    "//\\", "/.//", "/..//", "/%2f", "/%5c", "/%2f%2f", "%2f%2f", "/%09/", "/%0d%0aLocation:%20//", "/dossiers//", "/dossiers/..//", "/en//", "//en/", "\u2044\u2044",
    "/\u2215", "//\u3002", "\u0000//", "/\u0000/", "\u00a0//", "\ufeff//", "@", "/@", "?", "/?", "#", "/#", "/dossiers?next=//", "/dossiers#//", "/dossiers@", "ftp://", "blob:",
)
OTHERS = (
    "javascript:alert(1)", "java\nscript:alert(1)", "data:text/html,<script>alert(1)</script>", "vbscript:x", "", "/", ".", "..", "/..", "/../..", "/sign-in", "/sign-out",
    "/sign-in/enterprises", "/acting-for", "/static/x", "/health", "/backbone/messages", "/sign-in/callback", "/dossiers/../sign-out", "/dossiers/%2e%2e/sign-out",
    "/dossiers/x y", "/dossiers/<script>", "/dossiers/" + "x" * 400, "/dossiers/\r\nSet-Cookie: a=b", "/nl/dossiers", "dossiers", "%252f%252fevil.example", "/dossiers/a%0d%0ab",
    "\\evil.example", "x" * 5000, "/dossiers/;@evil.example", "/dossiers/a/pages/b?c=//evil.example", "/invitations/" + "a" * 121,
)
STRINGS = tuple(before + host for before in BEFORE for host in HOSTS[:5]) + OTHERS + HOSTS
OURS = re.compile(r"/|/[a-z][A-Za-z0-9_.~/-]*")


def test_there_are_enough() -> None:
    assert len(set(STRINGS)) > 250


def test_no_string_leads_away(play: Play) -> None:
    app = play.portal.app.app
    for text in STRINGS:
        found = page_for(app, text)
        assert found is None or OURS.fullmatch(found.path) is not None and "//" not in found.path and found.path in text, (text, found)


@pytest.mark.parametrize("path,name", [
    ("/dossiers", "my-dossiers"), ("/dossiers/new", "new-dossier"), ("/dossiers/SP-2026-0000001-X", "show-dossier"), ("/counter", "queue"), ("/", "home"),
    ("/dossiers/x/pages/contract", "show-page"), ("/invitations/abc", "show-invitation"), ("/mandates", "my-mandates"), ("/sessions", "sessions"),
])
def test_pages_of_ours_are_found_again(play: Play, path: str, name: str) -> None:
    found = place_at(play.portal.app.app, path)
    assert found and (found.name, found.path) == (name, path)


@pytest.mark.parametrize("query,kept", [
    ("procedure=single-permit&goal=work&pay_year=50.000%2C00&place=Li%C3%A8ge&nationality=-", "procedure=single-permit&goal=work&pay_year=50.000%2C00&place=Li%C3%A8ge&nationality=-"),
    ("procedure=%2F%2Fevil.example&goal=work", "goal=work"), ("goal=work&x%0d%0aSet-Cookie=a", "goal=work"), ("goal=%0d%0aLocation:x", ""), ("", ""),
    ("goal=" + "x" * 81, ""), ("&".join(f"q{one}=1" for one in range(41)), ""), ("%", ""), ("?goal=work", ""), ("name=a&request=b&goal=c", "name=a&request=b&goal=c"),
])
def test_the_answers_of_the_finder_come_back_and_nothing_else(play: Play, query: str, kept: str) -> None:
    found = place_at(play.portal.app.app, f"/dossiers/new?{query}")
    assert found and found.address == "/dossiers/new" + (f"?{kept}" if kept else "")
    assert place_at(play.portal.app.app, f"/dossiers?{query}") is None
    assert place_at(play.portal.app.app, "/dossiers/new?goal=" + "x" * 1200) is None


async def test_signing_in_offers_no_way_elsewhere(play: Play) -> None:
    """Every answer is inspected for links and redirects that leave; here each string goes through the pages themselves."""
    visitor = play.visitor()
    for text in STRINGS:
        answer = await visitor.get("/en/sign-in?return=" + quote(text, safe=""))
        assert answer.status_code in (200, 400), text
        for back in re.findall(r'href="/en/sign-in/enterprises\?return=([^"&]*)"', answer.text):
            assert OURS.fullmatch(back.replace("%2F", "/")), (text, back)


async def test_a_change_of_hat_leads_to_a_page_of_ours(play: Play) -> None:
    hats = "UPDATE session SET hats = jsonb_build_array(jsonb_build_object('kind', 'enterprise', 'party_id', party_id::text, 'name', 'x', 'capacity', '', 'number', '', 'authority', ''))"
    await play.portal.sql(hats)
    party = (await play.portal.sql("SELECT party_id::text FROM session WHERE kind = 'enterprise' AND ended_at IS NULL LIMIT 1"))[0][0]
    role = await _who(play, party)
    for text in STRINGS[::9]:
        visitor = play.visitor(role)
        answer = await visitor.post("/en/acting-for", {"hat": party, "return": text})
        assert answer.status_code in (303, 400), (text, answer.status_code)
        assert answer.status_code == 400 or re.fullmatch(r"/en/[A-Za-z0-9_.~/-]*", answer.headers["location"]), (text, answer.headers["location"])
        await play.portal.sql("UPDATE session SET ended_at = NULL")


async def _who(play: Play, party: str) -> str:
    for role in ("employer", "other-employer", "mandatary", "ended-mandatary"):
        if party in (await play.visitor(role).get("/en/acting-for")).text:
            return role
    raise AssertionError(party)


@pytest.mark.parametrize("path", ["//evil.example", "///evil.example", "/\\evil.example", "/%5cevil.example", "/%2f/evil.example", "//evil.example/%2e%2e", "/%0d%0aX-Evil:1", "/%09/evil.example",
                                  "/.//evil.example", "/en//evil.example", "/en/%2f/evil.example", "/nl/\\evil.example"])
async def test_an_address_without_language_stays_here(play: Play, path: str) -> None:
    answer = await play.visitor().get("https://portal.example" + path)
    assert answer.status_code in (303, 400, 404)
    location = answer.headers.get("location", "")
    assert not location or re.match(r"/(nl|fr|de|en)/[^/\\]", location), location
    assert "x-evil" not in answer.headers


async def test_signed_out_forms_come_back_to_a_page(play: Play) -> None:
    visitor = play.visitor(secret="x" * 43)
    for path in (play.address("take-step", action="discard"), "/en/sessions/others/end", "/en/stay-signed-in"):
        answer = await visitor.post(path)
        assert answer.status_code == 303 and answer.headers["location"].startswith("/en/sign-in?return=%2F")
