"""Which procedure the answers lead to for every purpose but work: family, study, research, visits, guarantors, arrival and the others."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date

from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.message import Message
from frontoffice.procedures.doors import DOORS
from frontoffice.procedures.figures import Figure, Figures
from frontoffice.procedures.finder.place import address_at
from frontoffice.procedures.finder.result import CATEGORY, Alternative, Found, Note, Result, elsewhere
from frontoffice.procedures.guarantee.short_stay import OFFICE_PAGE
from frontoffice.procedures.visa_d.au_pair import ONE_PERMIT
from frontoffice.procedures.visa_d.study import MEANS_PAGE, STUDENTS
from frontoffice.procedures.visa_d.working_holiday import HOLIDAY_PAGE

Values = Mapping[str, str]
_UNSURE = ("No source found; general knowledge", "U")
_AT_HOME = ("long-stay", "student", "researcher", "pending", "protocol")
_NOT_MET = _("Not met: %(condition)s")


def _note(text: str, source: str = _UNSURE[0], confidence: str = _UNSURE[1]) -> Note:
    return Note(Message(text), source, confidence)


def _hint(text: str) -> Note:
    """A sentence that says what something is for; it claims nothing of the law."""
    return Note(Message(text))


def _in_belgium(values: Values) -> list[Note]:
    """Whoever lives in Belgium already may find the way at the municipality."""
    if values.get("residence_status") not in _AT_HOME:
        return []
    return [_note(_("This visa is asked for abroad. Somebody who lives in Belgium with a card may apply at the municipality instead: ask there first."))]


def _visit(why: str) -> Alternative:
    return Alternative(title=_("Visa C, for a short stay"), procedure="visa-c", page="short-stay-visa", why=[_hint(why)])


_FOR_SHORT = _("For at most 90 days.")


def family(values: Values, day: date) -> Result:
    """Joining a relative."""
    notes = _in_belgium(values)
    if values.get("sponsor") == "eu":
        notes.append(_note(_("The family of a citizen of the European Union has its own, lighter rules and pays no fee."), "Directive 2004/38/EC, article 5", "U"))
    others = [Alternative(title=_("Visa to marry or to live together in Belgium"), procedure="visa-d-marriage", page="marriage",
                          why=[_hint(_("For partners who marry or declare legal cohabitation in Belgium first."))]), _visit(_FOR_SHORT)]
    return Found(procedure="visa-d-family", notes=notes, alternatives=others)


def marriage(values: Values, day: date) -> Result:
    """Marrying or living together in Belgium."""
    stays = Found(procedure="visa-d-marriage", notes=_in_belgium(values), alternatives=[
        Alternative(title=_("Family reunification"), procedure="visa-d-family", page="family-reunification", why=[_hint(_("For partners who are married already."))])])
    if values.get("union_stay") != "leaves":
        return stays
    return Found(procedure="visa-c", given=_known(values, "nationality"), notes=[_note(_("You leave again within 90 days: a visa for a short stay is enough."))], alternatives=[
        Alternative(title=_("Visa to marry or to live together in Belgium"), procedure="visa-d-marriage", why=[_hint(_("If you stay in Belgium afterwards."))])])


def study(values: Values, day: date) -> Result:
    """Studying."""
    if values.get("stay_length") == "short":
        return Found(procedure="visa-c", given=_known(values, "nationality"), notes=[_note(_("A course of at most 90 days takes a visa for a short stay."))], alternatives=[
            Alternative(title=_("Visa D for study"), procedure="visa-d-study", why=[_hint(_("For more than 90 days."))])])
    notes = _in_belgium(values)
    if values.get("institution_kind") in ("private", "secondary"):
        notes.append(_note(_("For this school the general rules apply, with another contribution: there is no right to this visa."), MEANS_PAGE + "; " + STUDENTS, "O"))
    guarantee = Alternative(title=_("A guarantor for the student"), procedure="guarantee-study", page="guarantor",
                            why=[_note(_("One way to prove the means: somebody promises to pay the costs (annex 32)."), MEANS_PAGE, "O")])
    return Found(procedure="visa-d-study", given=_known(values, "nationality", "institution_kind"), notes=notes, alternatives=[guarantee])


def research(values: Values, day: date) -> Result:
    """Doing research, with or without a hosting agreement."""
    if values.get("stay_length") == "short":
        return Found(procedure="visa-c", given=_known(values, "nationality"), notes=[_note(_("A stay of at most 90 days takes a visa for a short stay."))], alternatives=[
            Alternative(title=_("Work authorisation without residence"), procedure="work-authorisation", why=[_hint(_("If you work for an employer in Belgium: ask the Region."))])])
    without = {CATEGORY: "researcher", "request_kind": "first", **{f"workplace_{name}": text for name, text in address_at(values.get("place", "")).items()}}
    condition = Message(_NOT_MET, {"condition": Message(_("You have a hosting agreement with an approved research organisation."))})
    if values.get("hosting_agreement") == "no":
        return Found(procedure="single-permit", given={**without, **_known(values, "residence_status")}, notes=[Note(Message(
            _("Without a hosting agreement a researcher needs a single permit, which the employer files.")),
            "Ministry of the German-speaking Community and ADG, pages on work permits", "O")], alternatives=[
            Alternative(title=_("Visa D for researchers"), procedure="visa-d-researcher", page="researcher",
                        why=[Note(condition, "Act of 15 December 1980, articles 61/10 to 61/13", "O")])])
    return Found(procedure="visa-d-researcher", given=_known(values, "nationality"), notes=_in_belgium(values), alternatives=[
        Alternative(title=_("Single permit"), procedure="single-permit", given=without, page="researcher", why=[_hint(_("Without a hosting agreement."))])])


def _ages(values: Values, day: date, code: str) -> Iterator[Note]:
    """What the age stands against, with the bounds in force."""
    figures, age = Figures.at(day), values.get("age")
    for end, text in (("from", _("At least %(count)s years old.")), ("to", _("At most %(count)s years old."))):
        figure = figures.find(f"{code}-age-{end}")
        if figure and age and (int(age) < figure.count if end == "from" else int(age) > figure.count):
            yield _against(text, figure)


def _against(text: str, figure: Figure) -> Note:
    return Note(Message(_NOT_MET, {"condition": Message(text, {"count": figure.count})}), figure.source, figure.confidence)


def au_pair(values: Values, day: date) -> Result:
    """Being an au pair."""
    notes = [Note(Message(_("First the host family asks the Region for the work authorisation; then the au pair asks for the visa.")),
                  "Working in Belgium (NSSO), single permit page", "O"), *_ages(values, day, "au-pair")]
    if values.get("au_pair_before") == "yes":
        notes.append(Note(Message(_NOT_MET, {"condition": Message(_("It is the first permit as an au pair in Belgium."))}), ONE_PERMIT, "P"))
    return Found(procedure="visa-d-au-pair", given=_known(values, "nationality", "au_pair_before"), notes=_with_ask(notes, len(notes) > 1, _("Ask the Region.")), alternatives=[
        Alternative(title=_("Visa D for study"), procedure="visa-d-study", page="study", why=[_hint(_("To follow full-time studies."))])])


def _with_ask(notes: list[Note], unmet: bool, where: str) -> list[Note]:
    return [*notes, _hint(where)] if unmet else notes


def holiday(values: Values, day: date) -> Result:
    """A working holiday."""
    notes = list(_ages(values, day, "working-holiday"))
    nationality = values.get("nationality", "")
    if nationality and Figures.at(day).find("working-holiday-agreement", category=nationality) is None:
        notes.append(Note(Message(_NOT_MET, {"condition": Message(_("Belgium has an agreement with the country of your nationality: Australia, Canada, New Zealand, "
                                                                    "the Republic of Korea or Taiwan."))}), HOLIDAY_PAGE, "O"))
    if values.get("holiday_before") == "yes":
        notes.append(Note(Message(_NOT_MET, {"condition": Message(_("You never had a working holiday visa for Belgium."))}), HOLIDAY_PAGE, "O"))
    return Found(procedure="visa-d-working-holiday", given=_known(values, "nationality", "holiday_before"),
                 notes=_with_ask(notes, bool(notes), _("Ask the Belgian embassy or consulate before you apply.")),
                 alternatives=[_visit(_("For a journey of at most 90 days, without work.")),
                               Alternative(title=_("Single permit"), procedure="single-permit", page="single-permit", why=[_hint(_("To work for an employer for more than 90 days."))])])


def visit(values: Values, day: date) -> Result:
    """A visit."""
    notes = []
    if values.get("visit_length") == "long":
        notes.append(_note(_("A visit lasts at most 90 days in any 180. For more, choose what you come for: family, study, work or another purpose.")))
    others = [Alternative(title=_("Guarantee for a short stay"), procedure="guarantee-short-stay", page="guarantor",
                          why=[_note(_("One way to prove the means: somebody in Belgium promises to pay the costs (annex 3bis)."))]),
              Alternative(title=_("Declaration of arrival"), procedure="declaration-of-arrival", page="arrival",
                          why=[_note(_("If your nationality needs no visa for a short stay, or once you have arrived."), "Regulation (EU) 2018/1806, annexes I and II")])]
    return Found(procedure="visa-c", given=_known(values, "nationality", "eu_family"), notes=notes, alternatives=others)


def guarantor(values: Values, day: date) -> Result:
    """Standing guarantor for a visitor or a student."""
    visitor = Alternative(title=_("Guarantee for a short stay"), procedure="guarantee-short-stay", page="guarantor", why=[_hint(_("For a visitor who stays for at most 90 days."))])
    student = Alternative(title=_("Guarantee for a student"), procedure="guarantee-study", page="guarantor", why=[_hint(_("For a student, or a graduate in the search year."))])
    status = values.get("guarantor_status")
    unmet = [Note(Message(_NOT_MET, {"condition": Message(_("You do not hold an A or H card."))}), "orangeconnect.be, notes of the Immigration Office, early 2022", "P")] if status == "limited" else []
    if values.get("guarantee_for") == "student":
        return Found(procedure="guarantee-study", given=_known(values, "lives_in_belgium"), notes=_with_ask(
            unmet, bool(unmet), _("A relative up to the third degree may be guarantor too: ask the Immigration Office.")), alternatives=[visitor])
    if values.get("lives_in_belgium") == "no":
        unmet.append(Note(Message(_NOT_MET, {"condition": Message(_("You live in Belgium, as a Belgian or with a right of residence without end."))}), OFFICE_PAGE, "O"))
    return Found(procedure="guarantee-short-stay", given=_known(values, "lives_in_belgium"),
                 notes=_with_ask(unmet, bool(unmet), _("Ask your municipality.")), alternatives=[student])


def arrival(values: Values, day: date) -> Result:
    """Reporting an arrival."""
    declaration = Alternative(title=_("Declaration of arrival"), procedure="declaration-of-arrival", page="arrival", why=[_hint(_FOR_SHORT)])
    if values.get("arrival_length") == "long":
        return elsewhere("service-of-the-municipality", declaration, notes=[_note(_(
            "With a visa D or a permit you report to the municipality in person. If your application was filed here, announce your arrival in your dossier."))])
    notes = []
    if values.get("stays_with") == "hotel":
        notes.append(_note(_("In a hotel, a youth hostel or on a camping site the keeper reports you; you need not do anything."),
                           "Municipalities of Riemst and Dilsen-Stokkem, pages on the declaration of arrival", "O"))
    return Found(procedure="declaration-of-arrival", given=_known(values, "nationality", "stays_with"), notes=notes, alternatives=[
        Alternative(title=DOORS["service-of-the-municipality"].title, page="arrival", why=[_hint(_("For more than 90 days, with a visa D or a permit."))])])


def humanitarian(values: Values, day: date) -> Result:
    """Protection, or a special situation."""
    visa = Alternative(title=_("Humanitarian visa"), procedure="visa-d-humanitarian", page="humanitarian-visa",
                       why=[_note(_("For somebody abroad in a special situation. Nobody has a right to it."))])
    if values.get("protection") == "asylum":
        return elsewhere("asylum", visa)
    door = DOORS["asylum"]
    return Found(procedure="visa-d-humanitarian", given=_known(values, "nationality"), notes=_in_belgium(values), alternatives=[
        Alternative(title=door.title, page=door.page, why=[Note(Message(door.what_to_do), door.source, door.confidence)])])


def _known(values: Values, *names: str) -> dict[str, str]:
    return {name: values[name] for name in names if values.get(name) and values[name] != "unknown"}


PURPOSES: Mapping[str, Callable[[Values, date], Result]] = {
    "family": family, "marriage": marriage, "study": study, "research": research, "au-pair": au_pair, "working-holiday": holiday, "visit": visit,
    "guarantor": guarantor, "arrival": arrival, "humanitarian": humanitarian,
}
