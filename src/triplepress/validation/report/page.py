"""The report as one page for people: every count, and the gravest entries.

A page of a hundred thousand entries helps nobody, and few browsers open it. So the page shows some hundred, says how
many more there are, and where all of them are.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from importlib.resources import files
from operator import itemgetter
from pathlib import Path
from typing import Final, Literal

import jinja2
import msgspec

from triplepress.validation.report.entries import ReportEntry, place_of
from triplepress.validation.report.summary import Summary, ranked
from triplepress.validation.results import SEVERITIES
from triplepress.validation.wording import TEXTS

Language = Literal["en", "ru"]

SHOWN_ENTRIES: Final = 500
SHOWN_FINDINGS: Final = 25  # of one entry
_SHOWN_ROWS: Final = 30  # of a table of counts
_INDEX: Final = re.compile(r"\[[0-9]+\]")


class ShownEntry(msgspec.Struct, frozen=True):
    """An entry as the page shows it: its gravest findings, and how many more there are."""

    entry: ReportEntry
    more: int = 0


class Excerpt:
    """The gravest entries of a report, chosen while all of them go by.

    What was set aside goes first, then what has warnings, then notes; among equals the earlier one. What is chosen
    keeps the report's order.
    """

    def __init__(self) -> None:
        """Start empty."""
        self._kept: dict[int, list[tuple[int, ShownEntry]]] = {}
        self._seen = 0

    def choosing(self, entries: Iterable[ReportEntry]) -> Iterator[ReportEntry]:
        """Pass entries on, keeping those that may be shown."""
        for entry in entries:
            self.add(entry)
            yield entry

    def add(self, entry: ReportEntry) -> None:
        """Keep an entry, unless enough as grave as it are there."""
        self._seen += 1
        kept = self._kept.setdefault(_gravity(entry), [])
        if len(kept) < SHOWN_ENTRIES:
            more = max(0, len(entry.findings) - SHOWN_FINDINGS)
            shown = msgspec.structs.replace(entry, findings=entry.findings[:SHOWN_FINDINGS]) if more else entry
            kept.append((self._seen, ShownEntry(shown, more)))

    @property
    def entries(self) -> list[ShownEntry]:
        """What is shown, in the report's order."""
        gravest = [numbered for _, kept in sorted(self._kept.items()) for numbered in kept][:SHOWN_ENTRIES]
        return [shown for _, shown in sorted(gravest, key=itemgetter(0))]


def _gravity(entry: ReportEntry) -> int:
    """Return how grave an entry is, 0 the gravest."""
    if not entry.published:
        return 0
    return 1 + min((SEVERITIES.index(finding.severity) for finding in entry.findings), default=len(SEVERITIES))


class CountRow(msgspec.Struct, frozen=True):
    """A row of a table of counts: a name and where it leads, None and None for all the others together."""

    name: str | None
    link: str | None
    number: int


def write_report_html(
    path: Path, excerpt: Excerpt, summary: Summary, language: Language = "en", *, title: str | None = None
) -> None:
    """Write the page of a release, which stands beside `report.json` and `rejected.jsonl`.

    Args:
        path: The file.
        excerpt: The entries to show.
        summary: The counts of all entries.
        language: Of the page; the findings are in the language they were made in.
        title: The edition's title, shown above.
    """
    page = _render(excerpt, summary, language, title=title, in_release=True)
    path.write_text(page, encoding="utf-8")


def report_html(
    entries: Iterable[ReportEntry],
    language: Language = "en",
    *,
    title: str | None = None,
    stylesheet: str | None = None,
) -> str:
    """Return the report as one page that needs nothing else: no script, no outside host.

    Args:
        entries: What was found, read once; an empty report says that nothing was.
        language: Of the page; the findings are in the language they were made in.
        title: The edition's title, shown above.
        stylesheet: Address of a stylesheet to link to, where a Content-Security-Policy forbids inline styles; None
            puts the stylesheet into the page.
    """
    excerpt, summary = Excerpt(), Summary()
    for entry in entries:
        excerpt.add(entry)
        summary.add(entry)
    return _render(excerpt, summary, language, title=title, stylesheet=stylesheet)


def _render(
    excerpt: Excerpt,
    summary: Summary,
    language: Language,
    *,
    title: str | None,
    stylesheet: str | None = None,
    in_release: bool = False,
) -> str:
    shown = excerpt.entries
    return (
        _environment(language)
        .get_template("report.html")
        .render(
            shown=shown,
            more=summary.records - len(shown),
            more_set_aside=summary.set_aside - sum(not each.entry.published for each in shown),
            summary=summary,
            fields=_field_rows(summary),
            shapes=_shape_rows(summary),
            in_release=in_release,
            language=language,
            text=TEXTS[language],
            title=title,
            stylesheet=stylesheet,
            styles=report_stylesheet(),
            place_of=place_of,
        )
    )


def _field_rows(summary: Summary) -> list[CountRow]:
    """Return the counts by field, those that differ only in a number as one: `references[…].text`."""
    counted: Counter[str | None] = Counter()
    for field, number in summary.by_field.items():
        counted[_INDEX.sub("[…]", field)] += number
    return _rows(((field, None, number) for field, number in ranked(counted).items()), summary.findings)


def _shape_rows(summary: Summary) -> list[CountRow]:
    """Return the counts by shape, each by the end of its IRI and leading to it."""
    rows = ((shape.rpartition("#")[2], shape, number) for shape, number in summary.by_shape.items())
    return _rows(rows, summary.findings)


def _rows(counts: Iterable[tuple[str, str | None, int]], total: int) -> list[CountRow]:
    """Return the first counts as rows; a last one counts all the others, so that the rows count everything."""
    rows = [CountRow(name, link, number) for (name, link, number), _ in zip(counts, range(_SHOWN_ROWS), strict=False)]
    others = total - sum(row.number for row in rows)
    return [*rows, CountRow(None, None, others)] if rows and others else rows


def report_stylesheet() -> str:
    """Return the report's stylesheet, for a server that links to it."""
    return (files("triplepress.validation") / "templates" / "report.css").read_text(encoding="utf-8")


def _environment(language: Language) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("triplepress.validation"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    thousands = "," if language == "en" else "\N{NARROW NO-BREAK SPACE}"
    environment.filters["grouped"] = lambda number: f"{number:,}".replace(",", thousands)
    return environment
