"""Decides whether an uploaded file may be kept: what it is by content, whether its name agrees, whether it is safe."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from frontoffice.kernel.i18n import mark as _

WALL_SECONDS = 10.0
_CHILD = Path(__file__).with_name("inspector_child.py")
_EXTENSIONS = {
    "application/pdf": (".pdf",),
    "image/jpeg": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "image/png": (".png",),
}
_ALIASES = {
    "application/x-pdf": "application/pdf",
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "image/x-png": "image/png",
}
# A browser that does not know the extension says one of these: it declares nothing, so nothing can disagree.
_UNDECLARED = {"", "application/octet-stream", "binary/octet-stream"}

_UNREADABLE = _(
    "We could not open this file safely. Make a new scan or photo, or save it again as a PDF, and upload that."
)
_REASONS = {
    "empty": _("This file is empty. Check that you chose the right file, and upload it again."),
    "damaged": _(
        "This file is damaged or was cut off. Open it on your own device: if it opens there, save it again as a PDF "
        "and upload that; if not, make a new scan or photo."
    ),
    "encrypted": _("This PDF is protected with a password. Save a copy without the password and upload that copy."),
    "script": _("This PDF contains a program (JavaScript). Print it to a new PDF and upload that one."),
    "launch": _("This PDF tries to start another program. Print it to a new PDF and upload that one."),
    "submit": _("This PDF sends or fetches data by itself. Print it to a new PDF and upload that one."),
    "embedded": _(
        "This PDF has other files attached inside it. Upload those files one by one, and print this one to a new PDF."
    ),
    "xfa": _("This is a PDF form of a kind that not everybody can open (XFA). Print it to a new PDF and upload that."),
    "media": _("This PDF contains sound, film or 3D. Print it to a new PDF and upload that one."),
    "pages": _(
        "This PDF has %(pages)s pages; the most we can take is %(limit)s. Split it in parts and upload each part."
    ),
    "pixels": _(
        "This picture has %(megapixels)s million pixels; the most we can take is %(limit)s million. "
        "Save it smaller, or scan it at 300 dots per inch, and upload that."
    ),
    "heavy": _(
        "This file takes more memory or time to open than is safe. Make a new scan at 300 dots per inch, "
        "or split it in parts, and upload that."
    ),
    "polyglot": _("This file holds a second, hidden file. Make a new scan or photo, and upload that."),
    "heic": _(
        "This is a photo in the HEIC format of some phones, which not everybody can open. "
        "Save or share it as JPEG, and upload that."
    ),
    "picture": _("We cannot take this kind of picture. Save it as JPEG, PNG or PDF, and upload that."),
    "office": _("We cannot take documents of a word processor. Save it as a PDF, and upload that."),
    "zip": _(
        "We cannot take archives or documents of a word processor. Unpack it or save it as a PDF, and upload that."
    ),
    "unknown": _("We can only take PDF, JPEG and PNG files. Save your document as one of these, and upload that."),
}
_DISAGREES = _(
    "The name of this file says something else than what is in it: it is a %(kind)s. "
    "Give it a name that ends in %(extension)s, and upload it again."
)
_DECLARED_OTHERWISE = _(
    "Your browser announced another kind of file than what arrived: it is a %(kind)s. "
    "Save it again as a %(kind)s, and upload that."
)


@dataclass(frozen=True)
class Verdict:
    """Whether a file may be kept; `reason` is a msgid for the person who sent it, filled by `params`."""

    ok: bool
    media_type: str | None = None
    pages: int | None = None
    reason: str | None = None
    params: Mapping[str, object] = field(default_factory=dict)


async def inspect(path: Path, file_name: str | None, declared_type: str) -> Verdict:
    """Judge a file by its content in a caged process, then compare its name and declared type with that."""
    return _agreeing(await _ask_child(path), file_name, declared_type)


def _agreeing(verdict: Verdict, file_name: str | None, declared_type: str) -> Verdict:
    """The verdict on the content, unless the name or the declared type says something else."""
    if not verdict.ok or verdict.media_type is None:
        return verdict
    extensions = _EXTENSIONS[verdict.media_type]
    params = {"kind": extensions[0].removeprefix(".").upper(), "extension": extensions[0]}
    if not (file_name or "").lower().endswith(extensions):
        return Verdict(ok=False, reason=_DISAGREES, params=params)
    declared = declared_type.partition(";")[0].strip().lower()
    if declared not in _UNDECLARED and _ALIASES.get(declared, declared) != verdict.media_type:
        return Verdict(ok=False, reason=_DECLARED_OTHERWISE, params={"kind": params["kind"]})
    return verdict


async def _ask_child(path: Path) -> Verdict:
    """Run the parsers in a process of their own; one that dies or hangs is an answer too."""
    command = [*await asyncio.to_thread(_jail), sys.executable, "-I", str(_CHILD), str(path)]
    child = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={"PATH": os.defpath, "LANG": "C.UTF-8"},  # none of our secrets
    )
    try:
        async with asyncio.timeout(WALL_SECONDS):
            output, _errors = await child.communicate()
    except TimeoutError:
        return Verdict(ok=False, reason=_REASONS["heavy"])
    finally:
        if child.returncode is None:
            with suppress(ProcessLookupError):
                child.kill()
            await child.wait()
    return _verdict(output)


def _verdict(output: bytes) -> Verdict:
    try:
        answer = json.loads(output)
    except ValueError:
        return Verdict(ok=False, reason=_UNREADABLE)
    if "reason" in answer:
        return Verdict(ok=False, reason=_REASONS.get(answer["reason"], _UNREADABLE), params=answer["params"])
    return Verdict(ok=True, media_type=answer["media_type"], pages=answer["pages"])


@cache
def _jail() -> tuple[str, ...]:
    """The bubblewrap command, if it is installed and this system lets it work: all read-only, no network."""
    program = shutil.which("bwrap")
    if program is None:
        return ()
    jail = (
        *(program, "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"),
        *("--unshare-all", "--die-with-parent", "--new-session"),
    )
    works = subprocess.run([*jail, sys.executable, "-c", ""], capture_output=True, timeout=5, check=False)
    return jail if works.returncode == 0 else ()
