"""Known ways to break a record, each with what must become of it: a report can be held against them.

Crossref's registry takes what publishers send, and archives of XML are cut short on their way; each way here is one
that real records show.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

Fate = Literal["published", "skipped", "merged", "rejected"]
Format = Literal["crossref", "jats", "canonical"]
FORMATS: Final[tuple[Format, ...]] = ("crossref", "jats", "canonical")


@dataclass(frozen=True, slots=True)
class Way:
    """One way to break a record, and what must become of it.

    Attributes:
        name: What is done to it.
        apply: Returns the broken bytes of a sound record's bytes (without line end).
        fate: What becomes of it: `published` ones come with a warning about `field`, `merged` is a second copy that
            goes into the first.
        stage: Where a rejected one is rejected.
        field: The field that the finding or warning is about, as far as one is named.
    """

    name: str
    apply: Callable[[bytes], bytes]
    fate: Fate
    stage: Literal["read", "record", "validate"] | None = None
    field: str | None = None


def _with(**values: Any) -> Callable[[bytes], bytes]:  # noqa: ANN401 - any JSON
    """Return what sets fields of a line of JSON."""
    return lambda line: _dumped(json.loads(line) | values)


def _dumped(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _cut(data: bytes) -> bytes:
    """Return the first half of some bytes, whole characters only."""
    return data[: len(data) // 2].decode(errors="ignore").encode()


def _wrong_orcid(line: bytes) -> bytes:
    work = json.loads(line)
    work["author"][0]["ORCID"] = "https://orcid.org/0000-0002-1825-0098"
    return _dumped(work)


def _wrong_issn(line: bytes) -> bytes:
    return _dumped(json.loads(line) | {"ISSN": ["2313-8921"], "issn-type": [{"type": "print", "value": "2313-8921"}]})


def _no_doi_in_reference(line: bytes) -> bytes:
    work = json.loads(line)
    entries = [*work.get("reference", []), {"key": "last", "DOI": "10.5555", "year": "1999"}]
    return _dumped(work | {"reference": entries, "reference-count": len(entries), "references-count": len(entries)})


def _twice(line: bytes) -> bytes:
    return line + b"\n" + line


def _wrong_record_orcid(line: bytes) -> bytes:
    record = json.loads(line)
    record["contributors"][0]["orcid"] = "0000-0002-1825-0098"
    return _dumped(record)


def _without(pattern: bytes, instead: bytes = b"") -> Callable[[bytes], bytes]:
    """Return what replaces the first match in a document."""
    compiled = re.compile(pattern, re.DOTALL)
    return lambda document: compiled.sub(instead, document, count=1)


WAYS: Final[Mapping[Format, tuple[Way, ...]]] = {
    "crossref": (
        Way("malformed-doi", _with(DOI="10.5555"), "rejected", "record", "doi"),
        Way("no-title", _with(title=[]), "rejected", "validate", "titles"),
        Way("cut-line", _cut, "rejected", "read"),
        Way("another-type", _with(type="peer-review"), "skipped"),
        Way("wrong-orcid", _wrong_orcid, "published", field="contributors.orcid"),
        Way("wrong-issn", _wrong_issn, "published", field="journal.issn"),
        Way("impossible-date", _with(issued={"date-parts": [[2024, 13, 41]]}), "published", field="issued"),
        Way("no-doi-in-reference", _no_doi_in_reference, "published", field="references"),
        Way("twice", _twice, "merged"),
    ),
    "jats": (
        Way("cut-document", _cut, "rejected", "read"),
        Way("no-title", _without(rb"<title-group>.*?</title-group>"), "rejected", "validate", "titles"),
        Way("no-front", _without(rb"<front>.*?</front>"), "rejected", "read"),
        Way(
            "wrong-orcid",
            _without(
                rb'<contrib contrib-type="author">',
                b'<contrib contrib-type="author">'
                b'<contrib-id contrib-id-type="orcid">https://orcid.org/0000-0002-1825-0098</contrib-id>',
            ),
            "published",
            field="contributors.orcid",
        ),
        Way(
            "impossible-date",
            _without(
                rb"<pub-date .*?</pub-date>", b"<pub-date><day>31</day><month>2</month><year>2024</year></pub-date>"
            ),
            "published",
            field="issued",
        ),
    ),
    "canonical": (
        Way("malformed-doi", _with(doi="10.5555"), "rejected", "record", "doi"),
        Way("no-title", _with(titles=[]), "rejected", "validate", "titles"),
        Way("cut-line", _cut, "rejected", "record", "record"),
        Way("unknown-field", _with(colour="green"), "rejected", "record", "record"),
        Way("wrong-orcid", _wrong_record_orcid, "rejected", "record", "contributors[...].orcid"),
        Way("impossible-date", _with(issued="2024-13-41"), "rejected", "record", "issued"),
        Way("twice", _twice, "merged"),
    ),
}
