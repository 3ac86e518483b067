"""Work on documents that nobody waits for."""

from frontoffice.documents import certificates, checking, housekeeping, losses, previews, receipts, reminders, retention, unfinished, validations
from frontoffice.dossiers.filings import SEAL
from frontoffice.dossiers.relieving import CERTIFY
from frontoffice.kernel.jobs import Job

JOBS = (
    Job(name=checking.CHECK, run=checking.check, longest_pause=60),
    Job(name="documents:wake", run=checking.wake, every="* * * * *"),
    Job(name="documents:lapse", run=unfinished.lapse, every="37 * * * *"),
    Job(name=checking.PREVIEW, run=previews.preview),
    Job(name="documents:wake-previews", run=previews.wake, every="* * * * *"),
    Job(name="documents:clear", run=housekeeping.clear, every="51 2 * * *"),
    Job(name="documents:examine", run=losses.examine),
    Job(name="documents:look-for-losses", run=losses.look, every="36 2 * * *"),
    Job(name="documents:retain", run=retention.retain, every="21 3 * * *"),
    Job(name="documents:look-ahead", run=reminders.look_ahead, every="12 6 * * *"),
    Job(name=reminders.REMIND, run=reminders.remind),
    Job(name=SEAL, run=receipts.seal, longest_pause=60),
    Job(name="documents:wake-seal", run=receipts.wake, every="* * * * *"),
    Job(name=CERTIFY, run=certificates.certify, longest_pause=60),
    Job(name="documents:wake-certificates", run=certificates.wake, every="* * * * *"),
    Job(name=validations.VALIDATED, run=validations.validated, longest_pause=60),
    Job(name="documents:wake-validated", run=validations.wake, every="* * * * *"),
)
