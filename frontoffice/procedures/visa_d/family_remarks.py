"""What is said of a family file beside the field: article, rule set, ages, waiting time, income, home. It blocks nothing and judges nobody."""

from collections.abc import Iterator, Sequence
from datetime import date

from frontoffice.forms.form import Values
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.message import Message, Param
from frontoffice.procedures.figures import Figure
from frontoffice.procedures.visa_d.family_article import BELGIAN, EUROPEAN, LISTS, NEW, OLD, TRANSITION, UNKNOWN, UNSURE, sponsor_kind
from frontoffice.procedures.visa_d.family_means import Comparison, compare
from frontoffice.procedures.visa_d.family_rules import CHILDREN, EQUIVALENT, MAY_JOIN, PARTNERS, STABLE_MEANS, FamilyFile
from frontoffice.procedures.vocabulary import Remark

_STEP_CONFLICT = "droitsquotidiens.be, means of subsistence (2025); news.dayfr24.com and n-va.be, August 2025"
_NOT_COUNTED = ("social-aid", "guardian", "unemployment")
_WEIGHED = ("disability", "elderly")
_UNSTABLE = ("work-fixed", "work-agency")
_WHERE = {BELGIAN: "sponsor_free_movement", EUROPEAN: "sponsor_nationality"}


def remarks(values: Values, today: date) -> Sequence[Remark]:
    """Everything that can be said of these answers on the day of filing."""
    file = FamilyFile(values, today)
    return [*_about_article(file), *_about_protection(file), *_about_wait(file), *_about_relation(file), *_about_ages(file), *_about_means(file),
            *_about_income(file), *_about_home(file)]


def _by(figure: Figure, about: str, text: str, *, doubtful: bool = False, **params: Param) -> Remark:
    return Remark(about, Message(text, {"count": figure.count, **params}), figure.source, figure.confidence, doubtful=doubtful)


def _about_article(file: FamilyFile) -> Iterator[Remark]:
    if file.basis is None:
        return
    about = _WHERE.get(sponsor_kind(file.values), "sponsor_card")
    yield Remark(about, Message(file.basis.reason), file.basis.source, file.basis.confidence, doubtful=file.article == UNKNOWN)
    if file.article == "47/1":
        yield Remark("relation", Message(_("We cannot confirm whether other relatives need not pay the contribution: ask the embassy or consulate before you file.")),
                     UNSURE, "U", doubtful=True)
    if file.article in ("40bis", "47/1") or not file.rules:
        return
    about = "sponsor_free_movement" if about == "sponsor_free_movement" else "sponsor_residence_since"
    text = _("The old rules count for your file: %(why)s") if file.rules == OLD else _(
        "The new rules of the Act of 18 July 2025 count for your file: %(why)s")
    yield Remark(about, Message(text, {"why": _why(file)}), TRANSITION, "P")


def _why(file: FamilyFile) -> Message:
    new, old = file.figures.find("family-new-rules"), file.figures.find("family-old-rules")
    if new is None or new.valid_from is None:
        return Message(_("you file before the new rules."))
    if old is None or old.valid_until is None:
        return Message(_("the time in which the old rules still counted for some is over."))
    days: dict[str, Param] = {"first": new.valid_from, "last": old.valid_until}
    if file.rules == NEW:
        return Message(_("the person whom you join had no residence before %(first)s."), {"first": new.valid_from})
    return Message(_("you join a Belgian, and file before or on %(last)s."), {"last": old.valid_until}) if sponsor_kind(file.values) == BELGIAN else Message(
        _("the person whom you join had residence before %(first)s, and you file before or on %(last)s."), days)


