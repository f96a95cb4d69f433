"""How to mend a finding: where to write, what to write there, and whether that is the answer or a pattern for it."""

from __future__ import annotations

import re
from dataclasses import replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from pyoxigraph import Literal, NamedNode

from fairmap.catalogue.reports.choosing import Choice, better
from fairmap.catalogue.reports.contradictions import same_language, way_out
from fairmap.catalogue.reports.examples import example, from_text
from fairmap.catalogue.reports.inside import missing_inside
from fairmap.catalogue.reports.kinds import about, in_file, link_to, says, with_description
from fairmap.catalogue.reports.remedy import Remedy
from fairmap.catalogue.reports.renaming import renamed
from fairmap.catalogue.reports.snippets import Writer, found_in
from fairmap.catalogue.reports.stating import source_statement
from fairmap.catalogue.reports.words import component, short, term_of
from fairmap.catalogue.reports.xml_elements import Elements
from fairmap.describe.words import LABELS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fairmap.catalogue.reports.examples import Example
    from fairmap.model import Finding, Place, Source

_TOGETHER: Final = re.compile(r"(?:together with \S+ an?|described in the same data as an?) (?P<kind>[\w-]+:\w+)")
_INVERSE: Final = re.compile(r"\^<?(?P<iri>[^<>\s()|/^]+://[^<>\s()|^]+)>?\Z")
_MEMBER: Final = re.compile(r"e\.g\. <[^<>]*> (?P<predicate>[\w-]+:\w+) <[^<>]*>\.?\Z")
_BEFORE_END: Final = "before the last line (</rdf:RDF>)"
_WHERE: Final = {"Turtle": "at the end", "N-Triples": "at the end", "N-Quads": "at the end", "RDF/XML": _BEFORE_END}
_OF_VALUES: Final = frozenset({"MaxCount", "UniqueLang", "QualifiedMaxCount"})
_LONGEST: Final = 160
"""Letters of a line that is written anew as a whole; of longer ones only the piece is."""
_EXAMPLE: Final = "This is an example: put what is true for your data in its place."


def remedy(finding: Finding, source: Source | None, others: Sequence[Finding] = ()) -> Remedy | None:
    """How to mend it; ``None`` when only the message tells.

    :param source: the document that the finding's place is in.
    :param others: findings about the same value, which may tell more of how it is written.
    """
    writer = Writer(source)
    return _by_rule(finding, writer) or _by_example(finding, writer, others)


def _by_rule(finding: Finding, writer: Writer) -> Remedy | None:
    """What follows from the rule alone."""
    name = component(finding)
    if name == "Closed":
        return _unknown_property(finding)
    if name in _OF_VALUES:
        return _one_of(finding)
    if new := renamed(finding):
        return _renamed(finding, new, writer)
    if inner := missing_inside(finding, writer.source):
        return _by_example(inner, writer, ())
    told = (_other_name(finding, writer) or _described(finding, writer)) if name == "Class" else None
    return told or _member(finding, writer) or _contradiction(finding, writer) or source_statement(finding, writer)


def _by_example(finding: Finding, writer: Writer, others: Sequence[Finding]) -> Remedy | None:
    """What is like the example that comes with the rule."""
    found, place = example(finding), finding.place
    if found is None:
        return None
    if finding.value is not None and finding.path is not None and place is not None and place.what == "value":
        return _in_place(finding, better(finding, found, others, writer.source), writer, place)
    if place is not None and _takes_the_place(finding, others):
        there = replace(finding, value=place.value)
        return _in_place(there, Choice(found, is_pattern=False), writer, place)
    return _added(finding, _completed(finding, found, writer.source), writer, place)


def _takes_the_place(finding: Finding, others: Sequence[Finding]) -> bool:
    """Whether a certain value is wanted where the only one that stands there is wrong, or there can be no second."""
    place = finding.place
    if component(finding) != "HasValue" or place is None or place.what != "property" or len(finding.places) > 1:
        return False
    is_wrong = any(other.value == place.value for other in others)
    return is_wrong or re.search(r"\b(?:exactly|at most) one\b", finding.message) is not None


