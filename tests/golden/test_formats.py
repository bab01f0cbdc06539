"""Are these the results that we promised? One folder a file of some format, read as a user would."""

from __future__ import annotations

import difflib
import json
import os
from pathlib import Path
from typing import Any

import msgspec
import pytest

from triplepress.record import encode_record
from triplepress.settings import Settings
from triplepress.sources import read

_FORMATS = Path(__file__).parent / "formats"
_CASES = sorted(path.parent for path in _FORMATS.glob("*/input.*"))


def _filled(value: Any) -> Any:  # noqa: ANN401 - any JSON may come
    """A value without empty fields; hashes change with every comma of an input, and are tested elsewhere."""
    if isinstance(value, dict):
        return {
            key: _filled(item) for key, item in value.items() if item not in (None, [], {}, False) and key != "sha256"
        }
    return [_filled(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("case", _CASES, ids=lambda case: case.name)
def test_a_file_gives_its_results(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(case)
    (name,) = (path.name for path in case.glob("input.*"))
    results = [
        {"is": type(result).__name__} | _filled(msgspec.json.decode(encode_record(result)))
        for result in read([name], Settings())
    ]
    found = json.dumps(results, ensure_ascii=False, indent=2) + "\n"
    path = case / "results.json"
    if os.environ.get("TRIPLEPRESS_WRITE_GOLDEN") == "1":  # then read the difference before it is committed
        path.write_text(found, encoding="utf-8")
    expected = path.read_text(encoding="utf-8")
    difference = difflib.unified_diff(expected.splitlines(), found.splitlines(), "promised", "found", lineterm="", n=2)
    assert found == expected, "\n".join(difference)
