"""Arjun Mehta from New Delhi, with a hosting agreement of an institute in Leuven."""

from tests.procedures.samples.visa_d_common import COMMON_DOCUMENTS, Answers, common

ANSWERS: Answers = {
    **common(
        person={"surname": "Mehta", "given_names": "Arjun", "birth_date": "1992-11-05", "birth_place": "Pune", "birth_country": "IND", "sex": "M",
                "nationality": "IND", "civil_status": "married", "passport_number": "Z4471920", "passport_country": "IND", "passport_issued": "2022-01-17",
                "passport_expires": "2032-01-16"},
        home={"home_street": "14 Hauz Khas Enclave", "home_city": "New Delhi 110016", "home_country": "IND", "person_email": "arjun.mehta@permit-window.example",
              "person_phone": "+919810012345"},
        journey={"planned_arrival": "2027-08-16", "planned_departure": "2030-08-15", "post": "ind-new-delhi", "procedure_language": "none"}),
    "hosting": {"host_organisation": "Instituut voor Nanotechniek Leuven", "research_project": "Thin films for solar cells: measuring how they age.",
                "hosting_start": "2027-09-01", "hosting_end": "2030-08-31", "hosting_pay": "3480.00", "hosting_signed": "2026-10-12"},
    "researcher": {"scholarship_listed": "no", "mobility": "no", "family_comes": "yes"},
}
DOCUMENTS = (*COMMON_DOCUMENTS, "hosting-agreement")
