"""Measures what the product promises, side by side with its peers, and prints the table.

    make bench           all rows, full sizes; the table goes into docs/performance.md
    make bench-quick     all rows, small sizes: a look, a few minutes
    python -m benchmarks.table --only mapping --only validation
    python -m benchmarks.table --quick --json

Each row is measured by the module of its name, which says how. Peers are installed from the package registry into
benchmarks/.peers and kept there. Rows are printed as they finish.
"""

from __future__ import annotations

import argparse
import importlib
import os
import platform
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

import msgspec

from benchmarks.rows import Row, Sizes

ROWS: Final = ("mapping", "validation", "publish", "memory", "update", "sparql", "dereferencing")
"""The modules that measure rows, in the order of the table."""
PAGE: Final = Path(__file__).resolve().parent.parent / "docs" / "performance.md"
_BEGIN, _END = "<!-- table: begin -->", "<!-- table: end -->"
_PACKAGES: Final = ("triplepress", "pyoxigraph", "shacl", "pyshacl", "rdflib", "msgspec", "uvicorn")


class Machine(msgspec.Struct, frozen=True):
    """Where it was measured."""

    processor: str
    cores: int
    memory: str
    system: str
    python: str
    packages: dict[str, str]
    load: float

    def told(self) -> str:
        """Return it as a sentence."""
        packages = ", ".join(f"{name} {number}" for name, number in self.packages.items())
        busy = f" It was busy when it began (load {self.load:.1f}): figures are too low." if self.load > 0.7 else ""
        where = f"{self.processor}, {self.cores} cores, {self.memory}, {self.system}, Python {self.python}"
        return f"{where}; {packages}.{busy}"


def machine() -> Machine:
    """Return what this machine is."""
    processor = next(
        (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")),
        platform.processor() or platform.machine(),
    )
    kilobytes = next((int(line.split()[1]) for line in _lines("/proc/meminfo") if line.startswith("MemTotal")), 0)
    packages = {}
    for name in _PACKAGES:
        try:
            packages[name] = version(name)
        except PackageNotFoundError:
            continue
    cores = len(os.sched_getaffinity(0))
    memory = f"{kilobytes / 1e6:.0f} GB of memory"
    system = f"Linux {platform.release().partition('-')[0]}"
    return Machine(processor, cores, memory, system, platform.python_version(), packages, os.getloadavg()[0])


def _lines(path: str) -> list[str]:
    return Path(path).read_text(encoding="utf-8").splitlines() if Path(path).exists() else []


def measured(names: Sequence[str], sizes: Sizes) -> Iterator[tuple[Row, float]]:
    """Yield each row as soon as it is there, with the seconds it took; a module that fails is a row that says so."""
    for name in names:
        began = time.perf_counter()
        try:
            for row in importlib.import_module(f"benchmarks.{name}").rows(sizes):
                yield row, time.perf_counter() - began
                began = time.perf_counter()
        except Exception as error:  # noqa: BLE001 - one row that fails must not cost the others
            traceback.print_exc()
            why = f"not measured: {type(error).__name__}: {error}"
            yield Row.left_out(name, "–", "–", why), time.perf_counter() - began


def as_markdown(rows: Sequence[Row], told: str, command: str) -> str:
    """Return the table as it stands on the page."""
    lines = [
        f"Measured by `{command}` on {datetime.now(UTC):%d %B %Y}: {told}",
        "",
        "| what | ours | against | peer | ratio | target | met |",
        "|---|---|---|---|---|---|---|",
    ]
    notes = []
    for row in rows:
        mark = ""
        if row.note:
            notes.append(row.note)
            mark = f" ({len(notes)})"
        cells = (row.what + mark, row.ours, row.peer_name, row.peer, _ratio(row), row.target, _met(row))
        lines.append("| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |")
    lines += ["", *(f"{number}. {' '.join(note.split())}" for number, note in enumerate(notes, 1))]
    return "\n".join(lines)


def _ratio(row: Row) -> str:
    if row.ratio is None:
        return "–"
    return f"{row.ratio:,.0f} ×" if row.ratio >= 100 else f"{row.ratio:.3g} ×"


def _met(row: Row) -> str:
    return {True: "yes", False: "**no**", None: "–"}[row.met]


def write_page(text: str, page: Path = PAGE) -> None:
    """Put the table between the marks on the page."""
    before, _, rest = page.read_text(encoding="utf-8").partition(_BEGIN)
    _, found, after = rest.partition(_END)
    if not found:
        raise SystemExit(f"{page}: the marks {_BEGIN} and {_END} are not there")
    page.write_text(f"{before}{_BEGIN}\n{text}\n{_END}{after}", encoding="utf-8")


def main() -> int:
    """Measure, print, and write where it is asked."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.table", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="small sizes: a look, not a measurement")
    parser.add_argument("--only", action="append", choices=ROWS, metavar="ROW", help=f"one of {', '.join(ROWS)}")
    parser.add_argument("--json", action="store_true", help="print one JSON object a row, and the machine first")
    parser.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    parser.add_argument(
        "--keep", type=Path, metavar="DIR", help="keep workloads and editions there, and use those there"
    )
    parser.add_argument("--prove-large", action="store_true", help="prove the update on the larger edition too")
    given = parser.parse_args()
    command = "make bench-quick" if given.quick and not given.only else "make bench"
    if given.only:
        command = " ".join(["python -m benchmarks.table", *sys.argv[1:]])
    here = machine()
    if given.json:
        print(msgspec.json.encode(here).decode(), flush=True)
    else:
        print(here.told(), flush=True)
    with tempfile.TemporaryDirectory(prefix="triplepress-bench-") as folder:
        scratch = given.keep or Path(folder)
        scratch.mkdir(parents=True, exist_ok=True)
        sizes = replace((Sizes.look if given.quick else Sizes.full)(scratch), prove_large=given.prove_large)
        found = []
        for row, seconds in measured([name for name in ROWS if name in (given.only or ROWS)], sizes):
            found.append(row)
            print(msgspec.json.encode(row).decode() if given.json else _told(row, seconds), flush=True)
    text = as_markdown(found, here.told(), command)
    if not given.json:
        print(f"\n{text}")
    if given.write:
        write_page(text)
    return 0


def _told(row: Row, seconds: float) -> str:
    """Return a row as lines on a terminal."""
    head = f"{row.what}: {row.ours}; {row.peer_name}: {row.peer}"
    judged = f"  ratio {_ratio(row)}, target {row.target}, met: {_met(row).strip('*')}  [{seconds:,.0f} s]"
    return "\n".join(filter(None, [head, judged, f"  {row.note}" if row.note else ""]))


if __name__ == "__main__":
    raise SystemExit(main())
