"""Everything once before workers are forked: what Python reads when it is needed first is then there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fairmap.catalogue.reports import REPORT_FORMATS
from fairmap.fair import METRIC_SETS
from fairmap.judging.task import Part, Role, Task
from fairmap.judging.verdict import verdict
from fairmap.namespaces import CONTEXT, DCAT, SH
from fairmap.profiles import profile_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fairmap.judging.bench import Bench

_DATASET: Final = f"<urn:fairmap:rehearsal> a <{DCAT}Dataset> ; <{DCAT}byteSize> 007 ."
_SHAPES: Final = f"""[] a <{SH}NodeShape> ; <{SH}targetClass> <{DCAT}Dataset> ;
  <{SH}property> [ <{SH}path> <{DCAT}byteSize> ; <{SH}pattern> "x" ; <{SH}minInclusive> 8 ] ;
  <{SH}sparql> [ <{SH}message> "{{?this}}" ; <{SH}select> "SELECT $this {{ $this a ?class }}" ] ."""
_DOCUMENTS: Final = {
    "turtle": _DATASET,
    "jsonld": f'{{"@context": "{CONTEXT}", "@id": "urn:fairmap:rehearsal", "@type": "{DCAT}Dataset"}}',
    "rdfxml": '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>',
    "ntriples": "",
    "trig": "",
    "nquads": "",
    "yamlld": f'"@context": {CONTEXT}\n"@id": urn:fairmap:rehearsal\n"@type": {DCAT}Dataset\n',
}


def rehearse(bench: Bench) -> None:
    """Judge a little by each profile, in each syntax and report, and audit."""
    for task, documents in _tasks():
        verdict(bench, task, documents, lambda _: b"")


def _tasks() -> Iterator[tuple[Task, list[tuple[Part, bytes]]]]:
    data = (Part(Role.DATA, "data", "turtle"), _DATASET.encode())
    for name in profile_names():
        yield Task("text", name), [data]
    for form, text in _DOCUMENTS.items():
        yield Task("text", profile_names()[1]), [(Part(Role.DATA, "data", form), text.encode())]
    for report in REPORT_FORMATS:
        yield Task(report), [data, (Part(Role.SHAPES, "shapes", "turtle"), _SHAPES.encode())]
    for names in ((), *((name,) for name in METRIC_SETS)):
        yield Task("json", record="urn:fairmap:rehearsal", metrics=names), [data]
