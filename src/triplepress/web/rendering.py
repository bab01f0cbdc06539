"""From a template to a page: the Jinja2 environment, the stylesheet under its own hash, links and language."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from functools import cached_property
from importlib.resources import files
from typing import Any, Final, NamedTuple
from urllib.parse import quote, urlencode, urlsplit

import jinja2
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse

from triplepress import __version__
from triplepress.identifiers import doi_iri
from triplepress.rdf.formats import GRAPH_FORMATS
from triplepress.settings import Settings
from triplepress.web.things import OUTSIDE_ID
from triplepress.web.translations import LANGUAGES, Translator, choose_language
from triplepress.web.view import compact

_PACKAGE: Final = files("triplepress.web")
STATIC_TYPES: Final = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
# Names of licences by their canonical IRI; any other licence is shown by its IRI.
_LICENCE: Final = re.compile(
    r"https?://creativecommons\.org/(?:licenses/(?P<kind>[a-z-]+)|(?P<zero>publicdomain/zero))/(?P<version>[0-9.]+)/?"
)


class Twin(NamedTuple):
    """The data of a page in one format."""

    media_type: str
    href: str
    label: str


class StaticFile(NamedTuple):
    """A file that belongs to the pages, held in memory."""

    content: bytes
    media_type: str
    digest: str


def licence_name(iri: str) -> str:
    """Return the short name of a Creative Commons licence, or the IRI itself.

    Example:
        >>> licence_name("https://creativecommons.org/licenses/by-nc/4.0/")
        'CC BY-NC 4.0'
    """
    match = _LICENCE.fullmatch(iri)
    if not match:
        return iri
    return f"CC0 {match['version']}" if match["zero"] else f"CC {match['kind'].upper()} {match['version']}"


def grouped(number: int) -> str:
    """Return a count with thin no-break spaces between thousands, readable in both languages.

    Example:
        >>> grouped(1234567) == "1\u202f234\u202f567"
        True
    """
    return f"{number:,}".replace(",", "\u202f")


def file_size(size: int) -> str:
    """Return a size in bytes for a reader, in decimal units.

    Example:
        >>> file_size(999), file_size(15_300), file_size(2_500_000_000)
        ('999 B', '15.3 kB', '2.5 GB')
    """
    amount = float(size)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000:
            return f"{amount:.1f} {unit}" if unit != "B" else f"{size} B"
        amount /= 1000
    return f"{amount:.1f} TB"


def paragraphs(text: str) -> Markup:
    """Return a text with blank lines as HTML paragraphs, everything escaped."""
    parts = [part.strip() for part in re.split(r"\n\s*\n", text)]
    return Markup("").join(Markup("<p>{}</p>").format(part) for part in parts if part)


def breakable(text: str) -> Markup:
    """Return a long identifier with places where a narrow screen may break it."""
    return Markup(re.sub(r"(?<=[/.:_])(?=\w)", "<wbr>", str(escape(text))))  # noqa: S704 - escaped on this line


class Site:
    """What every page shares: settings, templates, the stylesheet, and where links lead.

    Attributes:
        settings: The settings in force.
        prefix: The base's path without its final slash, such as `/lod`; empty when the base has none. Links and
            redirects are path-absolute below it, so they work under every name the server is reached by.
    """

    def __init__(self, settings: Settings) -> None:
        """Load templates and static files."""
        self.settings = settings
        self.prefix = urlsplit(settings.base).path.rstrip("/")
        self.static = {
            entry.name: _static_file(entry.name, entry.read_bytes())
            for entry in _PACKAGE.joinpath("static").iterdir()
            if entry.name.rpartition(".")[2] in STATIC_TYPES
        }
        self.environment = jinja2.Environment(
            loader=jinja2.PackageLoader("triplepress.web"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.environment.filters |= {
            "grouped": grouped,
            "file_size": file_size,
            "paragraphs": paragraphs,
            "breakable": breakable,
        }
        self.environment.globals |= {
            "settings": settings,
            "languages": LANGUAGES,
            "static": self.static_address,
            "licence_name": licence_name,
            "path_of": self.page_path,
            "local_path": self.path_of,
            "plain_url": lambda path: self.prefix + path,
            "doi_link": doi_iri,
            "compact": compact,
            "link_of": lambda text: text.startswith(("https://", "http://", "mailto:")),
        }

    @cached_property
    def fingerprint(self) -> str:
        """What pages depend on besides the release: version, settings, templates, styles, translations."""
        digest = hashlib.sha256(f"{__version__} {self.settings}".encode())
        for folder in ("templates", "static", "translations"):
            for entry in sorted(_PACKAGE.joinpath(folder).iterdir(), key=lambda entry: entry.name):
                if entry.is_file():
                    digest.update(entry.read_bytes())
        return digest.hexdigest()[:16]

    def static_address(self, name: str) -> str:
        """Return the address of a static file; its digest is in the name, so it can be kept for ever."""
        stem, _, suffix = name.rpartition(".")
        return f"{self.prefix}/static/{stem}.{self.static[name].digest}.{suffix}"

    def path_of(self, iri: str) -> str | None:
        """Return the path-absolute address of an IRI below the base, None for an outside one."""
        if not iri.startswith(self.settings.base):
            return None
        return f"{self.prefix}/{iri[len(self.settings.base) :]}"

    def page_path(self, iri: str) -> str:
        """Return the path, without the prefix, of the page about a thing below the base; files stay what they are."""
        rest = iri.removeprefix(self.settings.base)
        head = rest.partition("/")[0].partition("#")[0]
        if head == "id":
            return "/page/" + rest.partition("/")[2]
        return f"/page/{rest}" if head in OUTSIDE_ID else f"/{rest}"

    def language(self, request: Request) -> str:
        """Return the interface language for a request."""
        return choose_language(
            request.query_params.get("lang"), request.headers.get("accept-language"), self.settings.language
        )

    def twins(self, data_path: str) -> list[Twin]:
        """Return the data formats of a page; `data_path` is the path of its data document, without the prefix."""
        return [Twin(f.media_type, f"{self.prefix}{data_path}?format={f.name}", f.label) for f in GRAPH_FORMATS]

    def render(
        self,
        request: Request,
        template: str,
        context: Mapping[str, Any] | None = None,
        *,
        data_path: str | None = None,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> HTMLResponse:
        """Return a page.

        Args:
            request: What is answered: its language, and the release it is answered from.
            template: A file of `templates/`.
            context: The template's own values; `t`, `lang`, `url`, `settings`, `release`, ... are always there.
            data_path: The path of the page's data document, None for a page that has none.
            status: The HTTP status.
            headers: Further headers.
        """
        lang = self.language(request)
        asked = request.query_params.get("lang")
        translator = Translator(lang)

        def url(path: str) -> str:
            """Return the address of a path of this site; a language that was asked for goes along."""
            if asked != lang:
                return self.prefix + path
            path, mark, fragment = path.partition("#")
            return f"{self.prefix}{path}{'&' if '?' in path else '?'}lang={lang}{mark}{fragment}"

        def in_language(code: str) -> str:
            """Return this page's own address in another language."""
            kept = [(key, value) for key, value in request.query_params.multi_items() if key != "lang"]
            return f"{self.prefix}{own_path(request)}?{urlencode([*kept, ('lang', code)])}"

        def turn(page: int, fragment: str) -> str:
            """Return this page's own address with its list turned to another page."""
            kept = [(key, value) for key, value in request.query_params.multi_items() if key != "page"]
            return f"{self.prefix}{own_path(request)}?{urlencode([*kept, ('page', page)])}#{fragment}"

        edition = request.scope.get("triplepress.edition")
        values = {
            "t": translator,
            "lang": lang,
            "url": url,
            "in_language": in_language,
            "turn": turn,
            "here": request.scope["path"],
            "release": edition.id if edition else None,
            "twins": self.twins(data_path) if data_path else [],
            **(context or {}),
        }
        html = self.environment.get_template(template).render(values)
        merged = {"Content-Language": lang, "Vary": "Accept, Accept-Language", **(headers or {})}
        return HTMLResponse(html, status, merged)


def own_path(request: Request) -> str:
    """Return a request's path below the base as it came over the wire: percent-escapes kept."""
    raw: bytes | None = request.scope.get("raw_path")
    return quote(raw, safe="/%-._~!$&'()*+,;=:@") if raw else quote(request.scope["path"])


def _static_file(name: str, content: bytes) -> StaticFile:
    return StaticFile(content, STATIC_TYPES[name.rpartition(".")[2]], hashlib.sha256(content).hexdigest()[:12])


def site_of(request: Request) -> Site:
    """Return the site that answers a request."""
    site: Site = request.app.state.site
    return site
