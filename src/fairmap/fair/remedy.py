"""Remedies: templates of SPARQL updates filled in for one dataset. Terms are written by the engine, so no text can break out."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from pyoxigraph import BlankNode, NamedNode

from fairmap.namespaces import DCAT, FOAF, PREFIXES, record_of

if TYPE_CHECKING:
    from datetime import date

    from fairmap.fair.graph import Graph
    from fairmap.shacl.paths import Term

_PLACEHOLDER: Final = re.compile(r"<\{iri\}#([a-z-]+)>|\{(dataset|distribution|record|key|today|value|new)\}")
_NAMES: Final = {
    **PREFIXES,
    "dpv": "https://w3id.org/dpv#",
    "health": "http://healthdataportal.eu/ns/health#",
    "odrl": "http://www.w3.org/ns/odrl/2/",
}
_PREFIXED: Final = re.compile(r"(?<![\w/<#:.-])([a-z0-9]+):[A-Za-z]")
_DISTRIBUTION: Final = NamedNode(f"{DCAT}distribution")
_TOPIC: Final = NamedNode(f"{FOAF}primaryTopic")
_ADDRESS: Final = re.compile(r"https?://[^/\s]+")
_NEW: Final = "{dataset} dcat:distribution {distribution} . {distribution} a dcat:Distribution . "
_ACCESS: Final = "{distribution} dcat:accessURL "
_WITH_ACCESS: Final = f"{_NEW}{_ACCESS}<https://example.org/data> . "


@dataclass(frozen=True)
class Place:
    """Where a remedy goes.

    :ivar dataset: its IRI: a blank node cannot be named in an update.
    :ivar today: for dates that are given as examples.
    """

    graph: Graph
    dataset: NamedNode
    base_iri: str
    today: date

    def part(self, name: str) -> NamedNode:
        """The IRI of a part of the dataset; an IRI has one fragment only."""
        return NamedNode(f"{self.dataset.value}{'-' if '#' in self.dataset.value else '#'}{name}")

    @cached_property
    def record(self) -> NamedNode:
        """The catalogue record that has an address, else a new one."""
        for node in self.graph.subjects(_TOPIC, self.dataset):
            if isinstance(node, NamedNode) and _ADDRESS.match(node.value):
                return node
        return self.part("catalog-record")

    @cached_property
    def distribution(self) -> tuple[Term, bool]:
        """The first distribution that has an IRI, else one that has none, else a new one; whether it is new."""
        found = self.graph.objects(self.dataset, _DISTRIBUTION)
        named = [node for node in found if isinstance(node, NamedNode)]
        blank = [node for node in found if isinstance(node, BlankNode)]
        nearest: list[Term] = [*named, *blank]
        if nearest:
            return nearest[0], False
        slug = self.dataset.value.removeprefix(f"{self.base_iri}dataset/")
        new = f"{self.base_iri}distribution/{slug}-1"
        is_ours = record_of(new, self.base_iri) == self.dataset.value
        return (NamedNode(new) if is_ours else self.part("distribution-1")), True

    @cached_property
    def key(self) -> str:
        """A name that another dataset hardly has."""
        iri = self.dataset.value
        slug = re.sub(r"[^a-z0-9]+", "-", re.split(r"[/#:]", iri.rstrip("/#"))[-1].lower()).strip("-")
        return f"{slug[:40]}-{hashlib.sha256(iri.encode()).hexdigest()[:8]}".lstrip("-")


def remedy(template: str, place: Place, path: str | None, value: Term | None) -> str:
    """The update that a template stands for.

    :param path: of the finding that it mends.
    :param value: of the finding.
    """
    if path == _DISTRIBUTION.value and value is not None:
        distribution, is_new = value, False
    else:
        distribution, is_new = place.distribution
    patterns = []
    if isinstance(distribution, BlankNode) and re.search(r"\{(distribution|new)\}", template):
        patterns.append(f"{place.dataset} dcat:distribution ?blank FILTER (ISBLANK(?blank)) ")
    if isinstance(value, BlankNode) and "{value}" in template:
        patterns.append("FILTER (ISBLANK(?value)) ")
    terms = {
        "dataset": str(place.dataset),
        "distribution": "?blank" if isinstance(distribution, BlankNode) else str(distribution),
        "record": str(place.record),
        "key": place.key,
        "today": place.today.isoformat(),
        "value": "?value" if isinstance(value, BlankNode) else str(value),
    }
    described = _NEW if _ACCESS in template else _WITH_ACCESS
    text = template.replace("{new} ", described if is_new else "")
    text = _PLACEHOLDER.sub(lambda match: str(place.part(match[1])) if match[1] else terms[match[2]], text)
    return _with_prefixes(_with_patterns(text, "".join(patterns)))


def _with_patterns(update: str, patterns: str) -> str:
    """The update with more in its WHERE clause, which it gets when it has none."""
    if not patterns:
        return update
    if update.startswith("INSERT DATA "):
        return f"INSERT {update.removeprefix('INSERT DATA ')} WHERE {{ {patterns}}}"
    head, _, tail = update.rpartition("}")
    return f"{head}{patterns}}}{tail}"


def _with_prefixes(update: str) -> str:
    used = sorted(set(_PREFIXED.findall(update)) & _NAMES.keys())
    return "".join(f"PREFIX {name}: <{_NAMES[name]}>\n" for name in used) + update
