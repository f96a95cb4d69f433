"""A term that a shape would take, for shapes whose messages give no example."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pyoxigraph import BlankNode, Literal, NamedNode

from fairmap.namespaces import XSD
from fairmap.shacl import model

if TYPE_CHECKING:
    from fairmap.shacl.model import Constraint, Shape

_SAMPLES: Final = {
    "string": "text",
    "anyURI": "https://example.org/",
    "boolean": "true",
    "date": "2026-05-31",
    "dateTime": "2026-05-31T12:00:00Z",
    "decimal": "1.5",
    "double": "1.5",
    "duration": "P1D",
    "float": "1.5",
    "gYear": "2026",
    "gYearMonth": "2026-05",
    "int": "1",
    "integer": "1",
    "long": "1",
    "nonNegativeInteger": "1",
    "positiveInteger": "1",
    "time": "12:00:00",
}


def example(shape: Shape) -> str | None:
    """A term in N-Triples form that the shape's own constraints name, or one of the kind they ask for."""
    found = (term for which in (_named, _of_kind) for term in map(which, shape.constraints) if term is not None)
    return next(found, None)


def _named(constraint: Constraint) -> str | None:
    match constraint:
        case model.HasValue(NamedNode() | Literal() as term):
            return str(term)
        case model.In(terms):
            return min((str(term) for term in terms if not isinstance(term, BlankNode)), default=None)
    return None


def _of_kind(constraint: Constraint) -> str | None:
    match constraint:
        case model.Datatype(iri):
            sample = _SAMPLES.get(iri.value.removeprefix(XSD))
            return None if sample is None else str(Literal(sample, datatype=iri))
        case model.NodeKind(_, "IRI"):
            return "<https://example.org/>"
        case model.LanguageIn(ranges):
            return str(Literal("text", language=ranges[0]))
    return None
