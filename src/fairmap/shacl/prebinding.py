"""SPARQL in shapes: what may stand in it, and running it with variables that have a value already. Source: SHACL 5.2.1.

A variable that has a value has it in each group of the query, nested ones too. The engine's own substitutions do not reach
these, so the values are joined in at the head of each group: as VALUES where SPARQL text can say the term, for blank nodes
by a function that returns it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from pyoxigraph import BlankNode, NamedNode, QueryBoolean, QuerySolutions, Store

from fairmap.errors import IllFormedShapes, QueryRefused
from fairmap.sparql import Limits, engine_error, guard
from fairmap.sparql.guard import tokens

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterable, Mapping

    from rdflib.plugins.sparql.sparql import Query as Prepared

    from fairmap.shacl.paths import Term
    from fairmap.shacl.sight import Sight

_FORBIDDEN: Final = frozenset({"MINUS", "VALUES", "SERVICE", "FROM", "LOAD"})
_PER_GROUP: Final = frozenset({"GRAPH", "LIMIT", "OFFSET", "GROUP", "HAVING", "SELECT"})
_FUNCTION: Final = "urn:fairmap:shacl:value-of:"
CLAUSE: Final = "SHACL 5.2.1"


@dataclass(frozen=True)
class Query:
    """A query of the shapes, checked and cut up.

    :ivar head: the prefixes.
    :ivar pieces: the text, cut behind the bracket that opens each group.
    :ivar outer: for each cut whether the group lies outside of EXISTS.
    :ivar names: the variables that occur.
    :ivar asks: an ASK query.
    :ivar in_sets: it has no sub-query, grouping, limit or named graph, so it can be asked for many focus nodes at once.
    :ivar sights: what it was found to look at, by what it is asked of (see :mod:`fairmap.shacl.sight`).
    """

    head: str
    pieces: tuple[str, ...]
    outer: tuple[bool, ...]
    names: frozenset[str]
    in_sets: bool
    asks: bool
    sights: dict[Any, Sight] = field(default_factory=dict, compare=False, repr=False)

    @property
    def sees_shapes(self) -> bool:
        """Whether it may look into the shapes graph. Source: SHACL 5.3.1."""
        return "shapesGraph" in self.names

    @cached_property
    def prepared(self) -> Prepared:
        """The query as rdflib has it."""
        from fairmap.shacl.written import prepared  # noqa: PLC0415 - only where literals as written matter

        return prepared(self)

    def text(self, opening: str, *, everywhere: bool = True) -> str:
        """The query with ``opening`` at the head of each group, or of those outside of EXISTS."""
        parts = [self.head, self.pieces[0]]
        for piece, outer in zip(self.pieces[1:], self.outer, strict=True):
            parts += [opening if everywhere or outer else "", piece]
        return "".join(parts)

    def bound(self, values: Mapping[str, Term]) -> tuple[str, dict[NamedNode, Callable[[], Term]]]:
        """The query with these values, and the functions it calls."""
        used = {name: term for name, term in values.items() if name in self.names}
        said = {name: term for name, term in used.items() if not isinstance(term, BlankNode)}
        opening = ""
        if said:
            variables = " ".join(f"?{name}" for name in said)
            opening = f" VALUES ({variables}) {{({' '.join(map(str, said.values()))})}} "
        functions: dict[NamedNode, Callable[[], Term]] = {}
        for name in used.keys() - said.keys():
            opening += f" BIND (<{_FUNCTION}{name}>() AS ?{name}) "
            functions[NamedNode(f"{_FUNCTION}{name}")] = lambda term=used[name]: term  # type: ignore[misc]
        return self.text(opening), functions


def run(store: Store, text: str, functions: Mapping[NamedNode, Any], *, union: bool) -> Any:
    """The solutions of a SELECT query as dictionaries, or the answer of an ASK query.

    :raises FairmapError: when the engine gives up.
    """
    try:
        found = store.query(text, use_default_graph_as_union=union, custom_functions=dict(functions))
        if isinstance(found, QueryBoolean):
            return bool(found)
        assert isinstance(found, QuerySolutions)  # noqa: S101 - only SELECT and ASK get through prepare()
        names = [variable.value for variable in found.variables]
        return [
            {name: value for name, value in zip(names, solution, strict=True) if value is not None}
            for solution in found
        ]
    except RuntimeError as error:
        raise engine_error(error) from error


def prepare(
    text: str, prefixes: Iterable[tuple[str, str]], *, prebound: Iterable[str], needed: str | None, path: str | None
) -> Query:
    """Check a query and cut it up.

    :param prebound: the variables that may have a value.
    :param needed: the variable that a SELECT query and each sub-query must return; ``None`` for ASK.
    :param path: what ``$PATH`` stands for.
    :raises IllFormedShapes: with the clause that it breaks.
    """
    head = "".join(f"PREFIX {name}: <{namespace}>\n" for name, namespace in prefixes)
    try:
        guard(text, Limits())
        text = _with_path(text, path)
        guard(text, Limits())
    except QueryRefused as error:
        raise IllFormedShapes(f"{error.what} ({CLAUSE})", where=error.where, expected=error.expected) from error
    found = list(tokens(text))
    _refuse(found, frozenset(prebound))
    cuts, outer, queries = _groups(found)
    _check_returns(queries, needed)
    pieces = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    names = frozenset(match[0][1:] for match in found if match.lastgroup == "name" and match[0][0] in "?$")
    words = [match[0].upper() for match in found if match.lastgroup == "word"]
    in_sets = words.count("SELECT") == 1 and not _PER_GROUP.difference({"SELECT"}).intersection(words)
    query = Query(head, tuple(pieces), tuple(outer), names, in_sets, needed is None)
    _try(query, "SELECT" if needed else "ASK", words)
    return query


def _with_path(text: str, path: str | None) -> str:
    parts, last = [], 0
    for match in tokens(text):
        if match.lastgroup == "name" and match[0] in {"$PATH", "?PATH"}:
            if path is None:
                raise IllFormedShapes("$PATH is for property shapes (SHACL 5.3.1)")
            parts += [text[last : match.start()], f" {path} "]
            last = match.end()
    return "".join([*parts, text[last:]])


def _refuse(found: list[re.Match[str]], prebound: frozenset[str]) -> None:
    for match, following in zip(found, [*found[1:], None], strict=True):
        word = match[0].upper()
        if match.lastgroup == "word" and word in _FORBIDDEN:
            raise IllFormedShapes(f"{word} must not stand in SPARQL of shapes ({CLAUSE})")
        if match.lastgroup == "word" and word == "AS" and following is not None and following[0][1:] in prebound:
            raise IllFormedShapes(f"{following[0]} has a value already and must not get one by AS ({CLAUSE})")


def _groups(found: list[re.Match[str]]) -> tuple[list[int], list[bool], list[list[str]]]:
    """Where to cut, whether there outside of EXISTS, and the words and names that follow each SELECT up to its group."""
    cuts, outer, queries = [], [], []
    brackets: list[bool] = []
    selecting: list[str] | None = None
    tokens_ = [match for match in found if match.lastgroup != "comment"]
    for index, match in enumerate(tokens_):
        following = tokens_[index + 1][0].upper() if index + 1 < len(tokens_) else ""
        before = tokens_[index - 1][0].upper() if index else ""
        if match.lastgroup == "word" and match[0].upper() == "SELECT":
            selecting = []
            queries.append(selecting)
        elif match[0] == "{":
            selecting = None
            brackets.append(before == "EXISTS" or any(brackets[-1:]))
            if following != "SELECT":
                cuts.append(match.end())
                outer.append(not brackets[-1])
        elif match[0] == "}" and brackets:
            brackets.pop()
        elif selecting is not None:
            selecting.append(match[0])
    return cuts, outer, queries


def _check_returns(queries: list[list[str]], needed: str | None) -> None:
    if needed is None:
        needed_names = {"$value", "?value"}
        inner = queries
    else:
        needed_names = {f"${needed}", f"?{needed}"}
        inner = queries[1:]
        if not queries or not needed_names.intersection(queries[0]):
            raise IllFormedShapes(f"the query does not return ${needed}", expected="SELECT $this ... (SHACL 5.2)")
    for words in inner:
        if not needed_names.intersection(words):
            name = min(needed_names)
            raise IllFormedShapes(f"a sub-query does not return {name} ({CLAUSE})", expected=f"SELECT {name} ...")


def _try(query: Query, kind: str, words: list[str]) -> None:
    if next((word for word in words if word in {"SELECT", "ASK", "CONSTRUCT", "DESCRIBE"}), None) != kind:
        raise IllFormedShapes(f"not a {kind} query (SHACL {'5.2' if kind == 'SELECT' else '6.2'})")
    try:
        Store().query(query.text(""))
    except (SyntaxError, ValueError) as error:
        message = getattr(error, "msg", None) or str(error)
        raise IllFormedShapes(f"the query is not SPARQL: {message}", expected="SPARQL 1.1 (SHACL 5.2)") from error
