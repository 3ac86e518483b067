"""Annex 3bis: the commitment of a guarantor who lives in Belgium for a guest who comes for at most 90 days."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from frontoffice.forms.conditions import answer
from frontoffice.forms.fields import Choice, Day, Option, Text, YesNo
from frontoffice.forms.form import Values
from frontoffice.kernel.errors import Problem
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.message import Message
from frontoffice.procedures.competence import AskAPerson, Competence, Outcome
from frontoffice.procedures.figures import Figures
from frontoffice.procedures.guarantee.cards import LIMITED
from frontoffice.procedures.guarantee.life import life
from frontoffice.procedures.guarantee.means import LIABILITY, VALIDITY, Required, enough, for_visitors
from frontoffice.procedures.guarantee.papers import ADVICE, CHARGE, KEY_FACTS, LIABILITY_CLOCK, MILESTONES, PROCESS, VALIDITY_CLOCK, documents
from frontoffice.procedures.guarantee.questions import (
    check_adult,
    check_home_is_belgian,
    guest,
    guest_passport,
    home,
    household,
    identity,
    income,
    mine,
    promises,
    residence,
)
from frontoffice.procedures.guarantee.remarks import about_card, about_income, about_passport, about_start
from frontoffice.procedures.shared.questions import belgian_address
from frontoffice.procedures.shared.steps import GUARANTOR, OFFICE, POST, TOWN
from frontoffice.procedures.territory import municipality
from frontoffice.procedures.vocabulary import Advice, KeyFact, Procedure, Remark, Role, Rule

OFFICE_PAGE = "Immigration Office, annex 3bis page"
ROUTES: tuple[Option, ...] = (
    ("visa-belgium", _("With a visa that a Belgian embassy or consulate gives"), ""), ("visa-other", _("With a visa that another Schengen State gives"), ""),
    ("visa-free", _("Without a visa: the nationality needs none"), ""),
)
PURPOSES: tuple[Option, ...] = (
    ("family", _("Visit to family"), ""), ("friends", _("Visit to friends"), ""), ("tourism", _("Tourism"), ""), ("business", _("Business"), ""),
    ("medical", _("Medical treatment"), ""), ("other", _("Something else"), ""),
)
ENTRIES: tuple[Option, ...] = (("one", _("One"), ""), ("two", _("Two"), ""), ("multiple", _("More than two"), ""))

_LIMITED_CARD = _("The holder of an A or H card has a limited right of residence and cannot sign this commitment. Someone else must sign")


def _check_card(values: Values, _others: Values) -> Sequence[Problem]:
    return [Problem("card_type", _LIMITED_CARD)] if values.get("card_type") in LIMITED else []


def _check_stay(values: Values, others: Values) -> Sequence[Problem]:
    begins, ends = date.fromisoformat(values["stay_from"]), date.fromisoformat(values["stay_until"])
    if ends < begins:
        return [Problem("stay_until", _("The stay ends after it begins: check both dates"))]
    if values["stay_until"] < others["today"]:
        return [Problem("stay_until", _("This stay is over: check both dates"))]
    longest = Figures.at(begins).get("guarantee-longest-stay").count
    if ends - begins >= timedelta(days=longest):
        return [Problem("stay_until", _("This commitment is for a stay of at most %(count)s days, the first and the last day included"), {"count": longest})]
    return []


PAGES = (
    home(check=check_home_is_belgian),
    identity(check=check_adult),
    residence(check=_check_card),
    household(),
    income(already=_("How many other commitments of yours are active now?")),
    guest("visitor", _("Who comes to Belgium?"), _("Who is the guest to you?")),
    guest_passport("visitor-passport", _("The passport of your guest")),
    mine("stay", _("The stay"),
         Choice(name="route", label=_("How does your guest enter?"), read_as=_("Entry"), choices=ROUTES),
         Choice(name="purpose", label=_("Purpose of the stay"), choices=PURPOSES),
         Text(name="purpose_other", label=_("Which purpose?"), when=answer("purpose").is_("other")),
         Day(name="stay_from", label=_("First day of the stay")), Day(name="stay_until", label=_("Last day of the stay")),
         Choice(name="entries", label=_("How many entries?"), choices=ENTRIES),
         YesNo(name="stays_with_you", label=_("Does your guest stay at your address?")),
         *belgian_address("host", when=answer("stays_with_you").is_("no")), section="stay", check=_check_stay),
    promises(("promise_costs", _("I pay the costs of health care, stay and return of my guest when the guest does not, together with the guest, to the State and the public social welfare centre.")),
             ("promise_period", _("I know that I am liable from the entry into the Schengen area, for as long as the law says, also after the guest has left.")),
             ("promise_truth", _("I declare that what I answered is true and complete."))),
)
ASKED = tuple((one.code, one.title, "") for one in documents())


def competent(values: Values) -> Outcome | None:
    """The municipality of the guarantor's main residence legalises the signature."""
    if not values.get("lives_in_belgium") or not values.get("home_municipality"):
        return None
    place = municipality(values["home_municipality"])
    if place is None:
        return AskAPerson(row=1, about="home", reason=Message(_("The municipality of the place that counts is not known: check its postal code.")),
                          source=PROCESS, confidence="P")
    return Competence(authority=f"municipality-{place.nis}", role=Role.MUNICIPALITY, rows=(1,), source=PROCESS, confidence="P",
                      reason=Message(_("The signature is legalised in the municipality where the guarantor lives: %(place)s."), {"place": place.names}))


