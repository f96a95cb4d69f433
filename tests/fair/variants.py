"""Variants of the complete record: each with IRIs and identifiers of its own, so that many are judged at once."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store

from conftest import ROOT
from fairmap.fair import METRIC_SETS, Auditor, Criteria, datasets
from fairmap.namespaces import DEFAULT_BASE, XSD
from fairmap.rdf import FORMATS, by_name, parse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fairmap.fair import Assessment
    from fairmap.shacl.paths import Node, Term

FOLDER = ROOT / "tests" / "fair"
COMPLETE = FOLDER / "complete.ttl"
TURTLE = by_name("turtle", FORMATS)
INTEGER, COUNT = NamedNode(f"{XSD}integer"), NamedNode(f"{XSD}nonNegativeInteger")
PREFIXES = "\n".join(
    line.replace("@prefix", "PREFIX").removesuffix(" .")
    for line in COMPLETE.read_text(encoding="utf-8").splitlines()
    if line.startswith("@prefix")
)


@dataclass(frozen=True)
class Fault:
    """A single fault.

    :ivar clause: of the specification that it breaks.
    :ivar criteria: that should see it.
    """

    name: str
    clause: str
    criteria: tuple[str, ...]
    update: str


def faults() -> list[Fault]:
    """Those of ``faults.toml``."""
    with (FOLDER / "faults.toml").open("rb") as file:
        found = tomllib.load(file)["fault"]
    return [Fault(f["name"], f["clause"], tuple(f["criterion"].split()), f["update"]) for f in found]


class Variant:
    """A record in a store of its own.

    :param number: makes its IRIs and identifiers differ from those of other variants.
    """

    def __init__(self, text: str, number: int) -> None:
        self._number = number
        self._counts: set[str] = set()
        self.store = Store()
        self.store.extend(parse(self._own(text).encode(), TURTLE))

    def _own(self, text: str) -> str:
        self._note(text)
        text = re.sub(r"(data|hospital|hdab)\.example\.org", rf"\g<1>{self._number}.example.org", text)
        return text.replace("10.5072/", f"10.5072/v{self._number}-").replace("00000000000N", f"{self._number:012d}")

    def update(self, text: str) -> None:
        """Change it by an update about the complete record."""
        self.store.update(f"{self._own(PREFIXES)}\n{self._own(text)}")

    def mend(self, fix: str) -> None:
        """Change it by a remedy."""
        self._note(fix)
        self.store.update(fix)

    def _note(self, text: str) -> None:
        """Remember which numbers were written as counts: the store rewrites them."""
        self._counts.update(re.findall(r'"(\d+)"\^\^xsd:nonNegativeInteger', text))

    @property
    def quads(self) -> list[Quad]:
        """All of it, literals as they were written."""
        graph = DefaultGraph()
        return [Quad(quad.subject, quad.predicate, self._written(quad.object), graph) for quad in self.store]

    def _written(self, term: Term) -> Term:
        if isinstance(term, Literal) and term.datatype == INTEGER and term.value in self._counts:
            return Literal(term.value, datatype=COUNT)
        return term

    @property
    def node(self) -> Node:
        """Its dataset; one that was added beside it is not meant."""
        (found,) = [node for node in datasets(self.quads) if not node.value.endswith("/other")]
        return found


def complete(number: int) -> Variant:
    """The complete record."""
    return Variant(COMPLETE.read_text(encoding="utf-8"), number)


def bare(number: int) -> Variant:
    """A dataset of which nothing is said."""
    return Variant("<https://data.example.org/bare> a <http://www.w3.org/ns/dcat#Dataset> .", number)


def auditor() -> Auditor:
    """One that judges by everything."""
    return Auditor(Criteria(DEFAULT_BASE), METRIC_SETS, DEFAULT_BASE)


def assess(variants: Sequence[Variant]) -> list[Assessment]:
    """Their assessments, in their order."""
    quads = [quad for variant in variants for quad in variant.quads]
    return auditor().assess(quads, [variant.node for variant in variants], graph_digest="0" * 64)


def outcomes(assessment: Assessment) -> dict[str, str]:
    """The outcome of each criterion."""
    return {judgement.criterion.notation: judgement.outcome.value for judgement in assessment.judgements}


def fixes(assessment: Assessment, notation: str) -> list[str | None]:
    """The remedies of a criterion."""
    (found,) = [judgement for judgement in assessment.judgements if judgement.criterion.notation == notation]
    return [failure.fix for failure in found.failures]
