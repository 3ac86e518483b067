import sys; sys.path.insert(0,'/tmp'); import harness
from pathlib import Path
import pytest
from tests.web import running_portal
from tests.filing import *
PDF=b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF"
async def up(b, key, code):
    tok = await b.token(f"/en/dossiers/{key}/documents/{code}")
    r = await b.client.post(f"/en/dossiers/{key}/documents/{code}", data={"csrf":tok}, files={"file":("a.pdf",PDF,"application/pdf")}, follow_redirects=True)
    assert r.status_code==200, (code, r.status_code, r.text[:500])
async def test_smoke(fresh_database, engines):
    async with running_portal(fresh_database, engines) as p:
        k = await p.employer()
        key = await begin(k)
        await fill(k, key, EMPLOYER_PAGES)
        w = await p.worker(key)
        await fill(w, key, WORKER_PAGES)
        r = await w.get(f"/en/dossiers/{key}"); Path("/tmp/wtasks.html").write_text(r.text)
        for c in EMPLOYER_DOCUMENTS: await up(k,key,c)
        for c in WORKER_DOCUMENTS: await up(w,key,c)
        r = await k.get(f"/en/dossiers/{key}/documents/contract"); Path("/tmp/slot.html").write_text(r.text)
        r = await k.get(f"/en/dossiers/{key}/documents/criminal-record"); assert r.status_code==404
        await p.sql("update document set state='checked'")
        r = await w.post(f"/en/dossiers/{key}/steps/confirm-worker-part", {"truth":"yes","consent":"yes"}); assert r.status_code==200, r.text
        r = await k.get(f"/en/dossiers/{key}/check"); Path("/tmp/check.html").write_text(r.text)
        r = await k.post(f"/en/dossiers/{key}/submit", page=f"/en/dossiers/{key}/check"); Path("/tmp/receipt.html").write_text(r.text)
        assert "/receipt" in r.url.path
        pdf = await k.get(r.url.path+".pdf"); assert pdf.status_code==200; Path("/tmp/receipt.pdf").write_bytes(pdf.content)
        num=(await p.sql("select number from dossier"))[0][0]; print(num)
        z=await p.official("flanders")
        b=await p.official("brussels")
        assert (await b.get(f"/en/dossiers/{num}")).status_code==404
        async def step(who, a, data={}, code=200):
            r=await who.post(f"/en/dossiers/{num}/steps/{a}", data); assert r.status_code==code, (a, r.status_code, r.text[:3000]); return r
        r=await z.get(f"/en/dossiers/{num}"); assert r.status_code==200; Path("/tmp/region.html").write_text(r.text)
        await step(z,"take-up")
        await step(z,"ask-documents",{"document":"diploma","request":"All pages please"})
        r=await k.get(f"/en/dossiers/{num}"); Path("/tmp/asked.html").write_text(r.text)
        await up(w,num,"diploma"); await p.sql("update document set state='checked' where state='received'")
        await step(w,"complete")
        r=await step(z,"admit"); Path("/tmp/admitted.html").write_text(r.text)
        await step(z,"grant-work",{"valid_from-day":"1","valid_from-month":"3","valid_from-year":"2027","valid_until-day":"28","valid_until-month":"2","valid_until-year":"2030"})
        r=await k.get(f"/en/dossiers/{num}"); Path("/tmp/show.html").write_text(r.text)