def piece(finding: Finding, source: Source | None, place: Place) -> tuple[str, str, str]:
    """A line in three: before the faulty value, the value as it is written, after it; all is before when the value is not seen."""
    text, value = place.text.strip(), place.value or finding.value
    if value is None or source is None:
        return text, "", ""
    span = found_in(text, term_of(value), source, finding.path or "")
    return (text[: span[0]], text[span[0] : span[1]], text[span[1] :]) if span else (text, "", "")


def _one_of(finding: Finding) -> Remedy:
    rows, hint = {place.line for place in finding.places}, ""
    if not rows:  # of a record of the map, which has no lines
        return Remedy("Keep the one that holds and take the others out.")
    if component(finding) == "UniqueLang" and (which := same_language(finding.places)):
        hint = f"{which}. In another language a text has another mark, such as @de."
    if len(rows) == 1:
        lead = f"Keep the one that holds and take what is too much out: all are in line {rows.pop()}."
        return Remedy(lead, hint=hint)
    lines = ", ".join(str(place.line) for place in finding.places)
    return Remedy(f"Keep the one that holds and take the others out (line {lines}).", hint=hint)


def _other_name(finding: Finding, writer: Writer) -> Remedy | None:
    """A distribution that is described under another name than the one by which its dataset refers to it."""
    things = writer.source.things if writer.source else ()
    near = [iri for kind, iri in things if kind.endswith("#Distribution") and f"<{iri}>" != finding.value]
    if not finding.shape.endswith("/HasDistribution") or not near or not (finding.value or "").startswith("<"):
        return None
    name = writer.term(NamedNode((finding.value or "")[1:-1]))
    others = ", ".join(writer.term(NamedNode(iri)) for iri in near)
    return Remedy(
        f"Nothing in this file is called {name}. It describes {others}: if this is the one, write {name} wherever that name stands."
    )


def _contradiction(finding: Finding, writer: Writer) -> Remedy | None:
    way = way_out(finding)
    if way is None or way.lead:
        return Remedy(way.lead) if way else None
    old, new = writer.term(NamedNode(way.old)), writer.term(NamedNode(way.new))
    lead = f"In line {way.line}, write this in place of {old}:"
    return Remedy(lead, new, writer.form, is_pattern=False, hint=way.hint)


def _renamed(finding: Finding, new: str, writer: Writer) -> Remedy:
    """Another name for a thing, wherever the old one stands."""
    old, lines = (finding.value or "").strip("<>"), sorted({place.line for place in finding.places})
    rows = " and ".join(filter(None, (", ".join(map(str, lines[:-1])), *map(str, lines[-1:]))))
    where = f"In line{'s' * (len(lines) != 1)} {rows}, write" if lines else "Write"
    return Remedy(f"{where} this in place of <{old}>:", writer.term(NamedNode(new)), writer.form, is_pattern=False)


def _in_place(finding: Finding, choice: Choice, writer: Writer, place: Place) -> Remedy:
    """Another value in the place of the one that is there."""
    before, old, after = piece(finding, writer.source, place)
    choice = _with_kind(finding, choice, writer)
    new = _as_written(finding, choice, old, writer) or _as_given(finding, choice, writer) or writer.value(choice.found)
    told = ", with your own value in this form" if choice.is_pattern else ""
    hint = choice.hint or (_EXAMPLE if choice.is_pattern else "")
    made = Remedy("", new, writer.form, is_pattern=choice.is_pattern, hint=hint)
    if writer.is_xml:
        return _instead_of_element(made, place, told)
    if place.text.lstrip().startswith(('"@id"', '"id"')) and new.startswith("{"):
        return replace(
            made, lead=f"Write this in place of the whole object {{ ... }} that line {place.line} is in{told}:"
        )
    if not old:
        return replace(made, lead=f"At line {place.line}, write the value{told}:")
    if _is_short(before + after, place):
        indent = place.text[: len(place.text) - len(place.text.lstrip())]
        return replace(made, lead=f"Replace line {place.line} by this{told}:", text=f"{indent}{before}{new}{after}")
    if f"{before}{old}{after}".count(old) > 1 and before.rstrip() and writer.is_turtle:
        name = before.split()[-1]
        return replace(
            made, lead=f"In line {place.line}, write this in place of {name} {old}{told}:", text=f"{name} {new}"
        )
    return replace(made, lead=f"In line {place.line}, write this in place of {old}{told}:")


