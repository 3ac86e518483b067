"""Pieter Claessens, organ builder in Ghent, who lets a specialist from Japan tune an organ for six weeks."""

ANSWERS = {
    "employer": {"enterprise_number": "0999000723", "employer_name": "Orgelbouw Claessens BV"},
    "registered-office": {"has_office": "yes", "office_street": "Nieuwewandeling 30", "office_postal_code": "9000", "office_municipality": "44021"},
    "units": {"has_unit": "yes"},
    "contact": {"contact_name": "Pieter Claessens", "contact_email": "pieter@orgelbouw.example", "contact_phone": "+3292101234"},
    "posting": {"posted": "no"},
    "work-pattern": {"work_pattern": "one"},
    "workplace": {"workplace_street": "Nieuwewandeling 30", "workplace_postal_code": "9000", "workplace_municipality": "44021", "workplace_unit": "8999999993"},
    "function": {"function_title": "Organ tuner", "isco": "7312", "function_level": "5", "function_description": "Tunes and voices the organ of a concert hall.",
                 "regulated_profession": "no"},
    "work": {"authorisation_ground": "short", "lives_in": "JPN", "contract_start": "2027-03-01", "contract_end": "2027-04-11", "hours_per_week": "38.00",
             "pay_month": "4100.00"},
    "identity": {"surname": "Tanaka", "given_names": "Haruka"},
    "birth": {"birth_date": "1979-11-08", "birth_place": "Kobe", "birth_country": "JPN", "sex": "F", "nationality": "JPN", "civil_status": "single"},
    "passport": {"document_type": "ordinary", "passport_number": "TR1234567", "passport_country": "JPN", "passport_issued": "2021-06-10", "passport_expires": "2031-06-10"},
}
DOCUMENTS = ("contract", "signatory-identity", "function-description", "passport")
