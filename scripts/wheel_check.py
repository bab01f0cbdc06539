"""Press, ask and serve the examples with the installed package; the checkout gives nothing but the inputs.

Usage: python wheel_check.py CHECKOUT, with the Python of the environment that has the wheel.
"""

from __future__ import annotations

import contextlib
import json
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import triplepress
from triplepress.resources import resource

DOI = "10.24975/2313-8920-2024-11-1-8-19"
COMMAND = Path(sys.executable).parent / "triplepress"


def free_port() -> int:
    """Return a port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def run(*arguments: str) -> str:
    """Return what a command writes to stdout; it must end with status 0."""
    return subprocess.run([str(COMMAND), *arguments], check=True, capture_output=True, text=True).stdout


@contextlib.contextmanager
def serving(base: str, port: int) -> Iterator[None]:
    """Serve the current release until the block ends."""
    server = subprocess.Popen([str(COMMAND), "serve", "--base", base, "--port", str(port)])
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                with urllib.request.urlopen(f"{base}ready", timeout=5):
                    break
            except OSError as error:
                if server.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit(f"the server does not answer: {error}") from error
                time.sleep(0.2)
        yield
    finally:
        server.send_signal(signal.SIGINT)
        if server.wait(30) != 0:
            raise SystemExit(f"the server ended with status {server.returncode}")


def main() -> None:
    """Stop with a line that says what is wrong, if something is."""
    checkout = Path(sys.argv[1]).resolve()
    own = [
        Path(triplepress.__file__),
        resource("ontology", "shapes.ttl"),
        resource("ontology", "profile.ttl"),
        resource("mappings", "article.context.jsonld"),
    ]
    for path in own:
        if path.is_relative_to(checkout) or not path.is_relative_to(Path(sys.prefix)):
            raise SystemExit(f"{path} is not the wheel's own")

    print(run("--version").strip())
    port = free_port()
    base = f"http://127.0.0.1:{port}/"
    summary = json.loads(run("publish", str(checkout / "examples"), "--base", base, "--json"))
    if (summary["published"], summary["rejected"]) != (2, 0):
        raise SystemExit(f"the examples are two articles, but: {summary}")

    with serving(base, port):
        request = urllib.request.Request(f"{base}id/doi/{DOI}", headers={"Accept": "text/turtle"})
        with urllib.request.urlopen(request, timeout=30) as response:
            if response.headers.get_content_type() != "text/turtle" or DOI.encode() not in response.read():
                raise SystemExit("the article's address does not lead to its graph")
        request = urllib.request.Request(f"{base}id/doi/{DOI}", headers={"Accept": "text/html"})
        with urllib.request.urlopen(request, timeout=30) as response:
            if response.headers.get_content_type() != "text/html":
                raise SystemExit("the article's address does not lead to its page")
    print(f"pressed and served {summary['published']} articles from {Path(triplepress.__file__).parent}")


main()
