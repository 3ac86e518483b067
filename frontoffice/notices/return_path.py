"""The address to which a mail comes back: it names the notice, and a keyed hash proves that we gave it out."""

import re
from email.utils import parseaddr
from typing import Final
from uuid import UUID

from frontoffice.kernel.web import mac, same
from frontoffice.settings import Settings

# 57 signs before the @; a mail server takes 64. In small letters, since some servers change them on the way.
_LOCAL_PART: Final = re.compile(r"bounces\+([0-9a-f]{32})\.([0-9a-f]{16})")


def own_domain(settings: Settings) -> str:
    """The domain that our mails come from."""
    return parseaddr(settings.mail_from)[1].rpartition("@")[2].lower() or "localhost"


def return_path(settings: Settings, notice_id: UUID) -> str:
    """The sender on the envelope of a notice."""
    return f"bounces+{notice_id.hex}.{_proof(settings, notice_id)}@{own_domain(settings)}"


def notice_behind(settings: Settings, address: str) -> UUID | None:
    """The notice that a return address names; None for any other address, or one that we did not make."""
    local_part, _at, domain = address.strip().strip("<>").lower().rpartition("@")
    found = _LOCAL_PART.fullmatch(local_part)
    if found is None or domain != own_domain(settings):
        return None
    notice_id = UUID(hex=found[1])
    return notice_id if same(found[2], _proof(settings, notice_id)) else None


def _proof(settings: Settings, notice_id: UUID) -> str:
    return mac(settings, "bounce", str(notice_id))[:16]
