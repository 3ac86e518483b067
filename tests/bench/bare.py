"""The yardstick: one page of a given size with nothing behind it, made by Litestar and Jinja as their manuals say."""

import sys

import uvicorn
from jinja2 import DictLoader, Environment
from litestar import Litestar, get
from litestar.contrib.jinja import JinjaTemplateEngine
from litestar.response import Template
from litestar.template import TemplateConfig

# Made of expressions, as a page of questions is: the same bytes as one fixed text would cost a third of it.
_PAGE = """<!DOCTYPE html><html lang="en"><head><title>{{ title }}</title></head><body><h1>{{ title }}</h1><form method="post">
{% for field in fields %}<label for="{{ field.name }}">{{ field.label }}</label><input id="{{ field.name }}" name="{{ field.name }}" type="text" value="{{ field.value }}" autocomplete="off" spellcheck="false"><p class="hint">As on the last bill.</p>
{% endfor %}<button>Save</button></form></body></html>"""


def create_app(size: int) -> Litestar:
    """An application with one page of about `size` bytes."""
    engine = JinjaTemplateEngine(engine_instance=Environment(loader=DictLoader({"page.html": _PAGE}), autoescape=True, auto_reload=False))

    def values(questions: int) -> dict[str, object]:
        fields = [{"name": f"question_{nth}", "label": f"Question {nth}", "value": "Noorderlaan 10 & 12"} for nth in range(questions)]
        return {"title": "Place of work", "fields": fields}

    @get("/")
    async def show() -> Template:
        return Template("page.html", context=values(questions))

    few, more = (len(engine.get_template("page.html").render(values(questions))) for questions in (10, 20))
    questions = max(1, 10 + (size - few) * 10 // (more - few))
    return Litestar([show], template_config=TemplateConfig(instance=engine), openapi_config=None, logging_config=None)


if __name__ == "__main__":
    uvicorn.run(create_app(int(sys.argv[2])), port=int(sys.argv[1]), log_config=None, access_log=False, server_header=False)
