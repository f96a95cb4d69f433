"""Remedies: templates of SPARQL updates filled in for one dataset. Terms are written by the engine, so no text can break out."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Final

from pyoxigraph import BlankNode, NamedNode

from fairmap.namespaces import DCAT, FOAF, PREFIXES, record_of

if TYPE_CHECKING:
    from datetime import date

    from fairmap.fair.graph import Graph
    from fairmap.shacl.paths import Term

_PLACEHOLDER: Final = re.compile(r"<\{iri\}#([a-z-]+)>|\{(dataset|distribution|record|key|today|value)\}")
NAMES: Final = {
    **PREFIXES,
    "csvw": "http://www.w3.org/ns/csvw#",
    "cv": "http://data.europa.eu/m8g/",
    "dcatap": "http://data.europa.eu/r5r/",
    "dpv": "https://w3id.org/dpv#",
    "eli": "http://data.europa.eu/eli/ontology#",
    "geodcatap": "http://data.europa.eu/930/",
    "health": "http://healthdataportal.eu/ns/health#",
    "locn": "http://www.w3.org/ns/locn#",
    "oa": "http://www.w3.org/ns/oa#",
    "odrl": "http://www.w3.org/ns/odrl/2/",
    "time": "http://www.w3.org/2006/time#",
}
"""Prefixes that templates and examples use."""

_PREFIXED: Final = re.compile(r"(?<![\w/<#:.-])([a-z0-9]+):[A-Za-z]")
_CLAUSE: Final = re.compile(r"(?<=\}) (INSERT|WHERE) \{ ")
_DISTRIBUTION: Final = NamedNode(f"{DCAT}distribution")
_TOPIC: Final = NamedNode(f"{FOAF}primaryTopic")
_ADDRESS: Final = re.compile(r"https?://[^/\s]+")
ADDITION: Final = "INSERT DATA "
"""How a remedy begins that leaves what is there."""

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
    prefixes, pieces, names = _template(template, is_new=is_new)
    terms = {
        "dataset": str(place.dataset),
        "distribution": "?blank" if isinstance(distribution, BlankNode) else str(distribution),
        "record": str(place.record),
        "key": place.key,
        "today": place.today.isoformat(),
        "value": "?value" if isinstance(value, BlankNode) else str(value),
    }
    filled = [terms[name] if name in terms else str(place.part(name.removeprefix("#"))) for name in names]
    text = "".join(chain.from_iterable(zip(pieces, [*filled, ""], strict=True)))
    patterns = ""
    if isinstance(distribution, BlankNode) and "distribution" in names:
        patterns = f"{place.dataset} dcat:distribution ?blank FILTER (ISBLANK(?blank)) "
    if isinstance(value, BlankNode) and "value" in names:
        patterns += "FILTER (ISBLANK(?value)) "
    return prefixes + _with_patterns(text, patterns)


@lru_cache(maxsize=256)
def _template(template: str, *, is_new: bool) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """The prefixes of a template, its pieces, and the names of what comes between them (``#name``: a part of the dataset).

    :param is_new: the distribution is, and is described where ``{new}`` stands.
    """
    described = _NEW if _ACCESS in template else _WITH_ACCESS
    text = in_lines(template.replace("{new} ", described if is_new else ""))
    pieces = _PLACEHOLDER.split(text)
    names = [f"#{part}" if part else name for part, name in zip(pieces[1::3], pieces[2::3], strict=True)]
    uses_distribution = "dcat:distribution ?blank " if "{distribution}" in text else ""
    return prefixes_of(text + uses_distribution), tuple(pieces[::3]), tuple(names)


def _with_patterns(update: str, patterns: str) -> str:
    """The update with more at the beginning of its WHERE clause, which it gets when it has none."""
    if not patterns:
        return update
    if update.startswith(ADDITION):
        return f"INSERT {update.removeprefix(ADDITION)}\nWHERE {{ {patterns}}}"
    head, where, tail = update.partition("\nWHERE { ")
    return f"{head}{where}{patterns}{tail}"


def in_lines(update: str) -> str:
    """An update without text of records in it, each of its clauses on a line."""
    return _CLAUSE.sub(r"\n\1 { ", update)


def with_prefixes(update: str) -> str:
    """The update, after the prefixes that it uses."""
    return prefixes_of(update) + update


def prefixes_of(update: str) -> str:
    """The declarations of the prefixes that an update uses."""
    used = sorted(set(_PREFIXED.findall(update)) & NAMES.keys())
    return "".join(f"PREFIX {name}: <{NAMES[name]}>\n" for name in used)
