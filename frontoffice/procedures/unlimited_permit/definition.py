"""Single permit of unlimited duration: filed by the worker, with the Region where he or she lives, after some years of authorised work."""

from collections.abc import Mapping, Sequence
from datetime import date

from frontoffice.forms.conditions import answer
from frontoffice.forms.fields import Agreement, Choice, Day, Email, Field, Number, Option, Phone, Text, YesNo
from frontoffice.forms.form import Values
from frontoffice.kernel.errors import Problem
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.message import Message
from frontoffice.kernel.time import add_months
from frontoffice.procedures.competence import AskAPerson, Competence, Outcome, Used
from frontoffice.procedures.figures import Figures
from frontoffice.procedures.shared.questions import PERSON_FACTS, belgian_address, document_page, identity_pages, page, person_facts, zone_page
from frontoffice.procedures.shared.steps import APPLICANT, OFFICE, REGION, TOWN
from frontoffice.procedures.single_permit.case import Place, at
from frontoffice.procedures.single_permit.competence import SOURCES
from frontoffice.procedures.territory import REGION_TITLES, Region
from frontoffice.procedures.unlimited_permit.life import LIFE
from frontoffice.procedures.vocabulary import (
    AUTHORITIES,
    Advice,
    AppealRoute,
    Clock,
    DocumentRequirement,
    Fee,
    KeyFact,
    Milestone,
    Procedure,
    Remark,
    Role,
    Rule,
)

_SEEN = APPLICANT | AUTHORITIES
_APPENDICES = "Brussels Economy and Employment, lists of appendices"
_SPW = "SPW, unlimited forms page"
_REGIONS: tuple[Option, ...] = tuple((str(code), title, "") for code, title in REGION_TITLES.items())
_MOST_PERMITS = 5
_region = answer("competent_region")
_YEARS = "unlimited-years-of-work"


def _permits() -> tuple[Field, ...]:
    """The authorisations to work so far, the newest first; the second and later ones may be left empty."""
    found: list[Field] = []
    for index in range(1, _MOST_PERMITS + 1):
        more = index > 1
        found += [
            Text(name=f"permit{index}_employer", label=_("Employer"), optional=more), Choice(name=f"permit{index}_region", label=_("Region"), choices=_REGIONS, optional=more),
            Day(name=f"permit{index}_from", label=_("Authorised from"), optional=more), Day(name=f"permit{index}_until", label=_("Authorised until"), optional=more),
        ]
    return tuple(found)


def _check_permits(values: Values, _others: Values) -> Sequence[Problem]:
    problems = []
    for index in range(1, _MOST_PERMITS + 1):
        start, end = values.get(f"permit{index}_from"), values.get(f"permit{index}_until")
        if bool(start) != bool(end):
            problems.append(Problem(f"permit{index}_until" if start else f"permit{index}_from", _("Give both days, the first and the last")))
        elif start and end and end < start:
            problems.append(Problem(f"permit{index}_until", _("The last day comes after the first day")))
    return problems


PAGES = (
    zone_page("person", by=APPLICANT, seen_by=_SEEN), *identity_pages("person", by=APPLICANT, seen_by=_SEEN), document_page("person", by=APPLICANT, seen_by=_SEEN),
    page("home", "person", _("Where do you live, and how can we reach you?"), *belgian_address("home"),
         Email(name="person_email", label=_("E-mail address")), Phone(name="person_phone", label=_("Telephone"), optional=True), by=APPLICANT, seen_by=_SEEN),
    page("card", "work", _("Your residence permit"),
         Choice(name="present_card", label=_("Which card do you have?"), choices=(
             ("A", _("Card A: limited stay"), ""), ("H", _("Card H: EU Blue Card"), ""), ("other", _("Another card"), ""))),
         Text(name="card_number", label=_("Number of the card"), longest=20), Day(name="card_until", label=_("Valid until")),
         YesNo(name="other_state_long_term", label=_("Are you a long-term resident of another Member State?")), by=APPLICANT, seen_by=_SEEN),
    page("permits", "work", _("For which employers were you allowed to work?"), *_permits(), by=APPLICANT, seen_by=_SEEN, check=_check_permits,
         intro=_("The newest first. You find the dates on your authorisations or annexes 46.")),
    page("present-work", "work", _("Your work now"), YesNo(name="works_now", label=_("Do you work now?")),
         Text(name="present_employer", label=_("Employer"), when=answer("works_now").is_("yes")),
         Number(name="months_without_work", label=_("Months without work during these years"), optional=True, most=600, width=4, inputmode="numeric"), by=APPLICANT, seen_by=_SEEN),
    page("statements", "work", _("Statement"), Agreement(name="states_truth", label=_("I declare that what I answered is true and complete.")), by=APPLICANT, seen_by=_SEEN),
)


