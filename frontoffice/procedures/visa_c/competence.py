"""Who examines the application: the Belgian post, or another Schengen State, said before anybody pays."""

from collections.abc import Mapping

from frontoffice.forms.nationality import nationality_names
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.message import Message
from frontoffice.procedures.competence import Competence, OtherDoor, Outcome, Used
from frontoffice.procedures.posts import POSTS
from frontoffice.procedures.visa_c.schengen import Destination, Visit, destination
from frontoffice.procedures.vocabulary import Role

Values = Mapping[str, str]

STOPS = 6
_SOURCE = "Visa Code, Regulation (EC) 810/2009, article 5"
_REASONS = {
    1: _("Belgium is the only Schengen country of the journey: the Belgian embassy or consulate decides."),
    2: _("Belgium is the main destination of the journey: the Belgian embassy or consulate decides."),
    3: _("No country is the main destination. The journey enters the Schengen area in Belgium: the Belgian embassy or consulate decides."),
}
_REPRESENTED = _("%(state)s examines this journey, and Belgium does it in its name here: the Belgian embassy or consulate decides.")


def visits(values: Values) -> list[Visit]:
    """The countries of the journey with the days in each, as far as they were given."""
    pairs = [(values.get(f"stop_{number}_state", ""), values.get(f"stop_{number}_days", "")) for number in range(1, STOPS + 1)]
    return [Visit(state, int(days)) for state, days in pairs if state and days]


def destination_of(values: Values) -> Destination | None:
    """The State that examines the journey; None while answers are missing."""
    return destination(visits(values), purpose=values.get("main_purpose_state", ""), first_entry=values.get("first_entry", ""))


def competence_of(values: Values) -> Outcome | None:
    """The Belgian post, or the door of another State; None while answers are missing."""
    found = destination_of(values)
    if found is None or not values.get("first_entry"):
        return None
    represented = not found.is_belgian and values.get("represented") == "yes"
    if not found.is_belgian and not represented:
        return _other_door(found, values)
    if not values.get("post") or not values.get("lives_near_post"):
        return None
    rows = (found.row,) if values["lives_near_post"] == "yes" else (found.row, 4)
    reason = Message(_REPRESENTED, {"state": nationality_names(found.state)}) if represented else Message(_REASONS[found.row])
    return Competence(authority=Role.DIPLOMATIC_POST, role=Role.DIPLOMATIC_POST, rows=rows, reason=reason,
                      answers=(*_used(values), Used(name="post", label=_("Belgian embassy or consulate"), value=_post(values["post"]))),
                      source=_SOURCE, confidence="U")


def _other_door(found: Destination, values: Values) -> OtherDoor:
    state = nationality_names(found.state)
    return OtherDoor(
        row=found.row, title=Message(_("Another country decides on this visa: %(state)s"), {"state": state}),
        what_to_do=Message(_("Apply at the embassy or consulate of %(state)s, or change the countries and days if they are wrong. You have paid nothing here."),
                           {"state": state}),
        answers=_used(values), source=_SOURCE, confidence="U", page="short-stay-visa")


def _used(values: Values) -> tuple[Used, ...]:
    stops = tuple(Used(name=f"stop_{number}_state", label=_("Schengen countries"),
                       value=Message(_("%(state)s, %(days)s days"), {"state": nationality_names(one.state), "days": one.days}))
                  for number, one in enumerate(visits(values), 1))
    return (*stops, Used(name="first_entry", label=_("Country of first entry"), value=Message("%(state)s", {"state": nationality_names(values["first_entry"])})))


def _post(code: str) -> Message:
    return Message("%(post)s", {"post": POSTS[code].names}) if code in POSTS else Message("%(post)s", {"post": code})