def _about_protection(file: FamilyFile) -> Iterator[Remark]:
    switch = file.figures.find("family-subsidiary-strict")
    if file.said("sponsor_protection") == "subsidiary" and switch:
        text = _("The stricter rules for relatives of a person with subsidiary protection are suspended by the Constitutional Court since %(day)s. "
                 "The Court of Justice of the European Union has still to answer.") if switch.value == "off" else _(
                 "Stricter rules count for relatives of a person with subsidiary protection who falls under the new rules.")
        days: dict[str, Param] = {"day": switch.valid_from} if switch.value == "off" and switch.valid_from else {}
        yield Remark("sponsor_protection", Message(text, days), switch.source, switch.confidence)
    if file.is_strict and file.said("relation") in PARTNERS and file.said("tie_before") == "no":
        yield Remark("tie_before", Message(_("Under the stricter rules a partner can come only if the tie existed before: the Immigration Office decides.")),
                     "vipresse.com, August 2025", "P", doubtful=True)
    if file.grace:
        yield from _about_grace(file)


def _about_grace(file: FamilyFile) -> Iterator[Remark]:
    grace = file.grace
    if grace is None:
        return
    text = _("No income, housing or insurance is asked if you apply within %(count)s months after the protection was granted, and the family tie existed before: "
             "until %(day)s.")
    yield _by(grace.figure, "sponsor_status_since", text, doubtful=file.day > grace.over_on, day=grace.over_on)
    completion = file.figures.find("family-refugee-completion")
    if completion and file.rules == NEW and file.said("sponsor_protection") == "refugee" and file.day <= grace.over_on:
        yield _by(completion, "sponsor_status_since", _("The file must then be complete within %(count)s months: ask the embassy or consulate from which day."))


def _about_wait(file: FamilyFile) -> Iterator[Remark]:
    if file.wait is None:
        return
    late = file.wait.over_on > file.day
    text = _("The person whom you join must have had residence for %(count)s months. That is so from %(day)s on. There are exceptions, as for children: the "
             "Immigration Office decides.") if late else _(
             "The person whom you join must have had residence for %(count)s months. That is so since %(day)s.")
    yield _by(file.wait.figure, "sponsor_status_since", text, doubtful=late, day=file.wait.over_on)


def _about_relation(file: FamilyFile) -> Iterator[Remark]:
    relation = file.said("relation")
    allowed = MAY_JOIN.get(relation)
    if allowed is not None and file.article not in ("", UNKNOWN) and file.article not in allowed:
        text = _("The lists that we know do not name this relation under article %(article)s. You can apply: the Immigration Office decides.")
        yield Remark("relation", Message(text, {"article": file.article}), LISTS, "P", doubtful=True)
    if relation == "equivalent-partner" and file.said("union_country") not in ("", *EQUIVALENT):
        text = _("Only registrations in Denmark, Finland, Germany, Iceland, Norway, Sweden and the United Kingdom are named as equal to marriage.")
        yield Remark("union_country", Message(text), LISTS, "P", doubtful=True)
    if relation in (*CHILDREN, "disabled-child") and file.said("civil_status") not in ("", "single"):
        yield Remark("civil_status", Message(_("A child that joins its family is not married: the Immigration Office decides.")), LISTS, "P", doubtful=True)
    if relation in ("parent-of-refugee", "parent-of-minor") and file.said("sponsor_birth_date") and not file.is_minor("sponsor_birth_date"):
        yield Remark("relation", Message(_("The person whom you join is 18 or older today. Which day counts is for the Immigration Office to say.")), UNSURE, "U",
                     doubtful=True)
    if relation == "parent-of-refugee" and file.said("sponsor_protection") not in ("", "refugee"):
        yield Remark("relation", Message(_("You say that the person whom you join is no recognised refugee: check both answers.")), LISTS, "P", doubtful=True)


def _about_ages(file: FamilyFile) -> Iterator[Remark]:
    if least := file.partner_age:
        young = [name for name in ("birth_date", "sponsor_birth_date") if not file.may_have(name, least.count)]
        text = _("Both partners must be at least %(count)s years old. One of you is younger today: the Immigration Office decides.") if young else _(
            "Both partners must be at least %(count)s years old.")
        yield _by(least, "relation", text, doubtful=bool(young))
    if (limit := file.child_age) and file.said("birth_date") and not file.may_be_younger(limit.count):
        dependent = file.article == "40bis" or (file.article == "40ter" and file.rules == OLD)
        text = _("A child of %(count)s years or more can join only if it depends on its parent.") if dependent else _(
            "A child can join until it is %(count)s years old, and later only with a disability: the Immigration Office decides.")
        yield _by(limit, "relation", text, doubtful=True)
    if file.said("relation") == "disabled-child" and file.is_minor():
        yield Remark("relation", Message(_("Under 18 you join as a child: choose that answer.")), LISTS, "P", doubtful=True)


