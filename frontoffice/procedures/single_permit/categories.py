"""The categories of workers that Belgian law knows: one is open for filing here, the others are named.

Each row says which Regions authorise the category, which exempt it from the work authorisation, which test the labour
market first, how long the longest authorisation lasts in months where that is known, which residence card comes of it,
and how sure the row is (O official, P professional, C compilation, U unconfirmed).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from frontoffice.kernel.i18n import mark as _
from frontoffice.procedures.territory import Region

VL, WA, BR, DG = Region.FLANDERS, Region.WALLONIA, Region.BRUSSELS, Region.GERMAN_SPEAKING_COMMUNITY
ALL = frozenset(Region)
NONE: frozenset[Region] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Category:
    """One category. `open` ones can be filed here; those that are no `single_permit` follow another procedure."""

    code: str
    title: str
    regions: frozenset[Region] = ALL
    exempt: frozenset[Region] = NONE
    tested_in: frozenset[Region] = NONE
    longest: Mapping[Region, int] = field(default_factory=dict)
    card: str = "A"
    confidence: str = "U"
    open: bool = False
    single_permit: bool = True

    def known_in(self, region: Region) -> bool:
        """Whether the Region authorises or exempts such workers."""
        return region in self.regions or region in self.exempt


def _everywhere(months: int) -> Mapping[Region, int]:
    return dict.fromkeys(Region, months)


# fmt: off
# ruff: noqa: E501
CATEGORIES: tuple[Category, ...] = (
    Category(code="highly-qualified", title=_("Highly qualified worker"), longest={VL: 36, WA: 36, BR: 36, DG: 48}, confidence="P", open=True),
    Category(code="executive", title=_("Executive"), regions=ALL - {BR}, exempt=frozenset({BR}), longest=_everywhere(36)),
    Category(code="blue-card", title=_("EU Blue Card"), longest=_everywhere(48), card="H", confidence="P"),
    Category(code="ict-manager", title=_("Intra-corporate transferee: manager"), longest=_everywhere(36), card="I", confidence="O"),
    Category(code="ict-specialist", title=_("Intra-corporate transferee: specialist"), longest=_everywhere(36), card="I", confidence="O"),
    Category(code="ict-trainee", title=_("Intra-corporate transferee: trainee"), longest=_everywhere(12), card="I", confidence="O"),
    Category(code="mobile-ict", title=_("Intra-corporate transferee with a permit of another Member State"), card="J"),
    Category(code="researcher-hosted", title=_("Researcher with a hosting agreement"), regions=NONE, exempt=ALL, confidence="C", single_permit=False),
    Category(code="researcher", title=_("Researcher without a hosting agreement, visiting professor or lecturer"), longest={DG: 48}, confidence="O"),
    Category(code="post-doctoral", title=_("Post-doctoral fellow"), regions=NONE, exempt=ALL, longest=_everywhere(36)),
    Category(code="shortage-flanders", title=_("Medium-skilled worker in a shortage occupation, Flanders"), regions=frozenset({VL}), longest={VL: 36}),
    Category(code="shortage", title=_("Shortage occupation"), regions=ALL - {VL}, tested_in=frozenset({DG}), longest={WA: 12, BR: 12, DG: 12}),
    Category(code="other-flanders", title=_("Other worker, Flanders"), regions=frozenset({VL}), tested_in=frozenset({VL}), longest={VL: 12}),
    Category(code="general", title=_("General category"), regions=ALL - {VL}, tested_in=ALL - {VL}, longest={WA: 12, BR: 12, DG: 12}),
    Category(code="seasonal", title=_("Seasonal worker"), tested_in=ALL - {WA}, confidence="O"),
    Category(code="trainee", title=_("Trainee"), longest=_everywhere(12), confidence="C"),
    Category(code="company-trainee", title=_("In-company training")),
    Category(code="athlete", title=_("Professional athlete, paid referee or coach")),
    Category(code="artist", title=_("Performing artist")),
    Category(code="clergy", title=_("Minister of a recognised faith"), regions=frozenset({WA}), exempt=ALL - {WA}),
    Category(code="technician", title=_("Specialised technician"), longest={DG: 6}, confidence="O"),
    Category(code="long-term-resident", title=_("Long-term resident of another Member State"), longest=_everywhere(12), confidence="O"),
    Category(code="au-pair", title=_("Au pair"), longest=_everywhere(12), confidence="O", single_permit=False),
    Category(code="journalist", title=_("Journalist for a foreign medium")),
    Category(code="airline", title=_("Airline or tourism office manager")),
    Category(code="international-agreement", title=_("Worker under an international agreement")),
    Category(code="war-graves", title=_("War-graves staff")),
    Category(code="mobile-teacher", title=_("Teacher in mobility"), regions=frozenset({VL, WA})),
    Category(code="vander-elst", title=_("Worker posted by an employer of the European Economic Area (Vander Elst)"), regions=NONE, exempt=ALL, confidence="P", single_permit=False),
    Category(code="unlimited", title=_("Unlimited access to the labour market"), card="B", single_permit=False),
)
# fmt: on

_BY_CODE = {one.code: one for one in CATEGORIES}


def category(code: str) -> Category | None:
    """The category of that code, if there is one."""
    return _BY_CODE.get(code)


# The open ones as the options of a question: value, label, hint.
OPEN_CATEGORIES: tuple[tuple[str, str, str], ...] = tuple((one.code, one.title, "") for one in CATEGORIES if one.open)
