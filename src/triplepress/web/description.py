"""What is known of a thing, as sorted N-Triples: the content of its data document.

All of it is asked through the store's protocol, so any engine behind it will do: by SPARQL, but for an article's own
statements where the store can read them from the release. Only the dataset's own description is a file of the release.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from pyoxigraph import RdfFormat, parse, serialize

from triplepress.rdf.minting import Minter
from triplepress.web import queries
from triplepress.web.edition import Edition
from triplepress.web.representation import in_reading_order
from triplepress.web.things import Thing
from triplepress.web.view import expand, value_of

_PRIMARY_TOPIC: Final = f"<{expand('foaf:primaryTopic')}>"
_ROLE: Final = f"<{expand('pro:isDocumentContextFor')}>"
_FURTHER: Final = {
    "journal": (queries.PARTS,),
    "volume": (queries.PARTS,),
    "issue": (queries.PARTS,),
    "orcid": (queries.WORKS_OF,),
    "ror": (queries.ROLES_AT,),
}


async def exists(edition: Edition, thing: Thing, root: str) -> bool:
    """Return whether the release says anything of a thing, or once held a record of it."""
    if thing.kind == "dataset":
        return True
    if thing.kind == "graph":
        return thing.name in GRAPHS
    iri = thing.iri(root)
    return await edition.store.ask(queries.bound(queries.EXISTS, iri)) or bool(
        (thing.kind == "doi" and await _only_matched(edition, iri, root)) or await left_behind(edition, thing, root)
    )


async def left_behind(edition: Edition, thing: Thing, root: str) -> bytes:
    """Return what is known of a record that the edition no longer holds; empty where it holds it, or never did."""
    if thing.kind not in {"doi", "local"}:
        return b""
    document = f"{root}{thing.data_path}"
    return await edition.store.construct(queries.bound(queries.GONE, document))


async def _only_matched(edition: Edition, iri: str, root: str) -> bytes:
    """Return what the graph of matches says of a work that nothing else names: its DOI, never who may cite it."""
    graph = Minter(root).graph("matched")
    return await edition.store.construct(queries.bound(queries.ONLY_MATCHED, iri).replace("$graph", f"<{graph}>"))


async def own_statements(edition: Edition, thing: Thing, root: str) -> bytes:
    """Return what pages need of a thing: its own statements, those of its parts, labels. Empty when unknown."""
    key = f"own {thing.path}"
    cached = edition.cache.get(key)
    if cached is not None:
        return cached
    iri = thing.iri(root)
    if thing.kind == "dataset":
        content = dataset_description(edition)
    elif thing.kind == "graph":
        content = await _graph_description(edition, thing, iri, root) if thing.name in GRAPHS else b""
    else:
        if thing.kind in {"doi", "local"}:
            content = await _article(edition, iri, root)
        else:
            content = await edition.store.construct(queries.bound(queries.OTHER, iri))
        if not content and thing.kind == "doi":
            content = await _only_matched(edition, iri, root)
    if content:
        edition.cache.put(key, content, len(content))
    return content


async def _article(edition: Edition, iri: str, root: str) -> bytes:
    """Return an article's own statements and the labels of what it points at; the same of a work that is only cited.

    What the release itself says need not be asked for, only the labels: those are statements about other things.
    """
    entry = await edition.store.entry(iri)
    if entry is None:
        return await edition.store.construct(queries.bound(queries.ARTICLE, iri))
    return entry + await edition.store.construct(_labels_around(entry, iri, root))


def _labels_around(entry: bytes, iri: str, root: str) -> str:
    """Return the query for the labels of what an article points at.

    Args:
        entry: All statements about the article, its parts and its document.
        iri: The article.
        root: The base without its final slash; an edition says nothing of what is not below it.
    """
    about: dict[str, list[tuple[str, str]]] = {}
    for line in entry.decode().split("\n")[:-1]:
        subject, predicate, value = line.split(" ", 2)
        about.setdefault(subject, []).append((predicate, value.removesuffix(" .")))
    article, below = f"<{iri}>", f"<{root}/"

    def beyond(subjects: Iterable[str]) -> list[str]:
        """Return the edition's IRIs that some subjects point at, without those that the entry itself is about."""
        values = dict.fromkeys(value for subject in subjects for _, value in about.get(subject, ()))
        return [value[1:-1] for value in values if value.startswith(below) and value not in about]

    return queries.around(
        iri,
        documented=beyond(subject for subject, said in about.items() if (_PRIMARY_TOPIC, article) in said),
        pointed=beyond([article]),
        held=beyond(value for predicate, value in about.get(article, ()) if predicate == _ROLE),
    )


