"""The questions of a single permit in their order: employer, employment, worker.

Field list: domain notes on the form data of the One-Stop Counter (employer, employment and worker part).
"""

from frontoffice.forms import identifiers
from frontoffice.forms.fields import Checked, Day, Email, Number, Phone, Text, YesNo
from frontoffice.kernel.i18n import mark as _
from frontoffice.procedures.shared.questions import EEA_AND_SWITZERLAND, page
from frontoffice.procedures.single_permit.employment import EMPLOYMENT_PAGES, address
from frontoffice.procedures.single_permit.situations import has_office
from frontoffice.procedures.single_permit.worker import WORKER_PAGES
from frontoffice.procedures.vocabulary import FILERS, Page

__all__ = ["EEA_AND_SWITZERLAND", "PAGES"]

EMPLOYER_PAGES: tuple[Page, ...] = (
    page("employer", "employer", _("Who employs the worker?"),
         Checked(name="enterprise_number", label=_("Enterprise number"), reader=identifiers.enterprise_number, show=identifiers.show_enterprise_number,
                 inputmode="numeric", width=20, hint=_("10 digits, such as 0123.456.789.")),
         Text(name="employer_name", label=_("Name of the enterprise"), autocomplete="organization"), by=FILERS),
    page("registered-office", "employer", _("Where is the registered office?"),
         YesNo(name="has_office", label=_("Does the employer have a registered office in Belgium?")),
         *address("office", street=_("Street and number"), when_asked=has_office), by=FILERS, kept_for_next=True),
    page("units", "employer", _("Establishment units"),
         YesNo(name="has_unit", label=_("Will the worker be employed at an establishment unit of the employer in Belgium?"),
               hint=_("An establishment unit is a place of business with its own number in the Crossroads Bank for Enterprises.")),
         Day(name="enterprise_since", label=_("Active since"), optional=True, hint=_("The first day of the enterprise. Flanders looks at young enterprises more closely.")),
         Number(name="staff_count", label=_("Number of employees in Belgium"), optional=True, most=1_000_000, width=8, inputmode="numeric"),
         by=FILERS, kept_for_next=True),
    page("contact", "employer", _("Whom may the authorities call?"),
         Text(name="contact_name", label=_("Name"), autocomplete="name"), Email(name="contact_email", label=_("E-mail address")),
         Phone(name="contact_phone", label=_("Telephone"), hint=_("With the country code, such as +32 3 210 12 34.")), by=FILERS, kept_for_next=True),
)
PAGES: tuple[Page, ...] = (*EMPLOYER_PAGES, *EMPLOYMENT_PAGES, *WORKER_PAGES)
