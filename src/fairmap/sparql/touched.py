"""Which graphs an update can change, told from its tokens, so that not the whole store is compared before and after.

What is not understood for certain may change any graph.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pyoxigraph import NamedNode, RdfFormat, Store, parse

from fairmap.namespaces import DEFAULT_GRAPH
from fairmap.sparql.guard import tokens

if TYPE_CHECKING:
    from collections.abc import Sequence

    Token = re.Match[str]

_GAP: Final = re.compile(r"[\s.]*")
_SIGN: Final = frozenset(" \t\r\n{};")


@dataclass(frozen=True)
class Operation:
    """One operation of an update.

    :ivar text: it alone, with the prefixes it has.
    :ivar graphs: names of the graphs that it names where it writes; the default graph is always among them.
    :ivar question: a query for the graphs that its templates name by variables; ``None``: they have none.
    """

    text: str
    graphs: frozenset[str]
    question: str | None = None


class _NotUnderstoodError(Exception):
    """Any graph may change."""


def operations(update: str, base_iri: str | None = None) -> list[Operation] | None:
    """The operations in their order; ``None`` when one of them may change any graph.

    >>> [operation] = operations("PREFIX e: <http://e/> INSERT DATA { GRAPH e:g { e:s e:p 1 } }")
    >>> sorted(operation.graphs - {DEFAULT_GRAPH}), operation.question
    (['http://e/g'], None)
    >>> operations("DELETE { GRAPH ?g { ?s ?p 1 } } WHERE { GRAPH ?g { ?s ?p 1 } }")[0].question
    'SELECT DISTINCT ?g WHERE { GRAPH ?g { ?s ?p 1 } }'
    >>> operations("CLEAR ALL") is None
    True
    """
    try:
        return list(_operations(update, base_iri))
    except _NotUnderstoodError:
        return None


def changed_graphs(store: Store, update: str, base_iri: str | None) -> set[str]:
    """Run an update; the names of the graphs that it may have changed.

    :raises SyntaxError, ValueError, OSError, RuntimeError: as the engine does.
    """
    found = operations(update, base_iri)
    if found is None:
        before = _names(store)
        store.update(update, base_iri=base_iri)
        return before | _names(store)
    if not any(operation.question for operation in found):
        store.update(update, base_iri=base_iri)
        return {name for operation in found for name in operation.graphs}
    names: set[str] = set()
    for operation in found:
        names |= operation.graphs
        if operation.question:
            names |= _answers(store, operation.question, base_iri)
        store.update(operation.text, base_iri=base_iri)
    return names


def _answers(store: Store, question: str, base_iri: str | None) -> set[str]:
    found = store.query(question, base_iri=base_iri)
    return {term.value for solution in found for term in solution if isinstance(term, NamedNode)}  # type: ignore[union-attr]


def _names(store: Store) -> set[str]:
    return {DEFAULT_GRAPH, *(graph.value for graph in store.named_graphs())}


def _operations(update: str, base_iri: str | None) -> Sequence[Operation]:
    read = _understood(update)
    found, prologue, start, depth = [], "", 0, 0
    for place, token in enumerate([*read, None]):
        if token is not None:
            depth += (token.lastgroup == "open") - (token.lastgroup == "close")
            if token[0] != ";" or depth:
                continue
        part = read[start:place]
        start = place + 1
        while part and part[0][0].upper() in {"PREFIX", "BASE"}:
            length = 3 if part[0][0].upper() == "PREFIX" else 2
            prologue += " ".join(one[0] for one in part[:length]) + "\n"
            part = part[length:]
        if part:
            found.append(_Reader(update, prologue, part, base_iri).operation())
    return found


def _understood(update: str) -> list[Token]:
    """The tokens without comments, when they are all that the text has and no keyword hides in another word."""
    found, end = [], 0
    for token in tokens(update):
        if not _GAP.fullmatch(update, end, token.start()):
            raise _NotUnderstoodError
        end = token.end()
        word = token[0].upper()
        if token.lastgroup not in {"comment", "string", "iri"} and "GRAPH" in word and word != "GRAPH":
            raise _NotUnderstoodError
        if token.lastgroup != "comment":
            found.append(token)
    if not _GAP.fullmatch(update, end) or "\\u" in update or "\\U" in update:
        raise _NotUnderstoodError
    return found


class _Reader:
    """Reads one operation."""

    def __init__(self, update: str, prologue: str, part: Sequence[Token], base_iri: str | None) -> None:
        self._update = update
        self._prologue = prologue
        self._part = part
        self._base = base_iri
        self._text = update[part[0].start() : part[-1].end()]

    def operation(self) -> Operation:
        """What it can change."""
        words = [token[0].upper() for token in self._part]
        if words[0] in {"CLEAR", "DROP"}:
            if "ALL" in words or "NAMED" in words:
                raise _NotUnderstoodError
            return self._of_names()
        if words[0] in {"COPY", "MOVE", "ADD", "CREATE"}:
            return self._of_names()
        if words[0] in {"INSERT", "DELETE"} and words[1:2] in (["DATA"], ["WHERE"]):
            return self._of_templates(self._part, None, self._part[1] if words[1] == "WHERE" else None)
        if words[0] in {"INSERT", "DELETE", "WITH"}:
            return self._of_modify(words)
        raise _NotUnderstoodError

    def _of_names(self) -> Operation:
        names = {self._iri(token) for token in self._part if token.lastgroup in {"iri", "name"}}
        return Operation(self._prologue + self._text, frozenset({DEFAULT_GRAPH, *names}))

    def _of_modify(self, words: Sequence[str]) -> Operation:
        with_graph = self._part[1] if words[0] == "WITH" else None
        depth = 0
        for place, token in enumerate(self._part):
            depth += (token.lastgroup == "open") - (token.lastgroup == "close")
            if depth == 0 and words[place] in {"USING", "WHERE"}:
                return self._of_templates(self._part[:place], with_graph, token)
        raise _NotUnderstoodError

    def _of_templates(self, templates: Sequence[Token], with_graph: Token | None, where: Token | None) -> Operation:
        """The graphs in ``templates``; their variables are asked for by what stands from ``where`` on."""
        names = {DEFAULT_GRAPH} if with_graph is None else {DEFAULT_GRAPH, self._iri(with_graph)}
        variables = []
        for place, token in enumerate(templates[:-1]):
            if token.lastgroup == "word" and token[0].upper() == "GRAPH":
                graph = templates[place + 1]
                if graph[0][0] in "?$":
                    variables.append(f"?{graph[0][1:]}")
                else:
                    names.add(self._iri(graph))
        question = None
        if variables:
            if where is None or with_graph is not None:
                raise _NotUnderstoodError
            head = f"{self._prologue}SELECT DISTINCT {' '.join(dict.fromkeys(variables))} "
            question = head + self._dataset_and_pattern(where)
        return Operation(self._prologue + self._text, frozenset(names), question)

    def _dataset_and_pattern(self, where: Token) -> str:
        text, depth, last = [], 0, where.start()
        for token in self._part[self._part.index(where) :]:
            depth += (token.lastgroup == "open") - (token.lastgroup == "close")
            if depth == 0 and token[0].upper() == "USING":
                text += [self._update[last : token.start()], "FROM"]
                last = token.end()
        return "".join([*text, self._update[last : self._part[-1].end()]])

    def _iri(self, token: Token) -> str:
        """The IRI of a token, resolved by the engine."""
        before, after = self._update[token.start() - 1], self._update[token.end() : token.end() + 1]
        is_alone = before in _SIGN and (not after or after in _SIGN)
        if token.lastgroup != "iri" and (not is_alone or token[0].endswith(".")):
            raise _NotUnderstoodError
        line = f"{self._prologue}{token[0]} <urn:p> <urn:o> ."
        try:
            (quad,) = parse(line, format=RdfFormat.TURTLE, base_iri=self._base)
        except SyntaxError as error:
            raise _NotUnderstoodError from error
        return str(quad.subject.value)
