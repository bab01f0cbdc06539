"""The command line: one module a command, all of them calling `pipeline` and nothing beneath it.

`main` is the program. Data goes to stdout, everything else to stderr.
"""

from triplepress.cli import check, compare, harvest, history, init, load, publish, query, records, serve
from triplepress.cli.app import app, main

__all__ = [
    "app",
    "check",
    "compare",
    "harvest",
    "history",
    "init",
    "load",
    "main",
    "publish",
    "query",
    "records",
    "serve",
]
