"""Remedies of what breaks a profile: the example of the shape's message, as an update of the node that is at fault."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from fairmap.fair.graph import Graph
from fairmap.fair.remedy import NAMES, with_prefixes
from fairmap.namespaces import RDF, SH, XSD
from fairmap.rdf import FORMATS, by_name, parse
from fairmap.shacl.paths import Alternative, Predicate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fairmap.fair.findings import Found
    from fairmap.shacl.paths import Node, Path, Term

_EXAMPLE: Final = re.compile(r"; e\.g\. (?P<own>.*?)(?: together with (?P<rest>.*))?\.\Z", re.DOTALL)
_TURTLE: Final = by_name("turtle", FORMATS)
_TYPE: Final = NamedNode(f"{RDF}type")
_FOCUS: Final = NamedNode("urn:fairmap:focus")
_TOO_MANY: Final = f"{SH}MaxCountConstraintComponent"


@dataclass(frozen=True)
class Spot:
    """Where something is at fault.

    :ivar way: the triples that lead from the dataset, or its catalogue record, to the node.
    """

    node: Node
    way: tuple[Triple, ...]


def mend(graph: Graph, found: Found, path: Path | None, spot: Spot) -> str | None:
    """The update; ``None`` when there is none that can be written down.

    :param path: what is at fault: a property, one of several, or ``None``: the node itself.
    """
    example, links = _EXAMPLE.search(found.message), _links(path)
    if example is None or links is None:
        return None
    write = _Writer(graph, spot, links, example["own"], example["rest"])
    if found.component == _TOO_MANY:
        return with_prefixes(write.first_only())
    if found.value is None or path is None:
        return with_prefixes(write.added())
    return with_prefixes(write.corrected(found.value))


def _links(path: Path | None) -> tuple[NamedNode, ...] | None:
    match path:
        case None:
            return ()
        case Predicate(iri):
            return (iri,)
        case Alternative(parts) if all(isinstance(part, Predicate) for part in parts):
            return tuple(part.iri for part in parts if isinstance(part, Predicate))
        case _:
            return None


def _place(spot: Spot) -> tuple[str, str]:
    """How an update names the node, and the pattern that finds it."""
    if isinstance(spot.node, NamedNode):
        return str(spot.node), ""
    steps: list[NamedNode] = []
    for triple in reversed(spot.way):
        steps.insert(0, triple.predicate)
        if isinstance(triple.subject, NamedNode):
            return "?node", f"{triple.subject} {'/'.join(map(str, steps))} ?node FILTER (ISBLANK(?node)) "
    return "?node", ""


class _Writer:
    """Writes updates of one node.

    :param links: the property that is at fault, or several of which one is; none: the node itself is.
    """

    def __init__(self, graph: Graph, spot: Spot, links: tuple[NamedNode, ...], example: str, rest: str | None) -> None:
        self._graph = graph
        self._focus, self._pattern = _place(spot)
        self._links = links
        self._link, self._which = "?link", f"VALUES ?link {{ {' '.join(map(str, links))} }} "
        if len(links) == 1:
            self._link, self._which = str(links[0]), ""
        self._example = example
        self._new = f"{self._focus} {example}" + (f" . {rest}" if rest else "")

    def added(self) -> str:
        """The example is added."""
        if not self._pattern:
            return f"INSERT DATA {{ {self._new} }}"
        path = "|".join(map(str, self._links))
        lacks = f"FILTER NOT EXISTS {{ {self._focus} {path} ?any }} " if path else ""
        return f"INSERT {{ {self._new} }}\nWHERE {{ {self._pattern}{lacks}}}"

    def corrected(self, value: Term) -> str:
        """What the value lacks of the example is added to it; when it lacks nothing, the example takes its place."""
        lacking = list(self._lacking(value)) if isinstance(value, NamedNode | BlankNode) else []
        name = "?value" if isinstance(value, BlankNode) else str(value)
        old = f"{self._focus} {self._link} {name}"
        found = f"{self._pattern}{self._which}{old} " + ("FILTER (ISBLANK(?value)) " if name == "?value" else "")
        if lacking:
            told = " ; ".join(f"{_short(link)} {text}" for link, text in lacking)
            checks = (f"FILTER NOT EXISTS {{ {name} {link} ?any }} " for link, _ in lacking if link != _TYPE)
            return f"INSERT {{ {name} {told} }}\nWHERE {{ {found}{''.join(checks)}}}"
        new = self._new
        if isinstance(value, NamedNode) and self._takes_text():
            new = f"{self._focus} {self._link} {Literal(value.value)}"
        return f"DELETE {{ {old} }}\nINSERT {{ {new} }}\nWHERE {{ {found}}}"

    def _takes_text(self) -> bool:
        example = _read(self._example)
        texts = [term for link in self._links for term in example.objects(_FOCUS, link)]
        return any(isinstance(term, Literal) and term.datatype.value == f"{XSD}string" for term in texts)

    def first_only(self) -> str:
        """The first value, in the order of their texts, is kept."""
        old = f"{self._focus} {self._link} ?old"
        others = f"{self._pattern}{self._which}{old} ; {self._link} ?kept FILTER (STR(?kept) < STR(?old))"
        return f"DELETE {{ {old} }}\nWHERE {{ {others} }}"

    def _lacking(self, value: Node) -> Iterator[tuple[NamedNode, str]]:
        """What the example says of a nested node and the graph does not say of the value."""
        example = _read(self._example)
        for nested in (term for link in self._links for term in example.objects(_FOCUS, link)):
            if isinstance(nested, BlankNode):
                for link, told in example.properties(nested):
                    known = self._graph.objects(value, link)
                    if not known or (link == _TYPE and told not in known):
                        yield link, _nested(example, told)


def _read(text: str) -> Graph:
    heads = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in NAMES.items())
    return Graph(parse(f"{heads}{_FOCUS} {text} .".encode(), _TURTLE, name="example"))


def _nested(graph: Graph, term: Term) -> str:
    """A term as text; a blank node with what it has."""
    if not isinstance(term, BlankNode):
        return str(term) if isinstance(term, Literal) else _short(term)
    return f"[ {' ; '.join(f'{_short(link)} {_nested(graph, value)}' for link, value in graph.properties(term))} ]"


def _short(term: Term) -> str:
    return "a" if term == _TYPE else str(term)
