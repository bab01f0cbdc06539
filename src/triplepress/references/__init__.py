"""Bibliographic references: from printed text to fields (`parse`), from fields to a known work (`match`)."""

from __future__ import annotations

from triplepress.references.known import KnownWork
from triplepress.references.match import Match, MatchIndex, match_references
from triplepress.references.parse import parse_reference, parsed_fields
from triplepress.references.parsed import ParsedAuthor, ParsedReference

__all__ = [
    "KnownWork",
    "Match",
    "MatchIndex",
    "ParsedAuthor",
    "ParsedReference",
    "match_references",
    "parse_reference",
    "parsed_fields",
]