def competent(values: Values) -> Outcome | None:
    """The Region in which the worker lives: row 2 of the table of the single permit, with row 10."""
    place = Place(nis=values.get("home_municipality", ""), postal_code=values.get("home_postal_code", ""))
    if not place.postal_code:
        return None
    region, source = place.region(), SOURCES[2]
    used = (Used(name="home", label=_("Address in Belgium"), value=at("registered_office", place).value),)
    if region is None:
        return AskAPerson(row=2, reason=Message(_("The municipality of the place that counts is not known: check its postal code.")), about="home", answers=used,
                          source=source[0], confidence=source[1])
    rows = (2, 10) if region is Region.GERMAN_SPEAKING_COMMUNITY else (2,)
    return Competence(authority=str(region), rows=rows, answers=used, source=source[0], confidence=source[1],
                      reason=Message(_("You apply to the authority of the place where you live: %(region)s."), {"region": Message(REGION_TITLES[region])}))


def months_of_work(values: Values, today: date) -> int:
    """Whole months covered by the authorisations until today; overlapping days count once."""
    days: set[int] = set()
    for index in range(1, _MOST_PERMITS + 1):
        start, end = values.get(f"permit{index}_from"), values.get(f"permit{index}_until")
        if start and end and start <= end:
            last = min(date.fromisoformat(end), today).toordinal()
            days.update(range(date.fromisoformat(start).toordinal(), last + 1))
    months, begin = 0, date(2000, 1, 1)
    while (add_months(begin, months + 1) - begin).days <= len(days):
        months += 1
    return months


def derive(values: Values, today: date) -> Mapping[str, str]:
    """The facts of a person and the Region of the address."""
    outcome = competent(values)
    return {**person_facts(values, today), **({"competent_region": outcome.authority} if isinstance(outcome, Competence) else {})}


def remarks(values: Values, today: date) -> list[Remark]:
    """How many months of authorised work stand against what the Region is said to want; an indication, never a verdict."""
    outcome = competent(values)
    if not isinstance(outcome, Competence) or not values.get("permit1_until"):
        return []
    kind = "long-term-resident" if values.get("other_state_long_term") == "yes" else "blue-card" if values.get("present_card") == "H" else None
    figure, months = Figures.at(today).find(_YEARS, region=outcome.authority, category=kind), months_of_work(values, today)
    if figure is None:
        text = _("Your authorisations cover about %(months)s months. How many this Region wants is not known here: ask it before you file.")
        return [Remark("permit1_until", Message(text, {"months": months}), "No source found for this Region", "U")]
    text = (_("Your authorisations cover about %(months)s months; this Region is said to ask for %(count)s. It looks at each case.") if months >= figure.count
            else _("Your authorisations cover about %(months)s months; this Region is said to ask for %(count)s. You may file all the same: ask the Region first."))
    return [Remark("permit1_until", Message(text, {"months": months, "count": figure.count}), figure.source, figure.confidence, doubtful=months < figure.count)]


