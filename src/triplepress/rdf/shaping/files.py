"""Files of the full text, and the pages of the print: embodiments of the article."""

from __future__ import annotations

import re
from typing import Final

from triplepress.rdf.facts import EditionFacts
from triplepress.rdf.nodes import FileNode, PagesNode
from triplepress.rdf.shaping.links import web_link
from triplepress.rdf.shaping.provenance import media_type_iri
from triplepress.record import ArticleRecord

# RFC 6838, section 4.2: restricted names; parameters are no part of a registered type.
_MEDIA_TYPE: Final = re.compile(r"\s*([a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*)\s*(?:;.*)?", re.IGNORECASE)


def shape_files(record: ArticleRecord, article: str, edition: EditionFacts) -> list[FileNode | PagesNode]:
    """Return a manifestation for each file, and in the OCDM layer one for the pages."""
    minter = edition.minter
    nodes: list[FileNode | PagesNode] = []
    for n, file in enumerate(record.files, 1):
        match = _MEDIA_TYPE.fullmatch(file.media_type or "")
        media_type = match[1].lower().replace("^", "%5E") if match else None
        nodes.append(
            FileNode(
                id=minter.sub(article, "file", n),
                format=None if media_type is None else media_type_iri(media_type),
                exemplar=web_link(file.url),
            )
        )
    if edition.ocdm and (record.first_page or record.last_page):
        nodes.append(
            PagesNode(id=minter.sub(article, "pages"), starting_page=record.first_page, ending_page=record.last_page)
        )
    return nodes
