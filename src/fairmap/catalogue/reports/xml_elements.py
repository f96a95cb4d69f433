"""What to write in RDF/XML: an element for a statement, with the prefixes that the document declares."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from xml.sax.saxutils import escape, quoteattr  # only writes

from pyoxigraph import BlankNode, Literal, NamedNode

from fairmap.catalogue.reports.words import SHORT
from fairmap.namespaces import RDF, XSD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pyoxigraph import Quad

_NAME: Final = re.compile(r"[A-Za-z_][\w.-]*\Z")
_STEP: Final = "  "


@dataclass(frozen=True)
class Elements:
    """Writes elements for a document.

    :ivar declared: its prefixes with their namespaces.
    """

    declared: Sequence[tuple[str, str]]

    def of(self, quad: Quad, quads: Iterable[Quad]) -> str:
        """The element of a statement; what its value leads to among ``quads`` stands inside it."""
        return self._with_namespaces(list(self._property(quad.predicate, quad.object, list(quads))))

    def about(self, focus: str, quads: Sequence[Quad]) -> str:
        """An element that says these things about a node with an IRI, to stand beside other descriptions."""
        return self._with_namespaces(list(self._node(NamedNode(focus), list(quads))))

    def _property(self, predicate: NamedNode, value: Any, quads: list[Quad]) -> Iterator[str]:
        name, rdf = self._name(predicate.value), self._prefix(RDF)
        if isinstance(value, Literal):
            kind = (
                "" if value.datatype.value == f"{XSD}string" else f" {rdf}:datatype={quoteattr(value.datatype.value)}"
            )
            mark = f" xml:lang={quoteattr(value.language)}" if value.language else kind
            yield f"<{name}{mark}>{escape(value.value)}</{name}>"
        elif isinstance(value, NamedNode) and all(quad.subject != value for quad in quads):
            yield f"<{name} {rdf}:resource={quoteattr(value.value)}/>"
        else:
            yield f"<{name}>"
            yield from (f"{_STEP}{line}" for line in self._node(value, quads))
            yield f"</{name}>"

    def _node(self, node: NamedNode | BlankNode, quads: list[Quad]) -> Iterator[str]:
        own = [quad for quad in quads if quad.subject == node]
        kinds = [quad for quad in own if quad.predicate.value == f"{RDF}type"]
        first = kinds[0].object if kinds else None
        name = self._name(first.value if isinstance(first, NamedNode) else f"{RDF}Description")
        about = f" {self._prefix(RDF)}:about={quoteattr(node.value)}" if isinstance(node, NamedNode) else ""
        inner = [quad for quad in own if quad not in kinds[:1]]
        if not inner:
            yield f"<{name}{about}/>"
            return
        yield f"<{name}{about}>"
        for quad in inner:
            yield from (f"{_STEP}{line}" for line in self._property(quad.predicate, quad.object, quads))
        yield f"</{name}>"

    def _name(self, iri: str) -> str:
        spaces = [space for _, space in (*self.declared, *SHORT.items()) if iri.startswith(space)]
        fitting = (space for space in spaces if _NAME.match(iri[len(space) :]))
        space = next(fitting, None) or iri[: max(iri.rfind("/"), iri.rfind("#")) + 1]
        return f"{self._prefix(space)}:{iri[len(space) :]}"

    def _prefix(self, space: str) -> str:
        """The prefix of a namespace: the document's, else one that the element declares itself."""
        known = {found: prefix for prefix, found in reversed(self.declared)}
        usual = {found: prefix for prefix, found in SHORT.items()}
        return known.get(space) or usual.get(space) or "own"

    def _with_namespaces(self, lines: list[str]) -> str:
        """The lines, with what the document does not declare on the first one."""
        taken = {prefix for prefix, _ in self.declared}
        used = dict.fromkeys(re.findall(r"[</ ]([A-Za-z][\w-]*):[\w.-]+[=>/ ]", " ".join(lines)))
        missing = [prefix for prefix in used if prefix not in taken and prefix in SHORT]
        more = "".join(f" xmlns:{prefix}={quoteattr(SHORT[prefix])}" for prefix in missing)
        lines[0] = re.sub(r"\A(<[\w:.-]+)", lambda match: f"{match[1]}{more}", lines[0])
        return "\n".join(lines)
