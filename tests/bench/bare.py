"""The yardstick: one page of a given size with nothing behind it, made by Litestar and Jinja as their manuals say."""

import sys

import uvicorn
from jinja2 import DictLoader, Environment
from litestar import Litestar, get
from litestar.contrib.jinja import JinjaTemplateEngine
from litestar.response import Template
from litestar.template import TemplateConfig

_PAGE = """<!DOCTYPE html><html lang="en"><head><title>{{ title }}</title></head><body><h1>{{ title }}</h1><form method="post">
{% for field in fields %}<label for="{{ field.name }}">{{ field.label }}</label><input id="{{ field.name }}" name="{{ field.name }}" value="{{ field.value }}">
{% endfor %}<button>Save</button></form>"""
_FIELDS = [{"name": f"question_{nth}", "label": f"Question {nth}", "value": "Noorderlaan 10 & 12"} for nth in range(4)]
_VALUES = {"title": "Place of work", "fields": _FIELDS}


def create_app(size: int) -> Litestar:
    """An application with one page of about `size` bytes."""
    short = len(Environment(autoescape=True).from_string(_PAGE).render(_VALUES))
    source = _PAGE + "<p>" + "Lorem ipsum dolor sit amet. " * ((size - short) // 28) + "</p></body></html>"
    engine = JinjaTemplateEngine(engine_instance=Environment(loader=DictLoader({"page.html": source}), autoescape=True, auto_reload=False))

    @get("/")
    async def show() -> Template:
        return Template("page.html", context=_VALUES)

    return Litestar([show], template_config=TemplateConfig(instance=engine), openapi_config=None, logging_config=None)


if __name__ == "__main__":
    uvicorn.run(create_app(int(sys.argv[2])), port=int(sys.argv[1]), log_config=None, access_log=False, server_header=False)
