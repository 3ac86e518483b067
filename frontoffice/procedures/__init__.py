"""What the law says, as values; every procedure and every edition is listed here by hand."""

from datetime import date
from functools import cache

from frontoffice.procedures.declaration_of_arrival.definition import DECLARATION_OF_ARRIVAL
from frontoffice.procedures.figures import Figures
from frontoffice.procedures.guarantee.short_stay import GUARANTEE_SHORT_STAY
from frontoffice.procedures.guarantee.study import GUARANTEE_STUDY
from frontoffice.procedures.single_permit.definition import SINGLE_PERMIT, SINGLE_PERMIT_RECAST
from frontoffice.procedures.unlimited_permit.definition import UNLIMITED_PERMIT
from frontoffice.procedures.visa_c.definition import VISA_C
from frontoffice.procedures.visa_d.au_pair import VISA_D_AU_PAIR
from frontoffice.procedures.visa_d.family import VISA_D_FAMILY
from frontoffice.procedures.visa_d.humanitarian import VISA_D_HUMANITARIAN
from frontoffice.procedures.visa_d.marriage import VISA_D_MARRIAGE
from frontoffice.procedures.visa_d.researcher import VISA_D_RESEARCHER
from frontoffice.procedures.visa_d.study import VISA_D_STUDY
from frontoffice.procedures.visa_d.working_holiday import VISA_D_WORKING_HOLIDAY
from frontoffice.procedures.vocabulary import Procedure
from frontoffice.procedures.work_authorisation.definition import WORK_AUTHORISATION

EDITIONS: tuple[Procedure, ...] = (
    SINGLE_PERMIT, SINGLE_PERMIT_RECAST, UNLIMITED_PERMIT, WORK_AUTHORISATION,
    VISA_C,
    VISA_D_FAMILY,
    VISA_D_STUDY, VISA_D_RESEARCHER, VISA_D_AU_PAIR, VISA_D_WORKING_HOLIDAY, VISA_D_MARRIAGE, VISA_D_HUMANITARIAN,
    GUARANTEE_SHORT_STAY, GUARANTEE_STUDY,
    DECLARATION_OF_ARRIVAL,
)


@cache
def edition_of(code: str, edition: str) -> Procedure:
    """The procedure as released under that edition; raises LookupError."""
    for one in EDITIONS:
        if (one.code, one.edition) == (code, edition):
            return one
    raise LookupError(f"{code} {edition}")


def in_force(code: str, day: date) -> Procedure:
    """The edition in force on a day; raises LookupError when there is none yet. An edition that awaits a switch counts once that is on."""
    known = [one for one in EDITIONS if one.code == code and one.valid_from <= day and (not one.awaits or is_on(one.awaits, day))]
    if not known:
        raise LookupError(f"{code} on {day}")
    return max(known, key=lambda one: one.valid_from)


def every_in_force(day: date) -> list[Procedure]:
    """The edition in force of each procedure, in the order of the list."""
    return [in_force(code, day) for code in dict.fromkeys(one.code for one in EDITIONS if one.valid_from <= day and not one.awaits)]


def is_on(switch: str, day: date) -> bool:
    """Whether a rule set that waits behind a switch is in force: the figure of that code says "on"."""
    found = Figures.at(day).find(switch)
    return found is not None and found.value == "on"
