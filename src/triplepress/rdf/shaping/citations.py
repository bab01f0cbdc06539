"""Citations as things: one for each pair of works, with what follows by definition from the facts of both.

The time span and the kinds of self-citation follow from stated dates and identifiers alone, never from names or from
DOI prefixes: a journal may have changed its prefix, and namesakes are many.
"""

from __future__ import annotations

from triplepress.rdf.facts import ArticleFacts, EditionFacts, WorkFacts
from triplepress.rdf.nodes import CitationNode, CitationType
from triplepress.rdf.shaping.dates import date_value, time_span
from triplepress.record import ArticleRecord


def shape_citations(
    facts: ArticleFacts, article: str, cited: dict[str, list[str]], edition: EditionFacts
) -> list[CitationNode]:
    """Return a citation for each work that the article cites by DOI.

    Args:
        facts: The citing record and what is known of the held works that it cites.
        article: The citing article's IRI.
        cited: The IRIs of the reference entries that name a work, by its DOI.
        edition: The edition's facts.
    """
    issued = facts.record.issued
    orcids, rors = author_identifiers(facts.record)
    nodes = []
    for doi, entries in cited.items():
        work = facts.cited.get(doi)
        span = None
        if issued is not None and work is not None and work.issued is not None:
            span = time_span(issued, work.issued)
        nodes.append(
            CitationNode(
                id=edition.minter.citation(article, doi),
                type=_types(facts.journal, orcids, rors, work),
                citing_entity=article,
                cited_entity=edition.minter.work(doi),
                characterization="cito:cites",
                creation_date=date_value(issued),
                time_span=span,
                derived_from=entries,
            )
        )
    return nodes


def author_identifiers(record: ArticleRecord) -> tuple[frozenset[str], frozenset[str]]:
    """Return the ORCID iDs of a record's authors and the ROR iDs of their affiliations, bare: for `WorkFacts`."""
    authors = [contributor for contributor in record.contributors if contributor.role == "author"]
    return (
        frozenset(author.orcid for author in authors if author.orcid is not None),
        frozenset(place.ror for author in authors for place in author.affiliations if place.ror is not None),
    )


def _types(
    journal: str | None, orcids: frozenset[str], rors: frozenset[str], work: WorkFacts | None
) -> list[CitationType]:
    """Return the classes of a citation: a self-citation only where an identifier establishes it."""
    types: list[CitationType] = ["Citation"]
    if work is None:
        return types
    if not orcids.isdisjoint(work.orcids):
        types.append("AuthorSelfCitation")
    if journal is not None and journal == work.journal:
        types.append("JournalSelfCitation")
    if not rors.isdisjoint(work.rors):
        types.append("AffiliationSelfCitation")
    return types
