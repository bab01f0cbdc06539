"""The one table of metadata formats: which reader takes the metadata of a record, and which are refused by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from lxml import etree
from msgspec.structs import replace

from triplepress.record import ArticleRecord, Rejected, Skipped, Source
from triplepress.sources.crossref_xml import read_works
from triplepress.sources.jats.article import read_article
from triplepress.sources.oaipmh.arxiv import read_arxiv
from triplepress.sources.oaipmh.datacite_xml import read_datacite
from triplepress.sources.oaipmh.doaj_xml import read_doaj
from triplepress.sources.oaipmh.dublin_core import read_dublin_core
from triplepress.sources.oaipmh.marcxml import read_marc
from triplepress.sources.oaipmh.protocol import Header
from triplepress.sources.rejection import reject
from triplepress.sources.xml import local_name

Result = ArticleRecord | Rejected | Skipped
Reader = Callable[[etree._Element, Header, Source], Iterable[Result]]


@dataclass(frozen=True, slots=True)
class Payload:
    """One row of the table.

    Attributes:
        kind: What a record's source is called.
        prefixes: The metadata prefixes that repositories use for it, the fullest form first.
        namespaces: Starts of the namespaces of its root element.
        roots: Names of its root element where it comes without a namespace, or with one of many.
        read: The results of one root element.
    """

    kind: str
    prefixes: tuple[str, ...]
    namespaces: tuple[str, ...]
    roots: tuple[str, ...]
    read: Reader


def _one(read: Callable[[etree._Element, Source], Result]) -> Reader:
    """Return a reader that needs no header and gives one result as a reader of the table."""
    return lambda element, _header, source: [read(element, source)]


# In the order in which a harvest prefers them: what says most of an article comes first.
PAYLOADS: Final = (
    Payload(
        "jats",
        ("jats", "oai_jats", "pmc", "pmc_fm", "nlm"),
        ("https://jats.nlm.nih.gov", "http://jats.nlm.nih.gov", "http://dtd.nlm.nih.gov", "https://dtd.nlm.nih.gov"),
        ("article",),
        _one(read_article),
    ),
    Payload(
        "crossref",
        ("crossref", "cr_unixml", "cr_unixsd", "unixref", "unixsd"),
        ("http://www.crossref.org/xschema/", "http://www.crossref.org/qrschema/", "http://www.crossref.org/schema/"),
        ("crossref", "crossref_result", "doi_records", "doi_batch"),
        lambda element, _header, source: read_works(element, source),
    ),
    Payload(
        "datacite",
        ("datacite", "oai_datacite", "datacite4", "oai_datacite4", "datacite3", "oai_datacite3"),
        ("http://datacite.org/schema/", "http://schema.datacite.org/oai/"),
        ("resource", "oai_datacite"),
        _one(read_datacite),
    ),
    Payload(
        "doaj",
        ("oai_doaj", "doaj"),
        ("http://doaj.org/features/oai_doaj/",),
        ("doajArticle",),
        _one(read_doaj),
    ),
    Payload(
        "marcxml",
        ("marcxml", "marc21", "oai_marc21", "marc"),
        ("http://www.loc.gov/MARC21/slim",),
        ("marc", "collection"),
        read_marc,
    ),
    Payload("arxiv", ("arXivRaw", "arXiv"), ("http://arxiv.org/OAI/",), ("arXiv", "arXivRaw"), _one(read_arxiv)),
    Payload(
        "oai_dc",
        ("oai_dc", "base_dc", "qdc"),
        (
            "http://www.openarchives.org/OAI/2.0/oai_dc/",
            "http://oai.base-search.net/base_dc/",
            "http://dspace.org/qualifieddc/",
            "http://purl.org/dc/",
        ),
        ("dc", "qualifieddc"),
        read_dublin_core,
    ),
)


def best_prefix(offered: Iterable[str]) -> str | None:
    """Return the metadata prefix that says most of an article among those that a repository offers, or None.

    Example:
        >>> best_prefix(["oai_dc", "mods", "oai_jats"]), best_prefix(["mods"])
        ('oai_jats', None)
    """
    by_name = {prefix.lower(): prefix for prefix in offered}
    return next((by_name[name] for name in known_prefixes() if name in by_name), None)


def known_prefixes() -> list[str]:
    """Return the metadata prefixes of all formats that are read, in lower case, the best first."""
    return [prefix.lower() for payload in PAYLOADS for prefix in payload.prefixes]


def read_payload(element: etree._Element, header: Header, source: Source) -> Iterable[Result]:
    """Return the results of one record's metadata.

    Args:
        element: The root of the metadata.
        header: The record's header.
        source: Where the record stands; it gets the format's kind.
    """
    namespace, name = etree.QName(element).namespace or "", local_name(element)
    for payload in PAYLOADS:
        if (namespace and namespace.startswith(payload.namespaces)) or (not namespace and name in payload.roots):
            return payload.read(element, header, replace(source, kind=payload.kind))
    stated = f"“{name}” of {namespace}" if namespace else f"“{name}”"
    remedy = f"Harvest another one with --metadata-prefix: {', '.join(known_prefixes())}"
    return [reject(source, f"no reader for the metadata format {stated}", remedy)]
