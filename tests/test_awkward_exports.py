"""Awkward content survives every profile, or the report names what was left out."""

from __future__ import annotations

import csv
import io
import json
import sys
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from pyoxigraph import Literal, NamedNode, Quad

from fairmap.catalogue import Catalogue
from fairmap.export import Source, projection, projection_names
from fairmap.export.writing import RDF_FORMS, in_xml
from fairmap.model import Record
from fairmap.namespaces import DCAT, DCT, RDF, XSD
from fairmap.rdf import FORMATS, by_name, parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fairmap.export import Projected, Projection

BASE = "https://w3id.org/fairmap/"
csv.field_size_limit(sys.maxsize)

NAMES = {f"{DCT}issued": "https://schema.org/datePublished", f"{DCAT}landingPage": "https://schema.org/url"}
"""What remarks of profiles that are made by way of schema.org call properties."""


def typed(text: str, name: str) -> Literal:
    return Literal(text, datatype=NamedNode(f"{XSD}{name}"))


def title(text: str, language: str | None = "en") -> list[tuple[str, Literal]]:
    return [(f"{DCT}title", Literal(text, language=language) if language else Literal(text))]


KINDS: dict[str, list[tuple[str, Literal | NamedNode]]] = {
    "double quotes": [*title("The \"quoted\" 'atlas'")],
    "backslashes": [*title("C:\\scans\\new\\u0041")],
    "right to left": [*title("أطلس الدماغ والقلب", "ar"), *title("אטלס המוח", "he")],
    "mixed directions": [*title("MRI של המוח (2021) نسخة", "he")],
    "emoji": [*title("Heart 🫀 and family 👨‍👩‍👧 🇪🇺")],
    "combining marks": [*title("Zu\u0308rich Z\u0327a\u0301")],
    "beyond the basic plane": [*title("𠜎 𠮷 brain")],
    "line breaks and tabs": [(f"{DCT}description", Literal("one\ntwo\r\nthree\tfour", language="en"))],
    "markup": [*title("<b>bold</b> & <script>alert(1)</script>")],
    "end of CDATA": [*title("]]> --> <![CDATA[")],
    "prefix declaration": [*title("@prefix x: <urn:x> .\n@prefix y: <urn:y> .")],
    "braces and brackets": [*title("} ] ) DROP ALL ; { [ (")],
    "a formula": [*title("=HYPERLINK(1);+1;@x")],
    "separators": [*title("a,b;c|d")],
    "blanks at both ends": [*title("  inside  ")],
    "control characters": [*title("form\x0cfeed \x07 bell")],
    "byte order mark": [*title("\ufeffstart")],
    "line separators": [*title("one\u2028two\u2029three\x85four")],
    "a very long description": [(f"{DCT}description", Literal("Long text. " * 9_100, language="en"))],
    "an empty title": [*title("")],
    "no language": [*title("Plain title", None)],
    "five languages": [
        *title("Heart"),
        *title("Herz", "de"),
        *title("Cœur", "fr"),
        *title("Corazón", "es"),
        *title("Καρδιά", "el"),
    ],
    "a language with a region": [*title("Colour atlas", "en-gb")],
    "a date before 1900": [(f"{DCT}issued", typed("1899-12-31", "date"))],
    "a year before our era": [(f"{DCT}issued", typed("-0044", "gYear"))],
    "a date that is none": [(f"{DCT}issued", typed("2021-02-30", "date"))],
    "an unknown datatype": [(f"{DCT}issued", Literal("about 1980", datatype=NamedNode("https://example.org/edtf")))],
    "a number too large": [
        ("http://healthdataportal.eu/ns/health#numberOfUniqueIndividuals", typed("9" * 40, "nonNegativeInteger"))
    ],
    "a number with zeros": [
        ("http://healthdataportal.eu/ns/health#numberOfUniqueIndividuals", typed("00120", "nonNegativeInteger"))
    ],
    "a page with letters of all kinds": [
        (f"{DCAT}landingPage", NamedNode("https://example.org/höhe/数据?q='a'&b=(c)#ß"))
    ],
    "a page that is no address": [(f"{DCAT}landingPage", NamedNode("urn:uuid:6e8bc430-9c3a-11d9-9669-0800200c9a66"))],
    "a broken address": [(f"{DCAT}landingPage", NamedNode("http://999.999.999.999:0/a/../b"))],
    "an identifier with blanks": [(f"{DCT}identifier", Literal(" doi: 10.1000/ 182 "))],
    "many keywords": [(f"{DCAT}keyword", Literal(f"word {number}", language="en")) for number in range(300)],
}


def iri(kind: str) -> str:
    return f"{BASE}dataset/awkward-{list(KINDS).index(kind)}"


@pytest.fixture(scope="module")
def awkward() -> Iterator[Catalogue]:
    """A dataset for each kind of content, with a plain title and description where the content is elsewhere."""
    with Catalogue("memory:", BASE, judging=False) as opened:
        opened.level.write({iri(kind): Record(iri(kind), tuple(quads(kind))) for kind in KINDS}, origin="test")
        yield opened


def quads(kind: str) -> Iterator[Quad]:
    node = NamedNode(iri(kind))
    said = [*KINDS[kind]]
    for name in ("title", "description"):
        if not any(link == f"{DCT}{name}" for link, _ in said):
            said.append(
                (
                    f"{DCT}{name}",
                    Literal(f"A plain {name}, as most are, of a dataset among awkward ones.", language="en"),
                )
            )
    yield Quad(node, NamedNode(f"{RDF}type"), NamedNode(f"{DCAT}Dataset"), node)
    for link, value in said:
        yield Quad(node, NamedNode(link), value, node)


def texts(by: Projection, form: str, told: Projected) -> set[str]:
    """All texts and IRIs in the document of one record, read again by another's parser."""
    body = b"".join(by.write([told], form))
    if form != "jsonld" and form in RDF_FORMS:
        return {str(getattr(quad.object, "value", "")) for quad in parse(body, by_name(form, FORMATS))}
    if form == "csv":
        return {cell for row in csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")) for cell in row}
    if form == "xml":
        return {text for node in ET.fromstring(body).iter() for text in (node.text or "", *node.attrib.values())}
    return set(strings(json.loads(body)))


def strings(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (text for item in value.values() for text in strings(item))
    elif isinstance(value, list):
        yield from (text for item in value for text in strings(item))
    else:
        yield str(value)


def is_there(value: Literal | NamedNode, found: set[str]) -> bool:
    spellings = {value.value, in_xml(value.value), value.value.strip(), value.value.replace("\r\n", "\n")}
    if value.value.isdigit():
        spellings.add(str(int(value.value)))
    return any(spelling in text for spelling in spellings for text in found)


@pytest.mark.parametrize("name", projection_names())
def test_awkward_content_survives_or_is_named_in_the_report(awkward: Catalogue, name: str) -> None:
    by = projection(name)
    told = list(by.project(Source(awkward.view, batch=7), [iri(kind) for kind in KINDS]))
    assert [one.iri for one in told] == [iri(kind) for kind in KINDS]
    lost = []
    for kind, one in zip(KINDS, told, strict=True):
        remarks = {remark.property for remark in one.remarks if remark.kind != "to tell"}
        for form in by.forms:
            found = texts(by, form, one)
            lost += [
                f"{kind}, {form}: {link} {value.value[:40]!r}"
                for link, value in KINDS[kind]
                if not is_there(value, found) and not {link, NAMES.get(link, link), ""} & remarks
            ]
    assert lost == []


def test_there_are_30_kinds_and_more() -> None:
    assert len(KINDS) >= 30
