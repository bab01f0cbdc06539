"""What a reader hands back for an input that it cannot take: place, reason, remedy."""

from __future__ import annotations

from msgspec.structs import replace

from triplepress.errors import RecordError
from triplepress.record import Finding, Rejected, Source, Stage

# A value in a finding is there to be recognised, not to be read in full.
_SHOWN = 200


def reject(
    source: Source,
    message: str,
    remedy: str,
    *,
    field: str | None = None,
    value: str | None = None,
    position: str | None = None,
    title: str | None = None,
    doi: str | None = None,
    stage: Stage = "read",
) -> Rejected:
    """Return the line of `rejected.jsonl` for one input.

    Args:
        source: The input; `position` is put into it.
        message: What is wrong.
        remedy: What to do about it.
        field: The record's field, where one is to blame.
        value: The offending value; it is cut to 200 characters.
        position: Where in the input, such as `line 9`.
        title: The article's title, where it was found.
        doi: The article's DOI, where it was found.
        stage: `read` for the input as a whole, `record` for a value that has no place in a record.
    """
    if value is not None and len(value) > _SHOWN:
        value = f"{value[:_SHOWN]}…"
    finding = Finding(severity="Violation", field=field, value=value, message=message, remedy=remedy)
    if position is not None:
        source = replace(source, position=position)
    return Rejected(source=source, doi=doi, title=title, stage=stage, findings=[finding])


def reject_value(source: Source, error: RecordError, *, doi: str | None = None, title: str | None = None) -> Rejected:
    """Return the rejection of a record for one value that has no place in it.

    Args:
        source: Where the record is.
        error: What is wrong with the value.
        doi: The article's DOI, where it was found.
        title: The article's title, where it was found.
    """
    return reject(
        source,
        error.reason,
        error.remedy,
        field=error.field,
        value=error.value,
        doi=doi,
        title=title,
        stage="record",
    )
