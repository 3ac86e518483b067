"""Every job, listed by hand; only the worker imports this, a web server knows the names and none of the work."""

from frontoffice.backbone import alarms as backbone_alarms
from frontoffice.backbone import jobs as backbone_jobs
from frontoffice.documents import jobs as document_jobs
from frontoffice.dossiers import commitment_jobs, relieving
from frontoffice.dossiers import jobs as dossier_jobs
from frontoffice.identities import jobs as identity_jobs
from frontoffice.kernel.jobs import Job
from frontoffice.notices import jobs as notice_jobs
from frontoffice.signin import jobs as signin_jobs

JOBS: tuple[Job, ...] = (
    *dossier_jobs.JOBS, *relieving.JOBS, *document_jobs.JOBS, *commitment_jobs.JOBS, *backbone_jobs.JOBS, *backbone_alarms.JOBS,
    *identity_jobs.JOBS, *notice_jobs.JOBS, *signin_jobs.JOBS,
)
