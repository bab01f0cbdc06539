"""`withdrawn.jsonl.zst`: the records that the edition no longer holds, and what is known of each.

The table goes from release to release: a record enters it in the first edition that is without it, keeps what was said
of it then, and leaves it when it is published again. So an address that once answered never becomes unknown. Both a
full build and a small update keep it by these functions; all of them read and give streams in the order of the keys.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final, Literal

import msgspec
import zstandard

from triplepress.errors import ReleaseError
from triplepress.rdf.facts import EditionFacts, PastState, WithdrawnFacts
from triplepress.rdf.nodes import encode_node
from triplepress.rdf.shaping import shape_withdrawn
from triplepress.record import Text
from triplepress.release.diff import joined
from triplepress.release.dumps import RECORDS
from triplepress.release.index import Revision
from triplepress.release.revisions import read_lines, read_revisions, write_lines
from triplepress.release.withdrawals import WithdrawnRecord

NAME: Final = "withdrawn.jsonl.zst"


class WithdrawnEntry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A record that the edition no longer holds.

    Attributes:
        key: What made it one article (`merge.key_of`).
        invalidated: xsd:dateTime of the first edition without it.
        run: Id of the run that made that edition.
        reason: `withdrawn` by its source, `removed` from the inputs, `refused` by the gate in its present form.
        stated: When its source withdrew it, as the source says.
        location: Where the source says so.
        titles: The titles that it had.
        history: The states that it was in, oldest first; none where it was withdrawn before it was ever published.
    """

    key: str
    invalidated: str
    run: str
    reason: Literal["withdrawn", "removed", "refused"]
    stated: str | None = None
    location: str | None = None
    titles: list[Text] = []
    history: list[PastState] = []

    def facts(self) -> WithdrawnFacts:
        """Return what the graph says of it; where its source says so is nobody's business."""
        return WithdrawnFacts(
            key=self.key,
            invalidated=self.invalidated,
            run=self.run,
            reason=self.reason,
            stated=self.stated,
            titles=tuple(self.titles),
            history=tuple(self.history),
        )


def write_withdrawn(folder: Path, entries: Iterable[WithdrawnEntry]) -> None:
    """Write the table, given in the order of the keys, into a release's folder."""
    encoder = msgspec.json.Encoder()
    write_lines(folder / NAME, (encoder.encode(entry) for entry in entries))


def read_withdrawn(folder: Path) -> Iterator[WithdrawnEntry]:
    """Yield the table of a release in the order of the keys; a release of an earlier version has none.

    Raises:
        ReleaseError: It is damaged.
    """
    path = folder / NAME
    if not path.exists():
        return
    decoder = msgspec.json.Decoder(WithdrawnEntry)
    try:
        for line in read_lines(path):
            yield decoder.decode(line)
    except (OSError, msgspec.MsgspecError, zstandard.ZstdError) as error:
        raise ReleaseError(
            f"{path}: cannot be read ({error}); roll back to another release, or remove this one"
        ) from error


def departed(
    previous: Path,
    keys: Iterable[str],
    invalidated: str,
    run: str,
    *,
    withdrawn: Mapping[str, WithdrawnRecord] | None = None,
    is_refused: Callable[[str], bool] = lambda _: False,
) -> Iterator[WithdrawnEntry]:
    """Yield an entry for each record that the release before held and this one does not.

    Args:
        previous: Folder of the release before; its revisions and its records are read side by side, once.
        keys: The records' keys, in order; each one of `previous`.
        invalidated: xsd:dateTime of this edition.
        run: Id of the run.
        withdrawn: Those that their sources took back, by key.
        is_refused: Tells whether the inputs still hold the record with a key, but it was set aside.

    Raises:
        ReleaseError: The files of the release before do not fit together.
    """
    wanted = iter(keys)
    key = next(wanted, None)
    if key is None:
        return
    for revision, line in zip(read_revisions(previous), read_lines(previous / RECORDS), strict=False):
        if revision.key != key:
            continue
        said = (withdrawn or {}).get(key)
        last = PastState(revision.modified, revision.run, invalidated)
        yield WithdrawnEntry(
            key=key,
            invalidated=invalidated,
            run=run,
            reason="withdrawn" if said else "refused" if is_refused(key) else "removed",
            stated=said.withdrawn if said else None,
            location=said.location if said else None,
            titles=_titles(line, key, previous),
            history=[*revision.history, last],
        )
        key = next(wanted, None)
        if key is None:
            return
    raise ReleaseError(f"{previous}: has no record {key}; publish again in full")


