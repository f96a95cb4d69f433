"""Writes docs/profiles.md: ``make profiles``."""

from __future__ import annotations

import csv
from collections import Counter
from typing import TYPE_CHECKING

from fairmap.profiles import profile, profile_names
from profiles.comparison import JUDGED, ROOT, Comparison, compare, reasons
from profiles.exported import results, section

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_HEAD = """# Profiles

`fairmap validate --profile NAME` judges others' descriptions by a published profile. The shapes are our own, written from the
specifications; they lie in `shapes/profiles/`, the tables of terms they need in `shapes/tables/`. This page is written by
`make profiles`; tests compare it.

| profile | of | shapes |
| --- | --- | --- |
"""
_COMPARED = """
HealthDCAT-AP judges a dataset by its access right: `public`, `restricted` or `non-public`. One that does not name exactly one
access right of the EU table is told so and judged as non-public. EUCAIM has published no shapes; ours are tested against its
tables of properties.

## Beside the official shapes
The official shapes in `../shared/standards` judge the same records: their own examples, the map, and complete records with one
fault put in, property by property (missing, doubled, text for IRI, IRI for text, wrong datatype, ill-formed, a term outside the
table or not listed, wrong class). A verdict is a node, a property and a severity. The official shapes are judged by pySHACL with
the tables listed below; those of Release 8 and of the FAIR Data Point 1.2 do not load as they are and are mended in
`tests/profiles/official.py`.

| profile | records | same verdicts | only ours | only official |
| --- | --- | --- | --- | --- |
"""
_REASONS = """
## Why verdicts differ
| profile | only | node | property | verdicts | reason |
| --- | --- | --- | --- | --- | --- |
"""
_TABLES = """
## Tables
An IRI of these tables counts as known: its kind need not be repeated in the data. One that the table does not list is accepted
and told as "label not known here"; where the number is missing the terms are not listed, and all IRIs of the namespace are
accepted.

| table | terms | source | licence |
| --- | --- | --- | --- |
"""


def page(found: Sequence[Comparison]) -> str:
    """The page, from the comparisons of all profiles."""
    parts = [_HEAD, *_profiles(), _COMPARED, *_counts(found), _REASONS, *_reasons(found), _TABLES, *_tables()]
    return "".join(parts)


def _profiles() -> Iterator[str]:
    for name in profile_names()[1:]:
        entry = profile(name)
        files = [*entry.files, *(file for level in entry.levels.values() for file in level)]
        shapes = ", ".join(f"`{file.parent.name}/{file.stem}`" for file in files)
        yield f"| `{name}` | {entry.title} | {shapes} |\n"


def _counts(found: Sequence[Comparison]) -> Iterator[str]:
    for one in found:
        only = Counter[str]()
        for kind, count in one.differences.items():
            only[kind[0]] += count
        yield f"| {one.name} | {one.records} | {one.same} | {only['ours']} | {only['official']} |\n"


def _reasons(found: Sequence[Comparison]) -> Iterator[str]:
    for reason in reasons():
        counts = [count for one in found for kind, count in one.differences.items() if reason.fits(one.name, *kind)]
        cells = (reason.profile, reason.only, reason.about, reason.path, str(sum(counts)), reason.reason)
        yield f"| {' | '.join(cell.replace('*', 'all') for cell in cells)} |\n"


def _tables() -> Iterator[str]:
    place = ROOT / "shapes" / "tables"
    with (place / "index.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            terms = place / f"{row['name']}.csv"
            count = str(len(terms.read_text(encoding="utf-8").splitlines()) - 1) if terms.is_file() else ""
            yield f"| {row['title']} | {count} | {row['source']} | {row['licence']} |\n"


if __name__ == "__main__":
    print(page([compare(name) for name in JUDGED]) + section(results()), end="")  # noqa: T201 - a script that prints a page
