"""The criteria as data: metric sets, criteria and their shapes out of ``shapes/fair``, the questions of D3.1 out of ``seeds/criterion``."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from importlib.metadata import version
from typing import TYPE_CHECKING, Final

from pyoxigraph import BlankNode, NamedNode, Quad

from fairmap.errors import IllFormedShapes, UsageError
from fairmap.fair.conformance import Conformance
from fairmap.fair.graph import Graph
from fairmap.fair.remedy import ADDITION
from fairmap.namespaces import DCAT, DCT, DQV, FM, RDF, SH, SKOS
from fairmap.rdf import by_file_name, parse
from fairmap.resources import folder
from fairmap.shacl import Shapes
from fairmap.shacl.paths import as_text
from fairmap.shacl.reading import Broken, ShapesGraph

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from fairmap.shacl.paths import Node, Path, Term

METRIC_SETS: Final = ("d31", "rda", "mqa", "mqa-imaging", "access")
ANSWERED: Final = "d31"
"""The metric set whose criteria a person answers."""

APPLIES: Final = "#applies"
"""Ends the IRI of the shape that finds datasets which a criterion does not apply to."""

_TYPE, _PROPERTY, _PATH, _NODE = NamedNode(f"{RDF}type"), *(NamedNode(f"{SH}{n}") for n in ("property", "path", "node"))
_LISTS: Final = (NamedNode(f"{SH}or"), NamedNode(f"{SH}and"))
_FIX, _METRIC_SET = NamedNode(f"{FM}fix"), NamedNode(f"{FM}metricSet")
_PARTS: Final = re.compile(r"\{(value|new)\}")
"""In templates that are about one value or a distribution."""

_NOTATION, _TITLE, _METRIC = NamedNode(f"{SKOS}notation"), NamedNode(f"{DCT}title"), NamedNode(f"{DQV}Metric")


class Check(Enum):
    """How a criterion is judged: local names of our terms."""

    AUTOMATIC = "automatic"
    WITHOUT_NETWORK = "automaticWithoutNetwork"
    WITH_MANIFEST = "withManifest"
    NEEDS_NETWORK = "needsNetwork"
    MANUAL = "manual"


@dataclass(frozen=True)
class Criterion:
    """What is asked of a dataset.

    :ivar notation: such as ``RDA-F1-01M``.
    :ivar why: why it matters.
    :ivar dimension: IRI.
    :ivar weight: points of a dataset that passes.
    :ivar profile: name of the profile it asks to conform to; ``None``: its own shape is asked.
    :ivar applies_to: IRI of the shape of the datasets it is asked of; ``None``: of all.
    :ivar fixes: templates of remedies, by the IRI of the shape whose result they mend.
    :ivar paths: where the triples are that its points rest on.
    :ivar missing: what it needs that no record tells; ``None``: what its ``check`` says.
    :ivar options: names of the answers that a person can choose, by their IRIs.
    """

    iri: str
    notation: str
    title: str
    why: str
    dimension: str
    weight: int
    check: Check
    profile: str | None
    applies_to: str | None
    fixes: Mapping[str, str]
    paths: tuple[Path, ...]
    options: Mapping[str, str]
    missing: str | None = None

    @property
    def has_shape(self) -> bool:
        """Whether its own shape judges."""
        return self.check in {Check.AUTOMATIC, Check.WITHOUT_NETWORK} and self.profile is None


@dataclass(frozen=True)
class MetricSet:
    """Criteria that make one score.

    :ivar name: such as ``rda``.
    """

    iri: str
    name: str
    title: str
    criteria: tuple[Criterion, ...]


class Criteria:
    """All metric sets.

    :ivar digest: SHA-256 of the files that say what is asked.
    :ivar graph: the files of ``shapes/fair``.
    :ivar texts: these files as they were written.
    :ivar version: of fairmap, which they come with.
    :ivar conformance: judges the criteria that ask for an application profile.
    """

    def __init__(self, base_iri: str) -> None:
        """Read them; the questions of D3.1 are records below ``base_iri``."""
        files = sorted((folder("shapes") / "fair").glob("*.ttl"))
        questions = folder("seeds") / "criterion" / "d31.yaml"
        texts = {path: path.read_bytes() for path in (*files, questions)}
        self.texts = [texts[path].decode() for path in files]
        self.version = version("fairmap")
        self.digest = hashlib.sha256(b"".join(texts.values())).hexdigest()
        quads = [quad for path in files for quad in parse(texts[path], by_file_name(path), name=path.name)]
        self._quads = _named(quads)
        base = f"{base_iri}criterion/d31"
        asked = parse(texts[questions], by_file_name(questions), base_iri=base, name=questions.name)
        self.graph, self._asked = Graph(self._quads), Graph(asked)
        self._shapes = ShapesGraph(self._quads)
        self._judging: dict[tuple[str, ...], Shapes] = {}
        self._sets = {found.name: found for found in self._read()}
        self.conformance = Conformance(base_iri, self._templates())

    def sets(self, names: Sequence[str]) -> tuple[MetricSet, ...]:
        """The metric sets of these names, each once.

        :raises UsageError: for another name than those of :data:`METRIC_SETS`.
        """
        for name in names:
            if name not in self._sets:
                raise UsageError(f"there is no metric set {name!r}", expected=", ".join(METRIC_SETS))
        return tuple(self._sets[name] for name in dict.fromkeys(names))

    @cached_property
    def dimensions(self) -> dict[str, str]:
        """Names of the dimensions that are not concepts of fairmap."""
        name = NamedNode(f"{SKOS}prefLabel")
        iris = self.graph.subjects(_TYPE, NamedNode(f"{DQV}Dimension"))
        return {iri.value: self.graph.text(iri, name) or iri.value for iri in iris}

    def judging(self, criteria: Sequence[Criterion]) -> Shapes:
        """:meth:`shapes`, read once for the same criteria."""
        name = tuple(criterion.iri for criterion in criteria)
        if name not in self._judging:
            self._judging[name] = Shapes(tuple(self.shapes(criteria)), ("shapes/fair",))
        return self._judging[name]

    def shapes(self, criteria: Sequence[Criterion]) -> list[Quad]:
        """Shapes for these criteria, aimed at each ``dcat:Dataset``.

        A result of a criterion names the criterion as its shape, or a part of it; one of ``{shape}#applies`` says
        that criteria with this ``fm:appliesTo`` do not apply.
        """
        target, dataset = NamedNode(f"{SH}targetClass"), NamedNode(f"{DCAT}Dataset")
        judging = [NamedNode(criterion.iri) for criterion in criteria if criterion.has_shape]
        aimed = [*self._quads, *(Quad(node, target, dataset) for node in judging)]
        for shape in sorted({criterion.applies_to for criterion in criteria if criterion.applies_to}):
            wrapper = NamedNode(f"{shape}{APPLIES}")
            aimed += [
                Quad(wrapper, _TYPE, NamedNode(f"{SH}NodeShape")),
                Quad(wrapper, target, dataset),
                Quad(wrapper, _NODE, NamedNode(shape)),
            ]
        return aimed

    def path_text(self, shape: Term) -> str | None:
        """The path of a property shape as text; ``None`` when it is none."""
        paths = self.graph.objects(shape, _PATH)
        return as_text(self._path(paths[0], shape)) if paths else None

    def _read(self) -> Iterator[MetricSet]:
        for node in self.graph.subjects(_TYPE, NamedNode(f"{FM}MetricSet")):
            name = self.graph.text(node, _NOTATION) or ""
            if name == ANSWERED:
                found = [self._question(node) for node in self._asked.subjects(_TYPE, _METRIC)]
                found.sort(key=lambda criterion: "FAIR".index(criterion.notation.removeprefix("d31-")[0]))
            else:
                found = [self._criterion(criterion) for criterion in self.graph.subjects(_METRIC_SET, node)]
            yield MetricSet(node.value, name, self.graph.text(node, _TITLE) or name, tuple(found))

    def _criterion(self, node: Node) -> Criterion:
        graph = self.graph
        check = Check((graph.iri(node, NamedNode(f"{FM}check")) or "").removeprefix(FM))
        return Criterion(
            node.value,
            graph.text(node, _NOTATION) or "",
            graph.text(node, _TITLE) or "",
            graph.text(node, NamedNode(f"{DCT}description")) or "",
            graph.iri(node, NamedNode(f"{DQV}inDimension")) or "",
            int(graph.text(node, NamedNode(f"{FM}weight")) or 0),
            check,
            graph.text(node, NamedNode(f"{FM}profile")),
            graph.iri(node, _APPLIES_TO),
            {shape.value: text for shape in self._parts(node) if (text := graph.text(shape, _FIX))},
            tuple(self._paths(node)),
            {},
            graph.text(node, NamedNode(f"{SKOS}scopeNote")),
        )

    def _question(self, node: Node) -> Criterion:
        graph, label = self._asked, NamedNode(f"{SKOS}prefLabel")
        title = graph.text(node, _TITLE) or ""
        options = {iri: graph.text(NamedNode(iri), label) or iri for iri in graph.iris(node, NamedNode(f"{FM}option"))}
        return Criterion(
            node.value,
            graph.text(node, _NOTATION) or "",
            title,
            graph.text(node, NamedNode(f"{DCT}description")) or title,
            graph.iri(node, NamedNode(f"{DQV}inDimension")) or "",
            1,
            Check.MANUAL,
            None,
            None,
            {},
            (),
            options,
        )

    def _templates(self) -> dict[NamedNode, str]:
        """Remedies of properties of a dataset, those first that replace what is there."""
        found: dict[NamedNode, str] = {}
        shapes = [
            shape for node in self.graph.subjects(_TYPE, _METRIC) for shape in self.graph.objects(node, _PROPERTY)
        ]
        for shape in shapes:
            text = self.graph.text(shape, _FIX)
            for path in self.graph.objects(shape, _PATH):
                if text and isinstance(path, NamedNode) and not _PARTS.search(text):
                    found.setdefault(path, text)
                    if not text.startswith(ADDITION):
                        found[path] = text
        return found

    def _parts(self, node: Node) -> Iterator[Node]:
        """The criterion, its property shapes and its SPARQL constraints."""
        yield node
        for name in (_PROPERTY, NamedNode(f"{SH}sparql")):
            yield from (part for part in self.graph.objects(node, name) if isinstance(part, NamedNode))

    def _paths(self, node: Node) -> Iterator[Path]:
        """Of the property shapes that look at the dataset itself, also inside ``sh:or``, ``sh:and`` and ``sh:node``."""
        graph = self.graph
        for shape in graph.objects(node, _PROPERTY):
            for path in graph.objects(shape, _PATH):
                yield self._path(path, shape)
        inside = [item for name in _LISTS for head in graph.objects(node, name) for item in graph.items(head)]
        for shape in (*inside, *graph.objects(node, _NODE)):
            if not isinstance(shape, NamedNode | BlankNode):
                continue
            yield from self._paths(shape)

    def _path(self, node: Term, shape: Term) -> Path:
        try:
            return self._shapes.path(node, shape)
        except Broken:
            raise IllFormedShapes(f"the criteria are ill-formed: {'; '.join(self._shapes.faults)}") from None


_APPLIES_TO: Final = NamedNode(f"{FM}appliesTo")


def _named(quads: Sequence[Quad]) -> list[Quad]:
    """The quads with an IRI for each part of a criterion, so that a result tells which part it is of."""
    criteria = {quad.subject for quad in quads if quad.predicate == _TYPE and quad.object == _METRIC}
    links = {_PROPERTY, NamedNode(f"{SH}sparql")}
    names: dict[object, NamedNode] = {}
    counts: dict[str, int] = {}
    for quad in quads:
        owner_node, part = quad.subject, quad.object
        if (
            owner_node in criteria
            and isinstance(owner_node, NamedNode)
            and quad.predicate in links
            and isinstance(part, BlankNode)
        ):
            owner = owner_node.value
            counts[owner] = counts.get(owner, 0) + 1
            names[part] = NamedNode(f"{owner}#part-{counts[owner]}")
    return [
        Quad(names.get(quad.subject, quad.subject), quad.predicate, names.get(quad.object, quad.object))
        for quad in quads
    ]
