"""From a result's focus node and path to the record's field that an editor would correct: one table.

A part of an article is told by its hash IRI, a shared thing by its place below `/id/`; what the record numbers is named
by that number, as in `references[8].text`.
"""

from __future__ import annotations

import re
from typing import Final

_BIRO: Final = "http://purl.org/spar/biro/"
_C4O: Final = "http://purl.org/spar/c4o/"
_CITO: Final = "http://purl.org/spar/cito/"
_DATACITE: Final = "http://purl.org/spar/datacite/"
_DCTERMS: Final = "http://purl.org/dc/terms/"
_FABIO: Final = "http://purl.org/spar/fabio/"
_FOAF: Final = "http://xmlns.com/foaf/0.1/"
_FRBR: Final = "http://purl.org/vocab/frbr/core#"
_OWL: Final = "http://www.w3.org/2002/07/owl#"
_PRISM: Final = "http://prismstandard.org/namespaces/basic/2.0/"
_PRO: Final = "http://purl.org/spar/pro/"
_PROV: Final = "http://www.w3.org/ns/prov#"
_RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_SCHEMA: Final = "https://schema.org/"

# Kinds of focus nodes, by the end of their IRI; the first that matches. `n` is the number that the record gives.
_KINDS: Final[tuple[tuple[str, re.Pattern[str]], ...]] = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        ("reference", r"#ref-(?P<n>[0-9]+)(?:-[0-9]+)?$"),
        ("described", r"#cited-(?P<n>[0-9]+)(?:-[0-9]+)?$"),
        ("citation", r"#cites/.+$"),
        ("role", r"#role-(?P<n>[0-9]+)(?:-.*)?$"),
        ("contributor", r"#(?:author|contributor)-(?P<n>[0-9]+)$"),
        ("affiliation", r"#aff-[0-9]+$"),
        ("file", r"#file-(?P<n>[0-9]+)$"),
        ("pages", r"#pages$"),
        ("identifier", r"#id-(?P<scheme>[a-z]+)$"),
        ("publisher", r"#publisher$"),
        ("issue", r"/id/journal/[^/#]+/(?:vol|year)/[^/#]+/issue/[^/#]+$"),
        ("volume", r"/id/journal/[^/#]+/vol/[^/#]+$"),
        ("journal", r"/id/journal/[^/#]+$"),
        ("person", r"/id/orcid/[^/#]+$"),
        ("organisation", r"/id/ror/[^/#]+$"),
        ("work", r"/id/[^/#]+/[^#]+$"),
        ("document", r"/data/[^/#]+/[^#]+(?:#revision-[0-9]+)?$"),
        ("source", r"/source/[^/#]+$"),
        ("run", r"/(?:run|software)/[^/#]+$"),
    )
)

