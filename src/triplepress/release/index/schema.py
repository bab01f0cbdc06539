"""The tables of an index, and how its file is opened."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final
from urllib.parse import quote

# What the column `state` says of a row of `record`.
CURRENT: Final = 0
SUPERSEDED: Final = 1  # merged into another row of its key
SET_ASIDE: Final = 2  # refused by the gate
WITHDRAWN: Final = 3  # taken back by its source
STRANGER: Final = 4  # bears the identifier of another work

# Version of the tables: an index of another version is not gone on from.
VERSION: Final = 2

# What changes while processes read: in a file of its own, for SQLite locks whole files.
FINDINGS: Final = "findings.sqlite"

_PRAGMAS: Final = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -65536;
PRAGMA temp_store = FILE;
"""
_SCHEMA: Final = f"""
PRAGMA user_version = {VERSION};
CREATE TABLE file (id INTEGER PRIMARY KEY, location TEXT NOT NULL UNIQUE, sha256 TEXT, manner TEXT NOT NULL);
CREATE TABLE record (
  id INTEGER PRIMARY KEY, key TEXT NOT NULL, digest BLOB NOT NULL, statement INTEGER, issued TEXT, orcids TEXT NOT NULL,
  rors TEXT NOT NULL, state INTEGER NOT NULL, kind TEXT NOT NULL, local_id TEXT, modified TEXT, run TEXT,
  history TEXT NOT NULL DEFAULT '', file INTEGER, merged INTEGER NOT NULL
);
CREATE TABLE body (record INTEGER PRIMARY KEY, value BLOB NOT NULL);
CREATE TABLE statement (id INTEGER PRIMARY KEY, value BLOB NOT NULL UNIQUE, records INTEGER NOT NULL, key TEXT);
CREATE TABLE stated (
  kind TEXT NOT NULL, thing TEXT NOT NULL, value BLOB NOT NULL, rank INTEGER NOT NULL, records INTEGER NOT NULL,
  PRIMARY KEY (kind, thing, value, rank)
) WITHOUT ROWID;
CREATE TABLE cites (record INTEGER NOT NULL, doi TEXT NOT NULL, reference INTEGER NOT NULL, PRIMARY KEY (record, doi))
  WITHOUT ROWID;
CREATE TABLE drawn (record INTEGER NOT NULL, sha256 TEXT NOT NULL, PRIMARY KEY (record, sha256)) WITHOUT ROWID;
CREATE TABLE revision (key TEXT PRIMARY KEY, digest BLOB NOT NULL, modified TEXT NOT NULL, run TEXT NOT NULL,
  history TEXT NOT NULL, until TEXT) WITHOUT ROWID;
CREATE TABLE named_run (run TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE input (file INTEGER NOT NULL, location TEXT NOT NULL, kind TEXT NOT NULL, sha256 TEXT NOT NULL,
  records INTEGER NOT NULL, PRIMARY KEY (file, location, kind, sha256)) WITHOUT ROWID;
CREATE TABLE tally (file INTEGER NOT NULL, kind TEXT NOT NULL, what TEXT NOT NULL, type TEXT NOT NULL,
  number INTEGER NOT NULL, PRIMARY KEY (file, kind, what, type)) WITHOUT ROWID;
CREATE TABLE withdrawal (id INTEGER PRIMARY KEY, value BLOB NOT NULL, local_id TEXT NOT NULL, file INTEGER);
CREATE TABLE withdrawn (record INTEGER PRIMARY KEY, local_id TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL);
CREATE TABLE matched (doi TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE known (name TEXT PRIMARY KEY, value BLOB NOT NULL);
CREATE TABLE set_aside (location TEXT NOT NULL, position TEXT NOT NULL, line BLOB NOT NULL, record INTEGER,
  file INTEGER);
CREATE TABLE found.finding (record INTEGER PRIMARY KEY, entry BLOB, results BLOB, warnings INTEGER NOT NULL);
CREATE TABLE found.shared (thing TEXT PRIMARY KEY, results BLOB NOT NULL) WITHOUT ROWID;
"""


def create(folder: Path, name: str) -> sqlite3.Connection:
    """Make an index in a folder and return a connection to it, in a transaction."""
    db = sqlite3.connect(folder / name, isolation_level=None)
    db.execute("ATTACH ? AS found", (str(folder / FINDINGS),))
    db.executescript(_PRAGMAS + _SCHEMA)
    db.execute("BEGIN")
    return db


def open_to_write(folder: Path, name: str) -> sqlite3.Connection:
    """Return a connection to an index that is gone on from, in a transaction."""
    db = sqlite3.connect(folder / name, isolation_level=None)
    db.execute("ATTACH ? AS found", (str(folder / FINDINGS),))
    db.executescript(_PRAGMAS)
    db.execute("BEGIN")
    return db


def open_to_read(folder: Path, name: str) -> sqlite3.Connection:
    """Return a connection that only reads; another process may be writing findings meanwhile."""
    db = sqlite3.connect(f"file:{quote(str(folder / name))}?mode=ro", uri=True, isolation_level=None)
    db.execute("PRAGMA cache_size = -16384")
    return db
