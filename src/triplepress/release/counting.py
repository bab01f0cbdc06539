"""What became of the inputs, in all and for each kind of source: every result that was read is accounted for."""

from __future__ import annotations

from collections import Counter

import msgspec

from triplepress.release.index import RecordIndex

# What a record counts as that its source took back, and the source's word for it.
WITHDRAWN = "withdrawn"
WITHDRAWAL = "withdrawal"


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


class Tally:
    """How many results there were of each kind of source, and what became of those that are no record."""

    def __init__(self) -> None:
        """Start at zero."""
        self.read: Counter[str] = Counter()
        self.skipped: dict[str, Counter[str]] = {}
        self.rejected: Counter[str] = Counter()

    def skip(self, kind: str, what: str) -> None:
        """Count one result of a kind of source that is not published, by its type."""
        self.skipped.setdefault(kind, Counter())[what] += 1


def counts_of(tally: Tally, index: RecordIndex) -> tuple[Counts, list[SourceCounts]]:
    """Return what became of the inputs in all, and for each kind of source in the order of the names.

    Args:
        tally: What was read.
        index: The index after the press.
    """
    became: dict[str, Counter[str]] = {kind: Counter() for kind in tally.read}
    for kind, what, number in index.became():
        became.setdefault(kind, Counter())[what] += number
    sources = []
    for kind, found in sorted(became.items()):
        skipped = Counter(tally.skipped.get(kind, {}))
        if found["withdrawn"]:
            skipped[WITHDRAWN] += found["withdrawn"]
        sources.append(
            SourceCounts(
                kind=kind,
                read=tally.read[kind],
                published=found["published"],
                merged=found["merged"],
                skipped=dict(sorted(skipped.items())),
                rejected=found["rejected"] + tally.rejected[kind],
            )
        )
    return (
        Counts(
            read=tally.read.total(),
            published=sum(each.published for each in sources),
            merged=sum(each.merged for each in sources),
            skipped=sum(sum(each.skipped.values()) for each in sources),
            rejected=sum(each.rejected for each in sources),
        ),
        sources,
    )
