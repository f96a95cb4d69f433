"""Descriptions in a published form, made into a document that can be loaded."""

from __future__ import annotations

import csv
import hashlib
import io
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pyoxigraph import NamedNode, Quad

from fairmap import build
from fairmap.catalogue.documents import Document
from fairmap.harvest import HARVESTED, Source, form, harvest
from fairmap.model import Record
from fairmap.namespaces import PROV, RDF, compact, is_vocabulary, record_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from fairmap.harvest import Harvested, Leftover
    from fairmap.model import Reader

_FROM_ELSEWHERE: Final = f"""SELECT DISTINCT ?record WHERE {{
  VALUES ?record {{ RECORDS }} ?record <{PROV}wasDerivedFrom> ?source FILTER (!STRSTARTS(STR(?source), "HARVESTED")) }}"""
_TYPES: Final = "SELECT ?record ?type WHERE { VALUES ?record { RECORDS } ?record a ?type }"
_SHOWN: Final = 6
"""Names that are listed of those that have the same said of them."""
_FEW: Final = 500
"""Records asked for at once."""


def harvested(documents: Sequence[Document], name: str, view: Reader) -> tuple[Document, Harvested]:
    """What the documents hold, as a document to load, and what was not understood. Nothing is written.

    :param name: of the form that they are in.
    :param view: what fairmap holds already: its own records are not replaced, and can be referred to.
    :raises UsageError: for a form that is not read.
    :raises UnreadableInput: with file, line and column.
    """
    chosen = form(name)
    quads = list(chain.from_iterable(document.stream() for document in documents))
    base = view.base_iri
    shipped = build.shipped(base).records
    vocabularies = {iri: record for iri, record in shipped.items() if is_vocabulary(iri)}
    found = harvest(
        quads,
        chosen,
        _source(documents),
        base,
        {**vocabularies, **_referred_to(quads, view)},
        is_own=lambda iris: _from_elsewhere(iris, view),
    )
    missing = {} if _has(view, vocabularies) or not found.quads else vocabularies
    lines = (f"{quad} .\n" for quad in chain(chain.from_iterable(r.quads for r in missing.values()), found.quads))
    return Document("".join(lines).encode(), "nquads", documents[0].name, base), found


def leftovers_text(leftovers: Iterable[Leftover]) -> str:
    """What was not understood, like together, for people."""
    groups: dict[tuple[str, str], list[Leftover]] = {}
    for leftover in leftovers:
        groups.setdefault((leftover.kind, leftover.text), []).append(leftover)
    return "".join(
        f"{kind}: {_few([compact(found.property) if found.property else 'the record' for found in group])} "
        f"({_few([found.record for found in group])}): {text}\n"
        for (kind, text), group in sorted(groups.items(), key=lambda pair: -len(pair[1]))
    )


def _few(names: Sequence[str]) -> str:
    """The first of them, and how many more there are."""
    different = list(dict.fromkeys(names))
    return ", ".join(different[:_SHOWN]) + (f" and {len(different) - _SHOWN} more" if len(different) > _SHOWN else "")


def leftovers_csv(leftovers: Iterable[Leftover]) -> str:
    """The same one by one, with their values, as CSV."""
    output = io.StringIO()
    writer = csv.writer(output)
    writer.writerow(["kind", "record", "property", "value", "text"])
    writer.writerows([found.kind, found.record, found.property, found.value, found.text] for found in leftovers)
    return output.getvalue()


def _source(documents: Sequence[Document]) -> Source:
    digest = hashlib.sha256()
    for document in documents:
        digest.update(document.data.read_bytes() if isinstance(document.data, Path) else document.data)
    names = [document.name.rpartition("/")[2] for document in documents]
    name = names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"
    return Source(name, digest.hexdigest(), datetime.now(UTC), version("fairmap"))


def _referred_to(quads: Iterable[Quad], view: Reader) -> Mapping[str, Record]:
    """The records of the view that the document names, with their types."""
    named = {
        owner
        for quad in quads
        if isinstance(quad.object, NamedNode) and (owner := record_of(quad.object.value, view.base_iri))
    }
    types: dict[str, list[Quad]] = {}
    for row in _rows(_TYPES, named, view):
        node, of = row["record"], row["type"]
        assert isinstance(node, NamedNode)  # noqa: S101 - asked for by IRI
        types.setdefault(node.value, []).append(Quad(node, NamedNode(f"{RDF}type"), of, node))
    return {iri: Record(iri, tuple(found)) for iri, found in types.items()}


def _from_elsewhere(iris: Sequence[str], view: Reader) -> set[str]:
    query = _FROM_ELSEWHERE.replace("HARVESTED", f"{view.base_iri}{HARVESTED}")
    return {row["record"].value for row in _rows(query, iris, view)}


def _rows(query: str, iris: Iterable[str], view: Reader) -> Iterator[Mapping[str, NamedNode]]:
    ordered = sorted(iris)
    for place in range(0, len(ordered), _FEW):
        records = " ".join(str(NamedNode(iri)) for iri in ordered[place : place + _FEW])
        yield from view.select(query.replace("RECORDS", records))  # type: ignore[misc]


def _has(view: Reader, vocabularies: Iterable[str]) -> bool:
    """Whether the view has the vocabularies."""
    graph = NamedNode(min(vocabularies))
    return bool(view.select("SELECT ?s WHERE { GRAPH $graph { ?s ?p ?o } } LIMIT 1", graph=graph))
