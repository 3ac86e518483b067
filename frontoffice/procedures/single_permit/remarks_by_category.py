"""What the conditions of single categories say of the answers: the labour market, transfers, seasons, trainees, EU Blue Cards."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta

from frontoffice.forms.partial_dates import oldest_possible, read_partial, younger_than
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.message import Message
from frontoffice.kernel.time import add_months
from frontoffice.procedures.shared.questions import EEA_AND_SWITZERLAND
from frontoffice.procedures.single_permit.look import Look
from frontoffice.procedures.single_permit.situations import ICT
from frontoffice.procedures.territory import Region
from frontoffice.procedures.vocabulary import Remark

_OTHER_PAGE = 'Flemish government, "Work permits - Other" page (text of before 2026)'
# Groups of ISCO-08 in which experience may take the place of a diploma for an EU Blue Card.
_IT_GROUPS = ("133", "25")


def function_level(look: Look) -> Iterator[Remark]:
    """Since 2026 the function of a highly qualified worker in Flanders must itself be of that level."""
    least, level = look.figure("function-level"), look.said("function_level")
    if least and level:
        is_low = int(level) < int(str(least.value))
        text = (_("The %(region)s asks for a function of at least level %(level)s in this category.") if is_low
                else _("The function has at least level %(level)s, as the %(region)s asks in this category."))
        yield look.by(least, "function_level", text, doubtful=is_low, level=str(least.value))


def labour_market(look: Look) -> Iterator[Remark]:
    """How long the vacancy was published, as far as it counts."""
    start, end = look.day("lmt_from"), look.day("lmt_to")
    if not (start and end and look.region and look.category) or end < start or look.region not in look.category.tested_in:
        return
    period, window = look.figure("vacancy-period"), look.figure("vacancy-window")
    if period is None:
        yield Remark("lmt_to", Message(_("It is not known how long the vacancy must be published in the %(region)s: ask first."), {"region": look.region_name}),
                     "No source found", "U")
        return
    first = max(start, window.before(look.today)) if window else start
    days = max(0, (min(end, look.today) - first).days + 1)
    by_service = look.region is Region.BRUSSELS and "actiris-service" in look.said("lmt_channels").split()
    enough = days >= period.count or by_service
    text = (_("Published for %(days)s days that count; the %(region)s asks for at least %(count)s.") if not by_service
            else _("The recruitment service of Actiris searched: no number of days is asked."))
    rows = (
        (Message(_("First day that counts")), Message("%(day)s", {"day": first})),
        (Message(_("Last day that counts")), Message("%(day)s", {"day": min(end, look.today)})),
        (Message(_("Days")), Message("%(days)s", {"days": days})), (Message(_("Minimum")), Message("%(days)s", {"days": period.count})),
    )
    yield look.by(period, "lmt_to", text, doubtful=not enough, rows=() if by_service else rows, days=days)
    if look.region is Region.FLANDERS and not {"vdab", "eures"} <= set(look.said("lmt_channels").split()):
        yield look.by(period, "lmt_channels", _("Flanders asks for the vacancy at VDAB and on EURES, both."), doubtful=True)


def transfer(look: Look) -> Iterator[Remark]:
    """How long an intra-corporate transferee has worked for the group."""
    if not look.is_(*ICT):
        return
    if look.said("posted") == "no":
        yield Remark("category", Message(_("An intra-corporate transferee stays employed by the enterprise abroad: check the answer about posting.")),
                     "Directive 2014/66/EU", "O", doubtful=True)
    since, start, least = look.day("employed_since"), look.day("contract_start"), look.figure("ict-employment-before")
    if since and start and least:
        short = add_months(since, least.count) > start
        text = (_("On the first working day the worker will have been employed by the group for less than %(count)s months: the law asks for that.") if short
                else _("The worker will have been employed by the group for the %(count)s months that the law asks for."))
        yield look.by(least, "employed_since", text, doubtful=short)


def mobility(look: Look) -> Iterator[Remark]:
    """A mobile transferee stays no longer than the permit of the first Member State."""
    until, end = look.day("first_permit_until"), look.day("contract_end")
    if look.is_("mobile-ict") and until and (look.said("contract_kind") == "open-ended" or end and end > until):
        yield Remark("first_permit_until", Message(_("The work in Belgium cannot last longer than the permit of the first Member State.")),
                     "No source found; general knowledge", "U", doubtful=True)


def blue_card(look: Look) -> Iterator[Remark]:
    """The length of the contract, and experience in the place of a diploma."""
    if not look.is_("blue-card"):
        return
    start, end, least = look.day("contract_start"), look.day("contract_end"), look.figure("blue-card-contract")
    if look.said("contract_kind") == "fixed-term" and start and end and least and end < add_months(start, least.count) - timedelta(days=1):
        yield look.by(least, "contract_end", _("An EU Blue Card asks for a contract of at least %(count)s months."), doubtful=True)
    years, experience = look.said("experience_years"), look.figure("blue-card-experience")
    if look.said("qualification") == "experience" and years and experience:
        is_it = look.said("isco").startswith(_IT_GROUPS)
        enough = int(years) >= experience.count and is_it
        text = (_("Experience of at least %(count)s years within the last 7 takes the place of a diploma in this occupation.") if enough
                else _("Experience takes the place of a diploma only in information technology (ISCO-08 groups 133 and 25), and from %(count)s years within the last 7."))
        yield look.by(experience, "experience_years", text, doubtful=not enough)


def season(look: Look) -> Iterator[Remark]:
    """How many days, and from where a seasonal worker comes."""
    if not look.is_("seasonal"):
        return
    days, longest = look.said("seasonal_days"), look.figure("seasonal-longest")
    if days and longest:
        too_long = int(days) > longest.count
        yield look.by(longest, "seasonal_days", _("Seasonal work lasts at most %(count)s days within 365 days."), doubtful=too_long)
    home = look.said("home_country")
    if look.said("residence_status") not in ("", "abroad") or home in EEA_AND_SWITZERLAND:
        yield Remark("residence_status", Message(_("A seasonal worker must live outside the European Union when the application is filed.")),
                     "Immigration Office, seasonal workers page", "O", doubtful=True)


def trainee(look: Look) -> Iterator[Remark]:
    """The age of a trainee, read in the trainee's favour where the birth date is not whole."""
    born, start = read_partial(look.said("birth_date")), look.day("contract_start")
    least, most = look.figure("trainee-age-from"), look.figure("trainee-age-to")
    oldest = oldest_possible(born)
    if not look.is_("trainee") or not (oldest and start and least and most):
        return
    old_enough = not _younger(oldest, least.count, start)
    young_enough = younger_than(most.count + 1, born, start)
    yield look.by(most, "birth_date", _("A trainee is from %(least)s to %(most)s years old on the first day."), doubtful=not (old_enough and young_enough),
                  least=least.count, most=most.count)


def _younger(born: date, years: int, day: date) -> bool:
    return (day.year - born.year - ((day.month, day.day) < (born.month, born.day))) < years


def other_worker(look: Look) -> Iterator[Remark]:
    """Where the worker may be when the application is filed."""
    status = look.said("residence_status")
    if look.is_("other-flanders") and status not in ("", "abroad", "other-member-state"):
        yield Remark("residence_status", Message(_("In this category Flanders wants the worker to be abroad when the application is filed.")), _OTHER_PAGE, "O",
                     doubtful=True)
    if look.region is Region.GERMAN_SPEAKING_COMMUNITY and status in ("short-stay", "student", "researcher") and look.category \
            and look.region in look.category.tested_in:
        yield Remark("residence_status", Message(_("From a short stay, or as a student or researcher, the German-speaking Community takes only categories "
                                                   "without a test of the labour market.")), 'Info-Integration, "Die kombinierte Erlaubnis"', "P", doubtful=True)


BY_CATEGORY: tuple[Callable[[Look], Iterator[Remark]], ...] = (function_level, labour_market, transfer, mobility, blue_card, season, trainee, other_worker)
