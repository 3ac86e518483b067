"""What a guarantor shows at the counter, and what both commitments tell their readers on the way."""

from collections.abc import Sequence
from typing import Any

from frontoffice.forms.conditions import Condition, answer
from frontoffice.kernel.i18n import mark as _
from frontoffice.procedures.guarantee.means import INCOME_AGE, LIABILITY, VALIDITY
from frontoffice.procedures.guarantee.questions import SEEN_BY, is_relative
from frontoffice.procedures.shared.steps import GUARANTOR, OFFICE, POST, TOWN
from frontoffice.procedures.vocabulary import Advice, Clock, DocumentRequirement, Fee, KeyFact, Milestone, Role

SHOWN = "Municipality of Durbuy, annex 3bis page; AGII, annex 3bis page"
PROCESS = "Municipality of Gerpinnes and municipality of Durbuy, annex 3bis pages"

_income = answer("income_source")


def paper(code: str, title: str, *, source: str = SHOWN, confidence: str = "P", **more: Any) -> DocumentRequirement:
    """A document that the guarantor brings and only the authorities open."""
    return DocumentRequirement(code=code, title=title, by=GUARANTOR, seen_by=SEEN_BY, source=source, confidence=confidence, **more)


def documents(*more: DocumentRequirement, kinship_required: Condition | None = None) -> tuple[DocumentRequirement, ...]:
    """The proofs for the income that was named, for the household and for kinship; `kinship_required` when acts must prove it."""
    kinship: dict[str, Any] = {"legalisation": True, "translation": True, "source": SHOWN, "confidence": "P"}
    return (
        paper("identity-card", _("Identity card or residence card, both sides"), hint=_("Take the card itself with you to the counter.")),
        paper("payslips", _("Three last payslips"), when=_income.holds("employment"), max_age=INCOME_AGE),
        paper("tax-assessment", _("Last tax assessment"), when=_income.holds("self-employed")),
        paper("pension-slips", _("Last pension slips"), when=_income.holds("pension"), max_age=INCOME_AGE),
        paper("unemployment-proof", _("Proof of unemployment benefit"), when=_income.holds("unemployment"), max_age=INCOME_AGE),
        paper("bank-statements", _("Bank statements of the last three months"), when=_income.holds("invalidity", "rent", "other"), max_age=INCOME_AGE),
        paper("household-composition", _("Composition of the household"), hint=_("You can ask it from your municipality.")),
        paper("kinship", _("Acts that prove kinship"), when=is_relative if kinship_required is None else is_relative & ~kinship_required,
              required=False, **kinship),
        *((paper("kinship-acts", _("Acts that prove kinship up to the third degree"), when=kinship_required, **kinship),) if kinship_required else ()),
        *more,
        paper("guest-passport", _("Passport of the guest, page with the photo"), required=False, source="Not asked by a source: it avoids a wrong number", confidence="U"),
        paper("other", _("Another document"), required=False, source="", confidence="U"),
    )


LEGALISED = frozenset({"legalise", "legalise-for-office"})
VALIDITY_CLOCK = Clock(
    code="validity", title=_("Time to use the commitment"), starts=LEGALISED, figure=VALIDITY,
    stops=frozenset({"record-entry", "refuse-commitment", "record-replacement", "record-expiry"}), on_expiry=_("A commitment that was not used ends on this day."))
LIABILITY_CLOCK = Clock(
    code="liability", title=_("How long the guarantor answers for the guest"), starts=frozenset({"record-entry"}), figure=LIABILITY,
    stops=frozenset({"record-end", "record-replacement"}), on_expiry=_("After this day the guarantor is no longer liable for new costs."))
CHARGE = Fee(code="legalisation", title=_("Legalisation of the signature"), figure="legalisation-charge", payer=_("Guarantor"),
             where=_("At the municipality, which sets the amount; some ask nothing"))
MILESTONES = (
    Milestone(title=_("Filed"), states=frozenset({"to-legalise"}), role=Role.GUARANTOR),
    Milestone(title=_("Signature legalised"), states=frozenset({"legalised", "office-exam"}), role=Role.MUNICIPALITY),
    Milestone(title=_("Decision on the commitment"), states=frozenset({"accepted"}), role=Role.IMMIGRATION_OFFICE),
    Milestone(title=_("Entry of the guest"), states=frozenset({"used"}), role=Role.IMMIGRATION_OFFICE),
    Milestone(title=_("End of the liability"), states=frozenset({"ended"}), role=Role.IMMIGRATION_OFFICE),
)


def _at(states: str) -> frozenset[str]:
    return frozenset(states.split())


ADVICE: Sequence[Advice] = (
    Advice(states=_at("to-legalise"), roles=GUARANTOR, to_do=True, source=PROCESS, confidence="P",
           text=_("Go to the counter in person with your card and your proofs. You sign there, before the officer: do not sign the form at home.")),
    Advice(states=_at("office-exam"), roles=GUARANTOR, source=PROCESS, confidence="P",
           text=_("Your municipality tells you the decision of the Immigration Office and gives the commitment back. A guest without visa carries it at the border.")),
    Advice(states=_at("legalised office-exam accepted used"), roles=GUARANTOR, source="orangeconnect.be, annex 3bis, December 2023", confidence="P",
           text=_("You cannot take the commitment back by yourself: it ends when someone else signs for the same person and that commitment is accepted.")),
    Advice(states=_at("legalised office-exam accepted used commitment-refused"), roles=GUARANTOR, source="Belgian embassy in Thailand, refusal and appeal", confidence="O",
           text=_("Whether a visa is given, and why not, is told to your guest only.")),
    Advice(states=_at("to-legalise"), roles=TOWN, source="Register of commitments: the amount asked is for all active commitments together", confidence="U",
           text=_("Compare the income that the proofs show with what all active commitments of this guarantor need together. The authority that decides weighs it.")),
)
KEY_FACTS: Sequence[KeyFact] = (
    KeyFact(title=_("Guarantor"), questions=("national_number", "birth_date", "nationality", "card_type", "card_expires"), labelled=True, roles=TOWN | OFFICE | POST),
    KeyFact(title=_("Address in Belgium"), questions=("home_street", "home_postal_code", "home_municipality"), roles=TOWN | OFFICE),
    KeyFact(title=_("Income"), questions=("income_source", "net_monthly_income", "other_commitments", "dependants"), labelled=True, roles=TOWN | OFFICE | POST),
    KeyFact(title=_("Guest"), roles=TOWN | OFFICE | POST, labelled=True,
            questions=("beneficiary_surname", "beneficiary_given_names", "beneficiary_nationality", "beneficiary_passport", "relation")),
)
