"""Literals of other engines' answers put back as they were written, and graphs compared by value.

Each engine rewrites literals in its own way; what they have in common is the value. So a literal of an answer is looked up, by
subject, predicate and value, in the record that its subject belongs to.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Final, TypeAlias

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Triple

from fairmap.namespaces import XSD, record_of
from fairmap.rdf import digest
from fairmap.store.literals import stored_forms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

_INTEGER: Final = f"{XSD}integer"
_UNSIGNED: Final = (
    "nonNegativeInteger",
    "positiveInteger",
    "unsignedLong",
    "unsignedInt",
    "unsignedShort",
    "unsignedByte",
)
_SIGNED: Final = ("integer", "nonPositiveInteger", "negativeInteger", "long", "int", "short", "byte")
_INTEGERS: Final = frozenset(f"{XSD}{name}" for name in (*_UNSIGNED, *_SIGNED))
_STRING: Final = f"{XSD}string"
_WRITE: Final[Mapping[str, Callable[[str], str]]] = {
    **dict.fromkeys(_INTEGERS, lambda text: str(int(text))),
    f"{XSD}decimal": lambda text: str(Decimal(text).normalize()),
    f"{XSD}double": lambda text: repr(float(text)),
    f"{XSD}float": lambda text: repr(float(text)),
    f"{XSD}boolean": lambda text: {"1": "true", "0": "false"}.get(text, text),
}
"""For each datatype the lexical form that values share."""

Documents: TypeAlias = "Callable[[str], Iterable[Quad] | None]"


def common_form(literal: Literal, forms: Mapping[Literal, Literal]) -> Literal:
    """One literal for all of the same value, integers of any type alike.

    :param forms: what the embedded engine makes of literals (:func:`fairmap.store.literals.stored_forms`).
    """
    if literal.language is not None:
        return Literal(literal.value, language=literal.language.lower())
    found = forms.get(literal, literal)
    write = _WRITE.get(found.datatype.value)
    if write is None:
        return found
    datatype = NamedNode(_INTEGER) if found.datatype.value in _INTEGERS else found.datatype
    try:
        return Literal(write(found.value), datatype=datatype)
    except (ValueError, InvalidOperation):
        return found


def same_graph(one: Iterable[Triple], other: Iterable[Triple]) -> bool:
    """Whether two graphs are the same but for the lexical form of literals and the labels of blank nodes."""
    return digest(_in_common_form(one)) == digest(_in_common_form(other))


def _in_common_form(triples: Iterable[Triple]) -> Iterator[Quad]:
    found = [_as_quad(triple) for triple in triples]
    forms = stored_forms(found)
    for quad in found:
        if isinstance(quad.object, Literal):
            yield Quad(quad.subject, quad.predicate, common_form(quad.object, forms))
        else:
            yield quad


def as_written(triples: Iterable[Triple], documents: Documents, base_iri: str) -> Iterator[Triple]:
    """The triples with the literals of records as they were written; others pass through.

    A literal of a blank node is looked up in the records that the other triples lead to, and put back where these agree.

    :param documents: a record as it was written, by its IRI.
    """
    found = list(triples)
    if not any(_is_typed(triple.object) for triple in found):
        yield from found
        return
    written = _Written(documents, base_iri)
    written.read(found)
    for triple in found:
        for literal in written.of(triple):
            yield triple if literal is None else Triple(triple.subject, triple.predicate, literal)


class _Written:
    """The typed literals of the records that an answer leads to, by subject (empty: a blank node), predicate and value."""

    def __init__(self, documents: Documents, base_iri: str) -> None:
        self._documents = documents
        self._base = base_iri
        self._literals: dict[tuple[str, str, Literal], dict[Literal, None]] = defaultdict(dict)
        self._forms: dict[Literal, Literal] = {}

    def read(self, triples: list[Triple]) -> None:
        """Read the records of all subjects."""
        owners = {
            record_of(triple.subject.value, self._base) for triple in triples if isinstance(triple.subject, NamedNode)
        }
        quads = [quad for iri in owners if iri for quad in self._documents(iri) or () if _is_typed(quad.object)]
        self._forms = stored_forms([*quads, *(_as_quad(triple) for triple in triples if _is_typed(triple.object))])
        for quad in quads:
            assert isinstance(quad.object, Literal)  # noqa: S101 - typed ones were chosen
            key = (_name(quad.subject), quad.predicate.value, common_form(quad.object, self._forms))
            self._literals[key][quad.object] = None

    def of(self, triple: Triple) -> list[Literal] | list[None]:
        """The written forms of a triple's literal; one ``None`` for what is left as it is."""
        if not _is_typed(triple.object):
            return [None]
        assert isinstance(triple.object, Literal)  # noqa: S101 - typed
        key = (_name(triple.subject), triple.predicate.value, common_form(triple.object, self._forms))
        return list(self._literals.get(key, ())) or [None]


def _is_typed(term: object) -> bool:
    return isinstance(term, Literal) and term.language is None and term.datatype.value != _STRING


def _name(term: NamedNode | BlankNode | Triple) -> str:
    return term.value if isinstance(term, NamedNode) else ""


def _as_quad(triple: Triple) -> Quad:
    return Quad(triple.subject, triple.predicate, triple.object)
