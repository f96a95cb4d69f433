"""The page of a record of any kind."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from pyoxigraph import NamedNode

from fairmap.describe.access import steps
from fairmap.describe.facts import Facts, more, sections
from fairmap.describe.fair import MEASUREMENT, fair
from fairmap.describe.mentions import mentions
from fairmap.describe.page import Origin, RecordPage, Ref, Section
from fairmap.describe.parts import Parts
from fairmap.describe.queries import load
from fairmap.describe.references import References, short_iri
from fairmap.describe.statements import MOST, Statements
from fairmap.describe.values import Values
from fairmap.describe.words import DISTRIBUTION, SECTIONS, TYPE
from fairmap.errors import Gone, NotFound
from fairmap.namespaces import DCAT, DCT, FM, FOAF, KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pyoxigraph import BlankNode, Literal

    from fairmap.describe.page import Fact, Fair, Value
    from fairmap.model import Reader

_NUMBER: Final = re.compile(r"-(\d+)\Z")
_ELSEWHERE: Final = (f"{DCT}description", f"{DCAT}distribution", f"{FM}inferred", MEASUREMENT)
_ACCESS: Final = "access"
_SILENT: Final = "This record says nothing about access. What holds it may: see the connections below."
_WITH_ACCESS: Final = frozenset({"repository", "dataset"})


def record(reader: Reader, iri: str) -> RecordPage:
    """What the graph says of a record, in order of use: everything, but of many datasets some.

    Four queries, five for a source or a repository with more datasets than are told.

    :raises NotFound: when the view has no such record.
    :raises Gone: when it was withdrawn, with the date.
    """
    statements = Statements.of_record(reader, iri)
    if not statements:
        raise missing(reader, iri)
    values = Values(iri, statements, References.of_things(reader, statements.things()))
    return _page(reader, NamedNode(iri), Facts(values))


def missing(reader: Reader, iri: str) -> NotFound:
    """The error for a record that is not there."""
    since = reader.gone().get(iri)
    if since:
        return Gone(f"the record was withdrawn on {since[:10]}", where=iri)
    return NotFound("there is no such record", where=iri)


def _page(reader: Reader, subject: NamedNode, facts: Facts) -> RecordPage:
    """The order matters: :func:`more` comes last and tells what nothing before it has told."""
    kind = kind_of(subject.value, reader.base_iri)
    statements = facts.values.statements
    statements.take(subject, f"{FM}inferred")
    lead = facts.fact(subject, f"{DCT}description")
    made = sections(facts, subject, _ELSEWHERE)
    if kind in _WITH_ACCESS:
        made = _with_access(made, facts, subject)
    distributions = _distributions(facts, subject)
    answers = fair(facts, subject) if kind == "repository" else None
    parts = Parts(reader, facts, subject) if kind == "source" else None
    tree = (*parts.of(subject), *parts.activities()) if parts else ()
    rest = more(facts, subject, _ELSEWHERE)
    return RecordPage(
        subject.value,
        kind,
        _title(facts, subject),
        lead,
        origins(reader.select(load("origin"), record=subject)),
        (*made, rest) if rest else made,
        answers,
        distributions,
        mentions(reader, subject.value, subject.value),
        tree,
        _reasons(lead, made, answers),
        _datasets(reader, facts, subject),
    )


def _datasets(reader: Reader, facts: Facts, subject: NamedNode) -> int | None:
    """How many datasets there are, when not all of them are told."""
    if len(facts.values.statements.look(subject, f"{DCAT}dataset")) < MOST:
        return None
    number = int(reader.select(load("datasets_of"), record=subject)[0]["number"].value)
    return number if number > MOST else None


def kind_of(iri: str, base_iri: str) -> str:
    """The kind that stands in a record's IRI."""
    kind = iri.removeprefix(base_iri).partition("/")[0]
    return kind if kind in KINDS else "record"


def origins(rows: Iterable[Mapping[str, NamedNode | BlankNode | Literal]]) -> tuple[Origin, ...]:
    """Sources with their dates from rows of ``?source ?title ?issued``."""
    found = {}
    for row in rows:
        source = row["source"].value
        issued = row["issued"].value if "issued" in row else None
        found[source] = Origin(Ref(row["title"].value if "title" in row else short_iri(source), source), issued)
    return tuple(found[source] for source in sorted(found))


def _title(facts: Facts, subject: NamedNode) -> str:
    statements = facts.values.statements
    names = statements.look(subject, f"{DCT}title") or statements.look(subject, f"{FOAF}name")
    if not names:
        return short_iri(subject.value)
    english = [name for name in names if (getattr(name, "language", None) or "en").startswith("en")]
    return (english or names)[0].value


def _reasons(lead: Fact | None, made: Iterable[Section], answers: Fair | None) -> tuple[Value, ...]:
    """Every reason that the page gives, once, by its text."""
    facts = [*((lead,) if lead else ()), *(fact for section in made for fact in section.facts)]
    claims = [claim for fact in facts for claim in fact.claims]
    if answers:
        claims += answers.unknown
        for dimension in answers.dimensions:
            claims += [*dimension.unknown, *(answer.claim for answer in dimension.answers)]
    found = {claim.reason.iri: claim.reason for claim in claims if claim.reason}
    return tuple(sorted(found.values(), key=lambda reason: reason.text))


def _with_access(made: tuple[Section, ...], facts: Facts, subject: NamedNode) -> tuple[Section, ...]:
    """The sections with the steps to the data; where nothing is said of access, a section that says so, last but one."""
    if any(section.key == _ACCESS for section in made):
        told = steps(facts, subject)
        return tuple(replace(section, steps=told) if section.key == _ACCESS else section for section in made)
    title = next(title for key, title, _ in SECTIONS if key == _ACCESS)
    return (*made[:-1], Section(_ACCESS, title, steps=(_SILENT,)), *made[-1:])


def _distributions(facts: Facts, dataset: NamedNode) -> tuple[Section, ...]:
    """A section for each distribution, keyed by its number."""
    statements = facts.values.statements
    found: list[tuple[int, Section]] = []
    for iri in statements.iris(dataset, f"{DCAT}distribution"):
        node = NamedNode(iri)
        statements.take(node, TYPE)
        number = _NUMBER.search(iri)
        others = [name for name in facts.names(node) if name not in {*DISTRIBUTION, TYPE}]
        told = facts.facts(node, (*DISTRIBUTION, *others))
        if told:
            key = number[1] if number else str(len(found) + 1)
            found.append((int(key), Section(key, f"Distribution {key}", told)))
    return tuple(section for _, section in sorted(found, key=lambda pair: pair[0]))
