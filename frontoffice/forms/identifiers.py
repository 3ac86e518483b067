"""Numbers and addresses that carry their own proof: each reader gives the canonical text or explains what is wrong.

Formats and check digits follow the registers that give the numbers out; the check-digit arithmetic is python-stdnum's.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import ModuleType

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from stdnum import iban as stdnum_iban
from stdnum.be import bis, nn, ogm_vcs, vat
from stdnum.exceptions import InvalidChecksum, ValidationError
from stdnum.iso7064 import mod_37_36

from frontoffice.kernel.i18n import mark as _

_LONGEST = 60
# What people write between digits, the spaces and dashes that a PDF or a web page hands over included.
_SEPARATORS = re.compile("[ .\u00a0\u2009\u202f\u2010-\u2014/-]")
_DIGITS = re.compile(r"\A[0-9]{1,60}\Z")
_PHONE = re.compile(r"\A\+?[0-9 ()./\u00a0-]{3,40}\Z")
_POSTAL_CODE = re.compile(r"\A[1-9][0-9]{3}\Z")
_TRAVEL_DOCUMENT = re.compile(r"\A[A-Z0-9]{1,20}\Z")
_DOSSIER = re.compile(r"\A([A-Z]{2})([0-9]{4})([0-9]{7,9})([0-9A-Z])\Z")
_IBAN = re.compile(r"\A[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}\Z")


class Wrong(Exception):
    """An answer that cannot be taken; `message` is a msgid that says what to do, `params` fill its placeholders."""

    def __init__(self, message: str, params: Mapping[str, object] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.params: Mapping[str, object] = params or {}


@dataclass(frozen=True)
class PartialDate:
    """A date of which the day, the month or everything may be unknown."""

    year: int | None
    month: int | None = None
    day: int | None = None

    @classmethod
    def of(cls, day: date) -> "PartialDate":
        """A date that is wholly known."""
        return cls(day.year, day.month, day.day)

    def whole(self) -> date | None:
        """The date, when nothing in it is unknown."""
        return date(self.year, self.month, self.day) if self.year and self.month and self.day else None

    def agrees_with(self, other: "PartialDate") -> bool:
        """Whether the parts that both know are the same."""
        pairs = ((self.year, other.year), (self.month, other.month), (self.day, other.day))
        return all(mine is None or theirs is None or mine == theirs for mine, theirs in pairs)


def enterprise_number(text: str) -> str:
    """The ten digits of a CBE number; one of before 2023 with nine digits gets its zero, a VAT number loses its BE."""
    number = _digits(re.sub(r"\A ?[Bb][Ee] ?", "", text[: _LONGEST + 1]))
    if len(number) == 9:
        number = f"0{number}"
    if len(number) != 10:
        raise Wrong(
            _("An enterprise number has 10 digits, such as 0123.456.789: you typed %(count)s"), {"count": len(number)}
        )
    if number[0] not in "01":
        raise Wrong(
            _(
                "An enterprise number starts with 0 or 1. A number that starts with 2 to 8 is that of an "
                "establishment unit"
            )
        )
    try:
        return vat.validate(number)
    except ValidationError:
        raise Wrong(
            _("This enterprise number does not exist: its last two digits do not fit the others. Check each digit")
        ) from None


def establishment_unit_number(text: str) -> str:
    """The ten digits of a CBE establishment unit; see `establishment_unit_doubt` for its check digits."""
    number = _digits(text)
    if len(number) != 10:
        raise Wrong(
            _("An establishment unit number has 10 digits, such as 2.123.456.789: you typed %(count)s"),
            {"count": len(number)},
        )
    if number[0] not in "2345678":
        raise Wrong(
            _(
                "An establishment unit number starts with a digit from 2 to 8. A number that starts with 0 "
                "or 1 is an enterprise number"
            )
        )
    return number


def establishment_unit_doubt(number: str) -> str | None:
    """A msgid when the check digits of a canonical unit number do not fit. The rule is unconfirmed: warn only."""
    if 97 - int(number[:8]) % 97 == int(number[8:]):
        return None
    return _(
        "The last two digits of this establishment unit number do not seem to fit the others. Compare it "
        "with the Crossroads Bank for Enterprises"
    )


def national_number(text: str) -> str:
    """The eleven digits of a National Register number."""
    return _register_number(text, nn)


def bis_number(text: str) -> str:
    """The eleven digits of a BIS number: its month is 20 or 40 higher than the month of birth."""
    return _register_number(text, bis)


def national_or_bis_number(text: str) -> str:
    """The eleven digits of a National Register number or, when the month is above 12, of a BIS number."""
    number = _digits(text)
    return _register_number(number, bis if number[2:4] >= "20" else nn)


def birth_of(number: str) -> PartialDate:
    """The date of birth in a canonical register number, as far as it was known when the number was given."""
    whole = nn.get_birth_date(number)
    return PartialDate.of(whole) if whole else PartialDate(nn.get_birth_year(number), nn.get_birth_month(number))


def sex_of(number: str) -> str | None:
    """M or F, from a canonical register number; None for a BIS number that was given without knowing it."""
    return bis.get_gender(number) if number[2:4] >= "20" else nn.get_gender(number)


def _register_number(text: str, register: ModuleType) -> str:
    number = _digits(text)
    if len(number) != 11:
        raise Wrong(
            _("This number has 11 digits, such as 85.07.30-033.28: you typed %(count)s"), {"count": len(number)}
        )
    try:
        return str(register.validate(number))
    except InvalidChecksum:
        raise Wrong(
            _("This number does not exist: its last two digits do not fit the others. Check each digit")
        ) from None
    except ValidationError:
        if register is bis:
            raise Wrong(
                _("This is not a BIS number: its third and fourth digits are the month of birth plus 20 or plus 40")
            ) from None
        raise Wrong(
            _("This is not a National Register number: its first six digits are the year, month and day of birth")
        ) from None


def structured_reference(text: str) -> str:
    """The twelve digits of a Belgian payment reference."""
    number = _digits(text.replace("+", "").replace("*", ""))
    if len(number) != 12:
        raise Wrong(
            _("A payment reference has 12 digits, such as +++010/8068/17183+++: you typed %(count)s"),
            {"count": len(number)},
        )
    try:
        return ogm_vcs.validate(number)
    except ValidationError:
        raise Wrong(
            _("This payment reference does not exist: its last two digits do not fit the others. Check each digit")
        ) from None


def iban(text: str) -> str:
    """An account number of ISO 13616, in capitals without spaces; of any country."""
    number = _letters_and_digits(text)
    try:
        if _IBAN.match(number):
            return stdnum_iban.validate(number, check_country=False)
    except ValidationError:
        pass
    raise Wrong(
        _("This is not an account number (IBAN). A Belgian one has BE and 14 digits, such as BE57 6792 0060 9235")
    )


def phone(text: str) -> str:
    """A telephone number as E.164; without a country code it is read as Belgian."""
    text = text.strip()
    try:
        if _PHONE.match(text):
            number = phonenumbers.parse(text, "BE")
            if phonenumbers.is_valid_number(number):
                return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    except phonenumbers.NumberParseException:
        pass
    raise Wrong(
        _(
            "This telephone number does not exist. Outside Belgium, start with + and the country code, "
            "such as +91 98765 43210"
        )
    )


def email(text: str) -> str:
    """An e-mail address in ASCII, its domain in lower case; nobody is asked whether it exists."""
    try:
        checked = validate_email(text.strip()[:300], check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        raise Wrong(
            _("This is not an e-mail address. It looks like name@example.com, with letters from a to z")
        ) from None
    return checked.ascii_email or checked.normalized


def postal_code(text: str) -> str:
    """The four digits of a Belgian postal code; whether it is in use is for the territory to say."""
    number = re.sub(r"\A[Bb] ?- ?", "", text.strip()[:_LONGEST])
    if not _POSTAL_CODE.match(number):
        raise Wrong(_("A Belgian postal code has 4 digits, such as 2000"))
    return number


def travel_document_number(text: str) -> str:
    """The number of a passport, in capitals without spaces."""
    number = _letters_and_digits(text)
    if not _TRAVEL_DOCUMENT.match(number):
        raise Wrong(
            _("A passport number has at most 20 letters from A to Z and digits. Type it as it stands in the passport")
        )
    return number


def dossier_number(year: int, serial: int, prefix: str = "SP") -> str:
    """The number of a dossier with its check character (ISO 7064, mod 37,36): SP-2026-0000123-C."""
    check = mod_37_36.calc_check_digit(f"{prefix}{year:04d}{serial:07d}")
    return f"{prefix}-{year:04d}-{serial:07d}-{check}"


def read_dossier_number(text: str) -> str:
    """A dossier number in its canonical form, however it was typed."""
    number = _letters_and_digits(text)
    parts = _DOSSIER.match(number)
    if parts is None:
        raise Wrong(_("A dossier number looks like SP-2026-0000123-C"))
    if not mod_37_36.is_valid(number):
        raise Wrong(
            _("This dossier number does not exist: its last character does not fit the others. Check each character")
        )
    return "-".join(parts.groups())


def show_enterprise_number(number: str) -> str:
    """A canonical enterprise number as it is written on paper: 0123.456.789."""
    return f"{number[:4]}.{number[4:7]}.{number[7:]}"


def show_unit_number(number: str) -> str:
    """A canonical establishment unit number as it is written on paper: 2.123.456.789."""
    return f"{number[0]}.{number[1:4]}.{number[4:7]}.{number[7:]}"


def show_register_number(number: str) -> str:
    """A canonical National Register or BIS number as it is written on a card: 85.07.30-033.28."""
    return nn.format(number)


def show_iban(number: str) -> str:
    """A canonical account number in groups of four."""
    return stdnum_iban.format(number)


def _digits(text: str) -> str:
    if len(text) > _LONGEST:
        raise Wrong(_("This is much too long for a number: check what you pasted"))
    number = _SEPARATORS.sub("", text.strip())
    if not _DIGITS.match(number):
        raise Wrong(_("Type the number with the digits 0 to 9 only"))
    return number


def _letters_and_digits(text: str) -> str:
    if len(text) > _LONGEST:
        raise Wrong(_("This is much too long for a number: check what you pasted"))
    number = _SEPARATORS.sub("", text.strip())
    # Checked before turning to capitals: other scripts have letters whose capitals are plain ones.
    if not (number.isascii() and number.isalnum()):
        raise Wrong(_("Type the number with letters from A to Z and the digits 0 to 9 only"))
    return number.upper()
