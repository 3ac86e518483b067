"""What is read by somebody who came too late for a step, a page or a document: what happened since, and what he or she typed."""

from collections.abc import Mapping, Sequence

from litestar import Response
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.dossiers import actions, queries
from frontoffice.dossiers.queries import OpenDossier
from frontoffice.dossiers.track import track
from frontoffice.forms.fields import Field
from frontoffice.kernel.errors import Conflict
from frontoffice.kernel.rendering import Web, page
from frontoffice.parties.actor import signed_in

_AT_LEAST = 3


async def changed(
    request: Web, session: AsyncSession, dossier: OpenDossier, conflict: Conflict, *, since: str = "", fields: Sequence[Field] = (),
    raw: Mapping[str, str] | None = None,
) -> Response[str]:
    """The page of a Conflict (409). `since` is the version of the dossier that the sender had before the eyes; without one the
    latest events are told; an authority's look at them is recorded. Of `fields`, what `raw` holds is given back, so that nothing needs to be thought up again.
    """
    await actions.note_opening(session, dossier, signed_in(session))
    events = await queries.history(session, dossier.id)
    seen = int(since) if since.isascii() and since.isdigit() and len(since) < 9 else dossier.version
    recent = [one for one in events if one.seq > seen] or events[-_AT_LEAST:]
    lines = [one for one in track(dossier, events).lines if recent and one.at and one.at >= recent[0].happened_at]
    typed = [(one.label, text) for one in fields if one.kind != "agreement" and (text := _typed(one, raw or {}))]
    return page(request, "dossiers/changed.html", status=409, dossier=dossier, message=conflict.message, params=conflict.params, lines=lines, typed=typed)


def _typed(field: Field, raw: Mapping[str, str]) -> str:
    """An answer as it was sent, the parts of a day together."""
    return " ".join(filter(None, (raw.get(name, "") for name in field.raw_names())))
