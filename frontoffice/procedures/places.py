"""Questions about places in Belgium: a postal code and the municipality that goes with it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import ClassVar

from frontoffice.forms import identifiers
from frontoffice.forms.fields import Checked, Field, Raw, clean
from frontoffice.forms.identifiers import Wrong
from frontoffice.kernel.i18n import fold
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.message import Message, Names
from frontoffice.procedures.territory import Municipality, municipalities, municipalities_of, municipality


@dataclass(frozen=True, kw_only=True)
class PostalCode(Checked):
    """A Belgian postal code of four digits."""

    reader: Callable[[str], str] = field(default=identifiers.postal_code)
    width: int | None = 4
    inputmode: str | None = "numeric"
    autocomplete: str | None = "postal-code"


@cache
def _by_name() -> Mapping[str, Sequence[Municipality]]:
    """The municipalities that go by each name in one of the languages, as people look it up."""
    found: dict[str, list[Municipality]] = {}
    for one in municipalities().values():
        for name in {fold(name) for name in one.names}:
            found.setdefault(name, []).append(one)
    return found


@dataclass(frozen=True, kw_only=True)
class MunicipalityName(Field):
    """A municipality typed in any language and checked against the postal code beside it; stored as its NIS code.

    Left empty it follows from the postal code, unless several municipalities share that code.
    """

    postal_code: str
    autocomplete: str | None = "address-level2"
    kind: ClassVar[str] = "text"
    list_code: ClassVar[str] = "municipalities"

    def raw_of(self, value: str) -> dict[str, str]:
        found = municipality(value)
        return {self.name: found.names.nl if found else value}

    def read(self, raw: Raw) -> str:
        code, typed = clean(raw.get(self.postal_code, "")), clean(raw.get(self.name, ""))[:100]
        there = municipalities_of(code)
        if not typed:
            if len(there) == 1:
                return there[0].nis
            if there:
                raise Wrong(_("Several municipalities share the postal code %(code)s: type which one (%(names)s)"),
                            {"code": code, "names": ", ".join(one.names.nl for one in there)})
            raise Wrong(_("Type the municipality"))
        for one in _by_name().get(fold(typed), ()):
            if not there or code in one.postal_codes:
                return one.nis
        if there:
            raise Wrong(_("The postal code %(code)s belongs to %(names)s: correct the code or the municipality"),
                        {"code": code, "names": ", ".join(one.names.nl for one in there)})
        raise Wrong(_("No Belgian municipality has this name: check the spelling"))

    def shown(self, value: str) -> Message | Names | str:
        found = municipality(value)
        return found.names if found else value
