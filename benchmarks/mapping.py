"""How fast records become triples, on one core, against Morph-KGC, rdflib, and Oxigraph's own converter as the limit.

    python -m benchmarks.table --only mapping

All make the same triples, those of the same articles:

- ours: canonical records in memory, shaped, encoded and mapped to the bytes of N-Triples, in batches;
- Morph-KGC: RML over CSV files that were made from the triples themselves, one table a class of things, one column a
  property, the IRIs already minted; so it is spared reading, shaping and minting. What it takes to start and to read
  its mapping is measured on tables of ten articles and taken off;
- rdflib: `Graph.add` of terms that are there already, and `serialize`;
- `oxigraph convert`: the text of the same nodes, one JSON-LD document, to N-Triples, without its start.

All figures are CPU time; ours is the mean of a run before and a run after the peer.
"""

from __future__ import annotations

import json
import resource
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks import flat_tables, peers
from benchmarks.pressed import article_nodes, batches, facts
from benchmarks.rows import Row, Sizes
from triplepress.rdf.facts import ArticleFacts
from triplepress.rdf.mapping import Mapping

_WHAT = "mapping records to N-Triples, one core"
_FEW = 10

Measured = tuple[str, float, int, int]
"""A peer's version, its CPU seconds without its start, the triples that it made in these, and in all."""


def rows(sizes: Sizes) -> Iterator[Row]:
    """Yield a row for each peer."""
    several = facts(sizes.mapping, max(sizes.mapping, sizes.small))
    mapping = Mapping.load()
    mapped(several[:_FEW], mapping)
    before, count = mapped(several, mapping)
    note = f"{len(several):,} articles, {count / len(several):.0f} triples each; CPU time"
    triples = list(map(mapping.to_ntriples, batches(article_nodes(several))))
    against: tuple[tuple[str, str, float, Callable[[], Measured]], ...] = (
        ("Morph-KGC", "at least 1.5 ×", 1.5, lambda: morph_kgc(sizes.folder, triples, several, mapping)),
        ("rdflib", "at least 7 ×", 7.0, lambda: rdflib(triples)),
        ("oxigraph convert", "at least 0.5 × (the limit)", 0.5, lambda: convert(sizes.folder, several, mapping)),
    )
    for name, target, least, measured in against:
        try:
            version, seconds, made, whole = measured()
        except peers.PeerError as error:
            yield Row.left_out(_WHAT, name, target, str(error))
            continue
        after, _ = mapped(several, mapping)  # before and after the peer, so that both meet the same machine
        ours, before = (before + after) / 2, after
        rate = count / ours
        ratio = rate / (made / seconds)
        yield Row(
            what=_WHAT,
            ours=f"{rate / 1e3:,.0f} k triples/s ({len(several) / ours:,.0f} articles/s)",
            peer_name=f"{name} {version}",
            peer=f"{made / seconds / 1e3:,.0f} k triples/s",
            ratio=ratio,
            target=target,
            met=ratio >= least,
            note=note if whole == count else f"{note}; the peer made {whole:,} triples instead of {count:,}",
        )


def mapped(several: list[ArticleFacts], mapping: Mapping) -> tuple[float, int]:
    """Return the CPU seconds of mapping records, and the triples made."""
    began = time.process_time()
    made = [mapping.to_ntriples(article_nodes(batch)) for batch in batches(several)]
    return time.process_time() - began, sum(part.count(b"\n") for part in made)


def morph_kgc(folder: Path, triples: list[bytes], several: list[ArticleFacts], mapping: Mapping) -> Measured:
    """Measure Morph-KGC."""
    programs = peers.environment("morph-kgc", "morph-kgc")
    few = [mapping.to_ntriples(article_nodes(several[:_FEW]))]
    whole = _materialised(programs, flat_tables.write(folder / "morph", triples))
    start = _materialised(programs, flat_tables.write(folder / "morph-few", few))
    seconds, made = (whole[name] - start[name] for name in ("seconds", "triples"))
    return peers.version(programs, "morph-kgc"), seconds, int(made), int(whole["triples"])


def _materialised(programs: Path, configuration: Path) -> dict[str, float]:
    command = [str(programs / "python"), str(peers.PROGRAMS / "morph.py"), str(configuration)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise peers.PeerError(f"Morph-KGC failed: {ran.stderr.strip()[-300:]}")
    found: dict[str, float] = json.loads(ran.stdout.splitlines()[-1])
    return found


def rdflib(triples: list[bytes]) -> Measured:
    """Measure adding and serialising; there is no start."""
    import rdflib as library  # only this row needs it

    terms = [triple for part in triples for triple in library.Graph().parse(data=part, format="nt")]
    began = time.process_time()
    graph = library.Graph()
    for triple in terms:
        graph.add(triple)
    graph.serialize(format="nt", encoding="utf-8")
    return library.__version__, time.process_time() - began, len(graph), len(graph)


def convert(folder: Path, several: list[ArticleFacts], mapping: Mapping) -> Measured:
    """Measure converting one JSON-LD document."""
    programs = peers.environment("oxigraph", "oxigraph")
    source, target = folder / "articles.jsonld", folder / "articles.nt"
    seconds, made = [], []
    for each in (several, several[:_FEW]):
        source.write_bytes(mapping.document(article_nodes(each)))
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = [str(programs / "oxigraph"), "convert", "--from-file", str(source), "--to-file", str(target)]
        subprocess.run([*command, "--from-format", "jsonld", "--to-format", "nt"], check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        made.append(target.read_bytes().count(b"\n"))
    return peers.version(programs, "oxigraph"), seconds[0] - seconds[1], made[0] - made[1], made[0]
