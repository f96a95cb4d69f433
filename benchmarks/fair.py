"""What an audit costs: CPU time per record, by all metric sets, for records that are complete and for records of which little is said.

``python benchmarks/fair.py [RECORDS]`` prints the times, with and without the criteria that ask for a profile. One process; reading the
criteria and the profiles is told apart, reading and digesting the documents is not counted.
"""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fairmap.fair import METRIC_SETS, Auditor, Criteria, Outcome, datasets
from fairmap.fair.conformance import Verdict
from fairmap.fair.documents import write_assessments
from fairmap.namespaces import DEFAULT_BASE
from fairmap.rdf import FORMATS, by_name, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pyoxigraph import Quad

    from fairmap.shacl.paths import Node

COMPLETE: Final = Path(__file__).parents[1] / "tests" / "fair" / "complete.ttl"
POOR: Final = """@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
<https://data.example.org/lung-ct> a dcat:Dataset ; dct:title "Chest CT" ; dct:description "tbd" ; dcat:keyword "lung" ;
  dcat:distribution [ dct:format "DICOM" ] ."""


class NoProfiles:
    """Leaves the criteria that ask for a profile untested."""

    def background(self, _quads: Sequence[Quad], /) -> list[Quad]:
        """Nothing."""
        return []

    def judge(self, *_: object) -> Callable[[str, Node], Verdict]:
        """The same verdict for all."""
        return lambda _profile, _node: Verdict(Outcome.UNTESTED, "not asked here")


def document(text: str, number: int) -> bytes:
    """The record with IRIs and identifiers of its own."""
    text = re.sub(r"(data|hospital|hdab)\.example\.org", rf"\g<1>{number}.example.org", text)
    return text.replace("10.5072/", f"10.5072/v{number}-").encode()


def main(records: int) -> None:
    started = time.process_time()
    form = by_name("turtle", FORMATS)
    criteria = Criteria(DEFAULT_BASE)
    auditor = Auditor(criteria, METRIC_SETS, DEFAULT_BASE)
    without = Auditor(criteria, METRIC_SETS, DEFAULT_BASE, NoProfiles())
    first = list(parse(COMPLETE.read_bytes(), form))
    for either in (auditor, without):
        either.assess(first, datasets(first), graph_digest="")
    print(f"reading the criteria and the profiles: {time.process_time() - started:.3f} s CPU")
    for name, text in (("complete", COMPLETE.read_text(encoding="utf-8")), ("poor", POOR)):
        quads = [quad for number in range(records) for quad in parse(document(text, number), form)]
        nodes = datasets(quads)
        started = time.process_time()
        assessments = auditor.assess(quads, nodes, graph_digest="0" * 64)
        judged = time.process_time() - started
        started = time.process_time()
        without.assess(quads, nodes, graph_digest="0" * 64)
        unprofiled = time.process_time() - started
        started = time.process_time()
        size = len(write_assessments(assessments, "json"))
        written = time.process_time() - started
        failed = sum(bool(judgement.failures) for a in assessments for judgement in a.judgements) / records
        print(
            f"{records} {name} records, {len(quads)} triples, {failed:.0f} criteria fail: "
            f"judged {1000 * judged / records:.2f} ms CPU a record (without profiles {1000 * unprofiled / records:.2f}), "
            f"JSON {1000 * written / records:.2f} ms ({size // records} bytes)"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
