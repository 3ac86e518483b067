"""Parks what was sent with a session that had ended, so that signing in again gives the page back as it was."""

import json
from typing import cast

from sqlalchemy import text

from frontoffice.kernel.database import transaction
from frontoffice.kernel.rendering import Web
from frontoffice.kernel.time import now
from frontoffice.kernel.web import SAFE_METHODS, Scope
from frontoffice.signin.returning import place_at

# The function of the database looks for the expired session itself: the web role sees no session but its own live one.
_PARK = text("SELECT park_form(:token_hash, :path, CAST(:answers AS jsonb), :instant)")
_OURS = frozenset({"csrf", "form_key", "version"})


async def park(request: Web) -> None:
    """Keep the fields of this form for the person whose session has expired; nothing happens without one."""
    scope = cast(Scope, request.scope)
    token_hash: bytes = scope.get("frontoffice.session_hash", b"")
    path: str = scope.get("frontoffice.path", "/")
    answers = {name: value for name, value in scope.get("frontoffice.form", {}).items() if name not in _OURS and "\0" not in name + value}
    if request.method in SAFE_METHODS or not token_hash or not answers or place_at(request.app, path) is None:
        return
    async with transaction(request.app.state.engine) as session:
        await session.execute(_PARK, {"token_hash": token_hash, "path": path, "answers": json.dumps(answers), "instant": now()})
