"""The pages of the documentation, and the example edition that their examples talk about."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent.parent
# The base of the examples, as the pages write it.
DOCUMENTED_BASE = "http://127.0.0.1:8000/"


@dataclass(frozen=True)
class Block:
    """One fenced block of a page; `line` is where it starts."""

    page: str
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def pages() -> list[Path]:
    """Return every page that a reader of the repository or the site sees."""
    return [*sorted(CHECKOUT.glob("*.md")), *sorted(CHECKOUT.glob("docs/**/*.md")), CHECKOUT / "graph" / "README.md"]


def blocks(*languages: str) -> list[Block]:
    """Return all fenced blocks in some languages."""
    found = []
    for page in pages():
        text = page.read_text(encoding="utf-8")
        for match in re.finditer(r"^```(\w+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
            line = text.count("\n", 0, match.start()) + 1
            found.append(Block(str(page.relative_to(CHECKOUT)), line, match[1], match[2]))
    return [block for block in found if block.language in languages]


@dataclass(frozen=True)
class Edition:
    """The example edition, published and served: its folder, which also holds `examples`, and its base."""

    folder: Path
    base: str
    environment: dict[str, str]

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the program in the edition's folder."""
        return subprocess.run(
            [sys.executable, "-m", "triplepress", *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )


def free_port() -> int:
    """Return a port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def edition(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edition]:
    """Publish the examples and serve them, as the pages tell a reader to do."""
    folder = tmp_path_factory.mktemp("edition")
    (folder / "examples").symlink_to(CHECKOUT / "examples")
    port = free_port()
    base = f"http://127.0.0.1:{port}/"
    found = Edition(folder, base, os.environ | {"TRIPLEPRESS_BASE": base, "TRIPLEPRESS_PORT": str(port)})
    published = found.run("publish", "examples")
    assert published.returncode == 0, published.stderr
    with (folder / "serve.log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "triplepress", "serve"], cwd=folder, env=found.environment, stderr=log, stdout=log
        )
    try:
        wait_until_ready(found.base, server)
        yield found
    finally:
        server.terminate()
        server.wait(30)


def wait_until_ready(base: str, server: subprocess.Popen[bytes]) -> None:
    """Return when the server answers, fail when it does not within a minute."""
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(f"{base}ready", timeout=5):
                return
        except OSError as error:
            if server.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"the server does not answer: {error}")
            time.sleep(0.1)
