"""What the surroundings tell is checked when a process starts: a wrong word ends it with a sentence, not later with a failure."""

from dataclasses import fields

import pytest

from frontoffice.settings import MissingSettings, Settings


@pytest.fixture
def surroundings(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for one in fields(Settings):
        if one.metadata["default"] is None:
            monkeypatch.setenv(one.metadata["variable"], "s" * 40)
    return monkeypatch


@pytest.mark.parametrize("rate", ["1", "5", "9999"])
def test_the_rate_agreed_with_the_backbone(surroundings: pytest.MonkeyPatch, rate: str) -> None:
    surroundings.setenv("FRONTOFFICE_BACKBONE_RATE", rate)
    assert Settings.from_environment().backbone_rate == rate


@pytest.mark.parametrize("rate", ["", "0", "00", "-1", "2.5", "10000", "five", "٥", " 5"])
def test_a_rate_that_is_none(surroundings: pytest.MonkeyPatch, rate: str) -> None:
    surroundings.setenv("FRONTOFFICE_BACKBONE_RATE", rate)
    with pytest.raises(MissingSettings, match="FRONTOFFICE_BACKBONE_RATE"):
        Settings.from_environment()


def test_without_a_word_it_is_five_a_second(surroundings: pytest.MonkeyPatch) -> None:
    surroundings.delenv("FRONTOFFICE_BACKBONE_RATE", raising=False)
    assert Settings.from_environment().backbone_rate == "5"
