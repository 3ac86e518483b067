"""Pages from templates: a whole page, or the one block that htmx will replace; rendering ends before the transaction does."""

import gzip
import hashlib
import html
import mimetypes
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from gettext import NullTranslations
from types import CodeType, SimpleNamespace
from typing import Any, cast
from urllib.parse import quote, urlencode

from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined, pass_eval_context
from jinja2.bccache import Bucket
from jinja2.nodes import EvalContext
from litestar import Request, Response
from litestar.datastructures import State
from markupsafe import Markup

from frontoffice.kernel import i18n
from frontoffice.kernel.errors import Problem
from frontoffice.kernel.i18n import LANGUAGE_NAMES, LOCALES, Locale, mark
from frontoffice.kernel.message import Message, Names, say
from frontoffice.settings import resources

Web = Request[Any, Any, State]


class Addresses:
    """The address of each named route, made from its path pattern; filled once by create_app."""

    def __init__(self) -> None:
        self._patterns: dict[str, str] = {}

    def learn(self, patterns: Mapping[str, str]) -> None:
        """Take over the named routes of the running application, as `/dossiers/{number}`."""
        self._patterns.update(patterns)

    def path(self, name: str, locale: Locale | None = None, **params: object) -> str:
        """The path of a route; parameters that the path lacks become its query. Raises KeyError for an unknown name."""
        path, query = self._patterns[name], {}
        for key, value in params.items():
            slot = "{" + key + "}"
            if slot in path:
                path = path.replace(slot, quote(str(value), safe=""))
            elif value is not None and value != "":
                query[key] = value
        return (f"/{locale}" if locale else "") + path + ("?" + urlencode(query) if query else "")


addresses = Addresses()


@dataclass(frozen=True)
class Asset:
    """A static file, kept in memory plain and compressed; `etag` changes with its bytes."""

    content: bytes
    zipped: bytes
    media_type: str
    etag: str


@cache
def assets() -> dict[str, Asset]:
    """Every static file that the browser may ask for, by its path below `static/`."""
    root = resources("static")
    found = {name: _asset(name, make()) for name, make in _MADE.items()}
    for folder in ("built", "scripts", "icons"):
        for file in sorted((root / folder).rglob("*")):
            if file.is_file() and file.suffix in {".css", ".js", ".svg", ".png", ".ico", ".webmanifest"}:
                name = file.relative_to(root).as_posix()
                found[name] = _asset(name, file.read_bytes())
    return found


def _asset(name: str, content: bytes) -> Asset:
    kind = "text/javascript" if name.endswith(".js") else mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Asset(content, gzip.compress(content, 9, mtime=0), kind, hashlib.sha256(content).hexdigest()[:16])


_MADE: dict[str, Callable[[], bytes]] = {}


def made_asset(name: str, make: Callable[[], bytes]) -> None:
    """Serve beside the static files one that is made from data, such as a list that a script searches."""
    _MADE[name] = make
    assets.cache_clear()


def asset(path: str) -> str:
    """The address of a static file, with its version so that browsers may keep it for a year."""
    return f"/static/{path}?v={assets()[path].etag}"


