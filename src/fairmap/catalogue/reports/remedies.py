"""How to mend a finding: where to write, what to write there, and whether that is the answer or a pattern for it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from pyoxigraph import BlankNode, Literal, NamedNode

from fairmap.catalogue.reports.examples import example, from_text
from fairmap.catalogue.reports.snippets import Writer, found_in
from fairmap.catalogue.reports.words import component, short, term_of
from fairmap.describe.words import LABELS
from fairmap.namespaces import XSD
from fairmap.shacl.datatypes import is_well_formed

if TYPE_CHECKING:
    from fairmap.catalogue.reports.examples import Example
    from fairmap.model import Finding, Place, Source

_WEB: Final = re.compile(r"(?:https?://|mailto:|urn:|doi:)\S+\Z")
_MAIL: Final = re.compile(r"[^@\s<>\"]+@[^@\s<>\"]+\.[^@\s<>\"]+\Z")
_TOGETHER: Final = re.compile(r"together with \S+ a (?P<kind>[\w-]+:\w+)")
_WHERE: Final = {"Turtle": "at the end", "N-Triples": "at the end", "N-Quads": "at the end"}
_DAY_FIRST: Final = re.compile(
    r"(?P<day>1[3-9]|2[0-9]|3[01])[-./](?P<month>0?[1-9]|1[0-2])[-./](?P<year>[12][0-9]{3})\Z"
)
_YEAR_FIRST: Final = re.compile(
    r"(?P<year>[12][0-9]{3})[-./](?P<month>0?[1-9]|1[0-2])[-./](?P<day>0?[1-9]|[12][0-9]|3[01])\Z"
)
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


def remedy(finding: Finding, source: Source | None) -> Remedy | None:
    """How to mend it; ``None`` when only the message tells.

    :param source: the document that the finding's place is in.
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
        return _in_place(finding, found, writer, place)
    return _added(finding, found, writer, place)


def _in_place(finding: Finding, found: Example, writer: Writer, place: Place) -> Remedy:
    """Another value in the place of the one that is there."""
    given, wanted = term_of(finding.value or ""), found.statement.object
    assert isinstance(wanted, NamedNode | BlankNode | Literal)  # noqa: S101 - Turtle without triple terms
    mended = _mended(given, wanted)
    lead = f"Replace line {place.line}" if writer.source else "Write this value"
    if not writer.is_turtle or writer.source is None:
        text = writer.member(found) if mended is None or writer.source else writer.term(mended)
        return Remedy(f"{lead} by a value in this form:", text, writer.form)
    new = writer.value(found) if mended is None else writer.term(mended)
    old = found_in(place.text, given, writer.source)
    told = "" if mended is not None else ", with your own value in this form"
    if old is None:
        return Remedy(f"At line {place.line}, write the value{told}:", new, writer.form, is_pattern=mended is None)
    line = place.text.strip().replace(old, new)
    return Remedy(f"Replace line {place.line} by this{told}:", line, writer.form, is_pattern=mended is None)


def _mended(
    given: NamedNode | BlankNode | Literal, wanted: NamedNode | BlankNode | Literal
) -> Literal | NamedNode | None:
    """The given value, where only its form is wrong: a type or language that is missing, or a link written as text."""
    if isinstance(given, Literal) and isinstance(wanted, NamedNode):
        if wanted.value.startswith("mailto:") and _MAIL.match(given.value):
            return NamedNode(f"mailto:{given.value}")
        return NamedNode(given.value) if _WEB.match(given.value) and wanted.value.startswith("http") else None
    if not isinstance(given, Literal) or not isinstance(wanted, Literal):
        return None
    if wanted.language:
        plain = not given.language and given.datatype.value == f"{XSD}string"
        return Literal(given.value, language=wanted.language) if plain else None
    typed = Literal(_lexical(given.value, wanted), datatype=wanted.datatype)
    return typed if given != typed and is_well_formed(typed) else None


def _lexical(text: str, wanted: Literal) -> str:
    """A date in the order of the standard, where only one reading is possible; else the text without spaces around it."""
    match = _DAY_FIRST.match(text.strip()) or _YEAR_FIRST.match(text.strip())
    if match is None or wanted.datatype.value != f"{XSD}date":
        return text.strip()
    return f"{match['year']}-{int(match['month']):02}-{int(match['day']):02}"


def _added(finding: Finding, found: Example, writer: Writer, place: Place | None) -> Remedy:
    """A statement more about the node."""
    if writer.source is None:
        text = writer.member(found) if finding.focus.startswith("_:") else writer.statement(found, finding.focus)
        where = "Add this inside the nested description" if finding.focus.startswith("_:") else "Add this to the record"
        return Remedy(f"{where}:", text, writer.form)
    if writer.source.form in {"jsonld", "yamlld"}:
        where = f"Add this beside line {place.line}" if place else "Add this to the record"
        return Remedy(f"{where}, inside the same braces:", writer.member(found), writer.form)
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
