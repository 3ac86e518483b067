"""Who decides on a dossier and why, or which other door to knock on: what every table of competence answers."""

from dataclasses import dataclass

from frontoffice.kernel.message import Message
from frontoffice.procedures.territory import Region


@dataclass(frozen=True, kw_only=True)
class Used:
    """An answer that the rule looked at: its name, its label and its value in plain words."""

    name: str
    label: str
    value: Message


@dataclass(frozen=True, kw_only=True)
class Competence:
    """An authority is competent: its code (`flanders`, `municipality-11002`, `diplomatic-post`…) and the role it takes in the dossier.

    `rows` are the rows of the table that fired, `lies_in` tells where the place that counts lies, if a place counts.
    """

    authority: str
    role: str = "region"
    rows: tuple[int, ...]
    reason: Message
    lies_in: Message = Message("")
    answers: tuple[Used, ...] = ()
    source: str
    confidence: str

    @property
    def row(self) -> int:
        """The last row that fired: 10 when the German-speaking Community takes the place of Wallonia."""
        return self.rows[-1]

    @property
    def region(self) -> Region:
        """The Region, when the competent authority is one; raises ValueError."""
        return Region(self.authority)


@dataclass(frozen=True, kw_only=True)
class OtherDoor:
    """Not filed here: which procedure it is, what to do, the page that tells more, and where an answer can be corrected."""

    row: int
    title: Message
    what_to_do: Message
    answers: tuple[Used, ...] = ()
    source: str
    confidence: str
    page: str = ""
    page_to_correct: str = ""


@dataclass(frozen=True, kw_only=True)
class AskAPerson:
    """The answers do not decide; a person must. `row` is the row that was reached, `about` the page to look at again."""

    row: int
    reason: Message
    answers: tuple[Used, ...] = ()
    source: str
    confidence: str
    about: str = ""


Outcome = Competence | OtherDoor | AskAPerson
