"""What is wrong, in English, where the shapes bring no message of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fairmap.namespaces import compact
from fairmap.shacl import model

if TYPE_CHECKING:
    from pyoxigraph import NamedNode

    from fairmap.shacl.faults import Fault
    from fairmap.shacl.model import Constraint
    from fairmap.shacl.paths import Term

_SIGNS = {">=": "at least", ">": "more than", "<=": "at most", "<": "less than"}
_MOST = 10


def describe(constraint: Constraint, fault: Fault) -> str:
    """What is wrong and what was expected."""
    return (
        _of_value(constraint)
        or _of_shapes(constraint)
        or _of_others(constraint, fault)
        or f"The value does not satisfy {_text(fault.bindings.get('currentShape'))}."
    )


def _of_value(constraint: Constraint) -> str | None:  # noqa: C901, PLR0911 - one line per constraint
    match constraint:
        case model.ClassOf(iri):
            return f"The value must be a {compact(iri.value)}; no type in the data says that it is."
        case model.Datatype(iri):
            return f"The value must be a well-formed {compact(iri.value)}."
        case model.NodeKind(_, kind):
            return f"The value must be of the kind {kind}."
        case model.MinCount(count):
            return f"At least {count} value{'s' * (count != 1)} must be given."
        case model.MaxCount(count):
            return f"At most {count} value{'s' * (count != 1)} may be given."
        case model.Range(bound, sign):
            return f"The value must be {_SIGNS[sign]} {bound.value}."
        case model.MinLength(length):
            return f"The value must have at least {length} characters."
        case model.MaxLength(length):
            return f"The value must have at most {length} characters."
        case model.Pattern(pattern):
            return f"The value must match the pattern {pattern.value}"
        case model.LanguageIn(ranges):
            return f"The value must have one of the language tags {', '.join(ranges)}."
        case model.HasValue(term):
            return f"One of the values must be {_text(term)}."
        case model.In(terms):
            shown = sorted(_text(term) for term in terms)
            return f"The value must be one of {', '.join(shown[:_MOST])}{', ...' if len(shown) > _MOST else ''}."
    return None


def _of_others(constraint: Constraint, fault: Fault) -> str | None:  # noqa: PLR0911 - one line per constraint
    match constraint:
        case model.Closed():
            return "This property is not among those allowed here."
        case model.UniqueLang():
            return f"More than one value has the language tag {fault.bindings['language'].value}."
        case model.Equals(other):
            return f"The value must be given with {_name(other)}, too, and the other way round."
        case model.Disjoint(other):
            return f"The value must not be a value of {_name(other)}, too."
        case model.LessThanOrEquals(other):
            return f"The value must be less than or equal to {_text(fault.bindings['other'])}, the value of {_name(other)}."
        case model.LessThan(other):
            return f"The value must be less than {_text(fault.bindings['other'])}, the value of {_name(other)}."
    return None


def _of_shapes(constraint: Constraint) -> str | None:  # noqa: PLR0911 - one line per constraint
    match constraint:
        case model.Not():
            return "The value conforms to a shape that it must not conform to."
        case model.And():
            return "The value must conform to all of the shapes."
        case model.Or():
            return "The value must conform to at least one of the shapes."
        case model.Xone():
            return "The value must conform to exactly one of the shapes."
        case model.Conforms():
            return "The value does not conform to the shape that it must conform to."
        case model.Qualified(_, _, least, most):
            return f"The number of values that conform to the shape must be {_between(least, most)}."
    return None


def _name(iri: NamedNode) -> str:
    return compact(iri.value)


def _text(term: Term | None) -> str:
    return "the constraint" if term is None else str(term)


def _between(least: int | None, most: int | None) -> str:
    if least is None or most is None:
        return f"at most {most}" if least is None else f"at least {least}"
    return f"from {least} to {most}"
