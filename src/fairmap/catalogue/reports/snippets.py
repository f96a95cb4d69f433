"""What to write, in the syntax of the document: the example of a finding with the record's IRI and the document's prefixes."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from xml.sax.saxutils import escape  # only writes

from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from fairmap.catalogue.reports.examples import Example
from fairmap.catalogue.reports.words import SHORT
from fairmap.catalogue.reports.xml_elements import Elements
from fairmap.namespaces import RDF, XSD

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from fairmap.model import Source

    Term = NamedNode | BlankNode | Literal

_TOKEN: Final = re.compile(
    r'(?P<text>"(?:[^"\\]|\\.)*")|(?P<iri><[^<>]*>)|(?P<tag>@[A-Za-z][\w-]*)|(?P<prefix>[A-Za-z][\w-]*)?:(?P<local>[\w./%#-]*[\w%-])?'
)
_TURTLE: Final = ("turtle", "trig")
_NESTED: Final = ("jsonld", "yamlld")
_TYPE: Final = NamedNode(f"{RDF}type")


@dataclass(frozen=True)
class Writer:
    """Writes examples for one document, or for none (Turtle with prefixes declared)."""

    source: Source | None

    @property
    def form(self) -> str:
        """Name of the format that comes out."""
        forms = {
            "jsonld": "JSON-LD",
            "yamlld": "YAML",
            "ntriples": "N-Triples",
            "nquads": "N-Quads",
            "trig": "TriG",
            "rdfxml": "RDF/XML",
        }
        return forms.get(self.source.form if self.source else "", "Turtle")

    @property
    def is_xml(self) -> bool:
        """Whether the document is RDF/XML."""
        return self.source is not None and self.source.form == "rdfxml"

    @property
    def is_nesting(self) -> bool:
        """Whether the document can describe a thing with an IRI where it is linked to."""
        return self.is_xml or (self.source is not None and self.source.form in _NESTED)

    @property
    def is_turtle(self) -> bool:
        """Whether the document is Turtle or TriG."""
        return self.source is not None and self.source.form in _TURTLE

    def term(self, term: Term) -> str:
        """A term in Turtle, with a prefix of the document; in RDF/XML an IRI as it is."""
        if isinstance(term, NamedNode) and self.is_xml:
            return term.value
        if isinstance(term, NamedNode):
            return self._short(term.value)
        if isinstance(term, Literal) and term.datatype.value != f"{XSD}string" and not term.language:
            return f"{Literal(term.value)}^^{self._short(term.datatype.value)}"
        return str(term)

    def value(self, example: Example) -> str:
        """The value of an example; in RDF/XML the whole element."""
        if self.is_xml:
            return self.member(example)
        if self.source is not None and self.source.form in _NESTED:
            return json.dumps(_json(example.statement.object, example.quads), ensure_ascii=False)
        return self._translated(example.value)

    def statement(self, example: Example, focus: str) -> str:
        """A whole statement about a node with an IRI, which may stand by itself in the document."""
        quads = _about(example, NamedNode(focus))
        if self.source is None:
            text = f"<{focus}> {example.predicate} {example.value} ." + (f"\n{example.more} ." if example.more else "")
            return f"{_declared(text)}{text}"
        if self.is_xml:
            return Elements(self.source.prefixes).about(focus, quads)
        if self.source.form in {"ntriples", "nquads"}:
            return "\n".join(f"{quad.triple} ." for quad in quads)
        if self.source.form in _NESTED:
            return self.member(example)
        text = f"{self._short(focus)} {self._renamed(example.predicate)} {self._renamed(example.value)} ."
        text += f"\n{self._renamed(example.more)} ." if example.more else ""
        return f"{_declared(text, dict(self.source.prefixes))}{text}"

    def more(self, example: Example) -> str:
        """What an example says of the thing that it links to, as a statement in Turtle."""
        return f"{self._translated(example.more)} ."

    def member(self, example: Example) -> str:
        """A property with its value, to stand among others of the same node."""
        if self.source is not None and self.is_xml:
            return Elements(self.source.prefixes).of(example.statement, example.quads)
        if self.source is not None and self.source.form in _NESTED:
            name = "@type" if example.statement.predicate == _TYPE else example.statement.predicate.value
            value = json.dumps(_json(example.statement.object, example.quads), ensure_ascii=False)
            return f"{json.dumps(name)}: {value}" + ("," if self.source.form == "jsonld" else "")
        return f"{self._translated(example.predicate)} {self._translated(example.value)} ;"

    def _short(self, iri: str) -> str:
        """An IRI with a prefix that the document declares."""
        for prefix, namespace in self._prefixes():
            if iri.startswith(namespace) and re.fullmatch(r"[A-Za-z_][\w-]*", iri[len(namespace) :]):
                return f"{prefix}:{iri[len(namespace) :]}"
        return f"<{iri}>"

    def _prefixes(self) -> Iterable[tuple[str, str]]:
        if self.source is None:
            return SHORT.items()
        return self.source.prefixes if self.is_turtle else ()

    def _translated(self, text: str) -> str:
        """Turtle with the document's prefixes, and whole IRIs where it declares none."""
        return _TOKEN.sub(lambda match: match[0] if (iri := _meant(match)) is None else self._short(iri), text)

    def _renamed(self, text: str) -> str:
        """The same, but with the prefixes that examples use where the document does not use these for something else."""
        taken = dict(self.source.prefixes) if self.source else {}

        def rename(match: re.Match[str]) -> str:
            iri = _meant(match)
            if iri is None:
                return match[0]
            written = self._short(iri)
            is_free = match["prefix"] is not None and match["prefix"] not in taken
            return match[0] if written.startswith("<") and is_free else written

        return _TOKEN.sub(rename, text)


