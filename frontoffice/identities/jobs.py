"""Work on the register of persons that nobody waits for: match the applicant of a filed dossier, carry out what officials decided."""

import logging
from typing import Final
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from frontoffice.identities.moves import settle, unsettled
from frontoffice.identities.register import identify, unmatched
from frontoffice.kernel.database import transaction
from frontoffice.kernel.jobs import Job, Resources

logger = logging.getLogger("frontoffice.identities")

_TRIES: Final = 3


async def match(resources: Resources, dossier_id: str) -> None:
    """Link a filed dossier to its applicant's identity. Whoever loses a race over an exact key looks again, and finds the winner's."""
    for left in reversed(range(_TRIES)):
        try:
            async with transaction(resources.engine) as session:
                await identify(session, UUID(dossier_id))
            return
        except IntegrityError:
            logger.info("another dossier of the same person was matched at the same moment")
            if not left:
                raise


async def carry_out(resources: Resources, double_id: str) -> None:
    """Merge, split or undo as the double now says."""
    async with transaction(resources.engine) as session:
        await settle(session, UUID(double_id))


async def sweep(resources: Resources) -> None:
    """Do what was left undone because its job was lost: the tables tell, a job is only a wake-up."""
    async with transaction(resources.engine) as session:
        dossiers, doubles = await unmatched(session), await unsettled(session)
    for one in dossiers:
        await match(resources, str(one))
    for one in doubles:
        await carry_out(resources, str(one))


JOBS = (
    Job(name="identities:match", run=match),
    Job(name="identities:settle", run=carry_out),
    Job(name="identities:sweep", run=sweep, every="*/10 * * * *"),
)
