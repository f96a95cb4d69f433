"""Reading a query of the shapes, which the engine has already found right, into what it says. Source: SPARQL 1.1, section 19.8.

What is not read: LIMIT and OFFSET, GRAPH, negated property sets, and what is not in SPARQL 1.1. Who asks then takes it that the
query may look anywhere.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Final, Never

from pyoxigraph import Literal, NamedNode

from fairmap.namespaces import XSD
from fairmap.shacl.algebra import (
    OPERATORS,
    Bind,
    Call,
    Exists,
    Filter,
    Group,
    Maybe,
    Select,
    Triple,
    Union,
    Variable,
)
from fairmap.shacl.data import TYPE
from fairmap.shacl.paths import FIRST, NIL, REST, Alternative, Inverse, Predicate, Repeat, Steps
from fairmap.text.cursor import Cursor
from fairmap.text.tokens import string_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fairmap.shacl.algebra import Expression, Node, Part
    from fairmap.shacl.paths import Path

_OPERATORS: Final = ("||", "&&", "=", "!=", "<", ">", "<=", ">=", "+", "-", "*", "/")
_SIGNS: Final = {"*": (True, True), "+": (False, True), "?": (True, False)}


class NotReadError(Exception):
    """The query has something that is not read here."""


def read(query: str) -> Select:
    """What a SELECT or ASK query says.

    :raises NotReadError: when it has something that is not read.
    """
    return _Reader(query, "").query()


class _Reader(Cursor):
    def __init__(self, query: str, base: str) -> None:
        super().__init__(query, base)
        self._new = count()

    def refuse(self) -> Never:
        raise NotReadError(self.place(self.token))

    def mark(self, *marks: str) -> bool:
        """Pass one of these signs, if it comes next."""
        return self.token.is_mark(*marks) and bool(self.step())

    def word(self, *words: str) -> bool:
        """Pass one of these words, if it comes next."""
        return self.token.is_word(*words) and bool(self.step())

    def need(self, mark: str) -> None:
        if not self.mark(mark):
            self.refuse()

    def fresh(self) -> Variable:
        return Variable(f"[] {next(self._new)}")

    def variable(self) -> Variable:
        if self.token.kind != "variable":
            self.refuse()
        return Variable(self.step().text[1:])

    def query(self) -> Select:
        while self.prologue():
            pass
        found = self.ask() if self.word("ASK") else self.select()
        if self.token.kind != "end":
            self.refuse()
        return found

    def ask(self) -> Select:
        self.word("WHERE")
        return Select((), (), self.group())

    def select(self) -> Select:
        if not self.word("SELECT"):
            self.refuse()
        distinct = self.word("DISTINCT", "REDUCED")
        names: list[Variable] = []
        computed: list[Bind] = []
        everything = self.mark("*")
        while not self.token.is_word("WHERE") and not self.token.is_mark("{"):
            if self.token.is_mark("("):
                computed.append(self.bind())
                names.append(computed[-1].variable)
            else:
                names.append(self.variable())
        self.word("WHERE")
        group = self.group()
        grouped, conditions = self.modifiers()
        return Select(None if everything else tuple(names), tuple(computed), group, distinct, grouped, conditions)

    def modifiers(self) -> tuple[tuple[Expression | Bind, ...], tuple[Expression, ...]]:
        """What GROUP BY names, and the conditions of HAVING; an order makes no difference."""
        grouped: list[Expression | Bind] = []
        conditions: list[Expression] = []
        if self.word("GROUP"):
            self.word("BY")
            while not self.is_over("HAVING", "ORDER"):
                grouped.append(self.key())
        if self.word("HAVING"):
            while not self.is_over("ORDER"):
                conditions.append(self.operand())
        if self.word("ORDER"):
            self.word("BY")
            while not self.is_over():
                self.operand()
        return tuple(grouped), tuple(conditions)

    def is_over(self, *words: str) -> bool:
        return self.token.kind == "end" or self.token.is_mark("}") or self.token.is_word(*words)

    def key(self) -> Expression | Bind:
        if not self.mark("("):
            return self.operand()
        value = self.expression()
        found = Bind(value, self.variable()) if self.word("AS") else value
        self.need(")")
        return found

    def group(self) -> Group:
        self.need("{")
        parts: list[Part] = []
        if self.token.is_word("SELECT"):
            parts.append(self.select())
        while not self.mark("}"):
            parts.extend(self.part())
        return Group(tuple(parts))

    def part(self) -> Iterator[Part]:
        if self.token.is_mark("{"):
            groups = [self.group()]
            while self.word("UNION"):
                groups.append(self.group())
            yield groups[0] if len(groups) == 1 else Union(tuple(groups))
        elif self.word("FILTER"):
            yield Filter(self.operand())
        elif self.word("BIND"):
            yield self.bind()
        elif self.word("OPTIONAL"):
            yield Maybe(self.group())
        elif not self.mark("."):
            yield from self.triples()

    def bind(self) -> Bind:
        self.need("(")
        value = self.expression()
        if not self.word("AS"):
            self.refuse()
        variable = self.variable()
        self.need(")")
        return Bind(value, variable)

    def triples(self) -> list[Part]:
        found: list[Part] = []
        alone = self.token.is_mark("[", "(")
        subject = self.node(found)
        before = len(found)
        self.properties(subject, found)
        if len(found) == before and not alone:
            self.refuse()
        return found

    def properties(self, subject: Node, found: list[Part]) -> None:
        while True:
            while self.mark(";"):
                pass
            if not self.is_verb():
                return
            path = self.variable() if self.token.kind == "variable" else self.path()
            found.append(Triple(subject, path, self.node(found)))
            while self.mark(","):
                found.append(Triple(subject, path, self.node(found)))
            if not self.token.is_mark(";"):
                return

    def is_verb(self) -> bool:
        token = self.token
        return token.kind in {"variable", "iri", "prefixed"} or token.text == "a" or token.is_mark("^", "(", "!")

    def node(self, found: list[Part]) -> Node:
        token = self.token
        if self.mark("["):
            node = self.fresh()
            self.properties(node, found)
            self.need("]")
            return node
        if self.mark("("):
            return self.collection(found)
        if token.kind == "variable":
            return self.variable()
        if token.kind == "blank":
            return Variable(self.step().text)
        if token.kind in {"iri", "prefixed"}:
            return self.iri()
        return self.literal()

    def collection(self, found: list[Part]) -> Node:
        if self.mark(")"):
            return NIL
        node = self.fresh()
        found.append(Triple(node, Predicate(FIRST), self.node(found)))
        found.append(Triple(node, Predicate(REST), self.collection(found)))
        return node

    def iri(self) -> NamedNode:
        name = self.names.iri(self.step())
        if not name:
            self.refuse()
        return NamedNode(name)

    def literal(self) -> Literal:
        sign = self.step().text if self.token.is_mark("+", "-") else ""
        token = self.step()
        if token.kind == "number":
            kind = "double" if "e" in token.text.lower() else "decimal" if "." in token.text else "integer"
            return Literal(sign + token.text, datatype=NamedNode(f"{XSD}{kind}"))
        if token.is_word("TRUE", "FALSE"):
            return Literal(token.text.lower(), datatype=NamedNode(f"{XSD}boolean"))
        if token.kind != "string":
            self.refuse()
        if self.token.kind == "tag":
            return Literal(string_value(token), language=self.step().text[1:])
        return Literal(string_value(token), datatype=self.iri() if self.mark("^^") else None)

    def path(self) -> Path:
        parts = [self.steps()]
        while self.mark("|"):
            parts.append(self.steps())
        return parts[0] if len(parts) == 1 else Alternative(tuple(parts))

    def steps(self) -> Path:
        parts = [self.step_of_path()]
        while self.mark("/"):
            parts.append(self.step_of_path())
        return parts[0] if len(parts) == 1 else Steps(tuple(parts))

    def step_of_path(self) -> Path:
        turned = self.mark("^")
        path = self.primary()
        if self.token.is_mark(*_SIGNS):
            zero, many = _SIGNS[self.step().text]
            path = Repeat(path, zero, many)
        return Inverse(path) if turned else path

    def primary(self) -> Path:
        if self.mark("("):
            path = self.path()
            self.need(")")
            return path
        if self.token.text == "a":
            self.step()
            return Predicate(TYPE)
        return Predicate(self.iri())

    def expression(self) -> Expression:
        """Operands and operators; which operator binds closer makes no difference to what they look at."""
        parts, operators = [self.operand()], set()
        while operator := self.operator():
            operators.add(operator)
            parts.extend(self.arguments() if operator.endswith("IN") else (self.operand(),))
        if not operators:
            return parts[0]
        return Call(operators.pop() if operators in ({"IN"}, {"&&"}) else OPERATORS, tuple(parts))

    def operator(self) -> str:
        """Pass an operator; its name, or nothing."""
        if self.token.is_mark(*_OPERATORS):
            return self.step().text
        if self.word("NOT"):
            return "NOT IN" if self.word("IN") else self.refuse()
        return "IN" if self.word("IN") else ""

    def operand(self) -> Expression:
        if self.mark("("):
            found = self.expression()
            self.need(")")
            return found
        if self.mark("!", "+", "-"):
            return Call(OPERATORS, (self.operand(),))
        if self.token.is_word("NOT", "EXISTS"):
            self.word("NOT")
            return Exists(self.group()) if self.word("EXISTS") else self.refuse()
        return self.term()

    def term(self) -> Expression:
        token = self.token
        if token.kind == "variable":
            return self.variable()
        if token.kind in {"iri", "prefixed"}:
            iri = self.iri()
            return Call(iri.value, self.arguments()) if self.token.is_mark("(") else iri
        if token.kind == "word" and not token.is_word("TRUE", "FALSE"):
            return self.call()
        return self.literal()

    def call(self) -> Call:
        name = self.step().text.upper()
        following = self.tokens[self.at + 1] if self.token.is_mark("(") else self.refuse()
        return Call(f"{name} DISTINCT" if following.is_word("DISTINCT") else name, self.arguments())

    def arguments(self) -> tuple[Expression, ...]:
        """What stands in brackets, with commas between."""
        found: list[Expression] = []
        self.need("(")
        self.word("DISTINCT")
        while not self.mark(")"):
            if not self.mark("*"):
                found.append(self.expression())
            if self.mark(";"):  # SEPARATOR = "..."
                self.past((")",))
                break
            if not self.token.is_mark(")"):
                self.need(",")
        return tuple(found)
