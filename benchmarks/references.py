"""How well references are parsed, their DOIs found, and references matched: the tables of docs/references.md.

    python -m benchmarks.references [--quick] [--errors CORPUS FIELD]

Reads the corpora in ../shared beside the checkout. Peers are measured in the same run where they are installed
(`pip install refextract`); a peer that is absent is named as absent. How values are compared stands in
`reference_corpora/scoring.py`.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import logging
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.reference_corpora import corpora, dois, works
from benchmarks.reference_corpora.peers import peers
from benchmarks.reference_corpora.scoring import FIELDS, Gold, Score, add
from triplepress.record import Reference
from triplepress.references import KnownWork, MatchIndex, parse_reference

_CHECKOUT = Path(__file__).resolve().parent.parent
_SHARED = _CHECKOUT.parent / "shared"
_DATA = _CHECKOUT / "benchmarks/data"

Parser = Callable[[str], dict[str, str | tuple[str, ...]]]


def ours(text: str) -> dict[str, str | tuple[str, ...]]:
    """Return what Triplepress finds, under the benchmark's names."""
    parsed = parse_reference(text)
    fields: dict[str, str | tuple[str, ...]] = {
        name: value for name in FIELDS if name != "authors" and (value := getattr(parsed, name)) is not None
    }
    fields["authors"] = tuple(author.family for author in parsed.authors)
    return fields


def parsing(show: tuple[str, str] | None, *, peer_sample: int, all_peers: bool) -> None:
    """Print the F1 of every field, on every corpus, of every parser.

    refextract reads some seven references a second, so the peers get a random sample, and we the same one beside it.
    """
    sets: dict[str, list[Gold]] = {
        "JATS, own tags": list(corpora.jats_inner_tags(_SHARED)),
        "JATS, element beside": list(corpora.jats_beside(_SHARED)),
        "Crossref, text and fields": list(corpora.crossref_both(_SHARED)),
        "Russian, our own": list(corpora.own_references(_DATA)),
    }
    others = peers()
    print("## Parsing: F1 per field (support), micro average over all fields\n")
    print("| corpus | parser | refs/s | overall | precision | recall | " + " | ".join(FIELDS) + " | unprinted |")
    print("|" + "---|" * (len(FIELDS) + 7))
    for corpus, golds in sets.items():
        sample = golds if all_peers else random.Random(2026).sample(golds, min(peer_sample, len(golds)))  # noqa: S311
        runs: list[tuple[str, Parser, list[Gold]]] = [("triplepress", ours, golds)]
        if len(sample) < len(golds):
            runs.append(("triplepress, the peers' sample", ours, sample))
        runs += [(name, parser, sample) for name, parser in others.items()]
        for name, parser, chosen in runs:
            score = Score()
            started = time.process_time()
            results = [parser(gold.text) for gold in chosen]
            seconds = time.process_time() - started
            for gold, found in zip(chosen, results, strict=True):
                add(score, gold, found)
            cells = " | ".join(f"{t.f1:.3f} ({t.support})" if t.support else "–" for t in score.tallies.values())
            total = score.overall
            print(
                f"| {corpus} ({len(chosen)}) | {name} | {len(chosen) / seconds:,.0f} | **{total.f1:.3f}** "
                f"| {total.precision:.3f} "
                f"| {total.recall:.3f} | {cells} | {score.unprinted} |"
            )
            if show and name == "triplepress" and show[0].lower() in corpus.lower():
                for field, key, value, guess, text in score.errors:
                    if field == show[1]:
                        print(f"    {key}\n      text {text[:300]}\n      gold {value}\n      here {guess}")
    print()


