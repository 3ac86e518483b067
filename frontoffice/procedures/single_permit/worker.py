"""The questions about the worker: identity, travel document, home, diploma, and how he or she can be reached."""

from collections.abc import Mapping, Sequence
from datetime import date

from frontoffice.forms import identifiers
from frontoffice.forms.fields import Checked, Choice, Countries, Country, Day, Email, Number, PartialDay, Phone, Select, Text
from frontoffice.forms.form import Values
from frontoffice.forms.partial_dates import read_partial, store_partial, youngest_possible
from frontoffice.forms.travel_document import Typed
from frontoffice.kernel.errors import Problem
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.time import add_months
from frontoffice.procedures.choices import Post
from frontoffice.procedures.shared.questions import EEA_AND_SWITZERLAND, LANGUAGES, SEXES, canonical_zone, differences, page, prefill_document, zone_of
from frontoffice.procedures.single_permit import situations as when
from frontoffice.procedures.single_permit.employment import LEVELS
from frontoffice.procedures.vocabulary import FILERS, NOT_THE_EMPLOYER, Page, Role

_WORKER = frozenset({Role.WORKER})
_NO_PERMIT = _("Nationals of this country work in Belgium without a permit: no application is needed")


def _prefill_identity(values: Values) -> Mapping[str, str]:
    zone = zone_of(values)
    given = {"surname": values.get("worker_surname", ""), "given_names": values.get("worker_given_names", "")}
    return {**given, "birth_date": store_partial(zone.birth_date), "sex": zone.sex, "nationality": zone.nationality} if zone else given


def _check_identity(values: Values, others: Values) -> Sequence[Problem]:
    born, day = read_partial(values["birth_date"]), date.fromisoformat(others["today"])
    latest = youngest_possible(born)
    is_future = latest is not None and latest >= day and born.whole() is not None
    if not born.year or not day.year - 120 < born.year <= day.year or is_future:
        return [Problem("birth_date", _("This birth date cannot be right: check the year"))]
    zone = zone_of(others)
    if zone is None:
        return []
    typed = Typed(birth_date=born, surname=values["surname"], given_names=values.get("given_names", ""))
    return differences(zone, {"birth_date": "birth_date", "surname": "surname", "given_names": "given_names"}, typed)


def _check_passport(values: Values, others: Values) -> Sequence[Problem]:
    issued, expires = date.fromisoformat(values["passport_issued"]), date.fromisoformat(values["passport_expires"])
    problems = []
    if issued > date.fromisoformat(others["today"]):
        problems.append(Problem("passport_issued", _("This day has not come yet: check the date")))
    if expires <= issued:
        problems.append(Problem("passport_expires", _("The passport ends after the day on which it was issued: check both dates")))
    elif (start := others.get("contract_start")) and expires < add_months(date.fromisoformat(start), 3):
        problems.append(Problem("passport_expires", _("The passport must be valid until at least 3 months after the first working day: renew it first")))
    zone = zone_of(others)
    if zone is not None:
        typed = Typed(number=values["passport_number"], expiry=expires)
        problems.extend(differences(zone, {"number": "passport_number", "expiry": "passport_expires"}, typed))
    return problems


def _check_register_number(values: Values, others: Values) -> Sequence[Problem]:
    number, born = values.get("national_number"), others.get("birth_date")
    if not number or not born:
        return []
    if not identifiers.birth_of(number).agrees_with(read_partial(born)):
        return [Problem("national_number", _("This number holds another birth date than the one given: check both"))]
    return []


