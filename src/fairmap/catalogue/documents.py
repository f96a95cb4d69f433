"""Documents that are handed in: bytes, their form, where they are from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fairmap.errors import InputError
from fairmap.namespaces import KINDS
from fairmap.rdf import FORMATS, by_file_name, by_name, stream

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pyoxigraph import Quad

LARGE: Final = 1 << 20
"""Bytes from which on a document stays in its file and is read piece by piece, where its form allows that."""


@dataclass(frozen=True)
class Document:
    """An RDF document.

    :ivar data: its bytes, or the file that holds them when they are many.
    :ivar form: name of its format.
    :ivar name: where it is from, for messages.
    :ivar base_iri: what its relative IRIs are resolved against.
    """

    data: bytes | Path
    form: str
    name: str = "input"
    base_iri: str | None = None

    def quads(self) -> list[Quad]:
        """Its quads, terms as written.

        :raises UnreadableInput: with name, line and column.
        """
        return list(self.stream())

    def stream(self) -> Iterator[Quad]:
        """As :meth:`quads`, one after another: an error can come after some of them."""
        return stream(self.data, by_name(self.form, FORMATS), base_iri=self.base_iri, name=self.name)


def read_document(path: Path, base_iri: str, *, form: str | None = None) -> Document:
    """The document in a file.

    A file in a folder named for a kind of record (``repository/tcia.yaml``) has the IRI of that record as its base.

    :param form: name of its format; ``None``: as its suffix tells.
    :raises InputError: when it cannot be read.
    """
    try:
        data = path if path.is_file() and path.stat().st_size > LARGE else path.read_bytes()
    except OSError as error:
        raise InputError(f"the file cannot be read: {error.strerror}", where=str(path)) from error
    kind = path.absolute().parent.name
    base = f"{base_iri}{kind}/{path.stem}" if kind in KINDS else base_iri
    return Document(data, form or by_file_name(path).name, str(path), base)


def documents(paths: tuple[Path, ...], base_iri: str, *, form: str | None = None) -> Iterator[Document]:
    """The documents in these files, and in these folders in the order of their names.

    :param form: name of the format of files that are named; ``None``: as their suffixes tell. Those in folders tell it by their suffixes.
    """
    known = {form.suffix for form in FORMATS}
    for path in paths:
        inside = sorted(p for p in path.rglob("*") if p.suffix in known and p.is_file()) if path.is_dir() else [path]
        if not inside:
            raise InputError(
                "the folder holds no RDF", where=str(path), expected=f"files ending in {', '.join(sorted(known))}"
            )
        for file in inside:
            yield read_document(file, base_iri, form=None if path.is_dir() else form)
