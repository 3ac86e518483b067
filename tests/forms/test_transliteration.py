"""Names in any script beside the letters of a zone, and the keys under which names are looked up."""

import tomllib
from pathlib import Path

import pytest

from frontoffice.forms.transliteration import mrz_key, same_name

CASES = tomllib.loads((Path(__file__).parents[1] / "cases" / "passports.toml").read_text())


@pytest.mark.parametrize("case", CASES["names"], ids=lambda case: f"{case['typed']}-{case['zone']}")
def test_names_in_any_script(case: dict[str, object]) -> None:
    assert same_name(str(case["typed"]), str(case["zone"]), cut=bool(case.get("cut"))) is case["same"]
    assert same_name(str(case["typed"]).upper(), str(case["zone"]), cut=bool(case.get("cut"))) is case["same"]


@pytest.mark.parametrize(("typed", "zone", "same"), [
    ("Arnpol Petch Charonguang", "ARNPOL PETCH", True), ("Arnpol Petch Charonguang", "ARNPOL PE CH", True), ("Arnpol-Petch Charonguang", "A P C", True),
    ("Arnpol Petch", "ARNPOL PE CH", False), ("Arnpol Petch Charonguang", "ARNPOL CH PE", False), ("Arnpol Petch Charonguang", "ARNPOL PETCHY CH", False),
    ("Müller Jürgen", "MU JUER", True), ("Arnpol", "", True), ("Nilavadhanananda", "NILAVADHANANANDAX", False),
])  # fmt: skip
def test_a_zone_without_room_shortens_names_or_leaves_out_the_last(typed: str, zone: str, same: bool) -> None:
    assert same_name(typed, zone, cut=True) is same


@pytest.mark.parametrize(("name", "key"), [
    ("Müller", "MUELLER"), ("Weiß", "WEISS"), ("Nuñez", "NUNEZ"), ("O'Connor", "OCONNOR"), ("O’Connor", "OCONNOR"), ("Smith-Jones", "SMITH JONES"),
    ("van  den Broeck", "VAN DEN BROECK"), ("Åström", "AASTROEM"), ("Đặng Thị Ngọc", "DANG THI NGOC"), ("Щербаков", "SHCHERBAKOV"), ("Łukasz", "LUKASZ"),
    ("İsmail Yıldız", "ISMAIL YILDIZ"), ("Þór", "THOR"), ("Ærøskøbing", "AEROESKOEBING"), ("王小明", "WANGXIAOMING"), ("García, Ana", "GARCIA ANA"),
    ("ERIKSSON<<ANNA<MARIA", "ERIKSSON ANNA MARIA"), ("", ""), ("123 !?", ""), ("\ud800", ""),
])  # fmt: skip
def test_a_key_has_letters_of_a_zone_only(name: str, key: str) -> None:
    assert mrz_key(name) == key
    assert mrz_key(key) == key


@pytest.mark.parametrize("name", ["محمد بن سلمان", "राजेश कुमार", "יוסף", "김철수", "ნინო", "Ωμέγα", "สมชาย"])
def test_names_of_every_script_have_a_key(name: str) -> None:
    key = mrz_key(name)
    assert key and key.replace(" ", "").isascii() and key.replace(" ", "").isalpha() and key == key.upper()


def test_long_names_are_compared_in_no_time() -> None:
    assert not same_name("ü" * 5_000, "U" * 39)
