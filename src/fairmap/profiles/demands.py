"""What profiles demand of datasets, for many datasets at once: no recommendations, and shapes that are read once."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, Final

from pyoxigraph import NamedNode

from fairmap.namespaces import DCT, RDF, SH, SHAPES
from fairmap.profiles.registry import OWN, profile, profile_names
from fairmap.profiles.tables import Tables
from fairmap.resources import folder
from fairmap.shacl import judge, load_shapes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from pyoxigraph import Quad

    from fairmap.profiles.description import Node
    from fairmap.profiles.registry import Profile
    from fairmap.shacl import DataGraph, Result, Shapes
    from fairmap.shacl.paths import Term

_TYPE, _ACCESS = NamedNode(f"{RDF}type"), NamedNode(f"{DCT}accessRights")
_VIOLATION = NamedNode(f"{SH}Violation")
_FILES: Final = "profiles"


class Demands:
    """Judges data graphs; to be kept, since reading the shapes takes longer than judging a record.

    :ivar profiles: the published ones by name.
    """

    def __init__(self) -> None:
        self._shapes: dict[frozenset[Path], Shapes] = {}
        self.profiles = {name: profile(name) for name in profile_names() if name != OWN}

    @cached_property
    def _tables(self) -> Tables:
        return Tables.shipped()

    def background(self, quads: Iterable[Quad]) -> list[Quad]:
        """What a data graph of these quads needs beside them: the kinds of the terms of tables that they name."""
        values: dict[NamedNode, None] = {}
        typed = set()
        for quad in quads:
            if quad.predicate == _TYPE:
                typed.add(quad.subject)
            elif isinstance(quad.object, NamedNode):
                values[quad.object] = None
        return list(self._tables.background(iri.value for iri in values if iri not in typed))

    def violations(self, data: DataGraph, asked: Mapping[str, Sequence[Node]]) -> dict[str, list[Result]]:
        """What breaks demands of profiles, by the name of the profile.

        :param data: the descriptions, with their background; results are about all of it but the terms of tables.
        :param asked: the datasets that profiles are asked of, by the names of the profiles. What levels demand is asked of these only.
        """
        profiles = {name: self.profiles[name] for name in asked}
        found = self._found(data, {file for by in profiles.values() for file in by.demands()})
        broken = {name: _of(found, by.demands()) for name, by in profiles.items()}
        for name, by in profiles.items():
            for level, datasets in _levels(data, by, asked[name]).items():
                broken[name] += self._found(data, by.demands(level), frozenset(datasets))
        return broken

    def _found(self, data: DataGraph, files: Iterable[Path], focus: frozenset[Node] | None = None) -> list[Result]:
        name = frozenset(files)
        if not name:
            return []
        if name not in self._shapes:
            self._shapes[name] = load_shapes(sorted(name))
        results = judge(data, self._shapes[name].parsed, focus=focus, parts=False)
        return [
            result
            for result in dict.fromkeys(results)
            if result.severity == _VIOLATION and not self._is_of_table(result.focus)
        ]

    def _is_of_table(self, focus: Term) -> bool:
        return isinstance(focus, NamedNode) and bool(self._tables.of(focus.value))


def _of(results: Iterable[Result], files: Iterable[Path]) -> list[Result]:
    """Those of shapes in the files: the IRIs of a file's shapes begin with its name."""
    place = folder("shapes") / _FILES
    spaces = tuple(f"{SHAPES}{file.relative_to(place).with_suffix('').as_posix()}/" for file in files)
    return [result for result in results if result.shape.node.value.startswith(spaces)]


def _levels(data: DataGraph, by: Profile, nodes: Iterable[Node]) -> Mapping[str, list[Node]]:
    found: dict[str, list[Node]] = defaultdict(list)
    if by.levels:
        for node in nodes:
            found[by.level_of([value.value for value in data.objects(node, _ACCESS)])].append(node)
    return found
