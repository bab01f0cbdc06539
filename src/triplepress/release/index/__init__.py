"""The records of one edition on disk: merged by DOI, counted, and asked for what they share.

An edition may hold more records than memory, so nothing here grows with it but SQLite's own file. What records state
about shared things (journals, issues, people, organisations, sources) is kept as counts; a record that is set aside is
subtracted again, so it counts nowhere. Everything that is read back comes in an order of its own, so an edition does
not depend on the order of its inputs. The file is kept with the release: a small update goes on from there.
"""

from triplepress.release.index.filling import RecordIndex
from triplepress.release.index.reader import Candidate, IndexReader, Revision, Statement
from triplepress.release.statements import digest_of

__all__ = ["Candidate", "IndexReader", "RecordIndex", "Revision", "Statement", "digest_of"]
