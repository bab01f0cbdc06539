"""Every error that Triplepress raises on purpose.

TriplepressError
├── SettingsError(key, value)        the configuration cannot be used
├── SourceError(location, position)  an input cannot be read
│   └── RepositoryError(code)        a repository refuses, or does not answer
├── RecordError(field, value)        a value has no place in a record
├── MappingError(key)                the mapping and the nodes do not fit
├── ShapesError(shape)               the shapes themselves are broken
├── EnginesDisagree(missed, added)   two validation engines find different things
├── ReleaseError                     an edition cannot be built, found or switched
│   └── PartError(path)              a machine of the cluster does not see a part of an edition
└── StoreError                       the store does not answer
    ├── QueryError(position)         the query is not valid, or not allowed
    ├── QueryTimeout(seconds)        the query ran past its deadline
    ├── QueryMemory(allowance)       the query needs more memory than one may take
    ├── QueryCut(rows)               the engine behind the edition gives no more rows than so many
    ├── StoreBusy(retry_after)       too many queries wait already
    ├── StoreDown(retry_after)       the engine behind the edition cannot be reached
    └── StoreSlow(seconds)           the engine behind the edition does not answer in time

Errors carry data; `str()` says what happened, where, and what to do next. Text positions are 1-based.
"""

from __future__ import annotations


class TriplepressError(Exception):
    """The root of the tree; catching it catches everything raised on purpose."""

    def __reduce__(self) -> tuple[object, ...]:
        """Return how an error is made again in another process, whatever arguments its class takes."""
        return _made_again, (type(self), self.args, self.__dict__)


def _made_again(kind: type[TriplepressError], arguments: tuple[object, ...], data: dict[str, object]) -> BaseException:
    """Return an error as it was in the process that it comes from."""
    error = kind.__new__(kind)
    error.args = arguments
    error.__dict__.update(data)
    return error


class SettingsError(TriplepressError):
    """A setting is unknown, or its value cannot be used.

    Args:
        message: What is wrong and what to do.
        key: The setting's name as in `triplepress.toml`, or None for the file as a whole.
        value: The offending value as text.
    """

    def __init__(self, message: str, *, key: str | None = None, value: str | None = None) -> None:
        """Keep the setting beside the message."""
        super().__init__(message)
        self.key = key
        self.value = value


class SourceError(TriplepressError):
    """An input cannot be read.

    Args:
        message: What is wrong and what to do.
        location: The file, URL or member of an archive.
        position: Where in it, 1-based, such as `line 9`.
    """

    def __init__(self, message: str, *, location: str, position: str | None = None) -> None:
        """Keep the place beside the message."""
        super().__init__(message)
        self.location = location
        self.position = position

    def __str__(self) -> str:
        """Return the place and the message."""
        place = self.location if self.position is None else f"{self.location}, {self.position}"
        return f"{place}: {self.args[0]}"


class RepositoryError(SourceError):
    """A repository refuses a request, or does not answer it.

    Args:
        message: What it said, and what to do.
        location: Its address.
        code: The protocol's own name of the error, such as `noRecordsMatch`; None where the protocol was not reached.
    """

    def __init__(self, message: str, *, location: str, code: str | None = None) -> None:
        """Keep the code beside the message."""
        super().__init__(message, location=location)
        self.code = code


class RecordError(TriplepressError, ValueError):
    """A value has no place in a record.

    Args:
        field: The record's field.
        value: The value as it came.
        reason: What is wrong with it.
        remedy: What to do about it.
    """

    def __init__(self, field: str, value: str, reason: str, remedy: str = "") -> None:
        """Keep field, value, reason and remedy."""
        super().__init__(field, value, reason, remedy)
        self.field = field
        self.value = value
        self.reason = reason
        self.remedy = remedy

    def __str__(self) -> str:
        """Return one line: field, value, reason, remedy."""
        shown = self.value if len(self.value) <= 200 else f"{self.value[:200]}…"  # a page of text helps nobody
        line = f"{self.field} “{shown}”: {self.reason}"
        return f"{line}. {self.remedy}" if self.remedy else line


class MappingError(TriplepressError):
    """The mapping in `mappings/` and the nodes made for it do not fit.

    Args:
        message: What is wrong and what to do.
        key: The key of the context, or of the node.
    """

    def __init__(self, message: str, *, key: str | None = None) -> None:
        """Keep the key beside the message."""
        super().__init__(message)
        self.key = key


class ShapesError(TriplepressError):
    """The shapes are broken; data that does not conform is a report, never this error.

    Args:
        message: What is wrong and what to do.
        shape: The IRI of the shape, where one is to blame.
    """

    def __init__(self, message: str, *, shape: str | None = None) -> None:
        """Keep the shape beside the message."""
        super().__init__(message)
        self.shape = shape


