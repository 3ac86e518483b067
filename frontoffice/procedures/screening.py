"""Questions before a dossier is begun, which lead people to the right door: rows 1, 2 and 9 of the competence table."""

from collections.abc import Mapping

from frontoffice.forms.fields import Choice, Field
from frontoffice.forms.form import Form, Reading
from frontoffice.kernel.i18n import mark as _
from frontoffice.procedures.single_permit.competence import Case, OtherDoor, competent_region

SCREENING: tuple[Field, ...] = (
    Choice(name="activity", label=_("How will the person work?"), choices=(
        ("employee", _("As an employee"), ""), ("self-employed", _("As a self-employed person"), ""))),
    Choice(name="stay", label=_("Where will the person live?"), choices=(
        ("belgium", _("In Belgium, for more than 90 days"), ""),
        ("elsewhere", _("Abroad: as a frontier worker, or by telework for a Belgian employer"), ""))),
    Choice(name="duration", label=_("Which permit is it?"), choices=(
        ("first", _("A permit for a fixed time, the first one with this employer"), ""),
        ("unlimited", _("A permit for an unlimited time"), _("After some years of work in Belgium.")))),
)


def door(raw: Mapping[str, str]) -> tuple[Reading, OtherDoor | None]:
    """What was answered, and the other door when this is not the right one."""
    reading = Form(fields=SCREENING).read(raw, {})
    values = reading.values
    case = Case(self_employed=values.get("activity") == "self-employed", unlimited=values.get("duration") == "unlimited",
                frontier_or_telework_abroad=values.get("stay") == "elsewhere")
    outcome = competent_region(case)
    return reading, outcome if isinstance(outcome, OtherDoor) and not reading.problems else None
