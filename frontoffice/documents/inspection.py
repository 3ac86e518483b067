"""Decides whether an uploaded file may be kept: what it is by content, whether its name agrees, whether it is safe."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from signal import SIGKILL, SIGXCPU
from types import MappingProxyType

from frontoffice.documents.cage import Limits, caged
from frontoffice.kernel.i18n import mark as _

# What bounds a child is its own work (five seconds of a processor), which a bomb has done within seconds; the clock only ends one that
# hangs. Rule 27 of the security design says ten seconds: too few for a worker that stands back behind pages (nice 15, a thirtieth of a
# busy machine), where an honest picture of 50 megapixels, half a second of work, may take twenty and must not be refused for that.
WALL_SECONDS = 60.0
_MOST_SAID = 64 * 1024
# How a child ends that has worked for too long, by itself and in bubblewrap.
_ENDED_BY_LIMIT = {-SIGKILL, -SIGXCPU, 128 + SIGKILL, 128 + SIGXCPU}
_CHILD = Path(__file__).with_name("inspector_child.py")
_EXTENSIONS = {
    "application/pdf": (".pdf",),
    "image/jpeg": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "image/png": (".png",),
    "image/heic": (".heic", ".heif", ".hif"),
}
_TYPES = {extension: media_type for media_type, extensions in _EXTENSIONS.items() for extension in extensions}
_PICTURES = frozenset(_EXTENSIONS) - {"application/pdf"}
_ALIASES = {
    "application/x-pdf": "application/pdf",
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "image/x-png": "image/png",
    "image/heif": "image/heic",
}
# What has no letter in it is no extension but the end of a date or a number.
_EXTENSION = re.compile(r"\.(?=[^.]*[a-z])[a-z0-9]{1,10}$", re.IGNORECASE)
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
    "several": _(
        "This file holds several pictures, or one that moves, and not everybody would see all of it. "
        "Save each picture in a file of its own, or print them to one PDF, and upload that."
    ),
    "picture": _("We cannot take this kind of picture. Save it as JPEG, PNG or PDF, and upload that."),
    "office": _("We cannot take documents of a word processor. Save it as a PDF, and upload that."),
    "zip": _(
        "We cannot take archives or documents of a word processor. Unpack it or save it as a PDF, and upload that."
    ),
    "unknown": _("We can only take PDF, JPEG, PNG and HEIC files. Save your document as one of these, and upload that."),
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
    """Whether a file may be kept; `reason` is a msgid for the person who sent it, filled by `params`.

    `file_name` is the name under which a good file is kept: it always ends as its content asks."""

    ok: bool
    media_type: str | None = None
    pages: int | None = None
    reason: str | None = None
    params: Mapping[str, object] = field(default_factory=dict)
    file_name: str | None = None


def refusal(code: str, params: Mapping[str, object] = MappingProxyType({})) -> Verdict:
    """What cannot be taken for a reason that has a code; an unknown one is a file that cannot be opened safely."""
    return Verdict(ok=False, reason=_REASONS.get(code, _UNREADABLE), params=params)


async def inspect(path: Path, file_name: str | None, declared_type: str) -> Verdict:
    """Judge a file by its content in a caged process, then compare its name and declared type with that."""
    return _agreeing(await _ask_child(path), file_name, declared_type)


def _agreeing(verdict: Verdict, file_name: str | None, declared_type: str) -> Verdict:
    """The verdict on the content with the name that fits it, unless the name or the declared type says something else.

    A name without an extension says nothing. Phones save one kind of picture under the name of another, and nobody can see that:
    among pictures the content gives the name and the type. A picture that calls itself a PDF, or the reverse, is refused."""
    if not verdict.ok or verdict.media_type is None:
        return verdict
    extensions = _EXTENSIONS[verdict.media_type]
    params = {"kind": extensions[0].removeprefix(".").upper(), "extension": extensions[0]}
    name = file_name or "document"
    extension = _EXTENSION.search(name)
    if extension and _group(_TYPES.get(extension[0].lower())) != _group(verdict.media_type):
        return Verdict(ok=False, reason=_DISAGREES, params=params)
    declared = declared_type.partition(";")[0].strip().lower()
    if declared not in _UNDECLARED and _group(_ALIASES.get(declared, declared)) != _group(verdict.media_type):
        return Verdict(ok=False, reason=_DECLARED_OTHERWISE, params={"kind": params["kind"]})
    fits = name.lower().endswith(extensions)
    return replace(verdict, file_name=name if fits else _EXTENSION.sub("", name) + extensions[0])


def _group(media_type: str | None) -> str | None:
    """Pictures that we take count as one kind."""
    return "picture" if media_type in _PICTURES else media_type


async def _ask_child(path: Path) -> Verdict:
    """Run the parsers in a process of their own; one that dies or hangs is an answer too."""
    try:
        async with caged(_CHILD, str(path), limits=Limits(wall=WALL_SECONDS)) as child:
            said = await child.said(_MOST_SAID)
            return _verdict(said) if said or await child.process.wait() not in _ENDED_BY_LIMIT else refusal("heavy")
    except TimeoutError:
        return refusal("heavy")


def _verdict(output: bytes) -> Verdict:
    try:
        answer = json.loads(output)
    except ValueError:
        return Verdict(ok=False, reason=_UNREADABLE)
    if "reason" in answer:
        return refusal(answer["reason"], answer["params"])
    return Verdict(ok=True, media_type=answer["media_type"], pages=answer["pages"])
