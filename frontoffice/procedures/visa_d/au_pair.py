"""Visa D for an au pair: the Region authorised the host family first; the conditions are shown, and judged by the authorities."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from frontoffice.forms.conditions import Condition, answer
from frontoffice.forms.fields import Day, Field, LongText, Money, Number, PartialDay, Text, YesNo
from frontoffice.forms.form import Values
from frontoffice.kernel.errors import Problem
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.message import Message, Param
from frontoffice.procedures.figures import Figures
from frontoffice.procedures.shared.questions import belgian_address, page
from frontoffice.procedures.territory import REGION_TITLES, Region, region_of, region_of_postal_code
from frontoffice.procedures.visa_d.common import OWN, at_least, at_most
from frontoffice.procedures.visa_d.declaration import Purpose, contribution, document, visa_d
from frontoffice.procedures.vocabulary import KeyFact, Remark, Role, Rule

AU_PAIR_PAGE = "Immigration Office, au pair page"
LABOUR_PAGE = "Federal Public Service Employment, au pair page"
GUIDES = "aupair.com; aupairquest.com"
ONE_PERMIT = "aupairthailand.org"
_UNSURE = "No source found; general knowledge"
MEMBERS = 6


def _members() -> tuple[Field, ...]:
    """The household, one after the other: each pair of questions comes when the one before was answered."""
    found: list[Field] = []
    for number in range(1, MEMBERS + 1):
        before: Condition | None = answer(f"host_member_{number - 1}").given() if number > 1 else None
        found.append(Text(name=f"host_member_{number}", label=_("Another member of the household"),
                          hint=_("Surname and given names. Leave empty if there is nobody else."),
                          optional=True, when=before))
        found.append(Day(name=f"host_member_{number}_birth", label=_("Date of birth"), when=answer(f"host_member_{number}").given()))
    return tuple(found)


def check_authorisation(values: Values, others: Values) -> Sequence[Problem]:
    """The Region decided already."""
    if values["authorisation_date"] > others["today"]:
        return [Problem("authorisation_date", _("This day has not come yet: check the date"))]
    return []


PAGES = (
    page("host-family", "purpose", _("Host family"),
         Text(name="host_surname", label=_("Surname")), Text(name="host_given_names", label=_("Given names"), optional=True),
         PartialDay(name="host_birth_date", label=_("Date of birth")), *belgian_address("host"),
         YesNo(name="host_room", label=_("Do you have a room of your own there?")), *_members(), **OWN),
    page("au-pair-work", "purpose", _("What you agreed with the host family"),
         Money(name="pocket_money", label=_("Pocket money a month")), Number(name="hours_week", label=_("Hours of help a week"), most=168, decimals=1),
         Number(name="hours_day", label=_("Hours of help on the longest day"), most=24, decimals=1),
         YesNo(name="day_off", label=_("At least one free day a week?")), YesNo(name="weekend_off", label=_("At least one free weekend a month?")),
         LongText(name="timetable", label=_("Timetable of each day"), hint=_("From when to when you help, and with what."), longest=2000),
         Text(name="course_school", label=_("School of the language course")), LongText(name="course_timetable", label=_("When is the course?"), longest=1000),
         LongText(name="insurance", label=_("Insurance of the host family for you"), hint=_("Company and number of each policy."), longest=1000), **OWN),
    page("au-pair-permit", "purpose", _("Work authorisation and earlier stays"),
         Text(name="authorisation_number", label=_("Number of the work authorisation of the Region")), Day(name="authorisation_date", label=_("Authorised on")),
         YesNo(name="kinship", label=_("Are you related to anyone in the host family?")),
         YesNo(name="au_pair_before", label=_("Did you have a permit as an au pair in Belgium before?")), **OWN, check=check_authorisation),
)

DOCUMENTS = (
    document("work-permit", _("Work authorisation and work permit, the originals"), AU_PAIR_PAGE, "O",
             hint=_("The host family asks the Region for them, gets them through the municipality and sends them to you.")),
    document("au-pair-contract", _("Contract with the host family"), AU_PAIR_PAGE, "O"),
    document("kinship-declaration", _("Declaration that you and the host family are not related"), _UNSURE, "U", when=answer("kinship").is_("no"),
             required=False),
    document("language-course", _("Enrolment in a language course"), GUIDES, "P"),
    document("insurance", _("Proof of insurance"), GUIDES, "P"),
)


def derive(values: Values, today: date) -> Mapping[str, str]:
    """The Region of the host family, which authorises the work."""
    found = region_of(values.get("host_municipality", "")) or region_of_postal_code(values.get("host_postal_code", ""))
    return {"host_region": str(found)} if found else {}


def remarks(values: Values, today: date) -> Sequence[Remark]:
    """What guides and older pages say of age, hours, pocket money and earlier permits; each Region has its own rules."""
    return [*_age(values, today), *_conditions(values, today), *_answers(values, today)]


def _age(values: Values, today: date) -> list[Remark]:
    if False not in (at_least("au-pair-age-from")(values, today), at_most("au-pair-age-to")(values, today)):
        return []
    figures = Figures.at(today)
    first, last = figures.get("au-pair-age-from"), figures.get("au-pair-age-to")
    text = Message(_("Au pairs are usually from %(first)s to %(last)s years old. Ask the Region of the host family."), {"first": first.count,
                                                                                                                        "last": last.count})
    return [Remark("birth_date", text, first.source, first.confidence, doubtful=True)]


def _conditions(values: Values, today: date) -> list[Remark]:
    found, figures = [], Figures.at(today)
    for question, code, text in (
        ("hours_week", "au-pair-hours-week", _("Guides say at most %(count)s hours a week. Ask the Region of the host family.")),
        ("hours_day", "au-pair-hours-day", _("Guides say at most %(count)s hours a day. Ask the Region of the host family.")),
    ):
        figure = figures.get(code)
        if values.get(question) and Decimal(values[question]) > figure.count:
            found.append(Remark(question, Message(text, {"count": figure.count}), figure.source, figure.confidence, doubtful=True))
    least = figures.get("au-pair-pocket-money")
    if values.get("pocket_money") and Decimal(values["pocket_money"]) < least.amount:
        too_little = Message(_("Guides say at least %(amount)s a month. Ask the Region of the host family."), {"amount": least.amount})
        found.append(Remark("pocket_money", too_little, least.source, least.confidence, doubtful=True))
    return found


_SAID: Sequence[tuple[str, str, str, str, str]] = (
    ("day_off", "no", _("Guides say that an au pair has at least one free day a week."), GUIDES, "P"),
    ("weekend_off", "no", _("Guides say that an au pair has at least one free weekend a month."), GUIDES, "P"),
    ("kinship", "yes", _("An au pair is not a relative of the host family: ask the Region whether it authorises this."), _UNSURE, "U"),
    ("au_pair_before", "yes", _("One earlier permit as an au pair may exclude a second one: ask the Region."), ONE_PERMIT, "P"),
)


def _answers(values: Values, today: date) -> list[Remark]:
    found = [Remark(question, Message(text), source, mark, doubtful=True) for question, value, text, source, mark in _SAID if values.get(question) == value]
    if region := derive(values, today).get("host_region"):
        params: dict[str, Param] = {"region": Message(REGION_TITLES[Region(region)])}
        found.append(Remark("host_postal_code", Message(_("The host family asks this authority for the work authorisation: %(region)s."), params),
                            AU_PAIR_PAGE, "O"))
    return found


VISA_D_AU_PAIR = visa_d(Purpose(
    code="visa-d-au-pair", prefix="VA", title=_("Visa D: au pair"), information="au-pair",
    summary=_("To live with a host family in Belgium, help with light work in the household and learn a language."),
    legal_basis=_("Act of 15 December 1980; rules of the Region on the work of au pairs"), pages=PAGES, documents=DOCUMENTS,
    # No source names the category of an au pair's contribution: the amount is shown as not known.
    contributions=(contribution("au-pair"),), derive=derive, derived=frozenset({"host_region"}), remarks=remarks,
    decides=_("The Region of the host family authorises the work first. Then the Immigration Office decides on the visa."),
    key_facts=(KeyFact(title=_("Host family"), questions=("host_surname", "host_given_names", "host_street", "host_postal_code", "host_municipality"),
                       roles=frozenset({Role.DIPLOMATIC_POST, Role.IMMIGRATION_OFFICE, Role.MUNICIPALITY})),),
    rules=(
        Rule(text=_("The host family got the work authorisation of its Region before you ask for the visa."), source=AU_PAIR_PAGE, confidence="O"),
        Rule(text=_("You are at least %(count)s years old."), figure="au-pair-age-from", met=at_least("au-pair-age-from")),
        Rule(text=_("You are at most %(count)s years old."), figure="au-pair-age-to", met=at_most("au-pair-age-to")),
        Rule(text=_("You help at most %(count)s hours a week."), figure="au-pair-hours-week"),
        Rule(text=_("You help at most %(count)s hours a day."), figure="au-pair-hours-day"),
        Rule(text=_("You get at least %(amount)s pocket money a month."), figure="au-pair-pocket-money"),
        Rule(text=_("You have at least one free day a week and one free weekend a month, and you follow a language course."), source=GUIDES, confidence="P"),
        Rule(text=_("Your criminal record extract covers the last %(count)s years."), figure="au-pair-record-years"),
        Rule(text=_("You were no au pair in Belgium before."), source=ONE_PERMIT, confidence="P",
             met=lambda values, today: {"yes": False, "no": True}.get(values.get("au_pair_before", ""))),
        Rule(text=_("You are not related to the host family."), source=_UNSURE,
             met=lambda values, today: {"yes": False, "no": True}.get(values.get("kinship", ""))),
    ),
))
