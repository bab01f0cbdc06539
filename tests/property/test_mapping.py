"""Is it true for any record? Nothing is lost on the way from record to triples, and no two things share an IRI."""

from __future__ import annotations

import asyncio
import json
import re
import string
from typing import Any
from unittest.mock import patch
from urllib.parse import quote, unquote, urlsplit

import pyoxigraph
import pytest
import rdflib
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode, RdfFormat
from rdflib import Graph
from rdflib.compare import to_isomorphic

from triplepress.identifiers import normalise_doi
from triplepress.rdf.facts import ArticleFacts, EditionFacts, Layer, WorkFacts
from triplepress.rdf.formats import JSON_LD, TURTLE, Format
from triplepress.rdf.mapping import Mapping, encode_node
from triplepress.rdf.minting import Minter
from triplepress.rdf.nodes import Node
from triplepress.rdf.shaping import related_dois, shape_article, shape_cited_work
from triplepress.record import (
    Affiliation,
    ArticleRecord,
    Citation,
    Contributor,
    File,
    Journal,
    OrganisationName,
    OtherName,
    Reference,
    Relation,
    Source,
    Text,
    language_tag,
)
from triplepress.web.representation import in_reading_order, represent

# rdflib's own JSON-LD reader still makes the class that rdflib warns about.
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")

MAPPING = Mapping.load()
ROOT = "https://data.example.org/lod"
SLOW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])

texts = st.text(min_size=0, max_size=12)
filled = st.text(min_size=1, max_size=8).filter(lambda text: text.strip() != "")
maybe = st.none() | texts
tags = st.none() | st.sampled_from(
    [
        "en",
        "ru",
        "zh-Hant",
        "sl-rozaj-biske-1994",
        "de-CH-x-phonebk",
        "x-klingon",
        "hy-arevela",
        "en-a-bbb-x-a-ccc",
        "",
        "en_US",
        "@none",
        "abcd",
        "es-419",
        "zh-cmn-hans-cn",
    ]
)
dates = st.none() | st.from_regex(
    re.compile(r"[12][0-9]{3}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?"), fullmatch=True
)
addresses = st.one_of(
    texts,
    st.sampled_from(
        [
            "https://a.example/b c",
            "https://a.example/b%20c",
            "http://[bad",
            "ftp://x/%zz",
            "//x",
            "javascript:alert(1)",
            "https://пример.рф/статья",
            "https://a.example/?q=<>",
            "mailto:a@b.example",
            "https://a.example:port/",
        ]
    ),
)


@st.composite
def dois(draw: st.DrawFn) -> str:
    """Any DOI that the record takes, SICIs and letters of any script included."""
    suffix = draw(st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=10))
    return normalise_doi(f"10.{draw(st.integers(1000, 99999))}/{suffix}")


