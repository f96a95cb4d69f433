"""Croissant documents: the description of a dataset, its files as far as they have address, format and checksum, and its splits.

Source: Croissant Format Specification 1.1 (2026-01-29); what the reference implementation ``mlcroissant`` takes.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

from pyoxigraph import BlankNode, Literal

from fairmap.export.description import SCHEMA
from fairmap.export.documents import Made
from fairmap.export.framing import Frame, literal
from fairmap.namespaces import FM

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fairmap.export.description import Description, Node, Term

VERSION: Final = "http://mlcommons.org/croissant/1.1"
CROISSANT: Final = "http://mlcommons.org/croissant/"
_MD5: Final = f"{CROISSANT}md5"
_CONTEXT: Final = files("fairmap.export.projections") / "croissant.context.json"
"""The context of the specification's appendix 1, but that text without a language has none, and that ``value`` is that of schema.org."""

_DATES: Final = ("datePublished", "dateModified")
_ONE: Final = (*_DATES, "url", "version")
_AGENTS: Final = ("contributor", "creator", "publisher")
_APART: Final = ("about", "distribution", "keywords", "mentions")
_DATE: Final = re.compile(r"[0-9]{4}(-[0-9]{2})?\Z")
_SPLITS: Final = {
    f"{FM}trainingSetFor": "cr:TrainingSplit",
    f"{FM}validationSetFor": "cr:ValidationSplit",
    f"{FM}testSetFor": "cr:TestSplit",
    **{f"{CROISSANT}{name}": f"cr:{name}" for name in ("TrainingSplit", "ValidationSplit", "TestSplit")},
}
"""Roles of related datasets, and the splits that they are."""

_DEMANDED: Final = {
    "name": "the title of the dataset",
    "description": "what the dataset is",
    "license": "the licence of the dataset, by its web address",
    "creator": "who made the dataset",
    "datePublished": "when the dataset was published",
}


def make(description: Description) -> Made:
    """The document of a dataset."""
    made = Made()
    frame = _Frame(description, made)
    document = {"@context": _context(), **frame.tree, "@type": "sc:Dataset", "conformsTo": VERSION, **frame.apart()}
    for name, what in _DEMANDED.items():
        if name not in document:
            made.missing(f"{SCHEMA}{name}", what)
    if not description.values(description.root, "distribution"):
        made.missing(f"{SCHEMA}distribution", "the files of the dataset: address, format and checksum of each")
    made.document = document
    return made


@cache
def _context() -> Any:
    return json.loads(_CONTEXT.read_text(encoding="utf-8"))


