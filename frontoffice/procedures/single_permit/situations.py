"""Named situations of a single permit: conditions on answers and derived facts, which pages, documents, fees and clocks share."""

from frontoffice.forms.conditions import Condition, answer
from frontoffice.procedures.territory import Region

region = answer("competent_region")
category = answer("category")

ICT = ("ict-manager", "ict-specialist", "ict-trainee")
# Categories in which no diploma decides (table of documents, W05, and the conditions of each category).
NO_DIPLOMA = (
    "executive", "mobile-ict", "shortage", "general", "seasonal", "trainee", "company-trainee", "athlete", "artist", "clergy", "technician",
    "long-term-resident", "journalist", "airline", "international-agreement", "war-graves",
)

has_office = answer("has_office").is_("yes")
has_unit = answer("has_unit").is_("yes")
is_posted = answer("posted").is_("yes")
in_several_places = answer("work_pattern").is_in("main", "equal")
is_fixed_term = answer("contract_kind").is_("fixed-term")
lives_abroad = answer("residence_status").is_("abroad")
in_belgium = answer("residence_status").is_in("short-stay", "long-stay", "student", "researcher", "pending", "protocol")
has_protocol_card = answer("residence_status").is_("protocol")

is_renewal = answer("request_kind").is_("renewal")
has_permit = answer("request_kind").is_in("renewal", "change-employer", "change-function")
is_first = ~has_permit

is_ict = category.is_in(*ICT)
is_mobile_ict = category.is_("mobile-ict")
is_blue_card = category.is_("blue-card")
has_blue_card_elsewhere = is_blue_card & answer("blue_card_mobility").is_("yes")
is_seasonal = category.is_("seasonal")
comes_back = is_seasonal & answer("seasonal_returning").is_("yes")
is_athlete = category.is_("athlete")
is_training = category.is_in("trainee", "company-trainee")
on_a_list = category.is_("shortage-flanders") | category.is_("shortage") & region.is_in(str(Region.WALLONIA), str(Region.BRUSSELS))
market_is_tested = answer("labour_market_test").is_("yes")
diploma_counts = ~category.is_in(*NO_DIPLOMA)
experience_may_count = is_blue_card | category.is_("shortage-flanders") | category.is_("highly-qualified") & region.is_(str(Region.WALLONIA))
by_experience = diploma_counts & experience_may_count & answer("qualification").is_("experience")
has_diploma = ~answer("diploma_level").is_("0")
is_regulated = answer("regulated_profession").is_("yes")

is_minor = answer("worker_is_adult").is_("no")
is_stateless = answer("contribution_exemption").is_("stateless")
is_associated = answer("contribution_exemption").is_("turkey")
partner_pays = answer("contribution_exemption").is_("partner")
keeps_status = has_permit & answer("same_status").is_("yes")
pays_contribution: Condition = ~(is_minor | is_stateless | is_associated | partner_pays | keeps_status)