def doi_recovery(size: int) -> None:
    """Print how many of the DOIs in printed texts are found."""
    references = list(dois.printed_references(_SHARED))
    found = {key: parse_reference(text).doi for key, text, _ in references}
    hinted = [(key, text) for key, text, _ in references if dois.looks_like_one(text)]
    beside = [(key, text, doi.lower()) for key, text, doi in references if doi and dois.holds(text, doi)]
    print("## DOIs in the text of references\n")
    print("| what | references | found | share |\n|---|---|---|---|")
    got = sum(1 for key, _ in hinted if found[key])
    print(f"| printed text that holds `10.n/`, escaped or split | {len(hinted)} | {got} | {got / len(hinted):.4f} |")
    same = sum(1 for key, _, doi in beside if found[key] == doi)
    print(
        f"| … and the source states the same DOI beside it: identical "
        f"| {len(beside)} | {same} | {same / len(beside):.4f} |"
    )
    stated = dois.stated_dois(_SHARED, size)
    right_in_all = wrong_in_all = 0
    for name, hide in dois.HIDINGS.items():
        results = [(doi, parse_reference(hide(doi)).doi) for doi in stated]
        right = sum(1 for doi, result in results if result == doi)
        wrong = sum(1 for doi, result in results if result not in (doi, None))
        right_in_all, wrong_in_all = right_in_all + right, wrong_in_all + wrong
        print(f"| real DOIs hidden: {name} | {len(stated)} | {right} (other: {wrong}) | {right / len(stated):.4f} |")
    every = len(stated) * len(dois.HIDINGS)
    print(
        f"| real DOIs hidden: all ways "
        f"| {every} | {right_in_all} (other: {wrong_in_all}) | {right_in_all / every:.4f} |"
    )
    read = dois.verdicts(_DATA)
    still = sum(1 for row in read if found.get(row["reference"]) == row["doi"])
    counts = Counter(row["verdict"] for row in read)
    print(
        f"| drawn at random and read by eye: {dict(counts)} "
        f"| {len(read)} | {still} unchanged today | {still / len(read):.4f} |\n"
    )


def matching() -> None:
    """Print precision and recall of matching with the DOI hidden, and false links among works that are not there."""
    references = list(works.references_with_doi(_SHARED))
    print("## Matching, DOI hidden\n")
    print(
        "| known works | references to them | right | wrong | none | precision | recall "
        "| to others | linked falsely | say nothing but a DOI | refs/s |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    held: dict[str, KnownWork] = {}
    for work in works.known_works(_SHARED):
        held.setdefault(work.doi, work)
    _match_row("records of the corpora", list(held.values()), references)
    described, rest = works.described_works(references)
    _match_row("works that two articles cite, as the first describes them", described, rest)
    print()


def _match_row(name: str, known: Sequence[KnownWork], references: Sequence[tuple[str, str, Reference]]) -> None:
    dois_held = {work.doi for work in known}
    counts: Counter[str] = Counter()
    with TemporaryDirectory() as folder, MatchIndex(Path(folder) / "works.sqlite") as index:
        for work in known:
            index.add(work)
        started = time.process_time()
        for _, doi, reference in references:
            if not works.says_anything(reference):
                counts["silent"] += doi in dois_held
                continue
            match = index.match(reference)
            if doi in dois_held:
                counts["right" if match and match.doi == doi else "wrong" if match else "none"] += 1
            else:
                counts["false" if match else "left"] += 1
        seconds = time.process_time() - started
    to_held = counts["right"] + counts["wrong"] + counts["none"]
    links = counts["right"] + counts["wrong"] + counts["false"]
    print(
        f"| {name} ({len(known):,}) | {to_held} | {counts['right']} | {counts['wrong']} | {counts['none']} "
        f"| {counts['right'] / links:.4f} "
        f"| {counts['right'] / to_held:.4f} | {counts['false'] + counts['left']:,} | {counts['false']} "
        f"| {counts['silent']} | {len(references) / seconds:,.0f} |"
    )


def main() -> int:
    """Print all tables."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--quick", action="store_true", help="hide 300 DOIs instead of 3,000")
    arguments.add_argument(
        "--all-peers", action="store_true", help="let the peers read everything, not a sample (ten minutes)"
    )
    arguments.add_argument("--errors", nargs=2, metavar=("CORPUS", "FIELD"), help="print what is wrong with a field")
    options = arguments.parse_args()
    if not _SHARED.is_dir():
        print(f"{_SHARED} is not there: the corpora live beside the checkout", file=sys.stderr)
        return 2
    logging.disable(logging.ERROR)  # refextract logs every reference
    print(f"Python {sys.version.split()[0]}, triplepress {importlib.metadata.version('triplepress')}\n")
    parsing(
        tuple(options.errors) if options.errors else None,
        peer_sample=60 if options.quick else 150,
        all_peers=options.all_peers,
    )
    doi_recovery(300 if options.quick else 3000)
    matching()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
