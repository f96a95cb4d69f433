"""Following a path in the data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fairmap.shacl.paths import Alternative, Inverse, Predicate, Repeat, Steps, backwards

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fairmap.shacl.data import DataGraph
    from fairmap.shacl.paths import Path, Term


def follow(data: DataGraph, path: Path, start: Term) -> dict[Term, None]:
    """The distinct nodes that the path leads to from ``start``, in the order they are found."""
    match path:
        case Predicate(iri):
            return dict.fromkeys(data.objects(start, iri))
        case Inverse(Predicate(iri)):
            return dict.fromkeys(data.subjects(iri, start))
        case Inverse(inner):
            return follow(data, backwards(inner), start)
        case Steps(parts):
            found = {start: None}
            for part in parts:
                found = _all(data, part, found)
            return found
        case Alternative(parts):
            found = {}
            for part in parts:
                found.update(follow(data, part, start))
            return found
        case Repeat(inner, zero, many):
            return _repeat(data, inner, start, zero=zero, many=many)


def _all(data: DataGraph, path: Path, starts: Iterable[Term]) -> dict[Term, None]:
    found: dict[Term, None] = {}
    for start in starts:
        found.update(follow(data, path, start))
    return found


def _repeat(data: DataGraph, path: Path, start: Term, *, zero: bool, many: bool) -> dict[Term, None]:
    found: dict[Term, None] = {start: None} if zero else {}
    reached = follow(data, path, start)
    while True:
        new = {term: None for term in reached if term not in found}
        found.update(new)
        if not new or not many:
            return found
        reached = _all(data, path, new)
