"""Sentences of the rules, said in a language."""

from datetime import date
from decimal import Decimal

import pytest

from frontoffice.kernel import message
from frontoffice.kernel.message import Message, Names, say


@pytest.fixture(autouse=True)
def no_catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentences here are nobody's msgids; only the values matter."""
    monkeypatch.setattr(message, "translator", lambda _locale: lambda text, **params: text % params if params else text)


def test_values_are_written_as_the_language_writes_them() -> None:
    inner = Message("%(place)s, %(share)s%%", {"place": Names("Luik", "Liège", "Lüttich", "Liège"), "share": 60})
    sentence = Message(
        "%(amount)s on %(day)s in %(where)s for %(who)s",
        {"amount": Decimal("48912"), "day": date(2026, 11, 21), "where": inner, "who": "A"},
    )
    assert say(sentence, "nl").replace("\u00a0", " ") == "€ 48.912,00 on 21 november 2026 in Luik, 60% for A"
    assert say(sentence, "de").endswith("in Lüttich, 60% for A")
    assert say(Message("Nothing to fill"), "fr") == "Nothing to fill"
