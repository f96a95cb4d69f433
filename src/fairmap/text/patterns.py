"""Where in a query records are asked for by text: each use of ``fm:textMatch`` as a predicate.

Reads the structure of SPARQL that the engine has already found right: groups, triples, property lists; expressions only as far
as ``EXISTS`` stands in them. Source: SPARQL 1.1 Query Language, section 19.8.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Never

from fairmap.errors import QueryRefused
from fairmap.namespaces import FM
from fairmap.text.cursor import Cursor
from fairmap.text.index import MOST_HITS
from fairmap.text.tokens import string_value

if TYPE_CHECKING:
    from collections.abc import Callable

    from fairmap.text.tokens import Names, Token

TEXT_MATCH: Final = f"{FM}textMatch"

_FORM: Final = '?record fm:textMatch "words", or (?record ?score) fm:textMatch ("words" 20)'
_VERB_MARKS: Final = ("^", "!", "(")
NO_TEMPLATE: Final = "a pattern in WHERE; what is found by text cannot be written"


@dataclass(frozen=True)
class Use:
    """One use.

    :ivar record: variable or IRI in the place of the record.
    :ivar score: variable for the score.
    :ivar limit: as given; ``None`` when it is not.
    :ivar graph: variable or IRI of the GRAPH around it.
    :ivar start: where what stands for it may be put: before the triples around it, which are joined with it.
    """

    record: Token
    score: Token | None
    text: str
    limit: int | None
    graph: Token | None
    start: int


@dataclass
class Uses:
    """All uses in a query, what of its text they take up, and the default graph that it names with FROM."""

    names: Names
    found: list[Use] = field(default_factory=list)
    cuts: list[tuple[int, int]] = field(default_factory=list)
    default_graphs: list[str] = field(default_factory=list)
    has_dataset: bool = False


def uses(query: str, base: str) -> Uses:
    """The uses in ``query``, which the engine can read.

    :raises QueryRefused: for one that cannot be answered, with its place and what can.
    """
    reader = _Reader(query, base)
    reader.query()
    return reader.uses


def refuse_uses(text: str, base: str, reason: str, expected: str) -> None:
    """Let an update or a query pass that does not use ``fm:textMatch`` as a predicate.

    :param reason: where it cannot be used.
    :param expected: what can be done there.
    :raises QueryRefused: when it does.
    """
    reader = _Reader(text, base)
    reader.refusal, reader.expected = reason, expected
    while reader.token.kind != "end":
        if not reader.prologue():
            reader.group(None) if reader.token.is_mark("{") else reader.step()


@dataclass
class _Pair:
    verb: Token
    end: int
    use: Use | None


class _Reader(Cursor):
    def __init__(self, query: str, base: str) -> None:
        super().__init__(query, base)
        self.uses = Uses(self.names)
        self.refusal: str | None = None  # why no use may stand here
        self.expected = NO_TEMPLATE
        self.run: int | None = None  # where the triples that are joined with the next ones begin

    def refuse(self, token: Token, what: str, expected: str = _FORM) -> Never:
        raise QueryRefused(f"fm:textMatch {what}", where=self.place(token), expected=expected)

    def query(self) -> None:
        while self.prologue():
            pass
        form = self.step()
        if form.is_word("CONSTRUCT"):
            self.refusal = "in a template"
            if self.token.is_mark("{"):
                self.group(None)
                self.refusal = None
            else:
                self.refusal = "in CONSTRUCT WHERE, whose pattern is its template,"
        self.clauses()
        if self.token.is_mark("{"):
            self.group(None)
            self.refusal = None
            self.clauses()

    def clauses(self) -> None:
        """Projection, dataset, solution modifiers: up to a group, or to the end of the one around."""
        while self.token.kind != "end" and not self.token.is_mark("{", "}"):
            token = self.step()
            if token.is_mark("("):
                self.expression(None)
            elif token.is_word("VALUES"):
                self.data()
            elif token.is_word("FROM"):
                self.uses.has_dataset = True
                if not self.token.is_word("NAMED"):
                    self.uses.default_graphs.append(self.names.iri(self.token) or "")

    def expression(self, graph: Token | None) -> None:
        """The rest of an expression in brackets, the first of which is passed."""
        while self.token.kind != "end":
            token = self.step()
            if token.is_mark(")"):
                return
            if token.is_mark("("):
                self.expression(graph)
            elif token.is_word("EXISTS"):
                self.group(graph)

    def data(self) -> None:
        """The variables and rows of VALUES."""
        self.past(("{",))
        self.past(("}",))

    def group(self, graph: Token | None) -> None:
        """A group graph pattern, or the template of an update or CONSTRUCT."""
        around, self.run = self.run, None
        self.step()
        while self.token.kind != "end" and not self.token.is_mark("}"):
            self.part(graph)
        self.step()
        self.run = around

    def part(self, graph: Token | None) -> None:
        """One part of a group; only FILTER leaves the triples before and after it together."""
        token = self.token
        if token.is_mark("{"):
            self.group(graph)
        elif token.is_mark("."):
            self.step()
            return
        elif token.is_word("FILTER"):
            self.filter(graph)
            return
        elif passing := _PARTS.get(token.text.upper()) if token.kind == "word" else None:
            self.step()
            passing(self, graph)
        else:
            self.triples(graph)
            return
        self.run = None

    def filter(self, graph: Token | None) -> None:
        self.step()
        while not self.token.is_mark("(", "{") and self.token.kind != "end":
            self.step()
        if self.token.is_mark("{"):  # EXISTS
            self.group(graph)
        else:
            self.step()
            self.expression(graph)

    def bind(self, graph: Token | None) -> None:
        self.step()
        self.expression(graph)

    def values(self, _graph: Token | None) -> None:
        self.data()

    def graph(self, _graph: Token | None) -> None:
        name = self.step()
        self.group(name)

    def service(self, _graph: Token | None) -> None:
        """Another endpoint's business, which may know such a predicate or not."""
        self.past(("{",))
        self.past(("}",), ("{",))

    def select(self, graph: Token | None) -> None:
        self.clauses()
        self.group(graph)
        self.clauses()

    def nothing(self, _graph: Token | None) -> None:
        """A word before a group, which is a part of its own."""

    def triples(self, graph: Token | None) -> None:
        """Triples with one subject."""
        first = self.at
        subject = self.token
        self.run = subject.start if self.run is None else self.run
        self.node()
        pairs = self.properties(self.tokens[first : self.at], graph)
        self.cut(subject, pairs)

    def cut(self, subject: Token, pairs: list[_Pair]) -> None:
        """Take the uses out of the text, and the subject when nothing else is said of it."""
        if not any(pair.use for pair in pairs):
            return
        self.uses.found += [pair.use for pair in pairs if pair.use]
        kept = [pair for pair in pairs if not pair.use]
        if not kept:
            if self.token.is_mark("."):
                self.step()
            self.uses.cuts.append((subject.start, self.tokens[self.at - 1].end))
            return
        if pairs[0].use:  # a list of properties cannot begin with ;
            self.uses.cuts.append((pairs[0].verb.start, kept[0].verb.start))
        later = pairs[pairs.index(kept[0]) :]
        self.uses.cuts += [(pair.verb.start, pair.end) for pair in later if pair.use]

    def properties(self, subject: list[Token] | None, graph: Token | None) -> list[_Pair]:
        """A property list; ``subject`` is ``None`` where no use can stand."""
        pairs: list[_Pair] = []
        while True:
            while self.token.is_mark(";"):
                self.step()
            if not self.is_verb():
                return self.checked(subject, pairs)
            verb = self.token
            if self.is_text_match():
                use = self.use(verb, subject, graph)
            else:
                use = None
                self.objects()
            pairs.append(_Pair(verb, self.tokens[self.at - 1].end, use))
            if not self.token.is_mark(";"):
                return self.checked(subject, pairs)

    def checked(self, subject: list[Token] | None, pairs: list[_Pair]) -> list[_Pair]:
        if subject and len(subject) > 1 and len(pairs) > 1 and any(pair.use for pair in pairs):
            self.refuse(
                subject[0], "with a list before it stands alone", "the other properties in triples of their own"
            )
        return pairs

    def is_verb(self) -> bool:
        token = self.token
        return token.kind in {"variable", "iri", "prefixed"} or token.text == "a" or token.is_mark(*_VERB_MARKS)

    def is_text_match(self) -> bool:
        """Pass a verb; whether it is ``fm:textMatch`` and nothing else."""
        first = self.at
        while True:
            while self.token.is_mark("^", "!"):
                self.step()
            if self.step().is_mark("("):
                self.past((")",), ("(",))
            while self.token.is_mark("*", "+", "?"):
                self.step()
            if not self.token.is_mark("/", "|"):
                break
            self.step()
        passed = self.tokens[first : self.at]
        matching = [token for token in passed if self.names.iri(token) == TEXT_MATCH]
        if matching and len(passed) > 1:
            self.refuse(matching[0], "is no part of a property path")
        return bool(matching)

    def objects(self) -> None:
        self.node()
        while self.token.is_mark(",", "{|", "~"):
            if self.token.is_mark("{|"):
                self.annotation()
            elif self.step().is_mark(",") or not self.is_end_of_object():
                self.node()

    def annotation(self) -> None:
        self.step()
        self.properties(None, None)
        self.step()

    def is_end_of_object(self) -> bool:
        return self.token.is_mark(",", ";", ".", "{|", "}", "]", "|}", "~")

    def node(self) -> None:
        """A term, a collection, a blank node with properties, or a triple term."""
        token = self.step()
        if token.is_mark("("):
            while self.token.kind != "end" and not self.token.is_mark(")"):
                self.node()
            self.step()
        elif token.is_mark("["):
            self.properties(None, None)
            self.step()
        elif token.is_mark("<<", "<<("):
            self.triple_term()
        elif token.is_mark("+", "-"):
            self.step()
        elif token.kind == "string":
            self.literal_end()

    def triple_term(self) -> None:
        for token in self.past((">>", ")>>"), ("<<", "<<(")):
            if self.names.iri(token) == TEXT_MATCH:
                self.refuse(token, "stands in no triple term")

    def use(self, verb: Token, subject: list[Token] | None, graph: Token | None) -> Use:
        if self.refusal:
            self.refuse(verb, f"cannot be used {self.refusal}", self.expected)
        record, score = self.subject(verb, subject)
        in_list = self.token.is_mark("(")
        if in_list:
            self.step()
        token = self.step()
        if token.kind != "string" or self.token.is_mark("^^"):
            self.refuse(token, f"cannot look for {token.text or 'nothing'}: its words are no string in the query")
        self.literal_end()
        limit = self.limit() if in_list and self.token.kind == "number" else None
        if in_list and not self.step().is_mark(")"):
            self.refuse(self.tokens[self.at - 1], "has a list that is too long")
        if self.token.is_mark(",", "{|", "~"):
            self.refuse(self.token, "has one object and nothing said about it")
        start = verb.start if self.run is None else self.run
        return Use(record, score, string_value(token), limit, graph, start)

    def limit(self) -> int:
        token = self.step()
        if not token.text.isdecimal() or not 1 <= int(token.text[:9]) <= MOST_HITS:
            self.refuse(token, f"cannot give {token.text} hits", f"a whole number from 1 to {MOST_HITS}")
        return int(token.text)

    def subject(self, verb: Token, subject: list[Token] | None) -> tuple[Token, Token | None]:
        if subject is None:
            self.refuse(verb, "cannot find a blank node")
        parts = subject[1:-1] if subject[0].is_mark("(") else subject
        record = parts[0] if parts else subject[0]
        if record.kind not in {"variable", "iri", "prefixed"}:
            self.refuse(record, f"cannot find {record.text}: a record is a variable or an IRI")
        if parts is subject or len(parts) == 1:
            return record, None
        score = parts[1]
        if len(parts) > 2 or score.kind != "variable" or score.text[1:] == record.text[1:]:  # noqa: PLR2004 - record, score
            self.refuse(score, "has a list that is not (?record ?score)")
        return record, score


_PARTS: Final[dict[str, Callable[[_Reader, Token | None], None]]] = {
    "BIND": _Reader.bind,
    "VALUES": _Reader.values,
    "GRAPH": _Reader.graph,
    "SERVICE": _Reader.service,
    "SELECT": _Reader.select,
    "OPTIONAL": _Reader.nothing,
    "UNION": _Reader.nothing,
    "MINUS": _Reader.nothing,
    "LATERAL": _Reader.nothing,
    "WHERE": _Reader.nothing,
}
