"""What a report is made of: everything that was found in one record."""

from __future__ import annotations

from typing import Literal

import msgspec

from triplepress.record import Finding, Rejected, Source
from triplepress.validation.fields import field_of
from triplepress.validation.results import Result


class ReportEntry(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that was found in one record.

    Attributes:
        record: IRI of the article; None for an input that did not become a record.
        doi: Canonical DOI, if it has one.
        title: Its first title, if it has one.
        source: Where it was read: file and position.
        findings: The gravest first.
        published: Whether it is in the edition all the same.
        stage: Where it was stopped, or last looked at.
    """

    record: str | None = None
    doi: str | None = None
    title: str | None = None
    source: Source | None = None
    findings: tuple[Finding, ...] = ()
    published: bool = True
    stage: Literal["read", "record", "validate"] = "validate"

    @classmethod
    def of_rejected(cls, rejected: Rejected) -> ReportEntry:
        """Return the entry of an input that was set aside before the gate."""
        return cls(
            doi=rejected.doi,
            title=rejected.title,
            source=rejected.source,
            findings=tuple(rejected.findings),
            published=False,
            stage=rejected.stage,
        )


def finding_of(result: Result, language: str) -> Finding:
    """Return a validation result as an editor's finding, in a language."""
    return Finding(
        severity=result.severity,
        field=field_of(result.focus_node, result.path, result.shape),
        value=result.value_text,
        message=result.message(language) or f"The shape {result.shape} is not met.",
        remedy=result.remedy(language),
        shape=result.shape,
        component=result.component,
    )


def place_of(source: Source | None) -> str:
    """Return where a record was read, as people name it: file and position."""
    if source is None:
        return ""
    return source.location if source.position is None else f"{source.location}, {source.position}"
