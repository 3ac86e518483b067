"""What the applicant for a visa C reads right after filing: the post's time for an appointment is not a last day of the applicant."""

from dataclasses import replace
from datetime import datetime

from frontoffice.dossiers.queries import HappenedEvent
from frontoffice.dossiers.track import track
from frontoffice.kernel.i18n import BRUSSELS
from frontoffice.kernel.time import stopped_at
from frontoffice.procedures.visa_c.definition import VISA_C
from frontoffice.procedures.vocabulary import Role
from tests.dossiers.opened import a_dossier

_NOON = datetime(2026, 11, 23, 12, tzinfo=BRUSSELS)


def test_the_time_of_the_post_is_nobody_elses() -> None:
    dossier = replace(a_dossier("filed", roles=(Role.APPLICANT,)), procedure=VISA_C, filed_at=_NOON)
    filing = VISA_C.life.filing
    event = HappenedEvent(dossier.id, 1, "submit", filing.past, Role.APPLICANT, "", "", _NOON, {}, sorted(filing.takes), sorted(filing.gives))
    with stopped_at(_NOON):
        told = track(dossier, [event])
        assert [one.clock.code for one in told.clocks] == ["appointment"]
        assert told.turn.clock is None or not told.turn.mine
