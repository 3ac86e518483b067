import sys; sys.path.insert(0,'/tmp'); import harness
from pathlib import Path
import pytest
from tests.web import running_portal
from tests.filing import *
async def test_smoke(fresh_database, engines):
    async with running_portal(fresh_database, engines) as p:
        k = await p.employer()
        key = await begin(k)
        r = await k.get(f"/en/dossiers/{key}"); assert r.status_code==200; Path("/tmp/tasks.html").write_text(r.text)
        r = await k.get(f"/en/dossiers/{key}/pages/identity"); Path("/tmp/page.html").write_text(r.text); assert r.status_code==200
        await fill(k, key, {**EMPLOYER_PAGES, **WORKER_PAGES})
        for n in ("check","worker","documents/passport","steps/declare-consent", "steps/discard"):
            r = await k.get(f"/en/dossiers/{key}/{n}"); assert r.status_code==200, (n, r.status_code); Path(f"/tmp/{n.replace('/','_')}.html").write_text(r.text)
        r = await k.get("/en/dossiers"); assert r.status_code==200; Path("/tmp/list.html").write_text(r.text)