async def describe(edition: Edition, thing: Thing, root: str, gone: bytes = b"") -> bytes:
    """Return all that a thing's data document says, as N-Triples in reading order; empty when unknown.

    Args:
        edition: The release that is asked.
        thing: The thing.
        root: The base without its final slash.
        gone: What `left_behind` found of it.
    """
    own = await own_statements(edition, thing, root) + gone
    if not own:
        return b""
    parts = [own]
    iri = thing.iri(root)
    if thing.kind in {"doi", "local"}:
        parts.append(await edition.store.construct(queries.bound(queries.CITED_BY, iri)))
        parts.append(await edition.store.construct(queries.bound(queries.INCOMING, iri)))
        if not is_held(own, iri):
            parts.append(await edition.store.construct(queries.bound(queries.NAMED_BY, iri)))
    for query in _FURTHER.get(thing.kind, ()):
        parts.append(await edition.store.construct(queries.bound(query, iri)))
    return await in_reading_order(b"".join(parts), iri)


def is_held(own: bytes, iri: str) -> bool:
    """Return whether an article's own record is in the release: whether a document is about it."""
    return f"{_PRIMARY_TOPIC} <{iri}> .".encode() in own


def dataset_description(edition: Edition) -> bytes:
    """Return the release's `void.ttl` as N-Triples; empty when it has none."""
    turtle = edition.file("void.ttl")
    if turtle is None:
        return b""
    return serialize(parse(turtle, format=RdfFormat.TURTLE), format=RdfFormat.N_TRIPLES) or b""


# The two graphs beside the facts, each with what it holds in the languages of the interface.
GRAPHS: Final = {
    "matched": (
        (
            "Matched statements",
            "en",
            "Links found by comparing references with known works; none is stated by a source",
        ),
        (
            "Найденные совпадения",
            "ru",
            "Связи, найденные сравнением ссылок с известными работами; источники их не содержат",
        ),
    ),
    "inferred": (
        ("Inferred statements", "en", "Statements derived by opt-in rules; none is stated by a source"),
        ("Выведенные утверждения", "ru", "Утверждения, выведенные по включаемым правилам; источники их не содержат"),
    ),
}


def _statements_of(ntriples: bytes, iri: str) -> bytes:
    """Return the statements whose subject is `iri`."""
    start = f"<{iri}> ".encode()
    return b"".join(line for line in ntriples.splitlines(keepends=True) if line.startswith(start))


async def _graph_description(edition: Edition, thing: Thing, iri: str, root: str) -> bytes:
    """Return what is known of a named graph: what it is for and how many statements it holds."""
    described = _statements_of(dataset_description(edition), iri)
    if described:
        return described
    rows = await edition.store.select(f"SELECT (COUNT(*) AS ?n) WHERE {{ GRAPH <{iri}> {{ ?s ?p ?o }} }}")
    count = value_of(rows[0]["n"]) if rows else "0"
    lines = [f"<{iri}> a <http://rdfs.org/ns/void#Dataset> ."]
    for label, lang, comment in GRAPHS[thing.name]:
        lines.append(f'<{iri}> <http://purl.org/dc/terms/title> "{label}"@{lang} .')
        lines.append(f'<{iri}> <http://purl.org/dc/terms/description> "{comment}"@{lang} .')
    lines.append(f"<{iri}> <http://rdfs.org/ns/void#triples> {count} .")
    lines.append(f"<{iri}> <http://purl.org/dc/terms/isPartOf> <{root}/dataset> .")
    return serialize(parse("\n".join(lines), format=RdfFormat.TURTLE), format=RdfFormat.N_TRIPLES) or b""