def _about_means(file: FamilyFile) -> Iterator[Remark]:
    if file.ground and file.said("relation"):
        yield Remark("relation", Message(file.ground.text), file.ground.source, file.ground.confidence)
        return
    found = compare(file) if file.article else None
    if found is None:
        return
    known = found.reference
    yield Remark("sponsor_net_income", _judged(found), known.source, known.confidence, doubtful=found.gap < 0, rows=found.rows)
    if not known.in_force and known.since:
        text = _("This is the last reference amount that we know, of %(since)s. The amount of today is not confirmed: ask the Immigration Office.")
        yield Remark("sponsor_net_income", Message(text, {"since": known.since}), known.source, "U", doubtful=True)
    if known.other != known.required:
        text = _("Sources differ about the step for each further person: %(required)s or %(other)s in all.")
        yield Remark("household_count", Message(text, {"required": known.required, "other": known.other}), _STEP_CONFLICT, "U")


def _judged(found: Comparison) -> Message:
    known = found.reference
    if found.is_below:
        text = _("The income is below the reference amount of %(required)s net a month. That alone is no ground for refusal: the Immigration Office looks at what "
                 "the family needs.")
    elif found.depends_on_reading:
        text = _("The income lies between two readings of the law: %(required)s or %(other)s net a month. The Immigration Office looks at each file by itself.")
    else:
        text = _("The income reaches the reference amount of %(required)s net a month. The Immigration Office looks at each file by itself.")
    return Message(text, {"required": known.required, "other": known.other} if found.depends_on_reading else {"required": known.required})


def _about_income(file: FamilyFile) -> Iterator[Remark]:
    kinds = file.said("income_kinds").split()
    if any(one in _NOT_COUNTED for one in kinds):
        text = _("Social aid, the living wage, the guardian's allowance and unemployment benefit without looking for work do not count, or count only partly.")
        yield Remark("income_kinds", Message(text), UNSURE, "U", doubtful=True)
    if any(one in _WEIGHED for one in kinds):
        text = _("The allowance for persons with a disability and the income guarantee for the elderly must be looked at too (Council of State, 12 February 2019).")
        yield Remark("income_kinds", Message(text), "droitsquotidiens.be, 29 March 2019", "P")
    if any(one in _UNSTABLE for one in kinds):
        text = _("Fixed-term and agency work may count as not stable: show as many months as you can.")
        yield Remark("income_kinds", Message(text), "droitsquotidiens.be, means of subsistence (2025)", "P")
    if "work-open" in kinds:
        yield _by(file.figures.get("family-payslips"), "income_kinds", _("With an open-ended contract, payslips of %(count)s months are asked."))
    months, since = file.figures.get("family-income-months"), file.date_of("income_since")
    if since and months.before(file.day) < since:
        yield _by(months, "income_since", _("Proof over %(count)s months is best. A shorter time can do, if the income is stable."))


def _about_home(file: FamilyFile) -> Iterator[Remark]:
    if file.said("home_right") in ("lease", "other"):
        yield Remark("home_right", Message(_("A registered lease or a title of ownership is asked. The landlord must register the lease: ask him or her first.")),
                     "droitsquotidiens.be, means of subsistence (2025)", "P", doubtful=True)
    if file.said("home_right") and file.rules == NEW:
        yield Remark("home_right", Message(_("Under the new rules the home must also meet the least standards of safety and health.")),
                     "avocat-acevedo.be, 4 December 2025", "P")
    if file.said("insurance") in ("sponsor", "none"):
        yield Remark("insurance", Message(_("The health insurance must cover that person and the family: ask the health insurance fund for a certificate.")),
                     STABLE_MEANS, "U", doubtful=True)
