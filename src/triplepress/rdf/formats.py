"""The one table of formats, shared by the command line, the dumps and the web."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from pyoxigraph import QueryResultsFormat, RdfFormat

Kind = Literal["graph", "dataset", "results", "page"]


@dataclass(frozen=True, slots=True)
class Format:
    """One row of the table.

    `name` is what `--format` and `?format=` take; `media_type` is sent without parameters; `aliases` are media types
    that clients ask for and mean the same; `native` is Oxigraph's own name of the format, None for pages.
    """

    name: str
    label: str
    media_type: str
    extension: str
    kind: Kind
    native: RdfFormat | QueryResultsFormat | None = None
    aliases: tuple[str, ...] = ()

    @property
    def content_type(self) -> str:
        """The media type as a `Content-Type`: text carries its charset."""
        return f"{self.media_type}; charset=utf-8" if self.media_type.startswith("text/") else self.media_type


TURTLE: Final = Format("ttl", "Turtle", "text/turtle", "ttl", "graph", RdfFormat.TURTLE, ("application/x-turtle",))
N_TRIPLES: Final = Format("nt", "N-Triples", "application/n-triples", "nt", "graph", RdfFormat.N_TRIPLES)
JSON_LD: Final = Format("jsonld", "JSON-LD", "application/ld+json", "jsonld", "graph", RdfFormat.JSON_LD)
RDF_XML: Final = Format("rdf", "RDF/XML", "application/rdf+xml", "rdf", "graph", RdfFormat.RDF_XML)
N_QUADS: Final = Format("nq", "N-Quads", "application/n-quads", "nq", "dataset", RdfFormat.N_QUADS)
JSON: Final = Format(
    "json",
    "SPARQL JSON",
    "application/sparql-results+json",
    "srj",
    "results",
    QueryResultsFormat.JSON,
    ("application/json",),
)
XML: Final = Format(
    "xml",
    "SPARQL XML",
    "application/sparql-results+xml",
    "srx",
    "results",
    QueryResultsFormat.XML,
    ("application/xml", "text/xml"),
)
CSV: Final = Format("csv", "CSV", "text/csv", "csv", "results", QueryResultsFormat.CSV)
TSV: Final = Format("tsv", "TSV", "text/tab-separated-values", "tsv", "results", QueryResultsFormat.TSV)
HTML: Final = Format("html", "HTML", "text/html", "html", "page", None, ("application/xhtml+xml",))

# In order of preference: what is served when a client takes anything.
GRAPH_FORMATS: Final = (TURTLE, JSON_LD, N_TRIPLES, RDF_XML)
RESULT_FORMATS: Final = (JSON, XML, CSV, TSV)
FORMATS: Final = {f.name: f for f in (*GRAPH_FORMATS, N_QUADS, *RESULT_FORMATS, HTML)}
