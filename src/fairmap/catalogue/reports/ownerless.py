"""What lies in no record, told once for each thing: its lines, and why no record has it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from fairmap.namespaces import DCAT
from fairmap.publish.staging import OUTSIDE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fairmap.model import Finding

_OWNER: Final = "/DistributionOwner"
_DISTRIBUTION: Final = f"{DCAT}distribution"
_PART: Final = "/distribution/"
_MOST: Final = 10
_KINDS: Final = "a catalogue, repository, dataset, distribution, person or organisation, criterion or source"


def ownerless(findings: Sequence[Finding]) -> list[Finding]:
    """The same findings, but one for each thing that lies in no record, with all its lines."""
    outside = [found for found in findings if found.shape == OUTSIDE]
    if not outside:
        return list(findings)
    inside = {found.value: found.focus for found in outside if (found.value or "").startswith("_:")}
    things: defaultdict[str, list[Finding]] = defaultdict(list)
    for found in outside:
        things[_root(found.focus, inside)].append(found)
    referring = {(found.value or "").strip("<>"): found for found in findings if found.shape.endswith(_OWNER)}
    dangling = [found for found in findings if found.path == _DISTRIBUTION and not found.shape.endswith(_OWNER)]
    told = [_told(thing, those, referring.get(thing), dangling) for thing, those in things.items()]
    return [*(found for found in findings if found.shape != OUTSIDE), *told]


def _root(node: str, inside: dict[str | None, str]) -> str:
    """What a nested description is part of, through all levels."""
    seen = set()
    while node in inside and node not in seen:
        seen.add(node)
        node = inside[node]
    return node


def _told(thing: str, those: Sequence[Finding], referring: Finding | None, dangling: Sequence[Finding]) -> Finding:
    places = sorted({place for found in those for place in found.places}, key=lambda place: (place.source, place.line))
    lines = sorted({place.line for place in places})
    rows = (
        f"Lines {lines[0]} to {lines[-1]} describe"
        if len(lines) > 1
        else f"Line {lines[0]} describes"
        if lines
        else "Some lines describe"
    )
    name = "something without a name" if thing.startswith("_:") else f"<{thing}>"
    message = f"{rows} {name}, and it belongs to no record. {_cause(thing, referring, dangling)}"
    first = min(those, key=lambda found: (found.focus != thing, found.place.line if found.place else 0))
    return replace(
        first, focus=thing, path=None, value=None, message=message, places=tuple(places)[:_MOST], parts=(), example=None
    )


def _cause(thing: str, referring: Finding | None, dangling: Sequence[Finding]) -> str:
    if referring is not None:
        return (
            f"The dataset <{referring.focus}> refers to it, but by a name that is not valid: mend that first. "
            "What else is wrong in these lines can be told only then, so more may appear after this."
        )
    near = [found for found in dangling if _PART in thing and found.value and found.record]
    if near:
        wanted, place = near[0].value, near[0].place
        where = f" (line {place.line})" if place else ""
        return (
            f"The dataset <{near[0].record}> refers to {wanted}{where}, which is not described: "
            "if this is the one that is meant, write that name here, too. More may appear after this."
        )
    if _PART in thing:
        return "No dataset refers to it by this name. Add dcat:distribution to its dataset, or correct the name: both must be the same."
    return (
        f"What a file describes must be {_KINDS}, named like https://w3id.org/fairmap/dataset/lung-ct "
        "(a distribution like https://w3id.org/fairmap/distribution/lung-ct-1), or be written inside of one. Correct the name."
    )
