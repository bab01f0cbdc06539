from __future__ import annotations

from collections import Counter

from triplepress.release.statistics import Statistics, count_triples

ROOT = "https://example.org"
TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
SAME_AS = "http://www.w3.org/2002/07/owl#sameAs"
ARTICLE = f"<{ROOT}/id/doi/10.1234/a>"
ONE = f"""\
{ARTICLE} <{TYPE}> <urn:c:Article> .
{ARTICLE} <{SAME_AS}> <https://doi.org/10.1234/a> .
{ARTICLE} <urn:p:title> "about <{TYPE}> <urn:c:Quoted> and <{SAME_AS}> <https://doi.org/10.1/x> . \\n"@en .
{ARTICLE} <urn:p:title> "<{TYPE}> <"^^<urn:d> .
{ARTICLE} <urn:p:part> <{ROOT}/id/doi/10.1234/a#part> .
<{ROOT}/id/doi/10.1234/a#part> <{TYPE}> <urn:c:Part> .
<{ROOT}/data/doi/10.1234/a> <{SAME_AS}> <https://elsewhere.example/a> .
""".encode()
TWO = f"""\
<{ROOT}/id/person/1> <{TYPE}> <urn:c:Person> .
<{ROOT}/id/person/1> <{TYPE}> <urn:c:Article> .
<{ROOT}/id/person/1> <{SAME_AS}> <https://orcid.org/1> .
""".encode()


def test_triples_are_counted_by_what_they_say_not_by_what_a_literal_quotes() -> None:
    assert count_triples(ONE, ROOT) == Statistics(
        triples=7,
        subjects=3,
        things=1,
        classes=Counter({"urn:c:Article": 1, "urn:c:Part": 1}),
        properties=Counter({TYPE: 2, SAME_AS: 2, "urn:p:title": 2, "urn:p:part": 1}),
        links=Counter({"doi": 1}),
    )


def test_nothing_counts_nothing() -> None:
    assert count_triples(b"", ROOT) == Statistics()


def test_a_part_that_is_taken_away_leaves_the_rest_exactly() -> None:
    one, two = count_triples(ONE, ROOT), count_triples(TWO, ROOT)
    assert one + two == count_triples(ONE + TWO, ROOT)
    assert one + two - one == two
    assert one - one == Statistics()
    assert not any(0 in counter.values() for counter in ((one - one).classes, (one + two - two).properties))
    assert (one - two) + two == one
