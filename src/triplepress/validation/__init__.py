"""The gate before the press: what the shapes refuse is not published, and a line says why.

`shapes` loads the shapes behind all guards, `validate` runs an engine over N-Triples, `report` says it to an editor.
"""
