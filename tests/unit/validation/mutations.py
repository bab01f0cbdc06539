"""One way at least to break each shape: what is done to the conforming graph, and what must be found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Final

import pyoxigraph as ox

_PROLOGUE: Final = """
@base <https://data.example.org/> .
@prefix biro: <http://purl.org/spar/biro/> .
@prefix c4o: <http://purl.org/spar/c4o/> .
@prefix cito: <http://purl.org/spar/cito/> .
@prefix datacite: <http://purl.org/spar/datacite/> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix fabio: <http://purl.org/spar/fabio/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix frbr: <http://purl.org/vocab/frbr/core#> .
@prefix literal: <http://www.essepuntato.it/2010/06/literalreification/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix prism: <http://prismstandard.org/namespaces/basic/2.0/> .
@prefix pro: <http://purl.org/spar/pro/> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix schema: <https://schema.org/> .
@prefix void: <http://rdfs.org/ns/void#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""

ARTICLE: Final = "<id/doi/10.1234/citing>"
CITED: Final = "<id/doi/10.1234/cited>"
SICI: Final = "<id/doi/10.1002/(sici)1097-4571(199806)49:8%3C693::aid-asi4%3E3.0.co;2-o>"
JOURNAL: Final = "<id/journal/2313-8920>"
VOLUME: Final = "<id/journal/2313-8920/vol/11>"
ISSUE: Final = "<id/journal/2313-8920/vol/11/issue/1>"
ORCID: Final = "<id/orcid/0000-0002-1825-0097>"
ROR: Final = "<id/ror/05dxps055>"
DOCUMENT: Final = "<data/doi/10.1234/citing>"
SOURCE: Final = "<source/29b1ef9d0b1b52c9d1a63b4f5a0d3a4be1c0cdb63f6c8a7d1e55aa0c2b9f7e10>"
GONE: Final = "<data/doi/10.1234/gone>"
REVISION: Final = "<data/doi/10.1234/gone#revision-2>"
RUN: Final = "<run/20261122T094000Z>"
SOFTWARE: Final = "<software/0.1.0>"
CITATION: Final = "<id/doi/10.1234/citing#cites/10.1234/cited>"


def part(name: str) -> str:
    """Return a hash IRI of the citing article."""
    return f"<id/doi/10.1234/citing#{name}>"


def triples(turtle: str) -> set[ox.Triple]:
    """Return the triples of a piece of Turtle, every literal as it is written."""
    return {quad.triple for quad in ox.parse(_PROLOGUE + turtle, format=ox.RdfFormat.TURTLE)}


def terms(*texts: str) -> list[ox.NamedNode | ox.BlankNode]:
    """Return the nodes that pieces of Turtle name."""
    found = [next(iter(triples(f"{text} <x> <x> ."))).subject for text in texts]
    return [node for node in found if isinstance(node, ox.NamedNode | ox.BlankNode)]


# A change of a graph: the triples in, the triples out. A store would not do: it rewrites literals as it takes them.
Change = Callable[[set[ox.Triple]], set[ox.Triple]]


def insert(turtle: str) -> Change:
    return lambda graph: graph | triples(turtle)


def delete(turtle: str) -> Change:
    return lambda graph: graph - triples(turtle)


def add(subject: str, predicate: str, value: str) -> Change:
    return insert(f"{subject} {predicate} {value} .")


def drop(subject: str, predicate: str) -> Change:
    sample = next(iter(triples(f"{subject} {predicate} <x> .")))
    return lambda graph: {t for t in graph if (t.subject, t.predicate) != (sample.subject, sample.predicate)}


def then(*changes: Change) -> Change:
    return lambda graph: reduce(lambda changed, change: change(changed), changes, graph)


def put(subject: str, predicate: str, value: str) -> Change:
    return then(drop(subject, predicate), add(subject, predicate, value))


