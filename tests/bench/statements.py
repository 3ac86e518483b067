"""How many statements a page sends to the database: the journey once more, with the portal inside this process."""

import os
import time
from collections.abc import Mapping
from typing import Any

import httpx
from sqlalchemy import event

from frontoffice.app import create_apps_from_environment
from tests.bench.journey import Employer, Notes, files
from tests.bench.web import Answer, Visitor


class _Inside(Visitor):
    """A browser that hands its requests straight to the application."""

    def __init__(self, origin: str, app: Any) -> None:
        super().__init__(origin)
        self._client = httpx.AsyncClient(transport=httpx.ASGITransport(app=app, client=("127.0.9.9", 1)), base_url=origin, timeout=30)

    async def exchange(self, method: str, path: str, headers: list[tuple[str, str]], body: bytes) -> Answer:
        """Bring a request to the application."""
        begun = time.perf_counter()
        self._client.cookies.clear()
        got = await self._client.request(method, path, headers=headers, content=body)
        lines = [f"HTTP/1.1 {got.status_code}", *(f"{name}: {value}" for name, value in got.headers.multi_items() if name != "content-encoding")]
        return Answer("\r\n".join(lines).encode("latin-1"), got.content, time.perf_counter() - begun)


async def count_statements(settings: Mapping[str, str]) -> dict[str, int]:
    """The most statements that each page of the journey sent, BEGIN and COMMIT and the queue's own apart."""
    os.environ.update(settings)
    door, _downloads = create_apps_from_environment()
    engine = door.app.state.engine  # type: ignore[attr-defined]
    seen: list[str] = []
    event.listen(engine.sync_engine, "before_cursor_execute", lambda *arguments: seen.append(arguments[2]))

    def count() -> int:
        found = len(seen)
        seen.clear()
        return found

    notes = Notes(count=count)
    await Employer(_Inside(settings["FRONTOFFICE_PUBLIC_URL"], door), notes, number=0).whole(files())
    await engine.dispose()
    return notes.statements
