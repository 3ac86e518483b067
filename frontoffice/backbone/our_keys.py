"""Which of our keys signed what is not delivered yet: those must stay published."""

import base64
import json
from collections import Counter

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

# The header of a signed message stands before its first dot, and is the same for every message of one key.
_HEADERS = text(
    "SELECT split_part(convert_from(content, 'UTF8'), '.', 1), count(*) FROM message WHERE concluded_at IS NULL AND content IS NOT NULL GROUP BY 1"
)


async def unsent_by_key(session: AsyncSession) -> Counter[str]:
    """How many stored messages that the backbone has not signed for each of our keys signed, by the key's name."""
    found: Counter[str] = Counter()
    for header, count in await session.execute(_HEADERS):
        found[str(json.loads(base64.urlsafe_b64decode(header + "=" * (-len(header) % 4)))["kid"])] += count
    return found
