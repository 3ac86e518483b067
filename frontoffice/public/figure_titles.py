"""What each figure of the law is called, by subject, and what the categories and words of single figures mean."""

from collections.abc import Mapping
from itertools import chain

from frontoffice.kernel.i18n import mark as _

WORK: Mapping[str, str] = {
    "threshold-reference-date": _("Which day decides which minimum salary counts"),
    "salary-threshold": _("Minimum salary"),
    "minimum-monthly-income": _("Guaranteed average minimum monthly income"),
    "function-level": _("Least level of the function"),
    "vacancy-period": _("How long a vacancy must be published"),
    "vacancy-window": _("How long before the filing a published vacancy counts"),
    "ict-employment-before": _("Employment in the group before a transfer"),
    "blue-card-contract": _("Shortest contract for an EU Blue Card"),
    "blue-card-experience": _("Experience in the place of a diploma for an EU Blue Card"),
    "seasonal-longest": _("Longest seasonal work"),
    "trainee-age-from": _("Least age of a trainee"),
    "trainee-age-to": _("Greatest age of a trainee"),
    "young-enterprise": _("Age below which an enterprise is looked at more closely"),
    "work-authorisation-longest": _("Longest work under a work authorisation"),
    "unlimited-years-of-work": _("How long one must have worked for a permit of unlimited duration"),
    "annex-46-work-period": _("How long the worker may work on annex 46"),
    "search-period": _("Time to find other work after the work has ended"),
}
RECAST: Mapping[str, str] = {
    "switch-recast-2024": _("Whether Directive (EU) 2024/1233 is transposed"),
    "decision-period-recast": _("Time for the decision once Directive (EU) 2024/1233 is transposed"),
    "decision-extension-recast": _("Longer time for the decision in exceptionally complex cases"),
    "search-period-recast": _("Time to find other work once Directive (EU) 2024/1233 is transposed"),
    "employer-change-suspension": _("How long a change of employer can be held back"),
}
SHORT_STAY: Mapping[str, str] = {
    "visa-c-stay": _("Longest stay with a visa C"),
    "visa-c-stay-window": _("Period within which the days of a short stay are counted"),
    "schengen-states": _("States whose days count together"),
    "visa-c-earliest-filing": _("How long before the journey a visa C can be asked for"),
    "visa-c-latest-filing": _("How long before the journey a visa C must be asked for"),
    "visa-c-appointment-period": _("Time until the appointment for a visa C"),
    "visa-c-decision-period": _("Time for the decision on a visa C"),
    "visa-c-longest-decision-period": _("Longest time for the decision on a visa C"),
    "visa-c-grace": _("Days that a visa C is valid beyond the stay"),
    "visa-c-multiple-entry": _("How long a visa C for several entries is valid"),
    "visa-c-age-below": _("Ages on which the fee of a visa C depends"),
    "visa-c-passport-margin": _("How long the travel document must be valid after the journey"),
    "visa-c-passport-age": _("Greatest age of the travel document for a visa C"),
    "visa-c-fingerprints": _("Fingerprints for a visa C"),
    "visa-c-fingerprints-reuse": _("How long fingerprints for a visa C can be used again"),
    "visa-c-insurance": _("Least cover of the travel insurance"),
    "visa-c-means-a-day": _("Means for each day of a short stay"),
    "arrival-report-short": _("Time for the declaration of arrival"),
    "arrival-report-european": _("Time for the declaration of presence of citizens of the Union"),
}
LONG_STAY: Mapping[str, str] = {
    "visa-d-passport-validity": _("How long the travel document must still be valid for a visa D"),
    "visa-d-medical-certificate-age": _("Greatest age of the medical certificate for a visa D"),
    "visa-d-criminal-record-age": _("Greatest age of the criminal record extract for a visa D"),
    "biometrics-d-age": _("Age from which fingerprints are taken for a visa D"),
    "biometrics-d-reuse": _("How long fingerprints for a visa D can be used again"),
    "annex-43-period": _("Time to pay the rest of the contribution (annex 43)"),
    "au-pair-age-from": _("Least age of an au pair"),
    "au-pair-age-to": _("Greatest age of an au pair"),
    "au-pair-hours-week": _("Most hours a week of an au pair"),
    "au-pair-hours-day": _("Most hours a day of an au pair"),
    "au-pair-pocket-money": _("Pocket money of an au pair"),
    "au-pair-record-years": _("How many years back the record of an au pair looks"),
    "working-holiday-agreement": _("Countries with an agreement on working holidays"),
    "working-holiday-age-from": _("Least age for a working holiday"),
    "working-holiday-age-to": _("Greatest age for a working holiday"),
    "working-holiday-funds": _("Own means for a working holiday"),
    "working-holiday-work": _("Longest work during a working holiday"),
    "working-holiday-stay": _("Longest stay for a working holiday"),
    "working-holiday-quota": _("How many persons may come for a working holiday"),
}
FAMILY: Mapping[str, str] = {
    "family-new-rules": _("Whether the rules of the Act of 18 July 2025 are in force"),
    "family-old-rules": _("Whether the rules from before that Act still serve some applications"),
    "family-subsidiary-strict": _("Whether the stricter rules for relatives of a person with subsidiary protection are in force"),
    "family-partner-age": _("Least age of partners"),
    "family-child-age": _("Age below which a child joins"),
    "family-waiting-time": _("How long the person who is joined must have had residence"),
    "family-refugee-grace": _("How long after protection was granted no means, housing and insurance are asked"),
    "family-refugee-completion": _("Time to complete a file that was begun in time after protection was granted"),
    "family-child-alone-stay": _("How long the person who is joined by children alone must have had unlimited stay"),
    "family-minimum-income": _("Minimum income by which the means for a family are counted"),
    "family-living-wage": _("Living wage by which the means for a family were counted"),
    "family-means-new-share": _("Means for a family: share of the minimum income"),
    "family-means-old-share": _("Means for a family: share of the living wage, old rules"),
    "family-means-step": _("Means for a family: what each further person adds"),
    "family-means-step-base": _("Means for a family: of what that is a share"),
    "family-income-months": _("For how many months income is shown"),
    "family-payslips": _("For how many months payslips are shown"),
    "family-decision-period": _("Time for the decision on a visa for family"),
    "family-decision-extension": _("How much longer that decision may take"),
    "registrar-postponement": _("How long the registrar may postpone a marriage"),
    "prosecutor-extension": _("How long the public prosecutor may lengthen that"),
}
STUDY: Mapping[str, str] = {
    "student-means": _("Means of a student for each month"),
    "student-means-months": _("For how many months a student shows means"),
    "student-work-hours": _("Most hours a week that a student may work"),
    "decision-period-study": _("Time for the decision on a visa for study"),
}
GUARANTORS: Mapping[str, str] = {
    "guarantee-threshold": _("Income of a guarantor"),
    "guarantee-threshold-further": _("Income of a guarantor for each further commitment"),
    "guarantee-validity": _("How long a commitment can be used after legalisation"),
    "guarantee-liability": _("How long a guarantor is liable"),
    "guarantee-income-age": _("How far back the proof of income of a guarantor goes"),
    "guarantee-address-window": _("How far back the register looks for commitments at the same address"),
    "guarantee-longest-stay": _("Longest stay under annex 3bis"),
}
FEES: Mapping[str, str] = {
    "federal-contribution": _("Federal contribution"),
    "federal-contribution-d": _("Contribution for a visa D"),
    "federal-contribution-former": _("Federal contribution of the year before, still accepted"),
    "federal-contribution-beneficiary": _("Federal contribution: beneficiary"),
    "federal-contribution-beneficiary-address": _("Federal contribution: address of the beneficiary"),
    "federal-contribution-iban": _("Federal contribution: account number (IBAN)"),
    "federal-contribution-bic": _("Federal contribution: bank (BIC)"),
    "flanders-fee": _("Fee of the Flemish Region"),
    "visa-c-fee": _("Visa C"),
    "visa-c-fee-article-25a": _("Visa C for nationals under a decision on article 25a of the Visa Code"),
    "visa-c-fee-agreement": _("Visa C under a visa facilitation agreement"),
    "visa-d-fee": _("Visa D"),
    "visa-centre-fee": _("Visa centre, service fee"),
    "arrival-charge": _("Declaration of arrival"),
    "legalisation-charge": _("Legalisation of the signature"),
    "residence-card-fee": _("Residence card"),
    "residence-card-urgent-fee": _("Residence card, urgent"),
}
PERIODS: Mapping[str, str] = {
    "earliest-filing": _("How long before the first working day one may file"),
    "criminal-record-age": _("Greatest age of the criminal record extract"),
    "medical-certificate-age": _("Greatest age of the medical certificate"),
    "complement-period": _("Time to send a document that the Region asks for"),
    "stay-complement-period": _("Time to send a document that the Immigration Office asks for"),
    "decision-period": _("Time for the decision on work and residence"),
    "municipal-report-period": _("Time to report to the municipality after arrival"),
    "annex-49-validity": _("How long annex 49 is valid"),
    "renewal-opens": _("How long before the end of the permit a renewal can be filed"),
    "renewal-closes": _("How long before the end of the permit a renewal must be filed"),
    "appeal-region-period": _("Time to appeal against a decision of the Region"),
    "appeal-call-period": _("Time to appeal to the Council for Alien Law Litigation"),
    "registered-letter-notice": _("When a registered letter counts as received"),
    "retention": _("How long a closed dossier is kept here"),
}
# In the order of the page.
SUBJECTS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "work": (_("Work"), WORK), "visa-c": (_("Short stay"), SHORT_STAY), "visa-d": (_("Visa D"), LONG_STAY), "family": (_("Family"), FAMILY),
    "study": (_("Study"), STUDY), "guarantors": (_("Guarantors"), GUARANTORS), "fees": (_("Fees"), FEES), "periods": (_("Periods"), PERIODS),
    "recast": (_("Rules that wait: Directive (EU) 2024/1233"), RECAST),
}
TITLES: Mapping[str, str] = dict(chain.from_iterable(titles.items() for _title, titles in SUBJECTS.values()))

