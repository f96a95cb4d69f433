"""The official shapes of each profile, as they must be mended to load, and the tables they are judged with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import rdflib
from rdflib.namespace import DCTERMS, RDF, RDFS, SH, SKOS

from fairmap.profiles import Tables
from fairmap.rdf import to_graph

if TYPE_CHECKING:
    from pathlib import Path

_AP: Final = ("shapes", "range", "shapes_recommended", "mdr-vocabularies.shape")
_LEVELS: Final = ("public", "restricted", "non-public")
JUDGED: Final = ("dcat-ap", *(f"healthdcat-ap {level}" for level in _LEVELS), "fdp", "health-ri")
"""What official shapes are there for; nobody has published any for ``eucaim``."""


def shapes(standards: Path, name: str) -> rdflib.Graph:
    """The official shapes by one of the names in :data:`JUDGED`."""
    profile, _, level = name.partition(" ")
    graph = rdflib.Graph()
    for file, text in _texts(standards, profile, level):
        graph.parse(data=text, format="turtle", publicID=f"https://example.org/{file}")
    _put_conditions_on_nodes(graph)
    return graph


def _texts(standards: Path, profile: str, level: str) -> list[tuple[str, str]]:
    if profile == "dcat-ap":
        paths = [standards / "dcat-ap-3.0.1" / "html-shacl" / f"{part}.ttl" for part in _AP]
    elif profile == "health-ri":
        paths = [standards / "health-ri-core-v2" / "HRI-Datamodel-shapes.ttl"]
    elif profile == "fdp":
        paths = [*sorted((standards / "fdp").glob("*/*Shape.ttl")), *sorted((standards / "fdp").glob("*/shape-*.ttl"))]
    else:
        paths = [standards / "dcat-ap-3.0.1" / "html-shacl" / f"{part}.ttl" for part in _AP[:3]]
        validator = standards / "healthdcat-ap-r8" / "validator"
        paths += [
            validator / "shapes" / f"{level}-shapes.ttl",
            validator / "ranges" / "range.ttl",
            validator / "recommended" / f"{level}-shapes_recommended.ttl",
            validator / "controlled-vocabularies" / "mdr-vocabularies.shape.ttl",
        ]
    return [(path.name, _mend(path.read_text(encoding="utf-8"), path)) for path in paths]


def _mend(text: str, path: Path) -> str:
    """The 1.2 shapes of the FAIR Data Point lack a prefix and name a shape in the namespace of SHACL that is their own."""
    if path.parent.name == "specs-1.2-shapes":
        return "@prefix vcard: <http://www.w3.org/2006/vcard/ns#> .\n" + text.replace("sh:Contact", ":Contact")
    return text


def _put_conditions_on_nodes(graph: rdflib.Graph) -> None:
    """Release 8 puts a condition about the node into a property shape without a path, which no processor takes."""
    for node, part in list(graph.subject_objects(SH.property)):
        if (part, SH.path, None) not in graph and (part, SH["or"], None) in graph:
            graph.remove((node, SH.property, part))
            beside = rdflib.BNode()
            graph.add((beside, RDF.type, SH.NodeShape))
            for target in graph.objects(node, SH.targetClass):
                graph.add((beside, SH.targetClass, target))
            for link, value in graph.predicate_objects(part):
                graph.add((beside, link, value))


def background(data: rdflib.Graph) -> tuple[rdflib.Graph, set[str]]:
    """What an official validator loads beside the data: the terms of the tables, those that are listed; and their names."""
    tables, known = Tables.shipped(), rdflib.Graph()
    schemes: set[str] = set()
    values = {str(value) for value in data.objects() if isinstance(value, rdflib.URIRef)}
    for iri in (value for value in values if (rdflib.URIRef(value), RDF.type, None) not in data):
        if tables.unlisted(iri) is None:
            known += to_graph(tables.background([iri]))
            schemes |= {table.scheme for table in tables.of(iri) if table.scheme}
    for scheme in schemes:
        known.add((rdflib.URIRef(scheme), RDF.type, SKOS.ConceptScheme))
        known.add((rdflib.URIRef(scheme), DCTERMS.title, rdflib.Literal("table", lang="en")))
    known += to_graph(tables.background([]))
    return known, {str(node) for node in known.subjects() if (node, RDFS.subClassOf, None) not in known}
