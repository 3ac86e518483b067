"""Positions and steps, on a life small enough to hold in the head."""

import pytest

from frontoffice.procedures.lifecycle import Headline, Lifecycle, Step


def step(action: str, takes: str, gives: str, by: str = "clerk", *, files: bool = False) -> Step:
    return Step(action=action, takes=frozenset(takes.split()), gives=frozenset(gives.split()), by=frozenset(by.split()), past=action, label=action, done=action,
                files=files)


def called(*states: str) -> tuple[Headline, ...]:
    return tuple(Headline(state=one, title=one.title(), turn=frozenset()) for one in states)


STATES = ("closed", "asked", "work", "stay", "open")
LIFE = Lifecycle(
    start=frozenset({"open"}), final=frozenset({"closed"}), headlines=called(*STATES),
    steps=(
        step("split", "open", "work stay", files=True), step("ask", "stay", "asked", "office"), step("answer", "asked", "stay", "applicant office"),
        step("repeat", "work", "work"), step("join", "work stay", "open"), step("close", "work", "closed", "clerk office"),
    ),
)


@pytest.mark.parametrize(("position", "roles", "actions"), [
    ({"open"}, {"clerk"}, ["split"]), ({"open"}, {"office"}, []), ({"open"}, set(), []), (set(), {"clerk"}, []),
    ({"work", "stay"}, {"clerk"}, ["repeat", "join", "close"]), ({"work", "stay"}, {"office"}, ["ask", "close"]),
    ({"work", "asked"}, {"clerk"}, ["repeat", "close"]), ({"work", "asked"}, {"applicant"}, ["answer"]),
    ({"work", "asked"}, {"applicant", "clerk"}, ["answer", "repeat", "close"]),
    # Nothing is open once a final state is there, whatever stands beside it.
    ({"closed"}, {"clerk", "office", "applicant"}, []), ({"closed", "work", "stay"}, {"clerk", "office"}, []), ({"unheard-of"}, {"clerk"}, []),
])
def test_available(position: set[str], roles: set[str], actions: list[str]) -> None:
    assert [one.action for one in LIFE.available(position, roles)] == actions


@pytest.mark.parametrize(("position", "action", "after"), [
    ({"open"}, "split", {"work", "stay"}), ({"work", "stay"}, "ask", {"work", "asked"}), ({"work", "asked"}, "answer", {"work", "stay"}),
    ({"work", "stay"}, "repeat", {"work", "stay"}), ({"work", "stay"}, "join", {"open"}), ({"work", "asked"}, "close", {"closed"}),
])
def test_after(position: set[str], action: str, after: set[str]) -> None:
    taken = next(one for one in LIFE.steps if one.action == action)
    assert LIFE.after(position, taken) == after


@pytest.mark.parametrize(("position", "state"), [({"work", "stay"}, "work"), ({"work", "asked"}, "asked"), ({"open"}, "open"), ({"closed", "work"}, "closed")])
def test_the_first_headline_present_is_the_status(position: set[str], state: str) -> None:
    assert LIFE.headline(position).state == state


def test_what_it_knows() -> None:
    assert LIFE.states() == set(STATES)
    assert LIFE.actions() == {"split", "ask", "answer", "repeat", "join", "close"}
    assert LIFE.roles() == {"clerk", "office", "applicant"}
    assert LIFE.filing.action == "split"
    assert "    stay+work --> open: join (clerk)" in LIFE.draw().splitlines()
    assert len(LIFE.draw().splitlines()) == 1 + len(LIFE.steps)


@pytest.mark.parametrize(("start", "final", "steps", "headlines"), [
    ({"open"}, {"closed"}, [step("close", "open", "closed")], called("open")),
    ({"open"}, {"closed"}, [], called("open", "closed")),
    ({"open"}, {"closed"}, [step("close", "lost", "closed")], called("open", "closed", "lost")),
], ids=["no headline", "an end that no step gives", "a state that no step gives"])
def test_a_life_that_contradicts_itself_is_refused(start: set[str], final: set[str], steps: list[Step], headlines: tuple[Headline, ...]) -> None:
    with pytest.raises(ValueError, match="states"):
        Lifecycle(start=frozenset(start), final=frozenset(final), steps=steps, headlines=headlines)


def test_a_life_in_which_nobody_can_file_is_refused() -> None:
    with pytest.raises(ValueError, match="files"):
        Lifecycle(start=frozenset({"open"}), final=frozenset({"closed"}), steps=[step("close", "open", "closed")], headlines=called("open", "closed"))
