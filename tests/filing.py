"""Answers that make a complete single permit, and the documents that go with it; as a person would type them."""

from collections.abc import Mapping

from tests.web import Browser

EMPLOYER_PAGES: Mapping[str, Mapping[str, str]] = {
    "employer": {"enterprise_number": "1999.999.943", "employer_name": "Havenlogistiek Antwerpen NV"},
    "registered-office": {"has_office": "yes", "office_street": "Noorderlaan 10", "office_postal_code": "2030", "office_municipality": "Antwerpen"},
    "units": {"has_unit": "yes"},
    "contact": {"contact_name": "Katrien De Smet", "contact_email": "katrien@havenlogistiek.example", "contact_phone": "+32 3 210 12 34"},
    "request": {"request_kind": "first", "contribution_exemption": "none"},
    "posting": {"posted": "no"},
    "work-pattern": {"work_pattern": "one"},
    "workplace": {
        "workplace_street": "Noorderlaan 10", "workplace_postal_code": "2030", "workplace_municipality": "Antwerpen", "workplace_unit": "8999999993",
    },
    "category": {"category": "highly-qualified"},
    "function": {
        "function_title": "Software developer", "isco": "2512", "function_level": "6", "function_description": "Builds the planning of the quay.",
        "regulated_profession": "no",
    },
    "contract": {
        "contract_kind": "open-ended", "contract_start-day": "1", "contract_start-month": "3", "contract_start-year": "2027",
        "hours_per_week": "38", "full_time_hours": "38",
    },
    "pay": {"pay_month": "4.500,00", "pay_year": "60.000"},
    "worker-name": {"worker_surname": "Kumar", "worker_given_names": "Rajesh"},
}
WORKER_PAGES: Mapping[str, Mapping[str, str]] = {
    "passport-zone": {"passport_zone": "P<INDKUMAR<<RAJESH<<<<<<<<<<<<<<<<<<<<<<<<<<\nZ1234567<1IND9002018M3201015<<<<<<<<<<<<<<<8"},
    "identity": {
        "surname": "Kumar", "given_names": "Rajesh", "sex": "M", "birth_date-day": "1", "birth_date-month": "2", "birth_date-year": "1990",
        "birth_place": "Pune", "birth_country": "IND", "nationality": "IND",
    },
    "passport": {
        "passport_number": "Z1234567", "passport_country": "IND", "passport_issued-day": "2", "passport_issued-month": "1", "passport_issued-year": "2022",
        "passport_expires-day": "1", "passport_expires-month": "1", "passport_expires-year": "2032",
    },
    "register-number": {"national_number": ""},
    "residence": {
        "residence_status": "abroad", "home_street": "12 MG Road", "home_city": "411001 Pune", "home_country": "IND", "post_country": "IND",
    },
    "education": {"diploma_level": "6", "diploma_field": "Computer science", "diploma_institution": "University of Pune", "diploma_country": "IND", "diploma_year": "2012"},
    "worker-contact": {"worker_email": "rajesh.kumar@worker.example", "worker_phone": "", "worker_language": "en"},
}
EMPLOYER_DOCUMENTS = ("contract", "function-description", "signatory-identity", "health-insurance", "contribution")
WORKER_DOCUMENTS = ("passport", "diploma", "criminal-record", "medical-certificate")


async def begin(browser: Browser) -> str:
    """Start a draft; its UUID."""
    answer = await browser.post("/en/dossiers", page="/en/dossiers/new?procedure=single-permit")
    assert answer.status_code == 200, answer.text
    return answer.url.path.rsplit("/", 1)[-1]


async def fill(browser: Browser, key: str, pages: Mapping[str, Mapping[str, str]], **changes: Mapping[str, str]) -> None:
    """Answer pages as given, each of them accepted."""
    for code, answers in pages.items():
        path = f"/en/dossiers/{key}/pages/{code}"
        answer = await browser.post(path, {**answers, **changes.get(code.replace("-", "_"), {})}, follow=False)
        assert answer.status_code == 303, (code, answer.status_code, answer.text)
