"""A system of a Region, to try the API for authorities with: its key and client_id lie in a file of the folder, and are never printed."""

import asyncio
import json
from pathlib import Path
from typing import Any, Final

from frontoffice.authorities import administration
from frontoffice.authorities.administration import NewClient
from frontoffice.kernel.database import only_transaction
from frontoffice.kernel.tokens import new_key, public_jwks
from frontoffice.local.files import made_once, write_private

FILE: Final = "system-flanders.json"
_KEY: Final = "system-flanders-key.json"


def make_system(folder: Path, database_url: str, portal: str) -> Path:
    """Let one system of Flanders in, at the first run, and return the file that tells how it comes in; `database_url` is that of the jobs' role."""
    file = folder / FILE
    # A name, not a file that is there: an address may have changed since the last run.
    known: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
    private = made_once(folder / _KEY, lambda: {"keys": [{**new_key(), "alg": "ES256"}]})
    client = known.get("client_id") or asyncio.run(_add(database_url, json.dumps(public_jwks(private)).encode()))
    told = {"client_id": client, "token_address": f"{portal}/api/oauth2/token", "dossiers": f"{portal}/api/v1/dossiers", "key": private["keys"][0]}
    write_private(file, json.dumps(told, indent=2))
    return file


async def _add(database_url: str, keys: bytes) -> str:
    async with only_transaction(database_url) as session:
        return str(await administration.add(session, NewClient(name="System of Flanders", authority="flanders", keys=keys, by="local service")))
