"""The records of one partition in batches: as many as the gate judges at once, cut where the dumps are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from triplepress.release.spark.merging import Record
from triplepress.store.members import ARTICLES

BATCH: Final = 100  # records


@dataclass
class RecordBatch:
    """Some hundred records.

    Attributes:
        start: The first key.
        records: The records, in the order of their keys, also those that the gate has refused.
        cuts: The places among the records at which a member of the dumps begins, the first left out.
    """

    start: str
    records: list[Record] = field(default_factory=list)
    cuts: list[int] = field(default_factory=list)


def batches(records: Iterable[Record], *, size: int = BATCH) -> Iterator[RecordBatch]:
    """Yield the records of a partition, which begins with a member, in batches of whole members.

    Args:
        records: The records, in the order of their keys.
        size: The records of a batch after which the next member begins another; 1 makes each member a batch.
    """
    batch: RecordBatch | None = None
    for record in records:
        key = record.row.key
        if batch is None:
            batch = RecordBatch(key)
        elif ARTICLES.begins(key):
            if len(batch.records) >= size:
                yield batch
                batch = RecordBatch(key)
            else:
                batch.cuts.append(len(batch.records))
        batch.records.append(record)
    if batch is not None:
        yield batch
