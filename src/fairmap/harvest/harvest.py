"""From a document in a published form to records that fairmap accepts, and the list of what was not understood."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pyoxigraph import NamedNode, Quad, Store, Triple

from fairmap.harvest.concepts import Concepts
from fairmap.harvest.provenance import Source, sourced
from fairmap.harvest.reading import Draft, Reading, respelt
from fairmap.harvest.telling import Telling, reached
from fairmap.model import Finding, Severity
from fairmap.namespaces import RDF, SH, compact
from fairmap.publish import Publisher
from fairmap.store import address, open_level

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from fairmap.harvest.forms import Form
    from fairmap.model import Record, ValidationReport

DROPPED: Final = "not taken over"
KEPT: Final = "kept as it is"
_ROUNDS: Final = 8
"""How often what does not conform is taken out; each round can leave something that the one before needed."""
_MISSING: Final = frozenset(f"{SH}{name}ConstraintComponent" for name in ("MinCount", "QualifiedMinCount", "HasValue"))
_TOO_MANY: Final = frozenset(f"{SH}{name}ConstraintComponent" for name in ("MaxCount", "UniqueLang"))


@dataclass(frozen=True)
class Leftover:
    """Something in the document that fairmap does not understand.

    :ivar kind: :data:`DROPPED` or :data:`KEPT`.
    :ivar record: what the document calls the record; empty: it is in none.
    :ivar property: its IRI; empty: the record as a whole.
    :ivar value: in N-Triples form; empty: any.
    :ivar text: why, in plain words.
    """

    kind: str
    record: str
    property: str
    value: str
    text: str


@dataclass(frozen=True)
class Harvested:
    """What a document holds for fairmap.

    :ivar quads: records that conform, each in its graph, the document's own among them; empty when there is none.
    :ivar records: the IRI of each record here, and what the document calls it.
    """

    quads: tuple[Quad, ...]
    records: Mapping[str, str]
    leftovers: tuple[Leftover, ...]


def harvest(
    quads: Iterable[Quad],
    form: Form,
    document: Source,
    base_iri: str,
    known: Mapping[str, Record],
    *,
    is_own: Callable[[Sequence[str]], set[str]],
) -> Harvested:
    """The records in a document. Nothing is written.

    :param quads: of the document; the names of graphs do not matter.
    :param known: the vocabularies and records that come with fairmap: what references are judged beside.
    :param is_own: of some IRIs of records, those that fairmap has from elsewhere: they are not replaced.
    """
    triples, left = _in_terms_of_dcat([quad.triple for quad in quads], form)
    reading = Reading(triples, base_iri)
    own = is_own([draft.iri for draft in reading.drafts])
    left += [_unread(triple) for triple in reading.unread]
    left += [_own(draft) for draft in reading.drafts if draft.iri in own]
    telling = Telling(Concepts.of(quad for record in known.values() for quad in record.quads), form.names)
    left += [
        _unsaid(draft, triple) for draft in reading.drafts for triple in telling.unsaid(draft) if draft.iri not in own
    ]
    told = {draft.iri: (draft, telling.tell(draft)) for draft in reading.drafts if draft.iri not in own}
    judge = _Judge(known, base_iri, document)
    kept = judge.fit(told, left)
    drafts = [draft for draft, _ in kept.values()]
    return Harvested(
        tuple(judge.quads(kept)) if kept else (),
        {draft.iri: draft.name for draft in drafts},
        tuple(dict.fromkeys(left)),
    )


def _in_terms_of_dcat(triples: Sequence[Triple], form: Form) -> tuple[list[Triple], list[Leftover]]:
    """As they are, or what the form's query makes of them, and what it makes nothing of."""
    if form.query is None:
        return list(triples), []
    respelled = [respelt(triple) for triple in triples]
    store = Store()
    store.extend(Quad(triple.subject, triple.predicate, triple.object) for triple in respelled)
    text = f"{form.name} is read without this property."
    unused = [
        Leftover(DROPPED, _name(triple.subject), triple.predicate.value, str(triple.object), text)
        for triple in respelled
        if triple.predicate.value not in form.understood
    ]
    made: Iterable[Triple] = store.query(form.query)  # type: ignore[assignment] # a CONSTRUCT gives triples
    return list(made), unused


