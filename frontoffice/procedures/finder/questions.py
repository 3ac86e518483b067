"""The questions of the finder, in the order in which they are asked; one step is one page, and "I do not know" is an answer."""

from collections.abc import Mapping
from dataclasses import dataclass

from frontoffice.forms.conditions import Condition, answer
from frontoffice.forms.fields import Choice, Country, Field, Money, Number, Option, Select
from frontoffice.forms.form import Form
from frontoffice.kernel.i18n import mark as _
from frontoffice.procedures.finder.place import Place, region_at
from frontoffice.procedures.single_permit.categories import CATEGORIES
from frontoffice.procedures.territory import Region

UNKNOWN = "unknown"
_DO_NOT_KNOW: Option = (UNKNOWN, _("I do not know"), "")
_LEAVE = _("Leave empty if you do not know yet.")


@dataclass(frozen=True, kw_only=True)
class Step:
    """One page of questions, asked when `when` holds of the answers so far."""

    code: str
    title: str
    form: Form
    when: Condition | None = None
    intro: str = ""


def _step(code: str, title: str, *fields: Field, when: Condition | None = None, intro: str = "") -> Step:
    return Step(code=code, title=title, form=Form(fields=fields), when=when, intro=intro)


def _choice(name: str, label: str, *options: Option, hint: str = "", known: bool = False, when: Condition | None = None) -> Choice:
    """A choice to which "I do not know" is added, unless everybody knows the answer."""
    return Choice(name=name, label=label, hint=hint, choices=options if known else (*options, _DO_NOT_KNOW), when=when)


def _yes_no(name: str, label: str, hint: str = "") -> Choice:
    return _choice(name, label, ("yes", _("Yes"), ""), ("no", _("No"), ""), hint=hint)


_goal, _form, _duration, _kind = answer("goal"), answer("work_form"), answer("work_duration"), answer("job_kind")
_to_work = _goal.is_in("work", "hire")
_other_job = _goal.is_("renew") & answer("request_kind").is_in("change-employer", "change-function")
_works = _to_work | _other_job
_as_employee = _works & _form.is_in("employee", "posted", UNKNOWN)
# A renewal asks no duration: somebody who changes jobs has a permit for more than 90 days.
_long = _other_job | _to_work & _duration.is_in("long", UNKNOWN)
_region = answer("competent_region")
_qualified = _as_employee & _long & _kind.is_in("management", "qualified", UNKNOWN)

# The special statuses of single permits, each a category of its own.
SPECIAL = (
    "researcher", "post-doctoral", "athlete", "artist", "clergy", "technician", "trainee", "company-trainee", "long-term-resident", "journalist", "airline",
    "international-agreement", "war-graves", "mobile-teacher",
)
_TITLES: Mapping[str, str] = {one.code: one.title for one in CATEGORIES}

