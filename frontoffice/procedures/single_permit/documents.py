"""The documents of a single permit: what is asked of whom, in which situation, and where that is written.

The codes in the comments are those of the table of documents in the domain notes: D for the stay, W for the work.
"""

from frontoffice.kernel.i18n import mark as _
from frontoffice.procedures.single_permit import situations as when
from frontoffice.procedures.territory import Region
from frontoffice.procedures.vocabulary import FILERS, NOT_THE_EMPLOYER, NOT_THE_WORKER, DocumentRequirement, Role

_WORKER = frozenset({Role.WORKER})
_EITHER = FILERS | _WORKER
PROCEDURE = 'Immigration Office, "Single permit" page'
APPENDICES = "Brussels Economy and Employment, lists of appendices"
_FORMS = "Flemish government, application forms page"
_SPW = 'SPW, "Catégorie générale" page'
_UNKNOWN = "No source found for every Region; general knowledge"
_IN_BRUSSELS = when.region.is_(str(Region.BRUSSELS))


_EMPLOYERS = (
    # W04 and D03: the contract also proves the means of subsistence.
    DocumentRequirement(code="contract", title=_("Employment contract"), by=FILERS,
                        hint=_("Dated and signed by the employer and the worker. In Wallonia with the compulsory mentions."),
                        mentions=(
                            _("In Wallonia: the data of both parties, how long the contract lasts, and where the work is done"),
                            _("In Wallonia: the schedule, the pay, and the number of the joint committee"),
                            _("In Wallonia: the function and its classification"),
                            _("In Wallonia: the employer pays the journey to Belgium, and medical and hospital care until the statutory insurance works"),
                        ), source="Law of 3 July 1978; " + APPENDICES + "; " + _SPW, confidence="O"),
    # W07.
    DocumentRequirement(code="function-description", title=_("Description of the function"), by=FILERS,
                        when=when.region.is_in(str(Region.FLANDERS), str(Region.BRUSSELS)),
                        hint=_("Tasks, level and objectives of the job."), source=APPENDICES, confidence="P"),
    # W08.
    DocumentRequirement(code="organisation-chart", title=_("Organisation chart"), by=FILERS, seen_by=NOT_THE_WORKER, when=_IN_BRUSSELS,
                        source=APPENDICES, confidence="O"),
    # W02 and W03.
    DocumentRequirement(code="signatory-identity", title=_("Identity card of the person who signs for the employer"), by=FILERS, seen_by=NOT_THE_WORKER,
                        source=APPENDICES, confidence="U"),
    DocumentRequirement(code="mandate", title=_("Power of attorney"), by=FILERS, seen_by=NOT_THE_WORKER, required=False,
                        hint=_("Only if someone else files for the employer and there is no mandate in this portal. Without it the application is inadmissible."),
                        source="Reliance/Littler, 20 September 2024", confidence="P"),
    # D06.
    DocumentRequirement(code="health-insurance", title=_("Proof of health insurance"), by=FILERS,
                        hint=_("For the worker and the family, covering all risks. An undertaking of the employer is accepted in Brussels; "
                               "in Wallonia a clause in the contract is enough."), source=PROCEDURE, confidence="O"),
    # W09 and W10.
    DocumentRequirement(code="vacancy", title=_("Proof of the search on the labour market"), by=FILERS, when=when.market_is_tested,
                        hint=_("The vacancy as it was published, from when until when, and its result."),
                        source='Flemish government, "Work permits - Other" page; Vandelanotte, 26 February 2026; Sotra, 1 September 2024; Reliance/Littler, 20 September 2024',
                        confidence="P"),
    DocumentRequirement(code="shortage-list", title=_("Proof that the occupation is on the list"), by=FILERS, when=when.on_a_list,
                        source="Flemish government, mid-skilled shortage occupations page; " + APPENDICES, confidence="O"),
    # W11 to W15.
    DocumentRequirement(code="secondment", title=_("Posting letter"), by=FILERS, when=when.is_posted | when.is_ict,
                        hint=_("With the pay, the duration and the conditions. In Brussels as a signed declaration."), source=APPENDICES, confidence="O"),
    DocumentRequirement(code="social-security", title=_("Proof of social security abroad"), by=FILERS, when=when.is_posted,
                        hint=_("Form A1, a certificate of coverage, or a statement of the Belgian authority."), source=_UNKNOWN),
    DocumentRequirement(code="foreign-articles", title=_("Articles of association of the employer abroad"), by=FILERS, seen_by=NOT_THE_WORKER,
                        when=when.is_posted & _IN_BRUSSELS, translation=True,
                        hint=_("With a translation if they are not in Dutch, French or English."), source=APPENDICES, confidence="O"),
    DocumentRequirement(code="group-link", title=_("Proof that both enterprises belong to one group"), by=FILERS, seen_by=NOT_THE_WORKER, when=when.is_ict,
                        source="EU Immigration Portal, ICT Belgium; SPW, ICT page", confidence="O"),
    DocumentRequirement(code="limosa", title=_("Limosa declaration"), by=FILERS, when=when.is_posted, required=False,
                        hint=_("It must be there before the work starts."), source=_UNKNOWN),
    # W16.
    DocumentRequirement(code="training-plan", title=_("Training plan or agreement"), by=_EITHER, when=when.is_training, source=_UNKNOWN),
    # D09.
    DocumentRequirement(code="housing", title=_("Proof of decent housing"), by=FILERS, when=when.is_seasonal,
                        source="Immigration Office, seasonal workers page", confidence="O"),
    # W18 and W19.
    DocumentRequirement(code="pay-slips", title=_("Pay slips of the present permit"), by=_EITHER, when=when.is_renewal,
                        hint=_("In Brussels all of them."), source=APPENDICES, confidence="O"),
    DocumentRequirement(code="individual-account", title=_("Yearly individual account"), by=FILERS, when=when.is_renewal,
                        hint=_("In Brussels only after a whole calendar year."), source=APPENDICES, confidence="O"),
)

