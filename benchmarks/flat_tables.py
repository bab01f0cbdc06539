"""Triples as flat CSV files with the RML that makes the same triples of them again.

One table a class of things, one row a thing, one column a property; where a thing has several values of a property,
that property has a table of its own with a row a value. Nothing is nested, and every IRI stands in its cell.
"""

from __future__ import annotations

import csv
import shutil
from collections import defaultdict
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from pyoxigraph import Literal, NamedNode, RdfFormat, parse

_TYPE: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
_STRING: Final = "http://www.w3.org/2001/XMLSchema#string"
# Morph-KGC has columns of its own that are called subject, predicate and object: such a column here gave empty IRIs.
_THING: Final = "thing"
_VALUE: Final = "value"
_PREFIXES: Final = """@prefix rr: <http://www.w3.org/ns/r2rml#> .
@prefix rml: <http://semweb.mmlab.be/ns/rml#> .
@prefix ql: <http://semweb.mmlab.be/ns/ql#> .
"""

Kind = tuple[str, str, str]
"""Property, then `iri`, `lang` or `type`, then the language or the datatype."""


def write(folder: Path, parts: Iterable[bytes]) -> Path:
    """Write tables and mapping; return the configuration file for Morph-KGC.

    Args:
        folder: Where; what is there goes.
        parts: N-Triples.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    types: dict[str, list[str]] = defaultdict(list)
    values: dict[str, dict[Kind, list[str]]] = defaultdict(lambda: defaultdict(list))
    for part in parts:
        for quad in parse(part, format=RdfFormat.N_TRIPLES):
            subject, property_, value = quad.subject.value, quad.predicate.value, quad.object
            if property_ == _TYPE:
                types[subject].append(value.value)
            else:
                values[subject][_kind(property_, value)].append(value.value)
    classes: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for subject in dict.fromkeys((*types, *values)):
        classes[tuple(sorted(types.get(subject, ())))].append(subject)
    rules = [_PREFIXES]
    for number, (of, subjects) in enumerate(classes.items()):
        rules += _write_class(folder, number, of, subjects, values)
    (folder / "mapping.ttl").write_text("".join(rules), encoding="utf-8")
    configuration = folder / "configuration.ini"
    configuration.write_text(
        "[CONFIGURATION]\nnumber_of_processes: 1\nlogging_level: ERROR\noutput_format: N-TRIPLES\n"
        f"output_file: {folder / 'out.nt'}\n\n[tables]\nmappings: {folder / 'mapping.ttl'}\n",
        encoding="utf-8",
    )
    return configuration


def _kind(property_: str, value: object) -> Kind:
    if isinstance(value, Literal):
        return (property_, "lang", value.language) if value.language else (property_, "type", value.datatype.value)
    if not isinstance(value, NamedNode):
        raise TypeError(f"no place in a table for {value}")
    return (property_, "iri", "")


def _write_class(
    folder: Path, number: int, of: tuple[str, ...], subjects: list[str], values: dict[str, dict[Kind, list[str]]]
) -> list[str]:
    """Write the tables of one class of things; return their rules."""
    several: dict[Kind, bool] = {}
    for subject in subjects:
        for kind, found in values.get(subject, {}).items():
            several[kind] = several.get(kind, False) or len(found) > 1
    columns = [kind for kind, many in several.items() if not many]
    links = [kind for kind, many in several.items() if many]
    rules = []
    with ExitStack() as files:
        main = files.enter_context((folder / f"t{number}.csv").open("w", encoding="utf-8", newline=""))
        table = csv.writer(main)
        table.writerow([_THING, *(f"c{place}" for place in range(len(columns)))])
        for subject in subjects:
            stated = values.get(subject, {})
            table.writerow([subject, *(stated[kind][0] if kind in stated else "" for kind in columns)])
        objects = [_object(kind, f"c{place}") for place, kind in enumerate(columns)]
        objects += [f"rr:predicateObjectMap [ rr:predicate <{_TYPE}> ; rr:object <{name}> ]" for name in of]
        rules.append(_rule(folder, f"t{number}", objects))
        for place, kind in enumerate(links):
            name = f"t{number}_{place}"
            link = files.enter_context((folder / f"{name}.csv").open("w", encoding="utf-8", newline=""))
            table = csv.writer(link)
            table.writerow([_THING, _VALUE])
            table.writerows([subject, value] for subject in subjects for value in values.get(subject, {}).get(kind, ()))
            rules.append(_rule(folder, name, [_object(kind, _VALUE)]))
    return rules


def _rule(folder: Path, name: str, objects: list[str]) -> str:
    """Return the triples map of one table."""
    source = f'rml:logicalSource [ rml:source "{folder / name}.csv" ; rml:referenceFormulation ql:CSV ]'
    subject = f'rr:subjectMap [ rml:reference "{_THING}" ; rr:termType rr:IRI ]'
    return f"<#{name}> a rr:TriplesMap ;\n  " + " ;\n  ".join([source, subject, *objects]) + " .\n"


def _object(kind: Kind, column: str) -> str:
    """Return the predicate-object map of one column."""
    property_, form, what = kind
    more = {
        "iri": " ; rr:termType rr:IRI",
        "lang": f' ; rr:language "{what}"',
        "type": "" if what == _STRING else f" ; rr:datatype <{what}>",
    }[form]
    return f'rr:predicateObjectMap [ rr:predicate <{property_}> ; rr:objectMap [ rml:reference "{column}"{more} ] ]'
