from __future__ import annotations

from triplepress.rdf.context import read_context
from triplepress.rdf.ordering import in_order
from triplepress.resources import resource

CONTEXT = read_context(resource("mappings", "article.context.jsonld").read_bytes())
LABEL, TITLE, TYPE = (
    "http://www.w3.org/2000/01/rdf-schema#label",
    "http://purl.org/dc/terms/title",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#type",
)


def ordered(*triples: tuple[str, str, str], first: str | None = None) -> list[tuple[str, ...]]:
    """Return triples in reading order."""
    lines = "".join(f"<{subject}> <{predicate}> {value} .\n" for subject, predicate, value in triples)
    found = in_order(lines.encode(), CONTEXT, first).decode().splitlines()
    return [
        (subject.strip("<>"), predicate.strip("<>"), value.removesuffix(" ."))
        for subject, predicate, value in (line.split(" ", 2) for line in found)
    ]


def test_the_thing_comes_first_then_its_parts_by_number_then_all_else() -> None:
    told = ordered(*((name, TITLE, '"1"') for name in ("x:1", "x:a#p-10", "x:a#p-9", "x:a", "x:b")), first="x:a")
    assert [subject for subject, *_ in told] == ["x:a", "x:a#p-9", "x:a#p-10", "x:1", "x:b"]


def test_the_class_comes_first_and_unknown_properties_last() -> None:
    told = ordered(("x:a", "x:p", '"1"'), ("x:a", TITLE, '"1"'), ("x:a", TYPE, "<x:C>"))
    assert [predicate for _, predicate, _ in told] == [TYPE, TITLE, "x:p"]


def test_values_are_told_once_and_by_number() -> None:
    values = ['"part 10"', '"part 9"', '"part 9"', '"part 09"', '"a"']
    told = ordered(*(("x:a", TITLE, value) for value in values))
    assert [value for *_, value in told] == ['"a"', '"part 09"', '"part 9"', '"part 10"']


def test_a_subject_is_told_whole_though_another_differs_by_a_zero_only() -> None:
    triples = [(name, predicate, '"1"') for predicate in (TITLE, LABEL) for name in ("x:a.1", "x:a.01")]
    assert [subject for subject, *_ in ordered(*triples)] == ["x:a.01", "x:a.01", "x:a.1", "x:a.1"]
