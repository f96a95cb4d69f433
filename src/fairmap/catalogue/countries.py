"""Countries that look like ones of the EU table and are not in it as far as fairmap knows; shapes tell only what an IRI begins with."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from pyoxigraph import Literal, NamedNode

from fairmap.model import Finding, Severity
from fairmap.namespaces import DCT, SH, SHAPES, record_of
from fairmap.profiles import Tables

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pyoxigraph import Quad

    from fairmap.model import ValidationReport

_SPATIAL: Final = NamedNode(f"{DCT}spatial")
_TITLE: Final = NamedNode(f"{DCT}title")
_MESSAGE: Final = (
    "This country is not in the EU table as fairmap knows it. Check its spelling; "
    "e.g. <http://publications.europa.eu/resource/authority/country/ESP>."
)


def with_countries(
    report: ValidationReport, quads: Sequence[Quad], base_iri: str, tables: Tables | None = None
) -> ValidationReport:
    """The report of fairmap's own shapes on these quads, with a warning for each country that is not listed.

    :param tables: default: those that come with fairmap, read anew when a country is named.
    """
    values = [quad for quad in quads if quad.predicate == _SPATIAL and isinstance(quad.object, NamedNode)]
    if not values:
        return report
    found = _unlisted(values, quads, base_iri, tables or Tables.shipped())
    return replace(report, findings=(*report.findings, *found))


def _unlisted(values: Sequence[Quad], quads: Sequence[Quad], base_iri: str, tables: Tables) -> Iterator[Finding]:
    titles = {
        quad.subject: quad.object.value
        for quad in quads
        if quad.predicate == _TITLE and isinstance(quad.object, Literal)
    }
    for quad in values:
        if isinstance(quad.subject, NamedNode) and tables.unlisted(quad.object.value):  # type: ignore[union-attr]
            record = record_of(quad.subject.value, base_iri)
            yield Finding(
                Severity.WARNING,
                record,
                quad.subject.value,
                _SPATIAL.value,
                str(quad.object),
                _MESSAGE,
                f"{SHAPES}tables/country",
                f"{SH}InConstraintComponent",
                name="country",
                title=titles.get(quad.subject),
            )
