"""Humanitarian visa D (article 9): asked at the post of the country of origin, with few exceptions; what is told there few may read."""

from collections.abc import Sequence
from datetime import date

from frontoffice.forms.conditions import answer
from frontoffice.forms.fields import Choice, Country, Day, LongText, Option, Text, YesNo
from frontoffice.forms.form import Values
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.message import Message
from frontoffice.procedures.competence import Competence
from frontoffice.procedures.shared.questions import page
from frontoffice.procedures.visa_d.common import DELICATE, EXAMINERS, chosen_post
from frontoffice.procedures.visa_d.declaration import Purpose, contribution, document, visa_d
from frontoffice.procedures.vocabulary import Advice, Remark, Role, Rule

PROCEDURE = "Agency for Integration (AGII), humanitarian visa procedure"
PRACTICE = "avocat-halabi.com, humanitarian visa; Agency for Integration (AGII), special ties"
_UNSURE = "No source found; general knowledge"
CHOICES_OF_POST: tuple[Option, ...] = (
    ("origin", _("It is the post for my country of origin"), ""),
    ("residence", _("I have a right of residence in the country of the post"), ""),
    ("mixed", _("I apply together with relatives who join a person with international protection"), ""),
    ("exceptional", _("Very exceptional circumstances"), ""),
)
_ROWS = {"residence": 3, "mixed": 4, "exceptional": 5}

PAGES = (
    page("humanitarian", "purpose", _("Why you ask for this visa"),
         LongText(name="situation", label=_("What is your situation?"), hint=_("Only the post and the Immigration Office read this."), longest=8000),
         LongText(name="dependence", label=_("On whom do you depend, or who depends on you?"), longest=4000, optional=True),
         LongText(name="vulnerability", label=_("What makes you vulnerable?"), longest=4000, optional=True), **DELICATE),
    page("ties", "purpose", _("Your ties with Belgium"),
         YesNo(name="has_relative", label=_("Do you have family in Belgium?")),
         Text(name="relative_name", label=_("Surname and given names"), when=answer("has_relative").is_("yes")),
         Text(name="relative_tie", label=_("How are you related?"), when=answer("has_relative").is_("yes")),
         LongText(name="other_ties", label=_("Other ties with Belgium"), hint=_("Earlier stays, people, language, work."), longest=4000,
                  optional=True), **DELICATE),
    page("origin", "purpose", _("Country of origin and choice of the post"),
         Country(name="origin_country", label=_("Country of origin"), special=True),
         Choice(name="post_choice", label=_("Why do you apply at the post that you choose?"), choices=CHOICES_OF_POST),
         Day(name="residence_until", label=_("Your right of residence there lasts until"), optional=True, when=answer("post_choice").is_("residence")),
         LongText(name="post_reason", label=_("Explain the circumstances"), longest=4000, when=answer("post_choice").is_in("mixed",
                                                                                                                           "exceptional")), **DELICATE),
)

# The law sets no criteria, and who is vulnerable may have no papers: the proofs are asked for, and stop nobody.
DOCUMENTS = (
    document("situation-proof", _("Proof of your situation"), PRACTICE, "P", seen_by=EXAMINERS, required=False, translation=True,
             hint=_("Everything that shows what you wrote. Only you, the post and the Immigration Office can open it.")),
    document("family-tie", _("Proof of the family tie"), PRACTICE, "P", seen_by=EXAMINERS, when=answer("has_relative").is_("yes"), required=False,
             translation=True, legalisation=True),
    document("residence-permit", _("Residence permit of the country where you apply"), PROCEDURE, "O", seen_by=EXAMINERS,
             when=answer("post_choice").is_("residence")),
)


def competent(values: Values) -> Competence | None:
    """Row 1: the post of the country of origin; 2: another one without a ground; 3 to 5: right of residence, mixed file, exception."""
    chosen = chosen_post(values)
    if chosen is None:
        return None
    at_origin = values.get("origin_country") in chosen.countries
    return chosen.receives((1,) if at_origin else (_ROWS.get(values.get("post_choice", ""), 2),), PROCEDURE)


_ABROAD = {
    2: _("A humanitarian visa is asked at the post for your country of origin. Another post takes it only if you have a right of residence there, in very "
         "exceptional cases, or with relatives who join a person with international protection."),
    5: _("Another post takes the application in very exceptional cases only: the post decides whether this is one."),
}


def remarks(values: Values, today: date) -> Sequence[Remark]:
    """The post, where it is not the one of the country of origin."""
    outcome = competent(values)
    if outcome is None or not values.get("origin_country") or outcome.row not in _ABROAD:
        return []
    return [Remark("post_choice", Message(_ABROAD[outcome.row]), PROCEDURE, "O", doubtful=True)]


VISA_D_HUMANITARIAN = visa_d(Purpose(
    code="visa-d-humanitarian", prefix="VH", title=_("Visa D: humanitarian reasons"), information="humanitarian-visa",
    summary=_("For people in a special situation who fit no other visa. The Immigration Office is free to grant or refuse it."),
    legal_basis=_("Act of 15 December 1980, article 9"), pages=PAGES, documents=DOCUMENTS, contributions=(contribution("art9"),),
    remarks=remarks, competent=competent,
    advice=(Advice(states=frozenset({"stay-exam"}), roles=frozenset({Role.APPLICANT}), source=_UNSURE,
                   text=_("There is no legal time limit for this decision.")),),
    rules=(
        Rule(text=_("You apply at the post for your country of origin; at another post only with a right of residence there or in very exceptional cases."),
             source=PROCEDURE, confidence="O"),
        Rule(text=_("The law sets no criteria. The Immigration Office looks at special ties with Belgium, vulnerability and dependence."), source=PRACTICE,
             confidence="P"),
        Rule(text=_("Only adults pay the contribution."), source=PROCEDURE, confidence="O"),
        Rule(text=_("There is no legal time limit for this decision."), source=_UNSURE, confidence="U"),
    ),
))
