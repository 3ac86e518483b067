"""What is said of an answer while the page is still being filled in."""

import re

from tests.engines import Database, Engines
from tests.filing import EMPLOYER_PAGES, begin, fill
from tests.web import running_portal

_ASKED = {"hx-request": "true", "hx-target": "checked"}


async def test_only_what_was_typed_is_judged_and_nothing_is_kept(fresh_database: Database, engines: Engines) -> None:
    async with running_portal(fresh_database, engines) as portal:
        employer = await portal.employer()
        key = await begin(employer)
        path = f"/en/dossiers/{key}/pages/employer/check"
        token = await employer.token(f"/en/dossiers/{key}/pages/employer")
        answer = await employer.client.post(path, data={"csrf": token, "enterprise_number": "1999999944", "employer_name": ""}, headers=_ASKED)
        assert answer.status_code == 200 and "<html" not in answer.text
        assert re.findall(r'href="#(\w+)"', answer.text) == ["enterprise_number"]
        answer = await employer.client.post(path, data={"csrf": token, "enterprise_number": "1999999943"}, headers=_ASKED)
        assert not answer.text.strip()
        assert (await portal.sql("SELECT content->>'enterprise_number', version FROM answer WHERE page = 'employer'"))[0] == ("1999999943", 0)


async def test_the_pay_is_compared_with_the_figure_of_the_region(fresh_database: Database, engines: Engines) -> None:
    async with running_portal(fresh_database, engines) as portal:
        employer = await portal.employer()
        key = await begin(employer)
        await fill(employer, key, {code: answers for code, answers in EMPLOYER_PAGES.items() if code != "pay"})
        token = await employer.token(f"/en/dossiers/{key}/pages/pay")
        for pay, words in ((("4500", "60000"), "reaches the minimum of €48,912.00"), (("2000", "30000"), "below the minimum of")):
            data = {"csrf": token, "pay_month": pay[0], "pay_year": pay[1]}
            answer = await employer.client.post(f"/en/dossiers/{key}/pages/pay/check", data=data, headers=_ASKED)
            assert words in answer.text and "Flemish Region" in answer.text
