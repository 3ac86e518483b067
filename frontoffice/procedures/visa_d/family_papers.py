"""The documents and the fees of a family file, with everybody who need not pay."""

from frontoffice.forms.conditions import answer
from frontoffice.kernel.i18n import mark as _
from frontoffice.procedures.shared.questions import is_minor
from frontoffice.procedures.visa_d.common import EXAMINERS, GROUNDS
from frontoffice.procedures.visa_d.declaration import CONTRIBUTION_EXEMPT, LIST_OF_EXEMPTIONS, OLDER_LIST, document
from frontoffice.procedures.visa_d.family_article import BELGIAN, EUROPEAN, LISTS, SUSPENSION, UNSURE
from frontoffice.procedures.visa_d.family_rules import CHILDREN, PARENTS_OF_MINORS, PARTNERS
from frontoffice.procedures.vocabulary import Exemption

_relation, _kind, _article, _protection = answer("relation"), answer("sponsor_kind"), answer("family_article"), answer("sponsor_protection")
_asks_means, _asks_home = answer("family_means").is_("asked"), answer("family_conditions").is_("asked")
_is_birth = _relation.is_in(*CHILDREN, "disabled-child", *PARENTS_OF_MINORS, "dependent-parent")
_MEANS = "droitsquotidiens.be, means of subsistence (2025); kamba-avocats.be (six payslips)"
_HOUSING = "droitsquotidiens.be, means of subsistence (2025); avocat-acevedo.be, 4 December 2025"

DOCUMENTS = (
    document("sponsor-identity", _("Identity document or residence card of the person whom you join"), UNSURE, "U", hint=_("Both sides.")),
    document("marriage-certificate", _("Marriage certificate"), UNSURE, "U", when=_relation.is_("spouse"), translation=True, legalisation=True),
    document("partnership-certificate", _("Proof of the registered partnership"), UNSURE, "U", when=_relation.is_in("equivalent-partner", "partner"),
             translation=True, legalisation=True),
    document("relation-proof", _("Proof that the relation is lasting and stable"), LISTS, "P", seen_by=EXAMINERS, when=_relation.is_("partner"),
             hint=_("Journeys, messages, photos: what shows that you know each other.")),
    document("birth-certificate", _("Birth certificate that shows the family tie"), UNSURE, "U", when=_is_birth, translation=True, legalisation=True),
    document("partner-tie", _("Proof that your parent is the husband, wife or partner of the person whom you join"), UNSURE, "U",
             when=_relation.is_("partner-child"), translation=True, legalisation=True),
    document("other-family-tie", _("Proof of the family tie"), UNSURE, "U", when=_relation.is_("other-family"), translation=True, legalisation=True),
    document("unmarried-certificate", _("Certificate that you are not married"), LISTS, "P", translation=True, legalisation=True,
             when=_relation.is_("disabled-child") | (_relation.is_in(*CHILDREN) & ~is_minor)),
    document("divorce", _("Proof of divorce"), UNSURE, "U", when=answer("civil_status").is_("divorced"), seen_by=EXAMINERS, translation=True, legalisation=True),
    document("custody", _("Decision on custody, or the death certificate of the other parent"), UNSURE, "U", required=False, translation=True,
             legalisation=True, when=is_minor & _relation.is_in(*CHILDREN), hint=_("If the other parent cannot or need not consent.")),
    document("disability", _("Proof of the disability"), LISTS, "P", seen_by=EXAMINERS, when=_relation.is_("disabled-child"), translation=True,
             hint=_("Only you, the post and the Immigration Office can open it.")),
    document("dependence", _("Proof that you depend on that person"), LISTS, "P", seen_by=EXAMINERS, translation=True,
             when=_relation.is_in("dependent-parent", "other-family") | (_relation.is_in(*CHILDREN) & ~is_minor),
             hint=_("Such as money transfers of the last months.")),
    document("care", _("Proof that you take care of the child"), LISTS, "P", seen_by=EXAMINERS, when=_relation.is_("parent-of-minor"), translation=True),
    document("free-movement", _("Proof that this Belgian lived in another country of the European Union"), UNSURE, "U",
             when=answer("sponsor_free_movement").is_("yes") & _kind.is_(BELGIAN)),
    document("protection-decision", _("Decision that granted the protection"), UNSURE, "U", seen_by=EXAMINERS,
             when=_protection.is_in("refugee", "subsidiary", "temporary") & ~_kind.is_in(BELGIAN, EUROPEAN)),
    document("income", _("Proof of the income of the person whom you join"), _MEANS, "P", seen_by=EXAMINERS, when=_asks_means,
             hint=_("Such as the contract and the payslips, the tax assessment, or the proof of a pension.")),
    document("housing", _("Title of ownership or registered lease"), _HOUSING, "P", seen_by=EXAMINERS, when=_asks_home),
    document("health-insurance", _("Proof of health insurance"), _HOUSING, "P", seen_by=EXAMINERS, when=_asks_home,
             hint=_("It covers the person whom you join and the family. The health insurance fund gives it.")),
)

# That somebody belongs to the family of a European follows from the answers here.
FAMILY_GROUNDS = tuple(one for one in GROUNDS if one[0] != "eu-family")
_COMMON = tuple(one for one in CONTRIBUTION_EXEMPT if not one.when.holds({"contribution_ground": "eu-family"}))
EXEMPT = (
    *_COMMON,
    Exemption(when=_article.is_("40bis") & _kind.is_(EUROPEAN), source=LIST_OF_EXEMPTIONS, confidence="O",
              title=_("Family member of a citizen of the European Union, the European Economic Area or Switzerland")),
    Exemption(when=_article.is_("40bis") & _kind.is_(BELGIAN), source=LIST_OF_EXEMPTIONS, confidence="O",
              title=_("Family member of a Belgian who used free movement")),
    Exemption(when=_protection.is_("refugee") & _article.is_("10"), title=_("Family reunification with a recognised refugee"), source=LIST_OF_EXEMPTIONS,
              confidence="O"),
    Exemption(when=_relation.is_("parent-of-refugee") & _article.is_in("10", "10bis"), title=_("Parent of a minor refugee who came alone"), source=LIST_OF_EXEMPTIONS, confidence="O"),
    Exemption(when=_relation.is_("disabled-child") & answer("civil_status").is_("single") & ~is_minor,
              title=_("Unmarried child over 18 with a disability"), source=LIST_OF_EXEMPTIONS, confidence="O"),
    Exemption(when=_protection.is_("subsidiary") & _article.is_("10") & answer("subsidiary_strict").is_("no"),
              title=_("Family of a person with subsidiary protection, while the stricter rules do not count"), source=SUSPENSION, confidence="P"),
)
_is_close = _relation.is_in(*PARTNERS[:2], *CHILDREN)
VISA_EXEMPT = (
    Exemption(when=_article.is_("40bis") & _kind.is_(EUROPEAN) & _is_close,
              title=_("Husband, wife, partner or child of a citizen of the European Union or Switzerland"), source=OLDER_LIST, confidence="P"),
)
