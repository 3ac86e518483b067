"""The language of a dossier: that of its procedure and its formal papers, whatever language those who take part read."""

from collections.abc import Mapping
from typing import Final

from frontoffice.dossiers.queries import OpenDossier
from frontoffice.kernel.i18n import Locale, Translate
from frontoffice.kernel.i18n import mark as _
from frontoffice.procedures.territory import languages_of

OFFICIAL: Final[tuple[Locale, ...]] = ("nl", "fr", "de")

# What a paper of ours says of itself when it is not in the language of its dossier.
_TRANSLATED: Final[Mapping[str, str]] = {
    "nl": _("This is a translation for reading. The paper itself is in Dutch, the language of the dossier."),
    "fr": _("This is a translation for reading. The paper itself is in French, the language of the dossier."),
    "de": _("This is a translation for reading. The paper itself is in German, the language of the dossier."),
}


def official(*wishes: str) -> Locale:
    """The first of these that is a language of the country; Dutch when none is."""
    return next((one for wish in wishes for one in OFFICIAL if one == wish), OFFICIAL[0])


def language_of(dossier: OpenDossier, authority: str) -> Locale:
    """The language of the procedure before this authority, by its code.

    It is the one that the applicant asked for, where the form asks; otherwise one in which the authority writes: that of the dossier if it can be."""
    written = languages_of(authority) or OFFICIAL
    return official(dossier.values.get("procedure_language", ""), dossier.language if dossier.language in written else "", *written)


def translated_from(language: str, locale: Locale, translate: Translate) -> str:
    """In the language of a paper, that it is a translation and of what; empty for the paper in the dossier's own language."""
    return translate(_TRANSLATED[language]) if language in _TRANSLATED and language != locale else ""