def rename(old: str, new: str) -> Change:
    """Give a node another IRI, wherever it stands."""
    before, after = terms(old, new)

    def renamed(graph: set[ox.Triple]) -> set[ox.Triple]:
        return {
            ox.Triple(
                after if t.subject == before else t.subject, t.predicate, after if t.object == before else t.object
            )
            for t in graph
        }

    return renamed


def conforming_graph() -> set[ox.Triple]:
    """Return the triples of the conforming graph."""
    path = Path(__file__).with_name("conforming.ttl")
    return {quad.triple for quad in ox.parse(path=path, format=ox.RdfFormat.TURTLE)}


def ntriples(graph: set[ox.Triple]) -> bytes:
    """Return a graph as N-Triples, in a fixed order."""
    return "".join(sorted(f"{triple} .\n" for triple in graph)).encode()


@dataclass(frozen=True, slots=True)
class Mutation:
    """What is done, and the shape, the field and the severity that must be found."""

    shape: str
    field: str
    change: Change
    severity: str = "Violation"


M = Mutation
MUTATIONS: Final = (
    # every node
    M("typed-type", "references[3].fields", drop(part("cited-3"), "a")),
    M("typed-type", "kind", drop(ARTICLE, "a")),
    M("typed-type", "contributors[2]", drop(part("role-2"), "a")),
    # Of an article, what it is called.
    M("article", "record", rename(ARTICLE, "<https://elsewhere.example/a>")),
    M("article-title", "titles", drop(ARTICLE, "dcterms:title")),
    M("article-title-text", "titles", add(ARTICLE, "dcterms:title", '" "@de')),
    M("article-title-text", "titles", add(ARTICLE, "dcterms:title", "7")),
    M("title-language", "titles", add(ARTICLE, "dcterms:title", '"Another"@en')),
    M("title-language", "journal.titles", add(JOURNAL, "dcterms:title", '"Another"@en')),
    M("title-unmarked", "titles", add(ARTICLE, "dcterms:title", '"Another"')),
    M("article-abstract", "abstracts", add(ARTICLE, "dcterms:abstract", '""@ru')),
    M("article-abstract-language", "abstracts", add(ARTICLE, "dcterms:abstract", '"Another"@en'), "Warning"),
    M("article-language", "language", put(ARTICLE, "dcterms:language", '"ru"')),
    M("article-keyword", "keywords", add(ARTICLE, "prism:keyword", "<https://data.example.org/press>")),
    M("article-subject", "keywords", add(ARTICLE, "dcterms:subject", '"presses"')),
    # Of an article, dates.
    M("article-issued", "issued", put(ARTICLE, "dcterms:issued", '"2024-13"^^xsd:gYearMonth')),
    M("article-issued", "issued", put(ARTICLE, "dcterms:issued", '"20"^^xsd:gYear')),
    M("article-issued", "issued", put(ARTICLE, "dcterms:issued", '"2024-02-30"^^xsd:date')),
    M("article-issued", "issued", put(ARTICLE, "dcterms:issued", '"2024"')),
    M("article-issued", "issued", put(ARTICLE, "dcterms:issued", '"2024-05-12Z"^^xsd:date')),
    M("article-issued-single", "issued", add(ARTICLE, "dcterms:issued", '"2024"^^xsd:gYear')),
    M("article-issued-missing", "issued", drop(ARTICLE, "dcterms:issued"), "Warning"),
    M("article-issued-future", "issued", put(ARTICLE, "dcterms:issued", '"2026-12"^^xsd:gYearMonth')),
    M("article-issued-future", "issued", put(ARTICLE, "dcterms:issued", '"2026-11-23"^^xsd:date')),
    M("article-year", "issued", put(ARTICLE, "fabio:hasPublicationYear", '"24"^^xsd:gYear')),
    M("article-year-agrees", "issued", put(ARTICLE, "fabio:hasPublicationYear", '"2023"^^xsd:gYear')),
    M("article-year-agrees", "issued", drop(ARTICLE, "fabio:hasPublicationYear")),
    M("article-submitted", "received", put(ARTICLE, "dcterms:dateSubmitted", '"May 2024"')),
    M("article-accepted", "accepted", add(ARTICLE, "dcterms:dateAccepted", '"2024"^^xsd:gYear')),
    M("article-available", "available", put(ARTICLE, "dcterms:available", '"2024-00"^^xsd:gYearMonth')),
    M(
        "article-accepted-order",
        "accepted",
        put(ARTICLE, "dcterms:dateSubmitted", '"2024-04"^^xsd:gYearMonth'),
        "Warning",
    ),
    M("article-publication-date", "issued", put(ARTICLE, "prism:publicationDate", '"12.05.2024"')),
    M("article-retracted", "relations", add(ARTICLE, "fabio:hasRetractionDate", '"2025-01-01"^^xsd:date')),
    # Of an article, who.
    M("article-author", "contributors", add(ARTICLE, "dcterms:creator", '"J. Carberry"')),
    M("article-author-missing", "contributors", drop(ARTICLE, "dcterms:creator"), "Warning"),
    M("article-author-role", "contributors", add(ARTICLE, "dcterms:creator", "<id/orcid/0000-0002-1694-233X>")),
    M("article-author-role", "contributors", put(part("role-3"), "pro:withRole", "pro:author")),
    M("article-role", "contributors", add(ARTICLE, "pro:isDocumentContextFor", part("aff-1"))),
    M("article-positions", "contributors", put(part("role-2"), "schema:position", "5")),
    M("article-positions", "contributors", put(part("role-1"), "schema:position", "9")),
    M("article-positions-repeated", "contributors", put(part("role-2"), "schema:position", "1")),
    # Of an article, where it stands.
    M("article-container", "journal", add(ARTICLE, "frbr:partOf", JOURNAL)),
    M("article-journal", "journal", put(ARTICLE, "dcterms:isPartOf", "<id/journal/presses>")),
    M("article-journal-missing", "journal", drop(ARTICLE, "dcterms:isPartOf"), "Warning"),
    M("article-first-page", "first_page", put(ARTICLE, "prism:startingPage", "8")),
    M("article-last-page", "last_page", add(ARTICLE, "prism:endingPage", '"20"')),
    M("article-pages", "pages", put(ARTICLE, "prism:pageRange", '""')),
    M("article-page-order", "last_page", put(ARTICLE, "prism:endingPage", '"7"'), "Warning"),
    M("article-page-count", "pages", put(ARTICLE, "fabio:hasPageCount", '"0"^^xsd:positiveInteger')),
    M("article-number", "article_number", put(ARTICLE, "fabio:hasElectronicArticleIdentifier", "7002249")),
    M("article-volume", "volume", add(ARTICLE, "prism:volume", "11")),
    M("article-issue", "issue", add(ARTICLE, "prism:issueIdentifier", '"1", "2"')),
    # Of an article, identifiers.
    M("doi-form", "doi", put(ARTICLE, "prism:doi", '"10.1234/Citing"')),
    M("doi-form", "doi", put(ARTICLE, "prism:doi", '"https://doi.org/10.1234/citing"')),
    M("doi-form", "doi", put(ARTICLE, "prism:doi", '"10.1234/broken 2024"')),
    M("doi-single", "doi", add(ARTICLE, "prism:doi", '"10.1234/other"')),
    M("doi-and-iri", "doi", put(ARTICLE, "prism:doi", '"10.1234/other"')),
    M("doi-and-iri", "doi", put(ARTICLE, "owl:sameAs", "<https://doi.org/10.1234/other>")),
    M("doi-and-iri", "doi", drop(ARTICLE, "owl:sameAs")),
    M(
        "doi-and-iri",
        "doi",
        put(SICI, "prism:doi", '"10.1002/(sici)1097-4571(199806)49:8%3C693::aid-asi4%3E3.0.co;2-o"'),
    ),
    M("doi-unsaid", "doi", drop(ARTICLE, "prism:doi")),
    M("doi-link", "doi", add(ARTICLE, "owl:sameAs", "<https://preprints.example.org/1>")),
    M("article-doi-missing", "doi", drop(ARTICLE, "prism:doi"), "Warning"),
    M("article-pmid", "pmid", put(ARTICLE, "fabio:hasPubMedId", '"PMC12"')),
    M("article-pmcid", "pmcid", put(ARTICLE, "fabio:hasPubMedCentralId", '"1234567"')),
    M("article-identifier", "doi", add(ARTICLE, "datacite:hasIdentifier", '"10.1234/citing"')),
    # Of an article, rights, pages on the web, kind.
    M("article-licence", "licences", put(ARTICLE, "dcterms:license", '"CC BY 4.0"')),
    M(
        "article-licence-known",
        "licences",
        put(ARTICLE, "dcterms:license", "<http://creativecommons.org/licenses/by/4.0>"),
        "Warning",
    ),
    M("article-licence-missing", "licences", drop(ARTICLE, "dcterms:license"), "Info"),
    M("article-access", "licences", add(ARTICLE, "dcterms:accessRights", '"open"')),
    M("article-publisher", "journal.publisher", add(ARTICLE, "dcterms:publisher", '"Press house"')),
    M("article-citation", "citation", add(ARTICLE, "dcterms:bibliographicCitation", '"Карберри Д."@ru')),
    M("article-page", "landing_pages", put(ARTICLE, "foaf:page", '"www.example.org"')),
    M("article-file", "files", add(ARTICLE, "frbr:embodiment", '"1.pdf"')),
    M("article-kind", "kind", put(ARTICLE, "dcterms:type", '"article"')),
    # Of an article, references, citations, record.
    M("article-reference", "references", add(ARTICLE, "frbr:part", part("ref-9"))),
    M("article-reference-numbers", "references", put(part("ref-3"), "fabio:hasSequenceIdentifier", "2"), "Warning"),
    M("article-cites", "references", add(ARTICLE, "cito:cites", part("cited-3"))),
    M("article-cites-itself", "references", add(ARTICLE, "cito:cites", ARTICLE), "Warning"),
    M("article-cites-citation", "references", drop(CITATION, "cito:hasCitedEntity")),
    M("article-document", "sources", drop(DOCUMENT, "foaf:primaryTopic")),
    M("article-document", "sources", add("<data/doi/10.1234/twin>", "foaf:primaryTopic", ARTICLE)),
    # cited works
    M("cited-work", "references[0].fields", rename(part("cited-3"), part("cited-0"))),
    M("cited-work", "record", drop(SICI, "prism:doi")),
    M("cited-title", "references[3].fields.title", put(part("cited-3"), "dcterms:title", "1901")),
    M("cited-year", "references[3].fields.year", put(part("cited-3"), "fabio:hasPublicationYear", '"1901"')),
    M("cited-first-page", "references[3].fields.first_page", put(part("cited-3"), "prism:startingPage", "7")),
    M("cited-volume", "references[3].fields.volume", add(part("cited-3"), "prism:volume", '"3"')),
    # journal, volume, issue
    M("journal", "journal", rename(JOURNAL, "<id/journal/presses>")),
    M("journal-title", "journal.titles", drop(JOURNAL, "dcterms:title"), "Warning"),
    M("journal-title-text", "journal.titles", put(JOURNAL, "dcterms:title", '""')),
    M("journal-alternative", "journal.titles", add(JOURNAL, "dcterms:alternative", '" "')),
    M("journal-issn", "journal.issn", put(JOURNAL, "prism:issn", '"23138920"')),
    M("journal-issn-check", "journal.issn", put(JOURNAL, "prism:issn", '"2313-8921"')),
    M("journal-issn-check", "journal.issn", put(JOURNAL, "prism:issn", '"2313-892X"')),
    M("journal-eissn", "journal.eissn", add(JOURNAL, "prism:eIssn", '"1728-2756"')),
    M("journal-eissn-check", "journal.eissn", put(JOURNAL, "prism:eIssn", '"2587-8175"')),
    M("journal-issn-l", "journal.issn_l", put(JOURNAL, "fabio:hasIssnL", '"2313-892x"')),
    M("journal-issn-l-check", "journal.issn_l", put(JOURNAL, "fabio:hasIssnL", '"2313-8929"')),
    M("journal-issn-and-iri", "journal.issn", rename(JOURNAL, "<id/journal/1728-2756>")),
    M("journal-homepage", "journal", put(JOURNAL, "foaf:homepage", '"journal.example.org"')),
    M("journal-publisher", "journal.publisher", put(JOURNAL, "dcterms:publisher", '"Press house"')),
    M("volume", "journal", rename(VOLUME, "<id/journal/2313-8920>")),
    M("volume-number", "volume", put(VOLUME, "prism:volume", "11")),
    M("volume-journal", "journal", drop(VOLUME, "frbr:partOf")),
    M("issue", "volume", rename(ISSUE, VOLUME)),
    M("issue-number", "issue", add(ISSUE, "prism:issueIdentifier", '"2"')),
    M("issue-container", "issue", add(ISSUE, "frbr:partOf", JOURNAL)),
    M("issue-year", "issued", put(ISSUE, "fabio:hasPublicationYear", '"2024"')),
    # person, role, organisation
    M("person", "record", rename(part("author-2"), "<id/person/second>")),
    M("person-name", "contributors[2].name", drop(part("author-2"), "foaf:name")),
    M("person-given", "contributors.given", add(ORCID, "foaf:givenName", '""@ru')),
    M("person-family", "contributors[2].family", add(part("author-2"), "foaf:familyName", "<id/doi/10.1234/cited>")),
    M("person-orcid", "contributors.orcid", put(ORCID, "owl:sameAs", "<https://orcid.org/0000-0002-1694-233X>")),
    M("person-orcid", "contributors.orcid", drop(ORCID, "owl:sameAs")),
    M("person-orcid-check", "contributors.orcid", put(ORCID, "owl:sameAs", "<https://orcid.org/0000-0002-1825-0098>")),
    M("person-orcid-check", "contributors.orcid", put(ORCID, "owl:sameAs", "<https://orcid.org/0000-0002-1825-009X>")),
    M("role", "record", rename(part("role-2"), "_:role")),
    M("role-kind", "contributors[2].role", put(part("role-2"), "pro:withRole", '"author"')),
    M("role-holder", "contributors[2].name", add(part("role-2"), "pro:isHeldBy", ORCID)),
    M("role-position", "contributors[2].position", put(part("role-2"), "schema:position", '"2"')),
    M("role-position", "contributors[2].position", put(part("role-2"), "schema:position", "0")),
    M("role-position-missing", "contributors[2].position", drop(part("role-2"), "schema:position")),
    M(
        "role-affiliation",
        "contributors[1].affiliations",
        add(part("role-1"), "pro:relatesToOrganization", '"A university"'),
    ),
    M("role-article", "contributors[2]", add(CITED, "pro:isDocumentContextFor", part("role-2"))),
    M("organisation", "record", insert('_:aff a foaf:Organization ; foaf:name "An institute" .')),
    M("organisation-name", "contributors.affiliations.name", put(part("aff-1"), "foaf:name", '""')),
    M("organisation-country", "contributors.affiliations.country", put(part("aff-1"), "dcterms:spatial", '"Russia"')),
    M("organisation-ror", "contributors.affiliations.ror", put(ROR, "owl:sameAs", "<https://ror.org/05dxps056>")),
    M("organisation-ror", "contributors.affiliations.ror", drop(ROR, "owl:sameAs")),
    # reference, citation
    M("reference", "record", rename(part("ref-3"), "<id/doi/10.1234/citing#entry>")),
    M("reference-number", "references[1].position", put(part("ref-1"), "fabio:hasSequenceIdentifier", '"1"')),
    M("reference-text", "references[1].text", add(part("ref-1"), "c4o:hasContent", '"Another text"')),
    M("reference-text", "references[1].text", put(part("ref-1"), "c4o:hasContent", '" "')),
    M("reference-work", "references[1].doi", add(part("ref-1"), "biro:references", SICI)),
    M("reference-work", "references[1].doi", put(part("ref-1"), "biro:references", "<https://doi.org/10.1234/cited>")),
    M("reference-empty", "references[2]", drop(part("ref-2"), "biro:references"), "Warning"),
    M("article-reference-cites", "references", delete(f"{ARTICLE} cito:cites {CITED} .")),
    M("reference-article", "references[1]", delete(f"{ARTICLE} frbr:part {part('ref-1')} .")),
    M("citation-with-span", "record", rename(CITATION, "_:citation")),
    M("journal-self-citation", "record", rename(CITATION, "_:citation")),
    M("author-self-citation", "record", rename(CITATION, "_:citation")),
    M("citation", "record", rename(CITATION, part("citation"))),
    M("citation-citing", "references", add(CITATION, "cito:hasCitingEntity", CITED)),
    M("citation-cited", "references", drop(CITATION, "cito:hasCitedEntity")),
    M("citation-direct", "references", delete(f"{ARTICLE} cito:cites {CITED} .")),
    M("citation-character", "references", put(CITATION, "cito:hasCitationCharacterization", '"cites"')),
    M("citation-date", "issued", put(CITATION, "cito:hasCitationCreationDate", '"12 May"')),
    M("article-citation-dates", "issued", put(CITATION, "cito:hasCitationCreationDate", '"2024"^^xsd:gYear')),
    M("citation-span", "issued", put(CITATION, "cito:hasCitationTimeSpan", '"P1.5Y"^^xsd:duration')),
    M("citation-span-agrees", "issued", put(CITATION, "cito:hasCitationTimeSpan", '"P2Y8M"^^xsd:duration')),
    M("citation-span-agrees", "issued", put(CITATION, "cito:hasCitationTimeSpan", '"-P1Y8M"^^xsd:duration')),
    M("citation-span-agrees", "issued", put(CITATION, "cito:hasCitationTimeSpan", '"P1Y8M2D"^^xsd:duration')),
    M("citation-span-agrees", "issued", put(CITATION, "cito:hasCitationTimeSpan", '"PT0S"^^xsd:duration')),
    M("citation-source", "references", put(CITATION, "prov:wasDerivedFrom", ARTICLE)),
    M("citation-journal-self", "references", drop(ARTICLE, "dcterms:isPartOf")),
    M("citation-author-self", "references", delete(f"{ARTICLE} dcterms:creator {ORCID} .")),
    # files, identifiers
    M(
        "manifestation",
        "record",
        insert("_:file a fabio:DigitalManifestation ; frbr:exemplar <https://a.example/1.pdf> ."),
    ),
    M("manifestation-format", "files[1].media_type", put(part("file-1"), "dcterms:format", '"application/pdf"')),
    M("manifestation-format-missing", "files[1].media_type", drop(part("file-1"), "dcterms:format"), "Info"),
    M("manifestation-file", "files[1].url", put(part("file-1"), "frbr:exemplar", "<file:///1.pdf>")),
    M(
        "identifier",
        "record",
        insert(
            '_:id a datacite:Identifier ; literal:hasLiteralValue "1" ; datacite:usesIdentifierScheme datacite:doi .'
        ),
    ),
    M("identifier-scheme", "doi", drop(part("id-doi"), "datacite:usesIdentifierScheme")),
    M("identifier-value", "doi", put(part("id-doi"), "literal:hasLiteralValue", "10.1234")),
    # record, source, run
    M("document", "record", rename(DOCUMENT, "<records/1>")),
    M("document-topic", "doi", add(DOCUMENT, "foaf:primaryTopic", CITED)),
    M("document-and-iri", "doi", rename(DOCUMENT, "<data/doi/10.1234/other>")),
    M("document-dataset", "sources", drop(DOCUMENT, "void:inDataset")),
    M("document-licence", "metadata_licence", put(DOCUMENT, "dcterms:license", '"CC0"')),
    M("document-modified", "sources", put(DOCUMENT, "dcterms:modified", '"2026-11-22"^^xsd:date')),
    M(
        "document-generated",
        "sources",
        put(DOCUMENT, "prov:generatedAtTime", '"2026-11-22T09:40:00+03:00"^^xsd:dateTime'),
    ),
    M("document-run", "sources", drop(DOCUMENT, "prov:wasGeneratedBy")),
    M("document-source", "sources", put(DOCUMENT, "prov:hadPrimarySource", "<source/29b1>")),
    M("document-profile", "sources", put(DOCUMENT, "dcterms:conformsTo", '"1.0"')),
    M("revision", "record", rename(REVISION, "<revisions/2>")),
    M("revision-until", "sources", put(GONE, "prov:invalidatedAtTime", '"2026-11-22"^^xsd:date')),
    M("revision-since", "sources", put(REVISION, "prov:generatedAtTime", '"2026-11-20T09:40:00"^^xsd:dateTime')),
    M("revision-order", "sources", put(REVISION, "prov:generatedAtTime", '"2026-11-23T09:40:00Z"^^xsd:dateTime')),
    M("revision-run", "sources", put(REVISION, "prov:wasGeneratedBy", '"20261120T094000Z"')),
    M("revision-before", "sources", put(DOCUMENT, "prov:wasRevisionOf", DOCUMENT)),
    M("revision-before", "sources", put(REVISION, "prov:wasRevisionOf", GONE)),
    M("withdrawn", "sources", rename(GONE, "<data/doi/10.1234/gone#revision-3>")),
    M("withdrawn-run", "sources", add(GONE, "prov:wasInvalidatedBy", "<run/20261119T094000Z>")),
    M("withdrawn-topic", "sources", drop(GONE, "foaf:topic")),
    M("withdrawn-reason", "sources", put(GONE, "dcterms:description", '" "@en')),
    M("source", "record", rename(SOURCE, "<source>")),
    M("source-identifier", "sources.sha256", put(SOURCE, "dcterms:identifier", '"sha256:29B1"')),
    M("source-name", "sources.location", drop(SOURCE, "rdfs:label"), "Warning"),
    M("source-format", "sources", put(SOURCE, "dcterms:format", '"text/plain"')),
    M("source-retrieved", "sources.retrieved", put(SOURCE, "prov:generatedAtTime", '"yesterday"^^xsd:dateTime')),
    M("run", "record", rename(RUN, "<runs>")),
    M("run-started", "sources", drop(RUN, "prov:startedAtTime")),
    M("run-ended", "sources", put(RUN, "prov:endedAtTime", '"2026-11-22T25:00:00Z"^^xsd:dateTime')),
    M("run-order", "sources", put(RUN, "prov:endedAtTime", '"2026-11-22T09:39:00Z"^^xsd:dateTime')),
    M("run-used", "sources", add(RUN, "prov:used", '"pages.txt"')),
    M("run-software", "sources", drop(RUN, "prov:wasAssociatedWith")),
    M("software", "record", insert('_:software a prov:SoftwareAgent ; rdfs:label "Press" .')),
    M("software-name", "sources", drop(SOFTWARE, "rdfs:label")),
)

# Changes after which the graph still conforms: what a shape must not refuse.
HARMLESS: Final = (
    put(CITATION, "cito:hasCitationTimeSpan", '"P20M"^^xsd:duration'),
    drop(CITATION, "cito:hasCitationTimeSpan"),
    put(ARTICLE, "dcterms:language", "<http://id.loc.gov/vocabulary/iso639-1/ru>"),
    put(ARTICLE, "prism:startingPage", '"viii"'),
    put(ARTICLE, "prism:startingPage", '"e8"'),
    put(ARTICLE, "dcterms:license", "<https://creativecommons.org/licenses/by-nc-nd/3.0/igo/>"),
    put(part("role-3"), "schema:position", "1"),
    put(JOURNAL, "prism:eIssn", '"2434-561X"'),
    rename(part("ref-3"), part("ref-3-2")),
    add(ARTICLE, "dcterms:subject", "<https://udc.example/655>"),
)
