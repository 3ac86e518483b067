"""What a Region reads of a dossier that it passed on: what it held and did until then, and who looked at it from there."""

from collections.abc import Sequence

from litestar import Response

from frontoffice.dossiers.given import Participant
from frontoffice.dossiers.openings import Opened
from frontoffice.dossiers.passing import went_to
from frontoffice.dossiers.queries import HappenedEvent, OpenDossier
from frontoffice.dossiers.summary import answer_cards, document_rows, openings_by_day
from frontoffice.dossiers.track import track
from frontoffice.kernel.rendering import Web, page


def events_until(left: Participant, events: Sequence[HappenedEvent]) -> list[HappenedEvent]:
    """What happened until that Region passed the dossier on, its last step included."""
    return [one for one in events if one.happened_at <= left.starts_at]


def left_page(request: Web, dossier: OpenDossier, left: Participant, events: Sequence[HappenedEvent], openings: Sequence[Opened]) -> Response[str]:
    """The page of that dossier for that Region; nothing of what happened later, and no step."""
    until = events_until(left, events)
    own = [one for one in openings if one.party_name == left.name]
    return page(
        request, "dossiers/left.html", dossier=dossier, went_to=went_to(dossier), lines=[one for one in track(dossier, until).lines if one.at],
        documents=document_rows(dossier), cards=answer_cards(dossier), openings=openings_by_day(dossier, own), is_authority=True,
    )
