"""An environment like the one that pages are rendered in, without settings or catalogues."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined

ROOT = Path(__file__).parents[2]


def component_environment() -> Environment:
    """Templates with English texts, and addresses that spell the route they lead to."""
    env = Environment(
        loader=FileSystemLoader(ROOT / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    env.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
    env.filters["tell"] = env.filters["shown"] = env.filters["moment"] = env.filters["day"] = str
    env.globals["url"] = lambda name, **params: "/" + "/".join(["en", name, *map(str, params.values())])
    env.globals["locale"] = "en"
    env.globals["asset"] = lambda path: f"/static/{path}"
    env.globals["language_names"] = {"nl": "Nederlands", "fr": "Français", "de": "Deutsch", "en": "English"}
    names = sorted(path.stem for path in (ROOT / "templates" / "components").glob("*.html"))
    env.globals["ui"] = SimpleNamespace(**{name: env.get_template(f"components/{name}.html").module for name in names})
    return env


@pytest.fixture(scope="session")
def env() -> Environment:
    return component_environment()


@pytest.fixture(scope="session")
def ui(env: Environment) -> SimpleNamespace:
    found = env.globals["ui"]
    assert isinstance(found, SimpleNamespace)
    return found
