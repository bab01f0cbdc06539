"""What the text of an Elpub page adds to its head: the printed references, the citation line, the history.

An Elpub site writes the article's data into its head and its reference list only into its text. That text is read by
the reader that knows it, and it counts only if it names the DOI that the head states.
"""

from __future__ import annotations

from typing import Any, Final

from lxml import etree
from msgspec.structs import replace

from triplepress.record import ArticleRecord, Source
from triplepress.sources.elpub.record import is_elpub, read_elpub
from triplepress.sources.html.page import Page, folded

_BLOCKS: Final = frozenset(
    {"p", "div", "br", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "tr", "td", "th", "table", "section", "hr"}
    | {"article", "header", "footer", "nav", "aside", "main", "blockquote", "dt", "dd", "form", "option", "figure"}
)
_SILENT: Final = frozenset({"script", "style", "noscript", "template", "head", "select", "button", "svg"})
# What the head does not say, or says worse.
_ADDED: Final = (
    "references",
    "citation",
    "language",
    "received",
    "accepted",
    "available",
    "abstracts",
    "keywords",
    "licences",
)


def with_elpub_body(record: ArticleRecord, page: Page, source: Source) -> ArticleRecord:
    """Return the record with what the text of an Elpub page adds; any other page's record as it is."""
    if record.references or record.doi is None:
        return record
    text = body_text(page)
    if not is_elpub(text):
        return record
    read = read_elpub(text.encode(), source)
    if not isinstance(read, ArticleRecord) or read.doi != record.doi:
        return record
    added: dict[str, Any] = {
        name: value for name in _ADDED if not getattr(record, name) and (value := getattr(read, name))
    }
    if [title.text for title in read.titles] == [title.text for title in record.titles]:
        added["titles"] = read.titles  # with the language of the page's interface
    if record.journal and read.journal and record.journal.issn == read.journal.issn and not record.journal.eissn:
        added["journal"] = replace(record.journal, eissn=read.journal.eissn)
    about = [warning for warning in read.warnings if warning.field.partition("[")[0] in added]
    return replace(record, **added, warnings=[*record.warnings, *about])


def body_text(page: Page) -> str:
    """Return the readable text of a page, a line for each block, as a browser saves it."""
    lines: list[str] = [""]

    def walk(element: etree._Element) -> None:
        if not isinstance(element.tag, str) or element.tag in _SILENT:
            return
        block = element.tag in _BLOCKS
        if block:
            lines.append("")
        lines[-1] += element.text or ""
        for inner in element:
            walk(inner)
            lines[-1] += inner.tail or ""
        if block:
            lines.append("")

    body = page.root.find("body")
    if body is not None:
        walk(body)
    return "\n".join(folded(line) for line in lines)
