"""The W3C SHACL test suite: one test per case, the whole report compared."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple
from urllib.parse import unquote, urlsplit

import pytest
from pyoxigraph import BlankNode, CanonicalizationAlgorithm, Dataset, NamedNode, Quad

from fairmap.errors import IllFormedShapes
from fairmap.namespaces import RDF, SH
from fairmap.rdf import by_file_name, parse
from fairmap.shacl import DataGraph, judge, read_shapes, report

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pyoxigraph import Triple

SUITE = Path(__file__).parents[3] / "shared" / "w3c" / "data-shapes" / "data-shapes-test-suite" / "tests"
MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
SHT = "http://www.w3.org/ns/shacl-test#"
COMPARED = {
    *(
        f"{SH}{name}"
        for name in [
            "conforms",
            "result",
            "focusNode",
            "resultPath",
            "resultSeverity",
            "sourceConstraint",
            "sourceConstraintComponent",
            "sourceShape",
            "value",
        ]
    ),
    f"{RDF}type",
    f"{RDF}first",
    f"{RDF}rest",
    *(f"{SH}{name}" for name in ["inversePath", "alternativePath", "zeroOrMorePath", "oneOrMorePath", "zeroOrOnePath"]),
}
GROUNDED = {f"{SH}{name}" for name in ("focusNode", "sourceShape", "sourceConstraint", "value")}


class Case(NamedTuple):
    """One entry of a manifest."""

    part: str
    file: Path
    name: str


@cache
def quads(file: Path) -> tuple[Quad, ...]:
    return tuple(parse(file.read_bytes(), by_file_name(file), base_iri=file.as_uri(), name=str(file)))


def objects(statements: Iterable[Quad], subject: object, predicate: str) -> list[Any]:
    return [q.object for q in statements if q.subject == subject and q.predicate.value == predicate]


def local(iri: Any) -> Path:
    return Path(unquote(urlsplit(iri.value).path))


def entries(manifest: Path) -> Iterator[Path]:
    for quad in quads(manifest):
        if quad.predicate.value == f"{MF}include":
            yield from entries(local(quad.object))
        if quad.predicate.value == f"{MF}entries":
            yield manifest


def cases() -> list[Case]:
    if not SUITE.is_dir():
        return []
    files = sorted(set(entries(SUITE / "manifest.ttl")))
    return [Case(f.relative_to(SUITE).parts[0], f, f.relative_to(SUITE).with_suffix("").as_posix()) for f in files]


CASES = cases()


def closure(statements: Iterable[Quad] | Iterable[Triple], start: object) -> list[Quad]:
    """The part of a report that the suite compares; nodes of data and shapes become IRIs, so that they stay apart."""
    by_subject: dict[object, list[Quad | Triple]] = {}
    for statement in statements:
        by_subject.setdefault(statement.subject, []).append(statement)
    found: dict[Quad, None] = {}
    copies: dict[object, BlankNode] = {}

    def copied(node: object, key: object) -> BlankNode:
        return copies.setdefault((node, key), BlankNode())

    waiting: list[tuple[object, object]] = [(start, None)]
    while waiting:
        node, key = waiting.pop()
        for statement in by_subject.get(node, ()):
            if statement.predicate.value not in COMPARED:
                continue
            value = statement.object
            if isinstance(value, BlankNode):
                if statement.predicate.value in GROUNDED:
                    value = NamedNode(f"urn:blank:{value.value}")
                else:
                    inner = node if statement.predicate.value == f"{SH}resultPath" else key
                    waiting.append((value, inner))
                    value = copied(value, inner)
            found[Quad(copied(node, key), statement.predicate, value)] = None
    return list(found)


def canonical(found: Iterable[Quad]) -> set[str]:
    dataset = Dataset(found)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return set(map(str, dataset))


def messages(statements: Iterable[Quad] | Iterable[Triple]) -> set[str]:
    return {str(s.object) for s in statements if s.predicate.value == f"{SH}resultMessage"}


def expected_of(case: Case) -> tuple[list[Quad], object, Path, Path]:
    found = list(quads(case.file))
    entry = next(q.subject for q in found if q.object == NamedNode(f"{SHT}Validate"))
    action = objects(found, entry, f"{MF}action")[0]
    data, shapes = (local(objects(found, action, f"{SHT}{name}")[0]) for name in ("dataGraph", "shapesGraph"))
    return found, objects(found, entry, f"{MF}result")[0], data, shapes


@pytest.mark.parametrize("strategy", ["exact", "compiled"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_report_is_the_expected_one(shared: Path, case: Case, strategy: Literal["exact", "compiled"]) -> None:
    found, result, data, shapes = expected_of(case)
    if result == NamedNode(f"{SHT}Failure"):
        with pytest.raises(IllFormedShapes):
            read_shapes(quads(shapes))
        return
    results = judge(DataGraph.of_quads(quads(data)), read_shapes(quads(shapes)), strategy=strategy)
    made = list(report(results))
    assert canonical(closure(made, made[0].subject)) == canonical(closure(found, result))
    told = [q for q in found if q.predicate.value == f"{SH}resultMessage"]
    if told:
        assert messages(made) == messages(told)


def test_suite_is_whole(shared: Path) -> None:
    """Guards against a manifest that is not followed."""
    assert len(CASES) == 120
    assert sum(case.part == "core" for case in CASES) == 98
