"""Whether datasets conform to application profiles: to one that a criterion names, or to the one that the catalogue record claims."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, Protocol

from pyoxigraph import BlankNode, NamedNode, Triple

from fairmap.fair.assessment import Failure, Outcome
from fairmap.fair.findings import Reading
from fairmap.fair.mending import Spot, mend
from fairmap.fair.remedy import ADDITION, Place, remedy
from fairmap.namespaces import DCAT, DCT, FOAF, RDF
from fairmap.profiles import Demands
from fairmap.profiles.description import RECORDS
from fairmap.shacl.paths import Predicate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import date

    from pyoxigraph import Quad

    from fairmap.fair.findings import Found
    from fairmap.fair.graph import Graph
    from fairmap.shacl import DataGraph, Result
    from fairmap.shacl.paths import Node, Term

CLAIMED: Final = "claimed"
"""Stands for the profile that the catalogue record of a dataset names, and for :data:`FALLBACK` when it names none."""

FALLBACK: Final = "dcat-ap"
_TYPE, _CONFORMS, _TOPIC = NamedNode(f"{RDF}type"), NamedNode(f"{DCT}conformsTo"), NamedNode(f"{FOAF}primaryTopic")
_DATASET, _CATALOG_RECORD = NamedNode(f"{DCAT}Dataset"), NamedNode(f"{DCAT}CatalogRecord")


@dataclass(frozen=True)
class Verdict:
    """Whether a dataset conforms to a profile.

    :ivar note: by which profile it was judged, or why it was not.
    :ivar evidence: the triples it rests on.
    """

    outcome: Outcome
    note: str
    failures: tuple[Failure, ...] = ()
    evidence: tuple[Triple, ...] = ()


class Profiles(Protocol):
    """Judges datasets by application profiles."""

    def background(self, quads: Sequence[Quad], /) -> list[Quad]:
        """Triples that its judgement needs in the data graph, beside the quads."""
        ...

    def judge(
        self, data: DataGraph, graph: Graph, asked: Mapping[str, Sequence[Node]], today: date, /
    ) -> Callable[[str, Node], Verdict]:
        """What tells the verdict on one of the datasets by a profile.

        :param asked: datasets by the profile: a name, or :data:`CLAIMED`.
        :param today: for dates that remedies give as examples.
        """
        ...


class Conformance:
    """Judges by what the profiles that come with fairmap demand; to be kept, since reading their shapes takes time.

    :param base_iri: ``{base_iri}profile/{name}`` is a name of a profile, too.
    """

    def __init__(self, base_iri: str, templates: Mapping[NamedNode, str]) -> None:
        """``templates``: remedies of properties of a dataset, which are taken before those made from the profile's examples."""
        self._base_iri = base_iri
        self._templates = templates

    @cached_property
    def _demands(self) -> Demands:
        return Demands()

    @cached_property
    def _names(self) -> dict[str, str]:
        """The name of the profile by the IRIs that claim it."""
        profiles = self._demands.profiles
        known = {iri: name for name, by in profiles.items() for iri in by.iris}
        return known | {f"{self._base_iri}profile/{name}": name for name in profiles}

    def background(self, quads: Sequence[Quad]) -> list[Quad]:
        """The kinds of the terms of tables."""
        return self._demands.background(quads)

    def judge(
        self, data: DataGraph, graph: Graph, asked: Mapping[str, Sequence[Node]], today: date
    ) -> Callable[[str, Node], Verdict]:
        """The verdicts: all datasets are judged in one run."""
        claims = {node: self._claim(graph, node) for node in asked.get(CLAIMED, ())}
        by_name: dict[str, list[Node]] = {name: list(nodes) for name, nodes in asked.items() if name != CLAIMED}
        for node, claim in claims.items():
            if claim.name:
                by_name.setdefault(claim.name, []).append(node)
        broken = self._demands.violations(data, by_name)
        by_dataset = {name: _by_dataset(data, results) for name, results in broken.items()}

        def verdict(name: str, node: Node) -> Verdict:
            claim = claims[node] if name == CLAIMED else _Claim(name, ())
            if claim.name is None:
                return Verdict(
                    Outcome.UNTESTED, f"there are no shapes for {claim.evidence[0].object}", (), claim.evidence
                )
            note = f"judged by {self._demands.profiles[claim.name].title}"
            spots = by_dataset[claim.name].get(node)
            if spots:
                failures = self._failures(graph, node, spots, today)
                return Verdict(Outcome.FAILED, note, tuple(dict.fromkeys(failures)))
            return Verdict(Outcome.PASSED, note, (), claim.evidence or (Triple(node, _TYPE, _DATASET),))

        return verdict

    def _failures(
        self, graph: Graph, node: Node, spots: Sequence[tuple[Result, Spot]], today: date
    ) -> Iterator[Failure]:
        place = Place(graph, node, self._base_iri, today) if isinstance(node, NamedNode) else None
        reading = Reading()
        for result, spot in spots:
            found = reading.found(result)
            part = None if spot.node == node else str(spot.node)
            value = None if found.value is None else str(found.value)
            fix = None
            if place is not None:
                fix = self._remedy(place, result, found) if part is None else mend(graph, found, result.path, spot)
            yield Failure(found.message, found.path, value, found.severity, fix, part)

    def _remedy(self, place: Place, result: Result, found: Found) -> str | None:
        """The remedy of a criterion that asks for the same property, where it fits; else one made from the example."""
        template = self._templates.get(result.path.iri) if isinstance(result.path, Predicate) else None
        if template is None or (found.value is not None and template.startswith(ADDITION)):
            return mend(place.graph, found, result.path, Spot(place.dataset, ()))
        return remedy(template, place, found.path, None)

    def _claim(self, graph: Graph, node: Node) -> _Claim:
        """The first profile named by the catalogue record that is known, else the first one."""
        told = [
            Triple(record, _CONFORMS, iri)
            for record in graph.subjects(_TOPIC, node)
            for iri in graph.objects(record, _CONFORMS)
            if isinstance(iri, NamedNode)
        ]
        for triple in told:
            name = self._names.get(triple.object.value.rstrip("/#"))  # type: ignore[union-attr]
            if name:
                return _Claim(name, (triple,))
        return _Claim(None, (told[0],)) if told else _Claim(FALLBACK, ())


