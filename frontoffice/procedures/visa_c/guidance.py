"""The conditions of a visa C in plain words, what people must know while it is examined, and the facts that those who examine need at once."""

from collections.abc import Mapping
from datetime import date

from frontoffice.forms.conditions import answer
from frontoffice.kernel.i18n import mark as _
from frontoffice.procedures.competence import Competence
from frontoffice.procedures.shared.questions import EEA_AND_SWITZERLAND
from frontoffice.procedures.visa_c.competence import competence_of
from frontoffice.procedures.visa_c.facts import count_of, day_of, earliest_filing, is_late, passport_is_short, stay_of
from frontoffice.procedures.visa_c.person_pages import APPLICANT, READERS, is_family
from frontoffice.procedures.visa_c.stay_pages import needs_insurance
from frontoffice.procedures.vocabulary import Advice, KeyFact, Role, Rule

Values = Mapping[str, str]
_CODE = "Visa Code, Regulation (EC) 810/2009"
# The higher fees are not for children; somebody whose age is not known is told of them.
_is_twelve = ~answer("age_band").is_in("infant", "child")
_EXAMINERS = frozenset({Role.DIPLOMATIC_POST, Role.IMMIGRATION_OFFICE})


def _needs_visa(values: Values, today: date) -> bool | None:
    held = {values.get("nationality", ""), *values.get("other_nationalities", "").split()}
    return False if held & set(EEA_AND_SWITZERLAND) else None


def _short_enough(values: Values, today: date) -> bool | None:
    counted = count_of(values, today)
    return counted.fits if counted else None if stay_of(values) is None else False


def _not_too_early(values: Values, today: date) -> bool | None:
    arrival = day_of(values, "arrival_date")
    return earliest_filing(values, today).before(arrival) <= today if arrival else None


def _not_too_late(values: Values, today: date) -> bool | None:
    return not is_late(values, today) if values.get("arrival_date") else None


def _passport_lasts(values: Values, today: date) -> bool | None:
    return not passport_is_short(values, today) if values.get("departure_date") and values.get("passport_expires") else None


def _belgium_examines(values: Values, today: date) -> bool | None:
    outcome = competence_of(values)
    return isinstance(outcome, Competence) if outcome else None


RULES: tuple[Rule, ...] = (
    Rule(text=_("You need a visa for a short stay. Citizens of the European Union, Iceland, Liechtenstein, Norway and Switzerland need none, and those of some other "
                "countries neither: check the list."), met=_needs_visa, source="Regulation (EU) 2018/1806, annexes I and II"),
    Rule(text=_("You stay at most %(count)s days in any 180 days in the whole Schengen area; earlier stays count."), figure="visa-c-stay", met=_short_enough),
    Rule(text=_("Belgium is the only or the main destination of your journey, or the country where you enter when no country is the main one."),
         met=_belgium_examines, source="Visa Code, Regulation (EC) 810/2009, article 5"),
    Rule(text=_("You apply at most %(count)s months before the journey."), figure="visa-c-earliest-filing", category="general", met=_not_too_early),
    Rule(text=_("Seafarers on duty may apply %(count)s months before the journey."), figure="visa-c-earliest-filing", category="seafarer"),
    Rule(text=_("You apply at least %(count)s days before the journey; later only if it is urgent."), figure="visa-c-latest-filing", met=_not_too_late),
    Rule(text=_("Your travel document is valid for %(count)s months after you leave."), figure="visa-c-passport-margin", when=~is_family, met=_passport_lasts),
    Rule(text=_("Your travel document was issued in the last %(count)s years and has two empty pages."), figure="visa-c-passport-age", when=~is_family),
    Rule(text=_("Your travel medical insurance covers at least %(amount)s in the whole Schengen area."), figure="visa-c-insurance", when=needs_insurance),
    Rule(text=_("You prove the purpose, the accommodation, the means and that you will return. The list of documents of your country may ask for more."),
         when=~is_family, source="Visa Code, Regulation (EC) 810/2009, annex II"),
    Rule(text=_("Family members of an EU citizen who uses the right of free movement pay nothing and are helped faster, with fewer documents."),
         source="Directive 2004/38/EC, article 5"),
    Rule(text=_("Fingerprints and photo are taken in person the first time; fingerprints are used again for %(count)s months with the same travel document."),
         figure="visa-c-fingerprints-reuse"),
    Rule(text=_("The decision takes %(count)s days from the day the application is admissible."), figure="visa-c-decision-period"),
    Rule(text=_("In individual cases the decision takes up to %(count)s days."), figure="visa-c-longest-decision-period"),
    Rule(text=_("Nationals of some countries pay %(amount)s instead, by a decision of the Council of the European Union: ask the embassy or consulate."),
         figure="visa-c-fee-article-25a", category="first", when=_is_twelve),
    Rule(text=_("For some of these countries it is %(amount)s."), figure="visa-c-fee-article-25a", category="second", when=_is_twelve),
    Rule(text=_("Nationals of countries with a visa facilitation agreement pay less, %(amount)s as far as we know: ask the embassy or consulate."),
         figure="visa-c-fee-agreement"),
    Rule(text=_("Minors, holders of a diplomatic or service passport and young people at an event of a non-profit organisation may be exempt from the fee, and others "
                "for reasons of culture, sport, public interest or humanity: the embassy or consulate decides."),
         source="Visa Code, Regulation (EC) 810/2009, article 16"),
    Rule(text=_("A visa centre may ask a service fee on top, normally at most half of the fee for the visa."), source=_CODE),
)


