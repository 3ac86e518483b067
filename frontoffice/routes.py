"""Every route, and the name of every job that a page may queue, listed by hand; nothing registers itself by being imported."""

from frontoffice.backbone import pages as backbone_pages
from frontoffice.counter import document_pages as judgement_pages
from frontoffice.counter import pages as counter_pages
from frontoffice.documents import arranging, check_pages, planner, receipt_pages, reuse_pages, serving, tus, viewing
from frontoffice.documents import pages as document_pages
from frontoffice.dossiers import draft_pages, edition_pages, mandate_pages, start_pages, step_pages, transfer_pages
from frontoffice.dossiers import pages as dossier_pages
from frontoffice.identities import pages as identity_pages
from frontoffice.parties import pages as party_pages
from frontoffice.public import finder_pages, information
from frontoffice.public import pages as public_pages
from frontoffice.signin import invitation_pages
from frontoffice.signin import pages as signin_pages

ROUTES = (
    *public_pages.ROUTES, *finder_pages.ROUTES, *information.ROUTES, *signin_pages.ROUTES, *invitation_pages.ROUTES, *party_pages.ROUTES,
    *start_pages.ROUTES, *dossier_pages.ROUTES, *draft_pages.ROUTES, *edition_pages.ROUTES, *mandate_pages.ROUTES, *document_pages.ROUTES,
    *arranging.ROUTES, *viewing.ROUTES, *serving.ROUTES, *planner.ROUTES, *receipt_pages.ROUTES, *reuse_pages.ROUTES, *check_pages.ROUTES,
    *tus.ROUTES, *step_pages.ROUTES, *transfer_pages.ROUTES, *counter_pages.ROUTES, *judgement_pages.ROUTES, *identity_pages.ROUTES,
    *backbone_pages.ROUTES,
)
DOWNLOAD_ROUTES = (serving.download,)
QUEUED = (
    "backbone:hand_over", "backbone:apply", "documents:check", "documents:seal", "dossiers:replace-commitment", "dossiers:commitment-used",
    "identities:match", "identities:settle",
    "notices:tell", "notices:invite", "notices:return-link", "notices:mandate", "notices:document",
)
