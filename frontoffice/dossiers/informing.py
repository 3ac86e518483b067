"""Who is told of what by mail, as pages show it. Those who write the mails know it; the application hands their function to the pages."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.dossiers.queries import OpenDossier
from frontoffice.kernel.i18n import Locale


@dataclass(frozen=True)
class Informed:
    """One receiver: `title` names the role (a msgid), `address` is not whole, `of` says what is told (msgids); `is_second` for a second address."""

    title: str
    address: str
    locale: Locale
    of: Sequence[str]
    is_second: bool = False


@dataclass(frozen=True)
class Informing:
    """The one answer to who will be told, given by whoever sends the mails."""

    ask: Callable[[AsyncSession, OpenDossier], Awaitable[Sequence[Informed]]]
