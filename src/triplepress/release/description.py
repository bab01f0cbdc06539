"""The edition's description of itself, `void.ttl`: VoID, DCAT 3 and the SPARQL service description.

References:
    VoID (W3C Interest Group Note 2011); DCAT 3 (W3C Recommendation 2024); SPARQL 1.1 Service Description.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import quote

import msgspec
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, serialize

from triplepress.rdf.facts import EditionFacts
from triplepress.rdf.formats import GRAPH_FORMATS, JSON_LD, N_QUADS, N_TRIPLES, RESULT_FORMATS, TURTLE
from triplepress.rdf.turtle import to_turtle
from triplepress.release.dumps import Dump
from triplepress.release.statistics import LINKED, Statistics
from triplepress.settings import Settings

_PREFIXES: Final = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "owl": "http://www.w3.org/2002/07/owl#",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "sd": "http://www.w3.org/ns/sparql-service-description#",
    "spdx": "http://spdx.org/rdf/terms#",
    "void": "http://rdfs.org/ns/void#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_MEDIA_TYPES: Final = "https://www.iana.org/assignments/media-types/"
_GZIP: Final = f"{_MEDIA_TYPES}application/gzip"
# W3C's unique IRIs of file formats, which the service description names: https://www.w3.org/ns/formats/.
_FORMATS: Final = "http://www.w3.org/ns/formats/"
_SERVICE_FORMATS: Final = {
    "ttl": "Turtle",
    "nt": "N-Triples",
    "jsonld": "JSON-LD",
    "rdf": "RDF_XML",
    "json": "SPARQL_Results_JSON",
    "xml": "SPARQL_Results_XML",
    "csv": "SPARQL_Results_CSV",
    "tsv": "SPARQL_Results_TSV",
}
# What the links lead to, by the names of `statistics.LINKED`.
_LINK_TITLES: Final = {"doi": "The DOI system", "orcid": "ORCID", "ror": "Research Organization Registry"}
_DUMP_TITLES: Final = {
    TURTLE.media_type: "Turtle",
    N_TRIPLES.media_type: "N-Triples",
    JSON_LD.media_type: "JSON-LD",
    N_QUADS.media_type: "Matched references, N-Quads",
    "text/csv": "Citations as a table of DOIs",
}
# What the graph of matches is, in the languages of the interface.
_MATCHED: Final = (
    ("Matched statements", "Links found by comparing references with known works; none is stated by a source", "en"),
    (
        "Найденные совпадения",
        "Связи, найденные сравнением ссылок с известными работами; источники их не содержат",
        "ru",
    ),
)

Object = NamedNode | Literal


class EditionDescription(msgspec.Struct, frozen=True, kw_only=True):
    """What the description says of one release beside its settings.

    Attributes:
        release: The release's id: the dataset's version.
        created: xsd:dateTime.
        statistics: Counts of the triples.
        dumps: The files of `dumps/` with what the sources state.
        matched: Number of triples in the graph of matches.
        matched_dump: The file of that graph; None where nothing was matched.
        vocabularies: Namespace IRIs of the vocabularies in use.
        examples: IRIs of a few things worth looking at first.
    """

    release: str
    created: str
    statistics: Statistics
    dumps: tuple[Dump, ...]
    matched: int = 0
    matched_dump: Dump | None = None
    vocabularies: tuple[str, ...]
    examples: tuple[str, ...]


def describe_edition(
    description: EditionDescription, settings: Settings, edition: EditionFacts, prefixes: dict[str, str]
) -> bytes:
    """Return `void.ttl`.

    Args:
        description: What is known of the release.
        settings: The settings in force.
        edition: The edition's facts.
        prefixes: Namespace IRIs by prefix, as in the mapping: partitions are named by them.

    Returns:
        Turtle, UTF-8, without blank nodes.
    """
    writer = _Description(description, settings, edition, prefixes)
    return to_turtle(serialize(writer.triples(), format=RdfFormat.N_TRIPLES) or b"", _PREFIXES)


def _term(name: str) -> NamedNode:
    """Return the IRI of a prefixed name."""
    prefix, _, local = name.partition(":")
    return NamedNode(_PREFIXES[prefix] + local)


def _number(value: int, datatype: str = "xsd:integer") -> Literal:
    """Return a number as a literal."""
    return Literal(str(value), datatype=_term(datatype))


class _Description:
    """Writes one description, subject by subject."""

    def __init__(
        self,
        description: EditionDescription,
        settings: Settings,
        edition: EditionFacts,
        prefixes: dict[str, str],
    ) -> None:
        self._of = description
        self._settings = settings
        self._edition = edition
        self._prefixes = _PREFIXES | prefixes
        self._root = edition.root
        self._dataset = NamedNode(edition.minter.dataset)
        self._publisher = self._part("publisher")

    def _part(self, name: str) -> NamedNode:
        """Return a hash IRI of the dataset."""
        return NamedNode(f"{self._dataset.value}#{name}")

    def triples(self) -> Iterator[Triple]:
        """Yield all triples, grouped by subject."""
        parts = (
            self._dataset_itself(),
            self._publishing(),
            *(self._distribution(dump) for dump in self._of.dumps),
            self._service(),
            self._matched(),
            self._linksets(),
            self._partitions(),
        )
        for part in parts:
            for subject, predicate, value in part:
                yield Triple(subject, _term(predicate), value)

    def _dataset_itself(self) -> Iterator[tuple[NamedNode, str, Object]]:
        dataset, settings, of = self._dataset, self._settings, self._of
        yield dataset, "rdf:type", _term("void:Dataset")
        yield dataset, "rdf:type", _term("dcat:Dataset")
        yield dataset, "dcterms:title", Literal(settings.title)
        if settings.description:
            yield dataset, "dcterms:description", Literal(settings.description)
        if settings.publisher or settings.contact:
            yield dataset, "dcterms:publisher", self._publisher
        if settings.contact:
            yield dataset, "dcat:contactPoint", self._publisher
        yield dataset, "dcterms:license", NamedNode(settings.metadata_licence)
        yield dataset, "dcterms:conformsTo", NamedNode(self._edition.minter.profile(self._edition.profile_version))
        yield dataset, "dcterms:modified", Literal(of.created, datatype=_term("xsd:dateTime"))
        yield dataset, "dcat:version", Literal(of.release)
        yield dataset, "dcat:landingPage", NamedNode(f"{self._root}/")
        yield dataset, "foaf:homepage", NamedNode(f"{self._root}/")
        for dump in of.dumps:
            yield dataset, "dcat:distribution", self._part(_dump_name(dump))
        for dump in of.dumps:
            if dump.media_type in {f.media_type for f in GRAPH_FORMATS}:
                yield dataset, "void:dataDump", self._file(dump)
        yield dataset, "void:sparqlEndpoint", NamedNode(f"{self._root}/sparql")
        yield dataset, "void:uriSpace", Literal(f"{self._root}/id/")
        for example in of.examples:
            yield dataset, "void:exampleResource", NamedNode(example)
        for vocabulary in of.vocabularies:
            yield dataset, "void:vocabulary", NamedNode(vocabulary)
        yield dataset, "void:triples", _number(of.statistics.triples)
        yield dataset, "void:entities", _number(of.statistics.things)
        yield dataset, "void:distinctSubjects", _number(of.statistics.subjects)
        yield dataset, "void:classes", _number(len(of.statistics.classes))
        yield dataset, "void:properties", _number(len(of.statistics.properties))
        for name in LINKED:
            if of.statistics.links.get(name):
                yield dataset, "void:subset", self._part(f"links-{name}")
        for iri in sorted(of.statistics.classes):
            yield dataset, "void:classPartition", self._partition("class", iri)
        for iri in sorted(of.statistics.properties):
            yield dataset, "void:propertyPartition", self._partition("property", iri)

    def _publishing(self) -> Iterator[tuple[NamedNode, str, Object]]:
        settings = self._settings
        if not (settings.publisher or settings.contact):
            return
        yield self._publisher, "rdf:type", _term("foaf:Agent")
        if settings.publisher:
            yield self._publisher, "foaf:name", Literal(settings.publisher)
        if settings.contact:
            address = "foaf:mbox" if settings.contact.startswith("mailto:") else "foaf:page"
            yield self._publisher, address, NamedNode(settings.contact)

    def _file(self, dump: Dump) -> NamedNode:
        """Return the address of a dump: that of this release, which never changes."""
        return NamedNode(f"{self._root}/releases/{self._of.release}/dumps/{dump.name}")

    def _distribution(self, dump: Dump) -> Iterator[tuple[NamedNode, str, Object]]:
        distribution = self._part(_dump_name(dump))
        checksum = self._part(f"{_dump_name(dump)}-sha256")
        yield distribution, "rdf:type", _term("dcat:Distribution")
        yield distribution, "dcterms:title", Literal(_DUMP_TITLES[dump.media_type], language="en")
        yield distribution, "dcat:downloadURL", self._file(dump)
        yield distribution, "dcat:accessURL", NamedNode(f"{self._root}/dumps/")
        yield distribution, "dcat:mediaType", NamedNode(_MEDIA_TYPES + dump.media_type)
        yield distribution, "dcat:compressFormat", NamedNode(_GZIP)
        yield distribution, "dcat:byteSize", _number(dump.bytes, "xsd:nonNegativeInteger")
        yield distribution, "dcterms:license", NamedNode(self._settings.metadata_licence)
        yield distribution, "dcterms:modified", Literal(self._of.created, datatype=_term("xsd:dateTime"))
        yield distribution, "spdx:checksum", checksum
        yield checksum, "rdf:type", _term("spdx:Checksum")
        yield checksum, "spdx:algorithm", _term("spdx:checksumAlgorithm_sha256")
        yield checksum, "spdx:checksumValue", Literal(dump.sha256, datatype=_term("xsd:hexBinary"))

    def _service(self) -> Iterator[tuple[NamedNode, str, Object]]:
        endpoint = NamedNode(f"{self._root}/sparql")
        service, default = NamedNode(f"{endpoint.value}#service"), NamedNode(f"{endpoint.value}#default-dataset")
        graph = NamedNode(f"{endpoint.value}#default-graph")
        yield service, "rdf:type", _term("sd:Service")
        yield service, "rdf:type", _term("dcat:DataService")
        yield service, "dcterms:title", Literal(f"{self._settings.title}: SPARQL endpoint")
        yield service, "dcat:endpointURL", endpoint
        yield service, "dcat:servesDataset", self._dataset
        yield service, "dcterms:license", NamedNode(self._settings.metadata_licence)
        yield service, "sd:endpoint", endpoint
        yield service, "sd:supportedLanguage", _term("sd:SPARQL11Query")
        for each in (*RESULT_FORMATS, *GRAPH_FORMATS):
            yield service, "sd:resultFormat", NamedNode(_FORMATS + _SERVICE_FORMATS[each.name])
        yield service, "sd:defaultDataset", default
        yield default, "rdf:type", _term("sd:Dataset")
        yield default, "sd:defaultGraph", graph
        yield graph, "rdf:type", _term("sd:Graph")
        yield graph, "void:triples", _number(self._of.statistics.triples)

    def _matched(self) -> Iterator[tuple[NamedNode, str, Object]]:
        """Yield what is said of the graph of matches: part of the edition, and no part of its facts."""
        dump = self._of.matched_dump
        if dump is None:
            return
        name = NamedNode(self._edition.minter.graph("matched"))
        endpoint = f"{self._root}/sparql"
        graph = NamedNode(f"{endpoint}#matched-graph")
        yield NamedNode(f"{endpoint}#default-dataset"), "sd:namedGraph", graph
        yield graph, "rdf:type", _term("sd:NamedGraph")
        yield graph, "sd:name", name
        yield graph, "sd:graph", name
        yield name, "rdf:type", _term("sd:Graph")
        yield name, "rdf:type", _term("void:Dataset")
        for title, description, language in _MATCHED:
            yield name, "dcterms:title", Literal(title, language=language)
            yield name, "dcterms:description", Literal(description, language=language)
        yield name, "dcterms:isPartOf", self._dataset
        yield name, "dcterms:license", NamedNode(self._settings.metadata_licence)
        yield name, "void:triples", _number(self._of.matched)
        yield name, "void:dataDump", self._file(dump)
        yield name, "dcat:distribution", self._part(_dump_name(dump))
        yield from self._distribution(dump)

    def _linksets(self) -> Iterator[tuple[NamedNode, str, Object]]:
        for name, target in LINKED.items():
            count = self._of.statistics.links.get(name, 0)
            if not count:
                continue
            linkset = self._part(f"links-{name}")
            yield linkset, "rdf:type", _term("void:Linkset")
            yield linkset, "void:linkPredicate", _term("owl:sameAs")
            yield linkset, "void:subjectsTarget", self._dataset
            yield linkset, "void:objectsTarget", NamedNode(target)
            yield linkset, "void:triples", _number(count)
            yield NamedNode(target), "rdf:type", _term("void:Dataset")
            yield NamedNode(target), "dcterms:title", Literal(_LINK_TITLES[name], language="en")

    def _partition(self, kind: str, iri: str) -> NamedNode:
        """Return the IRI of a partition, such as `…#class-fabio-JournalArticle`."""
        matching = [prefix for prefix, namespace in self._prefixes.items() if iri.startswith(namespace)]
        prefix = max(matching, key=lambda prefix: len(self._prefixes[prefix]), default=None)
        name = iri if prefix is None else f"{prefix}-{iri[len(self._prefixes[prefix]) :]}"
        return self._part(f"{kind}-{quote(name, safe='')}")

    def _partitions(self) -> Iterator[tuple[NamedNode, str, Object]]:
        yield from self._partitions_of("class", "void:class", "void:entities", self._of.statistics.classes)
        yield from self._partitions_of("property", "void:property", "void:triples", self._of.statistics.properties)

    def _partitions_of(
        self, kind: str, names: str, counts: str, numbers: Counter[str]
    ) -> Iterator[tuple[NamedNode, str, Object]]:
        for iri, number in sorted(numbers.items()):
            partition = self._partition(kind, iri)
            yield partition, "rdf:type", _term("void:Dataset")
            yield partition, names, NamedNode(iri)
            yield partition, counts, _number(number)


def _dump_name(dump: Dump) -> str:
    """Return a dump's name within the description: `articles.nt.gz` is `articles-nt`."""
    return dump.name.removesuffix(".gz").replace(".", "-")


def vocabularies_in_use(statistics: Statistics, namespaces: Iterable[str]) -> tuple[str, ...]:
    """Return those namespaces, of which any class or property is in use, in order."""
    terms = [*statistics.classes, *statistics.properties]
    return tuple(sorted({n for n in namespaces if any(term.startswith(n) for term in terms)}))
