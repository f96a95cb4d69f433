"""The examples of ``tests/shapes/``, judged by fairmap's own processor: the same announced results as by pySHACL."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import NamedNode, Quad

from conftest import ROOT
from fairmap.namespaces import RDF, SHAPES
from fairmap.rdf import by_file_name, parse
from fairmap.shacl import Shapes, load_shapes, validate
from test_shapes import EXAMPLES, INVALID, VALID, Result, expected

if TYPE_CHECKING:
    from pathlib import Path

    from fairmap.model import Finding

TYPE = NamedNode(f"{RDF}type")
INVERSE = re.compile(r"\^<(.*)>\Z")


@cache
def shapes() -> Shapes:
    return load_shapes()


def quads_of(path: Path) -> list[Quad]:
    return parse(path.read_bytes(), by_file_name(path), name=str(path))


@cache
def vocabulary() -> list[Quad]:
    return [quad for path in sorted((ROOT / "ontology").glob("concepts-*.ttl")) for quad in quads_of(path)]


@cache
def context() -> list[Quad]:
    return quads_of(EXAMPLES / "context.ttl")


def announced(finding: Finding) -> Result:
    """What an example announces of a finding; the record is the nearest IRI."""
    path = "-" if finding.path is None else INVERSE.sub(r"^\1", finding.path)
    return Result(finding.record or "", path, finding.shape.removeprefix(SHAPES), finding.severity.value)


@pytest.mark.parametrize("example", [*VALID, *INVALID], ids=lambda path: path.stem)
def test_example_has_exactly_the_announced_results(example: Path) -> None:
    record = quads_of(example)
    described = {quad.subject for quad in record}
    referred = {quad.object for quad in record} - described
    types = [quad for quad in context() if quad.predicate == TYPE and quad.subject in referred]
    report = validate([*record, *vocabulary(), *types], shapes(), lambda iri: iri)
    names = {node.value for node in described if isinstance(node, NamedNode)} | {
        str(node) for node in described if not isinstance(node, NamedNode)
    }
    assert {announced(found) for found in report.findings if found.focus in names} == expected(example)