@dataclass(frozen=True)
class _Claim:
    """A profile, ``None`` when it is not known, and what claims it."""

    name: str | None
    evidence: tuple[Triple, ...]


def _by_dataset(data: DataGraph, results: Sequence[Result]) -> dict[Node, list[tuple[Result, Spot]]]:
    """The results about a dataset, what belongs to it and its catalogue record."""
    found: dict[Node, list[tuple[Result, Spot]]] = defaultdict(list)
    spots: dict[Term, list[tuple[Node, Spot]]] = {}
    for result in results:
        focus = result.focus
        if isinstance(focus, NamedNode | BlankNode):
            if focus not in spots:
                spots[focus] = list(_spots(data, focus))
            for node, spot in spots[focus]:
                found[node].append((result, spot))
    return found


def _spots(data: DataGraph, focus: Node) -> Iterator[tuple[Node, Spot]]:
    """Each dataset that a node belongs to, and the way from the dataset to the node; other records are not crossed."""
    seen = {focus}
    waiting: list[tuple[Node, tuple[Triple, ...]]] = [(focus, ())]
    for node, way in waiting:
        types = set(data.objects(node, _TYPE))
        if _DATASET in types:
            yield node, Spot(focus, way)
        elif _CATALOG_RECORD in types:
            for topic in data.objects(node, _TOPIC):
                if isinstance(topic, NamedNode | BlankNode):
                    yield topic, Spot(focus, way)
        elif not types & RECORDS:
            for step in data.links(node):
                owner = step.subject
                if isinstance(owner, NamedNode | BlankNode) and owner not in seen:
                    seen.add(owner)
                    waiting.append((owner, (step, *way)))
