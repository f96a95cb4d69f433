"""Literals as written.

The engine rewrites some literals when it stores them (``"5"^^xsd:nonNegativeInteger`` becomes an ``xsd:integer``, ``1.50``
becomes ``1.5``). This module finds out which, by asking the engine, and puts the written form back.
"""

from __future__ import annotations

from collections import defaultdict
from hashlib import blake2b
from sys import intern
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Store, Triple, parse

from fairmap.namespaces import DEFAULT_GRAPH, XSD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

_STRING = NamedNode(f"{XSD}string")
_PROBE = "urn:fairmap:probe:"

Key = tuple[str, str, str]
"""Subject, predicate and stored literal, each in N-Triples form."""


def stored_forms(quads: Iterable[Quad]) -> dict[Literal, Literal]:
    """For each literal that the engine rewrites, what it stores instead."""
    values = (quad.object for quad in quads)
    literals = [
        literal
        for literal in {value for value in values if isinstance(value, Literal)}
        if literal.language is None and literal.datatype != _STRING
    ]
    probe = Store()
    probe.bulk_extend(
        Quad(NamedNode(_PROBE), NamedNode(f"{_PROBE}{number}"), literal) for number, literal in enumerate(literals)
    )
    forms = {}
    for quad in probe.quads_for_pattern(None, None, None, None):
        literal = literals[int(quad.predicate.value.removeprefix(_PROBE))]
        if isinstance(quad.object, Literal) and quad.object != literal:
            forms[literal] = quad.object
    return forms


class Written:
    """The written forms of a whole view, by what the engine stored in any graph. Some 120 bytes for each rewritten literal.

    Two written literals can have one stored form (``1`` and ``01``), and a triple can stand in several graphs: all of them are kept.
    """

    def __init__(self) -> None:
        self._forms: dict[bytes, str | list[str]] = {}

    def add(self, key: Key, written: str) -> None:
        """Know one more row; ``written`` is in N-Triples form."""
        name, form = _hash(*key), _compact(key[2], written)
        known = self._forms.get(name)
        if known is None:
            self._forms[name] = form
        else:
            self._forms[name] = [*([known] if isinstance(known, str) else known), form]

    def remove(self, key: Key, written: str) -> None:
        """Forget a row that was added."""
        name, form = _hash(*key), _compact(key[2], written)
        known = self._forms.pop(name)
        if isinstance(known, list):
            known.remove(form)
            self._forms[name] = known if len(known) > 1 else known[0]

    def triples(self, triples: Iterable[Triple]) -> Iterator[Triple]:
        """The triples with the literals of stored triples as written in any graph; others pass through."""
        for triple in triples:
            forms = self._forms_of(triple)
            if forms is None:
                yield triple
            else:
                stored = triple.object
                assert isinstance(stored, Literal)  # noqa: S101 - only literals have forms
                for form in dict.fromkeys(forms):
                    yield Triple(triple.subject, triple.predicate, _expand(stored, form))

    def texts(self, statement: bytes) -> Sequence[str]:
        """The written forms of the literal in a stored statement; none when it stands as it was written.

        :param statement: subject, predicate and literal in N-Triples, a space between them.
        :return: each in N-Triples or, where nothing but the datatype was rewritten, the IRI of that.
        """
        found = self._forms.get(blake2b(statement, digest_size=16).digest())
        return () if found is None else (found,) if isinstance(found, str) else found

    def _forms_of(self, triple: Triple) -> Iterable[str] | None:
        if not self._forms or not isinstance(triple.object, Literal):
            return None
        found = self._forms.get(_hash(*key_of(triple)))
        return (found,) if isinstance(found, str) else found


def _hash(subject: str, predicate: str, stored: str) -> bytes:
    return blake2b(f"{subject} {predicate} {stored}".encode(), digest_size=16).digest()


def _compact(stored: str, written: str) -> str:
    """Only the datatype's IRI where nothing else was rewritten, which is the common case."""
    form, _, datatype = written.rpartition("^^")
    if datatype.endswith(">") and form and form == stored.rpartition("^^")[0]:
        return intern(datatype[1:-1])
    return written


def _expand(stored: Literal, form: str) -> Literal:
    return literal(form) if form.startswith('"') else Literal(stored.value, datatype=NamedNode(form))


def literal(text: str) -> Literal:
    """The literal that ``text`` writes in N-Triples form."""
    (quad,) = parse(f"<urn:x> <urn:x> {text} .\n", format=RdfFormat.N_TRIPLES)
    found = quad.object
    assert isinstance(found, Literal)  # noqa: S101 - only literals are noted
    return found


def as_written(quads: Iterable[Quad], rows: Iterable[tuple[Key, str]]) -> Iterator[Quad]:
    """The quads of one graph with their literals as written.

    :param rows: all that is known of the graph.
    """
    forms: dict[Key, list[str]] = defaultdict(list)
    for key, written in rows:
        forms[key].append(written)
    for quad in quads:
        found = forms.get(key_of(quad)) if forms and isinstance(quad.object, Literal) else None
        if found is None:
            yield quad
        else:
            for text in found:
                yield Quad(quad.subject, quad.predicate, literal(text), quad.graph_name)


def node_of(name: str) -> NamedNode | DefaultGraph:
    """The graph of that name."""
    return DefaultGraph() if name == DEFAULT_GRAPH else NamedNode(name)


def name_of(node: NamedNode | BlankNode | DefaultGraph) -> str:
    """The name of that graph."""
    return DEFAULT_GRAPH if isinstance(node, DefaultGraph) else node.value


def key_of(statement: Quad | Triple) -> Key:
    """The key of a statement whose object is a literal."""
    return str(statement.subject), str(statement.predicate), str(statement.object)


def as_stored(
    quads: Iterable[Quad], forms: Mapping[Literal, Literal], shared: AbstractSet[Literal]
) -> tuple[list[Quad], list[tuple[Key, Literal]]]:
    """The quads as the engine will hold them, and the rows that bring back the written forms.

    A literal that is not rewritten gets a row only where another one shares its stored form.

    :param shared: the values of ``forms``.
    """
    stored: list[Quad] = []
    by_key: dict[Key, list[Literal]] = defaultdict(list)
    for quad in quads:
        value = quad.object
        if not isinstance(value, Literal):
            stored.append(quad)
            continue
        held = forms.get(value)
        kept = quad if held is None else Quad(quad.subject, quad.predicate, held, quad.graph_name)
        stored.append(kept)
        if held is not None or value in shared:
            by_key[key_of(kept)].append(value)
    rows = [
        (key, literal)
        for key, literals in by_key.items()
        if any(str(literal) != key[2] for literal in literals)
        for literal in dict.fromkeys(literals)
    ]
    return stored, rows
