"""Fatima Zahra Bennis from Casablanca, who will marry in Brussels."""

from tests.procedures.samples.visa_d_common import COMMON_DOCUMENTS, Answers, common

ANSWERS: Answers = {
    **common(
        person={"surname": "Bennis", "given_names": "Fatima Zahra", "birth_date": "1997-12-09", "birth_place": "Fès", "birth_country": "MAR", "sex": "F",
                "nationality": "MAR", "civil_status": "divorced", "passport_number": "QT2208841", "passport_country": "MAR", "passport_issued": "2024-09-20",
                "passport_expires": "2029-09-19"},
        home={"home_street": "27 rue Ibn Batouta", "home_city": "Casablanca 20000", "home_country": "MAR", "person_email": "fatima.bennis@permit-window.example",
              "person_phone": "+212661234567"},
        journey={"planned_arrival": "2027-08-10", "post": "mar-casablanca", "procedure_language": "fr", "stay_street": "Rue Antoine Dansaert 60",
                 "stay_postal_code": "1000", "stay_municipality": "21004"}),
    "partner": {"partner_surname": "Verstraete", "partner_given_names": "Olivier", "partner_birth_date": "1994-05-17", "partner_nationality": "BEL",
                "partner_status": "belgian", "partner_street": "Rue Antoine Dansaert 60", "partner_postal_code": "1000", "partner_municipality": "21004"},
    "union": {"union_kind": "marriage", "union_postal_code": "1000", "union_municipality": "21004", "union_declared": "yes",
              "union_declared_on": "2026-11-09", "union_planned": "2027-09-18"},
    "relation": {"met_on": "2024-06-00", "met_how": "We met at the wedding of friends in Rabat, and visited each other four times since.",
                 "married_before": "yes", "earlier_marriages": "Fatima: Youssef Alami, 2019 to 2022.", "common_children": "no"},
}
DOCUMENTS = COMMON_DOCUMENTS
