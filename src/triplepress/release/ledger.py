"""What a build knows at its end, whatever built it: what came of the inputs, the records, and what was found.

Reports, counts and description are written from it. `index.RecordIndex` answers out of a file,
`spark.accounts.Accounts` out of a cluster's parts. Everything comes in an order that each method names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from triplepress.record import ArticleRecord, Text
from triplepress.release.index import Revision
from triplepress.release.journals import JournalIdentity
from triplepress.release.withdrawals import WithdrawnRecord
from triplepress.validation.results import Result


class Ledger(Protocol):
    """What a build knows at its end."""

    # -- inputs ----------------------------------------------------------------------------------------------------

    def tallied(self) -> Iterator[tuple[str, str, str, int]]:
        """Yield how many results there were: kind of source, `read` and so on, type, how many; in order."""

    def became(self) -> Iterator[tuple[str, str, int]]:
        """Yield what became of the records of each kind of source: kind, `published` and so on, how many; in order."""

    def inputs(self) -> Iterator[tuple[str, str, str | None, int]]:
        """Yield the input files: location, kind, SHA-256, number of results; in order."""

    # -- records ---------------------------------------------------------------------------------------------------

    def bodies(self) -> Iterator[tuple[str, ArticleRecord]]:
        """Yield the keys and values of the published records, by key."""

    def revisions(self) -> Iterator[Revision]:
        """Yield when each published record last changed, by key."""

    def journals(self) -> Iterator[tuple[str, JournalIdentity, tuple[str, ...]]]:
        """Yield journals by key: their ISSNs, and names of what records state of them."""

    def runs(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield the runs that the edition names, each with the SHA-256 of what it read, by id."""

    def note_runs(self, runs: Iterable[str]) -> None:
        """Remember runs that something else than a published record names."""

    # -- records that are gone -------------------------------------------------------------------------------------

    @property
    def withdrawn(self) -> Sequence[WithdrawnRecord]:
        """The records that their sources took back, by identifier."""

    def titles_of_withdrawn(self, key: str) -> list[Text]:
        """Return the titles of a record that its source took back."""

    def departed(self) -> Iterator[str]:
        """Yield the keys of the records that the edition before held and this one does not, in order."""

    def is_held(self, key: str) -> bool:
        """Tell whether a record of a key is published; keys are asked for in their order."""

    def is_refused(self, key: str) -> bool:
        """Tell whether the inputs hold a record of a key, but none that is published."""

    # -- findings --------------------------------------------------------------------------------------------------

    def set_aside_lines(self) -> Iterator[tuple[bytes, ArticleRecord | None]]:
        """Yield the lines of `rejected.jsonl` by place, each with the record where it became one."""

    def findings(self) -> Iterator[bytes]:
        """Yield the entries of the report about published records, encoded, by key."""

    def results(self) -> Iterator[Result]:
        """Yield the gate's results about published and refused records, by key."""

    def shared_results(self) -> Iterator[Result]:
        """Yield the gate's results about shared things, by IRI."""

    # -- for the next edition --------------------------------------------------------------------------------------

    def keep(self, name: str, value: bytes) -> None:
        """Keep something about the edition as a whole."""

    def close(self) -> None:
        """Let go of the files."""
