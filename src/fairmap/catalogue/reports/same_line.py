"""Faults that stand in the same line of a document: told together, with the line shown once."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from fairmap.catalogue.reports.groups import Group


def by_line(groups: Iterable[Group]) -> list[list[Group]]:
    """The groups in their order; those of one line, and no other, together in the place of the first."""
    found: dict[object, list[Group]] = {}
    for group in groups:
        found.setdefault(_line(group) or group, []).append(group)
    return list(found.values())


def _line(group: Group) -> tuple[str, int] | None:
    """The one line that shows what is wrong; ``None`` when more than one does, or none."""
    places = [place for case in group.cases for place in case.finding.places]
    lines = {(place.source, place.line) for place in places}
    is_whole = group.total == len(group.cases) and all(case.finding.places for case in group.cases)
    if not is_whole or len(lines) != 1 or any(place.what in {"node", "beside"} for place in places):
        return None
    return lines.pop()


def marked(pieces: Sequence[tuple[str, str, str]]) -> Iterator[tuple[str, bool]]:
    """A line in pieces, and whether each is wrong.

    :param pieces: the same line cut for each fault: before it, it, after it.
    """
    text = "".join(pieces[0])
    wrong = [False] * len(text)
    for before, found, _ in pieces:
        wrong[len(before) : len(before) + len(found)] = [True] * len(found)
    start = 0
    for end in range(1, len(text) + 1):
        if end == len(text) or wrong[end] != wrong[start]:
            yield text[start:end], wrong[start]
            start = end
