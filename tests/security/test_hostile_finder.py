"""The pages before the sign-in, whose answers stand in the address: whatever is written there, nothing acts, nothing is kept, nothing fails."""

import re
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import pytest

from frontoffice.kernel.time import today
from frontoffice.procedures import every_in_force
from frontoffice.procedures.finder.journey import given_to, known_to, travel
from frontoffice.procedures.finder.questions import STEPS
from frontoffice.public.procedure_view import view_of
from tests.security.stage import Play

HOSTILE = (
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover='alert(1)", "javascript:alert(1)", "//evil.example", "https://evil.example/", "\\\\evil.example",
    "/../../etc/passwd", "%2e%2e%2f", "{{7*7}}", "{% raise %}", "%(amount)s", "%s%n%d", "${jndi:ldap://x}", "' OR 1=1--", "\"; DROP TABLE dossier;--", "\r\nSet-Cookie: a=b",
    "\0", "a\0b", "\x1b[31m", "\u202egnp.exe", "\u2066x\u2069", "\ufeff", "\ud7ff", "\uffff", "𝟗𝟗", "٣٤", "-", "--", "-1", "0", "9" * 400, "1e309", "NaN", "Infinity", "null", "undefined",
    "true", "[]", "{}", "constructor", "__proto__", "x" * 5000, " ", "\t", "&goal=work", "goal=work", "a=b&c=d", "#", "?", "%", "%zz", "&#x3C;b&#x3E;", "&lt;b&gt;", "2028-02-30", "ß" * 200,
)
NAMES = [name for step in STEPS for field in step.form.fields for name in field.raw_names()]
WORDS = (*NAMES, "change", "asked", "category", "with", "procedure", "csrf", "form_key")
WAYS = (
    "goal=hire&nationality=IND&residence_status=abroad&work_form=employee&work_duration=long&place=2030&job_kind=qualified&learned=diploma&contract_length=long&pay_year=50000&under_30=no",
    "goal=family&nationality=MAR&residence_status=abroad&sponsor=belgian", "goal=study&nationality=CMR&residence_status=abroad&institution_kind=recognised&stay_length=long",
    "goal=au-pair&nationality=PER&residence_status=abroad&age=20&au_pair_before=no", "goal=visit&nationality=IND&visit_length=short&eu_family=no",
    "goal=guarantor&guarantee_for=visitor&guarantor_status=belgian&lives_in_belgium=yes",
)
# What leads on from a page: links and the fields that a form sends along.
LINK = re.compile(r'(?:href|action)="([^"]*)"')
# Answers that somebody else could plant in a link, by names of questions that the finder does not ask.
PLANTED = ("surname", "given_names", "national_number", "passport_number", "passport_country", "worker_email", "person_email", "home_street", "employer_name",
           "enterprise_number", "contribution_exemption", "states_truth", "consent", "commitment_number", "net_monthly_income", "beneficiary_passport")


def test_there_are_enough() -> None:
    assert len(set(HOSTILE)) > 55 and len(NAMES) > 30


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda one: ascii(one[:12]))
async def test_nothing_acts_and_no_link_leads_away(play: Play, hostile: str) -> None:
    """Every answer is inspected for scripts, handlers and foreign links; the whole journey is asked for with one answer turned bad."""
    visitor = play.visitor()
    # No address is longer than what a server takes.
    spread = [f"{name}={quote(hostile[:300], safe='')}" for name in WORDS]
    queries = ["&".join(spread), f"goal=work&{'&'.join(spread[1:])}", f"{quote(hostile, safe='')}={quote(hostile, safe='')}"]
    queries += [f"{way}&change={quote(hostile, safe='')}&with={quote(hostile, safe='')}&category={quote(hostile, safe='')}" for way in WAYS[:2]]
    for path in ("/en/finder", "/nl/procedures/single-permit", "/fr/procedures/visa-c"):
        for query in queries:
            answer = await visitor.get(f"{path}?{query}")
            assert answer.status_code in (200, 400, 422), (path, query[:60], answer.status_code)
            for link in LINK.findall(answer.text):
                assert re.match(r"(/[a-z#?]|/$|#|https://[a-z.]+\.(be|eu|org|int)(/|$))", link) and "evil.example" not in urlsplit(link).netloc, link


