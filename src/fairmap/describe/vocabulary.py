"""The pages of vocabularies: concept schemes, the ontology, excerpts of others."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from pyoxigraph import NamedNode

from fairmap.describe.facts import Facts
from fairmap.describe.page import Term, VocabularyPage
from fairmap.describe.queries import load
from fairmap.describe.references import References, radlex_code, short_iri
from fairmap.describe.statements import Statements
from fairmap.describe.values import Values
from fairmap.describe.words import OWL, TYPE
from fairmap.errors import NotFound
from fairmap.namespaces import DCT, FM, RDFS, SKOS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fairmap.model import Reader

_HEAD: Final = (f"{DCT}title", f"{DCT}description")
_TOLD: Final = frozenset(
    {TYPE, f"{RDFS}label", f"{SKOS}prefLabel", f"{SKOS}definition", f"{SKOS}notation", f"{RDFS}isDefinedBy"}
)
_OTHERS: Final = "Terms of other vocabularies"
_GROUPS: Final = (
    ("Classes", f"{OWL}Class"),
    ("Properties", f"{OWL}ObjectProperty"),
    ("Properties", f"{OWL}DatatypeProperty"),
    ("Individuals", f"{OWL}NamedIndividual"),
    ("Terms", f"{SKOS}Concept"),
)


def scheme(reader: Reader, iri: str) -> VocabularyPage:
    """A concept scheme as a tree, with how many repositories state each concept. Three queries.

    :raises NotFound: when there is no such scheme.
    """
    facts = _facts(reader, iri, "concept scheme")
    uses = {
        row["concept"].value: int(row["number"].value)
        for row in reader.select(load("uses_by_concept"), scheme=NamedNode(iri))
    }
    return _page(iri, facts, (("Concepts", _Tree(facts, uses).terms()),))


def vocabulary(reader: Reader, iri: str) -> VocabularyPage:
    """The ontology or an excerpt: its terms by kind. Two queries.

    :raises NotFound: when there is no such vocabulary.
    """
    facts = _facts(reader, iri, "vocabulary")
    groups: defaultdict[str, list[Term]] = defaultdict(list)
    for title, kind in _GROUPS:
        for node in facts.values.statements.instances(kind):
            groups[title if _is_own(facts, node) else _OTHERS].append(_term(facts, node))
    titles = sorted(groups, key=lambda title: title == _OTHERS)
    ordered = [
        (title, tuple(sorted(groups[title], key=lambda term: (term.label.casefold(), term.iri)))) for title in titles
    ]
    return _page(iri, facts, tuple(ordered))


def _facts(reader: Reader, iri: str, what: str) -> Facts:
    statements = Statements.of_graph(reader, iri)
    if not statements:
        raise NotFound(f"there is no such {what}", where=iri)
    return Facts(Values("", statements, References.of_graph(reader, iri)))


def _page(iri: str, facts: Facts, groups: tuple[tuple[str, tuple[Term, ...]], ...]) -> VocabularyPage:
    head = NamedNode(iri)
    statements = facts.values.statements
    names = [name for name in statements.properties(head) if name not in {*_HEAD, TYPE}]
    return VocabularyPage(
        iri,
        statements.value(head, f"{DCT}title") or short_iri(iri),
        statements.value(head, f"{DCT}description"),
        facts.facts(head, names),
        groups,
    )


def _is_own(facts: Facts, node: NamedNode) -> bool:
    """Whether the vocabulary says more of a term than what it is."""
    return node.value.startswith(FM) or bool(set(facts.values.statements.properties(node)) - {TYPE})


def _term(facts: Facts, node: NamedNode) -> Term:
    statements = facts.values.statements
    label = statements.value(node, f"{RDFS}label") or statements.value(node, f"{SKOS}prefLabel")
    return Term(
        node.value,
        label or short_iri(node.value),
        statements.value(node, f"{SKOS}notation") or short_iri(node.value),
        statements.value(node, f"{SKOS}definition"),
        facts.facts(node, (name for name in statements.properties(node) if name not in _TOLD)),
    )


class _Tree:
    """The concepts of a scheme, each under its first broader one."""

    def __init__(self, facts: Facts, uses: Mapping[str, int]) -> None:
        self._facts = facts
        self._uses = uses
        self._under: defaultdict[str | None, list[NamedNode]] = defaultdict(list)
        statements = facts.values.statements
        concepts = statements.instances(f"{SKOS}Concept")
        for node in concepts:
            broader = [term.value for term in statements.look(node, f"{SKOS}broader") if term in concepts]
            self._under[broader[0] if broader else None].append(node)

    def terms(self, broader: str | None = None, level: int = 0) -> tuple[Term, ...]:
        """The concepts under ``broader``, each followed by those under it."""
        found: list[Term] = []
        for node in sorted(self._under[broader], key=self._order):
            found += [self._term(node, level), *self.terms(node.value, level + 1)]
        return tuple(found)

    def _order(self, node: NamedNode) -> tuple[int, str]:
        statements = self._facts.values.statements
        rank = statements.look(node, f"{FM}rank")
        name = statements.look(node, f"{SKOS}prefLabel")
        return (int(rank[0].value) if rank else 0, name[0].value.casefold() if name else node.value)

    def _term(self, node: NamedNode, level: int) -> Term:
        statements = self._facts.values.statements
        label = statements.value(node, f"{SKOS}prefLabel") or short_iri(node.value)
        links = (f"{SKOS}exactMatch", f"{SKOS}closeMatch", f"{SKOS}broadMatch")
        code = radlex_code({link: [term.value for term in statements.look(node, link)] for link in links})
        definition = statements.value(node, f"{SKOS}definition")
        return Term(node.value, label, code, definition, level=level, uses=self._uses.get(node.value, 0))
