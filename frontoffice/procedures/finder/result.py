"""What the finder answers: a procedure with the answers it takes over, or another door; and what else may be possible."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from frontoffice.kernel.message import Message
from frontoffice.procedures.doors import DOORS, Door

# The field of a single permit that says which category it is.
CATEGORY = "category"


@dataclass(frozen=True)
class Note:
    """A sentence about the result, with the text that says so and how sure it is."""

    message: Message
    source: str = ""
    confidence: str = ""


@dataclass(frozen=True, kw_only=True)
class Alternative:
    """Another possibility: what it is, why or which condition is not met, and the procedure or the information page that tells more."""

    title: str
    why: Sequence[Note]
    procedure: str = ""
    given: Mapping[str, str] = field(default_factory=dict)
    page: str = ""


@dataclass(frozen=True, kw_only=True)
class Found:
    """A procedure; `given` are answers by the names of its questions."""

    procedure: str
    given: Mapping[str, str] = field(default_factory=dict)
    notes: Sequence[Note] = ()
    alternatives: Sequence[Alternative] = ()


@dataclass(frozen=True, kw_only=True)
class Elsewhere:
    """Nothing to file here: the door, and what else may be possible."""

    door: Door
    notes: Sequence[Note] = ()
    alternatives: Sequence[Alternative] = ()


Result = Found | Elsewhere


def elsewhere(code: str, *alternatives: Alternative, notes: Sequence[Note] = ()) -> Elsewhere:
    """The door of that code."""
    return Elsewhere(door=DOORS[code], notes=notes, alternatives=alternatives)
