"""The web application: routes, dependencies, what each error becomes, and the queue; it alone knows every feature."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, cast

from litestar import Litestar
from litestar.datastructures import State
from litestar.di import Provide
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.dossiers.informing import Informing
from frontoffice.failures import HANDLERS, error_page
from frontoffice.kernel.database import make_engine, transaction
from frontoffice.kernel.errors import SignedOut
from frontoffice.kernel.i18n import LOCALES
from frontoffice.kernel.jobs import make_queue_for_deferring
from frontoffice.kernel.rendering import Web, addresses, assets, environment
from frontoffice.kernel.storage import Storage
from frontoffice.kernel.web import App, Door, check_form, scope_of
from frontoffice.notices.told import INFORMING
from frontoffice.parties.actor import Actor, actor_in, signed_in
from frontoffice.routes import DOWNLOAD_ROUTES, QUEUED, ROUTES
from frontoffice.settings import Settings
from frontoffice.signin.parking import park
from frontoffice.signin.providers import load_providers, weak_at


def create_apps_from_environment() -> tuple[Door, Door]:
    """The portal and the downloads with the settings that the environment holds; both use one pool and one storage."""
    settings = Settings.from_environment()
    portal = create_app(settings)
    return portal, create_download_app(settings, beside=portal)


async def provide_session(request: Web) -> AsyncIterator[AsyncSession]:
    """One transaction per request, bound to the session of its cookie: returning commits, raising rolls back.

    Raises SignedOut before the handler's turn when the route is not public, and parks what was sent.
    """
    # htmx asks for parts of a page without anybody having touched it.
    by_person = request.method != "GET" or request.headers.get("hx-request") != "true"
    token_hash = scope_of(request).get("frontoffice.session_hash", b"")
    async with transaction(request.app.state.engine, token_hash, by_person=by_person) as session:
        actor = actor_in(session)
        _remember(request, actor, session)
        # Litestar closes a generator only once every dependency has been made: what refuses must refuse before the yield.
        if actor is None and not request.route_handler.opt.get("public"):
            await park(request)
            raise SignedOut
        yield session


def _remember(request: Web, actor: Actor | None, session: AsyncSession) -> None:
    scope = scope_of(request)
    scope["frontoffice.actor"] = actor
    if actor:
        row = session.info["visitor"]
        scope["frontoffice.idle_minutes"] = row["idle_seconds"] // 60


async def provide_actor(request: Web, session: AsyncSession) -> Actor:
    """The person signed in, with the hat that he or she wears and the strength of the key."""
    actor, row = signed_in(session), session.info["visitor"]
    return replace(actor, weak_at=weak_at(request.app, row["issuer"], row["kind"], row["acr"]))


async def provide_form(request: Web) -> dict[str, str]:
    """The fields of this form, read and checked by the guard."""
    form: dict[str, str] = scope_of(request).get("frontoffice.form", {})
    return form


async def provide_settings(request: Web) -> Settings:
    """The settings of this process."""
    settings: Settings = request.app.state.settings
    return settings


async def provide_informing() -> Informing:
    """Who will be told of a dossier: pages of dossiers ask those who write the mails."""
    return INFORMING


async def provide_storage(request: Web) -> Storage:
    """The object storage."""
    storage: Storage = request.app.state.storage
    return storage


@asynccontextmanager
async def _lifespan(app: Litestar) -> AsyncIterator[None]:
    yield
    await app.state.engine.dispose()


def _litestar(settings: Settings, routes: Any, shared: State | None = None) -> Litestar:
    state = shared or State({"settings": settings, "engine": make_engine(settings.database_url), "storage": Storage(settings)})
    return Litestar(
        route_handlers=list(routes),
        guards=[check_form],
        dependencies={
            "session": Provide(provide_session), "actor": Provide(provide_actor), "form": Provide(provide_form),
            "settings": Provide(provide_settings), "storage": Provide(provide_storage),
            "informing": Provide(provide_informing),
        },
        exception_handlers=HANDLERS,
        lifespan=[_lifespan],
        openapi_config=None,
        state=state,
        logging_config=None,
        debug=False,
    )


def create_app(settings: Settings) -> Door:
    """The whole portal as one ASGI application."""
    make_queue_for_deferring(QUEUED)
    if settings.providers_file:
        load_providers(settings.providers_file)
    app = _litestar(settings, ROUTES)
    addresses.learn({handler.name: route.path_format for route in app.routes for handler in _handlers(route) if handler.name})
    for locale in LOCALES:
        environment(locale)
    assets()
    return Door(cast(App, app), settings, error_page)


def create_download_app(settings: Settings, *, beside: Door | None = None) -> Door:
    """The application of the download address: one route, tokens instead of cookies; `beside` a portal it shares the pool."""
    shared = cast(Litestar, beside.app).state if beside else None
    return Door(cast(App, _litestar(settings, DOWNLOAD_ROUTES, shared)), settings, error_page, origin=settings.download_url)


def _handlers(route: Any) -> list[Any]:
    return list(getattr(route, "route_handlers", [])) or [route.route_handler]


