"""What a page is that is no article's, in words that an editor can act on."""

from __future__ import annotations

import re
from typing import Final

from triplepress.sources.html.page import Page

# The title, or the whole text, of the page that a guard shows instead of the one that was asked for.
_WALLS: Final = (
    ("Cloudflare", r"just a moment|checking your browser|attention required!? \| cloudflare"),
    ("DDoS-Guard", r"ddos-guard|ddos protection by"),
    ("Incapsula", r"request unsuccessful\. incapsula"),
    ("PerimeterX", r"access to this page has been denied"),
    ("Anubis", r"making sure you(?:'|’)re not a bot"),
    ("a captcha", r"captcha|are you a robot|not a robot|я не робот|unusual traffic"),
    ("a refusal of access", r"\baccess denied\b|403 forbidden|доступ (?:запрещ[её]н|ограничен)"),
    ("a check for robots", r"enable javascript and cookies|verify(?:ing)? (?:that )?you are human"),
)
# What only such a guard writes into the source of a page.
_MARKS: Final = (
    ("Cloudflare", r"cf-browser-verification|/cdn-cgi/challenge-platform/h/"),
    ("Incapsula", r"_incapsula_resource"),
    ("PerimeterX", r"px-captcha"),
    ("DataDome", r"geo\.captcha-delivery"),
    ("Anubis", r"anubis_challenge"),
)
_MISSING: Final = re.compile(r"\b404\b|page not found|страница не найдена", re.IGNORECASE)
# What the address and the classes of a page's body say, in the words of OJS.
_PAGES: Final = (
    ("pkp_page_issue", re.compile(r"/issue/(?:view|current|archive)", re.I), "the page of an issue"),
    ("pkp_page_about", re.compile(r"/about(?:/|$)", re.I), "a page about the journal"),
    ("pkp_page_index", re.compile(r"/index\.php/?[^/]*/?(?:index)?$", re.I), "the journal's home page"),
    ("pkp_page_search", re.compile(r"/search(?:/|\?|$)", re.I), "a search page"),
    ("pkp_page_login", re.compile(r"/(?:login|user/register)(?:/|\?|$)", re.I), "a login page"),
    ("pkp_page_announcement", re.compile(r"/announcement", re.I), "an announcement"),
)
_VIEWER: Final = re.compile(r"pdfjs|pdf\.js|pdfcanvascontainer|pdf-?viewer|application/pdf", re.IGNORECASE)
_ISSUE_TITLE: Final = re.compile(r"(?:vol(?:ume)?\.?|том|т\.)\s*\d+.{0,20}(?:no\.?|issue|№)\s*\d+", re.IGNORECASE)
# Characters of readable text, and of source: a wall has little of both.
_SMALL: Final = 4000
_SOURCE: Final = 40000


def wall_of(page: Page, text: str) -> str | None:
    """Return the name of the guard whose page this is, or None.

    Args:
        page: A page that states nothing of an article.
        text: Its source.
    """
    body = page.root.find("body")
    readable = (
        ""
        if body is None
        else "".join(
            piece
            for each in body.iter()
            if each.tag not in {"script", "style"}
            for piece in (each.text or "", each.tail or "")
        )
    )
    shown = f"{page.title}\n{readable if len(readable) < _SMALL else ''}"
    return next(
        (
            name
            for walls, place in ((_MARKS, text if len(text) < _SOURCE else ""), (_WALLS, shown))
            for name, words in walls
            if re.search(words, place, re.IGNORECASE)
        ),
        None,
    )


def kind_of(page: Page) -> str | None:
    """Return what kind of page this is, as far as its head, its address and its body's classes say."""
    body = page.root.find("body")
    classes = (body.get("class") or "").split() if body is not None else []
    addresses = [*page.texts("og.url"), *page.links("canonical")]
    if _MISSING.search(page.title):
        return "the page of an address that is not there (404)"
    embedded = [*page.root.iter("embed"), *page.root.iter("object"), *page.root.iter("iframe")]
    sources = [
        f"{each.get('type') or ''} {each.get('src') or ''} {each.get('data') or ''} {each.get('id') or ''}"
        for each in embedded
    ]
    identifiers = [each.get("id") or "" for each in page.root.iter("div")]
    if any(_VIEWER.search(source) for source in [*sources, *identifiers]):
        return "a viewer of a PDF file"
    for name, address, kind in _PAGES:
        if name in classes or any(address.search(each) for each in addresses):
            return kind
    types = {
        str(value)
        for node in page.nodes
        for value in ([node["@type"]] if isinstance(node["@type"], str) else node["@type"])
    }
    if "PublicationIssue" in types or _ISSUE_TITLE.search(page.title):
        return "the page of an issue"
    return "the page of a journal" if "Periodical" in types else None
