"""Inputs to records: files, folders and globs, each read by the module for what is in it.

`inputs` finds the files, `content` opens them (and unpacks gzip and Zstandard), `detect` holds the one table of formats
and tells the kind by content, and each format has a module. A bad input is a `Rejected` value, never an exception: only
a named path that is not there raises.
"""

from triplepress.sources.detect import FORMATS, format_names
from triplepress.sources.reading import Progress, input_files, read, read_file

__all__ = ["FORMATS", "Progress", "format_names", "input_files", "read", "read_file"]
