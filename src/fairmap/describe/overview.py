"""What the map holds, for the home page."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from fairmap.describe.page import Overview, Ref, RepositoryRow
from fairmap.describe.queries import load
from fairmap.describe.record import origins
from fairmap.describe.references import short_iri
from fairmap.namespaces import DCAT, DCT, DQV, EARL, FM, FOAF

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyoxigraph import BlankNode, Literal, NamedNode

    from fairmap.model import Reader

_KINDS: Final = (
    (f"{FM}Repository", "repositories"),
    (f"{DCAT}Dataset", "datasets"),
    (f"{FOAF}Agent", "organisations"),
    (f"{DQV}Metric", "FAIR criteria"),
    (f"{FM}Source", "sources"),
)
_OUTCOME: Final = f"{EARL}outcome"
_UNANSWERED: Final = frozenset({f"{EARL}cantTell", f"{EARL}untested"})


def overview(reader: Reader) -> Overview:
    """Numbers of records and the first repositories by name. Four queries, whatever the map holds."""
    newest = newest_catalog(reader)
    return Overview(
        Ref(newest["title"].value, newest["catalog"].value) if newest else None,
        _text(newest, "version"),
        _text(newest, "license"),
        origins(reader.select(load("sources"))),
        _kinds(reader),
        _repositories(reader),
    )


def title(reader: Reader, record: NamedNode) -> str:
    """What a record is called; without a title its IRI in short form. One query."""
    names = [row["title"] for row in reader.select(load("title"), record=record)]
    english = [name for name in names if (getattr(name, "language", None) or "en").startswith("en")]
    return min((name.value for name in english or names), default=short_iri(record.value))


def newest_catalog(reader: Reader) -> Mapping[str, NamedNode | BlankNode | Literal]:
    """``catalog``, ``title``, ``version`` and ``license`` of the map as a whole; empty when no record describes it."""
    catalogs = sorted(
        reader.select(load("catalogs")), key=lambda row: _version(_text(row, "version") or ""), reverse=True
    )
    return catalogs[0] if catalogs else {}


def _text(row: Mapping[str, NamedNode | BlankNode | Literal], name: str) -> str | None:
    return row[name].value if name in row else None


def _version(version: str) -> list[int]:
    """Versions in the order of their numbers."""
    return [int(part) if part.isdigit() else -1 for part in version.split(".")]


def _kinds(reader: Reader) -> tuple[tuple[str, int], ...]:
    found = {row["kind"].value: int(row["number"].value) for row in reader.select(load("records_by_kind"))}
    return tuple((label, found.get(kind, 0)) for kind, label in _KINDS)


def _repositories(reader: Reader) -> tuple[RepositoryRow, ...]:
    titles: dict[str, str] = {}
    facets: defaultdict[str, defaultdict[str, set[Ref]]] = defaultdict(lambda: defaultdict(set))
    for row in reader.select(load("repositories")):
        iri, title = row["repository"].value, row["title"].value
        titles[iri] = min(titles.get(iri, title), title)
        if "facet" in row:
            value = row["value"].value
            facets[iri][row["facet"].value].add(Ref(_text(row, "label") or short_iri(value), value))
    return tuple(
        _row(Ref(titles[iri], iri), facets[iri])
        for iri in sorted(titles, key=lambda iri: (titles[iri].casefold(), iri))
    )


def _row(repository: Ref, facets: Mapping[str, Any]) -> RepositoryRow:
    def told(facet: str) -> tuple[Ref, ...]:
        return tuple(sorted(facets.get(facet, ()), key=lambda ref: ref.label.casefold()))

    outcomes = told(_OUTCOME)
    access = told(f"{FM}accessCondition")
    return RepositoryRow(
        repository,
        tuple(ref.label for ref in told(f"{DCT}spatial")),
        told(f"{FM}modality"),
        access[0] if access else None,
        sum(ref.label not in _UNANSWERED for ref in outcomes) if outcomes else None,
        len(outcomes),
    )
