"""Judging a foreign description by a profile."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from pyoxigraph import NamedNode

from fairmap.model import Finding, Severity, ValidationReport
from fairmap.namespaces import DCT, RDF, SH, SHAPES
from fairmap.profiles.description import Description
from fairmap.profiles.registry import load_profile
from fairmap.profiles.tables import Tables
from fairmap.shacl import ENGINES, validate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from pyoxigraph import Quad

    from fairmap.profiles.description import Node, Value
    from fairmap.profiles.registry import Profile
    from fairmap.shacl import Shapes

_ACCESS: Final = f"{DCT}accessRights"
_IN: Final = f"{SH}InConstraintComponent"


def judge(
    quads: Iterable[Quad],
    by: Profile,
    *,
    engine: str = ENGINES[0],
    load: Callable[[str, str | None], Shapes] = load_profile,
    tables: Tables | None = None,
    beside: Sequence[Quad] = (),
) -> ValidationReport:
    """What is wrong with the records in ``quads`` by a profile that is not fairmap's own.

    The records are the datasets, catalogues, services and the like; a distribution, an agent, a contact belongs to the record that
    leads to it. What kind of thing an IRI of a built-in table is counts as known. A dataset that does not name one access right of
    the profile is judged by its strictest level.

    :param load: gives the shapes of a profile, or of a level of it.
    :param tables: default: those that come with fairmap, read anew.
    :param beside: what is known of things that are not described in ``quads``; they are not judged.
    """
    description, tables = Description(quads), tables or Tables.shipped()
    background = list(tables.background(description.iris))
    focus = None
    if beside:
        background += beside
        focus = description.nodes.difference(quad.subject for quad in beside)
    findings = [*_unlisted(description, tables)]
    if not description.records:
        findings.append(_nothing(by))
    findings += _found(description, background, load(by.name, None), engine, focus)
    for level, datasets in _levels(description, by).items():
        judged = _found(description, background, load(by.name, level), engine, focus)
        findings += [finding for finding in judged if finding.focus in datasets]
    findings += _level_unknown(description, by)
    return _report(description, _told_apart(findings, description, tables))


def judge_by_shapes(
    quads: Iterable[Quad], shapes: Shapes, *, engine: str = ENGINES[0], tables: Tables | None = None
) -> ValidationReport:
    """What is wrong with descriptions by shapes that somebody brings: SHACL and nothing else, on these quads alone."""
    description = Description(quads)
    report = validate(description.quads, shapes, description.record_of, engine=engine)
    return _report(description, _told_apart(report.findings, description, tables or Tables.shipped()))


def _told_apart(findings: Iterable[Finding], description: Description, tables: Tables) -> Iterator[Finding]:
    """A copy of a vocabulary that came along is not the fault of the record that uses it; one that came alone is judged itself."""
    if not description.records:
        yield from findings
        return
    typed = (node.value for node in description.typed if isinstance(node, NamedNode))
    foreign = description.belongs_to([*(iri for iri in typed if tables.of(iri)), *description.elsewhere])
    for found in findings:
        is_foreign = found.focus in foreign and found.focus not in description.named
        yield replace(found, record=None, title=None, vocabulary=True) if is_foreign else found


def _report(description: Description, findings: Iterable[Finding]) -> ValidationReport:
    nodes = description.records or description.typed
    names = tuple(node.value for node in nodes if isinstance(node, NamedNode))
    return ValidationReport(tuple(sorted(set(findings), key=_order)), names)


def _found(
    description: Description, background: Sequence[Quad], shapes: Shapes, engine: str, focus: frozenset[Value] | None
) -> Iterator[Finding]:
    """The findings about the description itself; a term of a table is not to blame for what its table leaves out."""
    data = [*description.quads, *background]
    report = validate(data, shapes, description.record_of, engine=engine, focus=focus)
    known = {str(quad.subject.value) for quad in background if isinstance(quad.subject, NamedNode)}
    return (finding for finding in report.findings if finding.focus not in known)


def _levels(description: Description, by: Profile) -> dict[str, set[str]]:
    """The datasets by level, as findings name them."""
    found: dict[str, set[str]] = {}
    if by.levels:
        for node, rights in description.datasets.items():
            found.setdefault(by.level_of(rights), set()).add(_name(node))
    return found


def _level_unknown(description: Description, by: Profile) -> Iterator[Finding]:
    if not by.levels:
        return
    strictest = list(by.levels)[-1]
    for node, rights in description.datasets.items():
        if by.named_level(rights) is None:
            said = "names no access right" if not rights else "does not name exactly one access right of the EU table"
            yield Finding(
                Severity.INFO,
                description.record(node),
                _name(node),
                _ACCESS,
                None,
                f"The dataset {said}, so it was judged as {strictest}; e.g. dct:accessRights <{list(by.access_rights)[-1]}>.",
                f"{SHAPES}{by.name}/level",
                _IN,
            )


def _unlisted(description: Description, tables: Tables) -> Iterator[Finding]:
    missing = {iri: table for iri in description.iris if (table := tables.unlisted(iri))}
    for node, link, value in description.statements:
        if isinstance(value, NamedNode) and value.value in missing and link != f"{RDF}type":
            table = missing[value.value]
            yield Finding(
                Severity.INFO,
                description.record(node),
                _name(node),
                link,
                str(value),
                f"Label not known here: fairmap's copy of the {table.title} does not list this IRI. It was accepted; check its spelling.",
                f"{SHAPES}tables/{table.name}",
                _IN,
            )


def _nothing(by: Profile) -> Finding:
    return Finding(
        Severity.VIOLATION,
        None,
        "input",
        None,
        None,
        "There is no dataset, catalogue or data service in it, so nothing was judged; e.g. <https://example.org/dataset/1> a dcat:Dataset.",
        f"{SHAPES}{by.name}/records",
        f"{SH}MinCountConstraintComponent",
    )


def _name(node: Node) -> str:
    return node.value if isinstance(node, NamedNode) else str(node)


def _order(finding: Finding) -> tuple[str, ...]:
    return finding.record or "", finding.focus, finding.path or "", finding.message, finding.value or "", finding.shape