_WORKERS = (
    # D02 and D01.
    DocumentRequirement(code="contribution", title=_("Proof of payment of the federal contribution"), by=_EITHER, when=when.pays_contribution,
                        hint=_("The full amount, bank costs included. Without it the application is inadmissible."), source=PROCEDURE, confidence="O"),
    DocumentRequirement(code="passport", title=_("Passport, every page"), by=_WORKER, source=PROCEDURE, confidence="O",
                        hint=_("All pages, the empty ones too. For a renewal in Flanders the page with the photo is enough.")),
    # W05 and W06.
    DocumentRequirement(code="diploma", title=_("Diploma"), by=_WORKER,
                        when=when.diploma_counts & ~when.by_experience, translation=True, source=APPENDICES, confidence="O"),
    DocumentRequirement(code="experience", title=_("Proof of experience"), by=_WORKER, when=when.by_experience, translation=True,
                        hint=_("Such as letters of earlier employers, with functions and dates."),
                        source='Agency for Integration, "Transposition of Blue Card directive", 2024; Fragomen, 4 April 2024; Mondaq/Fragomen, 5 September 2024', confidence="P"),
    DocumentRequirement(code="cv", title=_("Curriculum vitae"), by=_WORKER, required=False, source=_UNKNOWN),
    # W22.
    DocumentRequirement(code="recognition", title=_("Recognition for the regulated profession"), by=_WORKER, when=when.is_regulated, source=_UNKNOWN),
    # D04 and D05: for every first application.
    DocumentRequirement(code="criminal-record", title=_("Criminal record extract"), by=_WORKER, seen_by=NOT_THE_EMPLOYER,
                        when=~when.is_minor & when.is_first, max_age="criminal-record-age", translation=True, legalisation=True,
                        hint=_("From the country of origin or of the last residence, less than 6 months old, legalised or with an apostille. "
                               "Your employer cannot open it."), source=PROCEDURE, confidence="O"),
    DocumentRequirement(code="medical-certificate", title=_("Medical certificate"), by=_WORKER, seen_by=NOT_THE_EMPLOYER,
                        when=when.is_first, max_age="medical-certificate-age",
                        hint=_("On the model of the Immigration Office, less than 6 months old. Your employer cannot open it."),
                        source=PROCEDURE, confidence="O"),
    # D07, D08 and W24.
    DocumentRequirement(code="residence-title", title=_("Residence title, both sides"), by=_WORKER, when=when.in_belgium, source=PROCEDURE, confidence="O",
                        hint=_("Or the visa or stamp of entry, for a short stay.")),
    DocumentRequirement(code="ict-permit", title=_("Permit of the first Member State as an intra-corporate transferee"), by=_WORKER, when=when.is_mobile_ict,
                        source="Immigration Office, ICT pages (application, long-term mobility)", confidence="O"),
    DocumentRequirement(code="renunciation", title=_("Proof that the privileged status was given up"), by=_WORKER, when=when.has_protocol_card,
                        source='Brussels Economy and Employment, "The situation of the employee"', confidence="O"),
    # W20 and W21.
    DocumentRequirement(code="previous-authorisation", title=_("Present authorisation to work"), by=_EITHER, when=when.has_permit,
                        hint=_("That of another Region too."), source=APPENDICES, confidence="O"),
    DocumentRequirement(code="mutual-insurance", title=_("Statement of the health insurance fund"), by=_WORKER,
                        when=when.is_renewal & when.region.is_in(str(Region.FLANDERS), str(Region.BRUSSELS)),
                        hint=_("For the worker and the family."), source=APPENDICES, confidence="U"),
    DocumentRequirement(code="other", title=_("Another document"), by=_EITHER, required=False, source=""),
)


DOCUMENTS: tuple[DocumentRequirement, ...] = (*_EMPLOYERS, *_WORKERS)
# What an official may ask for: every document, under its own name.
ASKED: tuple[tuple[str, str, str], ...] = tuple((one.code, one.title, "") for one in DOCUMENTS)
