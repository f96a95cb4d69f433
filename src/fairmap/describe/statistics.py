"""How much the map holds, by class and property."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fairmap.describe.overview import newest_catalog
from fairmap.describe.queries import load

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pyoxigraph import BlankNode, Literal, NamedNode

    from fairmap.model import Reader


@dataclass(frozen=True)
class ClassUse:
    """A class in use.

    :ivar instances: things of the class.
    :ivar properties: triples with each property whose subject is of the class, by IRI.
    """

    iri: str
    instances: int
    properties: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Statistics:
    """Counts over the union of all graphs, in the order of IRIs.

    :ivar subjects: distinct ones; so are ``objects``.
    :ivar properties: triples with each property, by IRI.
    :ivar catalog: the record of the map as a whole; its title and licence are as it says.
    """

    triples: int
    subjects: int
    objects: int
    classes: tuple[ClassUse, ...]
    properties: tuple[tuple[str, int], ...]
    catalog: str | None
    title: str | None
    license: str | None


def statistics(reader: Reader) -> Statistics:
    """The statistics of the map. Five queries, whatever it holds; each reads every triple."""
    (totals,) = reader.select(load("totals"))
    catalog = newest_catalog(reader)
    return Statistics(
        int(totals["triples"].value),
        int(totals["subjects"].value),
        int(totals["objects"].value),
        _classes(reader),
        _numbers(reader.select(load("triples_by_property")), "property"),
        catalog["catalog"].value if catalog else None,
        catalog["title"].value if catalog else None,
        catalog["license"].value if "license" in catalog else None,
    )


def _classes(reader: Reader) -> tuple[ClassUse, ...]:
    rows: defaultdict[str, list[Mapping[str, NamedNode | BlankNode | Literal]]] = defaultdict(list)
    for row in reader.select(load("triples_by_class_and_property")):
        rows[row["class"].value].append(row)
    instances = _numbers(reader.select(load("instances_by_class")), "class")
    return tuple(ClassUse(iri, number, _numbers(rows[iri], "property")) for iri, number in instances)


def _numbers(rows: Iterable[Mapping[str, NamedNode | BlankNode | Literal]], name: str) -> tuple[tuple[str, int], ...]:
    return tuple(sorted((row[name].value, int(row["number"].value)) for row in rows))
