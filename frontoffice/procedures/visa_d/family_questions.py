"""What a family file asks: the person who is joined and his or her right to be in Belgium, the relation, the income and the home."""

from collections.abc import Sequence
from datetime import date

from frontoffice.forms.conditions import answer
from frontoffice.forms.fields import Checked, Choice, Choices, Country, Day, LongText, Money, Number, Option, PartialDay, Text, YesNo
from frontoffice.forms.form import Values
from frontoffice.forms.identifiers import birth_of, national_or_bis_number, show_register_number
from frontoffice.forms.partial_dates import oldest_possible, read_partial, youngest_possible
from frontoffice.kernel.errors import Problem
from frontoffice.kernel.i18n import mark as _
from frontoffice.procedures.shared.questions import belgian_address, page
from frontoffice.procedures.visa_d.common import DELICATE, OWN
from frontoffice.procedures.visa_d.family_article import BELGIAN, THIRD
from frontoffice.procedures.visa_d.family_rules import DEPENDENTS, PARENTS_OF_MINORS, PARTNERS

NOT_YET = "not-yet"
RELATIONS: tuple[Option, ...] = (
    ("spouse", _("I am the husband or wife"), ""),
    ("equivalent-partner", _("I am the partner, registered in a way that equals marriage"),
     _("Registered in Denmark, Finland, Germany, Iceland, Norway, Sweden or the United Kingdom.")),
    ("partner", _("I am the partner, with legal cohabitation or another registration"), _("The relation is lasting and stable.")),
    ("child", _("I am the child of that person"), ""),
    ("partner-child", _("I am the child of that person's husband, wife or partner"), ""),
    ("disabled-child", _("I am the child, over 18, and have a disability"), ""),
    ("parent-of-refugee", _("I am the father or mother of a minor refugee who came alone"), ""),
    ("parent-of-minor", _("I am the father or mother of a minor who is a Belgian or another European"), ""),
    ("dependent-parent", _("I am the father or mother and depend on that person"), ""),
    ("other-family", _("I am another relative"), ""),
    (NOT_YET, _("We want to marry or to register in Belgium"), _("This is another visa: we show you which.")),
)
CARDS: tuple[Option, ...] = (
    ("A", _("A card"), _("A stay that is limited in time.")), ("B", _("B card"), ""), ("K", _("K card"), ""), ("C", _("C card"), _("The earlier K card.")),
    ("L", _("L card"), ""), ("D", _("D card"), _("The earlier L card.")), ("H", _("H card (EU Blue Card)"), ""), ("other", _("Another document"), ""),
)
PROTECTIONS: tuple[Option, ...] = (
    ("none", _("No protection"), ""), ("refugee", _("Recognised refugee"), ""), ("subsidiary", _("Subsidiary protection"), ""),
    ("temporary", _("Temporary protection"), _("For people who fled the war in Ukraine.")),
)
INCOMES: tuple[Option, ...] = (
    ("work-open", _("Work with an open-ended contract"), ""), ("work-fixed", _("Work with a fixed-term contract"), ""),
    ("work-agency", _("Work through a temporary employment agency"), ""), ("self-employed", _("Work as a self-employed person"), ""), ("pension", _("Pension"), ""),
    ("unemployment-seeking", _("Unemployment benefit, looking for work"), ""), ("unemployment", _("Unemployment benefit, not looking for work"), ""),
    ("sickness", _("Sickness or invalidity benefit"), ""), ("disability", _("Allowance for persons with a disability"), ""),
    ("elderly", _("Income guarantee for the elderly"), ""), ("social-aid", _("Living wage or other social aid"), ""),
    ("guardian", _("Guardian's allowance"), ""), ("rent", _("Rent that is received"), ""), ("other", _("Other income"), ""),
)
HOMES: tuple[Option, ...] = (
    ("owned", _("That person owns it"), ""), ("registered-lease", _("Rented, and the lease is registered"), ""),
    ("lease", _("Rented, and the lease is not registered"), ""), ("other", _("Another situation"), ""),
)
INSURANCES: tuple[Option, ...] = (
    ("both", _("Yes, that person and the whole family"), ""), ("sponsor", _("That person only, at this moment"), ""), ("none", _("No"), ""),
)

_kind, _relation = answer("sponsor_kind"), answer("relation")
is_partner = _relation.is_in(*PARTNERS)
_FUTURE = _("This day has not come yet: check the date")


def check_sponsor(values: Values, others: Values) -> Sequence[Problem]:
    """A birth date that can be, and that is the one in the register number."""
    born = read_partial(values["sponsor_birth_date"])
    day = date.fromisoformat(others["today"])
    if not day.year - 120 < (born.year or 0) <= day.year or (born.whole() or day) > day:
        return [Problem("sponsor_birth_date", _("This birth date cannot be right: check the year"))]
    if values.get("sponsor_number") and not birth_of(values["sponsor_number"]).agrees_with(born):
        return [Problem("sponsor_number", _("This number holds another birth date than the one given: check both"))]
    return []


def check_permit(values: Values, others: Values) -> Sequence[Problem]:
    """Residence and status began in the past, the status not before the residence."""
    if future := [Problem(name, _FUTURE) for name in ("sponsor_residence_since", "sponsor_status_since") if values[name] > others["today"]]:
        return future
    if values["sponsor_status_since"] < values["sponsor_residence_since"]:
        return [Problem("sponsor_status_since", _("This is before the person had residence in Belgium: check both dates"))]
    return []


