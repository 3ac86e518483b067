"""Rania Khoury from Beirut, who joins her husband in Antwerp: article 10, under the old rules."""

from tests.procedures.samples.visa_d_common import COMMON_DOCUMENTS, Answers, common

ANSWERS: Answers = {
    **common(
        person={"surname": "Khoury", "given_names": "Rania", "birth_date": "1994-06-30", "birth_place": "Zahlé", "birth_country": "LBN", "sex": "F",
                "nationality": "LBN", "civil_status": "married", "passport_number": "LR1830274", "passport_country": "LBN", "passport_issued": "2025-05-06",
                "passport_expires": "2030-05-05"},
        home={"home_street": "12 rue Gouraud", "home_city": "Beirut 1100", "home_country": "LBN", "person_email": "rania.khoury@permit-window.example",
              "person_phone": "+9611345678"},
        journey={"planned_arrival": "2027-09-13", "post": "lbn-beirut", "procedure_language": "nl", "stay_street": "Nationalestraat 25",
                 "stay_postal_code": "2000", "stay_municipality": "11002"}),
    "sponsor": {"sponsor_surname": "Khoury", "sponsor_given_names": "Karim", "sponsor_birth_date": "1988-04-12", "sponsor_nationality": "LBN",
                "sponsor_number": "88041221738", "sponsor_street": "Nationalestraat 25", "sponsor_postal_code": "2000", "sponsor_municipality": "11002"},
    "sponsor-permit": {"sponsor_residence_since": "2017-10-02", "sponsor_protection": "none", "sponsor_card": "K", "sponsor_status_since": "2022-11-15",
                       "tie_before": "no"},
    "relation": {"relation": "spouse", "union_on": "2025-07-12", "union_country": "LBN", "joining_count": "1", "adult_joins": "no"},
    "history": {"met_on": "2021-08-00", "met_how": "We met through our cousins, and saw each other in Beirut and in Cyprus every few months.",
                "lived_together": "yes", "lived_together_where": "Beirut, July and August 2025", "married_before": "no", "sponsor_partner_before": "no",
                "common_children": "no"},
    "means": {"household_count": "0", "income_kinds": "work-open", "sponsor_net_income": "2450.00", "income_since": "2020-03-02"},
    "housing": {"home_right": "registered-lease", "insurance": "both"},
}
DOCUMENTS = (*COMMON_DOCUMENTS, "sponsor-identity", "marriage-certificate", "income", "housing", "health-insurance")
