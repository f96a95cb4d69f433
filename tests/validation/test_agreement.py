"""The ways to judge agree: node by node, by queries first, after a change; and pySHACL as a witness from outside."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import TYPE_CHECKING, Any

import pyshacl
import pytest
import rdflib
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Store

from fairmap.build import build
from fairmap.rdf import by_file_name, parse, to_graph
from fairmap.resources import folder
from fairmap.shacl import DataGraph, affected, judge, load_shapes, read_shapes
from fairmap.shacl.datatypes import is_well_formed
from fairmap.shacl.expressions import Expressions
from validation.generated import CLASSES, TERMS, data_graph, shapes_graph, typed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from pyoxigraph import Literal, Quad, Triple

    from fairmap.shacl import Result

Key = tuple[str | None, ...]

DIFFERING = ("minInclusive", "maxExclusive", "lessThan", "lessThanOrEquals", "inverse of a path")
"""Where pySHACL 0.40 departs from SHACL: terms that cannot be compared pass (4.3, 4.5.3), and the inverse of a sequence keeps
its order (2.3.1.4)."""


def chance_of(seed: int) -> Random:
    return Random(seed)  # noqa: S311 - examples, no secrets


def key(result: Result) -> Key:
    value = None if result.value is None else str(result.value)
    return str(result.focus), value, str(result.shape.node), f"<{result.component}>"


def by_pyshacl(quads: Iterable[Quad], shapes: Sequence[Quad] | Sequence[Triple]) -> Counter[Key]:
    data = to_graph(quads)
    _, found, _ = pyshacl.validate(data, shacl_graph=to_graph(shapes), inference="none", inplace=True)
    assert isinstance(found, rdflib.Graph)

    def value(node: Any, name: str) -> str | None:
        term = found.value(node, rdflib.SH[name])
        return None if term is None else term.n3()

    names = ("focusNode", "value", "sourceShape", "sourceConstraintComponent")
    return Counter(tuple(value(node, name) for name in names) for node in found.objects(None, rdflib.SH.result))


@settings(max_examples=1000, deadline=None)
@given(st.integers(0, 2**32))
def test_queries_first_gives_the_same_results(seed: int) -> None:
    chance = chance_of(seed)
    shapes, data = read_shapes(shapes_graph(chance)), DataGraph.of_quads(data_graph(chance))
    exact, compiled = (Counter(map(key, judge(data, shapes, strategy=way))) for way in ("exact", "compiled"))
    assert compiled == exact


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32))
def test_pyshacl_gives_the_same_results(seed: int) -> None:
    chance = chance_of(seed)
    triples, quads = shapes_graph(chance, DIFFERING), data_graph(chance)
    results = judge(DataGraph.of_quads(quads), read_shapes(triples))
    assert Counter(map(key, results)) == by_pyshacl(quads, triples)


@settings(max_examples=500, deadline=None)
@given(st.integers(0, 2**32))
def test_after_a_change_only_the_affected_focus_nodes_have_other_results(seed: int) -> None:
    chance = chance_of(seed)
    shapes, quads = read_shapes(shapes_graph(chance)), list(dict.fromkeys(data_graph(chance)))
    changes = chance.sample(quads, min(len(quads), chance.choice([1, 1, 2])))
    before, after = DataGraph.of_quads(quads), DataGraph.of_quads(q for q in quads if q not in changes)
    for old, new in ((before, after), (after, before)):
        others = frozenset([*TERMS, *CLASSES]) - affected(new, shapes, changes)
        kept = Counter(map(key, judge(old, shapes, focus=others)))
        assert Counter(map(key, judge(new, shapes, focus=others))) == kept


def test_dcat_ap_judges_the_map_as_pyshacl_does(shared: Path) -> None:
    """The official shapes name two property shapes that they do not describe; pySHACL stops at those, so they are left out."""
    file = shared / "standards" / "dcat-ap-3.0.1" / "shacl" / "dcat-ap-SHACL.ttl"
    shapes = parse(file.read_bytes(), by_file_name(file), name=str(file))
    dangling = read_shapes(shapes).dangling
    assert len(dangling) == 2
    described = {quad.subject for quad in shapes}
    kept = [q for q in shapes if not (q.predicate.value.endswith("#property") and q.object not in described)]
    path = folder("data") / "imaging-health-data-map.trig"
    quads = parse(path.read_bytes(), by_file_name(path), name=str(path))
    found = {
        way: Counter(map(key, judge(DataGraph.of_quads(quads), read_shapes(shapes), strategy=way))) for way in WAYS
    }
    assert found["exact"].total() > 100
    assert found["compiled"] == found["exact"] == by_pyshacl(quads, kept)


WAYS: tuple[Any, ...] = ("exact", "compiled")


@pytest.mark.parametrize("way", WAYS)
def test_the_map_conforms_to_our_shapes(way: Any) -> None:
    made, _ = build()
    quads = [quad for record in made.records.values() for quad in record.quads]
    results = list(judge(DataGraph.of_quads(quads), load_shapes().parsed, strategy=way))
    assert [r for r in results if r.severity.value.endswith("Violation")] == []


NUMBERS = st.tuples(st.sampled_from(["", "+", "-"]), st.from_regex(r"[0-9]{1,20}", fullmatch=True)).map("".join)
DECIMALS = st.tuples(NUMBERS, st.from_regex(r"(\.[0-9]{0,4})?", fullmatch=True)).map("".join)
LITERALS_THAT_COMPARE = st.one_of(
    NUMBERS.map(lambda text: typed(text, "integer")),
    NUMBERS.map(lambda text: typed(text, "long")),
    DECIMALS.map(lambda text: typed(text, "decimal")),
    st.sampled_from([typed("1.5", "double"), typed("-0", "integer"), typed("2020-01-01", "date")]),
)


@settings(max_examples=300, deadline=None)
@given(LITERALS_THAT_COMPARE, st.sampled_from(["<", "<=", ">", ">="]), LITERALS_THAT_COMPARE)
def test_numbers_compare_as_the_engine_compares_them(left: Literal, sign: str, right: Literal) -> None:
    asked = Store().query(f"ASK {{ FILTER ({left} {sign} {right}) }}")
    expected = is_well_formed(left) and is_well_formed(right) and bool(asked)
    assert Expressions().compare(left, sign, right) is expected
