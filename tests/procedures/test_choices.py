"""Occupations and diplomatic posts: every code has its names and a source, and the fields read what a list sends."""

from importlib import resources

import pytest

from frontoffice.forms.identifiers import Wrong
from frontoffice.kernel.i18n import LOCALES, country_codes
from frontoffice.kernel.message import Message, Names
from frontoffice.procedures import occupations, posts
from frontoffice.procedures.choices import OTHER_POST, SEARCHABLE, Occupation, Post, SearchSelect, names_in
from frontoffice.procedures.figures import CONFIDENCES
from frontoffice.procedures.occupations import MAJOR_GROUPS, OCCUPATIONS, WORDINGS
from frontoffice.procedures.posts import POSTS

OCCUPATION = Occupation(name="isco", label="Occupation")
POST = Post(name="post", label="Belgian embassy or consulate")


def test_every_occupation_of_isco_has_a_name_in_each_language() -> None:
    assert len(OCCUPATIONS) == 436 and list(MAJOR_GROUPS) == list("0123456789")
    assert all(len(code) == 4 and code.isdigit() and code[0] in MAJOR_GROUPS for code in OCCUPATIONS)
    assert all(name and name == name.strip() and "*" not in name for names in (*OCCUPATIONS.values(), *MAJOR_GROUPS.values()) for name in names)
    for locale in LOCALES:
        shown = [names.in_language(locale) for names in OCCUPATIONS.values()]
        assert len(set(shown)) >= len(shown) - 1, "two occupations with one name cannot be told apart"


@pytest.mark.parametrize("locale", LOCALES)
def test_names_say_where_they_come_from_and_which_of_them_are_ours(locale: str) -> None:
    wording = WORDINGS[locale]  # type: ignore[index]
    assert wording.source and wording.licence and wording.confidence in CONFIDENCES
    assert set(wording.ours) <= set(wording.names)


def test_names_without_a_source_are_refused() -> None:
    with pytest.raises(ValueError, match="source"):
        occupations.read('source = ""\nlicence = "x"\nconfidence = "O"\nours = []\n[names]\n')


@pytest.mark.parametrize("names", [
    ("2512", "Softwareontwikkelaars", "Concepteurs de logiciels", "Softwareentwickler", "Software developers"),
    ("7511", "Slagers, vishandelaren e.d.", "Bouchers, poissonniers et assimilés",
     "Metzger, Fischhändler und -verarbeiter und verwandte Berufe", "Butchers, fishmongers and related food preparers"),
    ("8331", "Buschauffeurs en trambestuurders", "Conducteurs d’autobus et de tramways", "Busfahrer und Straßenbahnführer", "Bus and tram drivers"),
])  # fmt: skip
def test_an_occupation_is_called_as_in_the_lists(names: tuple[str, ...]) -> None:
    assert tuple(OCCUPATIONS[names[0]]) == names[1:]


def test_every_post_has_a_source_a_country_and_a_day() -> None:
    assert len(POSTS) > 70
    for code, post in POSTS.items():
        assert post.country in country_codes() and code == code.lower()
        assert post.source and post.confidence in CONFIDENCES and post.checked_on
        assert all(post.names), code


@pytest.mark.parametrize("row", ['xxx-nowhere = { city = "Nowhere" }', 'arg-buenos-aires = { city = "Buenos Aires", serves = ["XXX"] }',
                                 'arg-buenos-aires = { city = "Buenos Aires", source = "" }'])  # fmt: skip
def test_a_post_that_cannot_be_is_refused(row: str) -> None:
    with pytest.raises(ValueError):
        posts.read(f'source = "A list"\nconfidence = "O"\nchecked_on = 2026-11-21\n[posts]\n{row}\n')


def test_the_question_tells_to_check_with_the_post() -> None:
    assert "check with the post" in POST.hint


def test_a_post_is_added_in_one_line() -> None:
    table = (resources.files("frontoffice.procedures") / "posts.toml").read_text("utf-8")
    added = posts.read(table + 'ury-montevideo = { city = "Montevideo", source = "A list", confidence = "O", serves = ["PRY"] }\n')
    assert added["ury-montevideo"].names.fr == "Montevideo, Uruguay" and added["ury-montevideo"].serves == ("PRY",)


@pytest.mark.parametrize(("field", "value"), [(OCCUPATION, "2512"), (OCCUPATION, " 0110 "), (POST, "egy-cairo"), (POST, OTHER_POST)])
def test_a_code_of_the_list_is_read(field: SearchSelect, value: str) -> None:
    assert field.read({field.name: value}) == value.strip()


@pytest.mark.parametrize(("field", "value"), [(OCCUPATION, "2515"), (OCCUPATION, "2"), (OCCUPATION, "Cooks"), (POST, "Cairo"), (POST, "bel-brussels")])
def test_anything_else_is_refused(field: SearchSelect, value: str) -> None:
    with pytest.raises(Wrong, match="from the list"):
        field.read({field.name: value})


@pytest.mark.parametrize(("field", "value", "shown"), [
    (OCCUPATION, "5120", Names("Koks (5120)", "Cuisiniers (5120)", "Köche (5120)", "Cooks (5120)")),
    (OCCUPATION, "9999", "9999"),
    (POST, "egy-cairo", Names("Caïro, Egypte", "Le Caire, Égypte", "Kairo, Ägypten", "Cairo, Egypt")),
    (POST, OTHER_POST, Message("Another embassy or consulate, not on this list")),
    (POST, "xxx-nowhere", "xxx-nowhere"),
])  # fmt: skip
def test_a_stored_code_is_told_in_words(field: SearchSelect, value: str, shown: object) -> None:
    assert field.shown(value) == shown


@pytest.mark.parametrize("field", [OCCUPATION, POST])
@pytest.mark.parametrize("locale", LOCALES)
def test_a_list_offers_every_code_once_and_no_other(field: SearchSelect, locale: str) -> None:
    offered = [value for _heading, rows in field.groups(locale) for value, _name in rows]  # type: ignore[arg-type]
    assert len(offered) == len(set(offered)) == len(names_in(field.list_code)) + (field is POST)
    assert all(field.read({field.name: value}) == value for value in offered)


@pytest.mark.parametrize(("code", "value", "names"), [
    ("occupations", "2341", ["Onderwijsgevenden in het basisonderwijs", "Instituteurs, enseignement primaire", "Lehrkräfte im Primarbereich", "Primary school teachers"]),
    ("countries", "DEU", ["Duitsland", "Allemagne", "Deutschland", "Germany"]),
    ("municipalities", "21009", ["Elsene", "Ixelles", "Ixelles", "Ixelles", "1050"]),
    ("posts", "che-bern", ["Bern, Zwitserland", "Berne, Suisse", "Bern, Schweiz", "Bern, Switzerland"]),
])  # fmt: skip
def test_a_list_is_searched_by_its_names_in_the_order_of_the_languages(code: str, value: str, names: list[str]) -> None:
    assert list(names_in(code)[value])[: len(names)] == names
    assert all(len(one) >= len(LOCALES) for one in names_in(code).values())


def test_an_unknown_list_is_not_searched() -> None:
    assert set(SEARCHABLE) == {"countries", "municipalities", "occupations", "posts"}
    with pytest.raises(KeyError):
        names_in("secrets")
