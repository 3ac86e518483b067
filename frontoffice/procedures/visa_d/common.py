"""What every visa D asks alike: the person, the journey, the post, the contribution, the statements; and what follows from it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from frontoffice.forms.conditions import answer
from frontoffice.forms.fields import Agreement, Choice, Day, Option, Text, YesNo
from frontoffice.forms.form import Values
from frontoffice.kernel.errors import Problem
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.message import Message, Names, Param
from frontoffice.kernel.time import add_months
from frontoffice.procedures.choices import OTHER_POST, Post
from frontoffice.procedures.competence import Competence
from frontoffice.procedures.figures import Figures
from frontoffice.procedures.posts import POSTS
from frontoffice.procedures.shared.questions import (
    PERSON_FACTS,
    PROCEDURE_LANGUAGES,
    age_at_most,
    belgian_address,
    document_page,
    guardian_page,
    home_page,
    identity_pages,
    page,
    person_facts,
    zone_page,
)
from frontoffice.procedures.shared.steps import APPLICANT, OFFICE, POST
from frontoffice.procedures.vocabulary import AUTHORITIES, Page, Remark, Role

# Who reads what: the applicant and the authorities; what is delicate, the post and the Immigration Office alone.
PARTIES = APPLICANT | AUTHORITIES
EXAMINERS = APPLICANT | POST | OFFICE
OWN = {"by": APPLICANT, "seen_by": PARTIES}
DELICATE = {"by": APPLICANT, "seen_by": EXAMINERS}

_OLDEST = 150  # years: nobody is older

SECTIONS = (("person", _("You")), ("purpose", _("Purpose of the stay")), ("journey", _("Journey and filing")))
FACTS = PERSON_FACTS | {"fingerprints"}

FILING = "Belgian embassy in Vietnam, visa forms"
BIOMETRICS = "Belgian embassy in Germany, biometric data page"
CONTRIBUTION = "Agency for Integration (AGII), humanitarian visa procedure and third-country students"

# Grounds on which nobody pays the contribution, whatever the visa; a procedure adds its own.
NO_GROUND: Option = ("none", _("None of these"), "")
GROUNDS: tuple[Option, ...] = (
    ("stateless", _("I am recognised as a stateless person"), ""),
    ("turkey", _("I fall under the association rules between the European Union and Turkey"), ""),
    ("eu-family", _("I am a family member of a citizen of the European Union, the European Economic Area or Switzerland"),
     _("A Belgian counts only if he or she used the right of free movement.")),
)


def person_pages() -> tuple[Page, ...]:
    """Who applies: zone, name, birth, travel document, home, and who has parental authority over a minor."""
    return (
        zone_page("person", by=APPLICANT, seen_by=PARTIES), *identity_pages("person", by=APPLICANT, seen_by=PARTIES),
        document_page("person", by=APPLICANT, seen_by=PARTIES), home_page("person", by=APPLICANT, seen_by=PARTIES),
        guardian_page("person", by=APPLICANT, seen_by=PARTIES),
    )


def journey_pages(grounds: Sequence[Option] = GROUNDS) -> tuple[Page, ...]:
    """The stay in Belgium, the post, the contribution with the `grounds` on which one need not pay it, and the statements."""
    return (
        page("stay", "journey", _("Your stay in Belgium"),
             Day(name="planned_arrival", label=_("On which day do you plan to arrive?")),
             Day(name="planned_departure", label=_("Until when do you plan to stay?"), optional=True, hint=_("Leave empty if you do not know it.")),
             YesNo(name="has_stay_address", label=_("Do you have an address in Belgium already?")),
             *belgian_address("stay", when=answer("has_stay_address").is_("yes")), **OWN, check=check_stay),
        page("post", "journey", _("Where you apply"),
             Post(name="post", label=_("Belgian embassy or consulate"),
                  hint=_("The one for the country where you live. You go there in person, often through a visa centre.")),
             Text(name="post_other", label=_("Which embassy or consulate?"), when=answer("post").is_(OTHER_POST)),
             Choice(name="procedure_language", label=_("In which language should your application be examined?"), choices=PROCEDURE_LANGUAGES,
                    hint=_("The decision comes in this language.")),
             YesNo(name="fingerprints_before", label=_("Did you give fingerprints for a Belgian visa D before?"),
                   hint=_("Fingerprints for a visa C do not count.")),
             Day(name="fingerprints_date", label=_("On which day, if you know it?"), optional=True, when=answer("fingerprints_before").is_("yes")),
             **OWN, check=check_post),
        page("contribution", "journey", _("Contribution to the costs of your file"),
             Choice(name="contribution_ground", label=_("Does one of these apply to you?"), choices=(*grounds, NO_GROUND),
                    read_as=_("Ground not to pay the contribution"),
                    hint=_("Then you need not pay the contribution. Bring the proof to the embassy or consulate.")), **DELICATE),
        page("statements", "journey", _("Statements"),
             Agreement(name="states_truth", label=_("I declare that what I answered is true and complete.")),
             Agreement(name="states_costs", label=_("I know that the contribution is not paid back if the visa is refused.")),
             Agreement(name="states_data", label=_("I know that the authorities keep my answers, my photo and my fingerprints.")), **OWN),
    )


def check_stay(values: Values, others: Values) -> Sequence[Problem]:
    """Days of the journey that cannot be."""
    arrival = values["planned_arrival"]
    if arrival < others["today"]:
        return [Problem("planned_arrival", _("This day has passed: check the date"))]
    if values.get("planned_departure") and values["planned_departure"] <= arrival:
        return [Problem("planned_departure", _("You leave before you arrive: check both dates"))]
    return []


def check_post(values: Values, others: Values) -> Sequence[Problem]:
    """Fingerprints are not given in the future."""
    if values.get("fingerprints_date", "") > others["today"]:
        return [Problem("fingerprints_date", _("This day has not come yet: check the date"))]
    return []


def may_be_aged(born: str, day: date, lowest: int, highest: int) -> bool:
    """Whether somebody with this birth date, perhaps a partial one, can be of an age from `lowest` to `highest` on that day."""
    year, month, number = (int(part) for part in born.split("-"))
    oldest = day.year - year - ((day.month, day.day) < (month or 1, number or 1))
    return age_at_most(born, day) <= highest and oldest >= lowest


def at_least(figure: str) -> Callable[[Mapping[str, str], date], bool | None]:
    """Whether the applicant can be as old as the figure says on a day; None without a birth date."""
    return lambda values, day: may_be_aged(values["birth_date"], day, Figures.at(day).get(figure).count, _OLDEST) if values.get("birth_date") else None


def at_most(figure: str) -> Callable[[Mapping[str, str], date], bool | None]:
    """Whether the applicant can be no older than the figure says on a day; None without a birth date."""
    return lambda values, day: may_be_aged(values["birth_date"], day, 0, Figures.at(day).get(figure).count) if values.get("birth_date") else None


def common_facts(values: Values, today: date) -> dict[str, str]:
    """The facts of a person, and whether fingerprints are "needed", "reused" from an earlier visa D or the child is "too-young"."""
    facts, figures = person_facts(values, today), Figures.at(today)
    if born := values.get("birth_date"):
        known = values.get("fingerprints_date", "")
        reusable = known and add_months(date.fromisoformat(known), figures.get("biometrics-d-reuse").count) >= today
        young = age_at_most(born, today) < figures.get("biometrics-d-age").count
        facts["fingerprints"] = "too-young" if young else "reused" if reusable else "needed"
    return facts


def common_remarks(values: Values, today: date) -> list[Remark]:
    """What every visa D may say: the passport, the length of the stay, the post, the fingerprints."""
    found = [_passport(values, today), _length(values), _fingerprints(values, today), *_post(values)]
    if values.get("document_type") in ("diplomatic", "service"):
        found.append(Remark("document_type", Message(_("Holders of a diplomatic or service passport who are in post give no fingerprints.")), BIOMETRICS, "O"))
    return [one for one in found if one]


def _passport(values: Values, today: date) -> Remark | None:
    if not (values.get("passport_expires") and values.get("planned_arrival")):
        return None
    figure, arrival = Figures.at(today).get("visa-d-passport-validity"), date.fromisoformat(values["planned_arrival"])
    if date.fromisoformat(values["passport_expires"]) >= add_months(arrival, figure.count):
        return None
    text = _("Posts may ask for a passport that is valid for %(count)s months. Yours ends on %(day)s: ask the post whether that is enough.")
    params: dict[str, Param] = {"count": figure.count, "day": date.fromisoformat(values["passport_expires"])}
    return Remark("passport_expires", Message(text, params), figure.source, figure.confidence, doubtful=True)


def _length(values: Values) -> Remark | None:
    first, last = values.get("planned_arrival"), values.get("planned_departure")
    if not (first and last) or (date.fromisoformat(last) - date.fromisoformat(first)).days >= 90:
        return None
    return Remark("planned_departure",
                  Message(_("A visa D is for a stay of more than 90 days. For a shorter stay, ask for a visa C if you need a visa at all.")),
                  FILING, "O", doubtful=True)


_FINGERPRINTS: Mapping[str, str] = {
    "needed": _("Your fingerprints and your photo are taken at the post or the visa centre."),
    "reused": _("Your fingerprints of an earlier visa D can be used again. A photo is taken each time."),
    "too-young": _("No fingerprints are taken of a child under %(count)s years. A photo is taken each time."),
}


def _fingerprints(values: Values, today: date) -> Remark | None:
    if not values.get("fingerprints_before"):
        return None
    fact = common_facts(values, today).get("fingerprints", "needed")
    count = Figures.at(today).get("biometrics-d-age").count
    return Remark("fingerprints_before", Message(_FINGERPRINTS[fact], {"count": count} if fact == "too-young" else {}), BIOMETRICS, "O")


def _post(values: Values) -> list[Remark]:
    chosen, home, found = chosen_post(values), values.get("home_country", ""), []
    if chosen and home and home not in chosen.countries:
        text = _("You apply at the post for the place where you live. We cannot confirm that %(post)s is the post for your country: ask it before you pay.")
        found.append(Remark("post", Message(text, {"post": chosen.name}), FILING, "O", doubtful=True))
    if home == "BEL":
        text = _("A visa D is asked for abroad. If you are in Belgium, ask your municipality first which application you can make there.")
        found.append(Remark("home_country", Message(text), FILING, "O", doubtful=True))
    return found


@dataclass(frozen=True)
class ChosenPost:
    """The post that the applicant chose: its name, and the countries that it is known to serve."""

    name: Names | str
    countries: tuple[str, ...]

    def receives(self, rows: tuple[int, ...], source: str) -> Competence:
        """This post is competent, by these rows."""
        return Competence(
            authority="diplomatic-post", role=Role.DIPLOMATIC_POST, rows=rows, source=source, confidence="O",
            reason=Message(_("You apply at the post in %(post)s; the Immigration Office examines your application."), {"post": self.name}))


def chosen_post(values: Values) -> ChosenPost | None:
    """The post of the answers, one that the list lacks included; None while it is not known."""
    if values.get("post") == OTHER_POST and values.get("post_other"):
        return ChosenPost(values["post_other"], ())
    post = POSTS.get(values.get("post", ""))
    return ChosenPost(post.names, (post.country, *post.serves)) if post else None


def post_of(values: Values) -> Competence | None:
    """Row 1: the chosen post stands in the country of residence or is known to serve it; row 2 otherwise."""
    chosen = chosen_post(values)
    return chosen.receives((1,) if values.get("home_country") in chosen.countries else (2,), FILING) if chosen else None
