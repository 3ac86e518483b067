"""The local sign-in provider: three OpenID Connect issuers at one address, for the made-up people only."""

import argparse
import logging
import os
from functools import cached_property
from pathlib import Path

import flask
import oidc_provider_mock
from authlib.jose import JsonWebKey  # type: ignore[import-untyped]
from flask.typing import ResponseReturnValue
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.serving import WSGIRequestHandler, make_server

from frontoffice.local.files import made_once
from frontoffice.local.people import REALMS, Realm, people_of

_HERE = Path(__file__).parent


class _MountedRequest(flask.Request):
    """A request that counts the issuer's path to its address: the provider derives its issuer from `host_url`."""

    @cached_property
    def host_url(self) -> str:
        return self.root_url


class _QuietHandler(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing about requests that went well or not: their addresses carry codes and logins."""


def issuer_app(realm: Realm, folder: Path) -> flask.Flask:
    """One issuer with its people; its signing key is kept in `folder`, so that a restart changes nothing."""
    app = flask.Flask("frontoffice.local.sign_in", template_folder=str(_HERE / "templates"), static_folder=None)
    app.request_class = _MountedRequest
    app.secret_key = os.urandom(32)
    people = people_of(realm.code)
    plain = app.wsgi_app
    oidc_provider_mock.init_app(
        app, user_claims=[oidc_provider_mock.User(sub=one.login, claims=one.id_token_claims) for one in people],
    )
    # The library turns its debugger on, which runs any code that it is sent.
    app.debug, app.wsgi_app = False, plain  # type: ignore[method-assign]
    app.jinja_env.globals.update(realm=realm, people=people)
    key = JsonWebKey.import_key(made_once(
        folder / f"sign-in-{realm.code}.json",
        lambda: JsonWebKey.generate_key("RSA", 2048, is_private=True).as_dict(is_private=True),
    ))

    @app.before_request
    def use_kept_key() -> None:
        flask.g.oidc_provider_mock_storage.jwk = key

    @app.before_request
    def refuse_strangers() -> ResponseReturnValue | None:
        """Without this the library would make a person of any login that is typed."""
        login = flask.request.form.get("sub")
        if flask.request.path != "/oauth2/authorize" or login is None:
            return None
        if flask.g.oidc_provider_mock_storage.get_user(login.strip()):
            return None
        return flask.render_template("authorization_form.html", unknown_login=login), 422

    return app


def all_issuers(folder: Path) -> DispatcherMiddleware:
    """The issuers under their paths, and a page that lists them at the root."""
    root = flask.Flask("frontoffice.local.sign_in.root", template_folder=str(_HERE / "templates"), static_folder=None)

    @root.get("/")
    def index() -> str:
        return flask.render_template("issuers.html", realms=[(realm, people_of(realm.code)) for realm in REALMS])

    return DispatcherMiddleware(root, {f"/{realm.code}": issuer_app(realm, folder) for realm in REALMS})


def main() -> None:
    """Serve the provider until the process is ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    arguments = parser.parse_args()
    os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # on loopback there is nobody to overhear
    logging.basicConfig(level=logging.WARNING)
    arguments.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    make_server("127.0.0.1", arguments.port, all_issuers(arguments.folder), threaded=True,
                request_handler=_QuietHandler).serve_forever()


if __name__ == "__main__":
    main()
