"""Which profiles there are, and the files of shapes that each is made of: ``shapes/profiles/profiles.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final

from fairmap.errors import UsageError
from fairmap.resources import folder
from fairmap.shacl import load_shapes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from fairmap.shacl import Shapes

OWN: Final = "fairmap"
"""The profile of fairmap's own records; its shapes are those of the folder ``shapes`` itself."""


@dataclass(frozen=True)
class Profile:
    """A profile that descriptions are judged by.

    :ivar files: shapes for all descriptions.
    :ivar levels: by the name of a level, the shapes that only its datasets are judged by; in order, the strictest last.
    :ivar access_rights: the level of a dataset by the IRI of its access right.
    :ivar iris: by which records claim it (``dct:conformsTo``), without a ``/`` or ``#`` at the end.
    :ivar whole: those of ``files`` that ask for a description of each thing a record names.
    """

    name: str
    title: str
    files: tuple[Path, ...]
    levels: Mapping[str, tuple[Path, ...]]
    access_rights: Mapping[str, str]
    iris: frozenset[str] = frozenset()
    whole: tuple[Path, ...] = ()

    def demands(self, level: str | None = None) -> tuple[Path, ...]:
        """The files, or those of a level, that demand something of one record: no recommendations, nothing about other records."""
        files = self.files if level is None else self.levels[level]
        return tuple(file for file in files if file not in self.whole and not file.stem.startswith("recommended"))

    def named_level(self, rights: Sequence[str]) -> str | None:
        """The level that the access rights of a dataset name, when they are one right that the profile knows."""
        named = [self.access_rights[iri] for iri in rights if iri in self.access_rights]
        return named[0] if len(named) == 1 == len(rights) else None

    def level_of(self, rights: Sequence[str]) -> str:
        """The level that judges a dataset: the strictest when its access rights name none."""
        return self.named_level(rights) or list(self.levels)[-1]


def profile_names() -> list[str]:
    """The names, fairmap's own first."""
    return [OWN, *_index()]


def profile(name: str) -> Profile:
    """The profile of that name.

    :raises UsageError: when there is none.
    """
    shapes = folder("shapes")
    if name == OWN:
        return Profile(OWN, "fairmap", tuple(sorted(shapes.glob("*.ttl"))), {}, {})
    index = _index()
    if name not in index:
        near = get_close_matches(name, profile_names(), n=1)
        expected = f"{near[0]}?" if near else ", ".join(profile_names())
        raise UsageError(f"there is no profile {name!r}", expected=expected)
    entry = index[name]
    return Profile(
        name,
        entry["title"],
        tuple(shapes / "profiles" / file for file in entry["files"]),
        {
            level: tuple(shapes / "profiles" / file for file in files)
            for level, files in entry.get("levels", {}).items()
        },
        entry.get("access_rights", {}),
        frozenset(iri.rstrip("/#") for iri in (entry["source"], *entry.get("iris", ()))),
        tuple(shapes / "profiles" / file for file in entry.get("whole", ())),
    )


def load_profile(name: str, level: str | None = None) -> Shapes:
    """The shapes of a profile: those for all descriptions or, with ``level``, those that this level has beside them.

    :raises UsageError: when there is no such profile or level.
    """
    found = profile(name)
    if level is None:
        return load_shapes(found.files)
    if level not in found.levels:
        raise UsageError(f"{name} has no level {level!r}", expected=", ".join(found.levels) or "no level")
    return load_shapes(found.levels[level])


def _index() -> dict[str, dict[str, Any]]:
    return tomllib.loads((folder("shapes") / "profiles" / "profiles.toml").read_text(encoding="utf-8"))
