"""RDF in and out: the one table of media types, parsing, serialising, canonical order, terms of rdflib."""

from fairmap.rdf.canonical import canonical, digest
from fairmap.rdf.formats import FORMATS, RESULTS, Format, by_file_name, by_media_type, by_name, negotiate
from fairmap.rdf.guess import guess_format
from fairmap.rdf.lines import parse_with_lines
from fairmap.rdf.parse import parse, stream
from fairmap.rdf.serialise import serialise
from fairmap.rdf.statements import Statements
from fairmap.rdf.terms import named_node, to_graph, to_rdflib
from fairmap.rdf.yamlld import read_yaml

__all__ = [
    "FORMATS",
    "RESULTS",
    "Format",
    "Statements",
    "by_file_name",
    "by_media_type",
    "by_name",
    "canonical",
    "digest",
    "guess_format",
    "named_node",
    "negotiate",
    "parse",
    "parse_with_lines",
    "read_yaml",
    "serialise",
    "stream",
    "to_graph",
    "to_rdflib",
]
