"""Every route, and the name of every job that a page may queue, listed by hand; nothing registers itself by being imported."""

from frontoffice.authorities import pages as api_pages
from frontoffice.authorities import step_pages as api_step_pages
from frontoffice.authorities import token_pages as api_token_pages
from frontoffice.backbone import operator_pages
from frontoffice.backbone import pages as backbone_pages
from frontoffice.counter import document_pages as judgement_pages
from frontoffice.counter import pages as counter_pages
from frontoffice.counter import passed_on_pages
from frontoffice.documents import arranging, certificate_pages, check_pages, planner, receipt_pages, reuse_pages, serving, tus, viewing
from frontoffice.documents import pages as document_pages
from frontoffice.dossiers import draft_pages, edition_pages, mandate_pages, start_pages, step_pages, transfer_pages
from frontoffice.dossiers import pages as dossier_pages
from frontoffice.identities import pages as identity_pages
from frontoffice.notices import pages as notice_pages
from frontoffice.parties import pages as party_pages
from frontoffice.public import contract_pages, finder_pages, information, outage_pages
from frontoffice.public import pages as public_pages
from frontoffice.signin import invitation_pages
from frontoffice.signin import pages as signin_pages

ROUTES = (
    *public_pages.ROUTES, *contract_pages.ROUTES, *finder_pages.ROUTES, *information.ROUTES, *outage_pages.ROUTES,
    *signin_pages.ROUTES, *invitation_pages.ROUTES, *party_pages.ROUTES,
    *start_pages.ROUTES, *dossier_pages.ROUTES, *draft_pages.ROUTES, *edition_pages.ROUTES, *mandate_pages.ROUTES, *document_pages.ROUTES,
    *arranging.ROUTES, *viewing.ROUTES, *serving.ROUTES, *planner.ROUTES, *receipt_pages.ROUTES,
    *certificate_pages.ROUTES, *reuse_pages.ROUTES, *check_pages.ROUTES,
    *tus.ROUTES, *step_pages.ROUTES, *transfer_pages.ROUTES, *counter_pages.ROUTES, *passed_on_pages.ROUTES, *judgement_pages.ROUTES, *identity_pages.ROUTES,
    *backbone_pages.ROUTES, *operator_pages.ROUTES, *notice_pages.ROUTES,
    *api_token_pages.ROUTES, *api_pages.ROUTES, *api_step_pages.ROUTES,
)
DOWNLOAD_ROUTES = (serving.download,)
QUEUED = (
    "backbone:hand_over", "backbone:apply", "backbone:sweep", "documents:check", "documents:seal", "dossiers:replace-commitment", "dossiers:commitment-used",
    "identities:match", "identities:settle",
    "notices:tell", "notices:invite", "notices:return-link", "notices:mandate", "notices:document", "notices:ask-address",
)
