"""Bytes to a page: its encoding, its tree, and the statements in its head."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from lxml import etree
from lxml import html as lxml_html

from triplepress.sources.encoding import NotText, decode_utf8

# As a page declares its encoding, anywhere in it: some do so after 100 KB of scripts.
_DECLARED: Final = re.compile(
    rb"<meta\b[^>]*?\bcharset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]+)|^\s*<\?xml\b[^>]*?\bencoding\s*=\s*[\"']([A-Za-z0-9_.:-]+)",
    re.IGNORECASE,
)
_BOMS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
# https://encoding.spec.whatwg.org/#names-and-labels: what browsers take these labels for.
_LABELS: Final = {
    "latin1": "cp1252",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "us-ascii": "cp1252",
    "ascii": "cp1252",
}
_BLANKS: Final = re.compile(r"\s+")


class Meta(NamedTuple):
    """One `meta` element.

    Attributes:
        name: Its name or property in lower case, its parts joined by dots: `dc.title`, `citation_doi`.
        content: Its content, not empty.
        lang: The language that it states.
    """

    name: str
    content: str
    lang: str | None


@dataclass
class Page:
    """A page.

    Attributes:
        root: Its element tree.
        metas: Its `meta` elements that state something, in order.
        nodes: The JSON-LD objects in it, those of each `@graph` and list one by one.
        title: The text of its `title` element.
    """

    root: etree._Element
    metas: list[Meta] = field(default_factory=list)
    nodes: list[Mapping[str, Any]] = field(default_factory=list)
    title: str = ""

    def all(self, *names: str) -> list[Meta]:
        """Return the statements of these names, those of the first name before those of the next."""
        return [meta for name in names for meta in self.metas if meta.name == name]

    def texts(self, *names: str) -> list[str]:
        """Return the contents of the statements of these names."""
        return [meta.content for meta in self.all(*names)]

    def first(self, *names: str) -> str | None:
        """Return the first content of the first of these names that has one."""
        return next(iter(self.texts(*names)), None)

    def links(self, rel: str) -> list[str]:
        """Return the addresses of the links of one kind."""
        return [
            link.get("href", "").strip()
            for link in self.root.iter("link", "a")
            if rel in (link.get("rel") or "").lower().split() and link.get("href")
        ]


def decode_page(data: bytes) -> str | NotText:
    """Return the text of a page, or why it is none.

    A byte order mark wins over a declaration. Without either a page is UTF-8 or is refused: what else its letters may
    be is not guessed. A page that declares one encoding and is plainly UTF-8 is read as that.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    utf8 = decode_utf8(data)
    declared = _DECLARED.search(data)
    if isinstance(utf8, str) or declared is None:
        return utf8
    label = (declared[1] or declared[2]).decode("ascii").lower()
    try:
        return data.decode(codecs.lookup(_LABELS.get(label, label)).name)
    except (LookupError, UnicodeDecodeError):
        message = f"the page says that it is {label}, and its bytes are not"
        return NotText(message, "Save the page again from a browser, as HTML")


def parse_page(text: str) -> Page | None:
    """Return a page, None where there is no element in it."""
    parser = lxml_html.HTMLParser(encoding="utf-8", no_network=True)
    try:
        root = lxml_html.document_fromstring(text.encode("utf-8", errors="replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        return None
    page = Page(root)
    title = next(root.iter("title"), None)
    page.title = folded("".join(map(str, title.itertext()))) if title is not None else ""
    for element in root.iter("meta"):
        name = (element.get("name") or element.get("property") or "").strip().lower().replace(":", ".")
        content = (element.get("content") or "").strip()
        if name and content:
            lang = element.get("xml:lang") or element.get("lang") or element.get("language")
            page.metas.append(Meta(name.removeprefix("bepress_"), content, lang))
    for script in root.iter("script"):
        if "ld+json" in (script.get("type") or "").lower():
            page.nodes.extend(_nodes(script.text or ""))
    return page


def folded(text: str) -> str:
    """Return a text on one line."""
    return _BLANKS.sub(" ", text).strip()


def _nodes(text: str) -> Iterator[Mapping[str, Any]]:
    """Yield the objects of one JSON-LD block; a broken one gives none."""
    bare = re.sub(r"^\s*(?:<!--|//<!\[CDATA\[)|(?:-->|//\]\]>)\s*$", "", text).strip().rstrip(";")
    try:
        value = json.loads(bare, strict=False)
    except (ValueError, RecursionError):
        return
    stack = [value]
    while stack:
        each = stack.pop(0)
        if isinstance(each, list):
            stack[:0] = each
        elif isinstance(each, dict):
            graph = each.get("@graph")
            if isinstance(graph, list | dict):
                stack.insert(0, graph)
            if "@type" in each:
                yield each