def never_published(
    withdrawn: Iterable[WithdrawnRecord], titles: Callable[[str], list[Text]], invalidated: str, run: str
) -> Iterator[WithdrawnEntry]:
    """Yield an entry for each record that its source took back, in the order of the keys, published once or never.

    Args:
        withdrawn: The records.
        titles: Returns the titles of the record with a key.
        invalidated: xsd:dateTime of this edition.
        run: Id of the run.
    """
    by_key = {each.key: each for each in withdrawn}
    for key, each in sorted(by_key.items()):
        yield WithdrawnEntry(
            key=key,
            invalidated=invalidated,
            run=run,
            reason="withdrawn",
            stated=each.withdrawn,
            location=each.location,
            titles=titles(key),
        )


def updated(
    previous: Iterable[WithdrawnEntry],
    departed: Iterable[WithdrawnEntry],
    taken_back: Iterable[WithdrawnEntry],
    is_held: Callable[[str], bool],
) -> Iterator[WithdrawnEntry]:
    """Yield the table of a new edition, in the order of the keys.

    What stands in the table already keeps its time and its run; that a source has withdrawn it since is added.

    Args:
        previous: The table of the edition before.
        departed: What `departed` found.
        taken_back: What `never_published` found.
        is_held: Tells whether the new edition holds the record with a key.
    """
    for key, found in joined(_keyed(previous), _keyed(departed), _keyed(taken_back)):
        if not is_held(key):
            entry = found[0]
            for word in found[1:]:
                entry = _said_since(entry, word)
            yield entry


def _keyed(entries: Iterable[WithdrawnEntry]) -> Iterator[tuple[str, WithdrawnEntry]]:
    for entry in entries:
        yield entry.key, entry


def _said_since(entry: WithdrawnEntry, word: WithdrawnEntry) -> WithdrawnEntry:
    """Return an entry with what its source says by now."""
    if word.reason != "withdrawn":
        return entry
    return msgspec.structs.replace(entry, reason="withdrawn", stated=word.stated, location=word.location)


def as_revisions(entries: Iterable[WithdrawnEntry]) -> Iterator[Revision]:
    """Yield the last state of records that are gone, so that one that is published again goes on from it.

    Its digest is that of no content: what returns is a new state, for in between there was none.
    """
    for entry in entries:
        if entry.history:
            last = entry.history[-1]
            yield Revision(
                entry.key, b"", last.generated, last.run, history=tuple(entry.history[:-1]), until=last.invalidated
            )


def runs_named(entries: Iterable[WithdrawnEntry]) -> Iterator[str]:
    """Yield the runs that the nodes of the entries name."""
    for entry in entries:
        yield entry.run
        yield from (state.run for state in entry.history)


def withdrawn_entries(entries: Iterable[WithdrawnEntry], edition: EditionFacts) -> Iterator[tuple[str, list[bytes]]]:
    """Yield the key of each entry in the dumps' section of withdrawn records, and its node as one line of JSON."""
    for entry in entries:
        yield entry.key, [encode_node(shape_withdrawn(entry.facts(), edition))]


class _Titled(msgspec.Struct):
    """What the table keeps of a record."""

    titles: list[Text] = []


def _titles(line: bytes, key: str, previous: Path) -> list[Text]:
    """Return the titles in a line of the records' archive."""
    try:
        return msgspec.json.decode(line, type=_Titled).titles
    except msgspec.MsgspecError as error:
        raise ReleaseError(f"{previous / RECORDS}: {key} cannot be read ({error}); publish again in full") from error
