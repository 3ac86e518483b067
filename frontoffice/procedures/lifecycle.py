"""Steps and positions: what may happen to a dossier, by whom, and where it leads."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from frontoffice.forms.fields import Field

Position = frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Step:
    """One row of a life: `takes` these states, `gives` those, may be done `by` these roles; `past` names its event.

    `lets_in` is the authority that takes part from then on (its code is its role); `lets_town_in` names the answer of the
    evidence, or of the form, that says which municipality does. `files` gives the number and routes the dossier; `confirms` is
    the role whose own part must be complete first; `brings_document` wants a document that came since the last request, or since
    the last sending where nobody asked; `same_as` says which evidence must equal which answer of the form. `takes_back` makes a
    draft of what was filed, as long as no authority has opened it; `numbered` limits the step to drafts that were filed before
    (True) or never (False). `passes_on` gives the dossier to another Region, which the evidence names: nothing else changes.
    """

    action: str
    takes: Position
    gives: Position
    by: frozenset[str]
    past: str
    label: str
    done: str
    then: tuple[str, ...] = ()
    evidence: Sequence[Field] = ()
    intro: str = ""
    refusing: bool = False
    prominent: bool = True
    lets_in: str = ""
    lets_town_in: str = ""
    files: bool = False
    confirms: str = ""
    brings_document: bool = False
    same_as: Mapping[str, str] = field(default_factory=dict)
    takes_back: bool = False
    numbered: bool | None = None
    passes_on: bool = False

    @property
    def adds(self) -> bool:
        """Whether it sends documents that nobody asked for: the dossier stays where it is."""
        return self.brings_document and self.takes == self.gives


@dataclass(frozen=True, kw_only=True)
class Headline:
    """How a state is called to people: a word, whose turn it is, and what is waited for where that is another word."""

    state: str
    title: str
    turn: frozenset[str]
    colour: str = "blue"
    pending: str = ""


@dataclass(frozen=True, kw_only=True)
class Lifecycle:
    """All steps of one procedure; the position of a dossier is a set of states, a final state ends all tracks."""

    start: Position
    final: Position
    steps: Sequence[Step]
    headlines: Sequence[Headline]

    def __post_init__(self) -> None:
        """Refuse a life with a state that has no headline or cannot be reached."""
        named = {one.state for one in self.headlines}
        if missing := self.states() - named:
            raise ValueError(f"states without a headline: {sorted(missing)}")
        given = self.start.union(*(step.gives for step in self.steps))
        if lost := self.states() - given:
            raise ValueError(f"states that no step gives: {sorted(lost)}")
        if not any(step.files for step in self.steps):
            raise ValueError("no step files the dossier")

    def states(self) -> frozenset[str]:
        """Every state that this life knows."""
        return self.start.union(self.final, *(step.takes | step.gives for step in self.steps))

    def actions(self) -> frozenset[str]:
        """Every action that this life knows."""
        return frozenset(step.action for step in self.steps)

    def roles(self) -> frozenset[str]:
        """Every role that may do something."""
        return frozenset[str]().union(*(step.by for step in self.steps))

    @property
    def filing(self) -> Step:
        """The step that files the dossier."""
        return next(step for step in self.steps if step.files)

    @cached_property
    def sending(self) -> frozenset[str]:
        """The actions by which the applicant's side gives something: filing, and each time that it was completed."""
        return frozenset(step.action for step in self.steps if step.files or step.brings_document)

    @cached_property
    def asked_in(self) -> frozenset[str]:
        """The states in which somebody must bring a document."""
        return frozenset[str]().union(*(step.takes for step in self.steps if step.brings_document and not step.adds))

    @cached_property
    def adding_in(self) -> frozenset[str]:
        """The states after filing in which documents are taken, asked for or not."""
        return frozenset[str]().union(*(step.takes for step in self.steps if step.brings_document))

    @cached_property
    def asking(self) -> frozenset[str]:
        """The actions by which an authority asks for a document."""
        return frozenset(step.action for step in self.steps if (step.gives - step.takes) & self.asked_in)

    def open_steps(self, position: Iterable[str]) -> list[Step]:
        """The steps that this position allows to somebody."""
        here = frozenset(position)
        if here & self.final:
            return []
        return [step for step in self.steps if step.takes <= here]

    def available(self, position: Iterable[str], roles: Iterable[str]) -> list[Step]:
        """The steps that these roles may take now; answers "which buttons?" and "is this allowed?" alike."""
        wearing = frozenset(roles)
        return [step for step in self.open_steps(position) if step.by & wearing]

    def after(self, position: Iterable[str], step: Step) -> Position:
        """Where the step leads; a final state ends every other track."""
        if ended := step.gives & self.final:
            return frozenset(ended)
        return (frozenset(position) - step.takes) | step.gives

    def headline(self, position: Iterable[str]) -> Headline:
        """The single status that people read: the first headline present in the position."""
        here = frozenset(position)
        return next(one for one in self.headlines if one.state in here)

    def draw(self) -> str:
        """The life as a Mermaid state diagram."""
        lines = ["stateDiagram-v2"]
        for step in self.steps:
            before, after = "+".join(sorted(step.takes)), "+".join(sorted(step.gives))
            lines.append(f"    {before} --> {after}: {step.action} ({', '.join(sorted(step.by))})")
        return "\n".join(lines)
