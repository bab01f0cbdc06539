"""The report for an editor: which record, where it comes from, which field, what is wrong, what to do.

One stream of entries, and a writer for each reader: JSON for programs, HTML for people, Turtle for other SHACL tools,
rows for a table in the terminal. No writer holds more of the stream than a batch, so a report may be of any size.
"""

from __future__ import annotations

from triplepress.validation.report.document import ReportPages, report_json, write_report_json
from triplepress.validation.report.entries import ReportEntry, finding_of, place_of
from triplepress.validation.report.lines import report_lines
from triplepress.validation.report.page import Excerpt, Language, report_html, report_stylesheet, write_report_html
from triplepress.validation.report.rows import Row, report_rows
from triplepress.validation.report.summary import Summary
from triplepress.validation.report.turtle import report_turtle, write_report_turtle

__all__ = [
    "Excerpt",
    "Language",
    "ReportEntry",
    "ReportPages",
    "Row",
    "Summary",
    "finding_of",
    "place_of",
    "report_html",
    "report_json",
    "report_lines",
    "report_rows",
    "report_stylesheet",
    "report_turtle",
    "write_report_html",
    "write_report_json",
    "write_report_turtle",
]
