"""What a search found, as documents for programs: JSON, CSV, RDF."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any, Final

from pyoxigraph import Literal, NamedNode, Triple

from fairmap.namespaces import DCAT, DCT, FM, RDF, XSD
from fairmap.search import BY_NAME, DEEPEST
from fairmap.web.addresses import public

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fairmap.model import Found, FoundRecord
    from fairmap.web.search_state import State

HYDRA: Final = "http://www.w3.org/ns/hydra/core#"
_TYPES: Final = {"repository": f"{FM}Repository", "dataset": f"{DCAT}Dataset"}
_COLUMNS: Final = ("modality", "body_part", "topic", "access", "curation", "format_of", "country", "licence")
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""With these a spreadsheet takes a text for a formula. Source: OWASP, CSV Injection."""


def next_page(state: State, found: Found) -> State | None:
    """The page behind this one."""
    end = state.page * state.size
    return state.at(state.page + 1) if found.total > end and end + state.size <= DEEPEST else None


def as_json(state: State, found: Found, sparql: str | None) -> str:
    """The form that other tools rely on, and what else is known."""
    after = next_page(state, found)
    document: dict[str, Any] = {
        "total": found.total,
        "page": state.page,
        "next": public(after.address(format="json")) if after else None,
        "query": state.text,
        "searched": found.text,
        "corrected": found.is_mended,
        "sparql": public(sparql) if sparql else None,
        "results": [_record(record) for record in found.records],
        "facets": {name: _facet(state, name, found) for name in found.facets},
    }
    return json.dumps(document, ensure_ascii=False)


def _record(record: FoundRecord) -> dict[str, Any]:
    return {
        "iri": record.iri,
        "title": record.title,
        "kind": record.kind,
        "repository": record.repository[0] if record.repository else None,
        "why": [why.text for why in record.why],
        "matches": [{"field": why.field, "text": why.text, "concept": why.concept} for why in record.why],
        "description": record.description,
        **{name: [{"iri": iri, "label": label} for iri, label in pairs] for name, pairs in record.values.items()},
    }


def _facet(state: State, name: str, found: Found) -> list[dict[str, Any]]:
    addresses = state.with_each(name, [count.key for count in found.facets[name]])
    root = public("")
    return [
        {
            "value": count.key,
            "label": count.label,
            "count": count.number,
            "url": f"{root}{addresses[count.key]}{'&' if '?' in addresses[count.key] else '?'}format=json",
            "iri": count.iri,
            "level": count.level,
            "chosen": count.is_chosen,
        }
        for count in found.facets[name]
    ]


def as_csv(found: Found) -> str:
    """One row for each record, with labels; the first row names the columns. Source: RFC 4180."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["iri", "title", "kind", "repository", *_COLUMNS, "why", "description"])
    for record in found.records:
        values = ["; ".join(label for _, label in record.values.get(name, ())) for name in _COLUMNS]
        repository = record.repository[0] if record.repository else ""
        why = "; ".join(why.text for why in record.why)
        row = [record.iri, record.title, record.kind, repository, *values, why, record.description]
        writer.writerow([plain(cell) for cell in row])
    return text.getvalue()


def plain(cell: str) -> str:
    """A cell of a table that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def triples(state: State, found: Found) -> Iterator[Triple]:
    """A Hydra collection and its page, and of each record what the list tells. Source: Hydra Core Vocabulary, 5."""
    collection, view = NamedNode(public(state.at(1).address())), NamedNode(f"{public(state.address())}#page")
    yield _link(collection, f"{RDF}type", f"{HYDRA}Collection")
    yield Triple(
        collection, NamedNode(f"{HYDRA}totalItems"), Literal(str(found.total), datatype=NamedNode(f"{XSD}integer"))
    )
    yield Triple(collection, NamedNode(f"{HYDRA}view"), view)
    yield _link(view, f"{RDF}type", f"{HYDRA}PartialCollectionView")
    after = next_page(state, found)
    if after:
        yield _link(view, f"{HYDRA}next", public(after.address()))
    for record in found.records:
        yield _link(collection, f"{HYDRA}member", record.iri)
        yield from _of_record(record)


def _of_record(record: FoundRecord) -> Iterator[Triple]:
    node = NamedNode(record.iri)
    yield _link(node, f"{RDF}type", _TYPES[record.kind])
    yield Triple(node, NamedNode(f"{DCT}title"), Literal(record.title))
    if record.repository and record.kind == "dataset":
        yield _link(NamedNode(record.repository[0]), f"{DCAT}dataset", record.iri)
    for name, pairs in record.values.items():
        for iri, _ in pairs:
            link = next((link for link in BY_NAME[name].links if BY_NAME[name].has(iri)), None)
            if link:
                yield _link(node, _link_of(name, iri, link), iri)


def _link_of(name: str, iri: str, usual: str) -> str:
    """The property that leads to a value: an EU access right has one of its own."""
    return f"{DCT}accessRights" if name == "access" and "/access-right/" in iri else usual


def _link(subject: NamedNode, predicate: str, value: str) -> Triple:
    return Triple(subject, NamedNode(predicate), NamedNode(value))
