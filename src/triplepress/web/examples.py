"""Example queries of the editor: questions that people ask of a bibliography, under the application profile."""

from __future__ import annotations

from typing import Final, NamedTuple


class Example(NamedTuple):
    """A question, as a title for readers, and the query that answers it; `$doi` stands for a cited DOI."""

    name: str
    title: str
    query: str


EXAMPLES: Final = (
    Example(
        "top-cited",
        "The most cited works",
        """\
PREFIX cito: <http://purl.org/spar/cito/>
PREFIX dcterms: <http://purl.org/dc/terms/>

SELECT ?work ?citations ?title WHERE {
  { SELECT ?work (COUNT(?citing) AS ?citations) WHERE { ?citing cito:cites ?work }
    GROUP BY ?work ORDER BY DESC(?citations) LIMIT 20 }
  OPTIONAL { ?work dcterms:title ?title }
}
ORDER BY DESC(?citations) ?work
""",
    ),
    Example(
        "cited-by",
        "Who cites a given DOI",
        """\
PREFIX cito: <http://purl.org/spar/cito/>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX prism: <http://prismstandard.org/namespaces/basic/2.0/>

SELECT ?citing ?title WHERE {
  ?cited prism:doi "$doi" .
  ?citing cito:cites ?cited .
  OPTIONAL { ?citing dcterms:title ?title }
}
LIMIT 100
""",
    ),
    Example(
        "newest",
        "Articles with journal and date, the newest first",
        """\
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX fabio: <http://purl.org/spar/fabio/>

SELECT ?article ?title ?journal ?issued WHERE {
  ?article dcterms:isPartOf ?journal ; dcterms:title ?title .
  ?journal a fabio:Journal .
  OPTIONAL { ?article dcterms:issued ?issued }
}
ORDER BY DESC(STR(?issued)) ?article
LIMIT 50
""",
    ),
    Example(
        "journals",
        "Journals by number of articles",
        """\
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX fabio: <http://purl.org/spar/fabio/>

SELECT ?journal (SAMPLE(?name) AS ?title) (COUNT(DISTINCT ?article) AS ?articles) WHERE {
  ?journal a fabio:Journal ; dcterms:title ?name .
  ?article dcterms:isPartOf ?journal .
}
GROUP BY ?journal
ORDER BY DESC(?articles) ?journal
LIMIT 50
""",
    ),
    Example(
        "authors",
        "Authors by number of articles",
        """\
PREFIX foaf: <http://xmlns.com/foaf/0.1/>
PREFIX pro: <http://purl.org/spar/pro/>

SELECT ?name (COUNT(DISTINCT ?article) AS ?articles) WHERE {
  ?article pro:isDocumentContextFor ?role .
  ?role pro:withRole pro:author ; pro:isHeldBy ?person .
  ?person foaf:name ?name .
}
GROUP BY ?name
ORDER BY DESC(?articles) ?name
LIMIT 50
""",
    ),
    Example(
        "author-lines",
        "The authors of each article, in order",
        """\
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX foaf: <http://xmlns.com/foaf/0.1/>
PREFIX pro: <http://purl.org/spar/pro/>
PREFIX schema: <https://schema.org/>

SELECT ?article ?position ?name ?affiliation WHERE {
  ?article pro:isDocumentContextFor ?role .
  ?role pro:withRole pro:author ; pro:isHeldBy ?person ; schema:position ?position .
  ?person foaf:name ?name .
  OPTIONAL { ?role pro:relatesToOrganization/foaf:name ?affiliation }
}
ORDER BY ?article ?position
LIMIT 100
""",
    ),
    Example(
        "self-citations",
        "Self-citations of authors and journals",
        """\
PREFIX cito: <http://purl.org/spar/cito/>

SELECT ?kind ?citing ?cited WHERE {
  VALUES ?kind { cito:AuthorSelfCitation cito:JournalSelfCitation }
  ?citation a ?kind ; cito:hasCitingEntity ?citing ; cito:hasCitedEntity ?cited .
}
LIMIT 100
""",
    ),
    Example(
        "unidentified",
        "References whose work has no identifier, as printed",
        """\
PREFIX biro: <http://purl.org/spar/biro/>
PREFIX c4o: <http://purl.org/spar/c4o/>
PREFIX frbr: <http://purl.org/vocab/frbr/core#>

SELECT ?article ?text WHERE {
  ?article frbr:part ?reference .
  ?reference a biro:BibliographicReference ; c4o:hasContent ?text .
  FILTER NOT EXISTS { ?reference biro:references ?work }
}
LIMIT 100
""",
    ),
    Example(
        "matched",
        "References without a DOI and the works that they probably name",
        """\
PREFIX biro: <http://purl.org/spar/biro/>
PREFIX c4o: <http://purl.org/spar/c4o/>
PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX schema: <https://schema.org/>

SELECT ?text ?work ?method ?score WHERE {
  GRAPH ?matched {
    ?match prov:wasDerivedFrom ?reference ; prov:value ?score ; schema:measurementTechnique ?method .
    ?reference biro:references ?work .
  }
  OPTIONAL { ?reference c4o:hasContent ?text }
}
ORDER BY DESC(?score)
LIMIT 100
""",
    ),
    Example(
        "network",
        "The citation network as a graph",
        """\
PREFIX cito: <http://purl.org/spar/cito/>

CONSTRUCT { ?citing cito:cites ?cited } WHERE { ?citing cito:cites ?cited }
LIMIT 1000
""",
    ),
)
