from __future__ import annotations

import sys
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, parse

from benchmarks import flat_tables, table, watching
from benchmarks.rows import Row, Sizes

_ROW = Row(
    what="a | b", ours="2/s", peer_name="peer 1.0", peer="1/s", ratio=2.0, target="at least 3 ×", met=False, note="n"
)


def test_the_table_stands_between_its_marks(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- table: begin -->\nold\n<!-- table: end -->\nafter\n", encoding="utf-8")
    table.write_page(table.as_markdown([_ROW], "a machine", "make bench"), page)
    text = page.read_text(encoding="utf-8")
    assert text.startswith("before\n<!-- table: begin -->\nMeasured by `make bench`")
    assert "| a \\| b (1) | 2/s | peer 1.0 | 1/s | 2 × | at least 3 × | **no** |" in text
    assert "\n1. n\n<!-- table: end -->\nafter\n" in text
    assert "old" not in text


def test_a_page_without_marks_is_left_alone(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("nothing here\n", encoding="utf-8")
    with pytest.raises(SystemExit, match="marks"):
        table.write_page("text", page)
    assert page.read_text(encoding="utf-8") == "nothing here\n"


def test_the_page_has_the_marks() -> None:
    text = table.PAGE.read_text(encoding="utf-8")
    assert text.count("<!-- table: begin -->") == text.count("<!-- table: end -->") == 1


def test_a_row_that_fails_says_so_and_costs_no_other(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [row for row, _ in table.measured(["no_such_row", "no_such_row_either"], Sizes.look(tmp_path))]
    assert [(row.what, row.met) for row in rows] == [("no_such_row", None), ("no_such_row_either", None)]
    assert all("not measured" in row.note for row in rows)
    assert "ModuleNotFoundError" in capsys.readouterr().err


def test_flat_tables_hold_every_value_once(tmp_path: Path) -> None:
    triples = (
        b"<http://e.org/a> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://e.org/T> .\n"
        b'<http://e.org/a> <http://e.org/title> "One, \\"two\\""@en .\n'
        b"<http://e.org/a> <http://e.org/cites> <http://e.org/b> .\n"
        b"<http://e.org/a> <http://e.org/cites> <http://e.org/c> .\n"
        b'<http://e.org/b> <http://e.org/year> "2024"^^<http://www.w3.org/2001/XMLSchema#gYear> .\n'
    )
    flat_tables.write(tmp_path / "out", [triples])
    assert (tmp_path / "out/t0.csv").read_text(encoding="utf-8") == 'thing,c0\nhttp://e.org/a,"One, ""two"""\n'
    assert (tmp_path / "out/t0_0.csv").read_text(encoding="utf-8").splitlines()[1:] == [
        "http://e.org/a,http://e.org/b",
        "http://e.org/a,http://e.org/c",
    ]
    rules = (tmp_path / "out/mapping.ttl").read_text(encoding="utf-8")
    assert sum(1 for _ in parse(rules, format=RdfFormat.TURTLE, base_iri="http://e.org/")) > 20
    assert "rr:datatype <http://www.w3.org/2001/XMLSchema#gYear>" in rules


def test_the_memory_of_children_is_counted() -> None:
    child = "import time; block = bytearray(80_000_000); time.sleep(2)"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}]); print('done')"
    ran = watching.run([sys.executable, "-c", parent])
    assert ran.status == 0
    assert ran.output == b"done\n"
    assert ran.peak > 80_000_000
    assert ran.seconds > 2
