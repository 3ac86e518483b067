"""Where work is done, told by a postal code or the name of a municipality in one box."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from frontoffice.forms.fields import Field
from frontoffice.forms.identifiers import Wrong
from frontoffice.kernel.i18n import fold
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.message import Message, Names
from frontoffice.procedures.territory import Region, municipalities, municipalities_of, municipality, region_of, region_of_postal_code


@dataclass(frozen=True, kw_only=True)
class Place(Field):
    """A postal code or a municipality in any language; stored as the four digits, or as the NIS code."""

    longest: int = 100
    autocomplete: str | None = "off"
    list_code: ClassVar[str] = "municipalities"

    def raw_of(self, value: str) -> dict[str, str]:
        found = municipality(value)
        return {self.name: found.names.nl if found else value}

    def parse(self, text: str) -> str:
        if region_of_postal_code(text):
            return text
        wanted = fold(text)
        found = next((one for one in municipalities().values() if wanted in {fold(name) for name in one.names}), None)
        if found is None:
            raise Wrong(_("No Belgian municipality has this name or postal code: check the spelling"))
        return found.nis

    def shown(self, value: str) -> Message | Names | str:
        found = municipality(value)
        return found.names if found else value


def region_at(place: str) -> Region | None:
    """The Region of a postal code or NIS code, if it is one."""
    return region_of(place) if len(place) == 5 else region_of_postal_code(place)


def address_at(place: str) -> Mapping[str, str]:
    """The postal code and the NIS code of a place, as far as one follows from the other."""
    if len(place) == 5:
        found = municipality(place)
        codes = found.postal_codes if found else ()
        return {"municipality": place, **({"postal_code": codes[0]} if len(codes) == 1 else {})}
    there = municipalities_of(place)
    return {"postal_code": place, **({"municipality": there[0].nis} if len(there) == 1 else {})} if place else {}
