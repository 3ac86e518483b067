"""A whole commitment for a short stay (annex 3bis): Arjun Nair in Ghent signs for his sister Meera, who comes from Mumbai."""

ANSWERS: dict[str, dict[str, str]] = {
    "home": {
        "lives_in_belgium": "yes", "home_street": "Visserij 25", "home_postal_code": "9000", "home_municipality": "44021",
        "person_email": "arjun.nair@permit-window.example", "person_phone": "+3292101234",
    },
    "identity": {
        "surname": "Nair", "given_names": "Arjun", "birth_date": "1983-03-04", "birth_place": "Kochi", "nationality": "IND", "national_number": "83030421769",
        "civil_status": "married",
    },
    "residence-right": {"card_type": "K", "card_number": "B123456789", "card_expires": "2031-06-30"},
    "household": {"household_size": "4", "dependants": "2", "profession": "Engineer"},
    "income": {
        "income_source": "employment", "income_employer": "Zorggroep Schelde VZW", "net_monthly_income": "3150.00", "income_from": "2026-08-01",
        "income_until": "2026-10-31", "other_commitments": "0",
    },
    "visitor": {
        "beneficiary_surname": "Nair", "beneficiary_given_names": "Meera Suresh", "beneficiary_birth_date": "1991-04-17", "beneficiary_birth_place": "Kochi",
        "beneficiary_sex": "F", "beneficiary_nationality": "IND", "beneficiary_address": "14 Carter Road, Mumbai 400050", "beneficiary_country": "IND",
        "relation": "sibling",
    },
    "visitor-passport": {"beneficiary_passport": "Z4815162", "beneficiary_passport_country": "IND", "beneficiary_passport_expires": "2031-08-08"},
    "stay": {
        "route": "visa-belgium", "purpose": "family", "stay_from": "2027-03-15", "stay_until": "2027-03-28", "entries": "one", "stays_with_you": "yes",
    },
    "promises": {"promise_costs": "yes", "promise_period": "yes", "promise_truth": "yes"},
}
DOCUMENTS = ("identity-card", "payslips", "household-composition")