# The field of a whole node, and of its properties where they have a field of their own.
_WHOLE: Final = {
    "reference": "references[{n}]",
    "described": "references[{n}].fields",
    "citation": "references",
    "role": "contributors[{n}]",
    "contributor": "contributors[{n}]",
    "affiliation": "contributors.affiliations",
    "file": "files[{n}]",
    "pages": "pages",
    "identifier": "{scheme}",
    "publisher": "journal.publisher",
    "issue": "issue",
    "volume": "volume",
    "journal": "journal",
    "person": "contributors.orcid",
    "organisation": "contributors.affiliations.ror",
    "work": "record",
    "document": "sources",
    "source": "sources",
    "run": "sources",
}
_PROPERTIES: Final = {
    ("work", _DCTERMS + "title"): "titles",
    ("work", _DCTERMS + "abstract"): "abstracts",
    ("work", _DCTERMS + "language"): "language",
    ("work", _DCTERMS + "subject"): "keywords",
    ("work", _DCTERMS + "issued"): "issued",
    ("work", _DCTERMS + "dateSubmitted"): "received",
    ("work", _DCTERMS + "dateAccepted"): "accepted",
    ("work", _DCTERMS + "available"): "available",
    ("work", _DCTERMS + "creator"): "contributors",
    ("work", _DCTERMS + "isPartOf"): "journal",
    ("work", _DCTERMS + "license"): "licences",
    ("work", _DCTERMS + "accessRights"): "licences",
    ("work", _DCTERMS + "publisher"): "journal.publisher",
    ("work", _DCTERMS + "bibliographicCitation"): "citation",
    ("work", _DCTERMS + "type"): "kind",
    ("work", _RDF + "type"): "kind",
    ("work", _FABIO + "hasPublicationYear"): "issued",
    ("work", _FABIO + "hasRetractionDate"): "relations",
    ("work", _FABIO + "hasPageCount"): "pages",
    ("work", _FABIO + "hasElectronicArticleIdentifier"): "article_number",
    ("work", _FABIO + "hasPubMedId"): "pmid",
    ("work", _FABIO + "hasPubMedCentralId"): "pmcid",
    ("work", _PRISM + "doi"): "doi",
    ("work", _PRISM + "keyword"): "keywords",
    ("work", _PRISM + "publicationDate"): "issued",
    ("work", _PRISM + "startingPage"): "first_page",
    ("work", _PRISM + "endingPage"): "last_page",
    ("work", _PRISM + "pageRange"): "pages",
    ("work", _PRISM + "volume"): "volume",
    ("work", _PRISM + "issueIdentifier"): "issue",
    ("work", _OWL + "sameAs"): "doi",
    ("work", _DATACITE + "hasIdentifier"): "doi",
    ("work", _PRO + "isDocumentContextFor"): "contributors",
    ("work", _FRBR + "partOf"): "journal",
    ("work", _FRBR + "part"): "references",
    ("work", _FRBR + "embodiment"): "files",
    ("work", _CITO + "cites"): "references",
    ("work", _FOAF + "page"): "landing_pages",
    ("work", f"^<{_FOAF}primaryTopic>"): "sources",
    ("reference", _FABIO + "hasSequenceIdentifier"): "references[{n}].position",
    ("reference", _C4O + "hasContent"): "references[{n}].text",
    ("reference", _BIRO + "references"): "references[{n}].doi",
    ("described", _DCTERMS + "title"): "references[{n}].fields.title",
    ("described", _FABIO + "hasPublicationYear"): "references[{n}].fields.year",
    ("described", _PRISM + "volume"): "references[{n}].fields.volume",
    ("described", _PRISM + "startingPage"): "references[{n}].fields.first_page",
    ("described", _FABIO + "hasPubMedId"): "references[{n}].identifiers.pmid",
    ("described", _FABIO + "hasPubMedCentralId"): "references[{n}].identifiers.pmcid",
    ("citation", _CITO + "hasCitationCreationDate"): "issued",
    ("citation", _CITO + "hasCitationTimeSpan"): "issued",
    ("role", _PRO + "withRole"): "contributors[{n}].role",
    ("role", _PRO + "isHeldBy"): "contributors[{n}].name",
    ("role", _SCHEMA + "position"): "contributors[{n}].position",
    ("role", _PRO + "relatesToOrganization"): "contributors[{n}].affiliations",
    ("contributor", _FOAF + "name"): "contributors[{n}].name",
    ("contributor", _FOAF + "givenName"): "contributors[{n}].given",
    ("contributor", _FOAF + "familyName"): "contributors[{n}].family",
    ("contributor", _OWL + "sameAs"): "contributors[{n}].orcid",
    ("affiliation", _FOAF + "name"): "contributors.affiliations.name",
    ("affiliation", _DCTERMS + "spatial"): "contributors.affiliations.country",
    ("affiliation", _OWL + "sameAs"): "contributors.affiliations.ror",
    ("person", _FOAF + "name"): "contributors.name",
    ("person", _FOAF + "givenName"): "contributors.given",
    ("person", _FOAF + "familyName"): "contributors.family",
    ("organisation", _FOAF + "name"): "contributors.affiliations.name",
    ("organisation", _DCTERMS + "spatial"): "contributors.affiliations.country",
    ("file", _FRBR + "exemplar"): "files[{n}].url",
    ("file", _DCTERMS + "format"): "files[{n}].media_type",
    ("journal", _DCTERMS + "title"): "journal.titles",
    ("journal", _DCTERMS + "alternative"): "journal.titles",
    ("journal", _PRISM + "issn"): "journal.issn",
    ("journal", _PRISM + "eIssn"): "journal.eissn",
    ("journal", _FABIO + "hasIssnL"): "journal.issn_l",
    ("journal", _DCTERMS + "publisher"): "journal.publisher",
    ("volume", _FRBR + "partOf"): "journal",
    ("issue", _FABIO + "hasPublicationYear"): "issued",
    ("document", _DCTERMS + "license"): "metadata_licence",
    ("document", _FOAF + "primaryTopic"): "doi",
    ("source", _DCTERMS + "identifier"): "sources.sha256",
    ("source", "http://www.w3.org/2000/01/rdf-schema#label"): "sources.location",
    ("source", _PROV + "generatedAtTime"): "sources.retrieved",
}
# Shapes of a whole node that are about one field all the same, by the end of their IRI.
_SHAPES: Final = {"doi-and-iri": "doi", "doi-unsaid": "doi"}


def field_of(focus_node: str, path: str | None, shape: str = "") -> str:
    """Return the record's field that a result is about.

    Args:
        focus_node: IRI of the node that was validated.
        path: As in a `Result`; None for the node as a whole.
        shape: IRI of the shape that found it.

    Returns:
        A field of the canonical record, with the record's own number (from 1) where it has one; `record` where none
        is nearer.

    Example:
        >>> field_of("https://data.example.org/id/doi/10.1234/a#ref-8", "http://purl.org/spar/c4o/hasContent")
        'references[8].text'
        >>> field_of("https://data.example.org/id/doi/10.1234/a", "http://purl.org/dc/terms/title")
        'titles'
    """
    named = _SHAPES.get(shape.rpartition("#")[2])
    if path is None and named is not None:
        return named
    for kind, pattern in _KINDS:
        match = pattern.search(focus_node)
        if match:
            template = _PROPERTIES.get((kind, path or ""), _WHOLE[kind])
            return template.format(**match.groupdict())
    return "record"
