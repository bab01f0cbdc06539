"""Which column of a spreadsheet is what: mappings in TOML, and headers that name the fields themselves."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from triplepress.errors import MappingError
from triplepress.record import language_tag

# What a column may be. Those that hold several values in a cell come with what divides them.
FIELDS: Final = frozenset(
    {"doi", "local_id", "pmid", "pmcid", "kind", "title", "abstract", "language", "issued", "received", "accepted"}
    | {"available", "journal", "issn", "eissn", "issn_l", "publisher", "volume", "issue", "pages", "first_page"}
    | {"last_page", "article_number", "licence", "landing_page", "pdf", "citation"}
)
SEPARATORS: Final = {
    "keywords": ";",
    "authors": ";",
    "orcids": ";",
    "affiliations": ";",
    "editors": ";",
    "references": "\n",
}
_ALL: Final = FIELDS | SEPARATORS.keys()
_KEYS: Final = frozenset({"column", "lang", "separator", "optional"})
_LEAST: Final = 2  # fields in a header that names them itself


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its header, the language of its texts, what divides values in a cell, whether it may be missing."""

    header: str
    lang: str | None = None
    separator: str | None = None
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of one kind of spreadsheet.

    Attributes:
        name: The mapping's file, or what else tells where it is from.
        fields: The columns of each field, in order.
        constants: What holds for every row.
        unread: Headers that no field takes, where the header names the fields itself.
    """

    name: str
    fields: Mapping[str, Sequence[Column]]
    constants: Mapping[str, str] = field(default_factory=dict)
    unread: Sequence[str] = ()

    def missing(self, header: Iterable[str]) -> list[str]:
        """Return the headers that this mapping needs and a spreadsheet does not have."""
        there = {folded(cell) for cell in header}
        needed = [column for columns in self.fields.values() for column in columns if not column.optional]
        return [column.header for column in needed if folded(column.header) not in there]

    def fitting(self, header: Iterable[str]) -> int:
        """Return how many columns of a spreadsheet this mapping takes."""
        there = {folded(cell) for cell in header}
        return sum(folded(column.header) in there for columns in self.fields.values() for column in columns)


def folded(header: str) -> str:
    """Return a header as it is compared: letter case and white space do not count."""
    return re.sub(r"\s+", " ", header).strip().casefold()


def mapping_files(folder: Path) -> list[Path]:
    """Return the files of the mappings in a folder, by name.

    A file whose name ends in `-example.toml` is there to be copied: what it says holds for no spreadsheet.
    """
    paths = sorted(folder.glob("*.toml")) if folder.is_dir() else []
    return [path for path in paths if not path.name.endswith("-example.toml")]


def load_columns(folder: Path) -> list[Columns]:
    """Return the mappings of a folder, by the names of their files; none where there is no such folder.

    Raises:
        MappingError: A file is no TOML, or names a field that there is not.
    """
    return [read_columns(path) for path in mapping_files(folder)]


def read_columns(path: Path) -> Columns:
    """Return the mapping in one file.

    Raises:
        MappingError: It is no TOML, or names a field that there is not.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise MappingError(f"{path}: not a mapping of columns: {error}", key=str(path)) from error
    unknown = values.keys() - {"columns", "constants"}
    if unknown or not isinstance(values.get("columns"), dict):
        what = f"unknown table “{min(unknown)}”" if unknown else "there is no table “columns”"
        raise MappingError(f"{path}: {what}; a mapping has “columns” and “constants”", key=str(path))
    fields = {name: _columns(name, value, path) for name, value in values["columns"].items()}
    constants = values.get("constants", {})
    for name, value in constants.items():
        if name not in _ALL or not isinstance(value, str):
            raise MappingError(f"{path}: constants.{name}: {_known()}", key=str(path))
    return Columns(path.name, fields, constants)


def _known() -> str:
    return f"the fields, each a text, are {', '.join(sorted(_ALL))}"


def _columns(name: str, value: Any, path: Path) -> list[Column]:  # noqa: ANN401 - whatever TOML states
    """Return the columns of one field: a header, a table, or a list of these."""
    if name not in _ALL:
        raise MappingError(f"{path}: columns.{name}: {_known()}", key=str(path))
    found = []
    for each in value if isinstance(value, list) else [value]:
        stated = {"column": each} if isinstance(each, str) else each
        if not isinstance(stated, dict) or not isinstance(stated.get("column"), str) or stated.keys() - _KEYS:
            message = (
                f"{path}: columns.{name}: write a header, or {{ column = …, lang = …, separator = …, optional = … }}"
            )
            raise MappingError(message, key=str(path))
        separator = stated.get("separator", SEPARATORS.get(name))
        found.append(
            Column(stated["column"], language_tag(stated.get("lang")), separator, bool(stated.get("optional", False)))
        )
    return found


def columns_of_header(header: Sequence[str]) -> Columns | None:
    """Return the columns of a header that names the fields itself, such as `doi,title,title@ru,authors`.

    Returns:
        The columns; None where fewer than two are fields, or neither DOI nor title is among them.

    Example:
        >>> found = columns_of_header(["DOI", "title@ru", "note"])
        >>> sorted(found.fields), found.unread
        (['doi', 'title'], ['note'])
    """
    fields: dict[str, list[Column]] = {}
    unread = []
    for cell in header:
        name, _, lang = folded(cell).partition("@")
        name = name.replace(" ", "_").replace("-", "_")
        if name in _ALL:
            fields.setdefault(name, []).append(Column(cell, language_tag(lang), SEPARATORS.get(name)))
        elif cell:
            unread.append(cell)
    if len(fields) < _LEAST or not fields.keys() & {"doi", "title"}:
        return None
    return Columns("the header itself", fields, unread=unread)


def choose(header: Sequence[str], mappings: Sequence[Columns]) -> Columns | None:
    """Return what fits a header best: the mapping that takes most columns, else the header itself, else None."""
    fitting = [mapping for mapping in mappings if not mapping.missing(header) and mapping.fitting(header)]
    if fitting:
        return max(fitting, key=lambda mapping: mapping.fitting(header))
    return columns_of_header(header)
