"""Queries of the shapes on literals as they were written: asked of the engine where that makes no difference.

The engine holds ``"042"^^xsd:integer`` as ``42``, so ``STR`` and ``DATATYPE`` in its queries answer for another literal. What a
query looks at (:mod:`fairmap.shacl.sight`) tells whether it can see the difference, and from which focus nodes; there rdflib answers
(:mod:`fairmap.shacl.written`). Where a query cannot find less on what the engine holds, the engine is asked first.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pyoxigraph import Literal

from fairmap.shacl.datatypes import is_well_formed
from fairmap.shacl.follow import follow
from fairmap.shacl.forms import Form
from fairmap.shacl.paths import backwards, node_of, one
from fairmap.shacl.prebinding import run
from fairmap.shacl.sight import sight_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pyoxigraph import NamedNode

    from fairmap.shacl.data import DataGraph
    from fairmap.shacl.forms import Forms
    from fairmap.shacl.model import Custom, Shape, Sparql
    from fairmap.shacl.paths import Term
    from fairmap.shacl.sight import Sight
    from fairmap.shacl.written import WrittenGraph

_Asked = tuple["Shape", "Sparql | Custom"]


class Queries:
    """Queries on one data graph."""

    def __init__(self, data: DataGraph) -> None:
        self._data = data
        self._touched: dict[_Asked, frozenset[Term] | None] = {}
        self._trusted: dict[_Asked, bool] = {}

    def answer(self, shape: Shape, constraint: Sparql | Custom, bound: Mapping[str, Term]) -> Any:
        """The answer for a focus node: as :func:`fairmap.shacl.prebinding.run`.

        :param bound: the focus node and what else is given.
        """
        query = constraint.query
        trusted = not query.asks and self.trusted(shape, constraint)
        if self._is_rewritten(constraint, bound) or (not trusted and self._matters(shape, constraint, bound)):
            return self.written.run(query, bound)
        text, functions = query.bound(bound)
        found = run(self._data.store, text, functions, union=self._data.union)
        if found and trusted and self._matters(shape, constraint, bound):
            return self.written.run(query, bound)
        return found

    def touched(self, shape: Shape, constraint: Sparql | Custom) -> frozenset[Term] | None:
        """The focus nodes for which the engine can give another answer than there is; ``None``: all."""
        key = (shape, constraint)
        if key not in self._touched:
            self._touched[key] = self._met(sight_of(shape, constraint), constraint)
        return self._touched[key]

    def trusted(self, shape: Shape, constraint: Sparql | Custom) -> bool:
        """Whether there is nothing where the engine finds nothing."""
        key = (shape, constraint)
        if key not in self._trusted:
            forms = sight_of(shape, constraint).forms
            hidden = any(self._may_hide(forms, found) for found in self._rewritten.values())
            named = self._named(forms) is Form.WRITING
            self._trusted[key] = constraint.query.sees_shapes or not (hidden or named)
        return self._trusted[key]

    def _named(self, forms: Forms) -> Form:
        """How far the query looks at a literal that it names and that the engine would take for another one."""
        found = {one: level for one, level in forms.constants.items() if self._data.as_stored(one) != one}
        if any(level >= Form.VALUE and not is_well_formed(one) for one, level in found.items()):
            return Form.WRITING
        return max(found.values(), default=Form.KIND)

    def _is_rewritten(self, constraint: Sparql | Custom, bound: Mapping[str, Term]) -> bool:
        """Whether a literal is given that the engine would take for another one."""
        given = (term for term in bound.values() if isinstance(term, Literal))
        asked = constraint.query.sees_shapes
        return not asked and any(self._data.as_stored(term) != term for term in given)

    def _matters(self, shape: Shape, constraint: Sparql | Custom, bound: Mapping[str, Term]) -> bool:
        """Whether the engine can give another answer, because of what is in the data or the query."""
        touched = self.touched(shape, constraint)
        if touched is None or bound["this"] in touched:
            return True
        given = any(isinstance(term, Literal) for term in bound.values())
        return given and self._is_seen(sight_of(shape, constraint).forms)

    def _is_seen(self, forms: Forms) -> bool:
        """Whether a query that looks so at literals can see a difference anywhere."""
        return any(rewritten.telling(forms) for rewritten in self._rewritten.values())

    def _met(self, seen: Sight, constraint: Sparql | Custom) -> frozenset[Term] | None:
        found: set[Term] = set()
        if constraint.query.sees_shapes:
            return frozenset()
        if self._named(seen.forms) > Form.VALUE:
            return None
        for rewritten in self._rewritten.values():
            nodes = rewritten.telling(seen.forms)
            if nodes and seen.looks is None:
                return None
            for way, predicate in seen.looks or ():
                if not nodes or predicate not in {None, rewritten.iri}:
                    continue
                if way is None:
                    return None
                for node in nodes:
                    found.update((node,) if not way else follow(self._data, backwards(one(way)), node))
        return frozenset(found)

    @staticmethod
    def _may_hide(forms: Forms, found: _Rewritten) -> bool:
        level = forms.level(found.iri)
        if level is None:
            return False
        return (
            level is Form.WRITING
            or (forms.counts and bool(found.several))
            or (level >= Form.VALUE and bool(found.ill_formed))
        )

    @cached_property
    def _rewritten(self) -> dict[NamedNode, _Rewritten]:
        return {iri: _Rewritten(iri, forms) for iri, forms in self._data.rewritten.items()}

    @cached_property
    def written(self) -> WrittenGraph:
        """The data for rdflib."""
        from fairmap.shacl.written import WrittenGraph  # noqa: PLC0415 - loads rdflib

        return WrittenGraph.of(self._data)


@dataclass(frozen=True)
class _Rewritten:
    """The literals of a property that the engine rewrote.

    :ivar rows: subject and stored literal (in N-Triples form), and the written literals.
    """

    iri: NamedNode
    rows: Mapping[tuple[str, str], Sequence[Literal]]

    @cached_property
    def nodes(self) -> tuple[Term, ...]:
        """The nodes that have one."""
        return _nodes(subject for subject, _ in self.rows)

    @cached_property
    def several(self) -> tuple[Term, ...]:
        """The nodes that have several which the engine holds as one."""
        return _nodes(subject for (subject, _), literals in self.rows.items() if len(literals) > 1)

    @cached_property
    def ill_formed(self) -> tuple[Term, ...]:
        """The nodes that have one which means nothing as it was written, and something in the engine."""
        return _nodes(subject for (subject, _), literals in self.rows.items() if not all(map(is_well_formed, literals)))

    def telling(self, forms: Forms) -> tuple[Term, ...]:
        """The nodes at which a query that looks so at literals can see a difference, or has to tell how one is written."""
        level = forms.level(self.iri)
        if level is None:
            return ()
        if level > Form.VALUE or forms.tells(self.iri):
            return self.nodes
        return self.several if level is Form.KIND else (*self.several, *self.ill_formed)


def _nodes(names: Iterable[str]) -> tuple[Term, ...]:
    return tuple(map(node_of, dict.fromkeys(names)))
