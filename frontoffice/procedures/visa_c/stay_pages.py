"""The pages about the stay and its costs, insurance, who fills in the form, and the statements (items 30 to 33 of the harmonised form)."""

from collections.abc import Sequence
from dataclasses import replace

from frontoffice.forms import identifiers
from frontoffice.forms.conditions import Condition, answer
from frontoffice.forms.fields import Agreement, Checked, Choice, Choices, Country, Day, Email, Field, LongText, Money, Option, Phone, Text, YesNo
from frontoffice.forms.form import Values
from frontoffice.kernel.errors import Problem
from frontoffice.kernel.i18n import mark as _
from frontoffice.procedures.shared.questions import is_minor, page
from frontoffice.procedures.visa_c.person_pages import APPLICANT, READERS, is_family
from frontoffice.procedures.vocabulary import Page

# The texts of the statements below; whoever changes one of them writes another day here, in a new edition.
STATEMENTS = "2026-11-21"

needs_insurance = ~(is_family | answer("document_type").is_("diplomatic") | answer("seafarer_cover").is_("yes"))
by_person = answer("host_kinds").holds("person")
in_hotel = answer("host_kinds").holds("hotel")
by_organisation = answer("host_kinds").holds("organisation")
pays_self = answer("costs_by").holds("self")
pays_sponsor = answer("costs_by").holds("sponsor")
_other_fills_in = answer("filled_in_by_other").is_("yes")

_OWN_MEANS: tuple[Option, ...] = (
    ("cash", _("Cash"), ""), ("cheques", _("Traveller's cheques"), ""), ("credit-card", _("Credit card"), ""),
    ("prepaid-accommodation", _("Accommodation paid in advance"), ""), ("prepaid-transport", _("Transport paid in advance"), ""), ("other", _("Other"), ""),
)
_SPONSOR_MEANS: tuple[Option, ...] = (
    ("cash", _("Cash"), ""), ("accommodation", _("Accommodation"), ""), ("all", _("All expenses during the stay"), ""),
    ("prepaid-transport", _("Transport paid in advance"), ""), ("other", _("Other"), ""),
)


def _commitment_number(text: str) -> str:
    number = identifiers.read_dossier_number(text)
    if not number.startswith("GS-"):
        raise identifiers.Wrong(_("The number of a commitment for a short stay starts with GS"))
    return number


def _check_insurance(values: Values, others: Values) -> Sequence[Problem]:
    if values["insurance_until"] < values["insurance_from"]:
        return [Problem("insurance_until", _("The last day comes after the first day"))]
    return []


def _with_version(values: Values) -> Values:
    """Which texts were agreed to; the language and the moment are kept with the dossier."""
    return {"statements_version": STATEMENTS} if values.get("statement_truth") else {}


def _page(code: str, section: str, title: str, *fields: Field, intro: str = "", when: Condition | None = None, check: object = None) -> Page:
    return page(code, section, title, *fields, by=APPLICANT, seen_by=READERS, intro=intro, when=when, check=check)


_STATEMENTS = _page(
    "statements", "statements", _("Your statements"),
    Agreement(name="statement_fee", label=_("I know that the fee is not paid back if the visa is refused.")),
    Agreement(name="statement_insurance", label=_("I know that I need travel medical insurance for the first stay and for every later stay with this visa."),
              when=answer("entries").is_in("two", "multiple") & ~is_family),
    Agreement(name="statement_data", label=_("I know that this application needs my data, my photo and, where it applies, my fingerprints, and that the authorities "
                                            "of the Schengen countries use them to decide on it.")),
    Agreement(name="statement_vis", label=_("I know that my data and the decision are kept in the Visa Information System (VIS), where visa, border, immigration and "
                                           "asylum authorities and, under conditions, the police can read them, and that I may ask which data are kept and have "
                                           "mistakes corrected.")),
    Agreement(name="statement_truth", label=_("I declare that what I answered is true and complete."),
              hint=_("False statements can lead to a refusal, or to the loss of a visa that was given.")),
    Agreement(name="statement_leave", label=_("I will leave the Schengen area before the visa ends.")),
    Agreement(name="statement_entry", label=_("I know that a visa alone gives no right to enter: at the border I must meet the conditions again.")),
    Text(name="signed_at", label=_("Place where you sign"), longest=100),
    Agreement(name="signed_for_minor", label=_("I sign for the minor as a parent or guardian."), when=is_minor, item="10"),
)

