"""Peers from the package registries, each in a folder of its own that is made once and kept."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from functools import cache
from pathlib import Path
from typing import Final

from benchmarks.rows import PEERS

PROGRAMS: Final = Path(__file__).parent / "peer_programs"
"""What runs in a peer's environment; none of it imports Triplepress."""
_DEBIAN: Final = PEERS / "debian"


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


@cache
def program(name: str, *packages: str) -> str:
    """Return the path of a program: one that is on PATH, or out of Debian's packages.

    The packages are unpacked, not installed: no root is needed, and no service starts. Run it with `libraries()`.

    Args:
        name: The program.
        packages: Debian's packages with the program and what it needs beyond the base system.

    Raises:
        PeerError: It is neither on PATH nor to be had here.
    """
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin") or shutil.which(name, path=_unpacked())
    if found is not None:
        return found
    why = f"{name} is not on PATH; install {' '.join(packages)}"
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        raise PeerError(why)
    print(f"setting up {name}: {' '.join(packages)}", file=sys.stderr, flush=True)
    folder = _DEBIAN / name
    folder.mkdir(parents=True, exist_ok=True)
    download = ["apt-get", "download", "-qq", *packages]
    if _ran(download, folder):  # perhaps for want of lists of packages, which only root may renew
        _ran(["apt-get", "update", "-qq"], folder)
        if _ran(download, folder):
            raise PeerError(f"{why}, which could not be downloaded")
    for package in folder.glob("*.deb"):
        if _ran(["dpkg-deb", "-x", str(package), str(_DEBIAN)], folder):
            raise PeerError(f"{why}; {package.name} could not be unpacked")
    found = shutil.which(name, path=_unpacked())
    if found is None:
        raise PeerError(why)
    return found


def libraries() -> dict[str, str]:
    """Return the variables with which programs find the libraries that were unpacked beside them."""
    folders = (str(folder) for folder in sorted(_DEBIAN.glob("usr/lib/*-linux-*")))
    return {"LD_LIBRARY_PATH": ":".join(filter(None, [*folders, os.environ.get("LD_LIBRARY_PATH")]))}


def _unpacked() -> str:
    """Return where the programs of unpacked packages are."""
    return f"{_DEBIAN / 'usr/bin'}:{_DEBIAN / 'usr/sbin'}"


def _ran(command: list[str], folder: Path) -> int:
    """Return the exit status of a command."""
    return subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode
