r"""arXiv's own formats: a preprint, and what it says of the article that came of it.

A preprint is no journal article. It gives a record only where it names both the article's DOI and the journal it
appeared in; the record is then the article's, as another party describes it. A DOI alone may be a chapter's, and a
journal's name alone identifies nothing.

References:
    arXiv OAI-PMH, formats `arXiv` and `arXivRaw`.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from lxml import etree

from triplepress.errors import RecordError
from triplepress.record import ArticleRecord, Citation, Contributor, Rejected, Relation, Skipped, Source, Text
from triplepress.sources.checks import Checks
from triplepress.sources.oaipmh.protocol import first_text, texts
from triplepress.sources.rejection import reject_value
from triplepress.sources.xml import child, children

_NO_JOURNAL: Final = re.compile(
    r"\bproc(?:eedings|\.|\b)|\bconf(?:erence|\.)|\bworkshop|\bsymposium|\bin:|\blncs\b|lecture notes", re.I
)
_YEAR: Final = re.compile(r"\(((?:19|20)[0-9]{2})\)")
_ACCENTS: Final = {
    "'": "\u0301",
    "`": "\u0300",
    "^": "\u0302",
    '"': "\u0308",
    "~": "\u0303",
    "c": "\u0327",
    "v": "\u030c",
}
_ACCENTED: Final = re.compile(r"\\(?:(['`^\"~])\{?\\?([A-Za-z])\}?|([cv])\{([A-Za-z])\})")


def read_arxiv(element: etree._Element, source: Source) -> ArticleRecord | Skipped | Rejected:
    """Return the record of the article that an arXiv preprint became, or `Skipped` for what is only a preprint."""
    checks = Checks()
    journal = first_text(element, "journal-ref")
    stated = (first_text(element, "doi") or "").split()
    dois = [doi for text in stated if (doi := checks.doi(text))]
    doi = dois[0] if len(dois) == 1 else None
    if doi is None or journal is None:
        return Skipped(source=source, doi=doi, kind="preprint")
    if _NO_JOURNAL.search(journal):
        return Skipped(source=source, doi=doi, kind="preprint of a conference paper")
    year = set(_YEAR.findall(journal))
    identifier = first_text(element, "id")
    try:
        return ArticleRecord(
            doi=doi,
            titles=[Text(text=text) for text in texts(element, "title")[:1]],
            abstracts=[Text(text=text) for text in texts(element, "abstract")[:1]],
            issued=year.pop() if len(year) == 1 else None,
            contributors=_authors(element),
            relations=[Relation(type="has-preprint", text=f"arXiv:{identifier}")] if identifier else [],
            citation=Citation(text=journal),
            sources=[source],
            warnings=checks.warnings,
        )
    except RecordError as error:
        return reject_value(source, error, doi=doi)


def _authors(element: etree._Element) -> list[Contributor]:
    """Return the authors: tagged in `arXiv`, in one line in `arXivRaw`."""
    people: list[tuple[str, str | None, str | None]] = []
    for author in children(child(element, "authors"), "author"):
        given, family, suffix = (first_text(author, name) for name in ("forenames", "keyname", "suffix"))
        name = " ".join(part for part in (given, family, suffix) if part)
        if name:
            people.append((_unaccented(name), _unaccented(given), _unaccented(family)))
    if not people:
        line = re.sub(r"\([^()]*\)", "", first_text(element, "authors") or "")
        people = [(_unaccented(name), None, None) for part in re.split(r",|\band\b", line) if (name := part.strip())]
    return [
        Contributor(position=position, name=name, given=given, family=family)
        for position, (name, given, family) in enumerate(people, start=1)
    ]


def _unaccented(text: str | None) -> str:
    r"""Return a name with TeX's accents as characters.

    Example:
        >>> _unaccented(r"\'Edgar Rold\'an")
        'Édgar Roldán'
    """
    accented = _ACCENTED.sub(lambda found: (found[2] or found[4]) + _ACCENTS[found[1] or found[3]], text or "")
    return unicodedata.normalize("NFC", accented)