def lists(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(strategy, max_size=3)


text_values = st.builds(Text, text=texts, lang=tags)
affiliations = st.builds(
    Affiliation,
    name=texts,
    lang=tags,
    other_names=lists(st.builds(OrganisationName, name=texts, lang=tags)),
    country=st.none() | st.sampled_from(["Russia", "Россия", "Ruritania", "US"]),
    ror=st.none() | st.sampled_from(["05dxps055", "no ror"]),
)
contributors = st.builds(
    Contributor,
    name=texts,
    role=st.sampled_from(["author", "editor", "sponsor", ""]),
    position=st.integers(-5, 2000),
    given=maybe,
    family=maybe,
    lang=tags,
    other_names=lists(st.builds(OtherName, name=texts, given=maybe, family=maybe, lang=tags)),
    orcid=st.none() | st.just("0000-0002-1825-0097"),
    corresponding=st.booleans(),
    organisation=st.booleans(),
    affiliations=lists(affiliations),
)
fields = st.dictionaries(
    st.sampled_from(["title", "article-title", "year", "volume", "first-page", "author"]),
    texts | st.integers(0, 3000) | st.none() | st.booleans() | st.just("2022"),
    max_size=4,
)
references = st.builds(
    Reference,
    position=st.integers(0, 3),
    text=maybe,
    doi=st.none() | dois(),
    identifiers=st.dictionaries(st.sampled_from(["pmid", "pmcid", "isbn"]), texts, max_size=2),
    fields=fields,
)
records = st.builds(
    ArticleRecord,
    doi=dois(),
    pmid=maybe,
    pmcid=maybe,
    kind=st.sampled_from(["journal-article", "retraction", "correction", "review-article", "no such kind"]),
    titles=lists(text_values),
    abstracts=lists(text_values),
    keywords=lists(text_values),
    language=tags,
    issued=dates,
    received=dates,
    accepted=dates,
    available=dates,
    journal=st.none() | st.builds(Journal, titles=lists(text_values), issn=st.just("2313-8920")),
    volume=maybe,
    issue=maybe,
    pages=maybe,
    first_page=maybe,
    last_page=maybe,
    article_number=maybe,
    contributors=lists(contributors),
    licences=lists(addresses),
    references=lists(references),
    relations=lists(
        st.builds(
            Relation, type=st.sampled_from(["corrects", "has-review", "is-reviewed-by", "has-preprint"]), doi=dois()
        )
    ),
    landing_pages=lists(addresses),
    files=lists(
        st.builds(File, url=addresses, media_type=st.none() | st.sampled_from(["application/pdf", "a b", "x/y^z"]))
    ),
    citation=st.none() | st.builds(Citation, text=texts, lang=tags),
    sources=lists(st.builds(Source, kind=texts, location=texts, sha256=maybe)),
)
layers: st.SearchStrategy[tuple[Layer, ...]] = st.sampled_from([(), ("ocdm",)])


def _shaped(record: ArticleRecord, layers: tuple[Layer, ...]) -> Node:
    edition = EditionFacts(ROOT, "https://creativecommons.org/publicdomain/zero/1.0/", layers=layers)
    cited = {
        doi: WorkFacts(doi, "2024-02-29", "2313-8920", frozenset({"0000-0002-1825-0097"}))
        for doi in related_dois(record)
    }
    key = "2313-8920" if record.journal is not None else None
    return shape_article(ArticleFacts(record, key, "2026-11-22T09:40:00Z", "run 1", cited), edition)


def _statements(value: dict[str, Any]) -> int:
    """Count what a JSON node states, by nothing but its own structure: each value of each key but `id`."""
    count = 0
    for key, member in value.items():
        values = member if isinstance(member, list) else [member]
        if key == "id":
            continue
        if key == "included":
            count += sum(_statements(node) for node in values)
        elif isinstance(member, dict) and "value" not in member:
            count += sum(len(texts) for texts in member.values())
        else:
            count += len(values)
    return count


@SLOW
@given(records, layers)
def test_mapping_loses_nothing_and_says_nothing_twice(record: ArticleRecord, layers: tuple[Layer, ...]) -> None:
    line = encode_node(_shaped(record, layers))
    triples = MAPPING.to_ntriples([line]).splitlines()
    assert len(triples) == _statements(json.loads(line))
    assert len(set(triples)) == len(triples)
    assert not any(b"_:" in triple.split(b" ", 1)[0] for triple in triples)


@settings(SLOW, max_examples=25)
@given(records)
def test_another_json_ld_processor_reads_the_same_graph(record: ArticleRecord) -> None:
    line = encode_node(_shaped(record, ("ocdm",)))
    # rdflib cannot write a negative duration of years and days, such as -P1Y2D, in the form that it prefers.
    with patch.object(rdflib, "NORMALIZE_LITERALS", new=False):
        theirs = Graph().parse(data=MAPPING.document([line]), format="json-ld")
        ours = Graph().parse(data=MAPPING.to_ntriples([line]), format="nt")
    assert to_isomorphic(theirs) == to_isomorphic(ours)


def _triples(document: bytes, form: RdfFormat) -> list[pyoxigraph.Triple]:
    return [quad.triple for quad in pyoxigraph.parse(document, format=form)]


def _served(ntriples: bytes, iri: str, form: Format) -> bytes:
    """What `/data/` answers for a description."""

    async def answer() -> bytes:
        return await represent(await in_reading_order(ntriples, iri), form)

    return asyncio.run(answer())


@SLOW
@given(records, layers)
def test_all_forms_say_the_same_triples(record: ArticleRecord, layers: tuple[Layer, ...]) -> None:
    node = _shaped(record, layers)
    ntriples = MAPPING.to_ntriples([encode_node(node)])
    expected = _triples(ntriples, RdfFormat.N_TRIPLES)
    assert _triples(MAPPING.to_turtle(ntriples), RdfFormat.TURTLE) == expected
    article = Minter(ROOT).article(record)
    for document, form in (
        (_served(ntriples, article, TURTLE), RdfFormat.TURTLE),
        (_served(ntriples, article, JSON_LD), RdfFormat.JSON_LD),
    ):
        found = _triples(document, form)
        assert set(found) == set(expected)
        assert len(found) == len(expected)


@SLOW
@given(st.lists(records, max_size=4, unique_by=Minter(ROOT).article), layers)
def test_what_a_batch_says_is_what_its_nodes_say_one_after_another(
    some: list[ArticleRecord], layers: tuple[Layer, ...]
) -> None:
    lines = [encode_node(_shaped(record, layers)) for record in some]
    each = [MAPPING.to_ntriples([line]) for line in lines]
    assert MAPPING.to_ntriples(lines) == b"".join(each)
    assert MAPPING.to_turtle(b"".join(each), header=False) == b"".join(
        MAPPING.to_turtle(text, header=False) for text in each
    )


@SLOW
@given(st.lists(dois(), min_size=2, max_size=6, unique=True))
def test_no_two_things_share_an_iri(some: list[str]) -> None:
    minter = Minter(ROOT)
    article = minter.work(some[0])
    minted = [
        *(minter.work(doi) for doi in some),
        *(minter.citation(article, doi) for doi in some),
        *(minter.document(minter.work(doi)) for doi in some),
        *(minter.page(minter.work(doi)) for doi in some),
        *(minter.volume(minter.journal("2313-8920"), doi) for doi in some),
        *(minter.issue(minter.journal("2313-8920"), None, doi, "2024") for doi in some),
        *(minter.issue(minter.journal("2313-8920"), doi, "1", "2024") for doi in some),
        *(minter.article(ArticleRecord(local_id=doi, sources=[Source(kind="doi", location="x")])) for doi in some),
    ]
    assert len(set(minted)) == len(minted)
    for iri in minted:
        assert pyoxigraph.NamedNode(iri).value == iri
        assert set(iri) <= set(string.ascii_letters + string.digits + "-._~!$&'()*+,;=:@/%#")


@SLOW
@given(dois())
def test_iri_survives_an_http_round_trip(doi: str) -> None:
    path = urlsplit(Minter(ROOT).work(doi)).path
    # what a server sees after unquoting, and what another client sends that quotes by its own rules
    again = quote(unquote(path), safe="/")
    assert normalise_doi(unquote(again).removeprefix("/lod/id/doi/")) == doi


@SLOW
@given(st.lists(dois(), min_size=1, max_size=3, unique=True), layers)
def test_stub_of_a_cited_work_is_whole(some: list[str], layers: tuple[Layer, ...]) -> None:
    edition = EditionFacts(ROOT, "https://creativecommons.org/publicdomain/zero/1.0/", layers=layers)
    lines = [encode_node(shape_cited_work(doi, edition)) for doi in some]
    assert len(MAPPING.to_ntriples(lines).splitlines()) == sum(_statements(json.loads(line)) for line in lines)


iris = st.sampled_from(
    [
        "http://purl.org/dc/terms/title",
        "http://purl.org/spar/cito/cites",
        "http://purl.org/dc/terms/issued",
        "http://purl.org/spar/fabio/hasPublicationYear",
        "http://www.w3.org/1999/02/22-rdf-syntax-ns#type",
        "http://unknown.example/p",
        "urn:x:y",
        "foaf:name",
        "title:x",
        "http://purl.org/dc/terms/",
        "a:b",
        "http://www.w3.org/1999/02/22-rdf-syntax-ns#first",
        "https://data.example.org/id/doi/10.1/x#ref-1",
        "http://purl.org/spar/fabio/JournalArticle",
        "http://www.w3.org/2001/XMLSchema#date",
    ]
)
literals = st.one_of(
    st.builds(pyoxigraph.Literal, st.text(st.characters(exclude_categories=["Cs"]), max_size=6)),
    st.builds(
        lambda text, tag: pyoxigraph.Literal(text, language=tag),
        st.text(st.characters(exclude_categories=["Cs"]), max_size=6),
        st.sampled_from([tag for tag in map(language_tag, ["en", "ru", "zh-Hant"]) if tag]),
    ),
    st.sampled_from(
        [
            pyoxigraph.Literal(text, datatype=pyoxigraph.NamedNode(f"http://www.w3.org/2001/XMLSchema#{name}"))
            for text, name in (
                ("1", "integer"),
                ("01", "integer"),
                ("-0", "integer"),
                ("9" * 20, "integer"),
                ("1", "int"),
                ("2024", "gYear"),
                ("true", "boolean"),
                ("1e3", "double"),
                ("P1Y", "duration"),
                ("", "token"),
            )
        ]
    ),
)
blanks = st.sampled_from([BlankNode("a"), BlankNode("b1")])
nodes = iris.map(pyoxigraph.NamedNode)
any_triples = st.builds(pyoxigraph.Triple, nodes | blanks, nodes, nodes | blanks | literals)


@settings(SLOW, max_examples=100)
@given(st.lists(any_triples, max_size=8, unique=True))
def test_any_triples_survive_compact_json_ld(triples: list[pyoxigraph.Triple]) -> None:
    ntriples = pyoxigraph.serialize(triples, format=RdfFormat.N_TRIPLES) or b""
    document = _served(ntriples, "urn:x:y", JSON_LD)
    expected = to_isomorphic(Graph().parse(data=ntriples, format="nt"))
    native = pyoxigraph.serialize(
        (quad.triple for quad in pyoxigraph.parse(document, format=RdfFormat.JSON_LD)), format=RdfFormat.N_TRIPLES
    )
    assert to_isomorphic(Graph().parse(data=native or b"", format="nt")) == expected
    assert to_isomorphic(Graph().parse(data=document, format="json-ld")) == expected


def test_odd_lines_never_take_a_batch_with_them() -> None:
    odd = ArticleRecord(doi="10.1234/a", titles=[Text(text='\\" \u2028 \U0001f600 </script> \x00', lang="en_US")])
    plain = ArticleRecord(doi="10.1234/b", titles=[Text(text="plain", lang="en")])
    written = MAPPING.to_ntriples([encode_node(_shaped(record, ())) for record in (odd, plain)])
    assert b'"plain"@en' in written
    assert Graph().parse(data=written, format="nt")


@pytest.mark.parametrize("lines", [[], [b"{}"]])
def test_nothing_becomes_nothing(lines: list[bytes]) -> None:
    assert MAPPING.to_ntriples(lines) == b""
