"""Which Region is competent for a single permit, and why: the ordered table of rows 1 to 10, as one pure function.

Sources of the rows are named in SOURCES. Posting is looked at before the employer's own units, because a posted worker
is not employed at a unit of the employer; everything else follows the order of the table.
"""

from collections.abc import Callable, Mapping, Sequence

from frontoffice.forms.identifiers import show_unit_number
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.message import Message, Param
from frontoffice.procedures.competence import AskAPerson, Competence, OtherDoor, Outcome, Used
from frontoffice.procedures.single_permit.case import Case, Place, Workplace, at, no, worked_at, yes
from frontoffice.procedures.territory import REGION_TITLES, Region

__all__ = [
    "SOURCES",
    "AskAPerson",
    "Case",
    "Competence",
    "OtherDoor",
    "Outcome",
    "Place",
    "Used",
    "Workplace",
    "competent_region",
]

_COUNTER = "One-Stop Counter, Working in Belgium (acceptance site, home page), 2025-26"
_AGENCIES = "Baker McKenzie, key government agencies; vreemdelingenrecht.be, how to apply"

# Row: source and confidence, as the domain notes mark them.
SOURCES: Mapping[int, tuple[str, str]] = {
    1: ("Official page on the professional card", "O"),
    2: (_COUNTER, "O"),
    3: (f"WSE, news item on the launch of the single counter, 2021; {_AGENCIES}", "O"),
    4: (_AGENCIES, "P"),
    5: (_AGENCIES, "P"),
    6: (_AGENCIES, "P"),
    7: (_AGENCIES, "P"),
    8: ("No source found; general knowledge", "U"),
    9: ("No source found; general knowledge", "U"),
    10: ("Ministry of the German-speaking Community and ADG, pages on work permits", "O"),
}


_ROW_6 = _("The worker is posted to an entity in Belgium: the place where that entity is established counts.")
_CONTRADICTION = _("The workplace that is called the main one is not the one where most of the time is worked.")


def competent_region(case: Case) -> Outcome:
    """The Region that is competent for this case, the door to knock on instead, or why a person must look at it."""
    if door := _other_door(case):
        return door
    if case.posted and case.receiving_entity:
        return _competent(
            6, case.receiving_entity, _ROW_6, (yes("posted"), at("receiving_entity", case.receiving_entity))
        )
    if case.employer_has_belgian_unit:
        return _own_unit(case)
    if case.registered_office:
        used = (no("employer_has_belgian_unit"), at("registered_office", case.registered_office))
        return _ask(
            5,
            _("The employer has a registered office in Belgium but no establishment unit. No rule covers this."),
            used,
        )
    return _no_unit(case)


def _other_door(case: Case) -> OtherDoor | None:
    """Rows 1, 2 and 9."""
    if case.self_employed:
        return _door(
            1,
            _("Professional card"),
            _(
                "A self-employed activity needs a professional card, not a single permit. Apply to the "
                "Region where the business is or will be."
            ),
            yes("self_employed"),
        )
    if case.unlimited:
        region = case.worker_residence.region() if case.worker_residence else None
        where = REGION_TITLES[region] if region else _("Region where the worker lives")
        return _door(
            2,
            _("Single permit of unlimited duration"),
            _("The worker applies, not the employer, to the authority of the place where he or she lives: %(region)s."),
            yes("unlimited"),
            region=Message(where),
        )
    if case.frontier_or_telework_abroad:
        return _door(
            9,
            _("Work authorisation without residence"),
            _(
                "Someone who keeps living abroad needs a work authorisation only, and no residence permit. "
                "The employer applies in the one-stop counter."
            ),
            yes("frontier_or_telework_abroad"),
        )
    return None


