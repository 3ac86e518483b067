"""What people must know while a single permit is on its way, and the facts that each authority needs at once.

Facts and their marks: domain notes, sections 2.2 (periods), 8.4 (annexes) and 8.6 (arrival and card).
"""

from frontoffice.kernel.i18n import mark as _
from frontoffice.procedures.single_permit.situations import has_permit, in_belgium
from frontoffice.procedures.vocabulary import FILERS, Advice, KeyFact, Role

_WORKER = frozenset({Role.WORKER})
_EXAMINERS = frozenset({Role.REGION, Role.IMMIGRATION_OFFICE})
_TOWN = frozenset({Role.MUNICIPALITY})


def _states(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ADVICE = (
    Advice(states=_states("granted"), roles=_WORKER, to_do=True, when=~in_belgium, source="Belgian embassy in Tokyo, D visa for single-permit holders", confidence="O",
           text=_("Ask for the visa D at the Belgian embassy or consulate. Take the printed annex 46 (or 47) and the printed work authorisation with you.")),
    Advice(states=_states("granted"), roles=FILERS, when=~in_belgium, source="Belgian embassy in Tokyo, D visa for single-permit holders", confidence="O",
           text=_("The worker asks for the visa D at the embassy or consulate, with the printed annex 46 (or 47) and the printed work authorisation.")),
    Advice(states=_states("granted"), roles=_WORKER, figure="municipal-report-period", when=in_belgium,
           text=_("You are in Belgium already and need no visa: report your address here, and go to your municipality within %(count)s working days.")),
    Advice(states=_states("work-granted"), roles=_WORKER | FILERS, when=in_belgium & has_permit, source="Mondaq/Fragomen, work rights during renewal, effective 29 January 2020", confidence="P",
           text=_("For a renewal or a new employer in Belgium: the municipality can give annex 49 now, and the work may go on while the stay is decided.")),
    Advice(states=_states("visa-issued"), roles=_WORKER, figure="municipal-report-period",
           text=_("Travel to Belgium, announce your arrival here, and report to your municipality within %(count)s working days of your arrival.")),
    Advice(states=_states("arrived"), roles=_WORKER, to_do=True, figure="municipal-report-period",
           text=_("Report in person to your municipality within %(count)s working days of your arrival, with your passport.")),
    Advice(states=_states("arrived"), roles=_WORKER, source="Public study guide on Belgian visas, checked 5 October 2026", confidence="C",
           text=_("No appointment in time? Keep the proof that you asked for one: it counts as having reported in time.")),
    Advice(states=_states("visa-issued arrived registered"), roles=FILERS | _WORKER, figure="annex-46-work-period",
           text=_("The work may start on annex 46, for at most %(count)s days, without waiting for the card.")),
    Advice(states=_states("arrived registered address-check"), roles=_WORKER, source="No source found; general knowledge",
           text=_("Put your name on the bell and on the letterbox: a police officer comes to check the address, and a missing name is the usual reason why it fails.")),
    Advice(states=_states("annex-49 card-ordered"), roles=_WORKER, source="Public study guide on Belgian visas, checked 5 October 2026", confidence="C",
           text=_("Annex 49 is not a travel document. Once your visa has ended you cannot travel through other countries with it, and may be refused boarding "
                  "on the way back. If you must travel, ask the municipality first for an urgent card.")),
)

_SEARCH = (
    Advice(states=_states("card-issued"), roles=_WORKER, figure="search-period",
           text=_("If the work ends you may stay for %(count)s days to find an employer who applies for a new permit.")),
)
_SEARCH_RECAST = (
    Advice(states=_states("card-issued"), roles=_WORKER, figure="search-period-recast",
           text=_("If the work ends you may stay for at least %(count)s months to find other work, and longer if you held the permit for more than 2 years.")),
    Advice(states=_states("card-issued"), roles=_WORKER, figure="employer-change-suspension",
           text=_("You may change employer. Report it first: the authority can hold the change back for %(count)s days.")),
)


def advice(*, recast: bool) -> tuple[Advice, ...]:
    """What people must know, under the law of 2018 or under the recast of 2024."""
    return (*_ADVICE, *(_SEARCH_RECAST if recast else _SEARCH))


KEY_FACTS = (
    KeyFact(title=_("Worker"), questions=("birth_date", "nationality"), labelled=True, roles=_EXAMINERS | _TOWN),
    KeyFact(title=_("Passport"), questions=("passport_number", "passport_country", "passport_expires"), labelled=True, roles=_TOWN),
    KeyFact(title=_("Address in Belgium"), questions=("street", "postal_code", "municipality"), said_with="announce-arrival", roles=_TOWN),
    KeyFact(title=_("Address in Belgium"), questions=("street", "postal_code", "municipality"), said_with="report-address", roles=_TOWN),
    KeyFact(title=_("Function"), questions=("function_title", "function_level"), roles=_EXAMINERS),
    KeyFact(title=_("Diploma"), questions=("diploma_level", "diploma_field", "diploma_country"), roles=_EXAMINERS),
    KeyFact(title=_("The employment contract"), questions=("contract_kind", "contract_start", "contract_end", "hours_per_week"), labelled=True, roles=_EXAMINERS),
    KeyFact(title=_("Pay"), questions=("pay_month", "pay_year", "pay_remark"), labelled=True, roles=_EXAMINERS),
    KeyFact(title=_("Place of work"), roles=_EXAMINERS,
            questions=("workplace_street", "workplace_postal_code", "workplace_municipality", "workplace_unit")),
)
