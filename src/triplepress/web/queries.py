"""The SPARQL of pages and data: few, bounded, plain SPARQL 1.1, so that any engine answers them.

Every branch is one basic graph pattern that starts at the thing itself: an engine joins it by lookups, whatever its
optimiser. What an optimiser may turn into a scan is avoided: `VALUES` beside a pattern that does not begin with its
variable (1.3 s instead of 5 ms over 1.4 million triples), and sorting by IRIs, whose texts the engine fetches for every
comparison (1.2 s instead of 0.2 s for 10,000). So a list is read whole and sorted here, once a release, unless it is
very long (`pages/listing.py`). A thing's IRI is put in with `bound`, never by string formatting of user input.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

PREFIXES: Final = """\
PREFIX biro: <http://purl.org/spar/biro/>
PREFIX c4o: <http://purl.org/spar/c4o/>
PREFIX cito: <http://purl.org/spar/cito/>
PREFIX datacite: <http://purl.org/spar/datacite/>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX fabio: <http://purl.org/spar/fabio/>
PREFIX foaf: <http://xmlns.com/foaf/0.1/>
PREFIX frbr: <http://purl.org/vocab/frbr/core#>
PREFIX prism: <http://prismstandard.org/namespaces/basic/2.0/>
PREFIX pro: <http://purl.org/spar/pro/>
PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX schema: <https://schema.org/>
PREFIX void: <http://rdfs.org/ns/void#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
"""
# What names a thing in a line about it: used for everything that a description points at.
_LABELS: Final = (
    *("dcterms:title", "foaf:name", "rdfs:label", "prism:volume", "prism:issueIdentifier"),
    *("fabio:hasPublicationYear", "prism:doi"),
)
_IS_LABEL: Final = f"FILTER(?p IN ({', '.join(_LABELS)}))"
_IS_LABEL_OR_WHOLE: Final = f"FILTER(?p IN ({', '.join(_LABELS)}, frbr:partOf))"
# RFC 3987 forbids these in an IRI; without them nothing can end the IRI early.
_UNSAFE: Final = re.compile(r"[\x00-\x20<>\"{}|\\^`]")
_PLACE: Final = re.compile(r"\$([a-z]+)")


def _labelled(pattern: str, *names: str) -> str:
    """Return branches that give each `?s` of a pattern its labels: one lookup a property, never all of its triples."""
    return " ".join(f"UNION {{ {pattern} . ?s {name} ?o BIND({name} AS ?p) }}" for name in names or _LABELS)


def bound(query: str, iri: str, *, limit: int = 0, offset: int = 0) -> str:
    """Return a query about one thing.

    Args:
        query: One of this module's queries; `$thing` stands for the IRI, `$hash` for the start of its hash IRIs.
        iri: An absolute IRI.
        limit: Put in for `$limit`.
        offset: Put in for `$offset`.

    Raises:
        ValueError: The IRI has a character that no IRI has.
    """
    if _UNSAFE.search(iri):
        raise ValueError(f"not an IRI: {iri!r}")
    return PREFIXES + _filled(query, thing=f"<{iri}>", hash=f'"{iri}#"', limit=str(limit), offset=str(offset))


def _filled(query: str, **values: str) -> str:
    """Return a query with values in the places of their names; all at once, since `$` may stand in an IRI."""
    return _PLACE.sub(lambda place: values.get(place[1], place[0]), query)


def _listed(iris: Iterable[str]) -> str:
    """Return IRIs as `VALUES` lists them.

    Raises:
        ValueError: One has a character that no IRI has.
    """
    terms = [f"<{iri}>" for iri in iris]
    if any(_UNSAFE.search(term, 1, len(term) - 1) for term in terms):
        raise ValueError("not an IRI")
    return " ".join(terms)


def bound_pattern(pattern: str, iri: str) -> str:
    """Return a pattern about one thing, `$thing` put in; raises as `bound`."""
    return bound(pattern, iri).removeprefix(PREFIXES)


EXISTS: Final = "ASK { $thing ?property ?value }"

# The thing and its hash IRIs, and its record document.
_ARTICLE_ITSELF: Final = """
  { VALUES ?s { $thing } ?s ?p ?o }
  UNION { $thing ?x ?s . ?s ?p ?o FILTER(STRSTARTS(STR(?s), $hash)) }
  UNION { $thing pro:isDocumentContextFor ?m . ?m ?x ?s . ?s ?p ?o FILTER(STRSTARTS(STR(?s), $hash)) }
  UNION { $thing frbr:part ?m . ?m biro:references ?s . ?s ?p ?o FILTER(STRSTARTS(STR(?s), $hash)) }
  UNION { $thing frbr:part|dcterms:creator ?m . ?m datacite:hasIdentifier ?s . ?s ?p ?o
           FILTER(STRSTARTS(STR(?s), $hash)) }
  UNION { ?s cito:hasCitingEntity $thing . ?s ?p ?o }
  UNION { ?s foaf:primaryTopic $thing . ?s ?p ?o }
  UNION { ?d foaf:primaryTopic $thing ; prov:wasRevisionOf+ ?s . ?s ?p ?o }
