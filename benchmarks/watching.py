"""Runs a program and watches the memory of all its processes."""

from __future__ import annotations

import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_EVERY: Final = 0.5


@dataclass(frozen=True, slots=True)
class Ran:
    """What a program did.

    Attributes:
        status: Its exit status.
        seconds: How long it took.
        peak: The most bytes that it and its children had at once: shared pages are counted once (PSS).
        output: What it printed.
        errors: The end of what it printed on stderr.
    """

    status: int
    seconds: float
    peak: int
    output: bytes
    errors: str


def run(command: Sequence[str], env: Mapping[str, str] | None = None) -> Ran:
    """Run a program to its end."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        began = time.perf_counter()
        process = subprocess.Popen(command, stdout=output, stderr=errors, env=env)
        watch = _Watch(process.pid)
        watch.start()
        try:
            status = process.wait()
        except BaseException:
            process.terminate()
            process.wait()
            raise
        finally:
            watch.done.set()
        seconds = time.perf_counter() - began
        watch.join()
        output.seek(0)
        errors.seek(0)
        return Ran(status, seconds, watch.peak, output.read(), errors.read()[-2_000:].decode(errors="replace"))


class _Watch(threading.Thread):
    """Looks at a tree of processes twice a second."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self.peak = 0
        self.done = threading.Event()

    def run(self) -> None:
        """Keep the highest sum until it is done."""
        while not self.done.wait(_EVERY):
            self.peak = max(self.peak, sum(map(_proportional, _tree(self._pid))))


def _tree(pid: int) -> Iterator[int]:
    """Yield a process and all below it."""
    yield pid
    with suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            with suppress(OSError):
                for child in (thread / "children").read_text(encoding="ascii").split():
                    yield from _tree(int(child))


def _proportional(pid: int) -> int:
    """Return the bytes of a process, pages that others have too counted by their share; 0 when it is gone."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0
