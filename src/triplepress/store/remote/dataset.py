r"""A query put into one release's dataset, and its answer put back into the names that clients know.

An engine holds several releases and perhaps other data. What a query may see is sent along with every request, as the
SPARQL protocol's dataset, which is fixed for that request. Three things make it hold in every engine:

- The dataset that a client asks for (by the protocol, or by FROM) is worked out here, and its FROM clauses are taken
  out of the text: Virtuoso merges them with the protocol's dataset instead of letting the latter win.
- Neither part of the dataset is ever left empty: with no default graph, or no named one, Virtuoso takes all it has. A
  graph that is never filled stands in; so does it for a graph that a query names and the release does not have.
- Matches are held under a name with the release in it, or two releases could not be told apart. Clients know them by
  the promised one, `{base}/graph/matched`. Wherever a query has the promised IRI it is exchanged for the release's own,
  and wherever an answer has the release's own it is exchanged back. Text that a query puts together, such as
  `IRI(CONCAT(…))`, is not seen.

References:
    SPARQL 1.1 Protocol, section 2.1.4 (specifying an RDF dataset).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin

from triplepress.errors import QueryError
from triplepress.store.guard import position, tokens

_ESCAPE: Final = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_LOCAL_ESCAPE: Final = re.compile(r"\\(.)")
# Names of functions that are an engine's own code: in Virtuoso they reach its SQL, in Jena any class of Java.
_FOREIGN: Final = re.compile(r"(?:bif|sql|java):", re.IGNORECASE)
_ABSOLUTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


@dataclass(frozen=True, slots=True)
class Placed:
    """A query in a dataset: its text, and the graphs that are its default and its named ones, never none."""

    text: str
    default_graphs: tuple[str, ...]
    named_graphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dataset:
    """What the queries to one release see.

    Attributes:
        base: The IRI against which relative IRIs are resolved.
        facts: The default graph.
        none: A graph without statements.
        named: The named graphs that the release has, by their promised names.
        names: Further names that are other ones in the engine, by the promised ones.
    """

    base: str
    facts: str
    none: str
    named: Mapping[str, str]
    names: Mapping[str, str]

    def place(
        self,
        query: str,
        default_graphs: Sequence[str] | None = None,
        named_graphs: Sequence[str] | None = None,
    ) -> Placed:
        """Return a query as the engine is to be asked.

        Args:
            query: SPARQL 1.1, already found valid.
            default_graphs: As the protocol names them, None where it names no dataset.
            named_graphs: The same.

        Raises:
            QueryError: It calls an engine's own functions, or hides a character of the syntax behind an escape.
        """
        reading = _Reading(self, _plain(query))
        text = reading.rewritten()
        if default_graphs is not None or named_graphs is not None:
            default, named = self._held(default_graphs or ()), self._held(named_graphs or ())
        elif reading.has_clauses:
            default, named = self._held(reading.default), self._held(reading.named)
        else:
            default, named = (self.facts,), tuple(self.named.values())
        if not named or reading.elsewhere:
            # A graph that is named in the text and not in the dataset makes Virtuoso count one row.
            named = tuple(dict.fromkeys((*named, self.none)))
        return Placed(text, default or (self.none,), named)

    def renaming(self) -> Renaming:
        """Return what puts an answer back into the promised names."""
        return Renaming({held: promised for promised, held in (*self.named.items(), *self.names.items())})

    def _held(self, promised: Sequence[str]) -> tuple[str, ...]:
        """Return the graphs that a client means by some names."""
        return tuple(dict.fromkeys(self.named.get(name, self.none) for name in promised))


class _Reading:
    """One walk through the words of a query."""

    def __init__(self, dataset: Dataset, text: str) -> None:
        """Take the text, in which no escape is left."""
        self._dataset = dataset
        self._text = text
        self._base = dataset.base
        self._prefixes: dict[str, str] = {}
        self._names = {**dataset.named, **dataset.names}
        self.default: list[str] = []
        self.named: list[str] = []
        self.has_clauses = False
        self.elsewhere = False

    def rewritten(self) -> str:
        """Return the text with dataset clauses taken out and names exchanged."""
        parts: list[str] = []
        before = prefix = ""
        has_base = False
        clause = -1  # where in `parts` a clause began
        for match in tokens(self._text):
            kind, text = match.lastgroup, match[0]
            if kind == "space":
                parts.append(" " if text.startswith("#") else text)
                continue
            if kind == "iri":
                iri = self._resolved(text[1:-1])
            elif kind == "name":
                iri = self._prefixes.get(match["prefix"], "") + _LOCAL_ESCAPE.sub(r"\1", text.partition(":")[2])
            else:
                iri = ""
            if iri and _FOREIGN.match(iri):
                line, column = position(self._text, match.start())
                raise QueryError("functions of the engine's own are not served here", line=line, column=column)
            word = text.lower() if kind == "word" else ""
            if before == "prefix":  # its name, then its IRI
                prefix = text.partition(":")[0] if kind == "name" else prefix
                if kind == "iri":
                    self._prefixes[prefix] = iri
                    before = ""
                parts.append(text)
                continue
            if before == "base":
                self._base, has_base, before = iri, True, ""
                parts.append(text)
                continue
            if word == "from":
                clause, before = len(parts), "from"
                parts.append(text)
                continue
            if before in {"from", "named"} and clause >= 0:
                if word == "named":
                    before = "named"
                    parts.append(text)
                    continue
                if kind in {"iri", "name"}:
                    self.has_clauses = True
                    (self.named if before == "named" else self.default).append(iri)
                    del parts[clause:]
                    parts.append(" ")
                    clause, before = -1, ""
                    continue
            if kind in {"iri", "name"} and before == "graph" and iri not in self._dataset.named:
                self.elsewhere = True
                parts.append(f"<{self._dataset.none}>")
            elif iri in self._names:
                parts.append(f"<{self._names[iri]}>")
            else:
                parts.append(text)
            before = word
        # Virtuoso takes one BASE and no second, so ours is given only where there is none.
        return "".join(parts) if has_base else f"BASE <{self._dataset.base}> " + "".join(parts)

    def _resolved(self, iri: str) -> str:
        """Return an IRI made absolute."""
        return iri if _ABSOLUTE.match(iri) else urljoin(self._base, iri)


class Renaming:
    """Exchanges names in a stream of bytes, wherever a piece ends.

    Args:
        names: What each name becomes; ASCII.
    """

    def __init__(self, names: Mapping[str, str]) -> None:
        """Start with nothing kept back."""
        pairs = {old.encode(): new.encode() for old, new in names.items()}
        # JSON may be written with escaped slashes.
        escaped = {old.replace(b"/", rb"\/"): new.replace(b"/", rb"\/") for old, new in pairs.items()}
        pairs = escaped | pairs
        self._pairs = pairs
        longest_first = sorted(pairs, key=len, reverse=True)
        self._pattern = re.compile(b"|".join(map(re.escape, longest_first)) or rb"(?!)")
        self._reach = max(map(len, pairs), default=1) - 1
        self._kept = b""

    def feed(self, piece: bytes) -> bytes:
        """Return what of the stream so far can no longer be the start of a name."""
        buffer = self._kept + piece
        parts: list[bytes] = []
        done = 0
        for match in self._pattern.finditer(buffer):
            parts += (buffer[done : match.start()], self._pairs[match[0]])
            done = match.end()
        keep = max(done, len(buffer) - self._reach)
        parts.append(buffer[done:keep])
        self._kept = buffer[keep:]
        return b"".join(parts)

    def end(self) -> bytes:
        """Return what was kept back."""
        kept, self._kept = self._kept, b""
        return kept


def _plain(query: str) -> str:
    """Return a query with its codepoint escapes decoded.

    An escape of an ASCII character is refused: engines decode at different times, so that one reads a quotation mark
    where another reads the end of a string.
    """

    def decoded(match: re.Match[str]) -> str:
        code = int(match[1] or match[2], 16)
        if code < 0x80 or code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
            line, column = position(query, match.start())
            raise QueryError(f"write the character itself instead of “{match[0]}”", line=line, column=column)
        return chr(code)

    return _ESCAPE.sub(decoded, query)
