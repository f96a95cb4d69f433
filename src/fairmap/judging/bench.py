"""What is read once, before workers are forked: the shapes of all profiles, the tables, what the FAIR audit asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from fairmap.errors import UsageError
from fairmap.fair import METRIC_SETS, Auditor, Criteria
from fairmap.profiles import OWN, Tables, load_profile, profile, profile_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fairmap.profiles import Profile
    from fairmap.shacl import Shapes


class Bench:
    """Of one deployment. Whatever a worker needs is here.

    :ivar revision: nothing here changes.
    """

    revision = 0

    def __init__(self, base_iri: str) -> None:
        self.base_iri = base_iri
        self.tables = Tables.shipped()
        self._profiles = {name: profile(name) for name in profile_names()}
        self._shapes = {
            (name, level): load_profile(name, level)
            for name, found in self._profiles.items()
            for level in (None, *found.levels)
        }
        for shapes in self._shapes.values():
            _ = shapes.parsed
        self.criteria = Criteria(base_iri)
        self._auditors: dict[tuple[str, ...], Auditor] = {}

    def profile(self, name: str) -> Profile:
        """The profile of that name.

        :raises UsageError: when there is none.
        """
        if name not in self._profiles:
            raise UsageError(f"there is no profile {name!r}", expected=", ".join(self._profiles))
        return self._profiles[name]

    def shapes(self, name: str = OWN, level: str | None = None) -> Shapes:
        """The shapes of a profile, or those of a level of it."""
        return self._shapes[name, level]

    def auditor(self, names: Sequence[str]) -> Auditor:
        """What audits by these metric sets.

        :raises UsageError: for a metric set that does not exist.
        """
        key = tuple(names) or METRIC_SETS
        if key not in self._auditors:
            self._auditors[key] = Auditor(self.criteria, key, self.base_iri)
        return self._auditors[key]

    def take(self, _kind: bytes, _payload: bytes) -> Self:
        """All there is."""
        return self