@pytest.mark.parametrize("way", WAYS, ids=lambda one: one[:14])
async def test_one_bad_answer_spoils_no_page(play: Play, way: str) -> None:
    visitor, right = play.visitor(), parse_qsl(way)
    for nth in range(len(right)):
        for hostile in HOSTILE[nth::9]:
            rows = [(name, hostile if nth == index else text) for index, (name, text) in enumerate(right)]
            for path in ("/en/finder", "/de/procedures/single-permit"):
                answer = await visitor.get(f"{path}?{urlencode(rows)}")
                assert answer.status_code in (200, 422) or "\0" in hostile and answer.status_code == 400, (rows[nth], answer.status_code)


async def test_names_that_come_twice_too_many_or_too_long(play: Play) -> None:
    visitor = play.visitor()
    for query in ("goal=work&goal=hire&goal=visit", "&".join("goal=work" for _one in range(2000)), "&".join(f"q{one}=1" for one in range(1500)), "goal[]=work&goal[x]=y",
                  "goal=work;nationality=IND", "&&&&", "=", "===", "goal", "goal=" + "x" * 15000, "x" * 15000, "%ff=%ff", "goal=%ff%fe", "goal=%ed%a0%80", "a%00b=1"):
        for path in ("/en/finder", "/en/procedures/single-permit", "/en/procedures/visa-d-study"):
            answer = await visitor.get(f"{path}?{query}")
            assert answer.status_code in (200, 400, 414, 422, 431), (path, query[:40], answer.status_code)
            assert len(answer.content) < 400_000


async def test_answers_are_kept_by_no_cache_and_by_no_table(play: Play) -> None:
    visitor, before = play.visitor(), await play.sums()
    for way in WAYS:
        for path in (f"/en/finder?{way}", f"/en/procedures/single-permit?{way}&with=nl"):
            answer = await visitor.get(path)
            assert answer.headers["cache-control"] == "no-store" and answer.headers["referrer-policy"] == "same-origin"
            assert not answer.headers.get_list("set-cookie") or "goal" not in answer.headers["set-cookie"]
    assert await play.sums() == before


@pytest.mark.parametrize("procedure", every_in_force(today()), ids=lambda one: one.code)
def test_only_answers_that_the_finder_asks_for_begin_a_dossier(procedure: object) -> None:
    """A link that somebody plants fills in no name, number, address or promise, whatever the procedure."""
    for way in WAYS:
        for text in ("yes", "1", "Evil", "83030421769", "GS-2026-0000001-X"):
            sent = {**dict(parse_qsl(way)), **dict.fromkeys(PLANTED, text)}
            given = given_to(procedure, travel(sent, today()), sent)  # type: ignore[arg-type]
            assert not set(given) & set(PLANTED), given


@pytest.mark.parametrize("procedure", every_in_force(today()), ids=lambda one: one.code)
def test_the_rules_stand_every_answer(procedure: object) -> None:
    day = today()
    for way in WAYS:
        for hostile in HOSTILE:
            for name, _text in parse_qsl(way):
                sent = {**dict(parse_qsl(way)), name: hostile, "category": hostile}
                journey = travel(sent, day)
                view_of(procedure, known_to(procedure, given_to(procedure, journey, sent), journey, day), day)  # type: ignore[arg-type]


async def test_a_planted_link_begins_nothing_by_itself(play: Play) -> None:
    """Somebody is led to the page with answers of somebody else: it shows them, and stores nothing before the button is pressed."""
    visitor, before = play.visitor("employer"), await play.sums()
    planted = urlencode(dict.fromkeys(PLANTED, "Canaryevil"))
    answer = await visitor.get(f"/en/dossiers/new?procedure=single-permit&{WAYS[0]}&{planted}")
    # The links to the other languages repeat the address; what the page itself says and sends on does not.
    assert answer.status_code == 200 and "Canaryevil" not in LINK.sub("", answer.text)
    assert await play.sums() == before
    sent = {"procedure": "single-permit", "form_key": "00000000-0000-0000-0000-000000000077", **dict(parse_qsl(WAYS[0])), **dict.fromkeys(PLANTED, "Canaryevil")}
    for foreign in ({"csrf": ""}, {"csrf": play.visitor("other-employer").token}):
        assert (await visitor.ask("POST", "/en/dossiers", data={**sent, **foreign})).status_code == 403
    assert (await visitor.ask("POST", "/en/dossiers", data={**sent, "csrf": visitor.token}, headers={"sec-fetch-site": "cross-site"})).status_code == 403
    assert await play.sums() == before
    assert (await visitor.post("/en/dossiers", sent)).status_code == 303
    rows = await play.portal.sql("SELECT content, raw FROM answer WHERE dossier_id = (SELECT id FROM dossier WHERE form_key = CAST(:key AS uuid))", key=sent["form_key"])
    assert rows and not [row for row in rows if "Canaryevil" in str(row)]