PAGES: tuple[Page, ...] = (
    _page("hosts", "stay", _("Where do you stay, and who invites you?"),
          Choices(name="host_kinds", label=_("Invitation and accommodation"), hint=_("Choose all that apply."), choices=(
              ("person", _("A person invites me"), ""), ("hotel", _("I stay in a hotel or other temporary accommodation"), ""),
              ("organisation", _("An enterprise or organisation invites me"), ""))),
          Text(name="inviting_surname", label=_("Surname of the person who invites you"), when=by_person, item="30"),
          Text(name="inviting_given_names", label=_("Given names of the person who invites you"), when=by_person, item="30"),
          Text(name="inviting_street", label=_("Street and number of the person who invites you"), when=by_person, item="30"),
          Text(name="inviting_city", label=_("Town or city, with postal code, of the person who invites you"), when=by_person, item="30"),
          Country(name="inviting_country", label=_("Country of the person who invites you"), when=by_person, item="30"),
          Email(name="inviting_email", label=_("E-mail address of the person who invites you"), optional=True, when=by_person, item="30"),
          Phone(name="inviting_phone", label=_("Telephone of the person who invites you"), when=by_person, item="30"),
          Text(name="hotel_name", label=_("Name of the hotel or accommodation"), when=in_hotel, item="30"),
          LongText(name="hotel_address", label=_("Address of the hotel or accommodation"), longest=500, when=in_hotel, item="30"),
          Email(name="hotel_email", label=_("E-mail address of the hotel or accommodation"), optional=True, when=in_hotel, item="30"),
          Phone(name="hotel_phone", label=_("Telephone of the hotel or accommodation"), optional=True, when=in_hotel, item="30"),
          LongText(name="other_hosts", label=_("More persons, hotels or places"), optional=True, longest=2000, item="30",
                   hint=_("Name, address, e-mail address and telephone of each.")),
          when=~is_family),
    _page("organisation", "stay", _("The enterprise or organisation that invites you"),
          Text(name="organisation_name", label=_("Name of the enterprise or organisation"), item="31"),
          LongText(name="organisation_address", label=_("Address"), longest=500, item="31"),
          Phone(name="organisation_phone", label=_("Telephone of the enterprise or organisation"), item="31"),
          Text(name="organisation_contact", label=_("Surname and given names of the contact person"), item="31"),
          LongText(name="organisation_contact_address", label=_("Address of the contact person, if it is another one"), optional=True, longest=500, item="31"),
          Phone(name="organisation_contact_phone", label=_("Telephone of the contact person"), item="31"),
          Email(name="organisation_contact_email", label=_("E-mail address of the contact person"), item="31"),
          when=by_organisation & ~is_family),
    _page("costs", "stay", _("Costs of the journey and the stay"),
          Choices(name="costs_by", label=_("Who pays?"), hint=_("Choose all that apply."), item="32", choices=(("self", _("I pay"), ""), ("sponsor", _("Somebody else pays"), ""))),
          Choices(name="own_means", label=_("How do you pay?"), choices=_OWN_MEANS, when=pays_self, item="32"),
          Text(name="own_means_other", label=_("Which other means?"), when=answer("own_means").holds("other") & pays_self, item="32"),
          Choice(name="sponsor_kind", label=_("Who else pays?"), when=pays_sponsor, item="32",
                 only={"inviting-person": by_person, "organisation": by_organisation}, choices=(
              ("inviting-person", _("The person who invites me"), ""), ("organisation", _("The enterprise or organisation that invites me"), ""),
              ("other", _("Somebody else"), ""))),
          Text(name="sponsor_other", label=_("Name and address of whoever pays"), longest=500, when=answer("sponsor_kind").is_("other") & pays_sponsor, item="32"),
          Choices(name="sponsor_means", label=_("What does this person or organisation pay?"), choices=_SPONSOR_MEANS, when=pays_sponsor, item="32"),
          Text(name="sponsor_means_other", label=_("What else does this person or organisation pay?"), when=answer("sponsor_means").holds("other") & pays_sponsor, item="32"),
          Checked(name="commitment_number", label=_("Number of the guarantor's commitment (annex 3bis)"), reader=_commitment_number, optional=True, width=20, when=pays_sponsor,
                  hint=_("If the guarantor made the commitment in this portal, such as GS-2026-0000123-C. Otherwise add the signed form as a document.")),
          when=~is_family),
    _page("insurance", "stay", _("Travel medical insurance"),
          Text(name="insurance_company", label=_("Insurance company")), Text(name="insurance_policy", label=_("Number of the policy"), longest=60),
          Money(name="insurance_amount", label=_("Covered up to")), Day(name="insurance_from", label=_("Valid from")),
          Day(name="insurance_until", label=_("Valid until")),
          YesNo(name="insurance_everywhere", label=_("Is it valid in the whole Schengen area?")),
          YesNo(name="insurance_covers", label=_("Does it cover return for medical reasons, urgent care, emergency hospital treatment and death?")),
          when=needs_insurance, check=_check_insurance),
    _page("filled-in-by", "statements", _("Who fills in this form?"),
          YesNo(name="filled_in_by_other", label=_("Does somebody else fill in this form for the applicant?"), item="33"),
          Text(name="filler_name", label=_("Surname and given names"), when=_other_fills_in, item="33"),
          LongText(name="filler_address", label=_("Address"), longest=500, when=_other_fills_in, item="33"),
          Email(name="filler_email", label=_("E-mail address"), when=_other_fills_in, item="33"),
          Phone(name="filler_phone", label=_("Telephone"), when=_other_fills_in, item="33")),
    replace(_STATEMENTS, form=replace(_STATEMENTS.form, complete=_with_version)),
)
