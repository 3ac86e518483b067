"""Writes a notice as a mail in its reader's language, and gives it to the mail server."""

import re
import smtplib
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from datetime import date
from email.message import EmailMessage
from email.utils import format_datetime
from html import unescape
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from frontoffice.dossiers.idle import IDLE_DRAFT
from frontoffice.kernel.i18n import Locale
from frontoffice.kernel.message import Message, Param
from frontoffice.kernel.rendering import addresses, render_text
from frontoffice.kernel.time import now
from frontoffice.notices.alarm_texts import alarm_values
from frontoffice.notices.model import Notice
from frontoffice.notices.return_path import own_domain, return_path
from frontoffice.notices.second import link_token as second_token
from frontoffice.notices.texts import ANSWERS, DOCUMENTS, DRAFTS, MANDATES, NEW_LAST_DAY, PAPERS, telling_of
from frontoffice.parties.invitations import link_token
from frontoffice.procedures import edition_of
from frontoffice.settings import Settings

# What is told in three sentences: subject, what happened, what to do. All of these share one folder of templates.
_NEWS: Final = {"document": DOCUMENTS, "answered": ANSWERS, "relief": {"moved": NEW_LAST_DAY}, "draft": DRAFTS}
_TIME_OUT: Final = 10.0
_SCHEMES: Final = ("smtp", "smtp+starttls", "smtps")
# The enhanced code that most servers put before their words (RFC 3463); the words themselves are not kept.
_ENHANCED: Final = re.compile(rb"\A[245]\.\d{1,3}\.\d{1,3}(?= |\Z)")
_Link = Callable[..., str]


