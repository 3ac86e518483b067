"""Names in any script against the letters A to Z of a machine-readable zone, by the tables of ICAO Doc 9303 part 3."""

import unicodedata
from collections.abc import Mapping, Sequence

from anyascii import anyascii

# fmt: off
# Letters that Doc 9303 writes otherwise than without their accent; where it allows several, all are listed.
_LATIN: Mapping[str, tuple[str, ...]] = {
    "Ä": ("AE", "A"), "Å": ("AA", "A"), "Æ": ("AE",), "Ð": ("D",), "Đ": ("D",), "Ħ": ("H",), "Ĳ": ("IJ",),
    "ı": ("I",), "Ł": ("L",), "Ñ": ("N", "NXX"), "Ŋ": ("N",), "Ö": ("OE", "O"), "Ø": ("OE", "O"), "Œ": ("OE",),
    "ẞ": ("SS",), "ß": ("SS",), "Þ": ("TH",), "Ŧ": ("T",), "Ü": ("UE", "UXX", "U"), "ĸ": ("Q",), "Ə": ("E",),
}
# Cyrillic as Doc 9303 has it, then as passports of before, or of one State, have it.
_CYRILLIC: Mapping[str, tuple[str, ...]] = {
    "А": ("A",), "Б": ("B",), "В": ("V",), "Г": ("G", "H"), "Д": ("D",), "Е": ("E", "IE"), "Ё": ("E", "IO"),
    "Ж": ("ZH", "Z"), "З": ("Z",), "И": ("I", "Y"), "Й": ("I", "Y"), "К": ("K",), "Л": ("L",), "М": ("M",),
    "Н": ("N",), "О": ("O",), "П": ("P",), "Р": ("R",), "С": ("S",), "Т": ("T",), "У": ("U",), "Ф": ("F",),
    "Х": ("KH", "H"), "Ц": ("TS", "C"), "Ч": ("CH", "C"), "Ш": ("SH", "S"), "Щ": ("SHCH", "SHT"), "Ъ": ("IE", ""),
    "Ы": ("Y",), "Ь": ("", "I"), "Э": ("E",), "Ю": ("IU", "YU"), "Я": ("IA", "YA"), "І": ("I",), "Ї": ("I", "YI"),
    "Є": ("IE", "YE"), "Ґ": ("G",), "Ў": ("U",), "Ѓ": ("G",), "Ђ": ("D",), "Ѕ": ("DZ",), "Ј": ("J",), "Љ": ("LJ",),
    "Њ": ("NJ",), "Ќ": ("K",), "Ћ": ("C",), "Џ": ("DZ",), "Ѫ": ("U",), "Ѵ": ("Y",), "Ѳ": ("F",),
}
# fmt: on
_LETTERS: Mapping[str, tuple[str, ...]] = {**_LATIN, **_CYRILLIC}
# Left out or turned into a filler by Doc 9303; fillers between names do not count in a comparison.
_SILENT = frozenset(" -'’‘ʼʻ`´.,‐‑–·<")
# Between names these leave a filler; the other silent signs leave nothing.
_BREAKS = frozenset(" -,‐‑–<")


def mrz_key(name: str) -> str:
    """A name as a zone is most likely to write it, with spaces for fillers: a key to look people up by, never their name.

    Letters for which Doc 9303 has no table are spelled by their common sound, so that the same name always gives the same key."""
    letters = (" " if one in _BREAKS or one.isspace() else _key_of(one) for one in unicodedata.normalize("NFC", name))
    return " ".join("".join(letters).split())


def _key_of(letter: str) -> str:
    spellings = _spellings(letter)
    return spellings[0] if spellings else "".join(one for one in anyascii(letter).upper() if "A" <= one <= "Z")


def same_name(typed: str, in_zone: str, *, cut: bool = False) -> bool:
    """Whether a name in any script may be written so in a zone; `cut` when the zone had no room for all of it.

    True when a letter has no common transliteration, because then nothing can be said."""
    letters = [_spellings(one) for one in unicodedata.normalize("NFC", typed)]
    if any(spelling is None for spelling in letters):
        return True
    known = [one for one in letters if one is not None]
    return _spelt(known, in_zone.replace(" ", "").replace("<", ""), cut=cut) or (cut and _shortened(typed, in_zone))


def _spelt(letters: Sequence[Sequence[str]], target: str, *, cut: bool) -> bool:
    """Whether some choice of the spellings gives the target; with `cut`, whether it gives something that starts with it."""
    ends = {0}
    for spellings in letters:
        ends = {at + len(one) for at in ends for one in spellings if target.startswith(one, at) or (cut and _runs_out(one, at, target))}
        if cut and any(at >= len(target) for at in ends):
            return True
    return len(target) in ends


def _shortened(typed: str, in_zone: str) -> bool:
    """Whether the zone has the same names in the same order, some of them shortened and the last ones perhaps left out."""
    words = "".join(" " if one in _BREAKS else one for one in unicodedata.normalize("NFC", typed)).split()
    kept = in_zone.split()
    if not kept or len(kept) > len(words):
        return False
    return all(_spelt([_spellings(letter) or () for letter in word], part, cut=True) for word, part in zip(words, kept, strict=False))


def _runs_out(spelling: str, at: int, target: str) -> bool:
    return len(target) - at < len(spelling) and spelling.startswith(target[at:])


def _spellings(letter: str) -> Sequence[str] | None:
    """How Doc 9303 may write one letter; None when it does not say."""
    capital = letter if letter in _LETTERS else letter.upper() if len(letter.upper()) == 1 else letter
    if capital in _LETTERS:
        return _LETTERS[capital]
    if capital in _SILENT or unicodedata.combining(capital):
        return ("",)
    plain = unicodedata.normalize("NFD", capital)[0]
    return (plain,) if "A" <= plain <= "Z" else None
