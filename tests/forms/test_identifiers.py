"""Numbers and addresses as people type them, right, wrong and hostile."""

import re
import tomllib
from datetime import date
from pathlib import Path

import pytest

from frontoffice.forms import identifiers
from frontoffice.forms.identifiers import PartialDate, Wrong, birth_of, sex_of

TABLE = tomllib.loads((Path(__file__).parents[1] / "cases" / "identifiers.toml").read_text())["case"]
READERS = sorted({row["reader"] for row in TABLE})
RIGHT = [(row["reader"], typed, canonical) for row in TABLE for typed, canonical in row["right"]]
WRONG = [(row["reader"], typed, why) for row in TABLE for typed, why in row["wrong"]]

HOSTILE = [
    "",
    " ",
    "\x00",
    "0403019261\x00",
    "０４０３０１９２６１",
    "٠٤٠٣٠١٩٢٦١",
    "०४०३०१९२६१",
    "²³¹",
    "\u202e1629103040",
    "1e9",
    "0x1F",
    "-1",
    "+1",
    "1_000",
    "None",
    "9" * 10_000,
    " " * 10_000,
    "a@" * 5_000,
    "(" * 5_000,
    "BE" * 4_000,
    "\ud800",
    "0403019261\n",
    "🂡" * 20,
    "'; drop table--",
    "+" * 5_000,
    "-" * 50,
    "<script>",
    "%00",
    "％０",
    "İ",
    "ſs",
    "00000000000",
    "0000000000",
    "99999999999",
    "BE00000000000000",
]


@pytest.mark.parametrize(("reader", "typed", "canonical"), RIGHT)
def test_right_ones_become_canonical(reader: str, typed: str, canonical: str) -> None:
    assert getattr(identifiers, reader)(typed) == canonical
    assert getattr(identifiers, reader)(canonical) == canonical


@pytest.mark.parametrize(("reader", "typed", "why"), WRONG)
def test_wrong_ones_are_explained(reader: str, typed: str, why: str) -> None:
    with pytest.raises(Wrong) as caught:
        getattr(identifiers, reader)(typed)
    assert re.search(why, caught.value.message)
    assert caught.value.message % caught.value.params


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("typed", HOSTILE, ids=lambda typed: repr(typed[:12]))
def test_hostile_ones_are_refused_or_read_never_worse(reader: str, typed: str) -> None:
    try:
        canonical = getattr(identifiers, reader)(typed)
    except Wrong:
        return
    assert re.fullmatch(r"[ -~]{1,60}", canonical)


def test_unit_number_with_odd_check_digits_is_taken_with_a_doubt() -> None:
    assert identifiers.establishment_unit_doubt("8999999993") is None
    assert identifiers.establishment_unit_doubt("7987654347") is None
    doubt = identifiers.establishment_unit_doubt(identifiers.establishment_unit_number("8999999994"))
    assert doubt
    assert "Crossroads Bank" in doubt


@pytest.mark.parametrize(
    ("number", "birth", "sex"),
    [
        ("00010199747", date(1900, 1, 1), "M"),
        ("00010199648", date(1900, 1, 1), "F"),
        ("24123199550", date(2024, 12, 31), "M"),
        ("24123199451", date(2024, 12, 31), "F"),
        ("24523199539", date(2024, 12, 31), "M"),
        ("00410199736", date(1900, 1, 1), "M"),
        ("00210199691", date(1900, 1, 1), None),
    ],
)
def test_register_numbers_tell_birth_and_sex(number: str, birth: date, sex: str | None) -> None:
    assert birth_of(number).whole() == birth
    assert sex_of(number) == sex


def test_birth_date_may_be_partly_or_wholly_unknown() -> None:
    for first9, known in (
        ("850000001", PartialDate(1985)),
        ("850700001", PartialDate(1985, 7)),
        ("004001001", PartialDate(None)),
    ):
        number = identifiers.national_or_bis_number(f"{first9}{97 - int(first9) % 97:02d}")
        assert birth_of(number) == known
        assert birth_of(number).whole() is None
    assert PartialDate(1985).agrees_with(PartialDate(1985, 7, 3))
    assert not PartialDate(1985, 7).agrees_with(PartialDate(1985, 8, 3))


def test_dossier_number_round_trip_and_every_slip_of_one_character() -> None:
    number = identifiers.dossier_number(2026, 123)
    assert re.fullmatch(r"SP-2026-0000123-[0-9A-Z]", number)
    assert identifiers.read_dossier_number(number.lower().replace("-", " ")) == number
    bare = number.replace("-", "")
    for at in range(2, len(bare)):
        for other in "0123456789":
            slip = bare[:at] + other + bare[at + 1 :]
            if slip != bare:
                with pytest.raises(Wrong):
                    identifiers.read_dossier_number(slip)
    for at in range(2, len(bare) - 1):
        swapped = bare[:at] + bare[at + 1] + bare[at] + bare[at + 2 :]
        if swapped != bare:
            with pytest.raises(Wrong):
                identifiers.read_dossier_number(swapped)
    assert identifiers.read_dossier_number(identifiers.dossier_number(2026, 12_345_678)).startswith("SP-2026-12345678-")


def test_numbers_are_shown_as_on_paper() -> None:
    assert identifiers.show_enterprise_number("0403019261") == "0403.019.261"
    assert identifiers.show_unit_number("7987654347") == "7.987.654.347"
    assert identifiers.show_register_number("24123199550") == "24.12.31-995.50"
    assert identifiers.show_iban("BE57679200609235") == "BE57 6792 0060 9235"
