"""Which journal an article belongs to: told by ISSN alone, never by title or DOI prefix.

A journal's key is its ISSN-L, else its print ISSN, else its electronic ISSN. Two print ISSNs are two journals: one was
renamed, or they are not the same. A statement with an electronic ISSN alone joins the journal that is known to have it,
if exactly one is. A key once chosen is kept by later editions, whatever they learn, for it stands in an IRI.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping

import msgspec

from triplepress.record import Journal


class JournalStatement(msgspec.Struct, frozen=True, order=True):
    """The ISSNs that some record states of its journal, as `NNNN-NNNX`; at least one is there."""

    issn_l: str | None = None
    issn: str | None = None
    eissn: str | None = None


class JournalIdentity(msgspec.Struct, frozen=True):
    """The ISSNs of one journal as this edition knows them; kept in the manifest, so that its key stays."""

    issn: str | None = None
    eissn: str | None = None
    issn_l: str | None = None


def statement_of(journal: Journal | None) -> JournalStatement | None:
    """Return the ISSNs that a record states of its journal, or None where it states none."""
    if journal is None or not (journal.issn or journal.eissn or journal.issn_l):
        return None
    return JournalStatement(journal.issn_l, journal.issn, journal.eissn)


def choose_keys(
    statements: Iterable[JournalStatement], kept: Mapping[str, JournalIdentity] | None = None
) -> dict[JournalStatement, str]:
    """Return the journal key of each statement.

    Args:
        statements: Everything the records state, in any order; repetitions count for nothing.
        kept: The journals of the edition before, by key.

    Returns:
        A key for every statement: the ISSN in the journal's IRI.

    Example:
        >>> both, online = JournalStatement(None, "1728-2756", "1811-2773"), JournalStatement(None, None, "1811-2773")
        >>> set(choose_keys([online, both]).values())
        {'1728-2756'}
    """
    known = _Known(kept or {})
    distinct = set(statements)
    for statement in distinct:
        if statement.issn_l and statement.issn:
            known.linking.setdefault(statement.issn, set()).add(statement.issn_l)
            known.printed.setdefault(statement.issn_l, set()).add(statement.issn)
    printed = {s: known.key_of_print(s.issn_l, s.issn) for s in distinct if s.issn}
    linked = {s: known.key_of_linking(s.issn_l) for s in distinct if s.issn_l and not s.issn}
    keys = printed | linked
    for statement, key in keys.items():
        if statement.eissn:
            known.electronic.setdefault(statement.eissn, set()).add(key)
    taken = set(keys.values()) | known.kept.keys()
    by_print = {s.issn: key for s, key in printed.items()}
    for statement in distinct - keys.keys():
        number = str(statement.eissn)
        owners = known.electronic.get(number, set())
        if number in taken:  # the number is itself a key: it names that journal, even where others print it too
            keys[statement] = number
        elif number in by_print:  # one source calls electronic what another calls print: the number is the same
            keys[statement] = by_print[number]
        else:
            keys[statement] = next(iter(owners)) if len(owners) == 1 else number
    return keys


class _Known:
    """What is known of ISSNs before the statement at hand: the kept journals, and what all statements link."""

    def __init__(self, kept: Mapping[str, JournalIdentity]) -> None:
        self.kept = kept
        self.linking: dict[str, set[str]] = {}
        self.printed: dict[str, set[str]] = {}
        self.electronic: dict[str, set[str]] = {}
        self._by_print: dict[str, str] = {}
        self._by_linking: dict[str, str] = {}
        for key, journal in sorted(kept.items()):
            if journal.issn:
                self._by_print.setdefault(journal.issn, key)
            if journal.issn_l:
                self._by_linking.setdefault(journal.issn_l, key)
            if journal.eissn:
                self.electronic.setdefault(journal.eissn, set()).add(key)

    def key_of_print(self, issn_l: str | None, issn: str | None) -> str:
        """Return the key of a statement that has a print ISSN."""
        if issn in self._by_print:
            return self._by_print[issn]
        linking = self.linking.get(issn or "", set())
        if issn_l is None and len(linking) == 1:
            issn_l = next(iter(linking))
        if issn_l is None or issn != self._print_of(issn_l):
            return str(issn)
        return self.key_of_linking(issn_l)

    def key_of_linking(self, issn_l: str | None) -> str:
        """Return the key of a statement by its ISSN-L."""
        return self._by_linking.get(issn_l or "", str(issn_l))

    def _print_of(self, issn_l: str) -> str:
        """Return the one print ISSN that an ISSN-L stands for; a second print ISSN is a second journal."""
        printed = self.printed.get(issn_l, set())
        kept = self.kept.get(self._by_linking.get(issn_l, ""))
        if kept is not None and kept.issn in printed:
            return str(kept.issn)
        return issn_l if issn_l in printed else min(printed)


def identify(
    key: str,
    statements: Mapping[JournalStatement, int],
    keys: Collection[str],
    kept: JournalIdentity | None = None,
) -> JournalIdentity:
    """Return the ISSNs of one journal, each the one that most records state; a tie goes to the lower number.

    The key stands in an IRI that stays, so it is one of the three: where it is stated, it is not outvoted, and where
    nobody states it any more, it is what it was.

    Args:
        key: The journal's key.
        statements: What the records of this journal state, with the number of records.
        keys: All journals' keys: an ISSN-L that is another journal's key is not this one's.
        kept: The journal in the edition before, if that had it.
    """

    def most(name: str, *, but: str | None = None) -> str | None:
        counts: Counter[str] = Counter()
        for statement, number in statements.items():
            value = getattr(statement, name)
            if value is not None and value != but:
                counts[value] += number
        return min(counts, key=lambda value: (value != key, -counts[value], value)) if counts else None

    issn = most("issn")
    linking = most("issn_l")
    identity = JournalIdentity(
        issn=issn,
        eissn=most("eissn", but=issn),  # some records print one number under both headings
        issn_l=linking if linking == key or linking not in keys else None,
    )
    if kept is None or key in msgspec.structs.astuple(identity):
        return identity
    was = {name: key for name, value in msgspec.structs.asdict(kept).items() if value == key}
    return msgspec.structs.replace(identity, **was)
