"""How to mend a finding: where to write, what to write there, and whether that is the answer or a pattern for it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from fairmap.catalogue.reports.examples import example, from_text
from fairmap.catalogue.reports.mending import described, mended
from fairmap.catalogue.reports.snippets import Writer, found_in
from fairmap.catalogue.reports.words import component, short, term_of
from fairmap.describe.words import LABELS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fairmap.catalogue.reports.examples import Example
    from fairmap.model import Finding, Place, Source

_TOGETHER: Final = re.compile(r"together with \S+ a (?P<kind>[\w-]+:\w+)")
_WHERE: Final = {"Turtle": "at the end", "N-Triples": "at the end", "N-Quads": "at the end"}
_OF_VALUES: Final = frozenset({"MaxCount", "UniqueLang", "QualifiedMaxCount"})


@dataclass(frozen=True)
class Remedy:
    """What to do.

    :ivar lead: in words, what to do with ``text``.
    :ivar text: what to write, or empty.
    :ivar form: what ``text`` is written in.
    :ivar is_pattern: ``text`` is an example: the reader's own value goes in its place.
    """

    lead: str
    text: str = ""
    form: str = "Turtle"
    is_pattern: bool = True


def remedy(finding: Finding, source: Source | None, others: Sequence[Finding] = ()) -> Remedy | None:
    """How to mend it; ``None`` when only the message tells.

    :param source: the document that the finding's place is in.
    :param others: findings about the same value, which may tell more of how it is written.
    """
    name = component(finding)
    if name == "Closed":
        return _unknown_property(finding)
    if name in _OF_VALUES and finding.places:
        lines = ", ".join(str(place.line) for place in finding.places)
        several = len(finding.places) > 1
        return Remedy(f"Keep the one that holds and take the {'others' if several else 'other'} out (line {lines}).")
    writer = Writer(source)
    if name == "Class" and (told := _described(finding, writer)):
        return told
    found = example(finding)
    if found is None:
        return None
    place = finding.place
    if finding.value is not None and finding.path is not None and place is not None and place.what == "value":
        value = term_of(finding.value)
        better = mended(value, found) or described(value, (finding, *others))
        old = None if source is None else found_in(place.text, value, source)
        return _in_place(better or found, writer, place, old=old, is_pattern=better is None or better.texts > 1)
    return _added(finding, found, writer, place)


def _in_place(given: Example, writer: Writer, place: Place, *, old: str | None, is_pattern: bool) -> Remedy:
    """Another value in the place of the one that is there."""
    new, told = writer.value(given), ", with your own value in this form" if is_pattern else ""
    if old is not None:
        line = place.text.strip().replace(old, new)
        return Remedy(f"Replace line {place.line} by this{told}:", line, writer.form, is_pattern=is_pattern)
    return Remedy(f"At line {place.line}, write the value{told}:", new, writer.form, is_pattern=is_pattern)


def _added(finding: Finding, found: Example, writer: Writer, place: Place | None) -> Remedy:
    """A statement more about the node."""
    if writer.source is None:
        text = writer.member(found) if finding.focus.startswith("_:") else writer.statement(found, finding.focus)
        where = "Add this inside the nested description" if finding.focus.startswith("_:") else "Add this to the record"
        return Remedy(f"{where}:", text, writer.form)
    if writer.source.form in {"jsonld", "yamlld"}:
        return Remedy(f"Add this {_among_members(place)}:", writer.member(found), writer.form)
    if not finding.focus.startswith("_:"):
        where = "at the end of the file" if writer.source.form != "trig" else "among the other lines of the record"
        text = writer.statement(found, finding.focus)
        return Remedy(f"Add this {where}:", text, writer.form)
    member = writer.member(found)
    if place and place.text.rstrip().endswith(("[", ";")):
        return Remedy(f"Add this as a new line after line {place.line}:", member, writer.form)
    where = f"in line {place.line}" if place and "[" in place.text else "of this description"
    return Remedy(f"Write this right after the opening bracket [ {where}:", member, writer.form)


def _described(finding: Finding, writer: Writer) -> Remedy | None:
    """The description of a thing that the message says must be there beside the link to it."""
    match = _TOGETHER.search(finding.message)
    if match is None or not (finding.value or "").startswith("<"):
        return None
    found = from_text(f"a {match['kind']}")
    if found is None:
        return None
    lead = f"Describe {term_of(finding.value or '').value} in the same file, {_WHERE.get(writer.form, 'beside the record')}:"
    return Remedy(lead, writer.statement(found, term_of(finding.value or "").value), writer.form, is_pattern=False)


def _among_members(place: Place | None) -> str:
    """Where another member of an object goes: before its first one, which is at the place."""
    if place is None:
        return "to the record"
    if place.text.lstrip().startswith(("{", "[", "-")):
        return f"beside what stands in line {place.line}, inside the same braces"
    return f"as a new line before line {place.line}, indented like it"


def _unknown_property(finding: Finding) -> Remedy:
    near = _near(finding.path or "")
    if near:
        return Remedy(f"If you meant {LABELS[near]}, write {short(near)} in place of {short(finding.path or '')}.")
    return Remedy("Correct the property's name, or leave it if you need it: it is kept as it is.")


def _near(path: str) -> str | None:
    """The known property whose name is the most like it."""
    names = {re.split(r"[/#]", iri)[-1]: iri for iri in LABELS}
    found = get_close_matches(re.split(r"[/#]", path)[-1], names, n=1, cutoff=0.75)
    return names[found[0]] if found and names[found[0]] != path else None
