"""When records changed, asked of a view process."""

from __future__ import annotations

from dataclasses import astuple
from typing import TYPE_CHECKING, Any

from fairmap.model import Dated

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fairmap.model import Dates


class AskedDates:
    """:class:`fairmap.model.Dates` that lie elsewhere."""

    def __init__(self, ask: Callable[[str, dict[str, Any]], Any]) -> None:
        """``ask`` gives what :func:`answer` gives there for the name of a question and its arguments."""
        self._ask = ask

    def entries(
        self,
        prefixes: Sequence[str],
        *,
        after: int = 0,
        before: int | None = None,
        limit: int = 100,
        deleted: bool = True,
    ) -> list[Dated]:
        """As :meth:`fairmap.model.Dates.entries`."""
        told = {"prefixes": list(prefixes), "after": after, "before": before, "limit": limit, "deleted": deleted}
        return [Dated(*row) for row in self._ask("entries", told)]

    def count(self, prefixes: Sequence[str], *, after: int = 0, before: int | None = None, deleted: bool = True) -> int:
        """As :meth:`fairmap.model.Dates.count`."""
        told = {"prefixes": list(prefixes), "after": after, "before": before, "deleted": deleted}
        return int(self._ask("count", told))

    def of(self, iris: Sequence[str]) -> dict[str, Dated]:
        """As :meth:`fairmap.model.Dates.of`."""
        return {row[0]: Dated(*row) for row in self._ask("of", {"iris": list(iris)})}

    def fragments(self, prefixes: Sequence[str]) -> list[int]:
        """As :meth:`fairmap.model.Dates.fragments`."""
        return list(map(int, self._ask("fragments", {"prefixes": list(prefixes)})))

    def latest(self) -> int:
        """As :meth:`fairmap.model.Dates.latest`."""
        return int(self._ask("latest", {}))


def answer(dates: Dates, question: str, arguments: dict[str, Any]) -> Any:
    """What ``dates`` say, as JSON can carry it."""
    if question == "entries":
        return [astuple(dated) for dated in dates.entries(**arguments)]
    if question == "of":
        return [astuple(dated) for dated in dates.of(**arguments).values()]
    if question == "count":
        return dates.count(**arguments)
    return dates.fragments(**arguments) if question == "fragments" else dates.latest()
