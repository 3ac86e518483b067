"""Declaration of arrival, annex 3: who comes for a short stay and does not sleep in a hotel reports to the municipality."""

from collections.abc import Mapping, Sequence
from datetime import date

from frontoffice.forms.conditions import answer
from frontoffice.forms.fields import Agreement, Choice, Day, Phone, Text, YesNo
from frontoffice.forms.form import Values
from frontoffice.kernel.errors import Problem
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.message import Message
from frontoffice.kernel.time import today as this_day
from frontoffice.procedures.competence import Competence, OtherDoor, Outcome, Used
from frontoffice.procedures.declaration_of_arrival.life import LIFE
from frontoffice.procedures.doors import DOORS
from frontoffice.procedures.figures import Figures
from frontoffice.procedures.shared.questions import (
    EEA_AND_SWITZERLAND,
    PERSON_FACTS,
    belgian_address,
    document_page,
    guardian_page,
    identity_pages,
    page,
    person_facts,
    zone_page,
)
from frontoffice.procedures.shared.steps import APPLICANT, TOWN
from frontoffice.procedures.territory import municipality
from frontoffice.procedures.vocabulary import Advice, Clock, DocumentRequirement, Fee, KeyFact, Milestone, Procedure, Remark, Role, Rule

_SEEN = APPLICANT | TOWN
_SOURCE = "Municipalities of Riemst and Dilsen-Stokkem, pages on the declaration of arrival"
_EUROPEANS = _("Citizens of the European Union get annex 3ter instead, within %(count)s working days, at the counter.")
_with_host = answer("stays_with").is_("host")


def _check_entry(values: Values, others: Values) -> Sequence[Problem]:
    entered, leaves, day = values["entered_on"], values["leaves_on"], others["today"]
    if entered > day:
        return [Problem("entered_on", _("This day has not come yet: check the date"))]
    if leaves < entered:
        return [Problem("leaves_on", _("You leave before you arrive: check both dates"))]
    return []


PAGES = (
    page("stay", "stay", _("Where do you stay?"),
         Choice(name="stays_with", label=_("With whom do you stay?"), choices=(
             ("host", _("With a private person"), ""), ("rented", _("In a place that I rent"), ""),
             ("hotel", _("In a hotel, a youth hostel or on a camping site"), _("Then the keeper reports you; you need not do anything.")))),
         Text(name="host_name", label=_("Name of the person"), when=_with_host), Phone(name="host_phone", label=_("Telephone of the person"), optional=True, when=_with_host),
         *belgian_address("stay"), by=APPLICANT, seen_by=_SEEN),
    page("entry", "stay", _("Your journey"),
         Day(name="entered_on", label=_("On which day did you arrive in Belgium?"), read_as=_("In Belgium since")),
         Day(name="leaves_on", label=_("On which day do you plan to leave?")),
         YesNo(name="has_visa", label=_("Did you need a visa?")), Text(name="visa_number", label=_("Number of the visa"), longest=20, when=answer("has_visa").is_("yes")),
         Day(name="visa_until", label=_("Visa valid until"), when=answer("has_visa").is_("yes")),
         Text(name="commitment_number", label=_("Number of the guarantor's commitment"), longest=20, optional=True,
              hint=_("Only if somebody signed annex 3bis for you here, such as GS-2026-0000123-4.")),
         by=APPLICANT, seen_by=_SEEN, check=_check_entry),
    zone_page("person", by=APPLICANT, seen_by=_SEEN), *identity_pages("person", by=APPLICANT, seen_by=_SEEN, refuse_eea=False),
    document_page("person", by=APPLICANT, seen_by=_SEEN), guardian_page("person", by=APPLICANT, seen_by=_SEEN),
    page("statements", "person", _("Statement"),
         Agreement(name="states_truth", label=_("I declare that what I answered is true and complete.")), by=APPLICANT, seen_by=_SEEN),
)


def _for_europeans(values: Values) -> OtherDoor:
    figure = Figures.at(date.fromisoformat(values["today"]) if values.get("today") else this_day()).get("arrival-report-european")
    return OtherDoor(row=2, title=Message(DOORS["service-of-the-municipality"].title), page="arrival", page_to_correct="birth", source=figure.source, confidence=figure.confidence,
                     what_to_do=Message(_EUROPEANS, {"count": figure.count}))


def competent(values: Values) -> Outcome | None:
    """The municipality of the address; nobody when the stay is in a hotel; its counter for citizens of the European Union."""
    if values.get("stays_with") == "hotel":
        return OtherDoor(row=1, title=Message(_("You need not report")), page="arrival", page_to_correct="stay", source=_SOURCE, confidence="O",
                         what_to_do=Message(_("The keeper of the hotel or camping site reports its guests. You need no declaration of arrival.")))
    if values.get("nationality") in EEA_AND_SWITZERLAND:
        return _for_europeans(values)
    place = municipality(values.get("stay_municipality", ""))
    if place is None:
        return None
    used = (Used(name="stay_municipality", label=_("Municipality"), value=Message("%(name)s", {"name": place.names})),)
    return Competence(authority=f"municipality-{place.nis}", role=Role.MUNICIPALITY, rows=(1,), answers=used, source=_SOURCE, confidence="O",
                      reason=Message(_("You report to the municipality where you stay: %(name)s."), {"name": place.names}))


def derive(values: Values, today: date) -> Mapping[str, str]:
    """The facts of a person, and whether the declaration comes late."""
    facts = person_facts(values, today)
    if entered := values.get("entered_on"):
        last = Figures.at(today).get("arrival-report-short").after(date.fromisoformat(entered))
        facts["late"] = "yes" if today > last else "no"
    return facts


