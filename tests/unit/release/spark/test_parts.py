"""Parts in a folder that not every machine sees: what is not there is an error, never an empty part."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from triplepress.errors import PartError, ReleaseError
from triplepress.release.counting import Counts
from triplepress.release.spark.parts import Members, Parts
from triplepress.release.spark.publish import check_complete


@pytest.fixture
def parts(tmp_path: Path) -> Parts:
    return Parts.begun(tmp_path / "work")


def test_a_part_is_read_as_it_was_written(parts: Parts) -> None:
    assert parts.write("read", 3, range(250)) == 250
    assert list(parts.read("read", 3)) == list(range(250))
    assert parts.write("read", 4, ()) == 0
    assert list(parts.read("read", 4)) == []


def test_a_part_that_is_not_seen_is_no_empty_one(parts: Parts) -> None:
    parts.write("read", 0, [1])
    with pytest.raises(PartError, match=r"read/000001 is not seen from .*mount the graph folder"):
        list(parts.read("read", 1))


def test_a_machine_without_the_mount_makes_no_folder_of_its_own(parts: Parts) -> None:
    shutil.rmtree(parts.folder)
    with pytest.raises(PartError, match="is not seen from"):
        parts.write("read", 0, [1])
    with pytest.raises(PartError, match="is not seen from"), Members(parts, "members", 0):
        pass
    assert not parts.folder.exists()


def test_another_folder_under_the_same_path_is_not_taken_for_it(parts: Parts) -> None:
    shutil.rmtree(parts.folder)
    other = Parts.begun(parts.folder)
    other.write("read", 0, [1])
    with pytest.raises(PartError, match="is not seen from"):
        list(parts.read("read", 0))
    with pytest.raises(PartError, match="is not seen from"):
        parts.write("read", 1, [1])


def test_what_was_read_and_became_nothing_stops_the_edition() -> None:
    check_complete(Counts(read=5, published=2, merged=1, skipped=1, rejected=1))
    with pytest.raises(ReleaseError, match="5 results were read, and 4 became something"):
        check_complete(Counts(read=5, published=1, merged=1, skipped=1, rejected=1))
