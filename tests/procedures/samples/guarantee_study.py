"""Whole commitments for a student (annex 32): Joseph Mbarga in Liège signs for his niece Grace, and a relative abroad who does so too."""

ANSWERS: dict[str, dict[str, str]] = {
    "home": {
        "lives_in_belgium": "yes", "home_street": "Rue Hors-Château 40", "home_postal_code": "4000", "home_municipality": "62063",
        "person_email": "joseph.mbarga@permit-window.example", "person_phone": "+3242101234",
    },
    "identity": {
        "surname": "Mbarga", "given_names": "Joseph", "birth_date": "1978-06-15", "birth_place": "Yaoundé", "nationality": "BEL", "national_number": "78061541242",
        "civil_status": "married",
    },
    "residence-right": {"guarantor_status": "belgian", "card_type": "belgian", "card_number": "592123456789", "card_expires": "2032-01-14"},
    "household": {"household_size": "3", "dependants": "1", "profession": "Pharmacist"},
    "income": {
        "income_source": "self-employed", "net_monthly_income": "4200.00", "income_from": "2025-01-01", "income_until": "2025-12-31", "other_commitments": "0",
    },
    "student": {
        "beneficiary_surname": "Mbarga", "beneficiary_given_names": "Grace Larissa", "beneficiary_birth_date": "2003-03-14", "beneficiary_birth_place": "Yaoundé",
        "beneficiary_sex": "F", "beneficiary_nationality": "CMR", "beneficiary_address": "Rue 1.839, Bastos 12, Yaoundé", "beneficiary_country": "CMR",
        "relation": "other-relative",
    },
    "student-passport": {"beneficiary_passport": "AB104512", "beneficiary_passport_country": "CMR", "beneficiary_passport_expires": "2029-05-01"},
    "studies": {
        "covers": "cycle", "academic_year": "2027-28", "institution": "Haute École de la Meuse", "programme": "Master en sciences de l'ingénieur industriel",
        "study_cycle": "master", "stay_from": "2027-08-27", "stay_until": "2029-06-30",
    },
    "promises": {"promise_costs": "yes", "promise_period": "yes", "promise_truth": "yes"},
}
DOCUMENTS = ("identity-card", "tax-assessment", "household-composition")

# An aunt in Canada: the post there must write "sufficient solvency" for a student who lives in Cameroon.
ABROAD: dict[str, dict[str, str]] = {
    **ANSWERS,
    "home": {
        "lives_in_belgium": "no", "abroad_street": "88 rue Sherbrooke", "abroad_city": "Montréal H2X 1X4", "abroad_country": "CAN", "guarantor_post": "can-montreal",
        "person_email": "celine.mbarga@permit-window.example", "person_phone": "+15145550123",
    },
    "identity": {
        "surname": "Mbarga", "given_names": "Céline", "birth_date": "1975-11-02", "birth_place": "Douala", "nationality": "CAN", "passport_number": "GA302922",
        "passport_country": "CAN", "civil_status": "single",
    },
    "residence-right": {"guarantor_status": "relative"},
}
