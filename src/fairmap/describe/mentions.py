"""What points to a thing from elsewhere, by property."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from pyoxigraph import NamedNode

from fairmap.describe.page import Mentions, Ref
from fairmap.describe.queries import load
from fairmap.describe.references import property_name, short_iri
from fairmap.describe.words import BACKWARDS, OUTCOMES
from fairmap.namespaces import DQV, EARL, FM

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pyoxigraph import BlankNode, Literal

    from fairmap.model import Reader

_MOST: Final = 200
"""The limits in ``mentions.rq``."""


def mentions(reader: Reader, thing: str, own_graph: str | None = None) -> tuple[Mentions, ...]:
    """What points to ``thing``, grouped and sorted by property: everything, but of very many the first ones. One query.

    :param own_graph: a graph whose links are told elsewhere.
    """
    groups: defaultdict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    rows = reader.select(load("mentions"), thing=NamedNode(thing), own=NamedNode(own_graph or thing))
    for row in rows:
        link, graph = row["link"].value, row["graph"].value
        if graph == own_graph:
            continue
        iri, name = _named(row)
        names = groups[link, _label(link, row)]
        names[iri] = min(names.get(iri, name), name)
    cut = _cut(rows)
    return tuple(
        Mentions(
            link,
            label,
            tuple(
                Ref(name, iri) for iri, name in sorted(names.items(), key=lambda pair: (pair[1].casefold(), pair[0]))
            ),
            link in cut,
        )
        for (link, label), names in sorted(groups.items(), key=lambda item: item[0][1])
    )


def _cut(rows: Iterable[Mapping[str, NamedNode | BlankNode | Literal]]) -> set[str]:
    """The links by which more things may point here than were looked up."""
    found: defaultdict[str, set[object]] = defaultdict(set)
    for row in rows:
        found[row["link"].value].add((row["subject"], row["graph"]))
    return set(found) if sum(map(len, found.values())) >= _MOST else set()


def _named(row: Mapping[str, NamedNode | BlankNode | Literal]) -> tuple[str, str]:
    """The thing that points here, with its name; a part of a record goes by the record's name."""
    iri = row["subject"].value
    name = row.get("name") or (row.get("graph_name") if "#" in iri else None)
    return iri, name.value if name else short_iri(iri)


def _label(link: str, row: Mapping[str, NamedNode | BlankNode | Literal]) -> str:
    about = row.get("about")
    if about and link == f"{FM}value":
        return f"Inferred as {property_name(about.value).lower()} of"
    if link == f"{FM}reason" and about is None:
        return "Reason why a FAIR question is not answered"
    outcome = row.get("outcome")
    if outcome and link == f"{DQV}isMeasurementOf":
        key = outcome.value.removeprefix(EARL)
        return f"{BACKWARDS[link]}: {OUTCOMES.get(key, key)}"
    return BACKWARDS.get(link) or f"{property_name(link)} of"
