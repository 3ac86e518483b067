"""Writes a notice as a mail in its reader's language, and gives it to the mail server."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import date
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from html import unescape
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from frontoffice.kernel.i18n import Locale
from frontoffice.kernel.rendering import addresses, render_text
from frontoffice.kernel.time import now
from frontoffice.notices.model import Notice
from frontoffice.notices.texts import DOCUMENTS, MANDATES, telling_of
from frontoffice.parties.invitations import link_token
from frontoffice.procedures import edition_of
from frontoffice.settings import Settings

_TIME_OUT: Final = 10.0
_SCHEMES: Final = ("smtp", "smtp+starttls", "smtps")


class NotSent(Exception):
    """The mail server did not take the mail; `reason` is a short word without the address, `for_good` that trying again is vain."""

    def __init__(self, reason: str, *, for_good: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.for_good = for_good


def write(notice: Notice, settings: Settings) -> EmailMessage:
    """The mail: text and HTML with the same words, marked as sent by a machine. It holds no personal data but the address."""
    locale: Locale = notice.locale  # type: ignore[assignment]
    values = _values(notice, settings, locale)
    mail = EmailMessage()
    mail["From"] = settings.mail_from
    mail["To"] = notice.address
    mail["Subject"] = " ".join(_text(notice, "subject.txt", locale, values).split())
    mail["Date"] = format_datetime(now())
    # The same identifier at each try: a mail that was taken although we heard nothing is shown once.
    mail["Message-ID"] = f"<{notice.id}@{parseaddr(settings.mail_from)[1].rpartition('@')[2] or 'localhost'}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(_text(notice, "body.txt", locale, values).strip() + "\n")
    mail.add_alternative(render_text(f"notices/{notice.template}/body.html", locale, **values), subtype="html")
    # Last, because making the mail of two parts moves the headers of content into the first.
    mail["Content-Language"] = locale
    return mail


def _text(notice: Notice, part: str, locale: Locale, values: dict[str, Any]) -> str:
    # Templates escape for HTML, always; in a plain text the signs themselves are wanted.
    return unescape(render_text(f"notices/{notice.template}/{part}", locale, **values))


def _values(notice: Notice, settings: Settings, locale: Locale) -> dict[str, Any]:
    def link(name: str, **params: object) -> str:
        return settings.public_url.rstrip("/") + addresses.path(name, locale, **params)

    facts = notice.facts
    values: dict[str, Any] = {"home": link("home"), "number": facts.get("number", "")}
    if notice.template == "event":
        values |= {
            "telling": telling_of(edition_of(facts["procedure"], facts["edition"]), facts["action"]), "side": facts["side"],
            "may_open": facts["may_open"] == "yes", "return_link": link("ask-return"),
            "link": link("show-dossier", key=facts["key"]), "day": date.fromisoformat(facts["day"]) if facts.get("day") else None,
        }
    elif notice.template == "document":
        subject, happened, to_do = DOCUMENTS[facts["state"]]
        values |= {"subject": subject, "happened": happened, "to_do": to_do, "side": facts["side"], "link": link("show-dossier", key=facts["key"]),
                   "return_link": link("ask-return")}
    elif notice.template == "mandate":
        subject, happened, to_do = MANDATES[facts["state"]]
        where = link("my-mandates") if facts["state"] == "offered" else link("my-dossiers")
        values |= {"subject": subject, "happened": happened, "to_do": to_do, "link": where}
    else:
        # Only the mail holds the secret: the table has its hash, and it can be made again from the identifier alone.
        token = link_token(settings, notice.cause)
        values |= {"link": link("show-invitation", token=token), "employer": facts.get("employer", ""),
                   "until": date.fromisoformat(facts["until"]) if facts.get("until") else None}
    return values


def send(mail: EmailMessage, smtp_url: str) -> None:
    """Give a mail to the server at `smtp://`, `smtp+starttls://` or `smtps://[user:password@]host[:port]`; raises NotSent. Blocks."""
    try:
        with _connected(smtp_url) as server:
            server.send_message(mail)
    except smtplib.SMTPRecipientsRefused as refusal:
        code = max((code for code, _text in refusal.recipients.values()), default=0)
        raise NotSent(f"address-refused-{code}", for_good=code >= 500) from None
    except smtplib.SMTPNotSupportedError:
        raise NotSent("address-not-supported", for_good=True) from None
    except smtplib.SMTPResponseException as answer:
        raise NotSent(f"server-answered-{answer.smtp_code}") from None
    except (smtplib.SMTPException, OSError) as failure:
        raise NotSent(f"unreachable-{type(failure).__name__}") from None


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
