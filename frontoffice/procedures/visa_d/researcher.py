"""Visa D for a researcher with a hosting agreement (articles 61/10 to 61/13)."""

from collections.abc import Sequence
from datetime import date

from frontoffice.forms import identifiers
from frontoffice.forms.conditions import answer
from frontoffice.forms.fields import Checked, Country, Day, LongText, Money, Text, YesNo
from frontoffice.forms.form import Values
from frontoffice.kernel.errors import Problem
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.message import Message
from frontoffice.procedures.shared.questions import page
from frontoffice.procedures.visa_d.common import OWN
from frontoffice.procedures.visa_d.declaration import CONTRIBUTION_EXEMPT, OLDER_LIST, Purpose, contribution, document, visa_d
from frontoffice.procedures.visa_d.study import LISTED_SCHOLARSHIP
from frontoffice.procedures.vocabulary import Exemption, KeyFact, Remark, Role, Rule

_ACT = "Act of 15 December 1980, articles 61/10 to 61/13"
_UNSURE = "No source found; general knowledge"
_in_another_state = answer("mobility").is_("yes")


def check_agreement(values: Values, others: Values) -> Sequence[Problem]:
    """A hosting agreement ends after it began and is signed by now."""
    found = []
    if values["hosting_end"] <= values["hosting_start"]:
        found.append(Problem("hosting_end", _("The agreement ends before it starts: check both dates")))
    if values["hosting_signed"] > others["today"]:
        found.append(Problem("hosting_signed", _("This day has not come yet: check the date")))
    return found


PAGES = (
    page("hosting", "purpose", _("Hosting agreement"),
         Text(name="host_organisation", label=_("Research organisation")),
         Checked(name="host_number", label=_("Enterprise number"), reader=identifiers.enterprise_number, show=identifiers.show_enterprise_number,
                 optional=True, width=20),
         Text(name="host_approval", label=_("Approval number of the organisation"), optional=True, hint=_("If the agreement shows one.")),
         LongText(name="research_project", label=_("Research project"), longest=2000),
         Day(name="hosting_start", label=_("First day of the agreement")), Day(name="hosting_end", label=_("Last day of the agreement")),
         Money(name="hosting_pay", label=_("Gross pay or grant a month")), Day(name="hosting_signed", label=_("Signed on")), **OWN, check=check_agreement),
    page("researcher", "purpose", _("Scholarship, other countries and family"),
         YesNo(name="scholarship_listed", label=_("Did you get the standard form that says this scholarship frees you of the contribution?"),
               hint=_("Only scholarships on the list of the Royal Decree do.")),
         YesNo(name="mobility", label=_("Do you hold a permit as a researcher in another country of the European Union?")),
         Country(name="mobility_country", label=_("In which country?"), when=_in_another_state),
         Day(name="mobility_until", label=_("Permit valid until"), when=_in_another_state),
         YesNo(name="family_comes", label=_("Does your family apply at the same time?")), **OWN),
)

_EXEMPT = (*CONTRIBUTION_EXEMPT, LISTED_SCHOLARSHIP)
# Whoever asks for this visa has a hosting agreement: the exemption holds from the first day of the draft.
VISA_EXEMPT = (Exemption(when=answer("today").given(), title=_("Researcher with a hosting agreement"), source=OLDER_LIST, confidence="P"),)


def remarks(values: Values, today: date) -> Sequence[Remark]:
    """Mobility from another state, and the family that applies too."""
    found = []
    if values.get("mobility") == "yes":
        found.append(Remark("mobility",
                            Message(_("With a researcher's permit of another country, a stay in Belgium may need a notification only: ask the research "
                                                  "organisation before you pay.")), _UNSURE, "U", doubtful=True))
    if values.get("family_comes") == "yes":
        found.append(Remark("family_comes", Message(_("Each member of the family makes an application for family reunification of his or her own.")), _ACT,
                            "U"))
    return found


VISA_D_RESEARCHER = visa_d(Purpose(
    code="visa-d-researcher", prefix="VR", title=_("Visa D: researcher"), information="researcher",
    summary=_("To do research for more than 90 days with a hosting agreement of an approved research organisation."),
    legal_basis=_("Act of 15 December 1980, articles 61/10 to 61/13"), pages=PAGES, exempt=_EXEMPT, visa_exempt=VISA_EXEMPT, remarks=remarks,
    contributions=(contribution("work-research", exempt=_EXEMPT),),
    documents=(document("hosting-agreement", _("Hosting agreement"), _ACT, "O", hint=_("Signed by you and by the research organisation.")),),
    key_facts=(KeyFact(title=_("Hosting agreement"), questions=("host_organisation", "hosting_start", "hosting_end", "hosting_pay"),
                       roles=frozenset({Role.DIPLOMATIC_POST, Role.IMMIGRATION_OFFICE})),),
    rules=(
        Rule(text=_("You have a hosting agreement with an approved research organisation."), source=_ACT, confidence="O"),
        Rule(text=_("Your family may apply at the same time."), source=_UNSURE, confidence="U"),
    ),
))
