"""Work on documents that nobody waits for."""

from frontoffice.documents import checking, housekeeping
from frontoffice.kernel.jobs import Job

JOBS = (
    Job(name=checking.CHECK, run=checking.check),
    Job(name="documents:wake", run=checking.wake, every="* * * * *"),
    Job(name="documents:clear", run=housekeeping.clear, every="51 2 * * *"),
)
