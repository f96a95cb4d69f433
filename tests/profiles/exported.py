"""The map in every profile, judged by our shapes and by the official ones: what holders must still tell, and whatever else is wrong."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import fairmap
from fairmap.export import TO_TELL, Source, check, projection, projection_names
from fairmap.namespaces import DCT
from fairmap.profiles import OWN, profile
from fairmap.rdf import to_graph
from profiles.comparison import STANDARDS
from profiles.official import JUDGED, background, shapes
from profiles.verdicts import official

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from fairmap.export import Projected, Projection

_IRI: Final = re.compile(r"[^<>|^()\s]+")
_HEAD: Final = """
## The map in every profile
`fairmap export --profile NAME --check` judges what it writes. Here is what comes out for the map: every record that a profile tells
of, judged by our shapes and by the official ones. A violation counts as *to tell* where the export itself remarks, for that record
and property, that the holder must still tell us; all others would be faults of the export. There are official shapes for some
profiles only, and some profiles have a schema in place of shapes, which tests ask.

| profile | records | forms | violations by our shapes | of these to tell | by the official shapes | of these to tell |
| --- | --- | --- | --- | --- | --- | --- |
"""
_FACTS: Final = """
### What holders must still tell
| | profile | what | property | records |
| --- | --- | --- | --- | --- |
"""
_RECORDS: Final = """
### By record
| record | what its holder must still tell us |
| --- | --- |
"""


@dataclass
class Result:
    """What came out for one profile.

    :ivar ours: violations by our shapes: all, and those that are to be told; ``None``: not judged by shapes.
    :ivar official: the same by the official shapes; ``None``: there are none.
    :ivar others: violations that are not to be told, ours and official, as text.
    """

    by: Projection
    projected: Sequence[Projected]
    ours: tuple[int, int] | None = None
    official: tuple[int, int] | None = None
    others: list[str] = field(default_factory=list)


def results(*, with_official: bool = True) -> list[Result]:
    """The map in all profiles."""
    with fairmap.open("memory:") as opened:
        opened.load_map()
        source = Source(opened.view)
        found = []
        for name in projection_names():
            by = projection(name)
            result = Result(by, list(by.project(source, list(source.iris(by.kinds)))))
            if by.judge and name != OWN:
                checked = check(result.projected, by)
                result.ours = len(checked.to_tell) + len(checked.faults), len(checked.to_tell)
                result.others += [f"{fault.focus} {fault.path}" for fault in checked.faults]
                if with_official:
                    _judge_officially(result)
            found.append(result)
        return found


def _judge_officially(result: Result) -> None:
    names = [name for name in JUDGED if name.partition(" ")[0] == result.by.judge]
    if not names:
        return
    total = told = 0
    remarks = _told(result.projected)
    for name in names:
        part = [one for one in result.projected if _is_of(one, name)]
        owners = {_name(triple.subject): one.iri for one in part for triple in one.triples}
        elsewhere = {one.iri for one in result.projected} - {
            one.iri for one in part
        }  # those are judged by another level
        data = to_graph(triple for one in part for triple in one.triples if _name(triple.object) not in elsewhere)
        tables, known = background(data)
        for verdict in official(data + tables, shapes(STANDARDS, name), known):
            if verdict.severity == "Violation":
                total += 1
                record = owners.get(verdict.focus, "")
                if any((record, path) in remarks for path in _IRI.findall(verdict.path)):
                    told += 1
                else:
                    result.others.append(f"official {name}: {verdict.focus} {verdict.path}")
    result.official = total, told


def _is_of(one: Projected, name: str) -> bool:
    """Whether a record is judged by a level: catalogues by the last one, datasets by their access right."""
    _, _, level = name.partition(" ")
    if not level:
        return True
    rights = {_name(triple.object) for triple in one.triples if triple.predicate.value == f"{DCT}accessRights"}
    levels = profile("healthdcat-ap").access_rights
    return next((levels[right] for right in rights if right in levels), "non-public") == level


def _told(projected: Iterable[Projected]) -> set[tuple[str, str]]:
    return {(remark.record, remark.property) for one in projected for remark in one.remarks if remark.kind == TO_TELL}


def _name(node: object) -> str:
    return str(getattr(node, "value", node))


def section(found: Sequence[Result]) -> str:
    """The section of docs/profiles.md."""
    facts = _facts(found)
    return "".join([_HEAD, *_summary(found), _FACTS, *_fact_rows(facts), _RECORDS, *_record_rows(facts)])


def _summary(found: Sequence[Result]) -> Iterator[str]:
    for one in found:
        forms = ", ".join(one.by.forms)
        cells = [one.by.name, str(len(one.projected)), forms]
        for judged in (one.ours, one.official):
            cells += [str(number) for number in judged] if judged else ["", ""]
        yield f"| {' | '.join(cells)} |\n"


def _facts(found: Sequence[Result]) -> dict[tuple[str, str, str], list[str]]:
    """The records by profile, text and property."""
    facts: dict[tuple[str, str, str], list[str]] = {}
    for one in found:
        for told in one.projected:
            for remark in told.remarks:
                if remark.kind == TO_TELL:
                    text = re.sub(r"\d+ characters", "so many characters", remark.text)
                    facts.setdefault((one.by.name, text, remark.property), []).append(told.iri)
    return facts


def _codes(facts: dict[tuple[str, str, str], list[str]]) -> dict[tuple[str, str, str], str]:
    numbers: dict[str, int] = {}
    codes = {}
    for key in facts:
        numbers[key[0]] = numbers.get(key[0], 0) + 1
        codes[key] = f"{key[0]} {numbers[key[0]]}"
    return codes


def _fact_rows(facts: dict[tuple[str, str, str], list[str]]) -> Iterator[str]:
    for key, code in _codes(facts).items():
        name, text, about = key
        told = text.removeprefix("The holder must still tell us ").rstrip(".")
        yield f"| {code.rpartition(' ')[2]} | {name} | {told} | `{about}` | {len(set(facts[key]))} |\n"


def _record_rows(facts: dict[tuple[str, str, str], list[str]]) -> Iterator[str]:
    by_record: dict[str, dict[str, list[str]]] = {}
    for key, code in _codes(facts).items():
        for iri in dict.fromkeys(facts[key]):
            by_record.setdefault(iri, {}).setdefault(key[0], []).append(code.rpartition(" ")[2])
    for iri, names in sorted(by_record.items()):
        told = "; ".join(f"{name} {', '.join(numbers)}" for name, numbers in names.items())
        yield f"| {'/'.join(iri.split('/')[-2:])} | {told} |\n"


if __name__ == "__main__":
    for line in [line for one in results() for line in one.others]:
        print(line)  # noqa: T201 - a script
