"""The public check of a receipt: whoever holds its code learns what kind of file was filed on which day and where it stands, no more."""

from typing import Final

from litestar import Response, get
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.documents.check_codes import read_code
from frontoffice.kernel.errors import Problem
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.limits import limit, sender_of
from frontoffice.kernel.rendering import Web, page, problems_by_field, see_other
from frontoffice.kernel.web import hash_of
from frontoffice.procedures import edition_of
from frontoffice.settings import Settings

# Enough for a counter where receipts are checked all day; a code cannot be guessed at any rate.
_MOST: Final = 120
_SECONDS: Final = 300
_CHECK: Final = text("SELECT procedure, edition, filed_at, position, taken_back, validated_at, refused FROM check_receipt(:hash)")
_NOT_A_CODE: Final = _("Type all 28 letters and digits of the code, as they stand on the receipt")
_PENDING: Final = _("Pending: the authorities have not closed it yet")
_CLOSED: Final = _("Closed: it is no longer being dealt with")
_TAKEN_BACK: Final = _("Taken back: this filing no longer counts")


@get("/check", name="check-form", public=True)
async def check_form(request: Web, session: AsyncSession, code: str = "") -> Response[str] | Response[None]:
    """Where the code of a receipt is typed; `session` tells the header who is signed in."""
    if not code.strip():
        return page(request, "documents/check_form.html", problems={}, raw={})
    read = read_code(code)
    if read is None:
        problems = problems_by_field([Problem("code", _NOT_A_CODE)])
        return page(request, "documents/check_form.html", status=422, problems=problems, raw={"code": code[:200]})
    return see_other(request, "check-receipt", code=read)


@get("/check/{code:str}", name="check-receipt", public=True)
async def check_receipt(request: Web, session: AsyncSession, settings: Settings, code: str) -> Response[str]:
    """What a receipt with this code proves; a code that was never given out and one that cannot be one get the same answer (404)."""
    await limit(session, "check", sender_of(request, settings), most=_MOST, seconds=_SECONDS)
    row = (await session.execute(_CHECK, {"hash": hash_of(read_code(code) or "")})).one_or_none()
    if row is None:
        answer = page(request, "documents/check_unknown.html", status=404)
    else:
        procedure = edition_of(row.procedure, row.edition)
        state = _TAKEN_BACK if row.taken_back else _CLOSED if procedure.life.final.intersection(row.position) else _PENDING
        answer = page(request, "documents/check_receipt.html", kind=procedure.title, filed_at=row.filed_at, state=state,
                      validated_at=row.validated_at, refused=row.refused)
    # The address holds the code of somebody's receipt: no search engine may keep it.
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer


ROUTES = (check_form, check_receipt)
