"""A stand-in for the federal backbone, a process of its own: `python -m frontoffice.local.backbone --help`."""

import argparse
import contextlib
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import uvicorn
from litestar import Litestar
from litestar.config.allowed_hosts import AllowedHostsConfig
from litestar.di import Provide
from litestar.exceptions import ClientException
from litestar.types import ASGIApp

from frontoffice.kernel.keys import RemoteKeys
from frontoffice.kernel.tokens import Key, new_key
from frontoffice.local import backbone_answers as answers
from frontoffice.local import backbone_desk as desk
from frontoffice.local import backbone_reception as reception
from frontoffice.local.backbone_acts import Acts, Names, running
from frontoffice.local.backbone_behaviour import Mood, misbehaving
from frontoffice.local.backbone_books import Books

_HANDLERS = [
    reception.keys,
    reception.receive_message,
    reception.receive_document,
    answers.pull_events,
    answers.tell_heads,
    desk.health,
    desk.books,
    desk.message,
    desk.behaviour,
    desk.change_behaviour,
    desk.open_acts,
    desk.act,
    desk.desk,
    desk.act_from_page,
    desk.change_behaviour_from_page,
]


def create_app(folder: Path, names: Names, portal_jwks_address: str, *, port: int) -> ASGIApp:
    """The whole stand-in; what it knows lies in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    books = Books(folder)
    mood = Mood(books)
    client = httpx.AsyncClient(timeout=httpx.Timeout(20, connect=3), follow_redirects=False, trust_env=False)
    key = _own_key(folder)
    stand_in = reception.StandIn(
        key=key,
        names=names,
        books=books,
        mood=mood,
        acts=Acts(books, mood, key, names, client),
        portal_keys=RemoteKeys(portal_jwks_address, name="portal", pause=2),
        client=client,
    )

    @contextlib.asynccontextmanager
    async def life(_: Litestar) -> AsyncIterator[None]:
        async with running(stand_in.acts):
            yield
        await client.aclose()
        books.close()

    app = Litestar(
        _HANDLERS,
        dependencies={"stand_in": Provide(lambda: stand_in, sync_to_thread=False)},
        exception_handlers={
            reception.Problem: reception.answer_problem,
            ClientException: reception.answer_client_error,
        },
        signature_types=[reception.StandIn],
        allowed_hosts=AllowedHostsConfig(allowed_hosts=[f"127.0.0.1:{port}", f"localhost:{port}"]),
        lifespan=[life],
        openapi_config=None,
    )
    return misbehaving(app, mood)


def main() -> None:
    """Serve until ended by a signal."""
    wanted = _arguments()
    names = Names(
        issuer=wanted.issuer or f"http://127.0.0.1:{wanted.port}",
        portal=wanted.portal_issuer or wanted.portal,
        portal_address=wanted.portal,
    )
    keys = wanted.portal_jwks_url or f"{wanted.portal}/.well-known/jwks.json"
    app = create_app(wanted.folder, names, keys, port=wanted.port)
    uvicorn.run(app, host="127.0.0.1", port=wanted.port, log_level="warning", timeout_graceful_shutdown=2)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m frontoffice.local.backbone", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="where to listen on 127.0.0.1")
    parser.add_argument("--folder", type=Path, required=True, help="where the key, the books and the documents lie")
    parser.add_argument("--portal", type=_address, required=True, help="address of the portal")
    parser.add_argument("--portal-jwks-url", help="where the portal's keys are (default: at its well-known address)")
    parser.add_argument("--issuer", help="the stand-in's name in its messages (default: its own address)")
    parser.add_argument("--portal-issuer", help="the portal's name in its messages (default: the portal's address)")
    return parser.parse_args()


def _address(text: str) -> str:
    return text.rstrip("/")


def _own_key(folder: Path) -> Key:
    """The signing key, made once; readable by this user alone."""
    place = folder / "key.json"
    if not place.exists():
        draft = folder / "key.json.part"
        draft.unlink(missing_ok=True)
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            json.dump(new_key(), file)
        draft.replace(place)
    key: Key = json.loads(place.read_text("utf-8"))
    return key


if __name__ == "__main__":
    main()
