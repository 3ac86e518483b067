"""Every route is named here, guarded or public on purpose, and every form is checked."""

import re

from tests.patrol.conftest import Walked

# The tus protocol has methods of its own.
TUS = ("upload-abilities", "unfinished-uploads", "create-upload", "show-upload", "continue-upload", "end-upload")
# Systems of authorities come with an access token, which is asked for at each request.
SYSTEMS = ("api-dossiers", "api-dossier", "api-document", "api-step", "api-acknowledge", "api-refuse-document", "api-use-document")
# Anyone may ask for these: nothing on them belongs to one dossier, or a secret in the address or cookie says which.
PUBLIC = ["home", "finder", "procedures", "procedure", "figures", "outages", "information", "information-index", "information-page", "static", "favicon", "robots", "health", "ready", "csp", "sign-in", "begin-sign-in", "sign-in-callback", "sign-out", "signed-out", "show-invitation", "accept-invitation", "show-address", "settle-address", "ask-return", "send-return", "receive-message", "jwks", "former-keys", "check-form", "check-receipt", "contract", "contract-operations", "contract-schema", "contract-file", "authorities-contract-file", "api-token", *SYSTEMS, *TUS]
# These check the person themselves, in a transaction that is closed before bytes travel.
CHECKS_ITSELF = {
    "upload-document": "bytes stream after access was checked in a short transaction, and the form token before the first byte is kept",
    "preview": "a picture comes from the storage after access was checked in a short transaction",
}
COOKIELESS = {
    "csp": "browsers report without cookies; the answer changes nothing",
    "receive-message": "the signature over the body is the authority; cookies are not read",
    "jwks": "public keys, for machines",
    "contract-file": "a published file, the same for everybody",
    "authorities-contract-file": "a published file, the same for everybody",
    "api-token": "the assertion signed by a system's own key is the authority; cookies are not read",
    **dict.fromkeys(SYSTEMS, "the access token of a system; cookies are not read"),
    "former-keys": "public keys that sign no longer, for those who check old papers",
    **dict.fromkeys(TUS, "the upload's own bearer token stands for the session, and is asked for at each request; cookies are not read"),
}
# method, name, path. A route that comes or goes fails here until somebody has written it down.
ROUTES = """
GET  home              /
GET  finder            /finder
GET  procedures        /procedures
GET  procedure         /procedures/{code}
GET  figures           /figures
GET  contract          /contract
GET  contract-operations /contract/operations/{book}
GET  contract-schema   /contract/schemas/{code}
GET  contract-file     /contract/v3/{path}
GET  authorities-contract-file /contract/authorities/v1/{path}
GET  outages           /outages
GET  information       /{topic}
GET  information-index /information
GET  information-page  /information/{slug}
GET  static            /static/{path}
GET  favicon           /favicon.ico
GET  robots            /robots.txt
GET  health            /health
GET  ready             /health/ready
POST csp               /csp
GET  sign-in           /sign-in
GET  begin-sign-in     /sign-in/{provider}
GET  sign-in-callback  /sign-in/callback
POST sign-out          /sign-out
GET  signed-out        /sign-out
GET  sessions          /sessions
POST end-session       /sessions/{which}/end
POST stay-signed-in    /stay-signed-in
GET  choose-hat        /acting-for
POST change-hat        /acting-for
GET  show-invitation   /invitations/{token}
POST accept-invitation /invitations/{token}
GET  show-address      /addresses/{token}
POST settle-address    /addresses/{token}
GET  ask-return        /return
POST send-return       /return
GET  my-mandates       /mandates
POST accept-mandate    /mandates/{mandate}/accept
POST decline-mandate   /mandates/{mandate}/decline
POST adopt-edition     /dossiers/{key}/edition
GET  mandate           /dossiers/{key}/mandate
POST give-mandate      /dossiers/{key}/mandate
POST end-mandate       /dossiers/{key}/mandate/end
GET  my-dossiers       /dossiers
GET  new-dossier       /dossiers/new
POST start-dossier     /dossiers
GET  show-dossier      /dossiers/{key}
GET  receipt           /dossiers/{key}/receipt
GET  receipt-pdf       /dossiers/{key}/receipt.pdf
GET  second-receipt-pdf /dossiers/{key}/second-receipt.pdf
GET  certificate       /dossiers/{key}/certificates/{relief}
GET  manifest          /dossiers/{key}/manifest
GET  check-form        /check
GET  check-receipt     /check/{code}
GET  show-page         /dossiers/{key}/pages/{code}
POST save-page         /dossiers/{key}/pages/{code}
POST check-page        /dossiers/{key}/pages/{code}/check
GET  check-dossier     /dossiers/{key}/check
POST submit-dossier    /dossiers/{key}/submit
GET  worker            /dossiers/{key}/worker
POST invite-worker     /dossiers/{key}/worker
GET  transfer          /dossiers/{key}/transfer
GET  planner           /dossiers/{key}/planner
GET  who-is-told       /dossiers/{key}/told
POST add-address       /dossiers/{key}/told
POST end-address       /dossiers/{key}/told/end
GET  show-slot         /dossiers/{key}/documents/{requirement}
POST upload-document   /dossiers/{key}/documents/{requirement}
POST reuse-document    /dossiers/{key}/documents/{requirement}/reuse
POST remove-document   /dossiers/{key}/documents/{requirement}/{document}/remove
POST move-page         /dossiers/{key}/documents/{requirement}/{document}/move
POST join-pages        /dossiers/{key}/documents/{requirement}/join
POST take-apart        /dossiers/{key}/documents/{requirement}/{document}/take-apart
GET  view-document     /dossiers/{key}/documents/{requirement}/{document}/view
GET  preview           /dossiers/{key}/documents/{requirement}/{document}/previews/{number}
GET  open-document     /dossiers/{key}/documents/{requirement}/{document}
GET  show-step         /dossiers/{key}/steps/{action}
POST take-step         /dossiers/{key}/steps/{action}
GET  queue             /counter
GET  passed-on         /counter/passed-on
GET  show-judgement    /dossiers/{key}/documents/{requirement}/{document}/judgement
POST judge-document    /dossiers/{key}/documents/{requirement}/{document}/judgement
POST undo-judgement    /dossiers/{key}/documents/{requirement}/{document}/judgement/undo
GET  hand-overs        /operators/hand-overs
GET  show-hand-over    /operators/hand-overs/{number}
POST act-on-hand-over  /operators/hand-overs/{number}
POST switch-sending    /operators/sending
GET  doubles           /identities
GET  show-double       /identities/{double}
POST decide-double     /identities/{double}
POST undo-double       /identities/{double}/undo
POST question-link     /identities/{double}/question
OPTIONS upload-abilities /uploads
GET  unfinished-uploads /uploads
POST create-upload     /uploads
HEAD show-upload       /uploads/{document}
PATCH continue-upload  /uploads/{document}
DELETE end-upload      /uploads/{document}
POST receive-message   /backbone/messages
POST api-token         /api/oauth2/token
GET  api-dossiers      /api/v1/dossiers
GET  api-dossier       /api/v1/dossiers/{number}
GET  api-document      /api/v1/dossiers/{number}/documents/{document}
POST api-step          /api/v1/dossiers/{number}/steps
POST api-acknowledge   /api/v1/dossiers/{number}/acknowledgements
PUT  api-refuse-document /api/v1/dossiers/{number}/documents/{document}/refusal
DELETE api-use-document /api/v1/dossiers/{number}/documents/{document}/refusal
GET  jwks              /.well-known/jwks.json
GET  former-keys       /.well-known/former-keys.json
"""


