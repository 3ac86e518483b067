"""What follows from the answers of a single permit: the competent Region, and what it makes of this category and this worker."""

from collections.abc import Mapping
from datetime import date

from frontoffice.forms.form import Values
from frontoffice.forms.partial_dates import read_partial, youngest_possible
from frontoffice.kernel.time import add_years
from frontoffice.procedures.single_permit.case import Case, Place, Workplace
from frontoffice.procedures.single_permit.categories import category
from frontoffice.procedures.single_permit.competence import Competence, Outcome, competent_region
from frontoffice.procedures.territory import Region

# The day, the competent Region, whether the worker is of age; whether the work is authorised or exempt, whether the labour
# market is tested first; and whether this is a first or a repeated application for the Region.
DERIVED = frozenset({"today", "competent_region", "worker_is_adult", "work_part", "labour_market_test", "work_kind"})


def case_of(values: Values) -> Case:
    """The facts that decide which Region is competent, from the answers given so far."""

    def place(stem: str) -> Place | None:
        code, nis = values.get(f"{stem}_postal_code", ""), values.get(f"{stem}_municipality", "")
        return Place(nis=nis, postal_code=code) if code or nis else None

    pattern, has_unit = values.get("work_pattern", "one"), values.get("has_unit") == "yes"
    workplaces = []
    for stem, share in (("workplace", 50 if pattern == "equal" else None), ("second", 50 if pattern == "equal" else None)):
        where = place(stem)
        if where and (stem == "workplace" or pattern != "one"):
            workplaces.append(Workplace(place=where, share=share, is_main=pattern == "main" and stem == "workplace",
                                        unit_number=values.get(f"{stem}_unit", "") if has_unit else ""))
    return Case(
        posted=values.get("posted") == "yes", receiving_entity=place("receiving") if values.get("posted") == "yes" else None,
        employer_has_belgian_unit=has_unit, registered_office=place("office") if values.get("has_office") == "yes" else None,
        workplaces=tuple(workplaces),
    )


def competence_of(values: Values) -> Outcome | None:
    """The outcome of the competence table; None while the answers that it looks at are missing."""
    needed = ("has_office", "has_unit", "posted", "work_pattern", "workplace_postal_code")
    return competent_region(case_of(values)) if all(values.get(name) for name in needed) else None


def region_of(values: Values) -> Region | None:
    """The competent Region, once the answers name one."""
    outcome = competence_of(values)
    return outcome.region if isinstance(outcome, Competence) else None


def derive(values: Values, today: date) -> Mapping[str, str]:
    """Facts that follow from the answers; what is not known yet is left out."""
    facts = {"today": today.isoformat()}
    # A birth date that is not whole is read in favour of the worker: as late as it may be.
    if latest := youngest_possible(read_partial(values.get("birth_date", ""))):
        facts["worker_is_adult"] = "yes" if add_years(latest, 18) <= today else "no"
    region = region_of(values)
    if region is None:
        return facts
    facts["competent_region"] = str(region)
    if found := category(values.get("category", "")):
        facts["work_part"] = "exemption" if region in found.exempt else "authorisation"
        facts["labour_market_test"] = "yes" if region in found.tested_in else "no"
    if kind := values.get("request_kind"):
        # A permit of another Region: renewal for the stay, but a first application for this Region (SPW, FAQ of the September 2024 reform).
        here = values.get("previous_region", str(region)) == str(region)
        facts["work_kind"] = "renewal" if kind == "renewal" and here else "first"
    return facts
