"""The edition's validation report: what was set aside, then what was found about the rest."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from itertools import chain, groupby
from operator import attrgetter
from pathlib import Path

import msgspec

from triplepress.rdf.facts import EditionFacts
from triplepress.record import Rejected
from triplepress.release.ledger import Ledger
from triplepress.release.press import findings_of
from triplepress.release.presser import decode_entry
from triplepress.settings import Settings
from triplepress.validation.report import (
    Excerpt,
    Language,
    ReportEntry,
    write_report_html,
    write_report_json,
    write_report_turtle,
)
from triplepress.validation.results import Result


def report_entries(index: Ledger, edition: EditionFacts, language: Language) -> Iterator[ReportEntry]:
    """Yield the entries of the report.

    Args:
        index: The index, after the press.
        edition: The edition's facts.
        language: Of the findings.

    Yields:
        What was set aside, by place; then what was found about published records, by key; then about shared things.
    """
    yield from set_aside_entries(index, edition)
    yield from map(decode_entry, index.findings())
    for thing, results in groupby(index.shared_results(), attrgetter("focus_node")):
        yield ReportEntry(record=thing, findings=tuple(findings_of(results, language)))


def set_aside_entries(index: Ledger, edition: EditionFacts) -> Iterator[ReportEntry]:
    """Yield the entries of what was set aside, by place; each is a line of `rejected.jsonl` too."""
    for line, record in index.set_aside_lines():
        entry = ReportEntry.of_rejected(msgspec.json.decode(line, type=Rejected))
        yield entry if record is None else msgspec.structs.replace(entry, record=edition.minter.article(record))


def report_results(index: Ledger) -> Iterator[Result]:
    """Yield the gate's results: about records, by key, then about shared things; each once."""
    return chain(_each_once(index.results()), index.shared_results())


def _each_once(results: Iterable[Result]) -> Iterator[Result]:
    """Yield results without repetition: a shared thing's violation is told of every record that causes it.

    Only the digests of violations are held, and each belongs to a record that was set aside.
    """
    told: set[bytes] = set()
    for result in results:
        if result.severity == "Violation":
            said = (result.focus_node, result.path, str(result.value), result.shape, result.component)
            digest = hashlib.blake2b(repr(said).encode(), digest_size=16).digest()
            if digest in told:
                continue
            told.add(digest)
        yield result


def write_reports(folder: Path, index: Ledger, edition: EditionFacts, settings: Settings) -> int:
    """Write `report.json`, `report.html` and `report.ttl`; return the number of warnings about what is published.

    Args:
        folder: The release; temporary files as large as the reports are needed in it on the way.
        index: The index, after the press; it is read entry by entry.
        edition: The edition's facts.
        settings: The edition's title, and the language of the page.
    """
    excerpt = Excerpt()
    entries = report_entries(index, edition, settings.language)
    summary = write_report_json(folder / "report.json", excerpt.choosing(entries))
    write_report_html(folder / "report.html", excerpt, summary, settings.language, title=settings.title)
    write_report_turtle(folder / "report.ttl", report_results(index), edition.root)
    return summary.warnings
