"""Precision and recall of the thresholds on many made-up persons, mistyped in the ways in which people and registers mistype."""

import random
from collections.abc import Callable, Mapping
from datetime import date, timedelta

import pytest

from frontoffice.identities.keys import keys_of
from frontoffice.identities.matching import Level, compare
from frontoffice.identities.particulars import Particulars, particulars_in

TODAY = date(2026, 11, 21)
SEED, PERSONS = 20261121, 400
# Surnames, given names and places of the countries from which most people come.
WORLD: Mapping[str, tuple[str, str, str]] = {
    "MAR": ("El Amrani,Benjelloun,Alaoui,Tazi,Bennani,Idrissi,Chraibi,Berrada", "Mohammed,Fatima Zahra,Youssef,Khadija,Omar,Salma,Hicham,Nadia",
            "Casablanca,Fes,Tanger,Oujda,Nador"),
    "IND": ("Kumar,Sharma,Singh,Patel,Reddy,Iyer,Nair,Gupta,Das", "Rajesh,Priya,Amit,Ananya,Suresh Babu,Lakshmi,Vikram,Deepa", "Pune,Chennai,Kochi,Delhi,Surat"),
    "TUR": ("Yılmaz,Kaya,Demir,Çelik,Şahin,Öztürk,Aydın,Arslan", "Mehmet,Ayşe,Mustafa,Zeynep,Emre,Elif,Hüseyin,Gül", "Ankara,Izmir,Konya,Bursa,Trabzon"),
    "UKR": ("Shevchenko,Kovalenko,Bondarenko,Tkachenko,Kravchenko,Oliynyk", "Olena,Petro,Oksana,Andriy,Iryna,Dmytro,Kateryna", "Kyiv,Kharkiv,Odesa,Lviv,Dnipro"),
    "COD": ("Kabongo,Mukendi,Tshibangu,Ilunga,Kasongo,Mbuyi,Ngoy", "Jean Pierre,Marie Claire,Patrick,Grâce,Joseph,Nadine", "Kinshasa,Lubumbashi,Goma,Bukavu"),
    "BRA": ("da Silva,Souza,Oliveira Santos,Pereira,Costa Lima,Ferreira", "Ana Beatriz,João Pedro,Mariana,Lucas,Camila,Rafael", "Recife,Goiânia,Salvador,Belém"),
    "PHL": ("Reyes,Santos,Cruz,Bautista,Garcia,Mendoza", "Maria Clara,Jose,Angelica,Mark Anthony,Kristine,Ramon", "Cebu,Davao,Manila,Iloilo"),
}
Answers = dict[str, str]


def a_person(dice: random.Random) -> Answers:
    country = dice.choice(list(WORLD))
    surnames, given, places = (text.split(",") for text in WORLD[country])
    born = date(1960, 1, 2) + timedelta(days=dice.randrange(44 * 365))
    return {"surname": dice.choice(surnames), "given_names": dice.choice(given), "birth_date": born.isoformat(), "sex": dice.choice("FM"), "nationality": country,
            "birth_place": dice.choice(places), "passport_country": country, "passport_number": f"P{dice.randrange(10**8):08}"}


def _swap_names(one: Answers, _dice: random.Random) -> Answers:
    return {"surname": one["given_names"], "given_names": one["surname"]}


def _typing_slip(one: Answers, dice: random.Random) -> Answers:
    text = one["surname"]
    at = dice.randrange(1, len(text))
    return {"surname": text[:at] + text[at + 1:] if len(text) > 4 else text + text[-1]}


def _digit_slip(one: Answers, dice: random.Random) -> Answers:
    year, rest = one["birth_date"][:4], one["birth_date"][4:]
    return {"birth_date": f"{year[:3]}{dice.randrange(10)}{rest}"}


def _day_and_month_swapped(one: Answers, _dice: random.Random) -> Answers:
    year, month, day = one["birth_date"].split("-")
    return {"birth_date": f"{year}-{day}-{month}"} if day <= "12" else {}


def _day_unknown(one: Answers, _dice: random.Random) -> Answers:
    return {"birth_date": f"{one['birth_date'][:7]}-00"}


def _half_a_name(one: Answers, _dice: random.Random) -> Answers:
    return {"given_names": one["given_names"].split()[0]}


def _married(one: Answers, _dice: random.Random) -> Answers:
    return {"surname": "Van den Broeck", "birth_surname": one["surname"]}


def _place_left_out(_one: Answers, _dice: random.Random) -> Answers:
    return {"birth_place": ""}


def _capitals(one: Answers, _dice: random.Random) -> Answers:
    return {"surname": one["surname"].upper().replace("Ö", "OE").replace("Ü", "UE"), "given_names": one["given_names"].upper()}


SLIPS: tuple[Callable[[Answers, random.Random], Answers], ...] = (
    _swap_names, _typing_slip, _digit_slip, _day_and_month_swapped, _day_unknown, _half_a_name, _married, _place_left_out, _capitals)


def again(one: Answers, dice: random.Random) -> Answers:
    """The same person on another passport, with one or two slips."""
    other = {**one, "passport_number": f"R{dice.randrange(10**8):08}"}
    for slip in dice.sample(SLIPS, dice.choice((1, 1, 2))):
        other |= slip(other, dice)
    return other


def somebody_near(one: Answers, dice: random.Random) -> Answers:
    """Another person who has something in common: a brother or sister, a twin, a namesake, a neighbour born on the same day."""
    other = {**a_person(dice), "nationality": one["nationality"], "birth_place": one["birth_place"]}
    given = [name for name in WORLD[one["nationality"]][1].split(",") if name != one["given_names"]]
    return other | dice.choice((
        {"surname": one["surname"], "given_names": dice.choice(given)}, {"surname": one["surname"], "given_names": dice.choice(given), "birth_date": one["birth_date"]},
        {"surname": one["surname"], "given_names": one["given_names"]}, {"birth_date": one["birth_date"]}, {},
    ))


def person(answers: Answers) -> Particulars:
    found = particulars_in(answers, TODAY)
    assert found is not None
    return found


def test_thresholds_hold_for_many_persons(capsys: pytest.CaptureFixture[str]) -> None:
    dice, judged, unfound = random.Random(SEED), [], 0
    for _one in range(PERSONS):
        one = a_person(dice)
        for same, other in ((True, again(one, dice)), (False, somebody_near(one, dice))):
            left, right = person(one), person(other)
            judged.append((same, compare(left, right).level))
            unfound += same and not set(keys_of(left)) & set(keys_of(right))
    with capsys.disabled():
        print(f"\n{'level':<10}{'precision':>11}{'recall':>8}  ({len(judged)} generated pairs, {unfound} without a common key)")
        for level, precise, complete in ((Level.PROBABLE, 0.97, 0.9), (Level.POSSIBLE, 0.75, 0.97)):
            hits = sum(same and found >= level for same, found in judged)
            precision, recall = hits / sum(found >= level for _same, found in judged), hits / PERSONS
            print(f"{level.name.lower():<10}{precision:>11.3f}{recall:>8.3f}")
            assert precision >= precise and recall >= complete, level
    assert unfound <= PERSONS * 0.01
    assert not any(level is Level.EXACT for _same, level in judged)