class NotSent(Exception):
    """The mail server did not take the mail; `reason` is a short word without the address, `for_good` that trying again is vain.

    `status` is the code of a refusal that is about this address or mail (RFC 3463), empty when the server refuses us or is away."""

    def __init__(self, reason: str, *, for_good: bool = False, status: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.for_good = for_good
        self.status = status


def deliver(notice: Notice, settings: Settings) -> None:
    """Write a notice as a mail and give it to the mail server; raises NotSent. Blocks."""
    send(write(notice, settings), settings.smtp_url, sender=return_path(settings, notice.id))


def write(notice: Notice, settings: Settings) -> EmailMessage:
    """The mail: text and HTML with the same words, marked as sent by a machine. It holds no personal data but the address."""
    locale: Locale = notice.locale  # type: ignore[assignment]
    values, domain = _values(notice, settings, locale), own_domain(settings)
    mail = EmailMessage()
    mail["From"] = settings.mail_from
    mail["To"] = notice.address
    mail["Subject"] = " ".join(_text(notice, "subject.txt", locale, values).split())
    mail["Date"] = format_datetime(now())
    # The same identifier at each try: a mail that was taken although we heard nothing is shown once.
    mail["Message-ID"] = f"<{notice.id}@{domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["List-Id"] = f"<notices.{domain}>"
    if values["stop_link"]:
        mail["List-Unsubscribe"] = f"<{values['stop_link']}>"
    mail.set_content(re.sub(r"\n{3,}", "\n\n", _text(notice, "body.txt", locale, values).strip()) + "\n")
    mail.add_alternative(render_text(f"notices/{_folder(notice)}/body.html", locale, **values), subtype="html")
    # Last, because making the mail of two parts moves the headers of content into the first.
    mail["Content-Language"] = locale
    return mail


def _text(notice: Notice, part: str, locale: Locale, values: dict[str, Any]) -> str:
    # Templates escape for HTML, always; in a plain text the signs themselves are wanted.
    return unescape(render_text(f"notices/{_folder(notice)}/{part}", locale, **values))


def _folder(notice: Notice) -> str:
    return "news" if notice.template in _NEWS else notice.template


def _values(notice: Notice, settings: Settings, locale: Locale) -> dict[str, Any]:
    def link(name: str, **params: object) -> str:
        return settings.public_url.rstrip("/") + addresses.path(name, locale, **params)

    facts = notice.facts
    # Only the mail holds a secret: the table has its hash, and it can be made again from the identifier alone.
    stop = link("show-address", token=second_token(settings, notice.second_address_id)) if notice.second_address_id else ""
    shared = {"home": link("home"), "number": facts.get("number", ""), "side": facts.get("side", ""), "may_open": facts.get("may_open") != "no",
              "return_link": link("ask-return"), "day": date.fromisoformat(facts["day"]) if facts.get("day") else None, "stop_link": stop,
              "papers": PAPERS.get(facts.get("papers", ""), "")}
    return {**shared, **_OF_KIND.get(notice.template, _of_news)(notice, settings, link)}


def _of_event(notice: Notice, _settings: Settings, link: _Link) -> Mapping[str, Any]:
    facts = notice.facts
    return {"telling": telling_of(edition_of(facts["procedure"], facts["edition"]), facts["action"]), "link": link("show-dossier", key=facts["key"])}


def _of_news(notice: Notice, _settings: Settings, link: _Link) -> Mapping[str, Any]:
    subject, happened, to_do = _NEWS[notice.template][notice.facts["state"]]
    return {"subject": subject, "happened": happened, "to_do": to_do, "link": link("show-dossier", key=notice.facts["key"])}


def _of_draft(notice: Notice, settings: Settings, link: _Link) -> Mapping[str, Any]:
    news = _of_news(notice, settings, link)
    params: Mapping[str, Param] = {"day": date.fromisoformat(notice.facts["until"]), "days": IDLE_DRAFT.days}
    return {**news, "happened": Message(news["happened"], params), "to_do": Message(news["to_do"], params)}


def _of_mandate(notice: Notice, _settings: Settings, link: _Link) -> Mapping[str, Any]:
    subject, happened, to_do = MANDATES[notice.facts["state"]]
    where = link("my-mandates") if notice.facts["state"] == "offered" else link("my-dossiers")
    return {"subject": subject, "happened": happened, "to_do": to_do, "link": where}


def _of_invitation(notice: Notice, settings: Settings, link: _Link) -> Mapping[str, Any]:
    until = notice.facts.get("until")
    return {"link": link("show-invitation", token=link_token(settings, notice.cause)), "employer": notice.facts.get("employer", ""),
            "until": date.fromisoformat(until) if until else None}


def _of_question(notice: Notice, settings: Settings, link: _Link) -> Mapping[str, Any]:
    return {"link": link("show-address", token=second_token(settings, notice.cause)), "until": date.fromisoformat(notice.facts["until"])}


_OF_KIND: Final[Mapping[str, Callable[[Notice, Settings, _Link], Mapping[str, Any]]]] = {
    "event": _of_event, "mandate": _of_mandate, "invite": _of_invitation, "return-link": _of_invitation, "ask-address": _of_question,
    "alarm": alarm_values, "draft": _of_draft,
}


def send(mail: EmailMessage, smtp_url: str, *, sender: str) -> None:
    """Give a mail to the server at `smtp://`, `smtp+starttls://` or `smtps://[user:password@]host[:port]`; raises NotSent. Blocks.

    What cannot be delivered later comes back to `sender`."""
    try:
        with _connected(smtp_url) as server:
            server.send_message(mail, from_addr=sender)
    except smtplib.SMTPRecipientsRefused as refusal:
        code, words = max(refusal.recipients.values(), default=(0, b""), key=lambda answer: answer[0])
        raise NotSent(f"address-refused-{code}", for_good=code >= 500, status=_status(code, words)) from None
    except smtplib.SMTPDataError as answer:
        words = answer.smtp_error if isinstance(answer.smtp_error, bytes) else answer.smtp_error.encode()
        raise NotSent(f"mail-refused-{answer.smtp_code}", for_good=answer.smtp_code >= 500, status=_status(answer.smtp_code, words)) from None
    except smtplib.SMTPNotSupportedError:
        raise NotSent("address-not-supported", for_good=True, status="5.6.7") from None
    except smtplib.SMTPResponseException as answer:
        raise NotSent(f"server-answered-{answer.smtp_code}") from None
    except (smtplib.SMTPException, OSError) as failure:
        raise NotSent(f"unreachable-{type(failure).__name__}") from None


def _status(code: int, words: bytes) -> str:
    """The enhanced code of a refusal, when the server gave one of the same class."""
    found = _ENHANCED.match(words)
    given = found[0].decode() if found else ""
    return given if given[:1] == str(code)[:1] else f"{str(code)[:1]}.0.0"


@contextmanager
def _connected(smtp_url: str) -> Iterator[smtplib.SMTP]:
    place = urlsplit(smtp_url)
    if place.scheme not in _SCHEMES:
        raise ValueError(f"FRONTOFFICE_SMTP_URL begins with one of {', '.join(_SCHEMES)}")
    host, trusted = place.hostname or "localhost", ssl.create_default_context()
    if place.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, place.port or 465, timeout=_TIME_OUT, context=trusted)
    else:
        server = smtplib.SMTP(host, place.port or 25, timeout=_TIME_OUT)
    with closing(server):
        try:
            if place.scheme == "smtp+starttls":
                server.starttls(context=trusted)
            if place.username:
                server.login(unquote(place.username), unquote(place.password or ""))
        except smtplib.SMTPNotSupportedError:
            raise NotSent("server-lacks-tls-or-login") from None
        yield server
        # A farewell that goes wrong does not undo what was taken.
        with suppress(smtplib.SMTPException, OSError):
            server.quit()
