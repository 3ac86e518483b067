"""The Belgian embassies and consulates where a person abroad may ask for a visa, from posts.toml."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Any

from frontoffice.kernel.i18n import LOCALES, country_codes, country_name
from frontoffice.kernel.message import Names
from frontoffice.procedures.figures import CONFIDENCES


@dataclass(frozen=True, kw_only=True)
class DiplomaticPost:
    """One post: its code is its country and its city; `serves` names other countries, where a source tells."""

    code: str
    city: Names
    source: str
    confidence: str
    checked_on: date
    serves: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not {self.country, *self.serves} <= country_codes():
            raise ValueError(f"{self.code}: no such country")
        if not (self.source and self.confidence in CONFIDENCES):
            raise ValueError(f"{self.code}: a post needs a source and a confidence")

    @property
    def country(self) -> str:
        """The country in which it stands (ISO 3166-1 alpha-3)."""
        return self.code[:3].upper()

    @property
    def names(self) -> Names:
        """The city and the country, in each language."""
        return Names(*(f"{self.city.in_language(one)}, {country_name(self.country, one)}" for one in LOCALES))


def read(text: str) -> Mapping[str, DiplomaticPost]:
    """The posts of a table by code; what stands before the first of them holds for each that says nothing else."""
    table = tomllib.loads(text)
    posts = table.pop("posts")
    return {code: _post({"code": code, **table, **one}) for code, one in posts.items()}


def _post(row: Mapping[str, Any]) -> DiplomaticPost:
    city = row["city"]
    names = Names(**city) if isinstance(city, Mapping) else Names(city, city, city, city)
    return DiplomaticPost(**{**row, "city": names, "serves": tuple(row.get("serves", ()))})


POSTS: Mapping[str, DiplomaticPost] = read((files(__package__) / "posts.toml").read_text("utf-8"))
