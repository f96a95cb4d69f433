"""Plain words: what a property is called, what is wrong with a value, how grave it is. For readers who do not know SHACL."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pyoxigraph import BlankNode, Literal, NamedNode

from fairmap.describe.words import LABELS, TYPE
from fairmap.model import Severity
from fairmap.namespaces import PREFIXES, SH, XSD, compact
from fairmap.store.literals import literal

if TYPE_CHECKING:
    from fairmap.model import Finding, Part

PRIORITIES: Final = {
    Severity.VIOLATION: "Must be mended",
    Severity.WARNING: "Should be mended",
    Severity.INFO: "Please check",
}
"""How grave a finding is, in words."""

SHORT: Final[dict[str, str]] = {
    **PREFIXES,
    "csvw": "http://www.w3.org/ns/csvw#",
    "cv": "http://data.europa.eu/m8g/",
    "dcatap": "http://data.europa.eu/r5r/",
    "dpv": "https://w3id.org/dpv#",
    "fdp-o": "https://w3id.org/fdp/fdp-o#",
    "geodcatap": "http://data.europa.eu/930/",
    "ldp": "http://www.w3.org/ns/ldp#",
    "locn": "http://www.w3.org/ns/locn#",
    "oa": "http://www.w3.org/ns/oa#",
    "odrl": "http://www.w3.org/ns/odrl/2/",
    "time": "http://www.w3.org/2006/time#",
}
"""Prefixes that examples in messages use without saying what they stand for."""

_PROBLEMS: Final = {
    "Class": "It leads to something that is not known to be of the right kind.",
    "Closed": "This property is not one that is known here. Perhaps it is misspelt.",
    "Disjoint": "The same value stands in two properties that must differ.",
    "Equals": "The value must be the same as that of another property.",
    "HasValue": "A certain value must be among those given, and is not.",
    "In": "The value is not one of those that can be chosen.",
    "LanguageIn": "The text is not in a language that is wanted here, or does not say which language it is in.",
    "LessThan": "The value must be smaller (or earlier) than that of another property.",
    "LessThanOrEquals": "The value must not be greater (or later) than that of another property.",
    "MaxCount": "There are more values than are allowed.",
    "MaxExclusive": "The value is too large, or not a number or date at all.",
    "MaxInclusive": "The value is too large, or not a number or date at all.",
    "MaxLength": "The text is too long.",
    "MinExclusive": "The value is too small, or not a number or date at all.",
    "MinInclusive": "The value is too small, or not a number or date at all.",
    "MinLength": "The text is too short.",
    "Node": "Something is missing or wrong inside this value.",
    "And": "The value does not meet all that is asked of it.",
    "Not": "The value is of a kind that is not allowed here.",
    "Or": "None of the ways to write this fits.",
    "Pattern": "The value is not written in the form that is wanted.",
    "QualifiedMaxCount": "There are too many values of a certain kind.",
    "QualifiedMinCount": "No value, or too few, is of the kind that is wanted.",
    "UniqueLang": "There is more than one text in the same language.",
    "Xone": "Exactly one of the ways to write this must fit, and none or more than one does.",
}
"""What is wrong, by the name of the constraint component."""

_KINDS: Final = {
    "date": "a date (year-month-day)",
    "dateTime": "a date with a time",
    "gYear": "a year",
    "gYearMonth": "a year and month",
    "integer": "a whole number",
    "nonNegativeInteger": "a whole number, zero or more",
    "positiveInteger": "a whole number, one or more",
    "decimal": "a number",
    "double": "a number",
    "boolean": "true or false",
    "duration": "a length of time",
    "anyURI": "an address",
    "hexBinary": "a number in hexadecimal digits",
    "string": "a text",
}
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_IRI: Final = re.compile(r"<([^<>]*)>")


def component(finding: Finding) -> str:
    """The name of the constraint component, without what all of them share."""
    return finding.component.removeprefix(SH).removesuffix("ConstraintComponent")


def property_name(finding: Finding) -> str:
    """What the property is called: as the shape says, else as pages say, else out of its IRI."""
    if finding.path is None:
        if finding.record is None and finding.shape.endswith("/OneRecordOneGraph"):
            return "What belongs to no record"
        return "The whole description" if finding.record == finding.focus else "This part"
    name = finding.name or LABELS.get(finding.path) or _local(finding.path)
    return name[:1].upper() + name[1:]


def property_code(finding: Finding) -> str:
    """The property with a prefix; empty for a fault of the whole."""
    return "" if finding.path is None else short_path(finding.path)


def short_path(path: str) -> str:
    """A path with prefixes, in words where it is a simple one."""
    if "<" not in path:
        return f"{short(path[1:])} of another thing" if path.startswith("^") else short(path)
    written = _IRI.sub(lambda match: short(match[1]), path)
    if re.fullmatch(r"\^[\w:-]+", written):
        return f"{written[1:]} of another thing"
    return written.replace("|", " or ") if re.fullmatch(r"[\w:|-]+", written) else written


def short(iri: str) -> str:
    """An IRI with a prefix, where one is known."""
    if (found := compact(iri)) and not found.startswith("<"):
        return found
    for prefix, namespace in SHORT.items():
        if iri.startswith(namespace) and re.fullmatch(r"[A-Za-z][\w-]*", iri[len(namespace) :]):
            return f"{prefix}:{iri[len(namespace) :]}"
    return found


def part_name(finding: Finding) -> str | None:
    """What the fault is in, when it is not the record itself: "distribution", "contact"."""
    if finding.focus == finding.record or finding.record is None:
        return None
    if finding.kind:
        return _local(finding.kind)
    return "nested description" if finding.focus.startswith("_:") else None


def record_kind(finding: Finding) -> str | None:
    """What the record is, in a word, when the fault is the record's own and its class is known."""
    if finding.focus != finding.record or not finding.kind:
        return None
    name = _local(finding.kind)
    return name[:1].upper() + name[1:]


