"""Tells the operators by mail that hand-overs need a person, and when that is over; the mails name no dossier."""

from uuid import UUID, uuid5

from frontoffice.kernel.database import transaction
from frontoffice.kernel.jobs import Job, Resources
from frontoffice.notices.receivers import Receiver
from frontoffice.notices.sending import write_down


async def tell_operators(resources: Resources, alarm_id: str, kind: str, state: str, count: int) -> None:
    """Write a mail to the operators: an alarm of that kind has "begun", goes on, or is "over"; once for each state."""
    receiver = Receiver("operator", resources.settings.operators_mail, "en")
    async with transaction(resources.engine) as session:
        await write_down(session, uuid5(UUID(alarm_id), state), receiver, "alarm", {"kind": kind, "state": state, "count": str(count)}, dossier_id=None)


JOBS = (Job(name="notices:alarm", run=tell_operators),)
