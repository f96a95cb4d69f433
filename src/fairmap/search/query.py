"""A search as SPARQL: what anybody can run to get the same records.

Values are written by the engine, so that no text can break out of its place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pyoxigraph import Literal, NamedNode

from fairmap.errors import UsageError
from fairmap.namespaces import DCAT, FM, PREFIXES, compact
from fairmap.search.facets import BY_NAME, DATASET, DOI, HELD, KIND, REPOSITORY, UNKNOWN, Facet
from fairmap.search.table import DOI_FORM
from fairmap.text import MOST_HITS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from fairmap.model import Search

_CLASSES: Final = {REPOSITORY: f"{FM}Repository", DATASET: f"{DCAT}Dataset"}
_IDENTIFIERS: Final = "(dct:identifier|(adms:identifier/skos:notation))"
_ORDERS: Final = {
    "title": "ORDER BY LCASE(STR(?title))",
    "newest": "ORDER BY DESC(?date) LCASE(STR(?title))",
    "people": "ORDER BY DESC(?people) LCASE(STR(?title))",
}


def as_sparql(search: Search, values: Mapping[str, Sequence[str]], *, count: bool = False) -> str:
    """The query that finds the records of a search, all of them, or counts them.

    :param search: with the text that was searched for.
    :param values: IRIs or plain values of what is chosen, by facet.
    :raises UsageError: for a value that cannot be an IRI.
    """
    patterns = [*_what(search, values), *_filters(search, values)]
    body = "\n".join(f"  {line}" for pattern in patterns for line in pattern.splitlines())
    if count:
        return f"{_prologue(body)}\nSELECT (COUNT(DISTINCT ?record) AS ?records) WHERE {{\n{body}\n}}\n"
    by_score = search.sort == "relevance" and bool(search.text.strip())
    shown = ["(SAMPLE(?name) AS ?title)"]
    tail = [*body.splitlines(), "  OPTIONAL { ?record dct:title ?name }"]
    if search.sort == "newest":
        tail.append("  OPTIONAL { ?record dct:modified ?changed } OPTIONAL { ?record dct:issued ?issued }")
        shown.append("(MAX(COALESCE(?changed, ?issued)) AS ?date)")
    elif search.sort == "people":
        tail.append("  OPTIONAL { ?record healthdcatap:numberOfUniqueIndividuals ?number }")
        shown.append("(MAX(?number) AS ?people)")
    elif by_score:
        shown.append("(MAX(?score) AS ?best)")
    order = "ORDER BY DESC(?best) ?record" if by_score else _ORDERS.get(search.sort, _ORDERS["title"])
    where = "\n".join(tail)
    return f"{_prologue(where + ' '.join(shown))}\nSELECT ?record {' '.join(shown)} WHERE {{\n{where}\n}}\nGROUP BY ?record\n{order}\n"


def _prologue(text: str) -> str:
    """The prefixes that a text uses."""
    used = [name for name in sorted(PREFIXES) if f"{name}:" in text]
    return "\n".join(f"PREFIX {name}: <{PREFIXES[name]}>" for name in used)


def _what(search: Search, values: Mapping[str, Sequence[str]]) -> Iterator[str]:
    if search.text.strip():
        yield f"(?record ?score) fm:textMatch ({Literal(search.text)} {MOST_HITS}) ."
    kinds = values.get(KIND) or tuple(_CLASSES)
    whole = KIND in search.whole
    if whole:
        yield from (f"?record a {compact(_CLASSES[kind])} ." for kind in kinds)
    else:
        yield f"VALUES ?kind {{ {' '.join(compact(_CLASSES[kind]) for kind in kinds)} }}\n?record a ?kind ."


def _filters(search: Search, values: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for name, chosen in values.items():
        if name == KIND or not chosen:
            continue
        if name == DOI:
            yield from _doi(chosen, whole=name in search.whole)
        elif name in search.whole:
            yield from (_among(BY_NAME[name], [value]) for value in chosen)
        else:
            yield _among(BY_NAME[name], chosen)


def _doi(chosen: Sequence[str], *, whole: bool) -> Iterator[str]:
    has = f'{{ ?record {_IDENTIFIERS} ?identifier FILTER REGEX(STR(?identifier), {Literal(DOI_FORM)}, "i") }}'
    if whole or len(set(chosen)) == 1:
        yield from (f"FILTER {'EXISTS' if value == 'true' else 'NOT EXISTS'} {has}" for value in dict.fromkeys(chosen))


def _among(facet: Facet, chosen: Sequence[str]) -> str:
    """The records with one of the values."""
    variable = f"?{facet.name}"
    values = f"VALUES {variable} {{ {' '.join(_term(value) for value in chosen)} }}"
    if facet.name == HELD:
        return f"{{ SELECT DISTINCT ?record WHERE {{\n  {values}\n  {variable} a fm:Repository ; dcat:dataset ?record .\n}} }}"
    if facet.name == UNKNOWN:
        has = f"?absence a fm:AbsenceStatement ; fm:about ?record ; fm:property|fm:reason {variable}"
        return f"{{ SELECT DISTINCT ?record WHERE {{\n  {values}\n  {has} .\n}} }}"
    path = "|".join(compact(link) for link in facet.links)
    if facet.is_deep:
        path = f"({path})/(skos:broader|fm:bodyPart)*"
    if facet.of_distributions:
        path = f"{path}|(dcat:distribution/{compact(facet.links[0])})"
    return f"{{ SELECT DISTINCT ?record WHERE {{\n  {values}\n  ?record {path} {variable} .\n}} }}"


def _term(value: str) -> str:
    try:
        return str(NamedNode(value))
    except ValueError as error:
        raise UsageError(f"{value[:80]!r} is not an IRI") from error
