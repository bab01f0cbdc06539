"""Is this the record that we promised? One folder a variation of an Elpub page: its text, and the line it gives."""

from __future__ import annotations

import difflib
import json
from pathlib import Path

import msgspec
import pytest

from triplepress.record import Source, encode_record
from triplepress.sources.elpub import read_elpub

_CASES = sorted(path.parent for path in (Path(__file__).parent / "elpub").glob("*/input.txt"))


def _readable(line: bytes) -> str:
    """The filled fields of one line, one value a line."""

    def filled(value: object) -> object:
        if isinstance(value, dict):
            return {key: filled(item) for key, item in value.items() if item not in (None, [], {}, False)}
        return [filled(item) for item in value] if isinstance(value, list) else value

    return json.dumps(filled(msgspec.json.decode(line)), ensure_ascii=False, indent=2) + "\n"


@pytest.mark.parametrize("case", _CASES, ids=lambda case: case.name)
def test_a_page_gives_its_record(case: Path) -> None:
    result = read_elpub((case / "input.txt").read_bytes(), Source(kind="elpub", location="input.txt"))
    expected = (case / "record.json").read_text(encoding="utf-8")
    found = _readable(encode_record(result))
    difference = difflib.unified_diff(expected.splitlines(), found.splitlines(), "promised", "found", lineterm="", n=2)
    assert found == expected, "\n".join(difference)