def found_in(line: str, term: Term, source: Source, predicate: str = "") -> tuple[int, int] | None:
    """Where a term is written in a line, when that is there once, or once after its property."""
    if isinstance(term, BlankNode):
        return None
    if source.form == "rdfxml":
        spellings: Sequence[str] = _in_xml(term)
    else:
        spellings = _in_json(term, source) if source.form in _NESTED else _spellings(term, source)
    hits = {hit.span() for pattern in spellings for hit in re.finditer(pattern, line)}
    if len(hits) > 1 and predicate and source.form not in {*_NESTED, "rdfxml"}:
        properties = _spellings(NamedNode(predicate), source)
        before = [rf"{name}\s+(?:{value})" for name in properties for value in spellings]
        ends = {hit.end() for pattern in before for hit in re.finditer(pattern, line)}
        hits = {span for span in hits if span[1] in ends}
    return next(iter(hits)) if len(hits) == 1 else None


def _in_xml(term: NamedNode | Literal) -> Sequence[str]:
    """A text between tags, or an IRI as an attribute."""
    if isinstance(term, Literal):
        return [rf"(?<=>){re.escape(escape(term.value))}(?=<)"]
    return [rf'(?<="){re.escape(escape(term.value))}(?=")']


def _in_json(term: NamedNode | Literal, source: Source) -> Sequence[str]:
    """A value in JSON or YAML; of an IRI perhaps its end alone, when a context makes the rest."""
    texts = [term.value]
    if isinstance(term, NamedNode):
        texts.append(re.split(r"[/#]", term.value.rstrip("/"))[-1])
    quoted = [rf"{re.escape(json.dumps(text, ensure_ascii=False))}(?!\s*:)" for text in texts if text]
    if source.form == "yamlld":
        return [*quoted, *(rf"(?<=[:\-] ){re.escape(text)}(?=\s*$)" for text in texts if text)]
    return [*quoted, *(rf'(?<![\w".:+-]){re.escape(text)}(?![\w".:])' for text in texts if _is_bare(text))]


def _spellings(term: NamedNode | Literal, source: Source) -> Sequence[str]:
    if isinstance(term, NamedNode):
        short = [
            rf"(?<![\w:-]){re.escape(prefix)}:{re.escape(term.value[len(space) :])}(?![\w-])"
            for prefix, space in source.prefixes
            if term.value.startswith(space) and len(term.value) > len(space)
        ]
        return [re.escape(f"<{term.value}>"), *short]
    written = re.escape(json.dumps(term.value, ensure_ascii=False)[1:-1])
    after = r"(?:@[A-Za-z][\w-]*|\^\^(?:<[^<>]*>|[\w-]*:[\w-]+))?"
    quoted = [rf'(?<!"){quote}{written}{quote}{after}(?!")' for quote in ('"""', '"', "'")]
    bare = [rf'(?<![\w".:+-]){re.escape(term.value)}(?![\w".:])'] if _is_bare(term.value) else []
    return [*quoted, *bare]


def _is_bare(text: str) -> bool:
    return bool(re.fullmatch(r"true|false|[+-]?[0-9]*\.?[0-9]+(?:[eE][+-]?[0-9]+)?", text))


def _about(example: Example, node: NamedNode) -> list[Quad]:
    return [
        Quad(node if quad.subject == Example.node else quad.subject, quad.predicate, quad.object)
        for quad in example.quads
    ]


def _meant(match: re.Match[str]) -> str | None:
    """The IRI that a token of an example stands for."""
    if match["iri"]:
        return match["iri"][1:-1]
    known = match["prefix"] in SHORT and match["local"] is not None
    return SHORT[match["prefix"]] + match["local"] if known else None


def _declared(text: str, given: Mapping[str, str] | None = None) -> str:
    """The prefixes that a text needs and the document does not declare, as Turtle."""
    used = {match["prefix"] for match in _TOKEN.finditer(text) if match["prefix"] in SHORT} - set(given or ())
    return "".join(f"@prefix {prefix}: <{SHORT[prefix]}> .\n" for prefix in sorted(used))


def _instead(quads: Sequence[Quad], term: NamedNode) -> list[Quad]:
    """The quads about a thing, as about a nested description."""
    return [Quad(BlankNode("inside"), quad.predicate, quad.object) for quad in quads if quad.subject == term]


def _json(term: Any, quads: Sequence[Quad]) -> Any:
    """A term as JSON-LD that means the same under any context."""
    if isinstance(term, NamedNode) and all(quad.subject != term for quad in quads):
        return {"@id": term.value}
    if isinstance(term, NamedNode):
        return {"@id": term.value, **_json(BlankNode("inside"), _instead(quads, term))}
    if isinstance(term, BlankNode):
        inside: dict[str, Any] = {}
        for quad in quads:
            if quad.subject == term and quad.predicate == _TYPE:
                inside["@type"] = quad.object.value  # type: ignore[union-attr]
            elif quad.subject == term:
                inside[quad.predicate.value] = _json(quad.object, quads)
        return inside
    if term.language:
        return {"@value": term.value, "@language": term.language}
    plain = term.datatype.value == f"{XSD}string"
    return {"@value": term.value} if plain else {"@value": term.value, "@type": term.datatype.value}