def _with_kind(finding: Finding, choice: Choice, writer: Writer) -> Choice:
    """A link together with what kind of thing it leads to, where the rules ask for that and the document does not tell it."""
    node = choice.found.statement.object
    known = {iri for _, iri in writer.source.things} if writer.source else set()
    if not isinstance(node, NamedNode) or node.value in known:
        return choice
    told = with_description(choice.found, finding)
    if not told.more:
        return choice
    if writer.is_nesting:
        return replace(choice, found=told)
    more = f"Add at the end of the file, too: {writer.more(told)}"
    return replace(choice, hint=" ".join(filter(None, (choice.hint or (_EXAMPLE if choice.is_pattern else ""), more))))


def _instead_of_element(made: Remedy, place: Place, told: str) -> Remedy:
    """Another element in the place of one of RDF/XML, which may have begun in the line and go on."""
    line = place.text.strip()
    is_whole = re.fullmatch(r"<([\w:.-]+)(?:\s[^<>]*)?(?:/>|>[^<]*</\1>)", line) is not None
    if not is_whole:
        return replace(made, lead=f"Write this in place of the element that begins in line {place.line}{told}:")
    indent = place.text[: len(place.text) - len(place.text.lstrip())]
    text = "\n".join(f"{indent}{row}" for row in made.text.splitlines())
    return replace(made, lead=f"Replace line {place.line} by this{told}:", text=text)


def _is_short(around: str, place: Place) -> bool:
    """Whether a line holds little besides the value, so that it can be told as a whole."""
    more = re.sub(r'"(?:[^"\\]|\\.)*"|<[^<>]*>', "", around).strip().rstrip(";,. ")
    return len(place.text.strip()) <= _LONGEST and not re.search(r"[;,]", more)


def _as_written(finding: Finding, choice: Choice, old: str, writer: Writer) -> str | None:
    """A key in place of a key, and a text in place of a text, where a context makes IRIs of both."""
    term, wanted = term_of(finding.value or '""'), choice.found.statement.object
    bare = old.strip('"')
    if not (isinstance(term, NamedNode) and isinstance(wanted, NamedNode) and bare) or writer.source is None:
        return None
    if writer.source.form not in {"jsonld", "yamlld"} or len(choice.found.quads) > 1:
        return None
    space = term.value.removesuffix(bare)
    is_key = space not in {"", term.value} and wanted.value.startswith(space)
    return old.replace(bare, wanted.value[len(space) :] if is_key else wanted.value)


def _as_given(finding: Finding, choice: Choice, writer: Writer) -> str | None:
    """A web address that stood there as text, letter by letter."""
    given, node = term_of(finding.value or '""'), choice.found.statement.object
    same = isinstance(given, Literal) and isinstance(node, NamedNode) and given.value == node.value
    return str(node) if same and writer.is_turtle else None


def _completed(finding: Finding, found: Example, source: Source | None) -> Choice:
    """A thing that the document has, or the example with its description."""
    things = in_file(found, finding, source)
    if not things:
        return Choice(with_description(found, finding), hint=_EXAMPLE)
    known = Writer(source)
    told = f"{known.term(NamedNode(things[0]))} is described in this file already."
    rest = ", ".join(known.term(NamedNode(thing)) for thing in things[1:])
    return Choice(
        link_to(found, things[0]),
        hint=f"{told} Take it if it is the right one" + (f"; others: {rest}." if rest else "."),
    )