def derive(values: Values, today: date) -> Mapping[str, str]:
    """Facts that follow from the answers: the day."""
    return {"today": today.isoformat()}


def required(values: Values, day: date) -> Required | None:
    """The income for this commitment and the others that the guarantor names."""
    return for_visitors(int(values.get("other_commitments") or 0) + 1, Figures.at(day))


def remarks(values: Values, day: date) -> list[Remark]:
    """Income, card, passport and dates, as the figures of the day see them."""
    until = values.get("stay_until", "")
    return [*about_income(values, required(values, day), day), *about_card(values, until), *about_passport(values, until), *about_start(values, "stay_from", day)]


def _says(name: str, yes: str) -> bool | None:
    return None if not name else name == yes


RULES = (
    Rule(text=_("You live in Belgium, as a Belgian or with a right of residence without end."), source=OFFICE_PAGE, confidence="O",
         met=lambda values, _day: _says(values.get("lives_in_belgium", ""), "yes")),
    Rule(text=_("You do not hold an A or H card."), source="orangeconnect.be, notes of the Immigration Office, early 2022", confidence="P",
         met=lambda values, _day: None if not values.get("card_type") else values["card_type"] not in LIMITED),
    Rule(text=_("You are a person and at least 18 years old; an enterprise or association cannot sign."), source=OFFICE_PAGE, confidence="O"),
    Rule(text=_("You earn at least %(amount)s net a month for the first commitment."), figure="guarantee-threshold", met=lambda values, day: enough(values, required(values, day))),
    Rule(text=_("For each further active commitment you earn %(amount)s more."), figure="guarantee-threshold-further"),
    Rule(text=_("Social aid does not count as income."), source="GEMCOM questions and answers on annex 3bis", confidence="P",
         met=lambda values, _day: None if not values.get("income_source") else values["income_source"] != "social-aid"),
    Rule(text=_("Your guest applies for the visa, or enters without one, within %(count)s months after the legalisation."), figure="guarantee-validity"),
    Rule(text=_("You are liable for the costs during %(count)s months from the entry into the Schengen area, together with your guest."), figure="guarantee-liability"),
)

GUARANTEE_SHORT_STAY = Procedure(
    code="guarantee-short-stay",
    edition="2026-11",
    valid_from=date(2026, 11, 21),
    title=_("Commitment of a guarantor, short stay (annex 3bis)"),
    summary=_("You promise to pay the costs of a guest from outside the European Union who comes for at most 90 days. Your guest shows it for the visa or at the border."),
    decides=_("Your municipality legalises your signature. The embassy or consulate, or the Immigration Office, accepts the commitment or refuses it."),
    legal_basis=_("Article 3bis of the Act of 15 December 1980; articles 17/2 to 17/9 of the Royal Decree of 8 October 1981"),
    prefix="GS",
    filed_by=frozenset({Role.GUARANTOR}),
    life=life(ASKED, study=False),
    sections=(("guarantor", _("You")), ("guest", _("Your guest")), ("stay", _("The stay"))),
    pages=PAGES,
    documents=documents(),
    clocks=(VALIDITY_CLOCK, LIABILITY_CLOCK),
    fees=(CHARGE,),
    derive=derive,
    derived=frozenset({"today"}),
    competent=competent,
    remarks=remarks,
    rules=RULES,
    milestones=MILESTONES,
    appeals={},
    advice=(
        Advice(states=frozenset({"legalised"}), roles=GUARANTOR, to_do=True, figure=VALIDITY,
               text=_("Send the legalised commitment to your guest, who hands it in with the visa application. It must be used within %(count)s months.")),
        *ADVICE,
        Advice(states=frozenset({"accepted", "used"}), roles=GUARANTOR, figure=LIABILITY,
               text=_("You are liable for the costs during %(count)s months from the entry into the Schengen area, together with your guest.")),
    ),
    key_facts=(*KEY_FACTS, KeyFact(title=_("The stay"), questions=("route", "purpose", "stay_from", "stay_until"), labelled=True, roles=TOWN | OFFICE | POST)),
    information="guarantor",
)
