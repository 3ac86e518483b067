"""The categories of workers that Belgian law knows: which are filed as a single permit, and in which Region.

Each row says which Regions authorise the category, which exempt it from the work authorisation, which test the labour
market first, how long the longest authorisation lasts in months where that is known, which residence card comes of it,
and how sure the row is (O official, P professional, C compilation, U unconfirmed) by which source.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from frontoffice.forms.conditions import Condition, answer
from frontoffice.kernel.i18n import mark as _
from frontoffice.procedures.territory import Region

VL, WA, BR, DG = Region.FLANDERS, Region.WALLONIA, Region.BRUSSELS, Region.GERMAN_SPEAKING_COMMUNITY
ALL = frozenset(Region)
NONE: frozenset[Region] = frozenset()
_UNKNOWN = "No source found; general knowledge"
_ICT = "Immigration Office, ICT pages (application, long-term mobility)"


@dataclass(frozen=True, kw_only=True)
class Category:
    """One category. Those that are no `single_permit` follow another procedure; `posting` is False where the law wants a Belgian contract."""

    code: str
    title: str
    regions: frozenset[Region] = ALL
    exempt: frozenset[Region] = NONE
    tested_in: frozenset[Region] = NONE
    longest: Mapping[Region, int] = field(default_factory=dict)
    card: str = "A"
    confidence: str = "U"
    source: str = _UNKNOWN
    posting: bool = True
    single_permit: bool = True

    def known_in(self, region: Region) -> bool:
        """Whether the Region authorises or exempts such workers."""
        return region in self.regions or region in self.exempt

    def offered(self) -> Condition:
        """Under which answers it can be chosen: in a Region that knows it, by an employer that the law has in mind."""
        known = answer("competent_region").is_in(*(str(one) for one in Region if self.known_in(one)))
        return known if self.posting else known & ~answer("posted").is_("yes")


def _everywhere(months: int) -> Mapping[Region, int]:
    return dict.fromkeys(Region, months)


# fmt: off
# ruff: noqa: E501
CATEGORIES: tuple[Category, ...] = (
    Category(code="highly-qualified", title=_("Highly qualified worker"), longest={VL: 36, WA: 36, BR: 36, DG: 48}, confidence="P", source="Claeys & Engels, 14 December 2018; SD Worx, 1 July 2019; BAL, 2019"),
    Category(code="executive", title=_("Executive"), regions=ALL - {BR}, exempt=frozenset({BR}), longest=_everywhere(36), source="Reliance/Littler, 20 September 2024; the longest duration is not confirmed"),
    Category(code="blue-card", title=_("EU Blue Card"), longest=_everywhere(48), card="H", confidence="P", source='Agency for Integration, "Transposition of Blue Card directive", 2024'),
    Category(code="ict-manager", title=_("Intra-corporate transferee: manager"), longest=_everywhere(36), card="I", confidence="O", source=_ICT),
    Category(code="ict-specialist", title=_("Intra-corporate transferee: specialist"), longest=_everywhere(36), card="I", confidence="O", source=_ICT),
    Category(code="ict-trainee", title=_("Intra-corporate transferee: trainee"), longest=_everywhere(12), card="I", confidence="O", source=_ICT),
    Category(code="mobile-ict", title=_("Intra-corporate transferee with a permit of another Member State"), card="J"),
    Category(code="researcher-hosted", title=_("Researcher with a hosting agreement"), regions=NONE, exempt=ALL, confidence="C", source="Public study guide on Belgian visas, checked 5 October 2026", single_permit=False),
    Category(code="researcher", title=_("Researcher without a hosting agreement, visiting professor or lecturer"), longest={DG: 48}, confidence="O", source="Ministry of the German-speaking Community and ADG, pages on work permits"),
    Category(code="post-doctoral", title=_("Post-doctoral fellow"), regions=NONE, exempt=ALL, longest=_everywhere(36), confidence="O", source="Ministry of the German-speaking Community, exemptions for more than 90 days"),
    Category(code="shortage-flanders", title=_("Medium-skilled worker in a shortage occupation, Flanders"), regions=frozenset({VL}), longest={VL: 36}, posting=False, source="Flemish government, mid-skilled shortage occupations page; the longest duration is not confirmed"),
    Category(code="shortage", title=_("Shortage occupation"), regions=ALL - {VL}, tested_in=frozenset({DG}), longest={WA: 12, BR: 12, DG: 12}),
    Category(code="other-flanders", title=_("Other worker, Flanders"), regions=frozenset({VL}), tested_in=frozenset({VL}), longest={VL: 12}, posting=False, source='Flemish government, "Work permits - Other" page; the longest duration is not confirmed'),
    Category(code="general", title=_("General category"), regions=ALL - {VL}, tested_in=ALL - {VL}, longest={WA: 12, BR: 12, DG: 12}),
    Category(code="seasonal", title=_("Seasonal worker"), tested_in=ALL - {WA}, confidence="O", source="Immigration Office, seasonal workers page; EU Immigration Portal, Belgium pages"),
    Category(code="trainee", title=_("Trainee"), longest=_everywhere(12), confidence="C", source="Public study guide on Belgian visas, checked 5 October 2026"),
    Category(code="company-trainee", title=_("In-company training")),
    Category(code="athlete", title=_("Professional athlete, paid referee or coach")),
    Category(code="artist", title=_("Performing artist")),
    Category(code="clergy", title=_("Minister of a recognised faith"), regions=frozenset({WA}), exempt=ALL - {WA}, source="Ministry of the German-speaking Community, exemptions for more than 90 days; not confirmed for the other Regions"),
    Category(code="technician", title=_("Specialised technician"), longest={DG: 6}, confidence="O", source="Ministry of the German-speaking Community and ADG, pages on work permits"),
    Category(code="long-term-resident", title=_("Long-term resident of another Member State"), longest=_everywhere(12), confidence="O", source="SPW, unlimited forms page; Brussels Economy and Employment, shortage page"),
    Category(code="au-pair", title=_("Au pair"), longest=_everywhere(12), confidence="O", source="Working in Belgium (NSSO), single permit page", single_permit=False),
    Category(code="journalist", title=_("Journalist for a foreign medium")),
    Category(code="airline", title=_("Airline or tourism office manager")),
    Category(code="international-agreement", title=_("Worker under an international agreement")),
    Category(code="war-graves", title=_("War-graves staff")),
    Category(code="mobile-teacher", title=_("Teacher in mobility"), regions=frozenset({VL, WA})),
    Category(code="vander-elst", title=_("Worker posted by an employer of the European Economic Area (Vander Elst)"), regions=NONE, exempt=ALL, confidence="P", source="Van Havermaet, 17 December 2025; Vanbelle Law", single_permit=False),
    Category(code="unlimited", title=_("Unlimited access to the labour market"), card="B", single_permit=False),
)
# fmt: on

_BY_CODE = {one.code: one for one in CATEGORIES}

# Those that are filed here: the options of a question (value, label, hint), and when each can be chosen.
FILED_HERE: tuple[Category, ...] = tuple(one for one in CATEGORIES if one.single_permit)
OPTIONS: tuple[tuple[str, str, str], ...] = tuple((one.code, one.title, "") for one in FILED_HERE)
OFFERED: Mapping[str, Condition] = {one.code: one.offered() for one in FILED_HERE}


# What figures name beside the categories: groups of them, and special minimums within one.
_GROUPS: Mapping[str, str] = {
    "ict": _("Intra-corporate transferees"), "seasonal-returning": _("Seasonal worker of the last 5 years"),
    "blue-card-mobility": _("Holder of an EU Blue Card of another Member State"), "blue-card-junior": _("EU Blue Card, junior"),
    "coach": _("Coach without a contract as an athlete"), "nurse-or-teacher": _("Nurse or teacher"),
}


def title_of(code: str) -> str:
    """What the category, or the group, of a figure is called; empty when it is none of ours."""
    found = _BY_CODE.get(code)
    return found.title if found else _GROUPS.get(code, "")


def category(code: str) -> Category | None:
    """The category of that code, if there is one."""
    return _BY_CODE.get(code)