UNLIMITED_PERMIT = Procedure(
    code="unlimited-permit", edition="2026-11", valid_from=date(2026, 11, 21), prefix="UP",
    title=_("Single permit of unlimited duration"), legal_basis=_("Cooperation agreement of 2 February 2018"), information="unlimited-permit",
    summary=_("After some years of authorised work you may ask for a permit without an end and for any employer. You file it yourself, not your employer."),
    decides=_("The Region where you live decides on the work, the Immigration Office on the stay."),
    filed_by=APPLICANT, life=LIFE, sections=(("person", _("You")), ("work", _("Your work in Belgium"))), pages=PAGES,
    documents=(
        DocumentRequirement(code="passport", title=_("Passport, page with the photo"), by=APPLICANT, seen_by=_SEEN, source='Immigration Office, "Single permit" page', confidence="O"),
        DocumentRequirement(code="residence-title", title=_("Residence title, both sides"), by=APPLICANT, seen_by=_SEEN, source='Immigration Office, "Single permit" page', confidence="O"),
        DocumentRequirement(code="pay-slips", title=_("Pay slips"), by=APPLICANT, seen_by=_SEEN, when=_region.is_(str(Region.WALLONIA)), source=_SPW, confidence="O"),
        DocumentRequirement(code="individual-account", title=_("Yearly individual account"), by=APPLICANT, seen_by=_SEEN, required=False, source=_APPENDICES, confidence="O"),
        DocumentRequirement(code="previous-authorisation", title=_("Earlier authorisations to work"), by=APPLICANT, seen_by=_SEEN, hint=_("Those of other Regions too."),
                            source=_SPW, confidence="O"),
        DocumentRequirement(code="mutual-insurance", title=_("Statement of the health insurance fund"), by=APPLICANT, seen_by=APPLICANT | REGION | OFFICE,
                            when=_region.is_in(str(Region.WALLONIA), str(Region.GERMAN_SPEAKING_COMMUNITY)), required=False, source=_SPW, confidence="U"),
        DocumentRequirement(code="other", title=_("Another document"), by=APPLICANT, seen_by=_SEEN, required=False),
    ),
    clocks=(
        Clock(code="complement", title=_("Time to send the document"), starts=frozenset({"ask-documents"}), stops=frozenset({"complete", "declare-inadmissible", "withdraw"}),
              figure="complement-period", on_expiry=_("If nothing comes the application may be declared inadmissible.")),
        Clock(code="stay-complement", title=_("Time to send the document"), starts=frozenset({"ask-stay-documents"}), stops=frozenset({"complete-stay", "refuse-work", "withdraw"}),
              figure="stay-complement-period", on_expiry=_("If nothing comes the Immigration Office decides on what it has.")),
        Clock(code="decision", title=_("Decision on work and residence"), starts=frozenset({"admit"}), stops=frozenset({"grant", "refuse-stay", "refuse-work", "withdraw"}),
              figure="decision-period", paused_in=frozenset({"stay-complement"})),
    ),
    fees=(Fee(code="residence-card", title=_("Residence card"), figure="residence-card-fee", payer=_("You"), where=_("At the municipality")),),
    derive=derive, derived=PERSON_FACTS | {"competent_region"}, competent=competent, remarks=remarks,
    rules=(
        Rule(text=_("The years differ from Region to Region. The window shows what is known for yours once you gave your address; the Region decides."),
             source="Municipality of Kortenberg; Welcome-Belgium; Infinity/DT", confidence="P"),
        Rule(text=_("Flemish Region: %(count)s months of authorised work."), figure=_YEARS, region=Region.FLANDERS),
        Rule(text=_("Flemish Region, for a long-term resident of the European Union: %(count)s months of authorised work."), figure=_YEARS, region=Region.FLANDERS,
             category="long-term-resident"),
        Rule(text=_("Brussels-Capital Region: %(count)s months of authorised work."), figure=_YEARS, region=Region.BRUSSELS),
        Rule(text=_("Walloon Region, with an EU Blue Card: %(count)s months of authorised work. For others the years depend on the case."), figure=_YEARS,
             region=Region.WALLONIA, category="blue-card"),
        Rule(text=_("Apply while your present permit is valid."), source=_SPW, confidence="U"),
        Rule(text=_("Whether a contribution or a fee must be paid for this application is not confirmed: ask the Region before you file."),
             source="No source found; general knowledge"),
    ),
    milestones=(
        Milestone(title=_("Filed"), states=frozenset({"filed"}), role=Role.APPLICANT),
        Milestone(title=_("Completeness check"), states=frozenset({"checking"}), role=Role.REGION),
        Milestone(title=_("Decision on work"), states=frozenset({"work-exam"}), role=Role.REGION),
        Milestone(title=_("Decision on residence"), states=frozenset({"work-granted"}), role=Role.IMMIGRATION_OFFICE),
        Milestone(title=_("Residence card"), states=frozenset({"granted", "card-ordered", "card-issued"}), role=Role.MUNICIPALITY),
    ),
    appeals={
        **{one: AppealRoute(body=_("The minister of the Region (or the body that the minister appointed)"), figure="appeal-region-period") for one in ("declare-inadmissible", "refuse-work")},
        "refuse-stay": AppealRoute(body=_("Council for Alien Law Litigation"), figure="appeal-call-period"),
    },
    advice=(
        Advice(states=frozenset({"granted"}), roles=APPLICANT, to_do=True, source="No source found; general knowledge",
               text=_("Report in person to the municipality of your address, with your passport.")),
        Advice(states=frozenset({"refused"}), roles=APPLICANT, source="Immigration Office, Council for Alien Law Litigation", confidence="O",
               text=_("Only you or your lawyer can appeal; a minor appeals through a parent or guardian. A guarantor or a relative cannot.")),
    ),
    key_facts=(
        KeyFact(title=_("Person"), questions=("birth_date", "nationality"), labelled=True, roles=REGION | OFFICE | TOWN),
        KeyFact(title=_("Passport"), questions=("passport_number", "passport_country", "passport_expires"), labelled=True, roles=TOWN),
        KeyFact(title=_("Address in Belgium"), questions=("home_street", "home_postal_code", "home_municipality"), roles=REGION | TOWN),
        KeyFact(title=_("Present permit"), questions=("permit1_employer", "permit1_from", "permit1_until", "present_card"), labelled=True, roles=REGION | OFFICE),
    ),
)
