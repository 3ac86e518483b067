"""The answers that decide which Region is competent, and how they are shown to the reader."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from frontoffice.forms.identifiers import show_unit_number
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.message import Message
from frontoffice.procedures.competence import Used
from frontoffice.procedures.territory import (
    Municipality,
    Region,
    municipalities_of,
    municipality,
    region_of_postal_code,
)


@dataclass(frozen=True, kw_only=True)
class Place:
    """An address in Belgium, as far as it matters here: the NIS code counts first, then the postal code."""

    nis: str = ""
    postal_code: str = ""

    def municipality(self) -> Municipality | None:
        """The municipality, when the NIS code or a postal code that is not shared tells it."""
        if found := municipality(self.nis):
            return found
        sharing = municipalities_of(self.postal_code)
        return sharing[0] if len(sharing) == 1 else None

    def region(self) -> Region | None:
        """The Region in which the place lies; a shared postal code never lies in two."""
        found = self.municipality()
        return found.region if found else region_of_postal_code(self.postal_code)


@dataclass(frozen=True, kw_only=True)
class Workplace:
    """Where the worker works: `share` in percent of the time, `unit_number` when it is a unit of the employer."""

    place: Place
    share: int | None = None
    is_main: bool = False
    unit_number: str = ""


@dataclass(frozen=True, kw_only=True)
class Case:
    """The answers that decide; `registered_office` and `receiving_entity` only when they are in Belgium."""

    self_employed: bool = False
    unlimited: bool = False
    frontier_or_telework_abroad: bool = False
    posted: bool = False
    receiving_entity: Place | None = None
    employer_has_belgian_unit: bool = True
    registered_office: Place | None = None
    workplaces: Sequence[Workplace] = ()
    worker_residence: Place | None = None


_LABELS: Mapping[str, str] = {
    "self_employed": _("Self-employed activity"),
    "unlimited": _("Permit of unlimited duration"),
    "frontier_or_telework_abroad": _("Frontier worker, or telework from abroad"),
    "posted": _("Posted worker"),
    "receiving_entity": _("Receiving entity in Belgium"),
    "employer_has_belgian_unit": _("Establishment unit in Belgium"),
    "registered_office": _("Registered office"),
    "workplaces": _("Place of work"),
}


def yes(name: str) -> Used:
    """The answer of that name was yes."""
    return Used(name=name, label=_LABELS[name], value=Message(_("Yes")))


def no(name: str) -> Used:
    """The answer of that name was no."""
    return Used(name=name, label=_LABELS[name], value=Message(_("No")))


def at(name: str, place: Place) -> Used:
    """The answer of that name was an address."""
    return Used(name=name, label=_LABELS[name], value=_shown(place))


def worked_at(case: Case) -> tuple[Used, ...]:
    """Each workplace with what the rules look at: place, share, unit, whether it is called the main one."""
    used = []
    for one in case.workplaces:
        value = _shown(one.place)
        if one.unit_number:
            value = Message(
                _("%(place)s, establishment unit %(unit)s"), {"place": value, "unit": show_unit_number(one.unit_number)}
            )
        if one.share is not None:
            value = Message(_("%(place)s, %(share)s%% of the time"), {"place": value, "share": one.share})
        if one.is_main:
            value = Message(_("%(place)s, main workplace"), {"place": value})
        used.append(Used(name="workplaces", label=_LABELS["workplaces"], value=value))
    return tuple(used)


def _shown(place: Place) -> Message:
    found = place.municipality()
    if found is None:
        return Message("%(code)s", {"code": place.postal_code or place.nis})
    if place.postal_code:
        return Message("%(code)s %(name)s", {"code": place.postal_code, "name": found.names})
    return Message("%(name)s", {"name": found.names})
