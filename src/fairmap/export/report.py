"""The report that goes with an export: what the holder must still tell, what was left out, what failed."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from fairmap.export.projection import FAILED, LEFT_OUT, TO_TELL
from fairmap.namespaces import compact

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from fairmap.export.projection import Remark

REPORT_FORMS: Final = ("text", "json")
_HEADS: Final = {
    FAILED: "Not exported:",
    TO_TELL: "The holders must still tell us:",
    LEFT_OUT: "Left out, because the profile has no place for it:",
}


def write_remarks(remarks: Iterable[Remark], form: str = "text") -> str:
    """The remarks as a document; text tells each once, with how many records it is about and the first of them.

    :param form: one of :data:`REPORT_FORMS`; JSON is complete.
    """
    if form == "json":
        return json.dumps(as_json(remarks), indent=1, ensure_ascii=False) + "\n"
    return "".join(f"{line}\n" for line in _lines(remarks))


def as_json(remarks: Iterable[Remark]) -> list[dict[str, Any]]:
    """The remarks as JSON values."""
    return [vars(remark) for remark in remarks]


def _lines(remarks: Iterable[Remark]) -> Iterator[str]:
    found: dict[str, defaultdict[tuple[str, str], list[str]]] = {kind: defaultdict(list) for kind in _HEADS}
    for remark in remarks:
        found[remark.kind][remark.text, remark.property].append(remark.record)
    for kind, texts in found.items():
        if texts:
            yield _HEADS[kind]
        for (text, name), records in texts.items():
            yield f"  {text}{f' [{compact(name)}]' if name else ''}"
            more = f" and {len(records) - 1} more" if len(records) > 1 else ""
            yield f"    {records[0]}{more}"
