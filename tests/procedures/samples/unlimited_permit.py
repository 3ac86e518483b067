"""Amina Diallo from Dakar, who has worked in Brussels under permits of three years and asks for the unlimited one."""

ANSWERS = {
    "passport-zone": {"passport_zone": ""},
    "identity": {"surname": "Diallo", "given_names": "Amina"},
    "birth": {"birth_date": "1991-05-17", "birth_place": "Dakar", "birth_country": "SEN", "sex": "F", "nationality": "SEN", "civil_status": "married"},
    "passport": {"document_type": "ordinary", "passport_number": "A01234567", "passport_country": "SEN", "passport_issued": "2023-02-01", "passport_expires": "2033-01-31"},
    "home": {"home_street": "Rue Haute 20", "home_postal_code": "1000", "home_municipality": "21004", "person_email": "amina.diallo@permit-window.example",
             "person_phone": "+32486123456"},
    "card": {"present_card": "A", "card_number": "B1234567X", "card_until": "2027-05-31", "other_state_long_term": "no"},
    "permits": {"permit1_employer": "Idrissi Informatique SRL", "permit1_region": "brussels", "permit1_from": "2024-06-01", "permit1_until": "2027-05-31",
                "permit2_employer": "Idrissi Informatique SRL", "permit2_region": "brussels", "permit2_from": "2023-06-01", "permit2_until": "2024-05-31"},
    "present-work": {"works_now": "yes", "present_employer": "Idrissi Informatique SRL"},
    "statements": {"states_truth": "yes"},
}
DOCUMENTS = ("passport", "residence-title", "previous-authorisation")
