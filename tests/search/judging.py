"""Search measured against what D3.1 says: ``python -m search.judging`` in ``tests/`` prints the tables of docs/search.md."""

from __future__ import annotations

import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import fairmap
from fairmap.model import Search
from fairmap.namespaces import DEFAULT_BASE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fairmap.views import LocalView

JUDGEMENTS: Final = Path(__file__).with_name("judgements.toml")
LANGUAGES: Final = {"de": "German", "es": "Spanish", "fr": "French"}
_ALL: Final = 1000


@dataclass(frozen=True)
class Judged:
    """A search and its answers.

    :ivar language: of the words.
    :ivar wanted: by the report; ``found``: by the search; both by the last part of their IRIs.
    """

    text: str
    kind: str
    is_misspelt: bool
    language: str
    wanted: frozenset[str]
    found: frozenset[str]

    @property
    def recall(self) -> float | None:
        """How much of what is wanted was found; ``None`` when nothing is."""
        return len(self.wanted & self.found) / len(self.wanted) if self.wanted else None

    @property
    def precision(self) -> float:
        """How much of what was found is wanted; of nothing, all is."""
        return len(self.wanted & self.found) / len(self.found) if self.found else 1.0


def judge(view: LocalView) -> list[Judged]:
    """Each judged search, with what is found by it."""
    questions = tomllib.loads(JUDGEMENTS.read_text())["query"]
    told = {question["text"]: question for question in questions if question.get("kind") != "dataset"}
    return [_judged(view, question, told) for question in questions]


def _judged(view: LocalView, question: dict[str, object], told: dict[str, dict[str, object]]) -> Judged:
    text, kind = str(question["text"]), str(question.get("kind", "repository"))
    answers = told[str(question["same_as"])]["answers"] if "same_as" in question else question["answers"]
    assert isinstance(answers, list)
    assert str(question["reason"])
    found = view.find(Search(text, {"kind": (kind,)}, limit=_ALL)).records
    names = frozenset(record.iri.removeprefix(f"{DEFAULT_BASE}{kind}/") for record in found)
    language = str(question.get("language", "en"))
    return Judged(text, kind, bool(question.get("misspelt")), language, frozenset(answers), names)


def means(judged: Sequence[Judged]) -> tuple[float, float]:
    """Mean recall of the searches that have answers, and mean precision."""
    recalls = [one.recall for one in judged if one.recall is not None]
    return sum(recalls) / len(recalls), sum(one.precision for one in judged) / len(judged)


def table(judged: Sequence[Judged]) -> str:
    """The tables of docs/search.md."""
    groups = {
        "all": judged,
        "repositories": [
            one for one in judged if one.kind == "repository" and not one.is_misspelt and one.language == "en"
        ],
        "datasets": [one for one in judged if one.kind == "dataset"],
        **{name: [one for one in judged if one.language == code] for code, name in LANGUAGES.items()},
        "misspelt": [one for one in judged if one.is_misspelt],
    }
    lines = ["| searches | number | recall | precision |", "|---|---|---|---|"]
    for name, group in groups.items():
        recall, precision = means(group)
        lines.append(f"| {name} | {len(group)} | {recall:.3f} | {precision:.3f} |")
    lines += ["", "| search | not found | found and not judged an answer |", "|---|---|---|"]
    lines += [_line(one) for one in judged if one.wanted != one.found]
    return "\n".join(lines)


def _line(one: Judged) -> str:
    of = " (datasets)" if one.kind == "dataset" else ""
    return f"| `{one.text}`{of} | {_named(one.wanted - one.found)} | {_named(one.found - one.wanted)} |"


def _named(names: frozenset[str]) -> str:
    return ", ".join(sorted(names)) or "none"


if __name__ == "__main__":
    with fairmap.open("memory:") as catalogue:
        catalogue.load_map()
        sys.stdout.write(table(judge(catalogue.view)) + "\n")  # type: ignore[arg-type] # a store in memory has a local view
