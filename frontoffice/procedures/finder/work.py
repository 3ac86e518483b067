"""Which procedure and which category of worker the answers about work lead to, in the order of offering, and why not the others."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.message import Message
from frontoffice.kernel.time import add_years
from frontoffice.procedures.doors import DOORS
from frontoffice.procedures.figures import Figures, UnknownFigure
from frontoffice.procedures.finder.place import address_at, region_at
from frontoffice.procedures.finder.questions import SPECIAL, UNKNOWN
from frontoffice.procedures.finder.result import CATEGORY, Alternative, Elsewhere, Found, Note, Result, elsewhere
from frontoffice.procedures.single_permit.categories import category, title_of
from frontoffice.procedures.single_permit.salary import Salary, salary_check
from frontoffice.procedures.territory import REGION_TITLES, Region

_PERMIT, _AUTHORISATION = "single-permit", "work-authorisation"
_BLUE_CARD = 'Agency for Integration, "Transposition of Blue Card directive", 2024; Fragomen, 4 April 2024'
_COUNTER = "One-Stop Counter, Working in Belgium (acceptance site, home page), 2025-26"
_UNSURE = ("No source found; general knowledge", "U")

# In this order: who may have the first is told of it first.
OFFERED = ("blue-card", "executive", "highly-qualified")
_BENEFITS: Mapping[str, Note] = {
    "blue-card": Note(Message(_("An EU Blue Card gives most: a card H, another employer after 12 months without a new permit, and an easier way to another Member State.")),
                      _BLUE_CARD, "P"),
    "executive": Note(Message(_("For executives no diploma is asked and the labour market is not tested.")), *_UNSURE),
    "highly-qualified": Note(Message(_("For highly qualified workers the labour market is not tested.")), *_UNSURE),
}
_CONDITIONS_OF_POSTING: Mapping[str, str] = {
    "stay_right": _("The worker has the right to stay for more than three months in the country that sends."),
    "lawful_work": _("The worker works there lawfully."),
    "papers_valid": _("Passport and permit are valid for the whole posting."),
    "return_sure": _("It is certain that the worker goes back."),
}
_NOT_MET = _("Not met: %(condition)s")
_NOT_KNOWN = _("Not known yet: %(condition)s")


def birth_date_meant(values: Mapping[str, str], day: date) -> date | None:
    """A birth date that stands for the answer about the age: the amounts ask only whether somebody is under 30."""
    return {"yes": add_years(day, -25), "no": add_years(day, -40)}.get(values.get("under_30", ""))


def at_work(values: Mapping[str, str], day: date) -> Result:
    """What the answers about work lead to."""
    form = values.get("work_form", UNKNOWN)
    if values.get("request_kind") == "renewal":
        return Found(procedure=_PERMIT, given=_known(values, "request_kind", "residence_status"), notes=[_who_files(values)], alternatives=[_unlimited()])
    if values.get("request_kind") == "unlimited":
        return Found(procedure="unlimited-permit", notes=[Note(Message(_("The worker files this, not the employer.")), _COUNTER, "O")], alternatives=[_renewal()])
    if form == "self-employed":
        return elsewhere("professional-card")
    if form == "posted-eea":
        return _posting(values)
    if form in ("hosting", "au-pair"):
        return _without_single_permit(form)
    if values.get("goal") != "renew" and values.get("work_duration") in ("short", "frontier", "telework"):
        given = {"authorisation_ground": values["work_duration"], **_places(values, form)}
        return Found(procedure=_AUTHORISATION, given=given, notes=[_who_files(values)],
                     alternatives=[Alternative(title=_("Single permit"), procedure=_PERMIT, why=[Note(Message(
                         _("For more than 90 days of work while living in Belgium.")), _COUNTER, "O")])])
    return _single_permit(values, form, day)


def _who_files(values: Mapping[str, str]) -> Note:
    text = (_("You file it as the employer, or a mandatary does it for you. The worker gets an invitation for the own part.") if values.get("goal") == "hire"
            else _("The employer files it, not the worker: show this page to your employer."))
    return Note(Message(text), _COUNTER, "O")


def _known(values: Mapping[str, str], *names: str) -> dict[str, str]:
    return {name: values[name] for name in names if values.get(name, UNKNOWN) not in ("", UNKNOWN)}


def _places(values: Mapping[str, str], form: str) -> dict[str, str]:
    given = {f"workplace_{name}": text for name, text in address_at(values.get("place", "")).items()}
    if form != UNKNOWN:
        given["posted"] = "no" if form in ("employee", "seasonal") else "yes"
    return given


def _renewal() -> Alternative:
    return Alternative(title=_("Renewal of the single permit"), procedure=_PERMIT, given={"request_kind": "renewal"}, page="renewal-and-change",
                       why=[Note(Message(_("For the same job with the same employer.")), "SPW, FAQ of the September 2024 reform", "O")])


def _unlimited() -> Alternative:
    return Alternative(title=_("Single permit of unlimited duration"), procedure="unlimited-permit",
                       why=[Note(Message(_("After some years of authorised work; the Region says how many.")), _COUNTER, "O")])


def _posting(values: Mapping[str, str]) -> Elsewhere:
    conditions = [(values.get(name), Message(text)) for name, text in _CONDITIONS_OF_POSTING.items()]
    source = (DOORS["vander-elst"].source, DOORS["vander-elst"].confidence)
    unmet = [Note(Message(_NOT_MET, {"condition": text}), *source) for said, text in conditions if said == "no"]
    unknown = [Note(Message(_NOT_KNOWN, {"condition": text}), *source) for said, text in conditions if said not in ("yes", "no")]
    others = [Alternative(title=_("Single permit"), procedure=_PERMIT, given={"posted": "yes"}, why=[Note(Message(
                  _("For more than 90 days, when one of these conditions is not met.")), *source)]),
              Alternative(title=_("Work authorisation without residence"), procedure=_AUTHORISATION, given={"posted": "yes"}, why=[Note(Message(
                  _("For at most 90 days, when one of these conditions is not met.")), *source)])]
    return elsewhere("not-vander-elst" if unmet else "vander-elst", *others, notes=[*unmet, *unknown])


def _without_single_permit(form: str) -> Found:
    if form == "hosting":
        return Found(procedure="visa-d-researcher", notes=[Note(Message(_("With a hosting agreement no single permit is needed: the researcher asks for a visa.")),
                                                                "Public study guide on Belgian visas, checked 5 October 2026", "C")])
    return Found(procedure="visa-d-au-pair", notes=[Note(Message(_("First the host family asks the Region for the work authorisation; then the au pair asks for the visa.")),
                                                         "Working in Belgium (NSSO), single permit page", "O")])


def _single_permit(values: Mapping[str, str], form: str, day: date) -> Found:
    found, notes, others = _category(values, form, day)
    given = _places(values, form)
    given |= _known(values, "request_kind", "residence_status", "seasonal_sector", "pay_year", "pay_month")
    if values.get("goal") != "renew":
        given["request_kind"] = "first"
    if values.get("learned") in ("diploma", "experience"):
        given["qualification"] = values["learned"]
    alternatives = list(others)
    if values.get("goal") != "renew" and values.get("work_duration") == UNKNOWN:
        alternatives.append(Alternative(title=_("Work authorisation without residence"), procedure=_AUTHORISATION, why=[Note(Message(
            _("For at most 90 days, or for someone who keeps living abroad.")), _COUNTER, "O")]))
    return Found(procedure=_PERMIT, given={**given, **({CATEGORY: found} if found else {})}, notes=[*notes, _who_files(values)], alternatives=alternatives)


_Choice = tuple[str, list[Note], list[Alternative]]


def _category(values: Mapping[str, str], form: str, day: date) -> _Choice:
    if form == "group-mobile":
        return "mobile-ict", [], []
    if form == "group":
        return _transfer(values)
    if form == "seasonal":
        return "seasonal", [], []
    kind = values.get("job_kind", UNKNOWN)
    if kind == "special":
        return _special(values)
    if kind in ("listed", "other"):
        return _market(values, kind)
    return _by_pay(values, day)


def _transfer(values: Mapping[str, str]) -> _Choice:
    role = values.get("transfer_role", UNKNOWN)
    if role != UNKNOWN:
        return role, [], []
    text = Note(Message(_("It depends on what the person does in the group: choose the category when you apply, or ask the Region.")), *_UNSURE)
    return "", [text], [_offer(one, []) for one in ("ict-manager", "ict-specialist", "ict-trainee")]


def _special(values: Mapping[str, str]) -> _Choice:
    chosen = values.get("special", UNKNOWN)
    if chosen == UNKNOWN:
        return "", [_ask(values)], [_offer(one, []) for one in SPECIAL]
    region, found = region_at(values.get("place", "")), category(chosen)
    if region and found and not found.known_in(region):
        note = Note(Message(_("The %(region)s has no such category of its own: ask that Region which one it takes."), {"region": Message(REGION_TITLES[region])}),
                    found.source, found.confidence)
        return "", [note], [_offer(one, []) for one in _residual(region)]
    return chosen, [], []


def _residual(region: Region | None) -> tuple[str, ...]:
    """The categories that take whoever fits no other, in a Region."""
    return () if region is None else ("other-flanders",) if region is Region.FLANDERS else ("general",)


def _market(values: Mapping[str, str], kind: str) -> _Choice:
    """Listed occupations, and the categories in which a vacancy must be published first."""
    region = region_at(values.get("place", ""))
    listed = [] if region is None else ["shortage-flanders" if region is Region.FLANDERS else "shortage"]
    resident = ["long-term-resident"] if values.get("residence_status") == "other-member-state" and kind == "listed" else []
    order = [*resident, *listed, *_residual(region)] if kind == "listed" else [*_residual(region), *listed]
    if not order:
        return "", [_ask(values)], []
    order = [one for one in order if _takes_posted(one, values)]
    if not order:
        return "", [Note(Message(_("In this category %(region)s takes only workers with a Belgian contract: ask which other way there is."),
                                 {"region": Message(REGION_TITLES[region] if region else "")}), "Flemish government, mid-skilled shortage occupations page", "O")], []
    return order[0], [], [_offer(one, _why_not(one, kind)) for one in order[1:]]


def _takes_posted(code: str, values: Mapping[str, str]) -> bool:
    found = category(code)
    return values.get("work_form") != "posted" or bool(found and found.posting)


def _why_not(code: str, kind: str) -> list[Note]:
    if code.startswith("shortage") and kind == "other":
        return [Note(Message(_NOT_MET, {"condition": Message(_("The occupation is on the list of the Region."))}), "Brussels Economy and Employment, lists of appendices", "O")]
    if code in ("general", "other-flanders"):
        return [Note(Message(_("A vacancy must be published first, and nobody found.")), "Vandelanotte, 26 February 2026; Reliance/Littler, 20 September 2024", "P")]
    return []


def _ask(values: Mapping[str, str]) -> Note:
    region = region_at(values.get("place", ""))
    if region is None:
        return Note(Message(_("Each Region has its own categories. Find out where the work is done, or ask a Region.")), _COUNTER, "O")
    return Note(Message(_("Which category it is follows from the work itself: ask the %(region)s."), {"region": Message(REGION_TITLES[region])}), _COUNTER, "O")


def _offer(code: str, why: Sequence[Note]) -> Alternative:
    return Alternative(title=title_of(code), procedure=_PERMIT, given={CATEGORY: code}, why=why)


def _by_pay(values: Mapping[str, str], day: date) -> _Choice:
    """Blue Card, executive, highly qualified: the first of which no condition is known to fail, and what stands against the others."""
    region = region_at(values.get("place", ""))
    against = {one: list(_against(one, values, region, day)) for one in OFFERED if one != "executive" or values.get("job_kind") == "management"}
    fitting = [one for one, notes in against.items() if not notes and _is_sure(one, values, region)]
    rest = [_offer(one, [*notes, *_unsure_of(one, values, region)] if notes or one not in fitting else [_BENEFITS[one]])
            for one, notes in against.items() if not fitting or one != fitting[0]]
    if fitting:
        return fitting[0], [_BENEFITS[fitting[0]]], rest
    return "", [_ask(values)], [*rest, *(_offer(one, _why_not(one, "")) for one in _residual(region) if _takes_posted(one, values))]


def _is_sure(code: str, values: Mapping[str, str], region: Region | None) -> bool:
    return not list(_unsure_of(code, values, region))


def _unsure_of(code: str, values: Mapping[str, str], region: Region | None) -> Iterator[Note]:
    """What is not known yet of the conditions of a category."""
    if region is None or not (values.get("pay_year") or values.get("pay_month")):
        yield Note(Message(_NOT_KNOWN, {"condition": Message(_("The pay reaches the minimum of the Region."))}), *_UNSURE)
    if code != "executive" and values.get("learned", UNKNOWN) == UNKNOWN:
        yield Note(Message(_NOT_KNOWN, {"condition": Message(_("The worker has a higher diploma."))}), "EU Immigration Portal, Belgium pages; Fragomen, 4 April 2024", "P")
    if code == "blue-card" and values.get("contract_length", UNKNOWN) == UNKNOWN:
        yield Note(Message(_NOT_KNOWN, {"condition": Message(_("The contract lasts at least 6 months."))}), _BLUE_CARD, "P")


def _against(code: str, values: Mapping[str, str], region: Region | None, day: date) -> Iterator[Note]:
    """The conditions of a category that these answers do not meet, with the amounts of the day."""
    learned = values.get("learned")
    # Wallonia takes experience for highly qualified workers too.
    by_experience = code == "blue-card" or region is Region.WALLONIA
    if code != "executive" and (learned == "none" or learned == "experience" and not by_experience):
        yield Note(Message(_NOT_MET, {"condition": Message(_("The worker has a higher diploma."))}), "EU Immigration Portal, Belgium pages; Fragomen, 4 April 2024", "P")
    if code == "blue-card" and values.get("contract_length") == "short":
        yield Note(Message(_NOT_MET, {"condition": Message(_("The contract lasts at least 6 months."))}), _BLUE_CARD, "P")
    if region is None or not (values.get("pay_year") or values.get("pay_month")):
        return
    salary = Salary(yearly=_amount(values, "pay_year"), monthly=_amount(values, "pay_month"), birth_date=birth_date_meant(values, day), start=day,
                    posted=values.get("work_form") == "posted")
    try:
        check = salary_check(salary, region, code, Figures.at(day))
    except UnknownFigure:
        yield Note(Message(_("No minimum is known for this category in the %(region)s: ask that Region."), {"region": Message(REGION_TITLES[region])}), *_UNSURE)
        return
    if not check.enough:
        yield Note(check.explanation, check.threshold.source, check.threshold.confidence)


def _amount(values: Mapping[str, str], name: str) -> Decimal | None:
    return Decimal(values[name]) if values.get(name) else None
