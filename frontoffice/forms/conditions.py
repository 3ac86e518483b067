"""Conditions on answers: evaluated, printed, and checked for questions that nobody asks."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

Answers = Mapping[str, str]


class Condition(ABC):
    """Something that is true or not of the answers given so far."""

    @abstractmethod
    def holds(self, answers: Answers) -> bool:
        """Whether the answers meet this condition; an absent answer meets nothing."""

    @abstractmethod
    def questions(self) -> frozenset[str]:
        """The names of the questions that this condition looks at."""

    def __and__(self, other: "Condition") -> "Condition":
        return Both(self, other)

    def __or__(self, other: "Condition") -> "Condition":
        return Either(self, other)

    def __invert__(self) -> "Condition":
        return Not(self)


@dataclass(frozen=True)
class IsIn(Condition):
    """The answer is one of these values."""

    name: str
    values: frozenset[str]

    def holds(self, answers: Answers) -> bool:
        return answers.get(self.name) in self.values

    def questions(self) -> frozenset[str]:
        return frozenset({self.name})

    def __str__(self) -> str:
        return f"{self.name} in {sorted(self.values)}"


@dataclass(frozen=True)
class Both(Condition):
    """Both conditions hold."""

    left: Condition
    right: Condition

    def holds(self, answers: Answers) -> bool:
        return self.left.holds(answers) and self.right.holds(answers)

    def questions(self) -> frozenset[str]:
        return self.left.questions() | self.right.questions()

    def __str__(self) -> str:
        return f"({self.left} and {self.right})"


@dataclass(frozen=True)
class Either(Condition):
    """One of the conditions holds, or both."""

    left: Condition
    right: Condition

    def holds(self, answers: Answers) -> bool:
        return self.left.holds(answers) or self.right.holds(answers)

    def questions(self) -> frozenset[str]:
        return self.left.questions() | self.right.questions()

    def __str__(self) -> str:
        return f"({self.left} or {self.right})"


@dataclass(frozen=True)
class Given(Condition):
    """The question has an answer, whatever it is."""

    name: str

    def holds(self, answers: Answers) -> bool:
        return bool(answers.get(self.name))

    def questions(self) -> frozenset[str]:
        return frozenset({self.name})

    def __str__(self) -> str:
        return f"{self.name} given"


@dataclass(frozen=True)
class Holds(Condition):
    """A list of answers, stored with spaces between, holds one of these values."""

    name: str
    values: frozenset[str]

    def holds(self, answers: Answers) -> bool:
        return bool(self.values & set(answers.get(self.name, "").split()))

    def questions(self) -> frozenset[str]:
        return frozenset({self.name})

    def __str__(self) -> str:
        return f"{self.name} holds {sorted(self.values)}"


@dataclass(frozen=True)
class Not(Condition):
    """The condition does not hold."""

    inner: Condition

    def holds(self, answers: Answers) -> bool:
        return not self.inner.holds(answers)

    def questions(self) -> frozenset[str]:
        return self.inner.questions()

    def __str__(self) -> str:
        return f"not {self.inner}"


@dataclass(frozen=True)
class _Answer:
    name: str

    def is_in(self, *values: str) -> Condition:
        """True when the answer is one of `values`."""
        return IsIn(self.name, frozenset(values))

    def holds(self, *values: str) -> Condition:
        """True when one of `values` is among the answers to a question that takes several."""
        return Holds(self.name, frozenset(values))

    def given(self) -> Condition:
        """True when there is an answer at all."""
        return Given(self.name)

    def is_(self, value: str) -> Condition:
        """True when the answer is `value`."""
        return IsIn(self.name, frozenset({value}))


def answer(name: str) -> _Answer:
    """The answer to one question, to make a condition of: `answer("category").is_("blue-card")`."""
    return _Answer(name)
