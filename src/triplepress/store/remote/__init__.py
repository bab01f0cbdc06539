"""An edition in another SPARQL 1.1 engine: asked by its query address, loaded through its Graph Store Protocol.

A release's facts are one named graph there (`graphs`). What a client asks is read here first, put into the release's
own dataset (`dataset`), sent (`engine`), and its answer written anew in the format the client takes (`answers`).
"""
