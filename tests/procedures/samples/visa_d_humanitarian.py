"""Selam Tesfay from Eritrea, who lives in Addis Ababa with a right of residence and depends on her brother in Liège."""

from tests.procedures.samples.visa_d_common import COMMON_DOCUMENTS, Answers, common

ANSWERS: Answers = {
    **common(
        person={"surname": "Tesfay", "given_names": "Selam", "birth_date": "1999-00-00", "birth_place": "Keren", "birth_country": "ERI", "sex": "F",
                "nationality": "ERI", "civil_status": "single", "passport_number": "K0391127", "passport_country": "ERI", "passport_issued": "2023-03-30",
                "passport_expires": "2028-03-29"},
        home={"home_street": "Bole Sub-City, Woreda 3, house 415", "home_city": "Addis Ababa", "home_country": "ETH",
              "person_email": "selam.tesfay@permit-window.example", "person_phone": "+251911234567"},
        journey={"planned_arrival": "2027-08-20", "post": "eth-addis-ababa", "procedure_language": "fr"}),
    "humanitarian": {"situation": "I fled my country alone. I cannot go back, and I have no work and no family where I am now.",
                     "dependence": "My brother pays for my room and my medicine.", "vulnerability": "I am ill and I need care that I cannot get here."},
    "ties": {"has_relative": "yes", "relative_name": "Dawit Tesfay", "relative_tie": "Brother", "other_ties": "I learn French."},
    "origin": {"origin_country": "ERI", "post_choice": "residence", "residence_until": "2028-01-31"},
}
DOCUMENTS = (*COMMON_DOCUMENTS, "residence-permit")
