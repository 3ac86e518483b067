"""Files, robots and reports of the content policy: what browsers and machines get."""

import gzip
import logging

import pytest

from frontoffice.kernel.rendering import asset, assets
from frontoffice.public import machine_pages
from tests.engines import Database, Engines
from tests.web import ORIGIN, running_portal

CSS = "built/app.css"


async def test_files_are_kept_for_a_year_and_compressed(shared_database: Database, engines: Engines) -> None:
    async with running_portal(shared_database, engines) as portal:
        client = portal.visitor().client
        answer = await client.get(asset(CSS), headers={"accept-encoding": "br, gzip"})
        assert answer.status_code == 200 and answer.content == assets()[CSS].content
        assert answer.headers["content-encoding"] == "gzip" and answer.headers["vary"] == "Accept-Encoding"
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["content-type"].startswith("text/css") and answer.headers["x-content-type-options"] == "nosniff"
        assert int(answer.headers["content-length"]) == len(gzip.compress(assets()[CSS].content, 9, mtime=0))
        assert "set-cookie" not in answer.headers
        again = await client.get(asset(CSS), headers={"accept-encoding": "gzip", "if-none-match": f'W/{answer.headers["etag"]}'})
        assert again.status_code == 304 and not again.content


@pytest.mark.parametrize("accepted", ["", "identity", "gzip;q=0", "br"])
async def test_plain_for_those_who_want_it_plain(shared_database: Database, engines: Engines, accepted: str) -> None:
    async with running_portal(shared_database, engines) as portal:
        answer = await portal.visitor().client.get(asset(CSS), headers={"accept-encoding": accepted})
        assert "content-encoding" not in answer.headers and answer.content == assets()[CSS].content


async def test_a_file_of_another_version_is_not_kept(shared_database: Database, engines: Engines) -> None:
    async with running_portal(shared_database, engines) as portal:
        for query in ("", "?v=0000000000000000"):
            assert (await portal.visitor().client.get(f"/static/{CSS}{query}")).headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("path", [
    "built/none.css", "../pyproject.toml", "%2e%2e/pyproject.toml", "styles/app.scss", "built/", "/etc/passwd", "built/app.css%00",
])
async def test_other_files_do_not_exist(shared_database: Database, engines: Engines, path: str) -> None:
    async with running_portal(shared_database, engines) as portal:
        assert (await portal.visitor().client.get(f"/static/{path}")).status_code in (303, 400, 404)


async def test_the_names_of_a_long_list_are_a_file_like_others(shared_database: Database, engines: Engines) -> None:
    async with running_portal(shared_database, engines) as portal:
        answer = await portal.visitor().client.get(asset("choices/occupations.json"), headers={"accept-encoding": "gzip"})
        assert answer.json()["2512"] == ["Softwareontwikkelaars", "Concepteurs de logiciels", "Softwareentwickler", "Software developers"]
        assert answer.headers["content-type"] == "application/json" and answer.headers["cache-control"].endswith("immutable")
        assert int(answer.headers["content-length"]) < 30_000 and "set-cookie" not in answer.headers


async def test_robots_and_icon(shared_database: Database, engines: Engines) -> None:
    async with running_portal(shared_database, engines) as portal:
        client = portal.visitor().client
        robots, icon = await client.get("/robots.txt"), await client.get("/favicon.ico")
        assert robots.headers["content-type"].startswith("text/plain") and "Disallow: /*/dossiers" in robots.text
        assert icon.headers["content-type"] == "image/svg+xml"


async def test_reports_are_counted_and_not_kept(shared_database: Database, engines: Engines, caplog: pytest.LogCaptureFixture,
                                                monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine_pages, "_reports", machine_pages._Reports())
    async with running_portal(shared_database, engines) as portal:
        client = portal.visitor().client
        report = {"content-type": "application/csp-report", "origin": ORIGIN}
        with caplog.at_level(logging.WARNING):
            for _one in range(3):
                answer = await client.post("/csp", content=b'{"csp-report": {"document-uri": "canary"}}', headers=report)
                assert (answer.status_code, answer.content) == (204, b"")
        assert "canary" not in caplog.text and caplog.text.count("content policy") == 1
        large = await client.post("/csp", content=b"x" * 64_001, headers=report)
        assert large.status_code == 413
