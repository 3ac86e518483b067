"""Facts that follow from the answers: age, days asked and left, urgency, fingerprints, the State that examines."""

from collections.abc import Mapping
from datetime import date

from frontoffice.kernel.time import add_months
from frontoffice.procedures.figures import Figure, Figures
from frontoffice.procedures.shared.questions import PERSON_FACTS, age_at_most, person_facts
from frontoffice.procedures.visa_c.competence import destination_of
from frontoffice.procedures.visa_c.ninety_days import Count, Stay, count
from frontoffice.procedures.visa_c.schengen import BELGIUM

Values = Mapping[str, str]

EARLIER_STAYS = 4
FACTS = PERSON_FACTS | {"age_band", "examining_state", "asks_other_state", "stay_days", "stay_days_allowed", "urgent", "biometrics", "commitment_expected"}


def derive(values: Values, today: date) -> dict[str, str]:
    """Every fact of this procedure that can be known from these answers on that day."""
    facts = person_facts(values, today)
    if born := values.get("birth_date"):
        facts["age_band"] = age_band(age_at_most(born, today), today)
    if found := destination_of(values):
        facts["examining_state"] = BELGIUM if found.is_belgian else found.state
        facts["asks_other_state"] = "no" if found.is_belgian else "yes"
    if stay := stay_of(values):
        facts["stay_days"] = str(stay.length)
    if counted := count_of(values, today):
        facts["stay_days_allowed"] = str(counted.allowed)
    facts["urgent"] = "yes" if is_late(values, today) or passport_is_short(values, today) else "no"
    facts["commitment_expected"] = "yes" if _host_pays(values) else "no"
    facts["biometrics"] = biometrics(values, today)
    return facts


def age_band(age: int, today: date) -> str:
    """The group by age on which fees and exemptions depend: `infant`, `child`, `minor`, `young` or `older`."""
    return next((band for band in ("infant", "child", "minor", "young") if age < Figures.at(today).get("visa-c-age-below", category=band).count), "older")


def day_of(values: Values, name: str) -> date | None:
    """The day that was answered, if it was."""
    return date.fromisoformat(values[name]) if values.get(name) else None


def stay_of(values: Values) -> Stay | None:
    """The stay that is asked, from the day of arrival to the day of departure."""
    first, last = day_of(values, "arrival_date"), day_of(values, "departure_date")
    return Stay(first, last) if first and last and first <= last else None


def earlier_stays(values: Values) -> list[Stay]:
    """The stays in the Schengen area that were told, whole ones only."""
    found = []
    for number in range(1, EARLIER_STAYS + 1):
        first, last = day_of(values, f"earlier_{number}_entry"), day_of(values, f"earlier_{number}_exit")
        if first and last and first <= last:
            found.append(Stay(first, last))
    return found


def count_of(values: Values, today: date) -> Count | None:
    """The stay that is asked counted day by day, unless it is longer than any visa of this kind."""
    stay, figures = stay_of(values), Figures.at(today)
    most, window = figures.get("visa-c-stay").count, figures.get("visa-c-stay-window").count
    return count(earlier_stays(values), stay, most=most, window=window) if stay and stay.length <= window else None


def earliest_filing(values: Values, today: date) -> Figure:
    """How long before the arrival one may file."""
    return Figures.at(today).get("visa-c-earliest-filing", category="seafarer" if values.get("seafarer") == "yes" else "general")


def is_late(values: Values, today: date) -> bool:
    """Whether fewer days are left before the arrival than the post needs as a rule."""
    arrival = day_of(values, "arrival_date")
    return arrival is not None and (arrival - today).days < Figures.at(today).get("visa-c-latest-filing").count


def passport_is_short(values: Values, today: date) -> bool:
    """Whether the travel document ends sooner after the departure than the Visa Code wants; not asked of family of EU citizens."""
    departure, expires = day_of(values, "departure_date"), day_of(values, "passport_expires")
    if not (departure and expires) or values.get("eu_family") == "yes":
        return False
    return expires < add_months(departure, Figures.at(today).get("visa-c-passport-margin").count)


def biometrics(values: Values, today: date) -> str:
    """Whether fingerprints must be given at the post: `needed`, `not-needed`, `exempt` by age, or `ask` when the day of the last ones is not known."""
    born, figures = values.get("birth_date"), Figures.at(today)
    if figures.get("visa-c-fingerprints", age=age_at_most(born, today) if born else None).value == "exempt":
        return "exempt"
    if values.get("fingerprints_given") != "yes" or values.get("fingerprints_same_passport") != "yes":
        return "needed"
    taken = day_of(values, "fingerprints_date")
    if taken is None:
        return "ask"
    return "not-needed" if today <= add_months(taken, figures.get("visa-c-fingerprints-reuse").count) else "needed"


def _host_pays(values: Values) -> bool:
    """Whether a person who invites pays: only a person can sign annex 3bis."""
    return "sponsor" in values.get("costs_by", "").split() and values.get("sponsor_kind") == "inviting-person"
