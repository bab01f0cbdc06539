"""What a parser found in the printed text of a reference: plain frozen values."""

from __future__ import annotations

from typing import Any

import msgspec


class ParsedAuthor(msgspec.Struct, frozen=True, omit_defaults=True):
    """One name of the author line, as printed; an organisation, or a name that cannot be split, is all `family`."""

    family: str
    given: str | None = None


class ParsedReference(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The fields of one reference; what its text does not tell stays None.

    `title` is the article's or chapter's, or the book's own; `container` the journal or book it stands in;
    `title_translation` and `container_translation` what a transliterated reference adds in square brackets. `pages` is
    as printed, `last_page` complete (`447-85` ends on 485); an article number stands where the pages would, in
    `pages` and `first_page`. `year` has four digits. `language` is a BCP 47 tag, only where text or script leave no
    doubt. `doi` is canonical, `arxiv` without its prefix, `isbn` 13 or 10 characters without hyphens, check digit
    verified.
    """

    authors: tuple[ParsedAuthor, ...] = ()
    et_al: bool = False
    year: str | None = None
    title: str | None = None
    title_translation: str | None = None
    container: str | None = None
    container_translation: str | None = None
    volume: str | None = None
    issue: str | None = None
    pages: str | None = None
    first_page: str | None = None
    last_page: str | None = None
    doi: str | None = None
    url: str | None = None
    arxiv: str | None = None
    isbn: str | None = None
    pmid: str | None = None
    pmcid: str | None = None
    language: str | None = None

    def as_fields(self) -> dict[str, Any]:
        """Return the `parsed` object of a record's reference: plain JSON values, only what was found."""
        fields: dict[str, Any] = msgspec.to_builtins(self)
        if self.authors:
            fields["authors"] = list(fields["authors"])  # JSON has no tuples
        return fields