def _member(finding: Finding, writer: Writer) -> Remedy | None:
    """A statement of another thing about this one, for a property that is followed backwards."""
    match = _MEMBER.search(finding.message)
    if match is None or not (finding.path or "").startswith("^") or writer.source is None:
        return None
    told = from_text(f"{match['predicate']} <{finding.focus}>")
    datasets = [iri for kind, iri in writer.source.things if kind.endswith("#Dataset") and iri != finding.focus]
    if told is None or not datasets or writer.source.form in {"jsonld", "yamlld", "rdfxml"}:
        return None
    hint = "It is an example with a dataset of this file: write it for each that belongs to it."
    return Remedy("Add this at the end of the file:", writer.statement(told, datasets[0]), writer.form, hint=hint)


def _added(finding: Finding, choice: Choice, writer: Writer, place: Place | None) -> Remedy:
    """A statement more about the node."""
    found, nested = choice.found, finding.focus.startswith("_:")
    made = Remedy("", writer.member(found), writer.form, hint=choice.hint)
    if writer.source is None:
        text = made.text if nested else writer.statement(found, finding.focus)
        return replace(
            made, lead=f"Add this {'inside the nested description' if nested else 'to the record'}:", text=text
        )
    if writer.source.form in {"jsonld", "yamlld"}:
        return replace(made, lead=f"Add this {_among_members(place, is_nested=nested)}:")
    if writer.is_xml:
        return _added_element(made, choice, finding, writer, place)
    if not nested:
        where = "at the end of the file" if writer.source.form != "trig" else "among the other lines of the record"
        return replace(made, lead=f"Add this {where}:", text=writer.statement(found, finding.focus))
    if place and place.text.rstrip().endswith(("[", ";")):
        return replace(made, lead=f"Add this as a new line after line {place.line}:")
    where = f"in line {place.line}" if place and "[" in place.text else "of this description"
    return replace(made, lead=f"Write this right after the opening bracket [ {where}:")


def _added_element(made: Remedy, choice: Choice, finding: Finding, writer: Writer, place: Place | None) -> Remedy:
    """An element more in a description of RDF/XML, else a description of its own."""
    line = place.text.strip() if place else ""
    if place and place.what == "node" and line.endswith(">") and not line.endswith("/>") and "</" not in line:
        return replace(made, lead=f"Add this as a new line after line {place.line}:")
    if place and place.what != "node":
        return replace(made, lead=f"Add this as a new line before line {place.line}:")
    if place and finding.focus.startswith("_:"):
        return replace(made, lead=f"Add this inside the element that begins in line {place.line}:")
    text = writer.statement(choice.found, finding.focus)
    return replace(made, lead=f"Add this {_BEFORE_END}:", text=text)


def _described(finding: Finding, writer: Writer) -> Remedy | None:
    """The description of a thing that the message says must be there beside the link to it."""
    match = _TOGETHER.search(finding.message)
    if match is None or not (finding.value or "").startswith("<"):
        return None
    found, node = from_text(f"a {match['kind']}"), term_of(finding.value or "")
    if found is None or isinstance(node, Literal):
        return None
    more = says(match["kind"])
    told = replace(found, value=f"{found.value}{more}") if writer.is_turtle and more else found
    if writer.is_xml and isinstance(node, NamedNode):
        told = replace(found, quads=about(f"{node} a {match['kind']}{more}", node))
        return Remedy(
            f"Describe {node.value} in the same file, {_BEFORE_END}:",
            Elements(writer.source.prefixes if writer.source else ()).about(node.value, told.quads),
            writer.form,
            is_pattern=bool(more),
            hint=_EXAMPLE if more else "",
        )
    lead = f"Describe {node.value} in the same file, {_WHERE.get(writer.form, 'beside the record')}:"
    hint = _EXAMPLE if more and writer.is_turtle else ""
    return Remedy(lead, writer.statement(told, node.value), writer.form, is_pattern=bool(hint), hint=hint)


def _among_members(place: Place | None, *, is_nested: bool) -> str:
    """Where another member of an object goes: before its first one, which is at the place."""
    if place is None:
        return "to the record"
    if is_nested and "{" in place.text:
        return f"right after the opening brace {{ of the nested description in line {place.line}"
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
