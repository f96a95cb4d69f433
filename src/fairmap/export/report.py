"""The report that goes with an export: what the holder must still tell, what was left out, what failed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from fairmap.export.projection import FAILED, LEFT_OUT, TO_TELL
from fairmap.namespaces import compact

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from fairmap.export.projection import Projected, Remark

_HEADS: Final = {
    FAILED: "Not exported:",
    TO_TELL: "The holders must still tell us:",
    LEFT_OUT: "Left out:",
}


class Tally:
    """Remarks counted as they pass: how many records each is about, and the first of them."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str, str], tuple[str, int]] = {}

    def watch(self, projected: Iterable[Projected]) -> Iterator[Projected]:
        """The same records; their remarks are counted."""
        for one in projected:
            for remark in one.remarks:
                self.add(remark)
            yield one

    def add(self, remark: Remark) -> None:
        """Count one."""
        key = remark.kind, remark.text, remark.property
        first, count = self._found.get(key, (remark.record, 0))
        self._found[key] = first, count + 1

    def text(self) -> str:
        """The report for people; empty when there was no remark."""
        return "".join(f"{line}\n" for line in self._lines())

    def _lines(self) -> Iterator[str]:
        for kind, head in _HEADS.items():
            found = [(key, value) for key, value in self._found.items() if key[0] == kind]
            if found:
                yield head
            for (_, text, name), (record, count) in sorted(found, key=lambda entry: -entry[1][1]):
                more = f" and {count - 1} more" if count > 1 else ""
                yield f"  {text}{f' ({compact(name)})' if name else ''}"
                yield f"    {record}{more}"


def write_remarks(remarks: Iterable[Remark]) -> Iterator[str]:
    """All remarks as a JSON array, one a line."""
    separator = "["
    for remark in remarks:
        yield f"{separator}{json.dumps(as_json(remark), ensure_ascii=False)}"
        separator = ",\n"
    yield "[]\n" if separator == "[" else "]\n"


def as_json(remark: Remark) -> dict[str, Any]:
    """A remark as JSON values."""
    return dict(vars(remark))