STEPS: tuple[Step, ...] = (
    _step("goal", _("What is it about?"),
          _choice("goal", _("What is it about?"),
                  ("work", _("I want to work in Belgium"), ""),
                  ("hire", _("I want to employ somebody from abroad"), _("Also for lawyers and others who file for an employer.")),
                  ("renew", _("I work in Belgium with a permit already"), _("To renew it, to change jobs, or for a permit without an end.")),
                  ("family", _("I want to join my family"), ""),
                  ("marriage", _("I want to marry or to live together in Belgium"), ""),
                  ("study", _("I want to study"), ""),
                  ("research", _("I want to do research"), ""),
                  ("au-pair", _("I want to be an au pair"), ""),
                  ("working-holiday", _("I am young and want to travel and work a little"), _("A working holiday.")),
                  ("visit", _("I want to visit Belgium"), _("As a tourist, for business, or to see family or friends.")),
                  ("guarantor", _("I want to stand guarantor for a visitor or a student"), ""),
                  ("arrival", _("I have arrived in Belgium and want to report it"), ""),
                  ("humanitarian", _("I need protection, or my situation is a special one"), ""), known=True)),
    _step("person", _("The person who comes to Belgium"),
          Country(name="nationality", label=_("Nationality"), special=True, optional=True, hint=_LEAVE),
          _choice("residence_status", _("Where is this person now?"),
                  ("abroad", _("Abroad"), ""), ("other-member-state", _("In another Member State, with its residence permit"), ""),
                  ("short-stay", _("In Belgium for a short stay"), ""), ("long-stay", _("In Belgium with a residence permit"), ""),
                  ("student", _("In Belgium as a student"), ""), ("researcher", _("In Belgium as a researcher"), ""),
                  ("pending", _("In Belgium, waiting for a decision on the stay"), ""), ("protocol", _("In Belgium with a special identity card"), ""),
                  ("unlimited", _("In Belgium, free to do any work"),
                   _("The card says “labour market: unlimited”, or the person is a family member of a citizen of the European Union.")),
                  when=_goal.is_in("work", "hire", "renew", "family", "study", "research", "marriage", "humanitarian")),
          when=~_goal.is_("guarantor"), intro=_("Nothing is stored, and no names are asked.")),
    _step("change", _("What changes?"),
          _choice("request_kind", _("What changes?"),
                  ("renewal", _("Nothing: the same job goes on"), ""), ("change-employer", _("Another employer"), ""),
                  ("change-function", _("Another job with the same employer"), ""),
                  ("unlimited", _("After some years: a permit without an end, for any employer"), "")), when=_goal.is_("renew")),
    _step("form", _("How will the person work?"),
          _choice("work_form", _("How will the person work?"),
                  ("employee", _("For an employer in Belgium"), ""),
                  ("self-employed", _("As a self-employed person"), ""),
                  ("posted-eea", _("Sent by an employer in the European Economic Area or Switzerland"), _("To perform a service in Belgium for a time.")),
                  ("group", _("Transferred within a group of enterprises"), _("From an enterprise outside the European Union.")),
                  ("group-mobile", _("Transferred within a group, with a permit for that of another Member State"), ""),
                  ("posted", _("Sent by another employer abroad"), ""),
                  ("seasonal", _("For a season, in agriculture, horticulture or hospitality"), ""),
                  ("hosting", _("As a researcher with a hosting agreement"), _("With a research organisation that is approved.")),
                  ("au-pair", _("As an au pair in a family"), "")), when=_works),
    _step("posting", _("Is this a posting without a work authorisation?"),
          _yes_no("stay_right", _("Does the worker have the right to stay for more than three months in the country that sends?")),
          _yes_no("lawful_work", _("Does the worker work there lawfully?")),
          _yes_no("papers_valid", _("Are passport and permit valid for the whole posting?")),
          _yes_no("return_sure", _("Is it certain that the worker goes back?")),
          when=_works & _form.is_("posted-eea")),
    _step("duration", _("For how long?"),
          _choice("work_duration", _("For how long?"),
                  ("long", _("More than 90 days, living in Belgium"), ""), ("short", _("At most 90 days within 180 days"), ""),
                  ("frontier", _("The worker keeps living in a neighbouring country"), _("And comes home each week.")),
                  ("telework", _("The worker teleworks from abroad for a Belgian employer"), "")),
          when=_to_work & ~_form.is_in("self-employed", "posted-eea", "hosting", "au-pair")),
    _step("place", _("Where in Belgium is the work?"),
          Place(name="place", label=_("Where in Belgium is the work?"), optional=True,
                hint=_("Type a postal code or a municipality. The Region of this place decides. Each Region has its own categories and amounts. Leave empty if you do not know yet.")),
          when=_works & ~_form.is_in("self-employed", "posted-eea", "hosting", "au-pair") | _goal.is_("research") & answer("hosting_agreement").is_("no")),
    _step("role", _("What will the person do in the group?"),
          _choice("transfer_role", _("What will the person do in the group?"),
                  ("ict-manager", _("Lead: a manager"), ""), ("ict-specialist", _("Bring special knowledge: a specialist"), ""),
                  ("ict-trainee", _("Learn: a trainee with a university degree"), "")), when=_works & _form.is_("group") & _long),
    _step("season", _("In which sector?"),
          _choice("seasonal_sector", _("In which sector?"),
                  ("agriculture", _("Agriculture"), ""), ("horticulture", _("Horticulture"), ""), ("hospitality", _("Hospitality"), "")),
          when=_works & _form.is_("seasonal") & _long),
    _step("kind", _("What kind of work is it?"),
          _choice("job_kind", _("What kind of work is it?"),
                  ("management", _("Leading an enterprise or a department"), ""),
                  ("qualified", _("Work for which a higher diploma is needed"), ""),
                  ("listed", _("An occupation on the Region's list of shortage occupations"), ""),
                  ("special", _("A special situation"), _("Research, sport, art, faith, training, journalism and others.")),
                  ("other", _("None of these"), "")), when=_as_employee & _long),
    _step("special", _("Which special situation?"),
          Select(name="special", label=_("Which special situation?"), choices=(*((one, _TITLES[one], "") for one in SPECIAL), _DO_NOT_KNOW)),
          when=_as_employee & _long & _kind.is_("special")),
    _step("qualification", _("Diploma and contract"),
          _choice("learned", _("What did the worker learn?"),
                  ("diploma", _("A higher diploma of at least three years"), ""),
                  ("experience", _("No such diploma, but experience in information technology"), _("At least three years in the last seven.")),
                  ("none", _("Neither of the two"), "")),
          _choice("contract_length", _("How long is the contract?"), ("long", _("At least 6 months"), ""), ("short", _("Less than 6 months"), "")),
          when=_qualified),
    _step("pay", _("Pay"),
          Money(name="pay_year", label=_("Gross pay a year"), optional=True, hint=_LEAVE, when=_region.given() & ~_region.is_(str(Region.BRUSSELS))),
          Money(name="pay_month", label=_("Gross pay a month"), optional=True, hint=_("The base wage only, without allowances (DmfA code 1)."),
                when=_region.is_(str(Region.BRUSSELS))),
          _choice("under_30", _("Is the worker under 30 on the first working day?"), ("yes", _("Yes"), ""), ("no", _("No"), ""),
                  when=_region.is_in(str(Region.FLANDERS), str(Region.WALLONIA))),
          when=_region.given() & (_qualified | _works & _form.is_("group") & _long)),
    _step("sponsor", _("Whom do you want to join?"),
          _choice("sponsor", _("Whom do you want to join?"),
                  ("belgian", _("A Belgian"), ""), ("eu", _("A citizen of the European Economic Area or Switzerland"), ""),
                  ("protected", _("A person with international protection"), ""),
                  ("unlimited", _("A person of another nationality with an unlimited right of residence"), _("Card B, C, K, L or D.")),
                  ("limited", _("A person of another nationality with a limited right of residence"), _("Card A or H."))), when=_goal.is_("family")),
    _step("union", _("After the wedding or the declaration"),
          _choice("union_stay", _("Do you stay in Belgium afterwards?"), ("stays", _("Yes, I stay"), ""), ("leaves", _("No, I leave within 90 days"), "")),
          when=_goal.is_("marriage")),
    _step("study", _("Your studies"),
          _choice("institution_kind", _("What kind of school is it?"),
                  ("recognised", _("A recognised institution of higher education"),
                   _("A university, university college or college of arts that a Community recognises.")),
                  ("private", _("A private school that is not recognised"), ""), ("secondary", _("A secondary school"), "")),
          _choice("stay_length", _("How long will you stay?"), ("long", _("More than 90 days"), ""), ("short", _("At most 90 days"), "")), when=_goal.is_("study")),
    _step("research", _("Your research"),
          _yes_no("hosting_agreement", _("Do you have a hosting agreement with an approved research organisation?")),
          _choice("stay_length", _("How long will you stay?"), ("long", _("More than 90 days"), ""), ("short", _("At most 90 days"), "")), when=_goal.is_("research")),
    _step("au-pair", _("Being an au pair"),
          Number(name="age", label=_("Age"), optional=True, most=120, width=3, inputmode="numeric", hint=_LEAVE),
          _yes_no("au_pair_before", _("Did you have a permit as an au pair in Belgium before?")), when=_goal.is_("au-pair")),
    _step("holiday", _("Your working holiday"),
          Number(name="age", label=_("Age"), optional=True, most=120, width=3, inputmode="numeric", hint=_LEAVE),
          _yes_no("holiday_before", _("Did you have a working holiday visa for Belgium before?")), when=_goal.is_("working-holiday")),
    _step("visit", _("Your visit"),
          _choice("visit_length", _("How long will you stay?"), ("short", _("At most 90 days"), ""), ("long", _("More than 90 days"), "")),
          _yes_no("eu_family", _("Do you travel with, or join, a relative who is a citizen of the European Union?")), when=_goal.is_("visit")),
    _step("guarantee", _("For whom do you stand guarantor?"),
          _choice("guarantee_for", _("For whom do you stand guarantor?"),
                  ("visitor", _("A visitor who stays for at most 90 days"), ""), ("student", _("A student, or a graduate in the search year"), "")),
          when=_goal.is_("guarantor")),
    _step("guarantor", _("About you, the guarantor"),
          _choice("guarantor_status", _("What right of residence do you have?"),
                  ("belgian", _("I am Belgian"), ""), ("eu-citizen", _("I am a citizen of the European Union"), ""),
                  ("unlimited", _("I have an unlimited right of residence"), ""), ("limited", _("I have a limited right of residence"), _("Card A or H."))),
          _choice("lives_in_belgium", _("Do you live in Belgium?"), ("yes", _("Yes"), ""), ("no", _("No"), ""), known=True), when=_goal.is_("guarantor")),
    _step("arrival", _("Your arrival"),
          _choice("stays_with", _("Where do you stay?"),
                  ("host", _("With a private person"), ""), ("rented", _("In a place that I rent"), ""), ("hotel", _("In a hotel or other tourist accommodation"), "")),
          _choice("arrival_length", _("How long will you stay?"), ("short", _("At most 90 days"), ""), ("long", _("More than 90 days"), _("With a visa D or a permit."))),
          when=_goal.is_("arrival")),
    _step("protection", _("Your situation"),
          _choice("protection", _("Which describes it best?"),
                  ("asylum", _("I fear persecution or war in my country, and ask for protection in Belgium"), ""),
                  ("special", _("I am in a special situation and fit no other visa"), _("Such as special ties with Belgium and being vulnerable."))),
          when=_goal.is_("humanitarian")),
)
MOST_STEPS = 8


def facts_of(values: Mapping[str, str]) -> Mapping[str, str]:
    """What follows from the answers: the Region of the place of work."""
    region = region_at(values.get("place", ""))
    return {"competent_region": str(region)} if region else {}


def field_named(name: str) -> Field | None:
    """The question of that name."""
    return next((one for step in STEPS for one in step.form.fields if one.name == name), None)
