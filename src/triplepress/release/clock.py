"""The time that an edition states: the clock's, or that of `SOURCE_DATE_EPOCH`, so that a build can be repeated.

References:
    Reproducible Builds, specification of SOURCE_DATE_EPOCH.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Final

from triplepress.errors import ReleaseError

VARIABLE: Final = "SOURCE_DATE_EPOCH"


def fixed_time() -> datetime | None:
    """Return the time that `SOURCE_DATE_EPOCH` fixes, or None where it is not set.

    Raises:
        ReleaseError: It is no number of seconds.
    """
    text = os.environ.get(VARIABLE)
    if text is None:
        return None
    try:
        return datetime.fromtimestamp(int(text), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise ReleaseError(f"{VARIABLE}: “{text}” is no number of seconds since 1970; correct or unset it") from error


def now() -> datetime:
    """Return the fixed time if there is one, else the clock's, in whole seconds and UTC."""
    return fixed_time() or datetime.now(UTC).replace(microsecond=0)


def as_date_time(moment: datetime) -> str:
    """Return a UTC time as xsd:dateTime, such as `2026-11-22T09:40:00Z`."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def as_release_time(moment: datetime) -> str:
    """Return a UTC time as it stands at the start of a release's id, such as `20261122T094000Z`."""
    return f"{moment:%Y%m%dT%H%M%SZ}"


def as_run_id(moment: datetime) -> str:
    """Return a UTC time as it stands in the IRI of a run, such as `2026-11-22T09-40-00Z`."""
    return f"{moment:%Y-%m-%dT%H-%M-%SZ}"