WORKER_PAGES: tuple[Page, ...] = (
    page("worker-name", "worker", _("Who is the worker?"),
         Text(name="worker_surname", label=_("Surname"), hint=_("As in the passport. Someone with one name only: type it here."), autocomplete="off"),
         Text(name="worker_given_names", label=_("Given names"), optional=True, autocomplete="off"), by=FILERS),
    page("passport-zone", "worker", _("The two lines at the foot of the passport"),
         Checked(name="passport_zone", label=_("Machine-readable zone"), reader=canonical_zone, longest=200, optional=True, rows=4,
                 hint=_("Two lines of 44 characters under the photo. We fill in the next pages from them. You may leave this empty.")), by=_WORKER),
    page("identity", "worker", _("Identity"),
         Text(name="surname", label=_("Surname"), hint=_("As in the passport, in any script.")),
         Text(name="given_names", label=_("Given names"), optional=True, hint=_("Leave empty if the passport shows one name only.")),
         Choice(name="sex", label=_("Sex, as in the passport"), choices=SEXES),
         PartialDay(name="birth_date", label=_("Date of birth")), Text(name="birth_place", label=_("Place of birth")),
         Country(name="birth_country", label=_("Country of birth")),
         Country(name="nationality", label=_("Nationality"), special=True, refuse=dict.fromkeys(EEA_AND_SWITZERLAND, _NO_PERMIT)),
         Countries(name="other_nationalities", label=_("Other nationalities"), optional=True),
         by=_WORKER, prefill=_prefill_identity, check=_check_identity),
    page("passport", "worker", _("Passport"),
         Checked(name="passport_number", label=_("Passport number"), reader=identifiers.travel_document_number, width=20),
         Country(name="passport_country", label=_("Issued by"), special=True), Day(name="passport_issued", label=_("Issued on")),
         Day(name="passport_expires", label=_("Valid until")),
         by=_WORKER, prefill=prefill_document, check=_check_passport),
    page("register-number", "worker", _("National register number or BIS number"),
         Checked(name="national_number", label=_("Number"), reader=identifiers.national_or_bis_number, optional=True, width=20, inputmode="numeric",
                 show=identifiers.show_register_number,
                 hint=_("Only if the worker was in Belgium before. 11 digits, such as 90.02.01-123.45. Leave empty if there is none.")),
         by=_WORKER, seen_by=NOT_THE_EMPLOYER, check=_check_register_number),
    page("residence", "worker", _("Where does the worker live now?"),
         Choice(name="residence_status", label=_("Situation today"), choices=(
             ("abroad", _("Abroad"), ""), ("short-stay", _("In Belgium for a short stay"), ""), ("long-stay", _("In Belgium with a residence permit"), ""),
             ("student", _("In Belgium as a student"), ""), ("researcher", _("In Belgium as a researcher"), ""),
             ("pending", _("In Belgium, waiting for a decision on the stay"), ""),
             ("protocol", _("In Belgium with a special identity card"), _("Of a diplomat, of staff of an international organisation, or of their household.")),
             ("other-member-state", _("In another Member State, with its residence permit"), ""))),
         Text(name="home_street", label=_("Street and number")), Text(name="home_city", label=_("Town or city, with postal code")),
         Country(name="home_country", label=_("Country")),
         Country(name="post_country", label=_("In which country will the worker apply for the visa?"), when=when.lives_abroad,
                 hint=_("At the Belgian embassy or consulate there.")),
         Post(name="diplomatic_post", label=_("At which embassy or consulate?"), optional=True, when=when.lives_abroad,
              hint=_("Leave empty if you do not know yet.")),
         by=_WORKER, seen_by=NOT_THE_EMPLOYER),
    page("education", "worker", _("Highest diploma"),
         Choice(name="qualification", label=_("How does the worker prove the qualification?"), when=when.experience_may_count, choices=(
             ("diploma", _("With a diploma"), ""), ("experience", _("With experience"), _("Not for every function: ask the Region first.")))),
         Number(name="experience_years", label=_("Years of experience in this work in the last 7 years"), most=7, width=4, inputmode="numeric", when=when.by_experience),
         Select(name="diploma_level", label=_("Level"), choices=(*LEVELS, ("0", _("No diploma"), ""))),
         Text(name="diploma_field", label=_("Field of study"), when=when.has_diploma),
         Text(name="diploma_institution", label=_("School or university"), when=when.has_diploma),
         Country(name="diploma_country", label=_("Country"), when=when.has_diploma),
         Number(name="diploma_year", label=_("Year"), least=1940, most=2100, width=4, inputmode="numeric", when=when.has_diploma),
         by=_WORKER, when=when.diploma_counts),
    page("worker-contact", "worker", _("How can the authorities reach the worker?"),
         Email(name="worker_email", label=_("E-mail address"), hint=_("The worker's own, not the employer's.")),
         Phone(name="worker_phone", label=_("Telephone"), optional=True),
         Choice(name="worker_language", label=_("Language for messages"), choices=LANGUAGES),
         by=_WORKER, seen_by=NOT_THE_EMPLOYER),
)
