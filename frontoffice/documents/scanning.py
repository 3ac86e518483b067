"""Refuses a file that the virus scanner knows as harmful, where a scanner is configured; its silence is no approval."""

import logging
import re
from pathlib import Path
from typing import Final

from frontoffice.documents.inspection import Verdict, refusal
from frontoffice.kernel.errors import Unavailable
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.scanner import scan

logger = logging.getLogger("frontoffice")

_CLEAN: Final = "stream: OK"
_FOUND: Final = re.compile(r"stream: ([!-~]{1,200}) FOUND")
# What ClamAV can be told to call a find, though it only says that it could not look at everything.
_NOT_A_VIRUS: Final = {"Heuristics.Limits.Exceeded": "heavy", "Heuristics.Encrypted": "encrypted"}
_HARMFUL: Final = _(
    "Our virus scanner recognised something harmful in this file (%(name)s), so nobody will open it. Check your device with a virus "
    "scanner. Then make a new scan or photo of the document, or ask for a new copy of it, and upload that."
)


async def harmful(scanner: str, path: Path) -> Verdict | None:
    """The refusal of a file in which the scanner at this address found something; None when it found nothing, or none is configured.

    Raises Unavailable("scanner") when it is away, too slow, or did not look at the whole file: then the file is not judged at all."""
    if not scanner:
        return None
    answer = await scan(scanner, path)
    if answer == _CLEAN:
        return None
    found = _FOUND.fullmatch(answer)
    if found is None:
        # Its own words, such as a limit of size that is set lower than ours: an operator must act, and they hold nothing of the file.
        logger.error("the virus scanner did not judge a file: %s", answer[:200])
        raise Unavailable("scanner")
    for beginning, code in _NOT_A_VIRUS.items():
        if found[1].startswith(beginning):
            return refusal(code)
    return Verdict(ok=False, reason=_HARMFUL, params={"name": found[1]})
