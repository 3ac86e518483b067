"""Other doors: who needs no application here or another one, told with where to go; the finder leads to them."""

from collections.abc import Mapping
from dataclasses import dataclass

from frontoffice.kernel.i18n import mark as _


@dataclass(frozen=True, kw_only=True)
class Door:
    """A procedure that is not filed here: what it is, what to do, and the information page that tells more."""

    code: str
    title: str
    what_to_do: str
    source: str
    confidence: str
    page: str = "other-doors"


_PICKER = "No source found; general knowledge"

_ALL = (
    Door(code="no-permit-eea", title=_("No permit and no visa are needed"),
         what_to_do=_("Nationals of the European Economic Area and Switzerland work and live in Belgium without a permit. "
                      "Register at the municipality when you stay for more than three months."),
         source="Working in Belgium (NSSO), single permit page", confidence="O"),
    Door(code="unlimited-access", title=_("Your card gives access to the labour market already"),
         what_to_do=_("A residence card that says “labour market: unlimited” lets you work for any employer. No permit to work is needed."),
         source=_PICKER, confidence="U"),
    Door(code="professional-card", title=_("Professional card"),
         what_to_do=_("A self-employed activity needs a professional card, not a single permit. Apply to the Region where the business is or will be."),
         source="Official page on the professional card", confidence="O"),
    Door(code="asylum", title=_("International protection"),
         what_to_do=_("Who asks for protection as a refugee does so in person, at the Immigration Office or at the border. "
                      "It costs nothing and needs no form from here."),
         source=_PICKER, confidence="U"),
    Door(code="vander-elst", title=_("Worker posted by an employer of the European Economic Area (Vander Elst)"),
         what_to_do=_("No work authorisation is needed. The employer makes the Limosa declaration before the work starts. For more than 90 days the worker "
                      "also completes the formality for the stay: ask the Belgian embassy or the municipality. It must be a service, not the supply of workers."),
         source="Van Havermaet, 17 December 2025; Vanbelle Law", confidence="P"),
    Door(code="not-vander-elst", title=_("The rules for posted workers of European employers do not cover this"),
         what_to_do=_("Each of these must hold: a right to stay for more than three months in the country that posts, lawful work there, "
                      "papers valid for the whole posting, and a certain return. Where one is missing, the worker needs a single permit or a work authorisation: ask the Region."),
         source="Van Havermaet, 17 December 2025; Vanbelle Law", confidence="P"),
    Door(code="service-of-the-municipality", title=_("Ask at the municipality"),
         what_to_do=_("This is filed in person at the municipality where you live, not here."), source=_PICKER, confidence="U"),
)

DOORS: Mapping[str, Door] = {one.code: one for one in _ALL}
