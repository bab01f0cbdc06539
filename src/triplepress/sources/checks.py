"""Identifiers and dates as sources state them, checked: what fails becomes a warning and stays out of the record."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from triplepress.errors import RecordError
from triplepress.identifiers import parse_doi_field, parse_issn, parse_orcid, parse_ror
from triplepress.record import RecordWarning, Relation
from triplepress.sources.values import as_text, date_of, page_range

_ELECTRONIC = frozenset({"electronic", "eissn", "epub", "online", "online-only"})
_LINKING = frozenset({"linking", "issnl", "issn-l", "issn_l"})


@dataclass
class Checks:
    """The checks of one record, and the warnings they gave.

    Attributes:
        warnings: One for each value that could not be used, in the order of the source.
    """

    warnings: list[RecordWarning] = field(default_factory=list)

    def warn(self, where: str, message: str) -> None:
        """Note something about a field of the record."""
        self.warnings.append(RecordWarning(field=where, message=message))

    def doi(self, value: Any, where: str = "doi") -> str | None:  # noqa: ANN401 - whatever JSON a source states
        """Return the canonical DOI in a DOI field."""
        text = as_text(value)
        if text is None:
            return None
        try:
            return parse_doi_field(text)
        except RecordError as error:
            self.warn(where, str(error))
            return None

    def orcid(self, value: Any) -> str | None:  # noqa: ANN401
        """Return a contributor's ORCID iD, bare."""
        text = as_text(value)
        if text is None:
            return None
        try:
            return parse_orcid(text).removeprefix("https://orcid.org/")
        except RecordError as error:
            self.warn("contributors.orcid", str(error))
            return None

    def ror(self, value: Any) -> str | None:  # noqa: ANN401
        """Return an organisation's ROR iD, bare."""
        text = as_text(value)
        if text is None:
            return None
        try:
            return parse_ror(text).removeprefix("https://ror.org/")
        except RecordError as error:
            self.warn("contributors.affiliations.ror", str(error))
            return None

    def date(self, parts: Sequence[Any], where: str) -> str | None:
        """Return a date of year, month and day at the precision that is sound."""
        stated = [part for part in parts if part not in (None, "")]
        date = date_of(stated)
        if stated and (date is None or date.count("-") + 1 < len(stated)):
            self.warn(where, f"{'-'.join(map(str, stated))} is no date of the calendar")
        return date

    def pages(self, stated: str | None) -> dict[str, Any]:
        """Return `pages`, `first_page`, `last_page` of a range; a last page printed short (`112-8`) is written out."""
        first, last = page_range(stated)
        if first and last and first.isdecimal() and last.isdecimal() and len(last) < len(first):
            short, last = last, first[: len(first) - len(last)] + last
            self.warn("last_page", f"stated as {short}, read as {last}")
        found = {
            "pages": f"{first}-{last}" if last and last != first else first,
            "first_page": first,
            "last_page": last,
        }
        return {name: page for name, page in found.items() if page}

    def issns(self, stated: Iterable[tuple[str | None, str | None]]) -> dict[str, str]:
        """Return a journal's ISSNs by the field of the record.

        Args:
            stated: Kind and number of each. Of numbers without a kind the first counts as the journal's own; what the
                others are, nothing says.

        Returns:
            `issn`, `eissn` and `issn_l` as far as they are there.
        """
        found: dict[str, str] = {}
        for kind, text in stated:
            try:
                issn = parse_issn(text or "")
            except RecordError as error:
                self.warn("journal.issn", str(error))
                continue
            name = (kind or "").lower()
            slot = "eissn" if name in _ELECTRONIC else "issn_l" if name in _LINKING else "issn"
            if issn not in found.values() and found.setdefault(slot, issn) != issn:
                self.warn("journal.issn", f"the source states another ISSN: {issn}")
        return found

    def relate(self, relations: dict[tuple[str, str], Relation], kind: str, value: Any, own: str | None) -> bool:  # noqa: ANN401
        """Add a relation to the work of a DOI; tell whether it was one. A work's relation to itself is left out."""
        doi = self.doi(value, "relations")
        if doi is not None and doi != own:
            relations.setdefault((kind, doi), Relation(type=kind, doi=doi))
        return doi is not None