# What a category means where it is none of the categories of workers.
CATEGORIES: Mapping[str, Mapping[str, str]] = {
    "retention": {"visa-c": _("Short-stay visa (visa C)")},
    "visa-c-fee": {"adult": _("Adults"), "child": _("Children who pay the lower fee")},
    "visa-c-fee-article-25a": {"first": _("First decision of the Council"), "second": _("Second decision of the Council")},
    "visa-c-age-below": {
        "infant": _("Children who pay nothing"), "child": _("Children who pay the lower fee"), "minor": _("Minors"),
        "young": _("Young people of non-profit organisations"),
    },
    "visa-c-earliest-filing": {"seafarer": _("Seafarers")},
    "visa-c-multiple-entry": {
        "three-visas": _("After three visas"), "one-year": _("After a visa for one year"), "two-years": _("After a visa for two years"),
    },
    "visa-c-means-a-day": {"host": _("With a private host"), "hotel": _("In a hotel")},
    "guarantee-validity": {"study": _("Study")},
    "federal-contribution-d": {
        "art9": _("General (article 9)"), "study": _("Study"), "work-research": _("Work and research"), "family": _("Family reunification"),
    },
    "family-partner-age": {"old-existing-tie": _("Old rules, if the tie existed before")},
    "family-child-age": {"40bis": _("Family of a citizen of the Union (article 40bis)"), "40ter-old": _("Family of a Belgian (article 40ter), old rules")},
    "family-waiting-time": {
        "old": _("Old rules"), "new": _("New rules"), "new-existing-tie": _("New rules, if the tie existed before the admission"),
        "temporary-protection": _("Temporary protection"), "subsidiary-protection": _("Subsidiary protection"),
    },
    "family-refugee-grace": {"old": _("Old rules"), "new": _("New rules")},
    "family-decision-period": {
        "third-country": _("Family of a person from outside the Union (articles 10 and 10bis)"),
        "european-or-belgian": _("Family of a citizen of the Union or of a Belgian (articles 40bis and 40ter)"),
    },
}
# Figures whose category is a country (ISO 3166-1), and those whose value is a list of such.
BY_COUNTRY = frozenset({"working-holiday-agreement", "working-holiday-quota"})
OF_COUNTRIES = frozenset({"schengen-states"})
CONFIDENCE: Mapping[str, str] = {
    "O": _("From an official page or text"), "P": _("From a professional publication"),
    "C": _("From a recent compilation that cites an official page"), "U": _("Not confirmed: ask the authority"),
}
UNITS: Mapping[str, str] = {
    "EUR gross a year": _("gross a year"), "EUR gross a month": _("gross a month"),
    "EUR gross a month (DmfA code 1)": _("gross a month, base wage only (DmfA code 1)"),
}
WORDS: Mapping[str, str] = {
    "filing": _("the day of filing"), "start-of-work": _("the first working day"), "on": _("Yes"), "off": _("No"),
    "needed": _("needed"), "exempt": _("not needed"), "minimum-income": _("Of the minimum income"),
}
