"""A guard over everything that is logged: no line may name a person of the tests (rule 40)."""

import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from frontoffice.kernel.logs import CHATTY, OneLine

# Parts of made-up persons, as the tests use them: names, addresses, numbers, pay, file names.
CANARIES = (
    "canary", "rajesh", "kumar", "katrien", "de smet", "z1234567", "noorderlaan", "mg road", "havenlogistiek", "ada peeters", "sofia marques",
    "luc lambert", "@worker.example", "60.000", "60000.00",
)
# A postal code of six digits: by chance they stand inside the identifier of an event or a trace too, never alone.
CODE = re.compile(r"(?<![0-9a-z])411001(?![0-9a-z])")
# What the product does not hold: a server of the tests, and the mail catcher.
THEIRS = ("werkzeug", "mail.log")


class Guard(logging.Handler):
    """Keeps each line, as the product would write it, that names a person or tells a secret."""

    def __init__(self, secrets: Sequence[str] = ()) -> None:
        super().__init__(logging.INFO)
        self.setFormatter(OneLine())
        self.caught: list[str] = []
        self.secrets = tuple(secrets)

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.startswith(THEIRS):
            return
        line = self.format(record)
        if any(one in line.lower() for one in CANARIES) or CODE.search(line) or any(one in line for one in self.secrets):
            self.caught.append(line)


@contextmanager
def guarded(secrets: Sequence[str] = ()) -> Iterator[Guard]:
    """Read every line that is logged meanwhile; one that names a person fails the test that caused it."""
    guard, root = Guard(secrets), logging.getLogger()
    levels = {one: logging.getLogger(one).level for one in ("", *CHATTY)}
    root.addHandler(guard)
    for one in levels:
        # As every process of the product sets them.
        logging.getLogger(one).setLevel(logging.WARNING if one else logging.INFO)
    try:
        yield guard
    finally:
        root.removeHandler(guard)
        for one, level in levels.items():
            logging.getLogger(one).setLevel(level)
    assert not guard.caught
