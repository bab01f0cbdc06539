"""Triplepress presses journal article records into validated, served linked data.

The road through the house: `sources` read bytes into records, `rdf` shapes and maps records to triples,
`validation` is the gate, `release` writes the edition, `store` and `web` serve it. `pipeline` joins them, `cli` calls
it.
"""

__version__ = "0.1.0"
