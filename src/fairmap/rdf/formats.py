"""The one table of media types: RDF documents and SPARQL results."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pyoxigraph import QueryResultsFormat, RdfFormat

from fairmap.errors import NotAcceptable, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@dataclass(frozen=True)
class Format:
    """One way to write RDF or SPARQL results.

    :ivar name: as in ``--format`` and in URLs.
    :ivar media_types: the first is sent, all are understood.
    :ivar suffix: of files and URLs, with its dot.
    :ivar engine: the engine's name for it; ``None`` for YAML-LD, which is read and not written.
    """

    name: str
    media_types: tuple[str, ...]
    suffix: str
    engine: RdfFormat | QueryResultsFormat | None

    @property
    def media_type(self) -> str:
        """The media type that is sent."""
        return self.media_types[0]

    @property
    def holds_graphs(self) -> bool:
        """Whether it can name graphs (TriG, N-Quads, JSON-LD)."""
        return isinstance(self.engine, RdfFormat) and self.engine.supports_datasets


FORMATS: Final = (
    Format("turtle", ("text/turtle", "application/x-turtle"), ".ttl", RdfFormat.TURTLE),
    Format("jsonld", ("application/ld+json",), ".jsonld", RdfFormat.JSON_LD),
    Format("rdfxml", ("application/rdf+xml",), ".rdf", RdfFormat.RDF_XML),
    Format("ntriples", ("application/n-triples",), ".nt", RdfFormat.N_TRIPLES),
    Format("trig", ("application/trig", "application/x-trig"), ".trig", RdfFormat.TRIG),
    Format("nquads", ("application/n-quads",), ".nq", RdfFormat.N_QUADS),
    Format("yamlld", ("application/ld+yaml",), ".yaml", None),
)
"""RDF documents, in the order in which they are preferred."""

RESULTS: Final = (
    Format("json", ("application/sparql-results+json", "application/json"), ".srj", QueryResultsFormat.JSON),
    Format("xml", ("application/sparql-results+xml", "application/xml"), ".srx", QueryResultsFormat.XML),
    Format("csv", ("text/csv",), ".csv", QueryResultsFormat.CSV),
    Format("tsv", ("text/tab-separated-values",), ".tsv", QueryResultsFormat.TSV),
)
"""SPARQL results, in the order in which they are preferred."""

_OTHER_SUFFIXES: Final = {".yml": "yamlld", ".json": "jsonld", ".xml": "rdfxml", ".owl": "rdfxml"}


def by_name(name: str, formats: Sequence[Format]) -> Format:
    """The format of that name.

    :raises UsageError: when there is none; the message lists what there is.
    """
    for candidate in formats:
        if candidate.name == name:
            return candidate
    raise UsageError(f"there is no format {name!r}", expected=", ".join(f.name for f in formats))


def by_media_type(media_type: str) -> Format | None:
    """The RDF format with that media type (parameters are ignored)."""
    bare = media_type.partition(";")[0].strip().lower()
    return next((f for f in FORMATS if bare in f.media_types), None)


def by_file_name(path: Path) -> Format:
    """The RDF format that a file's suffix tells.

    :raises UsageError: when the suffix is not known.
    """
    suffix = path.suffix.lower()
    for candidate in FORMATS:
        if suffix == candidate.suffix or _OTHER_SUFFIXES.get(suffix) == candidate.name:
            return candidate
    known = ", ".join(f.suffix for f in FORMATS)
    raise UsageError(f"the suffix {suffix!r} tells no RDF format", where=str(path), expected=f"one of {known}")


def negotiate(accept: str | None, offered: Sequence[str]) -> str:
    """The media type among ``offered`` (best first) that an Accept header wants most. Source: RFC 9110, 12.5.1.

    :raises NotAcceptable: when it wants none of them.
    """
    if not accept or not accept.strip():
        return offered[0]
    from werkzeug.datastructures import MIMEAccept  # noqa: PLC0415 - a sixth of what a command takes to start
    from werkzeug.http import parse_accept_header  # noqa: PLC0415

    bare = [(value.partition(";")[0].strip(), quality) for value, quality in parse_accept_header(accept, MIMEAccept)]
    wanted = MIMEAccept(bare)  # a parameter such as charset does not make another media type
    ranked = [(wanted.quality(media_type), -place) for place, media_type in enumerate(offered)]
    quality, place = max(ranked)
    if quality <= 0:
        raise NotAcceptable(f"nothing here comes as {accept!r}", where="Accept", expected=", ".join(offered))
    return offered[-place]
