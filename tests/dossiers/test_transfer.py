"""The slip for the transfer: what it holds, what its code says, and what it says when no amount is known."""

import re
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import segno

from frontoffice.dossiers.transfer_pages import code
from frontoffice.kernel.i18n import BRUSSELS, LOCALES
from frontoffice.kernel.time import stopped_at
from frontoffice.procedures.fees import Charge
from frontoffice.procedures.figures import Figures
from frontoffice.procedures.single_permit.definition import SINGLE_PERMIT
from frontoffice.procedures.transfer import Transfer, transfers
from tests.dossiers.opened import NOON
from tests.engines import Database, Engines
from tests.filing import EMPLOYER_PAGES, WORKER_PAGES, begin, fill
from tests.web import running_portal

REFERENCE = "KUMAR Rajesh INDIA 01021990"
# EPC069-12, version 002: one line each for the service, version, letters (UTF-8), kind, bank, name, account, amount, purpose, structured and free text.
EPC = "\n".join((
    "BCD", "002", "1", "SCT", "PCHQBEBB", "Dienst Vreemdelingenzaken / Office des étrangers", "BE57679200609235", "EUR152", "", "", REFERENCE))


def _slip() -> Transfer:
    values = {"surname": "Kumar", "given_names": "Rajesh", "nationality": "IND", "birth_date": "1990-02-01"}
    figures = Figures.at(date(2026, 11, 23))
    fee = next(one for one in SINGLE_PERMIT.fees if one.by_transfer)
    [found] = transfers([Charge(fee, figures.get(fee.figure))], values, figures)
    return found


def test_the_code_holds_the_lines_of_the_standard() -> None:
    # The same data give the same squares: what a camera reads is what stands here.
    expected = [list(row) for row in segno.make_qr(EPC.encode(), error="m", boost_error=False).matrix_iter(border=4)]
    drawn = code(_slip())
    assert drawn is not None and drawn.size == len(expected) and len(EPC.encode()) <= 331
    dark = {(int(x), int(y)) for x, y in re.findall(r"M([0-9]+) ([0-9]+)h1v1h-1z", drawn.path)}
    assert dark == {(x, y) for y, row in enumerate(expected) for x, is_dark in enumerate(row) if is_dark}


def test_no_code_as_long_as_something_is_not_known() -> None:
    slip = _slip()
    assert slip.charge.figure is not None
    ranged = replace(slip.charge, figure=replace(slip.charge.figure, up_to=Decimal(200)))
    for lacking in (replace(slip, reference=""), replace(slip, iban=None), replace(slip, charge=replace(slip.charge, figure=None)), replace(slip, charge=ranged)):
        assert code(lacking) is None
    assert code(replace(slip, bic=None)) is not None


async def test_the_slip_of_a_dossier(fresh_database: Database, engines: Engines) -> None:
    with stopped_at(NOON):
        async with running_portal(fresh_database, engines) as portal:
            employer = await portal.employer()
            key = await begin(employer)
            path = f"dossiers/{key}/transfer"
            assert "The reference follows from the name" in (await employer.get(f"/en/{path}")).text
            await fill(employer, key, EMPLOYER_PAGES)
            worker = await portal.worker(key)
            await fill(worker, key, {page: WORKER_PAGES[page] for page in ("passport-zone", "identity")})
            for browser in (employer, worker):
                for locale in LOCALES:
                    text = (await browser.get(f"/{locale}/{path}")).text
                    assert REFERENCE in text and "BE57679200609235" in text and "h1v1h-1z" in text and "style=" not in text
            assert "Check the account number with the Immigration Office before you pay." in text
            check = (await employer.get(f"/en/dossiers/{key}/check")).text
            assert f"/en/{path}" in check and "Together" in check and "€152.00" in check
    with stopped_at(datetime(2027, 1, 4, 12, tzinfo=BRUSSELS)):
        async with running_portal(fresh_database, engines) as portal:
            employer = await portal.employer()
            text = (await employer.get(f"/en/{path}")).text
            assert "No amount is known for 4 January 2027" in text and "Scan this code" not in text
