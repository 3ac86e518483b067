"""Questions that are answered with a country or a nationality, or with several of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from frontoffice.forms.identifiers import Wrong
from frontoffice.forms.nationality import SPECIAL, nationality_names
from frontoffice.forms.question import Field, Option, Raw, clean
from frontoffice.kernel.i18n import country_codes
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.message import Message, Names


@dataclass(frozen=True, kw_only=True)
class Country(Field):
    """A country of ISO 3166-1, stored by its three letters; `refuse` turns some away with a reason.

    `special` takes nationalities and issuers without a country too, such as "stateless", by their ICAO code."""

    refuse: Mapping[str, str] = field(default_factory=dict)
    special: bool = False
    kind: ClassVar[str] = "country"

    @property
    def further(self) -> Sequence[Option]:
        """The choices that come after the countries."""
        return tuple((code, label, "") for code, label in SPECIAL.items()) if self.special else ()

    def parse(self, text: str) -> str:
        if text not in country_codes() and not (self.special and text in SPECIAL):
            raise Wrong(_("Choose a country from the list"))
        if text in self.refuse:
            raise Wrong(self.refuse[text])
        return text

    def shown(self, value: str) -> Message | Names | str:
        return nationality_names(value)


@dataclass(frozen=True, kw_only=True)
class Countries(Country):
    """Up to `most` countries or nationalities, each in a list of its own; stored with spaces between, in the order of the lists."""

    most: int = 4
    kind: ClassVar[str] = "countries"

    def raw_names(self) -> tuple[str, ...]:
        return (self.name, *(f"{self.name}-{number}" for number in range(2, self.most + 1)))

    def raw_of(self, value: str) -> dict[str, str]:
        codes = value.split()
        return {name: codes[at] if at < len(codes) else "" for at, name in enumerate(self.raw_names())}

    def read(self, raw: Raw) -> str:
        chosen = [self.parse(text) for name in self.raw_names() if (text := clean(raw.get(name, "")))]
        if not chosen and not self.optional:
            raise Wrong(self.missing or _("Answer this question"))
        return " ".join(dict.fromkeys(chosen))
