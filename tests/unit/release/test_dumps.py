from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import Path

import pytest

from triplepress.rdf.mapping import Mapping
from triplepress.release.dumps import (
    FILES,
    JSONLD_DUMP,
    RECORDS,
    TURTLE_DUMP,
    Dumps,
    Piece,
    Pieces,
    Pressed,
    Spool,
    citation_rows,
    pack_texts,
    unpack_text,
    write_dump,
)
from triplepress.store.members import NTRIPLES_DUMP


@pytest.mark.parametrize("texts", [[], [b"one\n"], [b"one\n", b"two\n" * 100_000]])
def test_a_dump_is_its_members_one_behind_another(tmp_path: Path, texts: list[bytes]) -> None:
    members = [pack_texts({NTRIPLES_DUMP: text})[NTRIPLES_DUMP] for text in texts]
    dump = write_dump(tmp_path, "whole.gz", "text/plain", members)
    stored = (tmp_path / "whole.gz").read_bytes()
    assert gzip.decompress(stored) == b"".join(texts)
    assert (dump.bytes, dump.sha256) == (len(stored), hashlib.sha256(stored).hexdigest())
    assert stored[3] == 0  # neither a name
    assert stored[4:8] == b"\0\0\0\0"  # nor a time


def test_pieces_of_a_spool_are_read_by_place(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    places = [spool.append(content) for content in (b"one", b"", b"two" * 1000)]
    assert [spool.read(place) for place in reversed(places)] == [b"two" * 1000, b"", b"one"]
    spool.close()


def test_a_doi_with_a_comma_is_quoted() -> None:
    assert citation_rows("10.5555/a,b", ['10.5555/c"d']) == b'"10.5555/a,b","10.5555/c""d"\r\n'


@pytest.mark.parametrize("number", [0, 1, 3])
def test_every_file_is_whole_and_its_members_are_where_it_is_said(tmp_path: Path, number: int) -> None:
    (tmp_path / "dumps").mkdir()
    mapping = Mapping.load()
    texts = [{name: f"{name} {n}\n".encode() for name in FILES} for n in range(number)]
    for n, each in enumerate(texts):
        each[JSONLD_DUMP] = f'{{"id":"https://example.org/{n}"}}'.encode()
    pressed = []
    for n, each in enumerate(texts):
        packed = pack_texts(each)
        pieces = {}
        for name, content in packed.items():
            path = tmp_path / f"spool-{n}-{Path(name).name}"
            path.write_bytes(b"something else" + content)
            pieces[name] = Piece(str(path), len(b"something else"), len(content))
        pressed.append(Pressed("articles", f"doi/{n}", pieces))
    with Pieces() as pieces_of, Dumps(tmp_path, mapping) as files:
        members = [files.write(each, pieces_of) for each in pressed]
    document = json.loads(gzip.decompress((tmp_path / JSONLD_DUMP).read_bytes()))
    assert [node["id"] for node in document["@graph"]] == [f"https://example.org/{n}" for n in range(number)]
    assert gzip.decompress((tmp_path / TURTLE_DUMP).read_bytes()).startswith(b"@prefix")
    for member, each in zip(members, texts, strict=True):
        for name, place in member.places.items():
            stored = (tmp_path / name).read_bytes()[place.offset : place.offset + place.length]
            assert unpack_text(name, stored) == each[name]
    assert {dump.name for dump in files.dumps} == {name.removeprefix("dumps/") for name in FILES if name != RECORDS}
