"""What a single permit costs, who need not pay, and the legal periods that run on it."""

from frontoffice.forms.conditions import Condition
from frontoffice.kernel.i18n import mark as _
from frontoffice.procedures.single_permit import situations as when
from frontoffice.procedures.territory import Region
from frontoffice.procedures.vocabulary import Clock, Exemption, Fee

_FEE_FAQ = 'Immigration Office, "Fee" questions and answers, after May 2022'

EXEMPTIONS = (
    Exemption(when=when.is_minor, title=_("Under 18"), source=_FEE_FAQ, confidence="O"),
    Exemption(when=when.is_stateless, title=_("Recognised as stateless"), source=_FEE_FAQ, confidence="O"),
    Exemption(when=when.is_associated, title=_("Covered by the association agreement between the European Union and Turkey"), source=_FEE_FAQ, confidence="O"),
    Exemption(when=when.partner_pays, title=_("The partner applies at the same time on the same ground, and pays"), source=_FEE_FAQ, confidence="O"),
    Exemption(when=when.keeps_status, title=_("The same kind of residence permit as before"), source="EY, fees note of 2024", confidence="P"),
)

FEES = (
    Fee(code="federal-contribution", title=_("Federal contribution"), figure="federal-contribution", payer=_("Employer, worker or someone else"),
        where=_("By transfer to the Immigration Office, before you file"), by_transfer=True, exempt=EXEMPTIONS),
    Fee(code="flanders-fee", title=_("Fee of the Flemish Region"), figure="flanders-fee", payer=_("Employer"),
        where=_("Due when you file. You cannot pay here yet; filing goes on without it"), when=when.region.is_(str(Region.FLANDERS))),
    Fee(code="visa-d", title=_("Visa D"), figure="visa-d-fee", payer=_("Worker"), where=_("At the embassy or the visa centre, after the permit"),
        when=~when.in_belgium),
    Fee(code="residence-card", title=_("Residence card"), figure="residence-card-fee", payer=_("Worker"), where=_("At the municipality")),
)

_DECIDED = frozenset({"grant", "certify-silence", "refuse-stay", "refuse-work", "withdraw"})
_SILENCE = _("If no decision comes in time the permit is granted: ask for annex 47.")
_SHORTER = when.is_ict | when.is_mobile_ict | when.is_blue_card | when.is_seasonal


def _decision(code: str, condition: Condition, category: str = "", *, figure: str = "decision-period", on_expiry: str = _SILENCE) -> Clock:
    return Clock(code=code, title=_("Decision on work and residence"), starts=frozenset({"admit"}), stops=_DECIDED, figure=figure,
                 paused_in=frozenset({"stay-complement"}), on_expiry=on_expiry, when=condition, category=category)


_COMPLEMENTS = (
    Clock(code="complement", title=_("Time to send the document"), starts=frozenset({"ask-documents"}),
          stops=frozenset({"complete", "declare-inadmissible", "withdraw"}), figure="complement-period",
          on_expiry=_("If nothing comes the application may be declared inadmissible.")),
    Clock(code="stay-complement", title=_("Time to send the document"), starts=frozenset({"ask-stay-documents"}),
          stops=frozenset({"complete-stay", "refuse-work", "withdraw"}), figure="stay-complement-period",
          on_expiry=_("If nothing comes the Immigration Office decides on what it has.")),
)
_DECISIONS = (
    _decision("decision", ~_SHORTER),
    _decision("decision-ict", when.is_ict | when.is_mobile_ict, "ict"),
    _decision("decision-blue-card", when.is_blue_card & ~when.has_blue_card_elsewhere, "blue-card"),
    _decision("decision-blue-card-mobility", when.has_blue_card_elsewhere, "blue-card-mobility"),
    _decision("decision-seasonal", when.is_seasonal & ~when.comes_back, "seasonal"),
    _decision("decision-seasonal-returning", when.comes_back, "seasonal-returning"),
)
# The recast sets one period for all; what other directives set for their own categories is shorter or as long, and stays.
_DECISIONS_RECAST = (
    _decision("decision", ~_SHORTER, figure="decision-period-recast",
              on_expiry=_("In an exceptionally complex case the period may be 30 days longer. What silence means then is for Belgian law to say.")),
    *_DECISIONS[1:],
)
_REPORTS = (
    Clock(code="municipal-report", title=_("Report to the municipality"), starts=frozenset({"announce-arrival"}), stops=frozenset({"register"}),
          figure="municipal-report-period", on_expiry=_("Proof of an appointment counts as having reported in time.")),
    Clock(code="municipal-report-here", title=_("Report to the municipality"), starts=frozenset({"grant", "certify-silence"}),
          stops=frozenset({"register", "refuse-visa"}), figure="municipal-report-period", when=when.in_belgium,
          on_expiry=_("Proof of an appointment counts as having reported in time.")),
)


def clocks(*, recast: bool) -> tuple[Clock, ...]:
    """The legal periods under the law of 2018, or as the recast of 2024 sets them."""
    return (*_COMPLEMENTS, *(_DECISIONS_RECAST if recast else _DECISIONS), *_REPORTS)