"""


def _around(documented: str, pointed: str, held: str) -> str:
    """Return the branches that give one line of labels for what an article, its roles and its document point at.

    Args:
        documented: A pattern that binds `?s` to what the document about it points at: runs, sources, software.
        pointed: One that binds `?s` to what the article itself points at.
        held: One that binds `?s` to what its roles point at: people, organisations.
    """
    return f"""
  {{ {documented} ?s rdfs:label ?o BIND(rdfs:label AS ?p) }}
  UNION {{ {pointed} ?s ?p ?o {_IS_LABEL} }}
  UNION {{ {held} ?s foaf:name ?o BIND(foaf:name AS ?p) }}
  UNION {{ $thing frbr:partOf ?s . ?s ?p ?o {_IS_LABEL_OR_WHOLE} }}
  UNION {{ $thing frbr:partOf/frbr:partOf ?s . ?s ?p ?o {_IS_LABEL} }}
"""


# An article, with one line of labels for all that it points at.
_AROUND_IT: Final = _around(
    "?d foaf:primaryTopic $thing . ?d ?x ?s .", "$thing ?x ?s .", "$thing pro:isDocumentContextFor ?m . ?m ?x ?s ."
)
ARTICLE: Final = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{{_ARTICLE_ITSELF} UNION {_AROUND_IT}}}"
# Those labels alone, where it is known what the article points at.
_AROUND_KNOWN: Final = _around("VALUES ?s { $documented }", "VALUES ?s { $pointed }", "VALUES ?s { $held }")
_AROUND: Final = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{{_AROUND_KNOWN}}}"


def around(iri: str, *, documented: Iterable[str], pointed: Iterable[str], held: Iterable[str]) -> str:
    """Return the query for the labels of what an article is known to point at, and for what it is part of.

    Args:
        iri: The article.
        documented: The IRIs that the document about it points at.
        pointed: Those that the article itself points at.
        held: Those that its roles point at.

    Raises:
        ValueError: One has a character that no IRI has.
    """
    return PREFIXES + _filled(
        _AROUND, thing=_listed([iri]), documented=_listed(documented), pointed=_listed(pointed), held=_listed(held)
    )


# The document of a record that the edition no longer holds, and the states that the record was in; `$thing` is the
# document. Only such a document was invalidated itself.
GONE: Final = """
CONSTRUCT { ?s ?p ?o } WHERE {
  { $thing prov:invalidatedAtTime ?t . VALUES ?s { $thing } ?s ?p ?o }
  UNION { $thing prov:invalidatedAtTime ?t ; prov:wasRevisionOf+ ?s . ?s ?p ?o }
}"""

# Who cites it, with a line of labels for each.
CITED_BY: Final = """
CONSTRUCT { ?s cito:cites $thing ; dcterms:title ?title ; fabio:hasPublicationYear ?year ; prism:doi ?doi } WHERE {
  ?s cito:cites $thing
  OPTIONAL { ?s dcterms:title ?title } OPTIONAL { ?s fabio:hasPublicationYear ?year } OPTIONAL { ?s prism:doi ?doi }
}"""

# What other articles say of one: the ways in which a notice, a comment or a new version names it.
INCOMING_PROPERTIES: Final = (
    *("cito:retracts", "cito:corrects", "cito:updates", "cito:repliesTo", "cito:discusses", "cito:reviews"),
    *("dcterms:replaces", "dcterms:isVersionOf", "frbr:translationOf", "frbr:supplementOf"),
)
_NAMES_IT: Final = " UNION ".join(f"{{ ?s {name} $thing BIND({name} AS ?p) }}" for name in INCOMING_PROPERTIES)
INCOMING: Final = f"""
CONSTRUCT {{ ?s ?p $thing . ?s dcterms:title ?title }} WHERE {{
  {_NAMES_IT}
  OPTIONAL {{ ?s dcterms:title ?title }}
}}"""

# The graph of matches, which `$graph` stands for: what an article's references were matched to, which references were
# matched to a work, and a work that nothing else names. What names the reference is optional, though it is always
# there: beside the graph an engine would join it by going through all references of the edition.
MATCHES_OF: Final = """
SELECT ?ref ?work ?score ?method ?title WHERE {
  $thing frbr:part ?ref .
  GRAPH $graph { ?ref biro:references ?work .
                 ?match prov:wasDerivedFrom ?ref ; prov:value ?score ; schema:measurementTechnique ?method }
  OPTIONAL { ?work dcterms:title ?title }
}"""
MATCHED_TO: Final = """
SELECT ?ref ?work ?score ?method ?title WHERE {
  GRAPH $graph { ?ref biro:references $thing .
                 ?match prov:wasDerivedFrom ?ref ; prov:value ?score ; schema:measurementTechnique ?method }
  BIND($thing AS ?work)
  OPTIONAL { ?article frbr:part ?ref OPTIONAL { ?article dcterms:title ?title } }
}"""
ONLY_MATCHED: Final = "CONSTRUCT { $thing ?p ?o } WHERE { GRAPH $graph { $thing ?p ?o } }"

# A cited work that is not held: the references that name it, each with its printed text.
NAMED_BY: Final = """
CONSTRUCT { ?s ?p ?o . ?article frbr:part ?s } WHERE {
  { ?s biro:references $thing . ?s ?p ?o } UNION { ?s biro:references $thing . ?article frbr:part ?s }
}"""

# Any other thing: its own statements, its parts, and labels of what it points at.
OTHER: Final = f"""
CONSTRUCT {{ ?s ?p ?o }} WHERE {{
  {{ VALUES ?s {{ $thing }} ?s ?p ?o }}
  UNION {{ $thing ?x ?s . ?s ?p ?o FILTER(STRSTARTS(STR(?s), $hash)) }}
  UNION {{ $thing ?x ?s . ?s ?p ?o {_IS_LABEL} }}
  UNION {{ $thing frbr:partOf ?s . ?s ?p ?o {_IS_LABEL_OR_WHOLE} }}
  UNION {{ $thing frbr:partOf/frbr:partOf ?s . ?s ?p ?o {_IS_LABEL} }}
  UNION {{ ?s foaf:primaryTopic $thing . ?s ?p ?o }}
}}"""

# What lies directly in a journal, a volume or an issue.
PARTS: Final = f"""
CONSTRUCT {{ ?s frbr:partOf $thing . ?s ?p ?o }} WHERE {{
  {{ ?s frbr:partOf $thing }}
  {_labelled("?s frbr:partOf $thing")}
}}"""

# What a person wrote, and the role held in each.
WORKS_OF: Final = f"""
CONSTRUCT {{ ?s dcterms:creator $thing . ?s ?p ?o . ?role ?rp ?ro . ?org foaf:name ?on }} WHERE {{
  {{ ?s dcterms:creator $thing }}
  {_labelled("?s dcterms:creator $thing", "dcterms:title", "fabio:hasPublicationYear", "prism:doi")}
  UNION {{ ?role pro:isHeldBy $thing . ?role ?rp ?ro }}
  UNION {{ ?role pro:isHeldBy $thing . ?role pro:relatesToOrganization ?org . ?org foaf:name ?on }}
}}"""

# The roles in which an article names an organisation.
ROLES_AT: Final = """
CONSTRUCT { ?role pro:relatesToOrganization $thing . ?s pro:isDocumentContextFor ?role . ?s dcterms:title ?title }
WHERE {
  ?role pro:relatesToOrganization $thing . ?s pro:isDocumentContextFor ?role . OPTIONAL { ?s dcterms:title ?title }
}"""

COUNT_CITED_BY: Final = "SELECT (COUNT(DISTINCT ?s) AS ?n) WHERE { ?s cito:cites $thing }"
CITING: Final = "?s cito:cites $thing"

COUNT_IN_JOURNAL: Final = "SELECT (COUNT(DISTINCT ?s) AS ?n) WHERE { ?s dcterms:isPartOf $thing }"
IN_JOURNAL: Final = "?s dcterms:isPartOf $thing"
ISSUES: Final = """
SELECT ?volume ?v ?issue ?i ?year WHERE {
  { ?volume a fabio:JournalVolume ; frbr:partOf $thing ; prism:volume ?v
    OPTIONAL { ?issue frbr:partOf ?volume ; prism:issueIdentifier ?i
               OPTIONAL { ?issue fabio:hasPublicationYear ?year } } }
  UNION { ?issue a fabio:JournalIssue ; frbr:partOf $thing ; prism:issueIdentifier ?i
          OPTIONAL { ?issue fabio:hasPublicationYear ?year } }
}"""
COUNT_PARTS: Final = "SELECT (COUNT(DISTINCT ?s) AS ?n) WHERE { ?s frbr:partOf $thing . ?s dcterms:title ?title }"
# In the order of the printed pages: by the length of the first page, then by its text, as numbers sort.
PARTS_PAGE: Final = """
SELECT DISTINCT ?s ?page WHERE {
  ?s frbr:partOf $thing . ?s dcterms:title ?title OPTIONAL { ?s prism:startingPage ?page } }
