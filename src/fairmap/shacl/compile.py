"""The compiler: from shapes to conditions that tell which focus nodes may have a fault, grouped so that few queries ask them all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fairmap.namespaces import RDF
from fairmap.shacl import model
from fairmap.shacl.conditions import Writer, any_of
from fairmap.shacl.parts import Parts
from fairmap.shacl.plan import THIS, Plan, Unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from fairmap.shacl.data import DataGraph
    from fairmap.shacl.model import Shape


def make_plan(data: DataGraph, shapes: Iterable[Shape]) -> Plan:
    """The plan for the shapes; it holds for data with the same subclasses and the same properties of rewritten literals."""
    plan = Plan()
    for shape in shapes:
        writer = Writer(data, plan.tables)
        found = list(_units(shape))
        plan.units.extend(found)
        if any(target.kind == "objects" and target.term in data.rewritten for target in shape.targets):
            plan.everywhere.extend(found)
            continue
        patterns = list(_patterns(data, shape))
        if not patterns:
            continue
        plan.patterns[shape] = " UNION ".join(f"{{ {pattern} }}" for pattern in patterns)
        plan.tests[shape] = any_of(f"EXISTS {{ {pattern} }}" for pattern in patterns)
        for unit in found:
            Parts(plan, writer, unit).sort()
    return plan


def _units(shape: Shape) -> Iterator[Unit]:
    yield from _queries(shape, shape)
    if shape.path is not None:
        yield Unit(shape, shape, whole=True)
        return
    if any(not isinstance(constraint, model.Sparql | model.Custom) for constraint in shape.constraints):
        yield Unit(shape, shape, whole=False)
    for inner in shape.properties:
        if not inner.deactivated:
            yield from _queries(shape, inner)
            yield Unit(shape, inner, whole=True)


def _queries(targeted: Shape, judged: Shape) -> Iterator[Unit]:
    """A unit for each query: who has a fault by one need not be asked by the others."""
    for constraint in judged.constraints:
        if isinstance(constraint, model.Sparql | model.Custom):
            yield Unit(targeted, judged, whole=False, query=constraint)


def _patterns(data: DataGraph, shape: Shape) -> Iterator[str]:
    for target in shape.targets:
        if target.kind == "class":
            for iri in sorted(map(str, data.classes(target.term))):
                yield f"{THIS} <{RDF}type> {iri}"
        elif target.kind == "subjects":
            yield f"{THIS} {target.term} ?targeted_object"
        elif target.kind == "objects":
            yield f"?targeted_subject {target.term} {THIS}"
