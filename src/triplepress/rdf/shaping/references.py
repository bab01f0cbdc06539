"""The reference list: every entry with its text as printed, and works that only its fields describe."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from triplepress.rdf.facts import EditionFacts
from triplepress.rdf.nodes import DescribedWorkNode, ReferenceNode
from triplepress.rdf.shaping.texts import language_map
from triplepress.record import ArticleRecord, Reference

# A field of a described work's node, and the names that sources give it, the first stated one winning.
_FIELDS: Final = {
    "title": (
        *("title", "article_title", "article-title", "chapter-title", "part-title", "data-title", "volume-title"),
        *("series-title", "standard-title", "citation_title", "name", "headline"),
    ),
    "year": ("year", "publicationYear", "citation_year", "citation_publication_date", "citation_date", "datePublished"),
    "volume": ("volume", "citation_volume"),
    "starting_page": ("first_page", "first-page", "fpage", "firstPage", "citation_first_page", "citation_firstpage"),
}
# In JATS a book has its title in the element that names the journal of an article.
_WHOLE_WORKS: Final = frozenset({"book", "thesis", "report", "dissertation", "software", "data", "web", "webpage"})
_YEAR: Final = re.compile(r"[0-9]{4}")


@dataclass(frozen=True, slots=True)
class ReferenceList:
    """The IRIs of the entries, their nodes, and which entries name which DOI."""

    iris: list[str]
    nodes: list[ReferenceNode | DescribedWorkNode]
    cited: dict[str, list[str]]


def shape_references(record: ArticleRecord, article: str, edition: EditionFacts) -> ReferenceList:
    """Return the reference list of a record in its order.

    An entry's IRI has its number; should two entries bear one number, the later ones are told apart by a second.
    """
    minter = edition.minter
    entries: list[ReferenceNode] = []
    works: list[DescribedWorkNode] = []
    cited: dict[str, list[str]] = {}
    for reference, number in zip(record.references, reference_numbers(record), strict=True):
        iri = minter.sub(article, "ref", number)
        work: str | None = None
        if reference.doi is not None:
            work = minter.work(reference.doi)
            cited.setdefault(reference.doi, []).append(iri)
        else:
            node = _described_work(minter.sub(article, "cited", number), reference)
            if node is not None:
                works.append(node)
                work = node.id
        entries.append(ReferenceNode(id=iri, number=reference.position, content=reference.text, references=work))
    return ReferenceList([entry.id for entry in entries], [*entries, *works], cited)


def reference_numbers(record: ArticleRecord) -> list[str]:
    """Return what tells each entry of the reference list from the others: its number, a second one if it is repeated.

    Example:
        >>> reference_numbers(ArticleRecord(references=[Reference(position=n) for n in (1, 2, 2)]))
        ['1', '2', '2-2']
    """
    seen: dict[int, int] = {}
    numbers = []
    for reference in record.references:
        times = seen[reference.position] = seen.get(reference.position, 0) + 1
        numbers.append(str(reference.position) if times == 1 else f"{reference.position}-{times}")
    return numbers


def _described_work(iri: str, reference: Reference) -> DescribedWorkNode | None:
    """Return what the source's own fields say of a work without a DOI, or None if they say nothing that has a term."""
    title = _stated(reference.fields, "title")
    if title is None and str(reference.fields.get("publication-type")).lower() in _WHOLE_WORKS:
        source = reference.fields.get("source")
        title = source if isinstance(source, str) else None
    year = _YEAR.fullmatch(_stated(reference.fields, "year") or "")
    node = DescribedWorkNode(
        id=iri,
        title=language_map([(title, None)]),
        publication_year=None if year is None else year[0],
        volume=_stated(reference.fields, "volume"),
        starting_page=_stated(reference.fields, "starting_page"),
        pmid=reference.identifiers.get("pmid"),
        pmcid=reference.identifiers.get("pmcid"),
    )
    return None if node == DescribedWorkNode(id=iri) else node


def _stated(fields: dict[str, Any], field: str) -> str | None:
    """Return a field of a reference as text, or None if no source's name of it holds a text or a whole number."""
    for name in _FIELDS[field]:
        value = fields.get(name)
        if isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
            return str(value)
    return None
