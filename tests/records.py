"""Records for tests of the release: sound articles around the facts of the example edition, DOIs that are synthetic."""

from __future__ import annotations

import hashlib
from typing import Any

from triplepress.record import ArticleRecord, Contributor, Journal, Reference, Source, Text

POST_SOVIET_ISSUES = Journal(titles=[Text(text="Post-Soviet Issues", lang="en")], issn="2313-8920", eissn="2587-8174")
INTERNATIONAL_TRENDS = Journal(
    titles=[Text(text="International Trends", lang="en")], issn="1728-2756", eissn="1811-2773"
)
CC_BY = "https://creativecommons.org/licenses/by/4.0/"


def source(name: str, kind: str = "elpub") -> Source:
    """Return a source whose checksum follows from its name."""
    return Source(kind=kind, location=f"pages/{name}", sha256=hashlib.sha256(name.encode()).hexdigest())


def article(number: int, *, cites: list[str] | None = None, kind: str = "elpub", **fields: Any) -> ArticleRecord:  # noqa: ANN401 - fields have many types
    """Return a sound record with the DOI `10.5555/article.{number}`.

    Args:
        number: Tells it from others.
        cites: DOIs that its references name, in order.
        kind: The kind of its source.
        fields: Fields that differ.
    """
    values: dict[str, Any] = {
        "doi": f"10.5555/article.{number}",
        "titles": [Text(text=f"Rare-earth metals, part {number}", lang="en")],
        "language": "ru",
        "issued": "2024",
        "journal": POST_SOVIET_ISSUES,
        "volume": "11",
        "issue": "1",
        "contributors": [
            Contributor(name="S. S. Zhiltsov", position=1, given="S. S.", family="Zhiltsov", lang="en"),
        ],
        "licences": [CC_BY],
        "references": [
            Reference(position=place, text=f"The entry of {doi}. DOI: {doi}", doi=doi)
            for place, doi in enumerate(cites or [], 1)
        ],
        "sources": [source(f"{number}.txt", kind)],
    }
    return ArticleRecord(**(values | fields))


def refused(number: int, **fields: Any) -> ArticleRecord:  # noqa: ANN401 - as above
    """Return a record that the gate refuses: it has no title."""
    return article(number, titles=[], **fields)
