"""A publisher's own spreadsheet, saved as CSV or TSV: one row an article, its columns named by a mapping."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Final

from msgspec.structs import replace

from triplepress.errors import MappingError, RecordError
from triplepress.identifiers import scan_dois
from triplepress.record import (
    Affiliation,
    ArticleRecord,
    Citation,
    Contributor,
    File,
    Journal,
    Reference,
    Rejected,
    Source,
    Text,
)
from triplepress.sources.checks import Checks
from triplepress.sources.columns import Column, Columns, choose, folded, load_columns
from triplepress.sources.content import HEAD_BYTES
from triplepress.sources.delimited import delimiter_of, header_of, read_rows, split_row
from triplepress.sources.languages import language_code
from triplepress.sources.licences import licence_iri
from triplepress.sources.markup import plain_text
from triplepress.sources.names import name_parts
from triplepress.sources.rejection import reject, reject_value
from triplepress.sources.values import date_in, date_of, is_web_address, known, without_mail

KIND: Final = "csv"
_LEAST_CELLS: Final = 3
_ADVICE: Final = (
    "Write a mapping that names its columns into the folder of mappings (see the example in the documentation), "
    "or name the columns doi, title, authors, journal, issn, issued and so on"
)


def is_spreadsheet(head: bytes, folder: Path) -> bool:
    """Tell whether a file is a table: a mapping fits its header, or its first lines have equally many cells."""
    header = header_of(head)
    try:
        if header and choose(header, load_columns(folder)) is not None:
            return True
    except MappingError:  # told when the table is read
        pass
    lines = head.decode("utf-8", errors="replace").splitlines()
    lines = lines[: -1 if len(head) >= HEAD_BYTES else None][:5]  # the last one may be cut
    rows = [split_row(line, delimiter_of(lines[0])) for line in lines if line.strip()]
    return (
        len(rows) > 1
        and len(rows[0]) >= _LEAST_CELLS
        and all(len(row) == len(rows[0]) and all(rows[0]) for row in rows)
    )


def read_spreadsheet(stream: IO[bytes], source: Source, limit: int, folder: Path) -> Iterator[ArticleRecord | Rejected]:
    """Yield the result of each row.

    Args:
        stream: Unpacked bytes, UTF-8; the cells are divided by what divides those of the header best.
        source: The file; each result gets the line of its row.
        limit: The most characters of one cell.
        folder: The folder of mappings; it need not be there.
    """
    rows = read_rows(stream, limit)
    header = next(rows, None)
    if header is None or header.problem:
        yield reject(source, header.problem if header and header.problem else "the table has no header", _ADVICE)
        return
    try:
        mappings = load_columns(folder)
    except MappingError as error:
        yield reject(source, str(error), "Correct the mapping of columns")
        return
    columns = choose(header.cells, mappings)
    if columns is None:
        yield reject(source, _unfit(header.cells, mappings), _ADVICE)
        return
    places = {folded(cell): at for at, cell in reversed(list(enumerate(header.cells)))}
    first = True
    for row in rows:
        place = replace(source, position=f"line {row.line}")
        if row.problem or len(row.cells) > len(header.cells):
            message = row.problem or f"the row has {len(row.cells)} cells, the header {len(header.cells)}"
            yield reject(place, message, "Put quotation marks around cells that hold the separator; save as UTF-8")
            continue
        cells = {name: row.cells[at] for name, at in places.items() if at < len(row.cells)}
        reader = _Row(cells, columns)
        if first and columns.unread:
            reader.checks.warn("record", f"columns that are no fields are not read: {', '.join(columns.unread)}")
        first = False
        yield reader.result(place)


def _unfit(header: Sequence[str], mappings: Sequence[Columns]) -> str:
    """Return that no mapping fits, which columns there are, and what the nearest mapping misses."""
    seen = f"no mapping fits this table; its columns: {', '.join(cell or '(empty)' for cell in header)}"
    nearest = max(mappings, key=lambda mapping: mapping.fitting(header), default=None)
    if nearest is None or not nearest.fitting(header):
        return seen
    return f"{seen}; {nearest.name} is nearest, and needs also {', '.join(nearest.missing(header))}"


class _Row:
    """One row, read by the mapping of its columns."""

    def __init__(self, cells: Mapping[str, str], columns: Columns) -> None:
        self.cells = cells
        self.columns = columns
        self.checks = Checks()

    def result(self, source: Source) -> ArticleRecord | Rejected:
        """Return the record of the row, or why there is none."""
        doi = self.checks.doi(self.one("doi"))
        titles = self.texts("title")
        try:
            return ArticleRecord(
                doi=doi,
                local_id=None if doi else self.one("local_id"),
                pmid=self.one("pmid"),
                pmcid=self.one("pmcid"),
                kind=self.one("kind") or "journal-article",
                titles=titles,
                abstracts=self.texts("abstract"),
                keywords=self.texts("keywords"),
                language=language_code(self.one("language")),
                issued=self.date("issued"),
                received=self.date("received"),
                accepted=self.date("accepted"),
                available=self.date("available"),
                journal=self.journal(),
                volume=known(self.one("volume")),
                issue=known(self.one("issue")),
                article_number=known(self.one("article_number")),
                contributors=[*self.people("authors", "author"), *self.people("editors", "editor")],
                licences=self.licences(),
                references=self.references(),
                landing_pages=[text for text in self.several("landing_page") if is_web_address(text)],
                files=[
                    File(url=text, media_type="application/pdf") for text in self.several("pdf") if is_web_address(text)
                ],
                citation=self.citation(),
                sources=[source],
                warnings=self.checks.warnings,
                **self.checks.pages(self.pages()),
            )
        except RecordError as error:
            return reject_value(source, error, doi=doi, title=titles[0].text if titles else None)

    def stated(self, field: str) -> list[tuple[str, Column]]:
        """Return the cells of a field that are not empty, with their columns; else what holds for every row."""
        found = [
            (cell, column)
            for column in self.columns.fields.get(field, ())
            if (cell := self.cells.get(folded(column.header), "").strip())
        ]
        constant = self.columns.constants.get(field)
        return found or ([(constant, Column(field))] if constant else [])

    def several(self, field: str) -> list[str]:
        """Return the values of a field, those of a cell divided where the mapping says so."""
        return [part for part, _ in self.parts(field)]

    def parts(self, field: str) -> list[tuple[str, Column]]:
        """Return the values of a field with their columns."""
        return [
            (part.strip(), column)
            for cell, column in self.stated(field)
            for part in (cell.split(column.separator) if column.separator else [cell])
            if part.strip()
        ]

    def one(self, field: str) -> str | None:
        """Return the first value of a field."""
        return next((cell for cell, _ in self.stated(field)), None)

    def texts(self, field: str) -> list[Text]:
        """Return the texts of a field with the languages of their columns, each once."""
        pairs = [(plain_text(part), column.lang) for part, column in self.parts(field)]
        return [Text(text=text, lang=lang) for text, lang in dict.fromkeys(pairs) if text]

    def date(self, field: str) -> str | None:
        """Return a date: `2024-05-01`, `2024`, `May 2024` or `01.05.2024`."""
        stated = self.one(field)
        if stated is None:
            return None
        match = re.fullmatch(r"(?:([0-9]{1,2})\.)?([0-9]{1,2})\.([0-9]{4})", stated)
        found = date_of([part for part in (match[3], match[2], match[1]) if part]) if match else date_in(stated)
        if found is None:
            self.checks.warn(field, f"“{stated}” is no date that can be read without a guess; write YYYY-MM-DD")
        return found

    def pages(self) -> str | None:
        """Return the pages, of one column or two."""
        first, last = known(self.one("first_page")), known(self.one("last_page"))
        return f"{first}-{last}" if first and last else first or self.one("pages")

    def journal(self) -> Journal | None:
        """Return the journal."""
        kinds = {"issn": "print", "eissn": "electronic", "issn_l": "linking"}
        issns = self.checks.issns((kind, text) for field, kind in kinds.items() for text in self.several(field))
        titles = self.texts("journal")
        return Journal(titles=titles, publisher=self.one("publisher"), **issns) if titles or issns else None

    def people(self, field: str, role: str) -> list[Contributor]:
        """Return the people of one field; iDs and affiliations go by their place in the cell, if there are as many."""
        names = [plain_text(without_mail(text)) for text in self.several(field)]
        orcids = self.beside("orcids", len(names)) if field == "authors" else [""] * len(names)
        affiliations = self.beside("affiliations", len(names)) if field == "authors" else [""] * len(names)
        people: list[Contributor] = []
        for stated, orcid, affiliation in zip(names, orcids, affiliations, strict=True):
            if not stated:
                continue
            name, given, family = name_parts(stated)
            organisation = without_mail(plain_text(affiliation))
            people.append(
                Contributor(
                    position=len(people) + 1,
                    role=role,
                    name=name,
                    given=given,
                    family=family,
                    orcid=self.checks.orcid(orcid),
                    affiliations=[Affiliation(name=organisation)] if organisation else [],
                )
            )
        return people

    def beside(self, field: str, count: int) -> list[str]:
        """Return a value for each author, empty ones where the cell is; of another number none can be placed."""
        values = [
            part.strip()
            for cell, column in self.stated(field)
            for part in (cell.split(column.separator) if column.separator else [cell])
        ]
        if not values:
            return [""] * count
        if len(values) != count:
            self.checks.warn(
                f"contributors.{field}", f"the cell has {len(values)} of them for {count} authors; none is placed"
            )
            return [""] * count
        return values

    def licences(self) -> list[str]:
        """Return the licences by their address or name."""
        found = []
        for text in self.several("licence"):
            iri = licence_iri(text)
            if iri is None:
                self.checks.warn("licences", f"“{text}” names no licence that has an address here")
            else:
                found.append(iri)
        return found

    def references(self) -> list[Reference]:
        """Return the references: one a line of the cell, as printed; a number before it is its place."""
        found = []
        for position, text in enumerate(self.several("references"), start=1):
            bare = re.sub(rf"^\[?{position}(?:[.)\]]\s*|\s+)", "", text)
            dois = list(dict.fromkeys(place.doi for place in scan_dois(bare) if place.doi))
            found.append(Reference(position=position, text=bare, doi=dois[0] if len(dois) == 1 else None))
        return found

    def citation(self) -> Citation | None:
        """Return the citation line."""
        stated = next(iter(self.stated("citation")), None)
        return Citation(text=stated[0], lang=stated[1].lang) if stated else None
