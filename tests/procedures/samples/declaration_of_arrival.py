"""Kofi Mensah from Accra, who visits friends in Antwerp for a month with a visa."""

from datetime import timedelta

from frontoffice.kernel.time import today

_ENTERED, _LEAVES = today().isoformat(), (today() + timedelta(days=28)).isoformat()
ANSWERS = {
    "stay": {"stays_with": "host", "host_name": "Esi Owusu", "host_phone": "+32475123456", "stay_street": "Turnhoutsebaan 12", "stay_postal_code": "2018",
             "stay_municipality": "11002"},
    "entry": {"entered_on": _ENTERED, "leaves_on": _LEAVES, "has_visa": "yes", "visa_number": "BEL1234567", "visa_until": (today() + timedelta(days=40)).isoformat()},
    "passport-zone": {"passport_zone": ""},
    "identity": {"surname": "Mensah", "given_names": "Kofi"},
    "birth": {"birth_date": "1988-07-04", "birth_place": "Accra", "birth_country": "GHA", "sex": "M", "nationality": "GHA", "civil_status": "single"},
    "passport": {"document_type": "ordinary", "passport_number": "G1234567", "passport_country": "GHA", "passport_issued": "2022-03-01", "passport_expires": "2032-02-28"},
    "statements": {"states_truth": "yes"},
}
DOCUMENTS = ("passport", "visa")