def remarks(values: Values, today: date) -> list[Remark]:
    """Late declarations, stays that are too long, and days beyond the visa; none of it stops the declaration."""
    figures, found = Figures.at(today), []
    report, longest = figures.get("arrival-report-short"), figures.get("visa-c-stay")
    if values.get("entered_on"):
        last = report.after(date.fromisoformat(values["entered_on"]))
        if today > last:
            text = _("You should have reported by %(day)s. Declare your arrival all the same, today, and tell the municipality why it is late.")
            found.append(Remark("entered_on", Message(text, {"day": last}), report.source, report.confidence, doubtful=True))
    if values.get("entered_on") and values.get("leaves_on"):
        days = (date.fromisoformat(values["leaves_on"]) - date.fromisoformat(values["entered_on"])).days + 1
        if days > longest.count:
            text = _("A short stay lasts at most %(count)s days within 180 days. You would stay %(days)s days: ask the municipality what you need.")
            found.append(Remark("leaves_on", Message(text, {"count": longest.count, "days": days}), longest.source, longest.confidence, doubtful=True))
    if values.get("visa_until") and values.get("leaves_on", "") > values["visa_until"]:
        text = _("Your visa ends on %(day)s, before the day on which you plan to leave.")
        found.append(Remark("leaves_on", Message(text, {"day": date.fromisoformat(values["visa_until"])}), _SOURCE, "O", doubtful=True))
    return found


DECLARATION_OF_ARRIVAL = Procedure(
    code="declaration-of-arrival", edition="2026-11", valid_from=date(2026, 11, 21), prefix="DA",
    title=_("Declaration of arrival"), legal_basis=_("Royal Decree of 8 October 1981"), information="arrival",
    summary=_("Visitors who stay for up to 90 days with a private person or in a rented place report to the municipality, and get annex 3."),
    decides=_("The municipality where you stay issues annex 3."),
    filed_by=APPLICANT, life=LIFE, sections=(("stay", _("Your stay")), ("person", _("You"))), pages=PAGES,
    documents=(
        DocumentRequirement(code="passport", title=_("Passport, page with the photo"), by=APPLICANT, seen_by=_SEEN, hint=_("And the page with the stamp of entry, if there is one."),
                            source=_SOURCE, confidence="O"),
        DocumentRequirement(code="visa", title=_("Visa"), by=APPLICANT, seen_by=_SEEN, when=answer("has_visa").is_("yes"), source=_SOURCE, confidence="O"),
        DocumentRequirement(code="photo", title=_("Passport photo"), by=APPLICANT, seen_by=_SEEN, required=False, hint=_("Or bring one to the municipality."),
                            source=_SOURCE, confidence="O"),
        DocumentRequirement(code="other", title=_("Another document"), by=APPLICANT, seen_by=_SEEN, required=False),
    ),
    clocks=(
        Clock(code="complement", title=_("Time to send the document"), starts=frozenset({"ask-documents"}), stops=frozenset({"complete", "withdraw"}),
              figure="complement-period", on_expiry=_("The municipality goes on with what it has.")),
    ),
    fees=(Fee(code="arrival-charge", title=_("Declaration of arrival"), figure="arrival-charge", payer=_("You"),
              where=_("At the municipality, which sets the amount; some ask nothing")),),
    derive=derive, derived=PERSON_FACTS | {"late"}, competent=competent, remarks=remarks,
    rules=(
        Rule(text=_("Report within %(count)s working days of your arrival in Belgium."), figure="arrival-report-short"),
        Rule(text=_("The stay lasts at most %(count)s days within 180 days."), figure="visa-c-stay"),
        Rule(text=_("Guests of hotels, youth hostels and camping sites need not report: the keeper does it."), source=_SOURCE, confidence="O"),
        Rule(text=_EUROPEANS, figure="arrival-report-european"),
    ),
    milestones=(
        Milestone(title=_("Declared"), states=frozenset({"declared"}), role=Role.APPLICANT),
        Milestone(title=_("Passport checked in person"), states=frozenset({"checked-in"}), role=Role.MUNICIPALITY),
        Milestone(title=_("Annex 3 issued"), states=frozenset({"annex-3"}), role=Role.MUNICIPALITY),
    ),
    appeals={},
    advice=(
        Advice(states=frozenset({"declared"}), roles=APPLICANT, to_do=True, figure="arrival-report-short",
               text=_("Report in person to your municipality within %(count)s working days of your arrival, with your passport.")),
        Advice(states=frozenset({"annex-3"}), roles=APPLICANT, source="Municipality of Langemark-Poelkapelle and municipality of Riemst, pages on the declaration of arrival",
               confidence="O", text=_("When you leave Belgium, hand annex 3 back to the municipality or report the day of your departure.")),
    ),
    key_facts=(
        KeyFact(title=_("Person"), questions=("birth_date", "nationality"), labelled=True, roles=TOWN),
        KeyFact(title=_("Passport"), questions=("passport_number", "passport_country", "passport_expires"), labelled=True, roles=TOWN),
        KeyFact(title=_("Stay"), questions=("entered_on", "leaves_on", "visa_number", "visa_until", "commitment_number"), labelled=True, roles=TOWN),
        KeyFact(title=_("Address in Belgium"), questions=("stay_street", "stay_postal_code", "stay_municipality", "host_name"), roles=TOWN),
    ),
)

