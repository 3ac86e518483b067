"""What every question has: a name, a label, and a reader that gives the canonical text of an answer or says what is wrong."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from frontoffice.forms.conditions import Condition
from frontoffice.forms.identifiers import Wrong
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.message import Message, Names

Raw = Mapping[str, str]
Option = tuple[str, str, str]

# Cc and Cs never belong in an answer; the bidirectional controls can make one text look like another.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u202a-\u202e\u2066-\u2069\u200e\u200f\ufffd\ud800-\udfff]")
# Joiners have their place inside words of some scripts; alone they leave a blank.
_UNSEEN = re.compile("[\\s\u00ad\u200b-\u200d\u2060-\u2064\ufeff]*")


@dataclass(frozen=True, kw_only=True)
class Field:
    """One question. `read` gives the canonical text that is stored ("" when an optional one is left empty).

    `rows` asks for a box of several lines; `read_as` is the label where the answer is told, if the question would read oddly there.
    `item` is the number of the question on the paper form that it stands for, if there is one.
    """

    name: str
    label: str
    hint: str = ""
    optional: bool = False
    when: Condition | None = None
    width: int | None = None
    autocomplete: str | None = None
    inputmode: str | None = None
    prefix: str = ""
    suffix: str = ""
    longest: int = 200
    missing: str = ""
    rows: int = 0
    read_as: str = ""
    item: str = ""
    kind: ClassVar[str] = "text"

    @property
    def options(self) -> Sequence[Option]:
        """The choices as (value, label, hint); empty for a question that is typed."""
        return ()

    def raw_names(self) -> tuple[str, ...]:
        """The names under which a browser sends this answer."""
        return (self.name,)

    def raw_of(self, value: str) -> dict[str, str]:
        """What the inputs must show for a stored value."""
        return {self.name: value}

    def read(self, raw: Raw) -> str:
        """The canonical text of this answer; raises Wrong with a msgid that says what to do."""
        text = clean(raw.get(self.name, ""))
        if not text:
            if self.optional:
                return ""
            raise Wrong(self.missing or _("Answer this question"))
        if len(text) > self.longest:
            raise Wrong(_("Use %(longest)s characters or fewer; you used %(used)s"), {"longest": self.longest, "used": len(text)})
        if _FORBIDDEN.search(text):
            raise Wrong(_("This contains characters that cannot be printed: type it again"))
        return self.parse(text)

    def parse(self, text: str) -> str:
        """The canonical form of a text that is present and clean; raises Wrong."""
        return text

    def shown(self, value: str) -> Message | Names | str:
        """What people read for a stored value."""
        return value


def clean(text: str) -> str:
    """Unicode in composed form, lines ended one way, no space around; empty when nothing of it can be seen."""
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").strip()
    return "" if _UNSEEN.fullmatch(text) else text
