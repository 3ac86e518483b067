"""Liam Walker from Melbourne, on a working holiday."""

from tests.procedures.samples.visa_d_common import COMMON_DOCUMENTS, Answers, common

ANSWERS: Answers = {
    **common(
        person={"surname": "Walker", "given_names": "Liam James", "birth_date": "2001-01-25", "birth_place": "Melbourne", "birth_country": "AUS", "sex": "M",
                "nationality": "AUS", "civil_status": "single", "passport_number": "PA7710452", "passport_country": "AUS", "passport_issued": "2023-06-08",
                "passport_expires": "2033-06-07"},
        home={"home_street": "8 Rathdowne Street", "home_city": "Carlton VIC 3053", "home_country": "AUS", "person_email": "liam.walker@permit-window.example",
              "person_phone": "+61412345678"},
        journey={"planned_arrival": "2027-08-02", "planned_departure": "2028-07-28", "post": "aus-canberra", "procedure_language": "none"}),
    "holiday": {"holiday_before": "no", "dependants": "no", "holiday_plan": "Cycling along the canals, the Ardennes in winter, and festivals in summer.",
                "work_months": "5", "holiday_first": "yes"},
    "holiday-means": {"funds": "3200.00", "ticket": "ticket"},
}
DOCUMENTS = (*COMMON_DOCUMENTS, "funds", "return-ticket", "insurance")
