"""The documents of a visa C by purpose (Visa Code, annex II), those of minors and those of family members of EU citizens.

The harmonised lists of some countries ask for others: the post may ask for more. What is not always there is not required.
"""

from frontoffice.forms.conditions import Condition, answer
from frontoffice.kernel.i18n import mark as _
from frontoffice.procedures.shared.questions import is_minor
from frontoffice.procedures.visa_c.person_pages import APPLICANT, READERS, is_family
from frontoffice.procedures.visa_c.stay_pages import in_hotel, needs_insurance, pays_self
from frontoffice.procedures.vocabulary import DocumentRequirement

_CODE = "Visa Code, Regulation (EC) 810/2009"
_ANNEX = "Visa Code, Regulation (EC) 810/2009, annex II"
_FREE_MOVEMENT = "Directive 2004/38/EC, article 5"


def _document(code: str, title: str, hint: str = "", *, when: Condition | None = None, required: bool = True, source: str = _ANNEX,
              foreign: bool = False) -> DocumentRequirement:
    """One document of the applicant; a `foreign` one is an act that needs a translation and perhaps a legalisation."""
    return DocumentRequirement(code=code, title=title, hint=hint, by=APPLICANT, seen_by=READERS, when=when, required=required, source=source, confidence="U",
                               translation=foreign, legalisation=foreign)


def _for(*purposes: str) -> Condition:
    return answer("visit_purposes").holds(*purposes) & ~is_family


DOCUMENTS: tuple[DocumentRequirement, ...] = (
    _document("passport", _("Travel document"), _("The page with the photo and every page with a stamp or a visa. At least two pages must be empty."), source=_CODE),
    _document("photo", _("Photo"), _("A recent one."), source=_CODE),
    _document("residence-permit", _("Residence permit of the country where you live"), when=answer("lives_elsewhere").is_("yes"), source=_CODE),
    _document("insurance", _("Proof of travel medical insurance"), _("For the first stay; it must state the amount, the days and the countries covered."),
              when=needs_insurance, source=_CODE),
    _document("family-tie", _("Proof of the family tie with the EU citizen"), _("A marriage or birth certificate, or another proof."), when=is_family,
              source=_FREE_MOVEMENT, foreign=True),
    _document("eu-citizen", _("Proof that you travel with or join the EU citizen"), when=is_family, source=_FREE_MOVEMENT),
    _document("accommodation", _("Proof of accommodation"), _("The hotel booking, or the invitation of the host."), when=~is_family),
    _document("means", _("Proof of means"), _("Bank statements, a credit card or cash."), when=pays_self & ~is_family),
    _document("return", _("Proof that you will return"), _("A return ticket, proof of work, of property or of family ties in your country."), when=~is_family),
    _document("itinerary", _("Plan of the journey"), when=_for("tourism")),
    _document("business-invitation", _("Invitation of the enterprise or authority, or entry to the trade fair"), when=_for("business")),
    _document("business-activity", _("Proof of your work or business"), when=_for("business")),
    _document("business-relations", _("Proof of business relations"), when=_for("business"), required=False),
    _document("enrolment", _("Proof of enrolment"), _("Of the school or the organiser of the training or research, with the hosting details."), when=_for("study")),
    _document("student-card", _("Student card or certificate of the course"), when=_for("study"), required=False),
    _document("invitation", _("Invitation of your family or friends"), when=_for("family-or-friends")),
    _document("kinship", _("Proof of kinship"), _("Only if you visit family."), when=_for("family-or-friends"), required=False, foreign=True),
    _document("annex-3bis", _("Commitment of the guarantor (annex 3bis)"), _("Signed and legalised. Not needed if you gave the number of a commitment made in this portal."),
              when=answer("commitment_expected").is_("yes") & ~answer("commitment_number").given() & ~is_family, required=False,
              source="Act of 15 December 1980, article 3bis"),
    _document("event", _("Invitation, entry ticket or programme of the event"), _("With the name of the host and how long it lasts."), when=_for("cultural", "sports")),
    # The form has no box for a political, scientific or religious event: it is among the other purposes.
    _document("other-event", _("Invitation, entry ticket or programme of the event"), _("With the name of the host and how long it lasts."), when=_for("other"), required=False),
    _document("official-letter", _("Letter of your authority"), _("It says that you are a member of the delegation."), when=_for("official")),
    _document("official-invitation", _("Copy of the invitation"), when=_for("official")),
    _document("medical-need", _("Letter of the hospital or doctor"), _("It says that you need the treatment."), when=_for("medical")),
    _document("medical-means", _("Proof that you can pay for the treatment"), when=_for("medical")),
    _document("onward-visa", _("Visa of the country to which you travel on"), when=(answer("travels_on").is_("yes") | answer("visit_purposes").holds("transit")) & ~is_family,
              required=False),
    _document("onward-ticket", _("Onward ticket"), when=(answer("travels_on").is_("yes") | answer("visit_purposes").holds("transit")) & ~is_family),
    _document("parental-consent", _("Consent of both parents or of the guardian"), _("For the departure and the stay of the minor."), when=is_minor, foreign=True),
    _document("custody", _("Decision on custody"), _("Only if one parent decides alone, or somebody else has custody."), when=is_minor, required=False, foreign=True),
    _document("booking", _("Hotel booking paid in advance"), when=in_hotel & answer("own_means").holds("prepaid-accommodation") & ~is_family, required=False),
    _document("other", _("Another document"), required=False, source=""),
)
