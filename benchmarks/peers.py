"""Peers from the package registry, each in an environment of its own that is made once and kept."""

from __future__ import annotations

import shutil
import subprocess
import sys
import venv
from pathlib import Path
from typing import Final

from benchmarks.rows import PEERS

PROGRAMS: Final = Path(__file__).parent / "peer_programs"
"""What runs in a peer's environment; none of it imports Triplepress."""


class PeerError(Exception):
    """A peer cannot be installed here; the message says why."""


def environment(name: str, *requirements: str) -> Path:
    """Return the folder of programs of an environment that has some packages, made if it is not there yet.

    Args:
        name: The environment's folder below `PEERS`.
        requirements: What pip is to install.

    Raises:
        PeerError: pip could not install them.
    """
    folder = PEERS / name
    done = folder / "installed.txt"
    wanted = "\n".join((sys.version.split()[0], *requirements))
    if not done.exists() or done.read_text(encoding="utf-8") != wanted:
        print(f"setting up {name}: {' '.join(requirements)}", file=sys.stderr, flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        venv.create(folder, with_pip=True, symlinks=True)
        pip = [str(folder / "bin/python"), "-m", "pip", "--disable-pip-version-check", "install", "-qq", *requirements]
        ran = subprocess.run(pip, capture_output=True, text=True, check=False)
        if ran.returncode:
            raise PeerError(f"{name} cannot be installed: {ran.stderr.strip().splitlines()[-1:]}")
        done.write_text(wanted, encoding="utf-8")
    return folder / "bin"


def version(programs: Path, package: str) -> str:
    """Return the version of a package in an environment."""
    code = f"from importlib.metadata import version; print(version({package!r}))"
    return subprocess.run(
        [str(programs / "python"), "-c", code], capture_output=True, text=True, check=True
    ).stdout.strip()
