"""The slip for the transfer of the federal contribution, with a code that the app of a bank reads."""

from collections.abc import Mapping
from dataclasses import dataclass

from litestar import Response, get
from segno.helpers import make_epc_qr
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.dossiers import completeness, queries
from frontoffice.dossiers.access import may_see
from frontoffice.dossiers.queries import OpenDossier
from frontoffice.kernel.errors import NotFound
from frontoffice.kernel.i18n import BRUSSELS
from frontoffice.kernel.rendering import Web, page
from frontoffice.kernel.time import today
from frontoffice.parties.actor import Actor
from frontoffice.procedures.fees import charges
from frontoffice.procedures.figures import Figures
from frontoffice.procedures.transfer import Transfer, transfers
from frontoffice.procedures.vocabulary import READERS


@dataclass(frozen=True)
class Squares:
    """A picture of `size` squares a side, of which `path` draws the dark ones, with a light border around."""

    size: int
    path: str


@get("/dossiers/{key:str}/transfer", name="transfer")
async def transfer(request: Web, session: AsyncSession, actor: Actor, key: str) -> Response[str]:
    """To whom, how much and with which reference; raises NotFound where nothing is paid by transfer."""
    dossier = await queries.dossier(session, actor, key)
    if dossier.roles & READERS or not any(one.by_transfer for one in dossier.procedure.fees):
        raise NotFound
    day = dossier.filed_at.astimezone(BRUSSELS).date() if dossier.filed_at else today()
    figures = Figures.at(day)
    owed = charges(dossier.procedure, completeness.facts(dossier), figures)
    found = transfers(owed, _seen(dossier), figures)
    exempt = [one for one in owed if one.fee.by_transfer and one.exemption]
    return page(request, "dossiers/transfer.html", dossier=dossier, day=day, slips=[(one, code(one)) for one in found], exempt=exempt)


def _seen(dossier: OpenDossier) -> Mapping[str, str]:
    """The answers of the pages that the reader may see: the reference holds a date of birth."""
    roles = dossier.filling_roles
    pages = [one for one in dossier.procedure.pages if may_see(roles, one) and one.code in dossier.answers]
    return {name: text for one in pages for name, text in dossier.answers[one.code].content.items()}


def code(slip: Transfer) -> Squares | None:
    """The transfer for the app of a bank (EPC069-12); None as long as something of it is not known."""
    if not (slip.is_complete and slip.beneficiary and slip.iban and slip.amount):
        return None
    made = make_epc_qr(name=str(slip.beneficiary.value), iban=str(slip.iban.value), bic=str(slip.bic.value) if slip.bic else None, amount=slip.amount,
                       text=slip.reference, encoding="utf-8")
    rows = [list(row) for row in made.matrix_iter(border=4)]
    dark = [f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, is_dark in enumerate(row) if is_dark]
    return Squares(len(rows), "".join(dark))


ROUTES = (transfer,)
