"""Reading shapes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import rdflib
from pyshacl.entrypoints import meta_validate
from rdflib.namespace import RDF, SH

from fairmap.errors import InputError
from fairmap.rdf import by_file_name, parse, to_graph
from fairmap.resources import folder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@dataclass(frozen=True)
class Shapes:
    """A shapes graph.

    :ivar names: the files it was read from, for messages.
    """

    graph: rdflib.Graph
    names: tuple[str, ...]


def load_shapes(files: Sequence[Path] | None = None) -> Shapes:
    """The shapes of these files; without files, those that say what fairmap accepts.

    :raises UnreadableInput: with file, line and column.
    :raises InputError: when the user's shapes are ill-formed, with each fault. Source: SHACL, appendix C.
    """
    paths = sorted(folder("shapes").glob("*.ttl")) if files is None else list(files)
    graph = rdflib.Graph()
    for path in paths:
        graph += to_graph(
            parse(path.read_bytes(), by_file_name(path), base_iri=path.absolute().as_uri(), name=str(path))
        )
    shapes = Shapes(graph, tuple(str(path) for path in paths))
    if files is not None:
        _check(shapes)
    return shapes


def _check(shapes: Shapes) -> None:
    conforms, results, _ = meta_validate(shapes.graph)
    if not conforms:
        faults = [
            f"{results.value(result, SH.focusNode).n3()}: {results.value(result, SH.resultMessage)}"
            for result in results.subjects(RDF.type, SH.ValidationResult)
        ]
        raise InputError(f"the shapes are ill-formed: {'; '.join(sorted(faults))}", where=", ".join(shapes.names))
