"""Visa D to marry or to declare legal cohabitation in Belgium and to stay there (article 9)."""

from collections.abc import Sequence
from datetime import date

from frontoffice.forms.conditions import answer
from frontoffice.forms.fields import Checked, Choice, Country, Day, LongText, Option, PartialDay, Text, YesNo
from frontoffice.forms.form import Values
from frontoffice.forms.identifiers import national_or_bis_number, show_register_number
from frontoffice.kernel.errors import Problem
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.message import Message
from frontoffice.procedures.places import MunicipalityName, PostalCode
from frontoffice.procedures.shared.questions import belgian_address, page
from frontoffice.procedures.visa_d.common import DELICATE, EXAMINERS
from frontoffice.procedures.visa_d.declaration import Purpose, contribution, document, visa_d
from frontoffice.procedures.visa_d.life import life
from frontoffice.procedures.vocabulary import KeyFact, Remark, Role, Rule

MARRIAGE_PAGE = "Immigration Office, visa for marriage or legal cohabitation"
_UNSURE = "No source found; general knowledge"
UNIONS: tuple[Option, ...] = (("marriage", _("We marry"), ""), ("cohabitation", _("We declare legal cohabitation"), ""))
STATUSES: tuple[Option, ...] = (
    ("belgian", _("Belgian"), ""), ("eu", _("Citizen of another country of the European Union, the European Economic Area or Switzerland"), ""),
    ("third", _("Citizen of another country, with a right of residence in Belgium"), ""), ("other", _("Another situation"), ""),
)


def check_relation(values: Values, others: Values) -> Sequence[Problem]:
    """People met in the past."""
    if values["met_on"].replace("-00", "-01") > others["today"]:
        return [Problem("met_on", _("This day has not come yet: check the date"))]
    return []


PAGES = (
    page("partner", "purpose", _("Your partner in Belgium"),
         Text(name="partner_surname", label=_("Surname")), Text(name="partner_given_names", label=_("Given names"), optional=True),
         PartialDay(name="partner_birth_date", label=_("Date of birth")), Country(name="partner_nationality", label=_("Nationality"), special=True),
         Choice(name="partner_status", label=_("What is your partner's situation in Belgium?"), choices=STATUSES, read_as=_("Situation in Belgium")),
         Checked(name="partner_number", label=_("National register number or BIS number"), reader=national_or_bis_number, show=show_register_number,
                 optional=True,
                 width=20, inputmode="numeric"),
         *belgian_address("partner"), **DELICATE),
    page("union", "purpose", _("Marriage or legal cohabitation"),
         Choice(name="union_kind", label=_("What do you plan?"), choices=UNIONS),
         PostalCode(name="union_postal_code", label=_("Postal code of the municipality where you do it")),
         MunicipalityName(name="union_municipality", label=_("Municipality"), postal_code="union_postal_code",
                          hint=_("Leave empty if the postal code has only one municipality.")),
         YesNo(name="union_declared", label=_("Did the civil registrar receive your declaration already?")),
         Day(name="union_declared_on", label=_("On which day?"), when=answer("union_declared").is_("yes")),
         Day(name="union_planned", label=_("Planned day of the ceremony or declaration"), optional=True), **DELICATE),
    page("relation", "purpose", _("Your relation"),
         PartialDay(name="met_on", label=_("When did you meet?")),
         LongText(name="met_how", label=_("How did you meet, and how did the relation go on?"), longest=4000),
         YesNo(name="married_before", label=_("Was one of you married or in a registered partnership before?")),
         LongText(name="earlier_marriages", label=_("With whom, from when to when?"), longest=2000, when=answer("married_before").is_("yes")),
         YesNo(name="common_children", label=_("Do you have children together?")), **DELICATE, check=check_relation),
)

# No source lists what this visa needs besides the common file: these are asked for, and stop nobody.
DOCUMENTS = (
    document("union-declaration", _("Proof that the civil registrar received your declaration"), _UNSURE, "U", seen_by=EXAMINERS, required=False,
             when=answer("union_declared").is_("yes")),
    document("birth-certificate", _("Birth certificate"), _UNSURE, "U", seen_by=EXAMINERS, required=False, translation=True, legalisation=True),
    document("unmarried-certificate", _("Proof that you are free to marry"), _UNSURE, "U", seen_by=EXAMINERS, required=False, translation=True, legalisation=True,
             hint=_("From the civil registry of your country: a certificate of civil status or of no marriage.")),
    document("divorce", _("Proof of divorce"), _UNSURE, "U", seen_by=EXAMINERS, when=answer("civil_status").is_("divorced"), required=False,
             translation=True, legalisation=True),
    document("death-certificate", _("Death certificate of your husband or wife"), _UNSURE, "U", seen_by=EXAMINERS, when=answer("civil_status").is_("widowed"),
             required=False, translation=True, legalisation=True),
    document("relation-proof", _("Proof of your relation"), _UNSURE, "U", seen_by=EXAMINERS, required=False,
             hint=_("Journeys, messages, photos: what shows that you know each other.")),
)


def remarks(values: Values, today: date) -> Sequence[Remark]:
    """Someone who is still married, and a declaration that was not made yet."""
    found = []
    if values.get("civil_status") == "married" and values.get("union_kind"):
        found.append(Remark("civil_status",
                            Message(_("You say that you are married. If you are married to this partner already, ask for family reunification instead.")),
                            _UNSURE, "U", doubtful=True))
    if values.get("union_declared") == "no":
        found.append(Remark("union_declared",
                            Message(_("Your partner can ask the civil registrar of the municipality which papers are needed to make the declaration.")),
                            _UNSURE, "U"))
    return found


VISA_D_MARRIAGE = visa_d(Purpose(
    code="visa-d-marriage", prefix="VM", title=_("Visa D: marriage or legal cohabitation"), information="marriage",
    summary=_("To marry or to declare legal cohabitation in Belgium, and to stay there afterwards."), legal_basis=_("Act of 15 December 1980, article 9"),
    pages=PAGES, documents=DOCUMENTS, contributions=(contribution("art9"),), remarks=remarks, life=life(prosecutor=True),
    key_facts=(KeyFact(title=_("Partner in Belgium"), questions=("partner_surname", "partner_given_names", "partner_birth_date", "partner_nationality"),
                       roles=frozenset({Role.DIPLOMATIC_POST, Role.IMMIGRATION_OFFICE})),),
    rules=(
        Rule(text=_("Whoever comes to marry or to declare legal cohabitation and stays afterwards needs this visa, also if no visa is needed for a short stay."),
             source=MARRIAGE_PAGE, confidence="O"),
        Rule(text=_("The civil registrar may postpone the marriage for %(count)s months if it may be one of convenience."), figure="registrar-postponement"),
        Rule(text=_("The public prosecutor may extend that by %(count)s months."), figure="prosecutor-extension"),
    ),
))
