"""Three rules for one graph pattern; each gives a pattern with the same solutions, as often, in an order that suits the engine.

A pattern of triples is a join, so its triples may stand in any order; the engine has no statistics and keeps to the order that it
likes, but evaluates ``{ A } LATERAL { B }`` from left to right. A sequence path is by definition a join over a fresh variable.
Source: SPARQL 1.1 Query 18.2.2.4 (paths to patterns), 18.3.1 (joins).
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Final

from pyoxigraph import NamedNode

from fairmap.namespaces import RDF
from fairmap.sparql.rewrite.reading import Triple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pyoxigraph import Store

    from fairmap.sparql.rewrite.profile import Profile
    from fairmap.sparql.rewrite.reading import Group, Query

_TYPE: Final = f"{RDF}type"
_VARIABLE: Final = re.compile(r"[?$]\w+")


class Rules:
    """The rules over one store.

    :param profile: of the same store; ``None``: the rules that need it are left out.
    :param few: matches below which a constant triple is a better start than any other.
    :param many: matches from which on a triple is a bad start.
    """

    def __init__(self, query: Query, store: Store, profile: Profile | None, *, few: int, many: int) -> None:
        self._query = query
        self._few = few
        self._many = many
        self._store = store
        self._profile = profile

    def apply(self, group: Group) -> str | None:
        """The group's text in other words, ``None``: as it is."""
        if any(self._is_selective(triple) for triple in group.triples):
            return None
        triples, excluded = self._without_implied_classes(group.triples)
        chain = self._from_closures(triples) or self._from_filter(triples, group)
        if chain is None and len(triples) == len(group.triples):
            return None
        pattern = chain or " . ".join(map(str, triples))
        minus = "".join(
            f" MINUS {{ VALUES {variable} {{ {' '.join(f'<{iri}>' for iri in sorted(subjects))} }} }}"
            for variable, subjects in excluded.items()
            if subjects
        )
        return f" {pattern}{minus}\n{chr(10).join(group.filters)}\n{group.tail}\n"

    def _is_selective(self, triple: Triple) -> bool:
        """Whether the triple has a constant subject, or a constant object that few have."""
        subject, steps, value = triple
        if not _is_variable(subject):
            return True
        if _is_variable(value) or _is_closure(triple):
            return False
        node, link = self._query.iri(value), self._query.iri(steps[0])
        if node is None or link is None or len(steps) > 1:
            return True
        if link == _TYPE and self._profile:
            return False
        found = self._store.quads_for_pattern(None, NamedNode(link), NamedNode(node), None)
        return sum(1 for _ in islice(found, self._few)) < self._few

    def _without_implied_classes(self, triples: tuple[Triple, ...]) -> tuple[list[Triple], dict[str, frozenset[str]]]:
        """Leave out ``?x a T`` beside ``?x p ?y`` where each subject of ``p`` is a ``T``, but for the subjects that are told."""
        kept = list(triples)
        excluded: dict[str, frozenset[str]] = {}
        for triple in triples if self._profile and not self._query.has_dataset else ():
            of_class = self._class_of(triple)
            if of_class is None:
                continue
            others = [other for other in kept if other.subject == triple.subject and other is not triple]
            exceptions = [found for other in others if (found := self._exceptions(other, of_class)) is not None]
            if exceptions:
                kept.remove(triple)
                fewest = min(exceptions, key=len)
                excluded[triple.subject] = excluded.get(triple.subject, frozenset()) | fewest
        return kept, excluded

    def _class_of(self, triple: Triple) -> str | None:
        is_type = len(triple.steps) == 1 and self._query.iri(triple.steps[0]) == _TYPE
        return self._query.iri(triple.object) if is_type else None

    def _exceptions(self, triple: Triple, of_class: str) -> frozenset[str] | None:
        link = self._query.iri(triple.steps[0])
        return self._profile.exceptions(link, of_class) if self._profile and link else None

    def _from_closures(self, triples: list[Triple]) -> str | None:
        """Start with what a closure to a constant reaches (``?x p/q* <c>``): it is small, and each of the others then follows from it."""
        closures = [triple for triple in triples if _is_closure(triple)]
        if not closures:
            return None
        start = closures[0].subject
        first = [triple for triple in closures if triple.subject == start]
        rest = [triple for triple in triples if triple not in first]
        if rest and (self._profile is None or min(map(self._estimate, rest)) < self._many):
            return None
        if len(closures) == 1 and not rest and len(first[0].steps) == 1:
            return None
        chain = self._chain(rest, {start})
        return None if chain is None else " ".join(self._closure(triple) for triple in first) + chain

    def _closure(self, triple: Triple) -> str:
        *before, last = triple.steps
        if not before:
            return f"{{ SELECT {triple.subject} {{ {triple} }} }}"
        name = "?reached"
        while name[1:] in self._query.text:
            name += "_"
        reached = f"{{ SELECT {name} {{ {Triple(name, (last,), triple.object)} }} }}"
        return (
            f"{{ SELECT {triple.subject} {{ {reached} LATERAL {{ {Triple(triple.subject, tuple(before), name)} }} }} }}"
        )

    def _from_filter(self, triples: list[Triple], group: Group) -> str | None:
        """Start with the triple whose object a filter judges alone, unless another one has fewer matches."""
        if self._profile is None or not triples[1:]:
            return None
        judged = {names.pop() for text in group.filters if len(names := _variables(text)) == 1}
        for triple in triples:
            link = self._query.iri(triple.steps[0])
            rest = [other for other in triples if other is not triple]
            if link is None or len(triple.steps) > 1 or triple.object not in judged:
                continue
            if self._profile.count_property(link) > 2 * min(map(self._estimate, rest)):
                continue
            chain = self._chain(rest, {triple.subject, triple.object})
            return None if chain is None else f"{triple}{chain}"
        return None

    def _estimate(self, triple: Triple) -> int:
        """About how many matches the triple has by itself; few, when that is not known."""
        of_class, link = self._class_of(triple), self._query.iri(triple.steps[0])
        if self._profile is None or link is None or (of_class is None and not _is_variable(triple.object)):
            return 0
        return self._profile.count_class(of_class) if of_class else self._profile.count_property(link)

    def _chain(self, rest: Iterable[Triple], bound: set[str]) -> str | None:
        """The triples one after another, each with a variable that is bound before it; ``None`` when they do not hang together."""
        left, text = list(rest), ""
        while left:
            following = next((t for t in left if t.subject in bound), None) or next(
                (t for t in left if t.object in bound), None
            )
            if following is None:
                return None
            left.remove(following)
            bound |= {following.subject, following.object}
            text += f" LATERAL {{ {following} }}"
        return text


def _is_variable(term: str) -> bool:
    return term[0] in "?$"


def _is_closure(triple: Triple) -> bool:
    """Whether it goes from a variable along ``.../q*`` or ``.../q+`` to a constant."""
    is_from_variable = _is_variable(triple.subject) and not _is_variable(triple.object)
    return is_from_variable and triple.steps[-1][-1] in "*+" and not _is_variable(triple.steps[0])


def _variables(text: str) -> set[str]:
    return set() if "EXISTS" in text.upper() else set(_VARIABLE.findall(text))
