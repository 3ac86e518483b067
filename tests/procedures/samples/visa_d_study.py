"""Grace Mbarga from Yaoundé, admitted to a master's programme in Liège, with a blocked account."""

from tests.procedures.samples.visa_d_common import COMMON_DOCUMENTS, Answers, common

ANSWERS: Answers = {
    **common(
        person={"surname": "Mbarga", "given_names": "Grace Larissa", "birth_date": "2003-03-14", "birth_place": "Yaoundé", "birth_country": "CMR", "sex": "F",
                "nationality": "CMR", "civil_status": "single", "passport_number": "AB104512", "passport_country": "CMR", "passport_issued": "2024-05-02",
                "passport_expires": "2029-05-01"},
        home={"home_street": "Rue 1.839, Bastos 12", "home_city": "Yaoundé", "home_country": "CMR", "person_email": "grace.mbarga@permit-window.example",
              "person_phone": "+237677123456"},
        journey={"planned_arrival": "2027-08-27", "planned_departure": "2029-06-30", "post": "cmr-yaounde", "procedure_language": "fr",
                 "stay_street": "Rue Saint-Gilles 101", "stay_postal_code": "4000", "stay_municipality": "62063"}),
    "institution": {"institution_kind": "recognised", "institution_name": "Haute École de la Meuse", "institution_city": "Liège",
                    "programme": "Master en sciences de l'ingénieur industriel", "study_level": "master", "full_time": "yes", "admission": "admitted",
                    "study_start": "2027-09-13", "study_end": "2029-06-30", "credits": "60"},
    "means": {"means": "blocked-account", "blocked_amount": "12744.00"},
}
DOCUMENTS = (*COMMON_DOCUMENTS, "enrolment", "blocked-account", "health-insurance")
