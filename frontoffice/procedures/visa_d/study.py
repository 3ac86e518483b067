"""Visa D to study: recognised higher education (articles 58 to 61), or a private or secondary school (article 9)."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from frontoffice.forms.conditions import answer
from frontoffice.forms.fields import Checked, Choice, Choices, Day, LongText, Money, Number, Option, Select, Text, YesNo
from frontoffice.forms.form import Values
from frontoffice.forms.identifiers import read_dossier_number
from frontoffice.kernel.errors import Problem
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.message import Message
from frontoffice.procedures.figures import Figure, Figures
from frontoffice.procedures.shared.questions import page
from frontoffice.procedures.visa_d.common import DELICATE, EXAMINERS, OWN
from frontoffice.procedures.visa_d.declaration import CONTRIBUTION_EXEMPT, OLDER_LIST, Purpose, contribution, decision_clock, document, visa_d
from frontoffice.procedures.vocabulary import Exemption, KeyFact, Remark, Role, Rule

MEANS_PAGE = "Immigration Office, sufficient means for study (2025-2026)"
STUDENTS = "Agency for Integration (AGII), third-country students"
GUIDE = "studacy.com, guide, 18 June 2026"
_EXAMINERS = frozenset({Role.DIPLOMATIC_POST, Role.IMMIGRATION_OFFICE})

KINDS: tuple[Option, ...] = (
    ("recognised", _("A recognised institution of higher education"), _("A university, university college or college of arts that a Community recognises.")),
    ("private", _("A private school that is not recognised"), ""),
    ("secondary", _("A secondary school"), ""),
)
LEVELS: tuple[Option, ...] = (
    ("bachelor", _("Bachelor"), ""), ("master", _("Master"), ""), ("doctorate", _("Doctorate"), ""), ("preparatory", _("One preparatory year"), ""),
    ("exchange", _("Exchange"), ""), ("other", _("Other"), ""),
)
ADMISSIONS: tuple[Option, ...] = (
    ("enrolled", _("Enrolled"), ""), ("admitted", _("Admitted, not enrolled yet"), ""), ("equivalence", _("Equivalence of my diploma asked"), ""),
    ("entrance-exam", _("Registered for an entrance examination"), ""),
)
MEANS: tuple[Option, ...] = (
    ("scholarship", _("A scholarship or loan"), _("From an international body, a government, a Community, Region, province, municipality or institution.")),
    ("annex-32", _("A guarantor (annex 32)"), ""),
    ("blocked-account", _("A blocked account of the institution"), ""),
    ("transfer", _("A certificate of irrevocable transfer"), _("From a specialised company.")),
    ("guarantee", _("A bank guarantee with a specialised company"), ""),
    ("own", _("My own bank account"), _("This is weighed case by case.")),
)
GIVERS: tuple[Option, ...] = (
    ("state", _("The Belgian State"), ""), ("community", _("A Community or a Region"), ""), ("university", _("A Belgian university or institution of higher education"), ""),
    ("eu", _("The European Union"), ""), ("other", _("Someone else"), ""),
)
COMPANIES: tuple[Option, ...] = (("studely", "Studely", ""), ("ready-study-go", "Ready Study Go International", ""), ("other", _("Another company"), ""))

recognised = answer("institution_kind").is_("recognised")
_means = answer("means")
_blocked = _means.holds("blocked-account", "transfer", "guarantee")


def check_study(values: Values, others: Values) -> Sequence[Problem]:
    """A course ends after it began."""
    if values["study_end"] <= values["study_start"]:
        return [Problem("study_end", _("The course ends before it starts: check both dates"))]
    return []


def check_means(values: Values, others: Values) -> Sequence[Problem]:
    """A guarantor of a student signs annex 32, whose numbers start with GT."""
    if values.get("commitment_number") and not values["commitment_number"].startswith("GT-"):
        return [Problem("commitment_number", _("The number of a commitment for a student starts with GT: check the number"))]
    return []


PAGES = (
    page("institution", "purpose", _("Your studies"),
         Choice(name="institution_kind", label=_("What kind of school is it?"), choices=KINDS),
         Text(name="institution_name", label=_("Name of the institution")), Text(name="institution_city", label=_("Town or city")),
         Text(name="programme", label=_("Programme")), Select(name="study_level", label=_("Level"), choices=LEVELS),
         YesNo(name="full_time", label=_("Is it full-time?")),
         Select(name="admission", label=_("How far are you?"), choices=ADMISSIONS, read_as=_("Admission")),
         Day(name="study_start", label=_("First day of the course")), Day(name="study_end", label=_("Last day of the whole course")),
         Number(name="credits", label=_("Credits in the first year"), optional=True, most=200), **OWN, check=check_study),
    page("means", "purpose", _("Means to live on"),
         Choices(name="means", label=_("How do you prove your means?"), choices=MEANS, hint=_("One proof, or several together.")),
         Choice(name="scholarship_from", label=_("Who gives the scholarship or loan?"), choices=GIVERS, when=_means.holds("scholarship")),
         Money(name="scholarship_month", label=_("Amount a month"), optional=True, when=_means.holds("scholarship")),
         YesNo(name="scholarship_listed", label=_("Did you get the standard form that says this scholarship frees you of the contribution?"),
               when=_means.holds("scholarship"), hint=_("Only scholarships on the list of the Royal Decree do.")),
         Checked(name="commitment_number", label=_("Number of the guarantor's commitment"), reader=read_dossier_number, optional=True,
                 when=_means.holds("annex-32"),
                 hint=_("It starts with GT. Leave it empty if your guarantor signed on paper, and add the form.")),
         Choice(name="transfer_company", label=_("Which company?"), choices=COMPANIES, when=_means.holds("transfer", "guarantee")),
         Money(name="blocked_amount", label=_("Amount blocked for one year"), when=_blocked),
         LongText(name="means_remark", label=_("Anything to add about your means?"), optional=True, read_as=_("Remark")), **DELICATE, check=check_means),
)

DOCUMENTS = (
    document("study-form", _("Form for students"), GUIDE, "P", required=False, hint=_("The form of the embassy or consulate, if it has one.")),
    document("enrolment", _("Proof of enrolment or admission"), GUIDE, "P", when=answer("admission").is_in("enrolled", "admitted"),
             hint=_("From the institution, for full-time education in the coming academic year.")),
    document("equivalence-request", _("Proof that you asked for equivalence of your diploma"),
             "Official Journal of the European Union, national mentions (2005)", "U",
             when=answer("admission").is_("equivalence"), required=False),
    document("entrance-exam", _("Registration for the entrance examination"), "Official Journal of the European Union, national mentions (2005)", "U",
             when=answer("admission").is_("entrance-exam"), required=False),
    document("scholarship", _("Certificate of the scholarship or loan"), MEANS_PAGE, "O", seen_by=EXAMINERS, when=_means.holds("scholarship")),
    document("annex-32", _("Annex 32 signed by the guarantor, with proof of income"), "Immigration Office, annex 32", "O", seen_by=EXAMINERS,
             when=_means.holds("annex-32") & ~answer("commitment_number").given(),
             mentions=(_("If the guarantor lives abroad, in another country than you: the words “sufficient solvency”, written by the Belgian post there"),)),
    document("blocked-account", _("Proof of the blocked account"), MEANS_PAGE, "O", seen_by=EXAMINERS, when=_means.holds("blocked-account")),
    document("irrevocable-transfer", _("Certificate of irrevocable transfer"), MEANS_PAGE, "O", seen_by=EXAMINERS, when=_means.holds("transfer")),
    document("bank-guarantee", _("Bank guarantee"), MEANS_PAGE, "O", seen_by=EXAMINERS, when=_means.holds("guarantee")),
    document("account-statements", _("Statements of your bank account"), "City of Ghent, 2023-2024", "P", seen_by=EXAMINERS, when=_means.holds("own")),
    document("health-insurance", _("Proof of health insurance"), GUIDE, "P"),
    document("accommodation", _("Proof of accommodation"), GUIDE, "P", required=False, hint=_("Some posts ask for it.")),
)

LISTED_SCHOLARSHIP = Exemption(when=answer("scholarship_listed").is_("yes"), title=_("Scholarship on the list of the Royal Decree"),
                               source=f"{STUDENTS}; Immigration Office, administrative fee (20 July 2017)", confidence="O")
_EXEMPT = (*CONTRIBUTION_EXEMPT, LISTED_SCHOLARSHIP)
VISA_EXEMPT = (
    Exemption(when=answer("scholarship_from").is_in("state", "university", "eu"),
              title=_("Scholarship of the Belgian State, a university or the European Union"),
              source=OLDER_LIST, confidence="P"),
)


def means_needed(values: Values, today: date) -> tuple[Figure, Decimal] | None:
    """The monthly amount of the academic year in which the course starts, and what it makes in a year; None when it is not known."""
    day = date.fromisoformat(values["study_start"]) if values.get("study_start") else today
    figures = Figures.at(max(day, today))
    month = figures.find("student-means")
    return (month, month.amount * figures.get("student-means-months").count) if month else None


def remarks(values: Values, today: date) -> Sequence[Remark]:
    """The means against the amount of the year, the company of the transfer, and the school."""
    found = [*_means_remarks(values, today), *_school_remarks(values)]
    if values.get("transfer_company") == "other" and _means.holds("transfer").holds(values):
        found.append(Remark("transfer_company",
                            Message(_("At present only certificates of Studely and Ready Study Go International are accepted, without a bond "
                                      "by contract: ask the post.")), MEANS_PAGE, "O", doubtful=True))
    return found


def _means_remarks(values: Values, today: date) -> list[Remark]:
    if not values.get("means"):
        return []
    known = means_needed(values, today)
    if known is None:
        unknown = Message(_("The amount for the academic year of your course is not known yet: ask the institution or the post."))
        return [Remark("means", unknown, MEANS_PAGE, "U")]
    figure, year = known
    needed = Message(_("A student needs %(month)s a month in this academic year: %(year)s for a year."), {"month": figure.amount, "year": year})
    found = [Remark("means", needed, figure.source, figure.confidence)]
    if values.get("blocked_amount") and _blocked.holds(values):
        enough = Decimal(values["blocked_amount"]) >= year
        text = _("This is at least the reference amount of %(year)s.") if enough else _(
            "This is below the reference amount of %(year)s. Other means may count with it: the Immigration Office looks at the whole.")
        found.append(Remark("blocked_amount", Message(text, {"year": year}), figure.source, figure.confidence, doubtful=not enough))
    return found


def _school_remarks(values: Values) -> list[Remark]:
    found = []
    if values.get("institution_kind") in ("private", "secondary"):
        found.append(Remark("institution_kind",
                            Message(_("This school falls under article 9: the Immigration Office is free to grant or refuse the visa, and another "
                                      "contribution applies.")), STUDENTS, "O"))
    if values.get("institution_kind") == "recognised" and values.get("full_time") == "no":
        found.append(Remark("full_time", Message(_("The right to study rests on full-time education or one preparatory year: ask the institution about your "
                                                   "programme.")), MEANS_PAGE, "O", doubtful=True))
    return found


VISA_D_STUDY = visa_d(Purpose(
    code="visa-d-study", prefix="VS", title=_("Visa D: study"), information="study", commitment="commitment_number",
    summary=_("To study in Belgium for more than 90 days: higher education, one preparatory year, or another school."),
    legal_basis=_("Act of 15 December 1980, articles 58 to 61; article 9 for schools that are not recognised"),
    pages=PAGES, documents=DOCUMENTS, exempt=_EXEMPT, visa_exempt=VISA_EXEMPT, remarks=remarks,
    contributions=(contribution("study", when=~answer("institution_kind").is_in("private", "secondary"), exempt=_EXEMPT),
                   contribution("art9", code="federal-contribution-art9", when=answer("institution_kind").is_in("private", "secondary"), exempt=_EXEMPT)),
    clocks=(decision_clock("decision-period-study", when=recognised),),
    key_facts=(KeyFact(title=_("Studies"), questions=("institution_name", "programme", "study_level", "study_start", "study_end"), roles=_EXAMINERS),
               KeyFact(title=_("Means to live on"), questions=("means",), roles=_EXAMINERS)),
    rules=(
        Rule(text=_("You follow full-time higher education or one preparatory year at a recognised institution. Another school falls under article 9."),
             source=MEANS_PAGE + "; " + STUDENTS, confidence="O",
             met=lambda values, today: {"recognised": True}.get(values.get("institution_kind", ""))),
        Rule(text=_("You have at least %(amount)s a month to live on, for the whole academic year."), figure="student-means"),
        Rule(text=_("In term time you may work at most %(count)s hours a week, in school holidays more."), figure="student-work-hours"),
    ),
))