def problem(finding: Finding) -> str:
    """What is wrong, in a sentence; empty where only the message can tell."""
    name = component(finding)
    if name == "MinCount":
        several = finding.place is not None and finding.place.what == "property"
        return "More values are needed than there are." if several else "It is missing."
    if name in {"Datatype", "NodeKind", "Class"} and finding.value is not None:
        return _kind_of_value(finding, name)
    if name == "Or" and finding.value is not None and (samples := _datatypes(finding)):
        return _not_written(finding.value, samples)
    beside = next((place.value for place in finding.places if place.what == "beside"), None)
    if name in {"LessThan", "LessThanOrEquals"} and beside and finding.value:
        return f"{value_text(finding.value)} must not be greater (or later) than {value_text(beside)}."
    if name == "Node" and finding.value and not finding.value.startswith("_:"):
        lacks = any(inner.value is None and inner.path for part in finding.parts for inner in part.findings)
        told = "lacks something that must be said of it" if lacks else "is not one of the values that can be chosen"
        return f"{value_text(finding.value)} {told}."
    return _PROBLEMS.get(name, "")


def value_text(value: str) -> str:
    """A value for readers: a text in quotes, an IRI as it is, a nested description by that name."""
    term = term_of(value)
    if isinstance(term, BlankNode):
        return "a nested description"
    return f"“{term.value}”" if isinstance(term, Literal) else term.value


def term_of(text: str) -> NamedNode | BlankNode | Literal:
    """The term that is written in N-Triples form."""
    if text.startswith("<"):
        return NamedNode(text[1:-1])
    return BlankNode(text.removeprefix("_:")) if text.startswith("_:") else literal(text)


def part_text(part: Part, number: int) -> str:
    """One of the shapes that a value was held against, and whether it fits."""
    name = part.name or f"way {number}"
    return f"{name}: fits" if part.conforms else f"{name}: does not fit"


def _kind_of_value(finding: Finding, name: str) -> str:
    term = term_of(finding.value or "")
    if name == "Class":
        where = value_text(finding.value or "")
        return f"It is not known that {where} is of the right kind: nothing here describes it as such."
    if isinstance(term, NamedNode):
        return "This is a link (IRI), and a text or number is needed here."
    if isinstance(term, BlankNode):
        return "This is a nested description, and a plain value or a link is needed here."
    if name == "NodeKind" or (finding.example or "").startswith("<"):
        return f"“{term.value}” is written as text, and a link (IRI) is needed here."
    return _not_written(finding.value or "", [finding.example or ""])


def _datatypes(finding: Finding) -> list[str]:
    """Examples of the ways to write it, when all of them are datatypes."""
    inner = [why for part in finding.parts for why in part.findings]
    return [why.example or "" for why in inner] if all(component(why) == "Datatype" for why in inner) else []


def _not_written(value: str, samples: list[str]) -> str:
    terms = [term_of(sample) for sample in samples if sample.startswith('"')]
    names = [term.datatype.value.removeprefix(XSD) for term in terms if isinstance(term, Literal)]
    kinds = list(dict.fromkeys(_KINDS[name] for name in names if name in _KINDS)) or ["it must be"]
    return f"{value_text(value)} is not written as {' or '.join(kinds)}."


def _local(iri: str) -> str:
    if iri == TYPE:
        return "type"
    name = re.split(r"[/#]", iri.rstrip(">)*+?"))[-1] or iri
    return _CAMEL.sub(" ", name).lower() if re.fullmatch(r"[A-Za-z0-9]+", name) else name
