"""The pages that every visa D asks, filled in for a sample person; the samples of each purpose add their own."""

from collections.abc import Mapping

Answers = dict[str, dict[str, str]]

COMMON_DOCUMENTS = ("passport", "photo", "contribution", "medical-certificate", "criminal-record")


def common(*, person: Mapping[str, str], home: Mapping[str, str], journey: Mapping[str, str]) -> Answers:
    """The common pages: names, birth, travel document and home of a person, and where he or she goes and applies."""
    birth = ("birth_date", "birth_place", "birth_country", "sex", "nationality", "civil_status")
    passport = ("passport_number", "passport_country", "passport_issued", "passport_expires")
    stay = ("planned_arrival", "planned_departure", "stay_street", "stay_postal_code", "stay_municipality")
    return {
        "passport-zone": {},
        "identity": {name: person[name] for name in ("surname", "given_names")},
        "birth": {name: person[name] for name in birth},
        "passport": {"document_type": "ordinary", **{name: person[name] for name in passport}},
        "home": dict(home),
        "stay": {"has_stay_address": "yes" if "stay_street" in journey else "no", **{name: journey[name] for name in stay if name in journey}},
        "post": {"post": journey["post"], "procedure_language": journey["procedure_language"], "fingerprints_before": "no"},
        "contribution": {"contribution_ground": "none"},
        "statements": {"states_truth": "yes", "states_costs": "yes", "states_data": "yes"},
    }
