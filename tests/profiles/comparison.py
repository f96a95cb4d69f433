"""Our shapes and the official ones over the same records, and the reasons of their differences."""

from __future__ import annotations

import csv
import logging
import warnings
from collections import Counter, defaultdict
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import rdflib
from pyoxigraph import RdfFormat, parse
from rdflib.namespace import DCAT, DCTERMS, RDF

from fairmap.namespaces import compact
from fairmap.profiles import judge, profile
from profiles.official import JUDGED, background, shapes
from profiles.variants import moved, variants
from profiles.verdicts import Verdict, official, ours

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fairmap.model import ValidationReport

HERE: Final = Path(__file__).parent
ROOT: Final = HERE.parents[1]
STANDARDS: Final = ROOT.parent / "shared" / "standards"


_RIGHTS: Final = "http://publications.europa.eu/resource/authority/access-right/"
_BY_LEVEL: Final = frozenset(
    str(path)
    for path in (
        *(DCTERMS.accessRights, DCTERMS.provenance, DCTERMS.source, DCTERMS.type, DCTERMS.language, DCTERMS.relation),
        *(DCAT.contactPoint, DCAT.keyword, DCAT.landingPage, DCAT.theme),
    )
)
"""What the levels of HealthDCAT-AP differ in; of the rest, the datasets that are not public are enough."""


class Reason(NamedTuple):
    """Why the two sides differ in one kind of verdict; the class and the path with prefixes, ``*`` for any."""

    profile: str
    only: str
    about: str
    path: str
    severity: str
    reason: str

    def fits(self, name: str, only: str, about: str, path: str, severity: str) -> bool:
        """Whether a difference is of this kind."""
        wanted = (self.profile, self.only, self.about, self.path, self.severity)
        got = (name.partition(" ")[0], only, about, path, severity)
        return all(want in {"*", had} for want, had in zip(wanted, got, strict=True))


@dataclass
class Comparison:
    """The outcome for one profile.

    :ivar records: how many records were judged.
    :ivar same: how many verdicts both sides give.
    :ivar differences: how often each kind of difference stands, by (only, class, path, severity).
    """

    name: str
    records: int
    same: int
    differences: Counter[tuple[str, str, str, str]]


def reasons() -> list[Reason]:
    """The listed reasons."""
    with (HERE / "reasons.csv").open(encoding="utf-8", newline="") as file:
        return [Reason(**row) for row in csv.DictReader(file)]


def compare(name: str) -> Comparison:
    """Judge the records of a profile by both sides, on literals as they are written."""
    with _as_written():
        data, records = _records(name)
        return _compared(name, data, records)


@contextmanager
def _as_written() -> Iterator[None]:
    """Keep lexical forms, and do not tell of ill-formed ones: they are put in on purpose."""
    normalise, log = rdflib.NORMALIZE_LITERALS, logging.getLogger("rdflib.term")
    rdflib.NORMALIZE_LITERALS = False
    log.disabled = True
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "(Parsing|Serializing) weird", UserWarning)
            yield
    finally:
        rdflib.NORMALIZE_LITERALS = normalise
        log.disabled = False


def _compared(name: str, data: rdflib.Graph, records: int) -> Comparison:
    known, names = background(data)
    theirs = official(data + known, shapes(STANDARDS, name), names)
    quads = parse(data.serialize(format="nt").encode(), format=RdfFormat.N_TRIPLES)
    report = judge(quads, profile(name.partition(" ")[0]))
    mine = ours(report)
    counts: Counter[tuple[str, str, str, str]] = Counter()
    kinds, elsewhere, unlisted = _kinds(data), _of_other_levels(data, name), _unlisted(report)
    for only, verdicts in (("ours", mine - theirs), ("official", theirs - mine)):
        for verdict in verdicts:
            if verdict.focus not in elsewhere:
                is_unlisted = only == "official" and (verdict.focus, verdict.path) in unlisted
                counts[
                    only, "*" if is_unlisted else kinds[verdict.focus], _short(verdict, is_unlisted), verdict.severity
                ] += 1
    return Comparison(name, records, len(mine & theirs), counts)


def _unlisted(report: ValidationReport) -> set[tuple[str, str]]:
    """The nodes and properties with a term that our copy of its table does not list: told, and no fault."""
    return {(f.focus.removeprefix("_:"), f.path or "-") for f in report.findings if "/shapes/tables/" in f.shape}


def _of_other_levels(data: rdflib.Graph, name: str) -> set[str]:
    """The datasets that another level judges; where the access right is none of the table, that is the level non-public."""
    _, _, level = name.partition(" ")
    if not level:
        return set()
    right = rdflib.URIRef(f"{_RIGHTS}{level.upper().replace('-', '_')}")
    others = {rdflib.URIRef(f"{_RIGHTS}{key}") for key in ("PUBLIC", "RESTRICTED", "NON_PUBLIC")} - {right}
    found = set()
    for dataset in data.subjects(RDF.type, DCAT.Dataset):
        rights = set(data.objects(dataset, DCTERMS.accessRights))
        is_one = len(rights) == 1 and rights <= {right, *others}
        if rights != {right} if level != "non-public" else is_one and rights != {right}:
            found.add(str(dataset))
    return found


def _records(name: str) -> tuple[rdflib.Graph, int]:
    """The records by one level or profile: the examples, the map, and the complete record with one fault each."""
    data, count = rdflib.Graph(), 0
    for number, graph in enumerate(_sources(name)):
        for triple in moved(graph, f"https://example.org/r{number}/"):
            data.add(triple)
        count += 1
    if name == "dcat-ap":
        data.parse(ROOT / "data" / "imaging-health-data-map.ttl")
        count += len(set(data.subjects(RDF.type, rdflib.URIRef("https://w3id.org/fairmap/ns#Repository"))))
    return data, count


def _sources(name: str) -> Iterator[rdflib.Graph]:
    complete = rdflib.Graph().parse(HERE / "complete" / f"{name.replace(' ', '-')}.ttl")
    yield complete
    for example in (
        *STANDARDS.glob("health-ri-core-v2/Example-Data/*.ttl"),
        *STANDARDS.glob("dcat-ap-3.0.1/examples/*.ttl"),
    ):
        graph = rdflib.Graph().parse(example)
        if not name.startswith("healthdcat-ap") or name.endswith("non-public"):
            yield graph
    for variant in variants(complete):
        if not name.endswith((" public", " restricted")) or variant.path in _BY_LEVEL:
            yield variant.graph


def _kinds(data: rdflib.Graph) -> defaultdict[str, str]:
    found: defaultdict[str, str] = defaultdict(lambda: "untyped")
    for node, kind in sorted(data.subject_objects(RDF.type), reverse=True):
        found[str(node)] = compact(str(kind))
    return found


def _short(verdict: Verdict, is_unlisted: bool) -> str:
    if is_unlisted:
        return "unlisted"
    return verdict.path if verdict.path[0] in "-^<" else compact(verdict.path)


def unexplained(found: Comparison) -> list[str]:
    """The differences without a listed reason."""
    listed = reasons()
    return [
        f"{count} x only {kind[0]}: {' '.join(kind[1:])}"
        for kind, count in sorted(found.differences.items())
        if not any(reason.fits(found.name, *kind) for reason in listed)
    ]


__all__ = ["JUDGED", "Comparison", "Reason", "compare", "reasons", "unexplained"]