class _Judge:
    """Fits drafts to the shapes: what does not conform is taken out and told."""

    def __init__(self, known: Mapping[str, Record], base_iri: str, document: Source) -> None:
        self._base = base_iri
        self._document = document
        self._publisher = Publisher(open_level(address("memory:")), base_iri)
        self._publisher.write(known, origin="map")

    def quads(self, told: Mapping[str, tuple[Draft, list[Triple]]]) -> list[Quad]:
        """All records with their sources."""
        drafts = [draft for draft, _ in told.values()]
        source = NamedNode(self._document.iri(self._base))
        found = [_in(triple, source) for triple in self._document.triples(self._base, drafts)]
        for iri, (draft, triples) in told.items():
            found += [_in(triple, NamedNode(iri)) for triple in sourced(draft, triples, self._document, self._base)]
        return found

    def fit(
        self, told: dict[str, tuple[Draft, list[Triple]]], left: list[Leftover]
    ) -> dict[str, tuple[Draft, list[Triple]]]:
        """The records that conform, without what does not."""
        for _ in range(_ROUNDS):
            report = self._report(told)
            faults = [finding for finding in report.findings if finding.severity is Severity.VIOLATION]
            if not faults:
                left += [_kept(finding, told) for finding in report.findings if finding.record in told]
                return told
            told = self._without(told, faults, left)
        left += [_whole(draft, "It does not conform, whatever is left out of it.") for draft, _ in told.values()]
        return {}

    def _report(self, told: Mapping[str, tuple[Draft, list[Triple]]]) -> ValidationReport:
        return self._publisher.judge(self.quads(told))[1]

    def _without(
        self, told: Mapping[str, tuple[Draft, list[Triple]]], faults: Sequence[Finding], left: list[Leftover]
    ) -> dict[str, tuple[Draft, list[Triple]]]:
        by_record: dict[str, list[Finding]] = {}
        for fault in faults:
            by_record.setdefault(fault.record or "", []).append(fault)
        found = {}
        for iri, (draft, triples) in told.items():
            rest = _mended(draft, triples, by_record.get(iri, ()), left)
            if rest is not None:
                found[iri] = (draft, rest)
        return found


def _mended(
    draft: Draft, triples: list[Triple], faults: Iterable[Finding], left: list[Leftover]
) -> list[Triple] | None:
    """The record without its faults; ``None``: there is no record without them."""
    rest = triples
    for fault in faults:
        culprits = _culprits(fault, rest)
        if not culprits and _is_mended(fault, rest):
            continue
        if not culprits:
            left.append(_whole(draft, fault.message))
            return None
        left += [Leftover(DROPPED, draft.name, t.predicate.value, str(t.object), fault.message) for t in culprits]
        rest = reached([triple for triple in rest if triple not in culprits], NamedNode(draft.iri))
    return rest


def _is_mended(fault: Finding, triples: Sequence[Triple]) -> bool:
    """Whether what the fault is about went with another fault."""
    if not any(_name(triple.subject) == fault.focus for triple in triples):
        return True
    return fault.value is not None and not any(
        fault.value in {str(triple.object), _name(triple.object)}
        for triple in triples
        if _name(triple.subject) == fault.focus
    )


def _culprits(fault: Finding, triples: Sequence[Triple]) -> set[Triple]:
    """The triples that a fault comes from; none: it is that the record lacks something."""
    at = [
        t
        for t in triples
        if _name(t.subject) == fault.focus and (fault.path is None or t.predicate.value == fault.path)
    ]
    if fault.component in _MISSING or not at:
        return {t for t in triples if _name(t.object) == fault.focus and t.predicate.value != f"{RDF}type"}
    if fault.value is not None:
        return {t for t in at if str(t.object) == fault.value or _name(t.object) == fault.value} or set(at)
    if fault.component in _TOO_MANY:
        return set(sorted(at, key=lambda triple: str(triple.object))[1:])
    return (
        {t for t in triples if _name(t.object) == fault.focus and t.predicate.value != f"{RDF}type"}
        if fault.path is None
        else set(at)
    )


def _in(triple: Triple, graph: NamedNode) -> Quad:
    return Quad(triple.subject, triple.predicate, triple.object, graph)


def _name(term: object) -> str:
    return term.value if isinstance(term, NamedNode) else str(term)


def _kept(finding: Finding, told: Mapping[str, tuple[Draft, list[Triple]]]) -> Leftover:
    draft, _ = told[finding.record or ""]
    return Leftover(KEPT, draft.name, finding.path or "", finding.value or "", finding.message)


def _whole(draft: Draft, text: str) -> Leftover:
    return Leftover(DROPPED, draft.name, "", "", f"This {draft.kind} is not taken over. {text}")


def _own(draft: Draft) -> Leftover:
    text = f"fairmap has this {draft.kind} from elsewhere; it is not replaced by a description in another form."
    return Leftover(DROPPED, draft.name, "", "", text)


def _unsaid(draft: Draft, triple: Triple) -> Leftover:
    text = "A record of fairmap says with this property where it is read from."
    return Leftover(DROPPED, draft.name, triple.predicate.value, str(triple.object), text)


def _unread(triple: Triple) -> Leftover:
    text = f"No dataset, catalogue or agent leads to {compact(_name(triple.subject))}."
    return Leftover(DROPPED, _name(triple.subject), triple.predicate.value, str(triple.object), text)
