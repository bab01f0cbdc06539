"""Addresses that a record states: made valid IRIs where that changes nothing, kept as text where they are none.

JSON-LD drops an invalid IRI without a word. So characters that may not stand in an IRI are percent-encoded, as every
browser does; and what still is no web address goes into the graph as plain text, where the gate finds a literal in
place of an IRI and tells the editor.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final
from urllib.parse import quote

from pyoxigraph import NamedNode

from triplepress.rdf.nodes import Link, PlainValue

_WEB: Final = re.compile(r"(?:https?|ftp)://[^/?#\s]", re.IGNORECASE)
# RFC 3987 leaves these out of IRIs; a per cent sign must start an escape.
_FORBIDDEN: Final = re.compile(r"[\x00-\x20<>\"{}|\\^`\x7f-\xa0]|%(?![0-9A-Fa-f]{2})")


@lru_cache(maxsize=4096)  # licences repeat from record to record
def web_link(address: str) -> Link:
    """Return an http, https or ftp address as an IRI, or as plain text if it is none.

    Example:
        >>> web_link("https://journal.example/a file.pdf")
        'https://journal.example/a%20file.pdf'
        >>> web_link("www.journal.example/1")
        PlainValue(value='www.journal.example/1')
    """
    iri = _FORBIDDEN.sub(lambda found: quote(found[0], safe=""), address.strip())
    if _WEB.match(iri) and _is_iri(iri):
        return iri
    return PlainValue(value=address)


def web_links(addresses: Iterable[str]) -> list[Link]:
    """Return addresses as `web_link` does, each once: two spellings may be one IRI."""
    return list(dict.fromkeys(web_link(address) for address in addresses))


def _is_iri(text: str) -> bool:
    """Tell whether the mapping's own engine takes `text` as an absolute IRI."""
    try:
        NamedNode(text)
    except ValueError:
        return False
    return True
