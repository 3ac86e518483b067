"""Whole dossiers of made-up people, as stored: a first application for each group of categories, and a renewal."""

from collections.abc import Mapping

Answers = Mapping[str, Mapping[str, str]]


def _changed(base: Answers, without: tuple[str, ...] = (), **changes: Mapping[str, str]) -> Answers:
    """Another dossier; `changes` of pages, with underscores for hyphens. An answer changed to "" is left out."""
    pages = {code: dict(answers) for code, answers in base.items() if code not in without}
    for name, answers in changes.items():
        code = name.replace("_", "-")
        pages[code] = {question: value for question, value in {**pages.get(code, {}), **answers}.items() if value}
    return pages


def _place(stem: str, street: str, postal_code: str, nis: str, unit: str = "") -> dict[str, str]:
    place = {f"{stem}_street": street, f"{stem}_postal_code": postal_code, f"{stem}_municipality": nis}
    return {**place, f"{stem}_unit": unit} if unit else place


def _person(surname: str, given_names: str, sex: str, born: str, place: str, country: str) -> dict[str, str]:
    return {"surname": surname, "given_names": given_names, "sex": sex, "birth_date": born, "birth_place": place, "birth_country": country, "nationality": country}


def _passport(number: str, country: str, issued: str, expires: str) -> dict[str, str]:
    return {"passport_number": number, "passport_country": country, "passport_issued": issued, "passport_expires": expires}


# Katrien De Smet files for a software developer from India, who is to work in Antwerp.
ANSWERS: Answers = {
    "employer": {"enterprise_number": "1999999943", "employer_name": "Havenlogistiek Antwerpen NV"},
    "registered-office": {"has_office": "yes", **_place("office", "Noorderlaan 10", "2030", "11002")},
    "units": {"has_unit": "yes", "enterprise_since": "1998-03-02", "staff_count": "240"},
    "contact": {"contact_name": "Katrien De Smet", "contact_email": "katrien@havenlogistiek.example", "contact_phone": "+3232101234"},
    "request": {"request_kind": "first", "contribution_exemption": "none"},
    "posting": {"posted": "no"},
    "work-pattern": {"work_pattern": "one", "telework_share": "20"},
    "workplace": _place("workplace", "Noorderlaan 10", "2030", "11002", "8999999993"),
    "category": {"category": "highly-qualified"},
    "function": {"function_title": "Software developer", "isco": "2512", "function_level": "6", "function_description": "Builds the planning of the quay.",
                 "regulated_profession": "no"},
    "contract": {"contract_kind": "open-ended", "contract_start": "2027-03-01", "hours_per_week": "38.00", "full_time_hours": "38.00", "joint_committee": "226"},
    "pay": {"pay_month": "4500.00", "pay_year": "60000.00"},
    "worker-name": {"worker_surname": "Kumar", "worker_given_names": "Rajesh"},
    "passport-zone": {"passport_zone": "P<INDKUMAR<<RAJESH<<<<<<<<<<<<<<<<<<<<<<<<<<\nZ1234567<1IND9002018M3201015<<<<<<<<<<<<<<<8"},
    "identity": _person("Kumar", "Rajesh", "M", "1990-02-01", "Pune", "IND"),
    "passport": _passport("Z1234567", "IND", "2022-01-02", "2032-01-01"),
    "register-number": {},
    "residence": {"residence_status": "abroad", "home_street": "12 MG Road", "home_city": "411001 Pune", "home_country": "IND", "post_country": "IND"},
    "education": {"diploma_level": "6", "diploma_field": "Computer science", "diploma_institution": "University of Pune", "diploma_country": "IND",
                  "diploma_year": "2012"},
    "worker-contact": {"worker_email": "rajesh.kumar@worker.example", "worker_language": "en"},
}
DOCUMENTS = ("contract", "function-description", "signatory-identity", "health-insurance", "contribution", "passport", "diploma", "criminal-record",
             "medical-certificate")

_IN_BRUSSELS = _place("workplace", "Wetstraat 1", "1000", "21004", "8999999993")
_IN_NAMUR = _place("workplace", "Rue de Fer 12", "5000", "92094", "8999999993")
_HOME_IN_BRUSSELS = {"residence_status": "long-stay", "home_street": "Louizalaan 20", "home_city": "1050 Elsene", "home_country": "BEL", "post_country": ""}

# The same employer, the same function, in Brussels; the permit ends in March.
RENEWAL: Answers = _changed(
    ANSWERS, workplace=_IN_BRUSSELS,
    request={"request_kind": "renewal", "previous_region": "brussels", "previous_until": "2027-03-15", "same_status": "yes"},
    contract={"contract_start": "2024-03-16"}, residence=_HOME_IN_BRUSSELS, worker_name={"worker_surname": "Okafor", "worker_given_names": "Ngozi"},
    passport_zone={"passport_zone": ""}, identity=_person("Okafor", "Ngozi", "F", "1991-07-19", "Enugu", "NGA"),
    passport=_passport("A05511234", "NGA", "2023-05-04", "2033-05-03"), worker_contact={"worker_email": "ngozi.okafor@worker.example", "worker_language": "fr"})
RENEWAL_DOCUMENTS = ("contract", "function-description", "organisation-chart", "signatory-identity", "health-insurance", "pay-slips", "individual-account",
                     "passport", "diploma", "residence-title", "previous-authorisation", "mutual-insurance")

# A permit for a new employer: the worker holds one of the Walloon Region until now.
CHANGE: Answers = _changed(RENEWAL, request={"request_kind": "change-employer", "previous_region": "wallonia"}, contract={"contract_start": "2027-02-01"})