ORDER BY STRLEN(?page) ?page ?s LIMIT $limit OFFSET $offset"""

COUNT_WORKS_OF: Final = "SELECT (COUNT(DISTINCT ?s) AS ?n) WHERE { ?s dcterms:creator $thing }"
WORKS_BY: Final = "?s dcterms:creator $thing"
WORKS_AT: Final = "?role pro:relatesToOrganization $thing . ?s pro:isDocumentContextFor ?role"
COUNT_WORKS_AT: Final = f"SELECT (COUNT(DISTINCT ?s) AS ?n) WHERE {{ {WORKS_AT} }}"
RECORDS_OF: Final = "?d prov:wasGeneratedBy|prov:hadPrimarySource $thing ; foaf:primaryTopic ?s"
COUNT_RECORDS_OF: Final = f"SELECT (COUNT(DISTINCT ?s) AS ?n) WHERE {{ {RECORDS_OF} }}"

# One line about each of some things: title, date, where it stands, who wrote it.
CARDS: Final = """
SELECT ?s ?title ?date ?doi ?journal ?person ?name ?position WHERE {
  { VALUES ?s { $things } ?s dcterms:title ?title }
  UNION { VALUES ?s { $things } ?s dcterms:issued ?date }
  UNION { VALUES ?s { $things } ?s prism:doi ?doi }
  UNION { VALUES ?s { $things } ?s dcterms:isPartOf ?j . ?j dcterms:title ?journal }
  UNION { VALUES ?s { $things } ?s pro:isDocumentContextFor ?role . ?role pro:withRole pro:author ;
          pro:isHeldBy ?person . ?person foaf:name ?name OPTIONAL { ?role <https://schema.org/position> ?position } }
}"""


def cards(iris: list[str]) -> str:
    """Return the query for one line about each of `iris`.

    Raises:
        ValueError: One has a character that no IRI has.
    """
    return PREFIXES + CARDS.replace("$things", _listed(iris))


JOURNAL_BY_ISSN: Final = """
SELECT ?s WHERE {
  ?s a fabio:Journal . { ?s prism:issn $issn } UNION { ?s prism:eIssn $issn } UNION { ?s fabio:hasIssnL $issn } }
ORDER BY STR(?s) LIMIT 1"""


def journal_by_issn(issn: str) -> str:
    """Return the query for the journal that has an ISSN, whichever of its ISSNs it is; `issn` as `NNNN-NNNX`."""
    return PREFIXES + JOURNAL_BY_ISSN.replace("$issn", f'"{issn}"')


ARTICLES_BY_YEAR: Final = (
    PREFIXES
    + """SELECT ?year (COUNT(DISTINCT ?s) AS ?n) WHERE {
  ?d foaf:primaryTopic ?s OPTIONAL { ?s fabio:hasPublicationYear ?year } } GROUP BY ?year"""
)
ARTICLES: Final = "?d foaf:primaryTopic ?s"
JOURNALS: Final = (
    PREFIXES
    + """SELECT ?s (COUNT(DISTINCT ?article) AS ?n) WHERE {
  ?s a fabio:Journal OPTIONAL { ?article dcterms:isPartOf ?s } } GROUP BY ?s"""
)
JOURNAL_TITLES: Final = PREFIXES + "SELECT ?s ?title WHERE { ?s a fabio:Journal ; dcterms:title ?title }"
# More than are shown: of works cited equally often the page takes the first by IRI, which is no work for the engine.
MOST_CITED: Final = (
    PREFIXES
    + """SELECT ?s ?n WHERE {
  { SELECT ?s (COUNT(?citing) AS ?n) WHERE { ?citing cito:cites ?s } GROUP BY ?s } FILTER(?n > 1) }
ORDER BY DESC(?n) LIMIT 200"""
)


def articles_of(year: str | None) -> str:
    """Return the pattern of the articles of a year, a literal as SPARQL writes it; None for undated ones."""
    if year is None:
        return f"{ARTICLES} FILTER NOT EXISTS {{ ?s fabio:hasPublicationYear ?any }}"
    return f"?s fabio:hasPublicationYear {year} . {ARTICLES}"


def newest(pattern: str) -> str:
    """Return the query for all that a pattern binds `?s` to, each with its year; in no order."""
    return f"{PREFIXES}SELECT DISTINCT ?s ?year WHERE {{ {pattern} OPTIONAL {{ ?s fabio:hasPublicationYear ?year }} }}"


def newest_page(pattern: str, limit: int, offset: int) -> str:
    """Return the query for one page of what `newest` asks for: newest first, undated last, those of a year by IRI."""
    return f"{newest(pattern)} ORDER BY DESC(?year) ?s LIMIT {limit} OFFSET {offset}"
