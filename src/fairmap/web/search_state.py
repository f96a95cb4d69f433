"""A state of the search page, and its address: each state is an address, and the same state always the same one."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import quote_plus, urlencode

from fairmap.errors import UsageError
from fairmap.model import Search
from fairmap.search import BY_NAME

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from werkzeug.datastructures import MultiDict

    from fairmap.model import Found

PATH: Final = "/search"
USUAL: Final = 20
_OTHERS: Final = frozenset({"q", "all", "sort", "page", "size", "exact", "format"})


@dataclass(frozen=True)
class State:
    """What is asked.

    :ivar chosen: keys of values by facet.
    :ivar whole: facets of which all values must be there, not one of them.
    :ivar exact: misspelt words are not corrected.
    """

    text: str = ""
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    whole: frozenset[str] = frozenset()
    sort: str = "relevance"
    page: int = 1
    size: int = USUAL
    exact: bool = False

    @classmethod
    def of(cls, fields: MultiDict[str, str]) -> Self:
        """The state that an address tells; fields that are empty are not there.

        :raises UsageError: for a field that there is not, or a number that is none.
        """
        for name in fields:
            if name not in _OTHERS and name not in BY_NAME:
                raise UsageError(
                    f"a search has no field {name[:80]!r}",
                    expected=", ".join(["q", *BY_NAME, *sorted(_OTHERS - {"q"})]),
                )
        chosen = {name: tuple(dict.fromkeys(filter(None, fields.getlist(name)))) for name in BY_NAME}
        return cls(
            fields.get("q", "").strip(),
            {name: keys for name, keys in chosen.items() if keys},
            frozenset(fields.getlist("all")) & BY_NAME.keys(),
            fields.get("sort") or "relevance",
            _number("page", fields.get("page") or "1"),
            _number("size", fields.get("size") or str(USUAL)),
            fields.get("exact") == "1",
        )

    def search(self) -> Search:
        """What is sought."""
        return Search(self.text, self.chosen, self.whole, self.sort, (self.page - 1) * self.size, self.size, self.exact)

    def told(self, found: Found) -> State:
        """The same state with the keys that the answer knows."""
        chosen = {name: tuple(count.key for count in found.facets[name] if count.is_chosen) for name in self.chosen}
        return replace(self, chosen=chosen)

    @property
    def fields(self) -> list[tuple[str, str]]:
        """The fields of the address, without those that are as usual."""
        told = [("q", self.text)] if self.text else []
        told += [(name, key) for name in BY_NAME for key in self.chosen.get(name, ())]
        told += [("all", name) for name in BY_NAME if name in self.whole and len(self.chosen.get(name, ())) > 1]
        usual = State()
        told += [("sort", self.sort)] if self.sort != usual.sort else []
        told += [("size", str(self.size))] if self.size != usual.size else []
        told += [("exact", "1")] if self.exact else []
        return told + ([("page", str(self.page))] if self.page != 1 else [])

    def address(self, **more: str) -> str:
        """Its path and fields.

        >>> State("brain MRI", {"kind": ("dataset",)}, page=2).address()
        '/search?q=brain+MRI&kind=dataset&page=2'
        """
        query = urlencode([*self.fields, *more.items()])
        return f"{PATH}?{query}" if query else PATH

    def toggled(self, facet: str, key: str) -> State:
        """With a value chosen, or no more; on its first page.

        >>> State().toggled("modality", "mri").toggled("modality", "mri").address()
        '/search'
        """
        known = self.chosen.get(facet, ())
        keys = tuple(one for one in known if one != key) if key in known else (*known, key)
        chosen = {**self.chosen, facet: keys}
        return replace(self, chosen={name: keys for name, keys in chosen.items() if keys}, page=1)

    def with_each(self, facet: str, keys: Iterable[str]) -> dict[str, str]:
        """For each key the address with it chosen, or no more: as :meth:`toggled`, for many at once.

        >>> State("brain", {"kind": ("dataset",)}).with_each("modality", ["mri"])
        {'mri': '/search?q=brain&kind=dataset&modality=mri'}
        """
        mark = "\N{INFORMATION SEPARATOR ONE}"
        known = set(self.chosen.get(facet, ()))
        before, _, after = self.toggled(facet, mark).address().partition(quote_plus(mark))
        return {
            key: self.toggled(facet, key).address() if key in known else f"{before}{quote_plus(key)}{after}"
            for key in keys
        }

    def combined(self, facet: str, *, whole: bool) -> State:
        """With all values of a facet wanted, or one of them."""
        return replace(self, whole=self.whole | {facet} if whole else self.whole - {facet}, page=1)

    def at(self, page: int) -> State:
        """On another page."""
        return replace(self, page=page)

    def sorted_by(self, sort: str) -> State:
        """In another order."""
        return replace(self, sort=sort, page=1)

    def exactly(self) -> State:
        """As it was written."""
        return replace(self, exact=True, page=1)

    def cleared(self) -> State:
        """Without chosen values."""
        return State(self.text, exact=self.exact)


def _number(name: str, text: str) -> int:
    if not (text.isdecimal() and text.isascii() and int(text[:9]) > 0):
        raise UsageError(f"{name} is not {text[:80]!r}", expected="a number from 1 on")
    return int(text[:9])
