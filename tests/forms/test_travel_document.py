"""Machine-readable zones as people copy them, and what they say against what was typed."""

import tomllib
from datetime import date
from pathlib import Path

import pytest

from frontoffice.forms.identifiers import PartialDate, Wrong
from frontoffice.forms.travel_document import Typed, check_digit, compare, read_zone, same_name

CASES = tomllib.loads((Path(__file__).parents[1] / "cases" / "passports.toml").read_text())
SPECIMEN = CASES["zones"]["specimen"]
TODAY = date(2026, 11, 21)


def a_zone(**said: str) -> str:
    """A zone with right check digits."""
    parts = {
        "names": "KUMAR<<RAJESH",
        "number": "Z1234567",
        "birth": "930214",
        "expiry": "310101",
        "sex": "M",
        "personal": "",
        **said,
    }
    number, personal = parts["number"].ljust(9, "<"), parts["personal"].ljust(14, "<")
    body = f"{number}{check_digit(number)}IND{parts['birth']}{check_digit(parts['birth'])}{parts['sex']}"
    body += f"{parts['expiry']}{check_digit(parts['expiry'])}{personal}{check_digit(personal)}"
    return f"P<IND{parts['names']}".ljust(44, "<") + f"\n{body}{check_digit(body[0:10] + body[13:20] + body[21:43])}"


def test_the_specimen_of_doc_9303() -> None:
    zone = read_zone(SPECIMEN, TODAY)
    assert (zone.surname, zone.given_names) == ("ERIKSSON", "ANNA MARIA")
    assert (zone.number, zone.issuing_state, zone.nationality, zone.sex) == ("L898902C3", "UTO", "UTO", "F")
    assert zone.birth_date == PartialDate(1974, 8, 12)
    assert zone.expiry == date(2012, 4, 15)
    assert not zone.names_cut


@pytest.mark.parametrize(
    "text",
    [
        SPECIMEN.lower(),
        SPECIMEN.replace("\n", ""),
        SPECIMEN.replace("\n", "\r\n  "),
        " ".join(SPECIMEN),
        f"\t{SPECIMEN}\n",
    ],
    ids=["small", "joined", "indented", "spaced", "padded"],
)
def test_spaces_lines_and_small_letters_do_not_matter(text: str) -> None:
    assert read_zone(text, TODAY) == read_zone(SPECIMEN, TODAY)


def test_every_slip_of_one_character_in_a_proved_part_is_seen() -> None:
    zone = a_zone(personal="AB12")
    start = zone.index("\n") + 1
    proved = [*range(10), *range(13, 20), *range(21, 43), 43]
    for at in proved:
        for other in "0123456789":
            slip = zone[: start + at] + other + zone[start + at + 1 :]
            # Weights of ten cannot tell some letters from some digits (K from 0, for one).
            if slip != zone and zone[start + at].isdigit():
                with pytest.raises(Wrong):
                    read_zone(slip, TODAY)


@pytest.mark.parametrize(
    "text",
    [
        "", "P<", SPECIMEN[:-1], SPECIMEN + "0", SPECIMEN.replace("P<", "I<"), SPECIMEN.replace("P<", "V<"),
        SPECIMEN.replace("0", "٠"), SPECIMEN.replace("E", "É"), "ß" * 44, "<" * 88, "P" + "<" * 87, "0" * 88,
        "\x00" * 88, "P<" + "9" * 86, "A" * 100_000, "\ud800" * 88, a_zone(birth="931314"), a_zone(birth="930230"),
        a_zone(birth="9302A4"), a_zone(expiry="310230"), a_zone(expiry="<<<<<<"), a_zone(expiry="31<<01"),
    ],
    ids=range(22),
)  # fmt: skip
def test_what_is_no_zone_is_refused_and_nothing_worse_happens(text: str) -> None:
    with pytest.raises(Wrong) as caught:
        read_zone(text, TODAY)
    assert caught.value.message % caught.value.params


@pytest.mark.parametrize(
    ("birth", "expected"),
    [
        ("930214", PartialDate(1993, 2, 14)),
        ("261121", PartialDate(2026, 11, 21)),
        ("270101", PartialDate(1927, 1, 1)),
        ("9302<<", PartialDate(1993, 2)),
        ("93<<<<", PartialDate(1993)),
        ("<<<<<<", PartialDate(None)),
        ("000229", PartialDate(2000, 2, 29)),
    ],
)
def test_birth_dates_get_their_century_and_may_be_unknown(birth: str, expected: PartialDate) -> None:
    assert read_zone(a_zone(birth=birth), TODAY).birth_date == expected


def test_expiry_and_sex() -> None:
    assert read_zone(a_zone(expiry="360228"), TODAY).expiry == date(2036, 2, 28)
    assert read_zone(a_zone(expiry="991231"), TODAY).expiry == date(1999, 12, 31)
    assert read_zone(a_zone(sex="<"), TODAY).sex == "X"


def test_a_surname_alone_and_an_empty_check_digit() -> None:
    zone = read_zone(a_zone(names="MADONNA"), TODAY)
    assert (zone.surname, zone.given_names) == ("MADONNA", "")
    assert compare(zone, Typed(surname="Madonna", given_names="")) == ()
    text = a_zone()
    filler = text[:-2] + "<" + text[-1]
    assert text[-2] == "0"
    body = filler[filler.index("\n") + 1 :]
    assert check_digit(body[0:10] + body[13:20] + body[21:43]) == int(body[43])
    assert read_zone(filler, TODAY).number == "Z1234567"


@pytest.mark.parametrize("case", CASES["names"], ids=lambda case: f"{case['typed']}-{case['zone']}")
def test_names_in_any_script(case: dict[str, object]) -> None:
    assert same_name(str(case["typed"]), str(case["zone"]), cut=bool(case.get("cut"))) is case["same"]
    assert same_name(str(case["typed"]).upper(), str(case["zone"]), cut=bool(case.get("cut"))) is case["same"]


def test_differences_are_named_and_what_was_not_typed_is_not_compared() -> None:
    zone = read_zone(a_zone(), TODAY)
    same = Typed(
        number="z 1234567",
        birth_date=PartialDate(1993, 2),
        expiry=date(2031, 1, 1),
        surname="Kumar",
        given_names="Rajesh",
    )
    assert compare(zone, same) == ()
    assert compare(zone, Typed()) == ()
    other = Typed(
        number="Z1234568",
        birth_date=PartialDate(1993, 3, 14),
        expiry=date(2031, 1, 2),
        surname="Kumarr",
        given_names="",
    )
    differences = compare(zone, other)
    assert [one.field for one in differences] == ["number", "birth_date", "expiry", "surname", "given_names"]
    assert [one.params["passport"] for one in differences] == [
        "Z1234567",
        date(1993, 2, 14),
        date(2031, 1, 1),
        "KUMAR",
        "RAJESH",
    ]


def test_long_names_are_compared_in_no_time() -> None:
    assert not same_name("ü" * 5_000, "U" * 39)