def check_relation(values: Values, others: Values) -> Sequence[Problem]:
    """A union of the past, and a child that is younger than its father or mother."""
    if values.get("union_on", "") > others["today"]:
        return [Problem("union_on", _FUTURE)]
    older, younger = _generations(values["relation"], others)
    first, last = oldest_possible(read_partial(older)), youngest_possible(read_partial(younger))
    if first and last and last <= first:
        return [Problem("relation", _("A child is younger than its father or mother: check both birth dates"))]
    return []


def _generations(relation: str, others: Values) -> tuple[str, str]:
    own, sponsor = others.get("birth_date", ""), others.get("sponsor_birth_date", "")
    if relation in ("child", "disabled-child"):
        return sponsor, own
    return (own, sponsor) if relation in (*PARENTS_OF_MINORS, "dependent-parent") else ("", "")


def check_history(values: Values, others: Values) -> Sequence[Problem]:
    """People met in the past."""
    return [Problem("met_on", _FUTURE)] if values["met_on"].replace("-00", "-01") > others["today"] else []


def check_income(values: Values, others: Values) -> Sequence[Problem]:
    """An income that has begun."""
    return [Problem("income_since", _FUTURE)] if values["income_since"] > others["today"] else []


PAGES = (
    page("sponsor", "purpose", _("The person whom you join"),
         Text(name="sponsor_surname", label=_("Surname")), Text(name="sponsor_given_names", label=_("Given names"), optional=True),
         PartialDay(name="sponsor_birth_date", label=_("Date of birth")),
         Country(name="sponsor_nationality", label=_("Nationality"), special=True,
                 hint=_("With several nationalities: choose Belgian first, then that of another European country.")),
         Checked(name="sponsor_number", label=_("National register number or BIS number"), reader=national_or_bis_number, show=show_register_number,
                 optional=True, width=20, inputmode="numeric", hint=_("On the back of that person's Belgian card.")),
         *belgian_address("sponsor"), **OWN, check=check_sponsor),
    page("sponsor-belgian", "purpose", _("Free movement"),
         YesNo(name="sponsor_free_movement", label=_("Did this Belgian live in another country of the European Union, and come back?"),
               hint=_("Only a stay under the right of free movement counts. You must be able to prove it."), read_as=_("Used free movement")),
         when=_kind.is_(BELGIAN), **OWN),
    page("sponsor-permit", "purpose", _("Residence of that person in Belgium"),
         Day(name="sponsor_residence_since", label=_("Since which day has this person had a right of residence in Belgium?"), read_as=_("Residence since"),
             hint=_("The first day of the first right of residence. It decides whether the old or the new rules count.")),
         Choice(name="sponsor_protection", label=_("Was this person given protection in Belgium?"), choices=PROTECTIONS, read_as=_("Protection")),
         Choice(name="sponsor_card", label=_("Which residence card does this person hold?"), choices=CARDS, read_as=_("Residence card")),
         Day(name="sponsor_status_since", label=_("Since which day has this person had this protection, or else this card?"), read_as=_("Status since")),
         YesNo(name="tie_before", label=_("Did your family tie exist before this person came to live in Belgium?"), read_as=_("Family tie existed before"),
               hint=_("The marriage, the partnership or the birth.")),
         when=_kind.is_(THIRD), **OWN, check=check_permit),
    page("relation", "purpose", _("Your relation to that person"),
         Choice(name="relation", label=_("What are you to the person whom you join?"), choices=RELATIONS, read_as=_("Relation")),
         Day(name="union_on", label=_("On which day did you marry or register?"), when=is_partner),
         Country(name="union_country", label=_("In which country?"), when=is_partner),
         Number(name="joining_count", label=_("How many persons of the family apply now, you included?"), least=1, most=30, width=3),
         YesNo(name="adult_joins", label=_("Does an adult of the family apply together with you?")), **OWN, check=check_relation),
    page("history", "purpose", _("How you know each other"),
         PartialDay(name="met_on", label=_("When did you meet?")),
         LongText(name="met_how", label=_("How did you meet, and how did the relation go on?"), longest=4000),
         YesNo(name="lived_together", label=_("Did you live together before?")),
         Text(name="lived_together_where", label=_("Where, from when to when?"), when=answer("lived_together").is_("yes")),
         YesNo(name="married_before", label=_("Was one of you married or in a registered partnership before?")),
         LongText(name="earlier_marriages", label=_("With whom, from when to when?"), longest=2000, when=answer("married_before").is_("yes")),
         YesNo(name="sponsor_partner_before", label=_("Did another partner join this person in Belgium before?")),
         YesNo(name="common_children", label=_("Do you have children together?")), when=is_partner, **DELICATE, check=check_history),
    page("care", "purpose", _("Care and dependence"),
         LongText(name="dependence", label=_("How do you depend on that person, or that person on you?"), longest=4000,
                  hint=_("Money, care, living together: only the post and the Immigration Office read this.")),
         when=_relation.is_in(*DEPENDENTS, "parent-of-minor"), **DELICATE),
    page("means", "purpose", _("Income of the person whom you join"),
         Number(name="household_count", label=_("How many persons live with that person now?"), hint=_("Do not count that person."), most=30, width=3),
         Choices(name="income_kinds", label=_("Which income does that person have?"), choices=INCOMES),
         Money(name="sponsor_net_income", label=_("Net income a month"), hint=_("Leave out social aid.")),
         Day(name="income_since", label=_("Since when has the income been like that?")),
         when=answer("family_means").is_("asked"), **DELICATE, check=check_income),
    page("housing", "purpose", _("Home and health insurance"),
         Choice(name="home_right", label=_("By what right does that person live in the home?"), choices=HOMES),
         Choice(name="insurance", label=_("Does a health insurance in Belgium cover you and that person?"), choices=INSURANCES),
         when=answer("family_conditions").is_("asked"), **DELICATE),
)

