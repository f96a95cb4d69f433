"""Names, definitions and codes of the things that a page speaks of, looked up at once."""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import islice
from typing import TYPE_CHECKING, Final

from pyoxigraph import NamedNode

from fairmap.describe.queries import load
from fairmap.describe.words import EU, LABELS
from fairmap.namespaces import DCAT, DCT, DQV, FM, FOAF, PROV, RDFS, SKOS, compact

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Self

    from pyoxigraph import BlankNode, Literal

    from fairmap.model import Reader

_NAMES: Final = (f"{SKOS}prefLabel", f"{DCT}title", f"{FOAF}name", f"{RDFS}label")
_RADLEX: Final = "http://www.radlex.org/RID/"
_MATCHES: Final = {f"{SKOS}exactMatch": "", f"{SKOS}closeMatch": "near ", f"{SKOS}broadMatch": "under "}
"""Kinds of match, best first, with the word that tells them."""

_THINGS: Final = 2000
"""Things of which a page tells the names, at most: their IRIs have to fit into a query."""
_CELL: Final = re.compile(r"(?P<row>.*, row \d+)(?:, column (?P<column>[^:]+))?: .*", re.DOTALL)


class References:
    """What is known of each thing: property to values, sorted."""

    def __init__(self, rows: Iterable[Mapping[str, NamedNode | BlankNode | Literal]]) -> None:
        found: defaultdict[str, defaultdict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        for row in rows:
            found[row["thing"].value][row["property"].value].add(row["value"].value)
        self._found = {iri: {name: sorted(values) for name, values in of.items()} for iri, of in found.items()}

    @classmethod
    def of_graph(cls, reader: Reader, graph: str) -> Self:
        """Those of everything in a graph."""
        return cls(reader.select(load("references"), graph=NamedNode(graph)))

    @classmethod
    def of_things(cls, reader: Reader, things: Iterable[str]) -> Self:
        """Those of things by their IRIs; of very many the first ones."""
        nodes = (str(NamedNode(iri)) for iri in islice(sorted(things), _THINGS))
        return cls(reader.select(load("names").replace("$things", " ".join(nodes))))

    @classmethod
    def of_concept(cls, reader: Reader, concept: str) -> Self:
        """Those of everything that a concept's triples speak of."""
        return cls(reader.select(load("concept_references"), concept=NamedNode(concept)))

    def first(self, iri: str, *properties: str) -> str | None:
        """The first value of the first of these properties that the thing has."""
        of = self._found.get(iri, {})
        return next((of[name][0] for name in properties if name in of), None)

    def name(self, iri: str) -> str:
        """The thing's name; an activity's is its kind, version and date; without one, its IRI in short form."""
        ended = self.first(iri, f"{PROV}endedAtTime")
        if ended:
            kind = iri.rpartition("#")[2].capitalize()
            version = self.first(iri, f"{DCAT}version")
            return f"{kind}, version {version}, {ended[:10]}" if version else f"{kind}, {ended[:10]}"
        return self.first(iri, *_NAMES) or short_iri(iri)

    def cell(self, iri: str) -> str:
        """The name of a part of a source, as short as it stays clear: ``Table 3.1, row 3, Data``."""
        name = self.first(iri, f"{RDFS}label", f"{DCT}title") or short_iri(iri)
        match = _CELL.fullmatch(name)
        return ", ".join(filter(None, (match["row"], match["column"]))) if match else name

    def radlex(self, iri: str) -> str | None:
        """The RadLex identifier that matches a concept best, with a word before it where the meanings differ."""
        of = self._found.get(iri, {})
        return radlex_code({match: of.get(match, []) for match in _MATCHES})

    def dimension(self, iri: str) -> str | None:
        """The FAIR dimension of a criterion."""
        return self.first(iri, f"{DQV}inDimension")

    def property_label(self, iri: str) -> str:
        """The name of a property: in plain words, as the ontology has it, else in short form."""
        if iri in LABELS:
            return LABELS[iri]
        own = self.first(iri, f"{RDFS}label") if iri.startswith(FM) else None
        return own[0].upper() + own[1:] if own else property_name(iri)


def property_name(iri: str) -> str:
    """The name of a property without a look into the ontology; in the end the words of its local name.

    >>> property_name("http://purl.org/dc/terms/title"), property_name("https://w3id.org/fairmap/ns#repositoryKind")
    ('Name', 'Repository kind')
    """
    words = re.sub(r"(?<=[a-z])([A-Z])", r" \1", re.split(r"[/#]", iri)[-1]).lower()
    return LABELS.get(iri) or words.capitalize() or iri


def radlex_code(matches: Mapping[str, Sequence[str]]) -> str | None:
    """The RadLex identifier among a concept's matches, best kind of match first.

    >>> radlex_code({f"{SKOS}broadMatch": ["http://www.radlex.org/RID/RID10312"]})
    'under RID10312'
    """
    for match, word in _MATCHES.items():
        for term in sorted(matches.get(match, ())):
            if term.startswith(_RADLEX):
                return word + term.removeprefix(_RADLEX)
    return None


def short_iri(iri: str) -> str:
    """An IRI to be read by people: prefixed where known, the code of an EU table, a web address without its scheme.

    >>> short_iri("https://www.example.org/data/")
    'www.example.org/data'
    """
    if iri.startswith(EU):
        return iri.rpartition("/")[2]
    known = compact(iri)
    return known if not known.startswith("<") else re.sub(r"^(https?://|mailto:)", "", iri).rstrip("/")