class _Compiled(BytecodeCache):
    """The compiled templates, kept once for all languages: compiling them again would take a third of the start-up."""

    def __init__(self) -> None:
        self._kept: dict[str, CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take the code that another language compiled."""
        bucket.code = self._kept.get(bucket.key)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the code for the other languages."""
        if bucket.code:
            self._kept[bucket.key] = bucket.code


_COMPILED = _Compiled()


def _gettext_of(translations: NullTranslations) -> Callable[..., str]:
    """What `_` is in templates: Jinja's own function without its inner calls, which took a tenth of a page; texts are escaped too."""

    @lru_cache(maxsize=4096)
    def safe(message: str) -> Markup:
        # Some of what templates translate is named by others, such as a capacity. Apostrophes stay: attributes stand in double quotes.
        return Markup(html.escape(translations.gettext(message), quote=False).replace('"', "&#34;"))  # noqa: S704 - escaped

    @pass_eval_context
    def gettext(context: EvalContext, message: str, **params: object) -> str:
        text = safe(message) if context.autoescape else translations.gettext(message)
        return text % params if params else text

    return gettext


@cache
def environment(locale: Locale) -> Environment:
    """The templates of one language: autoescape on, an undefined name is an error."""
    root = resources("templates")
    made = Environment(loader=FileSystemLoader(root), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
                       lstrip_blocks=True, extensions=["jinja2.ext.i18n", "jinja2.ext.do"], auto_reload=False, cache_size=-1, bytecode_cache=_COMPILED)
    made.install_gettext_translations(i18n.catalogue(locale), newstyle=True)  # type: ignore[attr-defined]
    translate = _gettext_of(i18n.catalogue(locale))
    made.globals |= {
        "_": translate, "gettext": translate,
        "locale": locale, "locales": LOCALES, "language_names": LANGUAGE_NAMES, "asset": asset,
        "url": lambda name, **params: addresses.path(name, locale, **params),
        "country_options": country_options(locale),
    }
    for name, function in _SHOWN.items():
        made.filters[name] = _with_locale(function, locale)
    # Imports at the top of a template are invisible when a block is rendered alone, hence one global for all components.
    components = {path.stem: made.get_template(f"components/{path.name}").module for path in sorted((root / "components").glob("*.html"))}
    made.globals["ui"] = SimpleNamespace(**components)
    return made


def _tell(value: Message | Problem | str, locale: Locale) -> str:
    if isinstance(value, str):
        return i18n.translator(locale)(value)
    if isinstance(value, Problem):
        return say(Message(value.message, value.params), locale)  # type: ignore[arg-type]
    return say(value, locale)


_SHOWN: dict[str, Callable[[Any, Locale], Any]] = {
    "day": i18n.show_day, "moment": i18n.show_moment, "money": i18n.show_money, "number": i18n.show_number,
    "size": i18n.show_size, "country": i18n.country_name, "tell": _tell,
}


def _shown(value: Message | Names | str, locale: Locale) -> str:
    """A value of an answer: what a person typed is never looked up in a catalogue."""
    if isinstance(value, Names):
        return value.in_language(locale)
    return say(value, locale) if isinstance(value, Message) else value


def _told(problems: Mapping[str, Problem], locale: Locale) -> dict[str, str]:
    return {name: _tell(one, locale) for name, one in problems.items()}


def _confidence(sureness: str, locale: Locale) -> str:
    """How sure a fact is, in words."""
    return i18n.translator(locale)(_CONFIDENCE[sureness])


_CONFIDENCE = {
    "O": mark("from an official source"), "P": mark("from a professional publication: check with the authority"),
    "C": mark("from a recent overview: check with the authority"), "U": mark("not confirmed: check with the authority"),
}


def _translated(texts: Iterable[str], locale: Locale) -> list[str]:
    return [i18n.translator(locale)(one) for one in texts]


_SHOWN |= {"translated": _translated, "shown": _shown, "told": _told, "confidence": _confidence}


def _with_locale(function: Callable[[Any, Locale], Any], locale: Locale) -> Callable[[Any], Any]:
    return lambda value: function(value, locale)


@cache
def country_options(locale: Locale) -> Markup:
    """The options of a list of countries, rendered once per language and kept; the macro marks the chosen one."""
    rows = (Markup('<option value="{}">{}</option>').format(code, name) for code, name in i18n.countries(locale))
    return Markup("").join(rows)


def locale_of(request: Web) -> Locale:
    """The language of this page, which its address tells."""
    locale: Locale = cast(Mapping[str, Any], request.scope).get("frontoffice.locale", "en")
    return locale


def page(request: Web, template: str, *, status: int = 200, **context: object) -> Response[str]:
    """A page, or only the block that htmx asked for by the id of the element it will replace."""
    locale = locale_of(request)
    made = environment(locale).get_template(template)
    values = {**shared(request, locale), **context}
    wanted = request.headers.get("hx-target", "")
    if request.headers.get("hx-request") == "true" and wanted in made.blocks and not request.headers.get("hx-history-restore-request"):
        text = "".join(made.blocks[wanted](made.new_context(values)))
    else:
        text = made.render(values)
    return Response(text, status_code=status, media_type="text/html; charset=utf-8", headers={"Vary": "HX-Request, HX-Target"})


def shared(request: Web, locale: Locale) -> dict[str, object]:
    """What every page may use beside the values of its handler."""
    scope = cast(Mapping[str, Any], request.scope)
    path = scope.get("frontoffice.path", "/")
    query = request.url.query
    return {
        "actor": scope.get("frontoffice.actor"),
        "csrf_token": scope.get("frontoffice.form_token", ""),
        "path_in": lambda other: f"/{other}{path}" + (f"?{query}" if query and request.method == "GET" else ""),
        "signed_in_minutes_left": scope.get("frontoffice.idle_minutes"),
    }


def problems_by_field(problems: Iterable[Problem]) -> dict[str, Problem]:
    """Problems as the error summary wants them: one for each question, the first counts."""
    found: dict[str, Problem] = {}
    for one in problems:
        found.setdefault(one.field, one)
    return found


def see_other(request: Web, name: str, *, anchor: str = "", **params: object) -> Response[None]:
    """After a form: go and read the page of that name (303)."""
    where = addresses.path(name, locale_of(request), **params) + (f"#{anchor}" if anchor else "")
    return Response(None, status_code=303, headers={"Location": where})


def part(template: str, locale: Locale, **context: object) -> Markup:
    """A piece of a page, in a language that need not be the page's own."""
    return Markup(environment(locale).get_template(template).render(context))  # noqa: S704 - a template of ours, which escapes


def render_text(template: str, locale: Locale, **context: object) -> str:
    """A text that is not a page, such as a mail."""
    return environment(locale).get_template(template).render(context)


