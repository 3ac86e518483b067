"""What operators read in a mail about an alarm: its texts, and the values of its templates."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from frontoffice.kernel.i18n import mark as _
from frontoffice.notices.model import Notice
from frontoffice.settings import Settings

# By kind: the subject, and what the operator must do. Their language is English.
_TEXTS: Final[Mapping[str, tuple[str, str]]] = {
    "late": (
        _("Messages to the authorities have been waiting for more than ten minutes"),
        _("Open the list, see why they wait, and try again, hold them, or hand them over on another path."),
    ),
    "refused": (_("An authority cannot work with a message of ours"), _("Open the list, find out why, and mark the refusal as reviewed.")),
    "review": (_("A message that came in does not fit its dossier"), _("Open the list, find out what the authority meant, and mark the message as reviewed.")),
    "missing": (
        _("An earlier message of an authority did not come"),
        _("What came after it waits. We ask for it every ten minutes. Ask those who look after the backbone to send it."),
    ),
    "stopped": (_("Sending to the authorities is stopped"), _("Start it again as soon as the reason is gone. People can file meanwhile.")),
    "held": (_("A dossier has been held for more than a day"), _("Open the list, and release it as soon as the reason is gone.")),
}


def alarm_values(notice: Notice, _settings: Settings, link: Callable[..., str]) -> Mapping[str, Any]:
    """What the templates of an alarm show."""
    facts = notice.facts
    subject, to_do = _TEXTS[facts["kind"]]
    return {"subject": subject, "to_do": to_do, "is_over": facts["state"] == "over", "goes_on": facts["state"] not in ("begun", "over"),
            "count": int(facts["count"]), "link": link("hand-overs")}
