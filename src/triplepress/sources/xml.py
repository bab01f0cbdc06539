"""From bytes to an element tree: standard entities are resolved here, no DTD and no external entity is ever loaded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from html.entities import html5
from typing import Final

from lxml import etree

# HTML 5 names every character of the ISO and MathML entity sets that the JATS DTDs declare.
_NAMED_ENTITY: Final = re.compile(rb"&([A-Za-z_:][\w.:-]*);")
_XML_ENTITIES: Final = frozenset({b"amp", b"lt", b"gt", b"quot", b"apos"})
_BEFORE_ROOT: Final = re.compile(
    rb"\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>", re.DOTALL | re.IGNORECASE
)
_START_TAG: Final = re.compile(rb"<(?:[\w.-]+:)?([A-Za-z_][\w.-]*)")
_XML_NAMESPACE: Final = "{http://www.w3.org/XML/1998/namespace}"
_XLINK: Final = "{http://www.w3.org/1999/xlink}"


def parse_xml(data: bytes) -> etree._Element:
    """Return the root of an XML document.

    Args:
        data: The document's bytes, in any encoding that XML declares.

    Returns:
        The root element; a named entity that no standard set declares stays in the text as it was written.

    Raises:
        etree.XMLSyntaxError: It is not well-formed, or has a text of more than 10 MB or elements 256 deep: with the
            parser's guards against hostile documents on, there is no such thing.
    """
    if not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        data = resolve_entities(data)
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, dtd_validation=False, huge_tree=False, remove_pis=True
    )
    return etree.fromstring(data, parser)


def resolve_entities(data: bytes) -> bytes:
    """Return XML in an encoding that extends ASCII, its standard named entities as character references.

    Example:
        >>> resolve_entities(b"<p>5&nbsp;&amp;&nosuch;</p>")
        b'<p>5&#160;&amp;&amp;nosuch;</p>'
    """
    return _NAMED_ENTITY.sub(_resolved, data) if b"&" in data else data


def _resolved(match: re.Match[bytes]) -> bytes:
    """Return a named entity as character references, or as plain text where no standard set has it."""
    name = match[1]
    if name in _XML_ENTITIES:
        return match[0]
    characters = html5.get(f"{name.decode('ascii', errors='replace')};")
    if characters is None:
        return b"&amp;" + name + b";"
    return "".join(f"&#{ord(character)};" for character in characters).encode("ascii")


def local_name(element: etree._Element) -> str:
    """Return an element's name without its namespace; empty for comments."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


@lru_cache(maxsize=512)
def _tags(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return names as the patterns by which lxml itself finds elements in any namespace or none."""
    return tuple(f"{{*}}{name}" for name in names)


def children(element: etree._Element | None, *names: str) -> list[etree._Element]:
    """Return the child elements of these names, in order, whatever their namespace."""
    return [] if element is None else list(element.iterchildren(*_tags(names)))


def child(element: etree._Element | None, *path: str) -> etree._Element | None:
    """Return the first element down a path of child names, or None."""
    for name in path:
        found = children(element, name)
        if not found:
            return None
        element = found[0]
    return element


def descendants(element: etree._Element, *names: str) -> Iterator[etree._Element]:
    """Yield the elements of these names below `element`, in document order."""
    return element.iterdescendants(*_tags(names))


def language_of(element: etree._Element) -> str | None:
    """Return an element's own `xml:lang`."""
    return element.get(f"{_XML_NAMESPACE}lang")


def link_of(element: etree._Element) -> str | None:
    """Return an element's `xlink:href`, or a plain `href` of older files."""
    return element.get(f"{_XLINK}href") or element.get("href")


def root_name(head: bytes) -> str | None:
    """Return the name of a document's root element without its prefix, told from the first bytes; None for no XML.

    Example:
        >>> root_name(b'<?xml version="1.0"?><!DOCTYPE article [<!ENTITY x "y">]><!-- one --><article>')
        'article'
        >>> root_name(b"Plain text")
    """
    head = as_utf8(head)
    at = 0
    while match := _BEFORE_ROOT.match(head, at):
        at = match.end()
    start = _START_TAG.match(head, at)
    return start[1].decode("ascii", errors="replace") if start else None


def as_utf8(head: bytes) -> bytes:
    """Return the first bytes of a document in UTF-8 without a mark; those of any encoding but UTF-16 as they are."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head.decode("utf-16", errors="ignore").encode()
    return head.removeprefix(b"\xef\xbb\xbf")