def test_every_route_is_written_down(walked: list[Walked]) -> None:
    written = {tuple(line.split()) for line in ROUTES.strip().splitlines()}
    running = {(one.method, one.name, one.path) for one in walked}
    assert running == written


def test_every_route_is_public_on_purpose_or_needs_a_person(walked: list[Walked]) -> None:
    public = {one.name for one in walked if one.opt.get("public") is True}
    assert public == set(PUBLIC)
    assert {one.name for one in walked if one.opt.get("upload")} <= set(CHECKS_ITSELF) <= {one.name for one in walked}
    open_doors = {one.name for one in walked if one.name not in public and "actor" not in one.parameters and one.name not in CHECKS_ITSELF}
    assert not open_doors, "these routes ask for nobody and are not public on purpose"


def test_every_form_is_checked_or_ignores_cookies(walked: list[Walked]) -> None:
    assert all(one.guards == ("check_form",) for one in walked)
    assert {one.name for one in walked if one.opt.get("cookieless")} == set(COOKIELESS)
    assert not {one.name for one in walked if one.opt.get("cookieless")} & {one.name for one in walked if one.parameters & {"actor", "session", "form"}}


def test_only_get_and_post_are_spoken_but_for_uploads_and_systems(walked: list[Walked]) -> None:
    assert {one.method for one in walked if one.name not in (*TUS, *SYSTEMS)} == {"GET", "POST"}


def test_addresses_are_kebab_case(walked: list[Walked]) -> None:
    part = re.compile(r"[a-z]+(-[a-z]+)*(\.[a-z]+)?|\{[a-z]+\}|\.well-known|v[0-9]+|oauth2")
    wrong = [one.path for one in walked if not all(part.fullmatch(piece) for piece in one.path.strip("/").split("/") if piece)]
    assert not wrong
    assert not [one.name for one in walked if not re.fullmatch("[a-z]+(-[a-z]+)*", one.name)]


def test_names_lead_to_one_address(walked: list[Walked]) -> None:
    names = [one.name for one in walked]
    assert len(names) == len(set(names))


def test_the_download_address_holds_one_route(walked_downloads: list[Walked]) -> None:
    assert [(one.method, one.name, one.path) for one in walked_downloads] == [("GET", "download", "/documents/download")]
    assert walked_downloads[0].opt == {"public": True, "cookieless": True}