class EnginesDisagree(TriplepressError):  # noqa: N818 - it says what happened, as QueryTimeout does
    """Two validation engines do not find the same in the same data, so neither can be trusted with it.

    Args:
        judge: Name of the engine that decides.
        other: Name of the engine that was compared.
        missed: What the judge found and the other did not, one line each.
        added: What the other found and the judge did not, one line each.
    """

    def __init__(self, judge: str, other: str, *, missed: list[str], added: list[str]) -> None:
        """Keep both lists."""
        super().__init__(judge, other)
        self.judge = judge
        self.other = other
        self.missed = missed
        self.added = added

    def __str__(self) -> str:
        """Return who differs from whom, and the first few differences."""
        only = [f"only {self.judge}: {line}" for line in self.missed]
        only += [f"only {self.other}: {line}" for line in self.added]
        more = f" (and {len(only) - 5} more)" if len(only) > 5 else ""
        return f"the engines disagree; validate with pyshacl alone, and report this: {'; '.join(only[:5])}{more}"


class ReleaseError(TriplepressError):
    """An edition cannot be built, found or switched."""


class PartError(ReleaseError):
    """A part of an edition, or the folder of all of them, is not seen from a machine of the cluster.

    Args:
        path: What is not there.
        machine: The name of the machine.
    """

    def __init__(self, path: str, machine: str) -> None:
        """Keep path and machine."""
        super().__init__(path, machine)
        self.path = path
        self.machine = machine

    def __str__(self) -> str:
        """Return what is not there, where, and what to do."""
        return (
            f"{self.path} is not seen from {self.machine}: mount the graph folder on driver and executors under one"
            " path, so that what one writes the others see at once (NFS: lookupcache=positive)"
        )


class StoreError(TriplepressError):
    """The store does not answer, or refuses."""


class QueryError(StoreError):
    """The query is not valid SPARQL, or asks for something that is not allowed.

    Args:
        message: What is wrong and what to do.
        line: 1-based line in the query, where known.
        column: 1-based column in that line, in characters, where known.
    """

    def __init__(self, message: str, *, line: int | None = None, column: int | None = None) -> None:
        """Keep the position beside the message."""
        super().__init__(message)
        self.line = line
        self.column = column


class QueryTimeout(StoreError):  # noqa: N818 - the name fixed by the house style
    """The query ran past its deadline and was stopped.

    Args:
        seconds: The deadline that passed.
    """

    def __init__(self, seconds: float) -> None:
        """Keep the deadline."""
        super().__init__(seconds)
        self.seconds = seconds

    def __str__(self) -> str:
        """Return what happened and what to do."""
        return f"the query was stopped after {self.seconds:g} seconds; ask for less at a time (LIMIT), or use the dumps"


class QueryMemory(StoreError):  # noqa: N818 - named like QueryTimeout, its sibling
    """The query needs more memory than one query may take, and was stopped.

    Args:
        allowance: Bytes that one query may take.
    """

    def __init__(self, allowance: int) -> None:
        """Keep the allowance."""
        super().__init__(allowance)
        self.allowance = allowance

    def __str__(self) -> str:
        """Return what happened and what to do."""
        size = f"{self.allowance / 1024**2:,.0f} MiB"
        return (
            f"the query needs more memory than the {size} that one may take; ask for less at a time, or use the dumps"
        )


class QueryCut(StoreError):  # noqa: N818 - named like QueryTimeout, its sibling
    """The engine behind the edition gives no more rows than it is set to; the rest is missing.

    Args:
        rows: How many it gives.
    """

    def __init__(self, rows: int) -> None:
        """Keep the number."""
        super().__init__(rows)
        self.rows = rows

    def __str__(self) -> str:
        """Return what happened and what to do."""
        return (
            f"the engine behind this edition gives {self.rows:,} rows at most, and there are more; ask for less at a"
            " time (LIMIT and OFFSET, in an order), or use the dumps"
        )


class StoreBusy(StoreError):  # noqa: N818 - named like QueryTimeout, its sibling
    """Too many queries wait already.

    Args:
        retry_after: Seconds after which it is worth trying again.
    """

    def __init__(self, retry_after: int) -> None:
        """Keep the time."""
        super().__init__(retry_after)
        self.retry_after = retry_after

    def __str__(self) -> str:
        """Return what happened and what to do."""
        return f"too many queries wait already; try again in {self.retry_after} seconds"


class StoreDown(StoreError):  # noqa: N818 - named like StoreBusy, its sibling
    """The engine behind the edition cannot be reached.

    Args:
        reason: Why.
        retry_after: Seconds after which it is worth trying again.
    """

    def __init__(self, reason: str, retry_after: int) -> None:
        """Keep reason and time."""
        super().__init__(reason, retry_after)
        self.reason = reason
        self.retry_after = retry_after

    def __str__(self) -> str:
        """Return what happened and what to do."""
        return f"the store behind this edition cannot be reached ({self.reason}); try again in {self.retry_after} s"


class StoreSlow(StoreError):  # noqa: N818 - named like StoreBusy, its sibling
    """The engine behind the edition does not answer in time, though little was asked of it.

    Args:
        seconds: The deadline that passed.
        retry_after: Seconds after which it is worth trying again.
    """

    def __init__(self, seconds: float, retry_after: int) -> None:
        """Keep both times."""
        super().__init__(seconds, retry_after)
        self.seconds = seconds
        self.retry_after = retry_after

    def __str__(self) -> str:
        """Return what happened and what to do."""
        return (
            f"the store behind this edition did not answer within {self.seconds:g} s; try again in {self.retry_after} s"
        )
