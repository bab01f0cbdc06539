"""The gate before the press: nothing is published that the shapes refuse, nothing is dropped without a line that says why.

`shapes` loads the shapes behind all guards, `validate` runs an engine over N-Triples, `report` says it to an editor.
"""
