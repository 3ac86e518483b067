"""The pages about the journey: purpose, countries, earlier stays, dates, fingerprints, where to file (items 23 to 29 of the harmonised form)."""

from collections.abc import Sequence
from datetime import date

from frontoffice.forms.conditions import Condition, answer
from frontoffice.forms.fields import Choice, Choices, Country, Day, Field, LongText, Number, Option, Text, YesNo
from frontoffice.forms.form import Values
from frontoffice.kernel.errors import Problem
from frontoffice.kernel.i18n import mark as _
from frontoffice.procedures.choices import Post
from frontoffice.procedures.figures import Figures
from frontoffice.procedures.shared.questions import page
from frontoffice.procedures.visa_c.competence import STOPS
from frontoffice.procedures.visa_c.facts import EARLIER_STAYS, day_of, earliest_filing
from frontoffice.procedures.visa_c.person_pages import APPLICANT, READERS
from frontoffice.procedures.visa_c.schengen import schengen_states
from frontoffice.procedures.vocabulary import Page

PURPOSES: tuple[Option, ...] = (
    ("tourism", _("Tourism"), ""), ("business", _("Business"), ""), ("family-or-friends", _("Visit to family or friends"), ""), ("cultural", _("Culture"), ""),
    ("sports", _("Sports"), ""), ("official", _("Official visit"), ""), ("medical", _("Medical treatment"), ""), ("study", _("Study or training"), ""),
    ("transit", _("Airport transit"), ""), ("other", _("Other"), ""),
)
FEE_GROUPS: tuple[Option, ...] = (
    ("none", _("None of these"), ""),
    ("school", _("Pupil, student, postgraduate student or accompanying teacher on a journey for study or training"), ""),
    ("researcher", _("Researcher on a journey for research"), ""),
    ("representative", _("Representative of a non-profit organisation, 25 years old at most, at its seminar, conference, sports, cultural or educational event"), ""),
    ("participant", _("Participant, 25 years old at most, in an event of a non-profit organisation"), ""),
)
_YOUNG = ~answer("age_band").is_("older")
_on_duty = answer("seafarer").is_("yes")
_travels_on = answer("travels_on").is_("yes")
_had_fingerprints = answer("fingerprints_given").is_("yes")
_was_there = answer("was_in_schengen").is_("yes")
_NOT_SCHENGEN = _("This country is not in the Schengen area: give only the Schengen countries of your journey")
_STOP_LABELS = (
    (_("Country 1"), _("Days in country 1")), (_("Country 2"), _("Days in country 2")), (_("Country 3"), _("Days in country 3")),
    (_("Country 4"), _("Days in country 4")), (_("Country 5"), _("Days in country 5")), (_("Country 6"), _("Days in country 6")),
)
_STAY_LABELS = (
    (_("Stay 1: day of entry"), _("Stay 1: day of exit")), (_("Stay 2: day of entry"), _("Stay 2: day of exit")),
    (_("Stay 3: day of entry"), _("Stay 3: day of exit")), (_("Stay 4: day of entry"), _("Stay 4: day of exit")),
)


def _stops() -> tuple[Field, ...]:
    """A country and its days, so many times; only the first must be given."""
    return tuple(one for number in range(1, STOPS + 1) for one in (
        Country(name=f"stop_{number}_state", label=_STOP_LABELS[number - 1][0], optional=number > 1, item="25"),
        Number(name=f"stop_{number}_days", label=_STOP_LABELS[number - 1][1], least=1, most=90, width=3, inputmode="numeric", optional=number > 1, item="25")))


def _stays() -> tuple[Field, ...]:
    """Entry and exit of earlier stays, so many times."""
    return tuple(one for number in range(1, EARLIER_STAYS + 1) for one in (
        Day(name=f"earlier_{number}_entry", label=_STAY_LABELS[number - 1][0], optional=number > 1, when=_was_there),
        Day(name=f"earlier_{number}_exit", label=_STAY_LABELS[number - 1][1], optional=number > 1, when=_was_there)))