def _states(text: str) -> frozenset[str]:
    return frozenset(text.split())


ADVICE: tuple[Advice, ...] = (
    Advice(states=_states("filed"), roles=APPLICANT, to_do=True, source=_CODE,
           text=_("Bring the travel document and the originals to the appointment. Pay the fee there, in the way the embassy or consulate says.")),
    Advice(states=_states("filed appointment inadmissible"), roles=APPLICANT, source=_CODE,
           text=_("The fee is not paid back if the visa is refused; it is when the application is inadmissible or another country decides.")),
    Advice(states=_states("filed appointment"), roles=APPLICANT, figure="visa-c-fingerprints-reuse",
           text=_("Fingerprints of the last %(count)s months, given with the same travel document, are used again. Otherwise you must come in person.")),
    Advice(states=_states("visa-exam stay-exam stay-complement"), roles=APPLICANT, figure="visa-c-longest-decision-period",
           text=_("In individual cases the examination takes up to %(count)s days.")),
    Advice(states=_states("visa-issued"), roles=APPLICANT, to_do=True, figure="arrival-report-short",
           text=_("If you do not stay in a hotel or on a camping site, report to the municipality where you stay within %(count)s working days of your arrival. "
                  "You can start this declaration of arrival here.")),
    Advice(states=_states("visa-issued"), roles=APPLICANT, source=_CODE,
           text=_("A visa gives no right to enter by itself: take the proof of accommodation, means, insurance and return with you.")),
    Advice(states=_states("refused"), roles=APPLICANT, source="Belgian embassy in Thailand, page on refusals and appeals", confidence="O",
           text=_("You may apply again at any time; there is no waiting time. The reasons are told to you alone, not to your host or guarantor.")),
    Advice(states=_states("refused"), roles=APPLICANT, source="Immigration Office, Council for Alien Law Litigation", confidence="O",
           text=_("Only you or your lawyer can appeal; a minor appeals through a parent or guardian. A guarantor or a relative cannot.")),
)

KEY_FACTS: tuple[KeyFact, ...] = (
    KeyFact(title=_("Applicant"), questions=("birth_date", "nationality", "document_type"), labelled=True, roles=_EXAMINERS),
    KeyFact(title=_("Passport"), questions=("passport_number", "passport_country", "passport_expires"), labelled=True, roles=_EXAMINERS),
    KeyFact(title=_("Family of an EU citizen"), questions=("eu_relation", "eu_citizen_surname", "eu_citizen_given_names", "eu_citizen_nationality"), roles=_EXAMINERS),
    KeyFact(title=_("Journey"), questions=("visit_purposes", "entries", "arrival_date", "departure_date"), labelled=True, roles=READERS),
    KeyFact(title=_("Why is it urgent?"), questions=("urgency_reason",), roles=_EXAMINERS),
    KeyFact(title=_("Visa issued"), questions=("visa_number", "valid_from", "valid_until", "days", "entries"), labelled=True, roles=APPLICANT, said_with="issue-visa"),
)