class _Frame(Frame):
    """The tree as ``mlcroissant`` takes it: names by language, one date, words and things apart, agents that are nodes."""

    def __init__(self, description: Description, made: Made) -> None:
        self._made = made
        super().__init__(description)

    def property(self, name: str, values: Sequence[Term], above: tuple[Node, ...]) -> object:
        """As :meth:`fairmap.export.framing.Frame.property`."""
        if name in {"name", "description"}:
            return self._by_language(name, [value for value in values if isinstance(value, Literal)])
        if len(above) > 1:
            return super().property(name, values, above)
        if name in _APART:
            return None
        if name in _ONE:
            return self._one(name, values)
        kept = [value for value in values if not (name in _AGENTS and isinstance(value, Literal))]
        if len(kept) < len(values):
            self._made.lost(f"{SCHEMA}{name}", f"Croissant tells of each {name} as a thing of its own, not as text.")
        return super().property(name, kept, above)

    def apart(self) -> dict[str, Any]:
        """What is told apart: key words, things that the dataset is about, files and splits."""
        root = self.description.root
        words = [literal(word) for word in self.description.texts(root, "keywords")]
        about = [self.value("about", node, (root,)) for node in self.description.nodes(root, "about", "keywords")]
        splits = _splits(self.description)
        found = {"keywords": words, "about": about, "distribution": self._files(), "recordSet": splits and [splits]}
        return {name: value for name, value in found.items() if value}

    def _by_language(self, name: str, values: Sequence[Literal]) -> object:
        """A text for each language; without any language, a text."""
        found: dict[str, str] = {}
        for value in values:
            found.setdefault(value.language or "", value.value)
        if len(found) < len(values) or ("" in found and len(found) > 1):
            self._made.lost(f"{SCHEMA}{name}", f"Croissant has one {name} in each language, or one without.")
        tagged = {language: text for language, text in found.items() if language}
        return tagged or found.get("")

    def _one(self, name: str, values: Sequence[Term]) -> object:
        """The first value as text."""
        texts = [value.value for value in values if not isinstance(value, BlankNode)]
        kept = [text for text in texts if name not in _DATES or _is_date(text)]
        if len(kept) < len(values):
            self._made.lost(f"{SCHEMA}{name}", f"Croissant takes no {name} but a date such as 2026-11-24.")
        if len(kept) > 1:
            self._made.lost(f"{SCHEMA}{name}", f"Croissant has one {name}, the dataset {len(kept)}.")
        return kept[0] if kept else None

    def _files(self) -> list[dict[str, Any]]:
        found = [self._file(node) for node in self.description.nodes(self.description.root, "distribution")]
        return [file for file in found if file]

    def _file(self, node: Node) -> dict[str, Any] | None:
        """A distribution as a file; ``None`` with a remark when it lacks what every file must have."""
        told = self.description
        needed: dict[str, list[Any]] = {
            "its download address": told.iris(node, "contentUrl"),
            "its format": [text.value for text in told.texts(node, "encodingFormat")],
            "its MD5 or SHA-256 checksum": self._checksum(node),
        }
        where = told.text(node, "name") or getattr(node, "value", "without a name")
        if missing := [what for what, value in needed.items() if not value]:
            what = f"{' and '.join(missing)}, of the distribution {where}, so that it can be a file"
            self._made.missing(f"{SCHEMA}distribution", what)
            return None
        addresses, formats, checksum = needed.values()
        if len(addresses) > 1:
            self._made.lost(f"{SCHEMA}contentUrl", f"Croissant has one address for each file, {where} has several.")
        return {
            "@type": "cr:FileObject",
            "@id": node.value,
            "name": unquote(urlsplit(addresses[0]).path.rpartition("/")[2]) or where,
            **self._described(node),
            "contentUrl": addresses[0],
            "encodingFormat": formats[0] if len(formats) == 1 else formats,
            **dict(checksum[:1]),
        }

    def _described(self, node: Node) -> dict[str, Any]:
        """What else is told of a distribution."""
        size = self.description.text(node, "contentSize")
        texts = self._by_language("description", list(self.description.texts(node, "description")))
        return {**({"description": texts} if texts else {}), **({"contentSize": size} if size else {})}

    def _checksum(self, node: Node) -> list[tuple[str, str]]:
        """SHA-256 or else MD5, with the name of the property."""
        md5 = [value.value for value in self.description.properties(node).get(_MD5, ())]
        sha256 = [value.value for value in self.description.texts(node, "sha256")]
        return [*(("sha256", digits) for digits in sha256), *(("md5", digits) for digits in md5)]


def _is_date(text: str) -> bool:
    """Whether it is a year, a month, a day or a time of the calendar. Source: ISO 8601.

    >>> [_is_date(text) for text in ("1899", "2024-02-29", "2024-13-45", "May 2024")]
    [True, True, False, False]
    """
    if match := _DATE.match(text):
        text = f"{text}-01" if match[1] else f"{text}-01-01"
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _splits(description: Description) -> dict[str, Any] | None:
    """The splits: the dataset itself and those that are related to it as training, validation or test set; ``None`` without any."""
    rows = []
    for relation in description.nodes(description.root, "mentions"):
        for role in description.iris(relation, "roleName"):
            if role in _SPLITS:
                rows += [(_SPLITS[role], iri) for iri in description.iris(relation, "mentions")]
    if not rows:
        return None
    if all(split != "cr:TrainingSplit" for split, _ in rows):
        rows.insert(0, ("cr:TrainingSplit", description.root.value))
    fields = {"name": "sc:Text", "split": ["sc:URL", "cr:Split"], "dataset": "sc:URL"}
    return {
        "@type": "cr:RecordSet",
        "@id": "splits",
        "dataType": "cr:Split",
        "key": {"@id": "splits/name"},
        "field": [{"@type": "cr:Field", "@id": f"splits/{name}", "dataType": kind} for name, kind in fields.items()],
        "data": [
            {"splits/name": iri.rstrip("/").rpartition("/")[2], "splits/split": split, "splits/dataset": iri}
            for split, iri in dict.fromkeys(rows)
        ],
    }