def _check_stops(values: Values, others: Values) -> Sequence[Problem]:
    known = set(schengen_states(date.fromisoformat(others["today"])))
    problems = []
    for number in range(1, STOPS + 1):
        state, days = values.get(f"stop_{number}_state", ""), values.get(f"stop_{number}_days", "")
        if bool(state) != bool(days):
            missing = f"stop_{number}_days" if state else f"stop_{number}_state"
            problems.append(Problem(missing, _("Give both the country and the number of days")))
    named = [f"stop_{number}_state" for number in range(1, STOPS + 1)] + ["main_purpose_state", "first_entry"]
    problems += [Problem(name, _NOT_SCHENGEN) for name in named if values.get(name) and values[name] not in known]
    return problems or _check_purpose(values)


def _check_purpose(values: Values) -> Sequence[Problem]:
    stops = {values.get(f"stop_{number}_state") for number in range(1, STOPS + 1)}
    if values.get("main_purpose_state") and values["main_purpose_state"] not in stops:
        return [Problem("main_purpose_state", _("This country is not among those you gave: add it with its days"))]
    return []


def _check_stays(values: Values, others: Values) -> Sequence[Problem]:
    problems = []
    for number in range(1, EARLIER_STAYS + 1):
        entry, leave = f"earlier_{number}_entry", f"earlier_{number}_exit"
        if bool(values.get(entry)) != bool(values.get(leave)):
            problems.append(Problem(leave if values.get(entry) else entry, _("Give both the day of entry and the day of exit")))
        elif values.get(entry) and values[leave] < values[entry]:
            problems.append(Problem(leave, _("The day of exit comes after the day of entry")))
    return problems


def check_dates(values: Values, others: Values) -> Sequence[Problem]:
    """Dates in their order, a stay that a visa C can hold, filed neither too early nor with a travel document that ends on the way."""
    today, arrival, departure = (date.fromisoformat(one) for one in (others["today"], values["arrival_date"], values["departure_date"]))
    if arrival < today:
        return [Problem("arrival_date", _("This day has passed: check the date"))]
    if departure < arrival:
        return [Problem("departure_date", _("You leave after you arrive: check both dates"))]
    problems = []
    opens, longest = earliest_filing({**others, **values}, today).before(arrival), Figures.at(today).get("visa-c-stay").count
    if today < opens:
        problems.append(Problem("arrival_date", _("It is too early: you may apply from %(day)s. What you typed is kept until then"), {"day": opens}))
    if (departure - arrival).days + 1 > longest:
        problems.append(Problem("departure_date", _("A short-stay visa is for at most %(days)s days; for a longer stay you need a visa D"), {"days": longest}))
    expires = day_of(others, "passport_expires")
    if expires and expires < departure:
        problems.append(Problem("departure_date", _("Your travel document ends on %(day)s, before you leave"), {"day": expires}))
    return problems


def _check_fingerprints(values: Values, others: Values) -> Sequence[Problem]:
    if values.get("fingerprints_date", "") > others["today"]:
        return [Problem("fingerprints_date", _("This day has not come yet: check the date"))]
    return []


def _check_onward(values: Values, others: Values) -> Sequence[Problem]:
    start, end = values.get("onward_permit_from", ""), values.get("onward_permit_until", "")
    return [Problem("onward_permit_until", _("The last day comes after the first day"))] if start and end and end < start else []


def _page(code: str, title: str, *fields: Field, intro: str = "", when: Condition | None = None, check: object = None) -> Page:
    return page(code, "journey", title, *fields, by=APPLICANT, seen_by=READERS, intro=intro, when=when, check=check)


