"""What became of the inputs, in all and for each kind of source: every result that was read is accounted for."""

from __future__ import annotations

from collections import Counter
from typing import Final

import msgspec

from triplepress.release.ledger import Ledger

# What a record counts as that its source took back, and the source's word for it.
WITHDRAWN: Final = "withdrawn"
WITHDRAWAL: Final = "withdrawal"
# What the index counts results of the inputs as.
READ: Final = "read"
SKIPPED: Final = "skipped"
REJECTED: Final = "rejected"


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the inputs' records; `read` is the sum of the others."""

    read: int
    published: int
    merged: int
    skipped: int
    rejected: int


class SourceCounts(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the results of one kind of source.

    Attributes:
        kind: The kind of source, such as `crossref`.
        read: How many results it gave: the sum of all others.
        published: Articles in the edition whose record is this source's first of all.
        merged: Records that went into others of the same article.
        skipped: What is sound but not published, by type: `component`, `preprint`, …; `withdrawn` for a record that
            its source took back, `withdrawal` for its word that it did.
        rejected: What was set aside.
    """

    kind: str
    read: int
    published: int
    merged: int
    skipped: dict[str, int]
    rejected: int


def counts_of(index: Ledger) -> tuple[Counts, list[SourceCounts]]:
    """Return what became of the inputs in all, and for each kind of source in the order of the names.

    Args:
        index: The index after the press.
    """
    read: Counter[str] = Counter()
    rejected: Counter[str] = Counter()
    skipped: dict[str, Counter[str]] = {}
    for kind, what, type_of, number in index.tallied():
        if what == SKIPPED:
            skipped.setdefault(kind, Counter())[type_of] += number
        else:
            (read if what == READ else rejected)[kind] += number
    became: dict[str, Counter[str]] = {kind: Counter() for kind in read}
    for kind, what, number in index.became():
        became.setdefault(kind, Counter())[what] += number
    sources = []
    for kind, found in sorted(became.items()):
        apart = Counter(skipped.get(kind, {}))
        if found["withdrawn"]:
            apart[WITHDRAWN] += found["withdrawn"]
        sources.append(
            SourceCounts(
                kind=kind,
                read=read[kind],
                published=found["published"],
                merged=found["merged"],
                skipped=dict(sorted(apart.items())),
                rejected=found["rejected"] + rejected[kind],
            )
        )
    return (
        Counts(
            read=read.total(),
            published=sum(each.published for each in sources),
            merged=sum(each.merged for each in sources),
            skipped=sum(sum(each.skipped.values()) for each in sources),
            rejected=sum(each.rejected for each in sources),
        ),
        sources,
    )
