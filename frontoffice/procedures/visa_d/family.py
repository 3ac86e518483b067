"""Visa D for family reunification: articles 10, 10bis, 40bis and 40ter, under the old and the new rules."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from frontoffice.forms.conditions import answer
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.message import Message
from frontoffice.procedures.competence import OtherDoor, Outcome
from frontoffice.procedures.visa_d.common import post_of
from frontoffice.procedures.visa_d.declaration import Purpose, contribution, decision_clock, visa_d
from frontoffice.procedures.visa_d.family_article import LISTS, TRANSITION, UNSURE, basis
from frontoffice.procedures.visa_d.family_means import compare
from frontoffice.procedures.visa_d.family_papers import DOCUMENTS, EXEMPT, FAMILY_GROUNDS, VISA_EXEMPT
from frontoffice.procedures.visa_d.family_questions import NOT_YET, PAGES
from frontoffice.procedures.visa_d.family_remarks import remarks
from frontoffice.procedures.visa_d.family_rules import FACTS, MAY_JOIN, STABLE_MEANS, FamilyFile, facts
from frontoffice.procedures.visa_d.life import life
from frontoffice.procedures.visa_d.marriage import MARRIAGE_PAGE
from frontoffice.procedures.vocabulary import Advice, Clock, KeyFact, Role, Rule

_EXAMINERS = frozenset({Role.DIPLOMATIC_POST, Role.IMMIGRATION_OFFICE})
_WHO = frozenset({Role.APPLICANT}) | _EXAMINERS
_PERIODS = "Immigration Office, processing of visas D for family (11 July 2016)"
_COURT = "Brussels court of first instance, 3 February 2014 (vreemdelingenrecht.be)"
_SILENCE = "droit-des-etrangers-belgique.com (2025)"

_article, _rules = answer("family_article"), answer("family_rules")
_third_country = _article.is_in("10", "10bis")
_european = _article.is_in("40bis", "40ter")


def competent(values: Mapping[str, str]) -> Outcome | None:
    """Row 3: who is not married or registered yet asks for another visa; else the chosen post."""
    if values.get("relation") == NOT_YET:
        return OtherDoor(row=3, title=Message(_("Visa D: marriage or legal cohabitation")), page="marriage", page_to_correct="relation", source=MARRIAGE_PAGE,
                         confidence="O", what_to_do=Message(_("Whoever comes to marry or to declare legal cohabitation and stays afterwards needs this visa.")))
    return post_of(values)


def may_join(values: Mapping[str, str], today: date) -> bool | None:
    """Whether the lists name this relation under this article; None while nobody can tell."""
    found, allowed = basis(values), MAY_JOIN.get(values.get("relation", ""))
    return found.article in allowed if found and allowed is not None and found.article != "unknown" else None


def old_enough(values: Mapping[str, str], today: date) -> bool | None:
    """Whether both partners can have the age that is asked; None where no age or no birth date is known."""
    file = FamilyFile(values, today)
    if file.partner_age is None or not (values.get("birth_date") and values.get("sponsor_birth_date")):
        return None
    return all(file.may_have(name, file.partner_age.count) for name in ("birth_date", "sponsor_birth_date"))


def waited(values: Mapping[str, str], today: date) -> bool | None:
    """Whether the waiting time is over; None where none is known."""
    found = FamilyFile(values, today).wait
    return found.over_on <= today if found else None


def reaches(values: Mapping[str, str], today: date) -> bool | None:
    """Whether the income reaches an amount that is in force today; below it, and without such an amount, nobody can tell."""
    found = compare(FamilyFile(values, today))
    return True if found and found.reference.in_force and not (found.is_below or found.depends_on_reading) else None


def _clock(category: str, *articles: str) -> Clock:
    clock = decision_clock("family-decision-period", starts="issue-annex-15quinquies", category=category, when=_article.is_in(*articles))
    # Neither a question of the Immigration Office nor the advice of the prosecutor is known to stop this period.
    return replace(clock, code=f"decision-{category}", paused_in=frozenset(), on_expiry=_(
        "This window draws no conclusion when the time is over: ask the Immigration Office. Since the Act of 18 July 2025 silence is reported to count as a refusal."))


_RULES = (
    Rule(text=_("You join a husband, wife, partner, child or parent as the article names it: article 10 or 10bis for a person of a third country, 40bis for a "
                "European, 40ter for a Belgian."), source=LISTS, confidence="P", met=may_join),
    Rule(text=_("The old rules count if you file before 18 August 2027 and join a Belgian, or a person who had residence before 18 August 2025. In all other cases "
                "the new rules count."), source=TRANSITION, confidence="P"),
    Rule(text=_("Both partners are at least %(count)s years old, under articles 10, 10bis and 40ter."), figure="family-partner-age", met=old_enough),
    Rule(text=_("A child is not married and under %(count)s years old."), figure="family-child-age", when=~_article.is_("40bis")),
    Rule(text=_("A child is not married and under %(count)s years old, or it is dependent."), figure="family-child-age", category="40bis",
         when=_article.is_("40bis")),
    Rule(text=_("Under the old rules the person whom you join has had residence for %(count)s months (article 10)."), figure="family-waiting-time", category="old",
         when=~_article.is_in("40bis", "40ter", "47/1") & ~_rules.is_("new"), met=waited),
    Rule(text=_("Under the new rules the person whom you join has had residence for %(count)s months."), figure="family-waiting-time", category="new",
         when=~_article.is_in("40bis", "40ter", "47/1") & ~_rules.is_("old"), met=waited),
    Rule(text=_("If your tie existed before, %(count)s months are enough under the new rules."), figure="family-waiting-time", category="new-existing-tie",
         when=~_article.is_in("40bis", "40ter", "47/1") & ~_rules.is_("old")),
    Rule(text=_("The person whom you join has a stable and sufficient income: under the old rules %(count)s per cent of the living wage with family."),
         figure="family-means-old-share", when=~_article.is_in("40bis", "47/1") & ~_rules.is_("new"), met=reaches),
    Rule(text=_("The person whom you join has a stable and sufficient income: under the new rules %(count)s per cent of the guaranteed average minimum monthly "
                "income, and more for each further person."), figure="family-means-new-share", when=~_article.is_in("40bis", "47/1") & ~_rules.is_("old"),
         met=reaches),
    Rule(text=_("Less income is not at once a refusal: the Immigration Office looks at what the family needs."), source=STABLE_MEANS, confidence="O",
         when=~_article.is_in("40bis", "47/1")),
    Rule(text=_("The person whom you join has a home that is large enough, and a health insurance for the whole family."), source=UNSURE, confidence="U",
         when=~_article.is_in("40bis", "47/1")),
    Rule(text=_("A recognised refugee: no income, housing and insurance is asked in the first %(count)s months under the old rules."), figure="family-refugee-grace",
         category="old", when=answer("sponsor_protection").is_in("refugee", "subsidiary") & ~_rules.is_("new")),
    Rule(text=_("A recognised refugee: no income, housing and insurance is asked in the first %(count)s months under the new rules."), figure="family-refugee-grace",
         category="new", when=answer("sponsor_protection").is_("refugee") & ~_rules.is_("old")),
    Rule(text=_("If a certificate does not exist or cannot be had, other proof can do. An interview or a DNA test can complete it."), source=UNSURE,
         confidence="U"),
    Rule(text=_("The authorities look whether a marriage, partnership or recognition of a child is one of convenience. They may ask the public prosecutor for "
                "advice."), source="derouckenpartners.com", confidence="P"),
    Rule(text=_("The Immigration Office has %(count)s months to decide, counted from annex 15quinquies: the day on which everything was there."),
         figure="family-decision-period", category="third-country", when=_third_country),
    Rule(text=_("It may lengthen that time twice by %(count)s months."), figure="family-decision-extension", when=_third_country),
    Rule(text=_("The Immigration Office has %(count)s months to decide, counted from annex 15quinquies: the day on which everything was there."),
         figure="family-decision-period", category="european-or-belgian", when=_european),
)
_ADVICE = (
    Advice(states=frozenset({"admissible"}), roles=frozenset({Role.APPLICANT}), source=_PERIODS, confidence="O",
           text=_("The time for the decision starts only when everything is there. The embassy or consulate then gives you annex 15quinquies.")),
    Advice(states=frozenset({"stay-exam", "stay-complement"}), roles=_WHO, figure="family-decision-extension", when=_third_country,
           text=_("The Immigration Office may lengthen the time for its decision twice by %(count)s months.")),
    Advice(states=frozenset({"stay-exam", "prosecutor-advice"}), roles=frozenset({Role.IMMIGRATION_OFFICE}), source=_SILENCE, confidence="P",
           text=_("Under the old rules a court saw in silence a duty to decide in favour of the applicant (article 10); since the Act of 18 July 2025 silence is "
                  "reported to count as a refusal. This window draws no conclusion by itself.")),
    Advice(states=frozenset({"prosecutor-advice"}), roles=_WHO, source=_COURT, confidence="P",
           text=_("The public prosecutor was asked for advice. Under the old rules this did not by itself stop the time for the decision.")),
    Advice(states=frozenset({"visa-issued", "arrived"}), roles=frozenset({Role.APPLICANT, Role.MUNICIPALITY}), source=UNSURE, when=_third_country,
           text=_("After the registration you get an A card.")),
    Advice(states=frozenset({"visa-issued", "arrived"}), roles=frozenset({Role.APPLICANT, Role.MUNICIPALITY}), source=UNSURE, when=_european,
           text=_("After the registration you get an F card.")),
)

VISA_D_FAMILY = visa_d(Purpose(
    code="visa-d-family", prefix="VF", title=_("Visa D: family reunification"), information="family-reunification",
    summary=_("To live in Belgium with a member of your family who lives here."),
    legal_basis=_("Act of 15 December 1980, articles 10, 10bis, 40bis, 40ter and 47/1; Act of 18 July 2025"),
    pages=PAGES, documents=DOCUMENTS, contributions=(contribution("family", exempt=EXEMPT),), exempt=EXEMPT, visa_exempt=VISA_EXEMPT, grounds=FAMILY_GROUNDS,
    rules=_RULES, advice=_ADVICE, clocks=(_clock("third-country", "10", "10bis"), _clock("european-or-belgian", "40bis", "40ter")),
    key_facts=(
        KeyFact(title=_("Person whom the applicant joins"), roles=_EXAMINERS, labelled=True,
                questions=("sponsor_surname", "sponsor_given_names", "sponsor_birth_date", "sponsor_nationality")),
        KeyFact(title=_("Right of residence"), questions=("sponsor_free_movement", "sponsor_residence_since", "sponsor_protection", "sponsor_card"),
                roles=_EXAMINERS, labelled=True),
        KeyFact(title=_("Relation"), questions=("relation", "union_on", "tie_before"), roles=_EXAMINERS, labelled=True),
    ),
    life=life(receipt=True, prosecutor=True), derive=facts, derived=FACTS, remarks=remarks, competent=competent,
))