CHANGE_DOCUMENTS = tuple(one for one in RENEWAL_DOCUMENTS if one not in ("pay-slips", "individual-account", "mutual-insurance"))

BLUE_CARD: Answers = _changed(
    ANSWERS, category={"category": "blue-card"}, blue_card={"blue_card_mobility": "no"}, pay={"pay_month": "5200.00", "pay_year": "70000.00"},
    education={"qualification": "experience", "experience_years": "5", "diploma_level": "0", "diploma_field": "", "diploma_institution": "", "diploma_country": "",
               "diploma_year": ""})
BLUE_CARD_DOCUMENTS = tuple("experience" if one == "diploma" else one for one in DOCUMENTS)

# A specialist of the group's enterprise in Bangalore, sent to the entity in Brussels.
ICT: Answers = _changed(
    ANSWERS, posting={"posted": "yes", "receiving_name": "Havenlogistiek Brussel BV", **_place("receiving", "Wetstraat 1", "1000", "21004")},
    workplace=_IN_BRUSSELS, category={"category": "ict-specialist"},
    transfer={"group_employer": "Port Systems Bangalore Ltd", "group_country": "IND", "employed_since": "2024-01-08"},
    contract={"contract_kind": "fixed-term", "contract_end": "2029-02-28"}, pay={"pay_month": "4700.00", "pay_year": "62000.00"})
ICT_DOCUMENTS = (*DOCUMENTS, "organisation-chart", "secondment", "social-security", "foreign-articles", "group-link")

# A picker for the harvest in Sint-Truiden, here for the second year.
SEASONAL: Answers = _changed(
    ANSWERS, ("education",), workplace=_place("workplace", "Boomgaardstraat 4", "3800", "71053", "8999999993"), category={"category": "seasonal"},
    function={"function_title": "Fruit picker", "isco": "9211", "function_level": "4", "function_description": "Picks apples and pears."},
    contract={"contract_kind": "fixed-term", "contract_start": "2027-05-03", "contract_end": "2027-09-17", "joint_committee": "145"},
    labour_market={"lmt_channels": "vdab eures", "lmt_reference": "64210987", "lmt_from": "2026-09-01", "lmt_to": "2026-11-10",
                   "lmt_result": "Three people applied; none could come for the whole season."},
    season={"seasonal_sector": "horticulture", "seasonal_days": "138", "seasonal_returning": "yes"}, pay={"pay_month": "2300.00", "pay_year": "11500.00"})
SEASONAL_DOCUMENTS = (*(one for one in DOCUMENTS if one != "diploma"), "vacancy", "housing")

# A roofer, an occupation on the list of Flanders.
SHORTAGE: Answers = _changed(
    ANSWERS, category={"category": "shortage-flanders"}, shortage={"list_function": "Roofer"},
    function={"function_title": "Roofer", "isco": "7121", "function_level": "4", "function_description": "Lays and repairs flat and sloping roofs."},
    contract={"joint_committee": "124"}, pay={"pay_month": "3100.00", "pay_year": "40000.00"}, education={"qualification": "diploma", "diploma_level": "4"})
SHORTAGE_DOCUMENTS = (*DOCUMENTS, "shortage-list")

# A cook in Namur, after a search by Forem.
GENERAL: Answers = _changed(
    ANSWERS, ("education",), workplace=_IN_NAMUR, category={"category": "general"},
    function={"function_title": "Cook", "isco": "5120", "function_level": "4", "function_description": "Prepares Indian dishes."},
    labour_market={"lmt_channels": "eures forem", "lmt_reference": "4411223", "lmt_from": "2026-10-01", "lmt_to": "2026-11-09",
                   "lmt_result": "Two people applied; neither had experience with this kitchen."},
    contract={"joint_committee": "302"}, pay={"pay_month": "2700.00", "pay_year": "35000.00"})
GENERAL_DOCUMENTS = ("contract", "signatory-identity", "health-insurance", "vacancy", "contribution", "passport", "criminal-record", "medical-certificate")

# One establishment unit in each Region, and nothing else: what the tables of cases begin with.
_ONE_UNIT = {"has_office": "no", "has_unit": "yes", "posted": "no", "work_pattern": "one"}
IN_FLANDERS: Answers = {"places": {**_ONE_UNIT, **_place("workplace", "Noorderlaan 10", "2030", "11002", "8999999993")}}
IN_BRUSSELS: Answers = {"places": {**_ONE_UNIT, **_IN_BRUSSELS}}
IN_WALLONIA: Answers = {"places": {**_ONE_UNIT, **_IN_NAMUR}}
IN_EUPEN: Answers = {"places": {**_ONE_UNIT, **_place("workplace", "Rathausplatz 14", "4700", "63023", "8999999993")}}

VARIANTS: Mapping[str, tuple[Answers, tuple[str, ...]]] = {
    "highly-qualified": (ANSWERS, DOCUMENTS), "renewal": (RENEWAL, RENEWAL_DOCUMENTS), "change-employer": (CHANGE, CHANGE_DOCUMENTS),
    "blue-card": (BLUE_CARD, BLUE_CARD_DOCUMENTS), "ict": (ICT, ICT_DOCUMENTS), "seasonal": (SEASONAL, SEASONAL_DOCUMENTS),
    "shortage": (SHORTAGE, SHORTAGE_DOCUMENTS), "general": (GENERAL, GENERAL_DOCUMENTS),
}