def _own_unit(case: Case) -> Outcome:
    """Rows 3 to 5: the employer has at least one establishment unit in Belgium."""
    units = {one.unit_number: one for one in case.workplaces if one.unit_number}
    if not units:
        used = (yes("employer_has_belgian_unit"), *worked_at(case))
        return _ask(3, _("It is not known at which establishment unit of the employer the worker is employed."), used)
    if len(units) == 1:
        number, only = next(iter(units.items()))
        text = _(
            "The worker is employed at one establishment unit of the employer in Belgium, %(unit)s: the "
            "place of that unit counts."
        )
        return _competent(3, only.place, text, worked_at(case), unit=show_unit_number(number))
    mains = _mains(case.workplaces, lambda one: one.unit_number)
    if len(mains) > 1:
        return _ask(4, _CONTRADICTION, worked_at(case))
    if mains and mains[0].unit_number:
        text = _(
            "The worker is employed at several establishment units and mainly at %(unit)s: the place of "
            "that unit counts."
        )
        return _competent(4, mains[0].place, text, worked_at(case), unit=show_unit_number(mains[0].unit_number))
    if case.registered_office is None:
        return _ask(
            5,
            _("No workplace is the main one, and the employer's registered office in Belgium is not known."),
            worked_at(case),
        )
    text = _(
        "The worker is employed at several places and none is the main one: the registered office of the "
        "employer counts."
    )
    return _competent(
        5, case.registered_office, text, (*worked_at(case), at("registered_office", case.registered_office))
    )


def _no_unit(case: Case) -> Outcome:
    """Rows 7 and 8: the employer has neither a registered office nor an establishment unit in Belgium."""
    used = (no("employer_has_belgian_unit"), *worked_at(case))
    if not case.workplaces:
        return _ask(7, _("The employer has no establishment in Belgium and no workplace is known."), used)
    regions = {one.place.region() for one in case.workplaces}
    if len(regions) == 1:
        text = _(
            "The employer has no registered office and no establishment unit in Belgium: the place where "
            "the work is done counts."
        )
        return _competent(7, case.workplaces[0].place, text, used)
    mains = _mains(case.workplaces, lambda one: one.place)
    if len(mains) == 1:
        text = _(
            "The employer has no establishment in Belgium and the work is done in several Regions: the "
            "main workplace counts."
        )
        return _competent(8, mains[0].place, text, used)
    equal = _(
        "The employer has no establishment in Belgium, the work is done in several Regions, and no "
        "workplace is the main one."
    )
    return _ask(8, _CONTRADICTION if mains else equal, used)


def _mains(workplaces: Sequence[Workplace], same: Callable[[Workplace], object]) -> list[Workplace]:
    """The workplaces named as main: the one called so and the one with most of the time; one when they agree."""
    shares: dict[object, int] = {}
    for one in workplaces:
        shares[same(one)] = shares.get(same(one), 0) + (one.share or 0)
    called = {same(one): one for one in workplaces if one.is_main}
    most = {same(one): one for one in workplaces if shares[same(one)] > 50}
    # Two places that are both called the main one are as good as none.
    return list({**(called if len(called) == 1 else {}), **most}.values())


def _competent(row: int, place: Place, text: str, used: tuple[Used, ...], **params: Param) -> Outcome:
    """The Region of the place that counts; row 10 when that is the German-speaking Community."""
    region, found = place.region(), place.municipality()
    if region is None:
        return _ask(row, _("The municipality of the place that counts is not known: check its postal code."), used)
    rows = (row, 10) if region is Region.GERMAN_SPEAKING_COMMUNITY else (row,)
    if found is None:
        lies_in = Message(
            _("The postal code %(postal_code)s lies in the %(region)s."),
            {"postal_code": place.postal_code, "region": Message(REGION_TITLES[region])},
        )
    elif region is Region.GERMAN_SPEAKING_COMMUNITY:
        lies_in = Message(
            _(
                "%(municipality)s is one of the nine municipalities for which the German-speaking "
                "Community decides instead of the Walloon Region."
            ),
            {"municipality": found.names},
        )
    else:
        lies_in = Message(
            _("%(municipality)s lies in the %(region)s."),
            {"municipality": found.names, "region": Message(REGION_TITLES[region])},
        )
    source = "; ".join(SOURCES[one][0] for one in rows)
    return Competence(
        authority=str(region), rows=rows, reason=Message(text, params), lies_in=lies_in,
        answers=used, source=source, confidence=SOURCES[row][1],
    )  # fmt: skip


def _ask(row: int, reason: str, used: tuple[Used, ...]) -> AskAPerson:
    source, confidence = SOURCES[row]
    return AskAPerson(row=row, about="workplace", reason=Message(reason), answers=used, source=source, confidence=confidence)


def _door(row: int, title: str, what_to_do: str, used: Used, **params: Param) -> OtherDoor:
    source, confidence = SOURCES[row]
    return OtherDoor(
        row=row, page="other-doors",
        title=Message(title),
        what_to_do=Message(what_to_do, params),
        answers=(used,),
        source=source,
        confidence=confidence,
    )