PAGES: tuple[Page, ...] = (
    _page("purpose", _("Why do you travel?"),
          Choices(name="visit_purposes", label=_("Purpose of the journey"), hint=_("Choose all that apply."), choices=PURPOSES, item="23"),
          Text(name="purpose_other", label=_("Which purpose?"), when=answer("visit_purposes").holds("other"), item="23"),
          LongText(name="purpose_details", label=_("More about the purpose"), optional=True, longest=1000, item="24"),
          Choice(name="fee_group", label=_("Do you travel as one of these?"), hint=_("They pay no fee, or may be exempt from it."), choices=FEE_GROUPS,
                 only={"representative": _YOUNG, "participant": _YOUNG}),
          YesNo(name="seafarer", label=_("Do you travel to or from your work on a ship, as a seafarer?")),
          YesNo(name="seafarer_cover", label=_("Does your employment as a seafarer insure you for medical costs?"), when=_on_duty)),
    _page("countries", _("To which Schengen countries?"), *_stops(),
          Country(name="main_purpose_state", label=_("The country that is the reason for the journey"), optional=True, item="25",
                  hint=_("Only if you go to several countries and one of them is the reason why you travel.")),
          Country(name="first_entry", label=_("Where do you enter the Schengen area?"), read_as=_("Country of first entry"), item="26"),
          intro=_("Give every Schengen country where you will stay, with the days you spend there."),
          check=_check_stops),
    _page("earlier-stays", _("Earlier stays in the Schengen area"),
          YesNo(name="was_in_schengen", read_as=_("Earlier stays"), label=_("Were you in the Schengen area in the half year before your arrival?")), *_stays(),
          intro=_("Days of earlier stays count. Leave out days for which you had a residence permit or a visa D."), check=_check_stays),
    _page("dates", _("When, and how many times?"),
          Choice(name="entries", label=_("How many times will you enter?"), item="27", choices=(
              ("one", _("Once"), ""), ("two", _("Twice"), ""), ("multiple", _("Several times"), ""))),
          Day(name="arrival_date", label=_("Day of arrival in the Schengen area"), hint=_("Of the first stay, if there are several."), item="27"),
          Day(name="departure_date", label=_("Day of departure from the Schengen area"), hint=_("Of the first stay, if there are several."), item="27"),
          check=check_dates),
    _page("urgency", _("Why is it urgent?"),
          LongText(name="urgency_reason", label=_("Reason why it is urgent"), longest=2000),
          when=answer("urgent").is_("yes"),
          intro=_("Your journey starts very soon, or your travel document ends soon after it. The embassy or consulate may still accept your application if it is urgent.")),
    _page("multiple-entries", _("Visas that you had before"),
          Choice(name="earlier_visas", label=_("Which Schengen visas did you have, and use as you should?"), choices=(
              ("none", _("None of these"), ""), ("three-visas", _("Three visas in the last two years"), ""),
              ("one-year", _("In the last two years, a visa for several entries that was valid for one year"), ""),
              ("two-years", _("In the last three years, a visa for several entries that was valid for two years"), ""))),
          when=answer("entries").is_("multiple")),
    _page("fingerprints", _("Fingerprints"),
          YesNo(name="fingerprints_given", label=_("Did you give fingerprints for a Schengen visa before?"), item="28"),
          YesNo(name="fingerprints_same_passport", label=_("With the same travel document as now?"), read_as=_("Fingerprints with this travel document"), when=_had_fingerprints),
          Day(name="fingerprints_date", label=_("On which day?"), read_as=_("Day of the fingerprints"), optional=True, hint=_("If you know it."), when=_had_fingerprints, item="28"),
          Text(name="fingerprints_sticker", label=_("Number on the visa sticker"), optional=True, longest=20, hint=_("If you know it."), when=_had_fingerprints, item="28"),
          check=_check_fingerprints),
    _page("onward", _("After the Schengen area"),
          YesNo(name="travels_on", label=_("Do you travel on to a country other than your own?"), item="29"),
          Country(name="onward_country", label=_("To which country?"), read_as=_("Onward travel to"), when=_travels_on, item="29"),
          Text(name="onward_permit_by", label=_("Entry permit for that country: issued by"), optional=True, when=_travels_on, item="29"),
          Day(name="onward_permit_from", label=_("Valid from"), read_as=_("Entry permit valid from"), optional=True, when=_travels_on, item="29"),
          Day(name="onward_permit_until", label=_("Valid until"), read_as=_("Entry permit valid until"), optional=True, when=_travels_on, item="29"), check=_check_onward),
    _page("post", _("Where do you apply?"),
          Post(name="post", label=_("Belgian embassy or consulate")),
          YesNo(name="lives_near_post", label=_("Do you live lawfully in the country of this embassy or consulate?")),
          LongText(name="applies_elsewhere_reason", label=_("Why do you apply there?"), longest=1000, when=answer("lives_near_post").is_("no"),
                   hint=_("You must be there lawfully and say why you cannot apply where you live.")),
          YesNo(name="represented", label=_("Does this embassy or consulate also handle visas for the country that decides?"),
                hint=_("Another country decides on this journey. In some places Belgium handles its visas: the website of the embassy or consulate says so."),
                when=answer("asks_other_state").is_("yes"))),
)
