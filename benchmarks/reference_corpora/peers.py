"""Libraries made for parsing references, under the benchmark's names; each only where it is installed."""

# ruff: noqa: ANN401 - lxml trees and foreign JSON have no narrower type
from __future__ import annotations

import importlib
import importlib.metadata
import re
import sys
from collections.abc import Callable
from typing import Any

Parser = Callable[[str], dict[str, str | tuple[str, ...]]]
_NAMES = re.compile(r"\s*(?:[;,]|\band\b|&|\be\b|\bи\b)\s*")
_PAGES = re.compile(r"[-–—]")


def peers() -> dict[str, Parser]:
    """Return the peers that are installed, by name and version; say on stderr which are not.

    refparse is not among them: it reads the punctuation of Scopus, Web of Science and CSSCI exports only, and nothing
    at all of 2,187 references of these corpora, so that a score would say nothing of its worth.
    """
    found: dict[str, Parser] = {}
    for name, make in {"refextract": _refextract}.items():
        try:
            module = importlib.import_module(name)
        except ImportError as error:
            print(f"{name} is not measured: {error} (pip install {name})", file=sys.stderr)
            continue
        found[f"{name} {importlib.metadata.version(name)}"] = make(module)
    return found


def _families(line: str) -> tuple[str, ...]:
    """Return the family names in an author line as a peer gives it: of each name its longest word that is no initials.

    The peers leave the line whole; this reads it in the way that suits them best.
    """
    names = []
    for part in _NAMES.split(line):
        words = [
            word.strip(".")
            for word in part.split()
            if word.strip(".").isalpha() and not (word.isupper() and len(word) <= 3)
        ]
        long = [word for word in words if len(word) > 1 and "." not in word]
        if long:
            names.append(max(long, key=len))
    return tuple(names)


def _pages(fields: dict[str, str | tuple[str, ...]], pages: str | None) -> None:
    if pages:
        parts = _PAGES.split(pages, maxsplit=1)
        fields["first_page"] = parts[0]
        if len(parts) > 1:
            fields["last_page"] = parts[1]


def _refextract(module: Any) -> Parser:
    def parse(text: str) -> dict[str, str | tuple[str, ...]]:
        """Return the merged fields of all that refextract makes of one reference; the first value of each counts."""
        fields: dict[str, str | tuple[str, ...]] = {}
        for part in module.extract_references_from_string(text):
            first = {name: value[0] for name, value in part.items() if value}
            pages = first.get("journal_page")
            candidates = {
                "year": first.get("year") or first.get("journal_year"),
                "title": first.get("title") or first.get("book_title"),
                "container": first.get("journal_title"),
                "volume": first.get("journal_volume"),
                "issue": first.get("journal_issue"),
                "doi": (first.get("doi") or "").removeprefix("doi:") or None,
            }
            for name, value in candidates.items():
                if value and name not in fields:
                    fields[name] = value
            if pages and "first_page" not in fields:
                _pages(fields, pages)
            if first.get("author") and "authors" not in fields:
                fields["authors"] = _families(", ".join(part["author"]))
        return fields

    return parse
