"""Camila Rojas from Lima, au pair with a family in Ghent that the Flemish Region authorised."""

from tests.procedures.samples.visa_d_common import COMMON_DOCUMENTS, Answers, common

ANSWERS: Answers = {
    **common(
        person={"surname": "Rojas Quispe", "given_names": "Camila", "birth_date": "2004-07-30", "birth_place": "Cusco", "birth_country": "PER", "sex": "F",
                "nationality": "PER", "civil_status": "single", "passport_number": "122904417", "passport_country": "PER", "passport_issued": "2025-02-11",
                "passport_expires": "2030-02-10"},
        home={"home_street": "Calle Los Pinos 245", "home_city": "Lima 15074", "home_country": "PER", "person_email": "camila.rojas@permit-window.example",
              "person_phone": "+51987654321"},
        journey={"planned_arrival": "2027-08-23", "planned_departure": "2028-07-31", "post": "per-lima", "procedure_language": "nl",
                 "stay_street": "Coupure Links 48", "stay_postal_code": "9000", "stay_municipality": "44021"}),
    "host-family": {"host_surname": "Van Hecke", "host_given_names": "Ruben", "host_birth_date": "1986-02-19", "host_street": "Coupure Links 48",
                    "host_postal_code": "9000", "host_municipality": "44021", "host_room": "yes", "host_member_1": "Saskia Lievens",
                    "host_member_1_birth": "1988-09-03", "host_member_2": "Fien Van Hecke", "host_member_2_birth": "2019-04-21"},
    "au-pair-work": {"pocket_money": "480.00", "hours_week": "18.0", "hours_day": "4.0", "day_off": "yes", "weekend_off": "yes",
                     "timetable": "Monday to Thursday 7.30 to 8.30 and 15.30 to 18.30: breakfast, way to school, play. Friday 16.00 to 18.00.",
                     "course_school": "CVO Gent", "course_timetable": "Monday and Wednesday 9.00 to 12.00",
                     "insurance": "Hospital, accidents and third parties: policy 7781-204"},
    "au-pair-permit": {"authorisation_number": "VL-AP-2026-00417", "authorisation_date": "2026-11-02", "kinship": "no", "au_pair_before": "no"},
}
DOCUMENTS = (*COMMON_DOCUMENTS, "work-permit", "au-pair-contract", "language-course", "insurance")
