"""What the law's figures say of the answers, next to the question: it explains, warns and blocks nothing."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from frontoffice.forms.nationality import nationality_names
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.message import Message
from frontoffice.procedures.figures import Figure, Figures
from frontoffice.procedures.posts import POSTS
from frontoffice.procedures.shared.questions import age_at_most
from frontoffice.procedures.visa_c.competence import destination_of, visits
from frontoffice.procedures.visa_c.facts import age_band, biometrics, count_of, day_of, is_late, passport_is_short, stay_of
from frontoffice.procedures.visa_c.schengen import BELGIUM
from frontoffice.procedures.vocabulary import Remark

Values = Mapping[str, str]
_ARTICLE_5 = "Visa Code, Regulation (EC) 810/2009, article 5"
_ARTICLE_16 = "Visa Code, Regulation (EC) 810/2009, article 16"


def _says(about: str, text: str, figure: Figure, *, doubtful: bool = False, **params: str | int | Decimal | date) -> Remark:
    return Remark(about, Message(text, params), figure.source, figure.confidence, doubtful=doubtful)


def remarks(values: Values, today: date) -> list[Remark]:
    """Everything that can be said of these answers on that day."""
    return [remark for speak in _SPEAKERS for remark in speak(values, today)]


def _citizen(values: Values, today: date) -> Sequence[Remark]:
    if values.get("eu_family") != "yes" or values.get("eu_citizen_nationality") != BELGIUM:
        return []
    return [Remark("eu_citizen_nationality", Message(_("A Belgian who never lived in another country of the European Union does not use the right of free movement: "
                                                      "then the embassy or consulate asks the fee and the other questions.")),
                   "Directive 2004/38/EC", "U", doubtful=True)]


def _travel_document(values: Values, today: date) -> Sequence[Remark]:
    found = []
    figures = Figures.at(today)
    if passport_is_short(values, today):
        margin = figures.get("visa-c-passport-margin")
        found.append(_says("passport_expires", _("The travel document must be valid for %(months)s months after you leave. Ask for a new one, or say why it is urgent."),
                           margin, doubtful=True, months=margin.count))
    if values.get("document_type") in ("refugee", "stateless", "alien", "laissez-passer", "other"):
        found.append(Remark("document_type", Message(_("Not every Schengen country recognises this document: ask the embassy or consulate whether Belgium does.")),
                            "Visa Code, Regulation (EC) 810/2009, article 12", "U", doubtful=True))
    return found


def _late(values: Values, today: date) -> Sequence[Remark]:
    if not is_late(values, today):
        return []
    figure = Figures.at(today).get("visa-c-latest-filing")
    return [_says("arrival_date", _("Less than %(days)s days are left before the journey: the embassy or consulate only accepts this if it is urgent, and may not decide in time."),
                  figure, doubtful=True, days=figure.count)]


def _validity(values: Values, today: date) -> Sequence[Remark]:
    stay, figure = stay_of(values), Figures.at(today).get("visa-c-grace")
    if stay is None:
        return []
    return [_says("departure_date", _("You ask for %(asked)s days. The visa may be valid until %(day)s, %(extra)s days longer than your stay, in case the journey moves; "
                                      "the number of days does not change."),
                  figure, asked=stay.length, day=stay.last + timedelta(days=figure.count), extra=figure.count)]


def _ninety_days(values: Values, today: date) -> Sequence[Remark]:
    counted = count_of(values, today)
    if counted is None or values.get("was_in_schengen") != "yes":
        return []
    figure, window = (Figures.at(today).get(code) for code in ("visa-c-stay", "visa-c-stay-window"))
    if counted.fits:
        return [_says("departure_date", _("With your earlier stays, %(used)s of %(most)s days in %(window)s days are used on the day you leave."), figure,
                      used=counted.days[-1].used, most=figure.count, window=window.count)]
    if counted.last_allowed is None:
        return [_says("arrival_date", _("You have used all %(most)s days in %(window)s days before your arrival: on this day you may not enter."), figure, doubtful=True,
                      most=figure.count, window=window.count)]
    return [_says("departure_date", _("With your earlier stays you may stay %(allowed)s of the %(asked)s days, until %(day)s: at most %(most)s days in %(window)s days."),
                  figure, doubtful=True, allowed=counted.allowed, asked=len(counted.days), day=counted.last_allowed, most=figure.count, window=window.count)]


def _multiple_entries(values: Values, today: date) -> Sequence[Remark]:
    figure = Figures.at(today).find("visa-c-multiple-entry", category=values.get("earlier_visas") or "none")
    if figure is None or values.get("entries") != "multiple":
        return []
    return [_says("earlier_visas", _("With these visas you may get one for several entries, valid for %(months)s months, if the reasons to come stay the same."),
                  figure, months=12 * figure.count)]


def _fingerprints(values: Values, today: date) -> Sequence[Remark]:
    if not values.get("fingerprints_given"):
        return []
    born, figures = values.get("birth_date"), Figures.at(today)
    reuse, age = figures.get("visa-c-fingerprints-reuse"), figures.get("visa-c-fingerprints", age=age_at_most(born, today) if born else None)
    texts = {
        "exempt": (age, _("No fingerprints are taken at this age.")),
        "not-needed": (reuse, _("Your fingerprints can be used again: they are less than %(months)s months old and belong to the same travel document.")),
        "ask": (reuse, _("Fingerprints of the last %(months)s months can be used again: the embassy or consulate looks them up.")),
        "needed": (reuse, _("You must give fingerprints in person: fingerprints are used again for %(months)s months, with the same travel document.")),
    }
    figure, text = texts[biometrics(values, today)]
    return [_says("fingerprints_given", text, figure, months=reuse.count)]


def _insurance(values: Values, today: date) -> Sequence[Remark]:
    figures, stay = Figures.at(today), stay_of(values)
    least, grace = figures.get("visa-c-insurance"), figures.get("visa-c-grace")
    start, end = day_of(values, "insurance_from"), day_of(values, "insurance_until")
    found = []
    if values.get("insurance_amount") and Decimal(values["insurance_amount"]) < least.amount:
        found.append(_says("insurance_amount", _("The insurance must cover at least %(amount)s."), least, doubtful=True, amount=least.amount))
    if values.get("insurance_everywhere") == "no":
        found.append(_says("insurance_everywhere", _("The insurance must be valid in the whole Schengen area."), least, doubtful=True))
    if values.get("insurance_covers") == "no":
        found.append(_says("insurance_covers", _("The insurance must cover return for medical reasons, urgent care, emergency hospital treatment and death."), least, doubtful=True))
    if stay and start and end:
        found += _insured_days(stay.first, stay.last, (start, end), (least, grace))
    return found


def _insured_days(first: date, last: date, insured: tuple[date, date], figures: tuple[Figure, Figure]) -> Sequence[Remark]:
    (start, end), (least, grace) = insured, figures
    if start > first or end < last:
        return [_says("insurance_until", _("The insurance must cover every day from %(first)s to %(last)s."), least, doubtful=True, first=first, last=last)]
    if end < last + timedelta(days=grace.count):
        return [_says("insurance_until", _("If your journey may move, insure %(days)s days more: the visa can be valid so much longer than your stay."), grace, days=grace.count)]
    return []


def _fee(values: Values, today: date) -> Sequence[Remark]:
    if values.get("eu_family") == "yes":
        return []
    band = age_band(age_at_most(values["birth_date"], today), today) if values.get("birth_date") else ""
    found = []
    if band in ("child", "minor"):
        found.append(Remark("birth_date", Message(_("Minors may be exempt from the fee: the embassy or consulate decides.")), _ARTICLE_16, "U"))
    if values.get("document_type") in ("diplomatic", "service"):
        found.append(Remark("document_type", Message(_("Holders of a diplomatic or service passport may be exempt from the fee: the embassy or consulate decides.")),
                            _ARTICLE_16, "U"))
    if values.get("fee_group") == "participant":
        found.append(Remark("fee_group", Message(_("Participants in such events may be exempt from the fee: the embassy or consulate decides.")), _ARTICLE_16, "U"))
    return found


def _destination(values: Values, today: date) -> Sequence[Remark]:
    found = []
    main, stay = destination_of(values), stay_of(values)
    if main and main.rival and main.is_belgian:
        found.append(Remark("main_purpose_state", Message(_("You spend most days in %(longest)s, but %(purpose)s is the reason for the journey. Length or purpose may count: "
                                                            "the embassy or consulate may send you to the other country."),
                                                          {"longest": nationality_names(main.state), "purpose": nationality_names(main.rival)}), _ARTICLE_5, "U", doubtful=True))
    stops = visits(values)
    told = sum(one.days for one in stops)
    if len({one.state for one in stops}) > 1:
        found.append(Remark("stop_2_state", Message(_("Visits that start within two months may be taken together: count the days of all of them.")),
                            "Proposal COM(2022) 658, whose final wording was not checked", "U"))
    if stay and told and told < stay.length:
        found.append(Remark("departure_date", Message(_("The days per country add up to %(told)s, your stay has %(asked)s days: check both."),
                                                      {"told": told, "asked": stay.length}), _ARTICLE_5, "U", doubtful=True))
    return found


def _filing_place(values: Values, today: date) -> Sequence[Remark]:
    post, found = POSTS.get(values.get("post", "")), []
    if post and values.get("home_country") and values["home_country"] not in (post.country, *post.serves):
        found.append(Remark("post", Message(_("You live in another country than this embassy or consulate. Check which one is competent for the place where you live.")),
                            _ARTICLE_5, "U", doubtful=True))
    if values.get("lives_elsewhere") == "no" and values.get("home_country") and values.get("nationality") not in ("", None, values["home_country"]):
        found.append(Remark("lives_elsewhere", Message(_("Your address is not in the country of your nationality: check this answer.")),
                            "Harmonised application form, item 20", "U", doubtful=True))
    if values.get("lives_near_post") == "no":
        found.append(Remark("lives_near_post", Message(_("You apply where you live lawfully. Elsewhere only with a good reason: the embassy or consulate decides.")),
                            _ARTICLE_5, "U", doubtful=True))
    departure, until = day_of(values, "departure_date"), day_of(values, "residence_permit_until")
    if departure and until and until <= departure:
        found.append(Remark("residence_permit_until", Message(_("The residence permit must still be valid when you come back: renew it before the journey.")),
                            "Harmonised application form, item 20", "U", doubtful=True))
    return found


def _means(values: Values, today: date) -> Sequence[Remark]:
    stay = stay_of(values)
    if stay is None or "self" not in values.get("costs_by", "").split():
        return []
    host, hotel = (Figures.at(today).find("visa-c-means-a-day", category=one) for one in ("host", "hotel"))
    if host is None or hotel is None:
        return []
    return [_says("costs_by", _("An older page gives %(host)s a day with a private host and %(hotel)s a day in a hotel: for %(days)s days %(total_host)s or %(total_hotel)s. "
                                "Ask the embassy or consulate for the amount of today."), host, days=stay.length, host=host.amount, hotel=hotel.amount,
                  total_host=host.amount * stay.length, total_hotel=hotel.amount * stay.length)]


_SPEAKERS: tuple[Callable[[Values, date], Sequence[Remark]], ...] = (
    _citizen, _travel_document, _late, _validity, _ninety_days, _multiple_entries, _fingerprints, _insurance, _fee, _destination, _filing_place, _means,
)
