"""Papers as tagged PDFs (PDF/UA-1) that look the same on every machine, whatever a person typed into them."""

import io
import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import segno
import typst
from fontTools.ttLib import TTFont

from frontoffice.kernel.i18n import Locale
from frontoffice.settings import resources

# Packages of the Open Font License, so that a receipt looks the same on every machine; the first carries wide Latin,
# Greek and Cyrillic, the others are asked in this order.
_FONT_PACKAGES = (
    "fontpkg_noto_sans",
    "fontpkg_noto_sans_arabic",
    "fontpkg_noto_sans_devanagari",
    "fontpkg_noto_sans_tamil",
    "fontpkg_noto_sans_telugu",
    "fontpkg_noto_sans_thai",
)
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_LONG_WORD = re.compile(r"(\S{40})(?=\S)")


@dataclass(frozen=True)
class _Fonts:
    loaded: typst.Fonts
    families: tuple[str, ...]
    covered: frozenset[int]


def typeset(template: str, data: Mapping[str, Any], locale: Locale, *, at: datetime) -> bytes:
    """The PDF that a template of templates/receipts makes of these data, dated `at`; the same data give the same bytes.

    Every text in `data` must have passed a Printer. Takes tens of milliseconds of CPU."""
    source = resources("templates") / "receipts" / template
    made: bytes = typst.compile(
        str(source),
        root=str(source.parent),
        font_paths=_fonts().loaded,
        sys_inputs={"facts": json.dumps({"language": locale, "fonts": _fonts().families, **data})},
        format="pdf",
        pdf_standards=["ua-1"],
        timestamp=at.astimezone(UTC).replace(microsecond=0),
    )
    return made


class Printer:
    """Makes any text printable: a glyph that no font has would otherwise stop the whole receipt (PDF/UA forbids it)."""

    def __init__(self) -> None:
        self.unprinted = False
        self._covered = _fonts().covered

    def printable(self, text: str) -> str:
        """The text with control and bidi characters left out, characters without a glyph as [U+738B], and long words
        given places to break."""
        composed = unicodedata.normalize("NFC", text)
        return _LONG_WORD.sub("\\1\u200b", "".join(map(self._character, composed)))

    def _character(self, character: str) -> str:
        if character == "\n" or (character in "\u200c\u200d" and ord(character) in self._covered):
            return character
        if character.isspace():
            return " "
        if ord(character) in self._covered and unicodedata.category(character) not in _INVISIBLE:
            return character
        if unicodedata.category(character) in {"Cc", "Cf"}:
            return ""
        self.unprinted = True
        return f"[U+{ord(character):04X}]"


@cache
def _fonts() -> _Fonts:
    folders = [Path(str(files(package))) / "files" for package in _FONT_PACKAGES]
    loaded = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)
    covered: set[int] = set()
    families: list[str] = []
    for folder in folders:
        for path in sorted(folder.glob("*.ttf")):
            with TTFont(path, lazy=True) as font:
                covered.update(font.getBestCmap())
                family = str(font["name"].getBestFamilyName())
                if family not in families:
                    families.append(family)
    return _Fonts(loaded, tuple(families), frozenset(covered))


def qr_code(address: str) -> str:
    """The address as an SVG picture, with the middle error correction, so that a folded print still reads."""
    output = io.BytesIO()
    segno.make_qr(address, error="m").save(output, kind="svg", border=1, dark="#1b2a57")
    return output.getvalue().decode()
