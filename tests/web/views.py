"""Views that count, and views that fail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fairmap.model import Answer
from fairmap.namespaces import DEFAULT_BASE
from fairmap.store import History

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from fairmap.catalogue import Catalogue
    from fairmap.model import Dates, Found, Search, Suggestion


class Counting:
    """A view that counts what is asked of it."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._view = catalogue.view
        self.base_iri = DEFAULT_BASE
        self.queries = 0

    def query(self, text: str, **options: Any) -> Answer:
        """Counted."""
        self.queries += 1
        return self._view.query(text, **options)

    def select(self, text: str, /, **terms: Any) -> Any:
        """Counted."""
        self.queries += 1
        return self._view.select(text, **terms)

    def construct(self, text: str, /, **terms: Any) -> Any:
        """Counted."""
        self.queries += 1
        return self._view.construct(text, **terms)

    def find(self, search: Search) -> Found:
        """Counted."""
        self.queries += 1
        return self._view.find(search)

    def suggest(self, text: str, limit: int = 8) -> tuple[Suggestion, ...]:
        """Counted."""
        self.queries += 1
        return self._view.suggest(text, limit)

    def dump(self, form: str) -> Answer:
        """Not counted."""
        return self._view.dump(form)

    def graph_names(self) -> Iterable[str]:
        """Counted."""
        self.queries += 1
        return self._view.graph_names()

    def graphs(self, names: Sequence[str]) -> Iterable[tuple[str, bytes]]:
        """Counted."""
        self.queries += 1
        return self._view.graphs(names)

    def gone(self) -> Any:
        """Not counted."""
        return self._view.gone()

    @property
    def dates(self) -> Dates:
        """Not counted."""
        return self._view.dates

    def revision(self) -> int:
        """Not counted."""
        return self._view.revision()


class Failing:
    """A view that fails, at once or after the first bytes."""

    base_iri = DEFAULT_BASE

    def __init__(self, error: Exception, after: bytes | None = None) -> None:
        self._error = error
        self._after = after

    def query(self, _text: str, **_: Any) -> Answer:
        """Fails."""
        if self._after is None:
            raise self._error
        return Answer("text/tab-separated-values", self._chunks(self._after), None, 1)

    def _chunks(self, first: bytes) -> Iterator[bytes]:
        yield first
        raise self._error

    def select(self, _query: str, /, **_: Any) -> Any:
        """Fails."""
        raise self._error

    def construct(self, _query: str, /, **_: Any) -> Any:
        """Fails."""
        raise self._error

    def dump(self, _form: str) -> Answer:
        """Fails."""
        raise self._error

    def graph_names(self) -> Iterable[str]:
        """Fails."""
        raise self._error

    def graphs(self, _names: Sequence[str]) -> Iterable[tuple[str, bytes]]:
        """Fails."""
        raise self._error

    def gone(self) -> dict[str, str]:
        """Nothing."""
        return {}

    @property
    def dates(self) -> Dates:
        """Nothing."""
        return History()

    def revision(self) -> int:
        """One that no answer is of."""
        return 0
