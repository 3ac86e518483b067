"""A whole application for a visa C: Meera Nair, from Mumbai, visits her brother in Ghent for two weeks in March 2027."""

ANSWERS: dict[str, dict[str, str]] = {
    "family-member": {"eu_family": "no", "procedure_language": "nl"},
    "passport-zone": {"passport_zone": "P<INDNAIR<<MEERA<SURESH<<<<<<<<<<<<<<<<<<<<<\nZ4815162<6IND9104174F3108088<<<<<<<<<<<<<<<0"},
    "identity": {"surname": "Nair", "given_names": "Meera Suresh", "birth_surname": "", "former_names": "", "usage_name": ""},
    "birth": {
        "birth_date": "1991-04-17", "birth_place": "Kochi", "birth_country": "IND", "sex": "F", "nationality": "IND", "birth_nationality": "",
        "other_nationalities": "", "civil_status": "single",
    },
    "passport": {
        "document_type": "ordinary", "passport_number": "Z4815162", "passport_country": "IND", "passport_issued": "2021-08-09", "passport_expires": "2031-08-08",
        "national_number": "", "home_identity_number": "",
    },
    "home": {
        "home_street": "14 Carter Road", "home_city": "Mumbai 400050", "home_country": "IND", "person_email": "meera.nair@permit-window.example",
        "person_phone": "+912226001234",
    },
    "residence": {"lives_elsewhere": "no"},
    "occupation": {
        "activity": "employed", "occupation_text": "Architect", "isco": "2161", "work_name": "Konkan Studio", "work_address": "3 Fort Lane, Mumbai 400001, India",
        "work_phone": "+912222001234",
    },
    "purpose": {"visit_purposes": "family-or-friends", "purpose_details": "I visit my brother and his children.", "fee_group": "none", "seafarer": "no"},
    "countries": {"stop_1_state": "BEL", "stop_1_days": "11", "stop_2_state": "NLD", "stop_2_days": "3", "main_purpose_state": "BEL", "first_entry": "NLD"},
    "earlier-stays": {"was_in_schengen": "no"},
    "dates": {"entries": "one", "arrival_date": "2027-03-15", "departure_date": "2027-03-28"},
    "fingerprints": {
        "fingerprints_given": "yes", "fingerprints_same_passport": "yes", "fingerprints_date": "2023-05-02", "fingerprints_sticker": "FRA012345678",
    },
    "onward": {"travels_on": "no"},
    "post": {"post": "ind-mumbai", "lives_near_post": "yes"},
    "hosts": {
        "host_kinds": "person", "inviting_surname": "Nair", "inviting_given_names": "Arjun", "inviting_street": "Visserij 25", "inviting_city": "9000 Gent",
        "inviting_country": "BEL", "inviting_email": "arjun.nair@permit-window.example", "inviting_phone": "+3292101234", "other_hosts": "",
    },
    "costs": {"costs_by": "self", "own_means": "cash credit-card"},
    "insurance": {
        "insurance_company": "Konkan General Insurance", "insurance_policy": "KGI-2027-118", "insurance_amount": "50000.00", "insurance_from": "2027-03-15",
        "insurance_until": "2027-04-30", "insurance_everywhere": "yes", "insurance_covers": "yes",
    },
    "filled-in-by": {"filled_in_by_other": "no"},
    "statements": {
        "statement_fee": "yes", "statement_data": "yes", "statement_vis": "yes", "statement_truth": "yes", "statement_leave": "yes", "statement_entry": "yes",
        "signed_at": "Mumbai",
    },
}
DOCUMENTS = ("passport", "photo", "insurance", "accommodation", "means", "return", "invitation")
