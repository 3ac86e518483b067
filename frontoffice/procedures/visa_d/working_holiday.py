"""Visa D for a working holiday: the agreements, by nationality and home, and the conditions that they set."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from frontoffice.forms.conditions import answer
from frontoffice.forms.fields import Agreement, Choice, LongText, Money, Number, Option, YesNo
from frontoffice.forms.form import Values
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.message import Message
from frontoffice.procedures.figures import Figures
from frontoffice.procedures.shared.questions import page
from frontoffice.procedures.visa_d.common import DELICATE, EXAMINERS, OWN, at_least, at_most
from frontoffice.procedures.visa_d.declaration import Purpose, contribution, document, visa_d
from frontoffice.procedures.vocabulary import KeyFact, Remark, Role, Rule

HOLIDAY_PAGE = "Immigration Office, working holiday page"
POSTS_SAY = "Belgian Office Taipei; Belgian embassy in Australia"
TICKETS: tuple[Option, ...] = (("ticket", _("I have a return ticket"), ""), ("money", _("I have the money for a ticket, besides the other means"), ""))

PAGES = (
    page("holiday", "purpose", _("Your working holiday"),
         YesNo(name="holiday_before", label=_("Did you have a working holiday visa for Belgium before?")),
         YesNo(name="dependants", label=_("Do a partner or children come with you?")),
         LongText(name="holiday_plan", label=_("What do you want to do and see?"), longest=2000),
         Number(name="work_months", label=_("How many months do you want to work or study, all together?"), most=12),
         Agreement(name="holiday_first", label=_("My main purpose is a holiday. I work or study only besides.")), **OWN),
    page("holiday-means", "purpose", _("Means and journey back"),
         Money(name="funds", label=_("Means for the first time")),
         Choice(name="ticket", label=_("How do you travel back?"), choices=TICKETS), **DELICATE),
)

DOCUMENTS = (
    document("funds", _("Proof of your means"), HOLIDAY_PAGE, "O", seen_by=EXAMINERS),
    document("return-ticket", _("Return ticket"), HOLIDAY_PAGE, "O", when=answer("ticket").is_("ticket")),
    document("ticket-money", _("Proof of the money for a return ticket"), HOLIDAY_PAGE, "O", seen_by=EXAMINERS, when=answer("ticket").is_("money")),
    document("insurance", _("Proof of insurance"), HOLIDAY_PAGE, "O"),
)


def has_agreement(values: Mapping[str, str], today: date) -> bool | None:
    """Whether Belgium has an agreement with the country of nationality that day; None without a nationality."""
    found = values.get("nationality")
    return Figures.at(today).find("working-holiday-agreement", category=found) is not None if found else None


def lives_there(values: Mapping[str, str], today: date) -> bool | None:
    """Whether the home is in the country of nationality; None while one of them is not known."""
    nationality, home = values.get("nationality"), values.get("home_country")
    return nationality == home if nationality and home else None


def age_fits(values: Mapping[str, str], today: date) -> bool | None:
    """Whether the age on this day can be one of those that the agreements allow; None without a birth date."""
    old_enough, young_enough = at_least("working-holiday-age-from")(values, today), at_most("working-holiday-age-to")(values, today)
    return None if old_enough is None else bool(old_enough and young_enough)


def first_time(values: Mapping[str, str], today: date) -> bool | None:
    """Whether this is the first working holiday in Belgium; None without an answer."""
    return {"yes": False, "no": True}.get(values.get("holiday_before", ""))


def enough_funds(values: Mapping[str, str], today: date) -> bool | None:
    """Whether the means reach the figure in force; None without an answer."""
    return Decimal(values["funds"]) >= Figures.at(today).get("working-holiday-funds").amount if values.get("funds") else None


def remarks(values: Values, today: date) -> Sequence[Remark]:
    """Each condition that these answers do not meet, and the places of a year where they are counted."""
    figures = Figures.at(today)
    first, last = figures.get("working-holiday-age-from"), figures.get("working-holiday-age-to")
    funds, work = figures.get("working-holiday-funds"), figures.get("working-holiday-work")
    unmet = (
        (has_agreement, "nationality", (HOLIDAY_PAGE, "O"), Message(_("We know of no agreement on working holidays with this country. A new one may exist: ask the post."))),
        (lives_there, "home_country", (POSTS_SAY, "P"), Message(_("You must live in the country of your nationality to ask for a working holiday: ask the post."))),
        (age_fits, "birth_date", (HOLIDAY_PAGE, "O"), Message(_("A working holiday is for people from %(first)s to %(last)s years old on the day of filing."),
                                                              {"first": first.count, "last": last.count})),
        (first_time, "holiday_before", (HOLIDAY_PAGE, "O"), Message(_("A working holiday in Belgium is possible once only."))),
        (enough_funds, "funds", (HOLIDAY_PAGE, "O"), Message(_("The agreements ask for at least %(amount)s."), {"amount": funds.amount})),
    )
    found = [Remark(about, message, source, mark, doubtful=True) for met, about, (source, mark), message in unmet if met(values, today) is False]
    if values.get("work_months") and int(values["work_months"]) > work.count:
        found.append(Remark("work_months", Message(_("At most %(count)s months of work or study are allowed."), {"count": work.count}), work.source,
                            work.confidence,
                            doubtful=True))
    if values.get("dependants") == "yes":
        found.append(Remark("dependants", Message(_("A partner or children cannot come along on a working holiday.")), POSTS_SAY, "P", doubtful=True))
    if quota := figures.find("working-holiday-quota", category=values.get("nationality") or "none"):
        text = _("For this nationality there are %(count)s places a year: ask the post whether one is free.")
        found.append(Remark("nationality", Message(text, {"count": quota.count}), quota.source, quota.confidence))
    return found


VISA_D_WORKING_HOLIDAY = visa_d(Purpose(
    code="visa-d-working-holiday", prefix="VW", title=_("Visa D: working holiday"), information="working-holiday",
    summary=_("For young people of a country with an agreement: a long holiday in Belgium, with some work or study besides."),
    legal_basis=_("Act of 15 December 1980, article 9; agreements on working holidays"), pages=PAGES, documents=DOCUMENTS,
    contributions=(contribution("art9"),), remarks=remarks,
    key_facts=(KeyFact(title=_("Working holiday"), questions=("work_months", "holiday_before", "dependants"), labelled=True,
                       roles=frozenset({Role.DIPLOMATIC_POST, Role.IMMIGRATION_OFFICE})),),
    rules=(
        Rule(text=_("Belgium has an agreement with the country of your nationality: Australia, Canada, New Zealand, the Republic of Korea or Taiwan."),
             source=HOLIDAY_PAGE, confidence="O", met=has_agreement),
        Rule(text=_("You live in the country of your nationality."), source=POSTS_SAY, confidence="P", met=lives_there),
        Rule(text=_("On the day of filing you are at least %(count)s years old."), figure="working-holiday-age-from", met=at_least("working-holiday-age-from")),
        Rule(text=_("On the day of filing you are at most %(count)s years old."), figure="working-holiday-age-to", met=at_most("working-holiday-age-to")),
        Rule(text=_("You never had a working holiday visa for Belgium."), source=HOLIDAY_PAGE, confidence="O", met=first_time),
        Rule(text=_("You have at least %(amount)s, and a return ticket or the money for it."), figure="working-holiday-funds", met=enough_funds),
        Rule(text=_("You work or study at most %(count)s months, and you bring no partner and no children."), figure="working-holiday-work"),
        Rule(text=_("The stay lasts at most %(count)s months."), figure="working-holiday-stay"),
        Rule(text=_("Taiwan: %(count)s places a year."), figure="working-holiday-quota", category="TWN", when=answer("nationality").is_("TWN")),
    ),
))
