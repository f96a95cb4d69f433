"""What a request submits to be judged: a form with files, a form, one RDF document, or JSON."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, Final

from flask import request
from werkzeug.exceptions import UnsupportedMediaType

from fairmap.errors import InputError, UsageError
from fairmap.judging import Part, Role
from fairmap.rdf import FORMATS, by_file_name, by_media_type, by_name
from fairmap.web.deployment import deployment
from fairmap.web.protocol import FORM

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import ExitStack

    from werkzeug.datastructures import FileStorage

    from fairmap.rdf import Format

    Documents = list[tuple[Part, Iterator[bytes]]]

MULTIPART: Final = "multipart/form-data"
JSON: Final = "application/json"
TYPED: Final = 4 << 20
"""Bytes of the longest text in a form; more comes as a file."""
_ESCAPES: Final = 3
"""Bytes that one byte may take in a form that holds no files."""
_PIECE: Final = 1 << 18
_IN_MEMORY: Final = 1 << 20
"""Bytes of a body that are held in memory while the rest comes."""
_FILES: Final = {"data": Role.DATA, "file": Role.DATA, "shapes": Role.SHAPES, "shapes_file": Role.SHAPES}


@dataclass(frozen=True)
class Typed:
    """What stands in the page's form.

    :ivar data_format: name of the format of ``data`` and of the files with it; empty: as they look.
    """

    profile: str = ""
    data: str = ""
    data_format: str = ""
    shapes: str = ""
    shapes_format: str = ""


def typed() -> Typed:
    """The form as it was sent, or as the address says."""
    fields = request.form if request.method == "POST" and request.mimetype in {FORM, MULTIPART} else request.args
    return Typed(**{name: fields.get(name, "").strip("\r") for name in Typed.__dataclass_fields__})


def limit_body() -> None:
    """Let the body be no larger than a submission may be."""
    most = deployment().settings.judge_size << 20
    request.max_form_memory_size = TYPED
    request.max_content_length = min(most, TYPED * _ESCAPES) if request.mimetype == FORM else most


def documents(stack: ExitStack) -> Documents:
    """The documents of the request, which is read to its end: nobody waits for a slow sender while judging.

    :param stack: closes what holds them.
    :raises UnsupportedMediaType: for another media type.
    :raises InputError: when there are no data.
    """
    if request.mimetype in {FORM, MULTIPART}:
        return _of_form(typed())
    if request.mimetype == JSON:
        return [(Part(Role.SUBMISSION, "submission", base=_base()), _pieces(_body(stack)))]
    form = by_media_type(request.mimetype)
    if form is None:
        known = ", ".join([MULTIPART, FORM, JSON, *(known.media_type for known in FORMATS)])
        raise UnsupportedMediaType(f"what is to be judged comes as {known}, not as {request.mimetype or 'nothing'}")
    return [(Part(Role.DATA, "data", form.name, _base()), _pieces(_body(stack)))]


def _of_form(told: Typed) -> Documents:
    found: Documents = []
    stated = {
        Role.DATA: _stated("data_format", told.data_format),
        Role.SHAPES: _stated("shapes_format", told.shapes_format),
    }
    for role, text in ((Role.DATA, told.data), (Role.SHAPES, told.shapes)):
        if text.strip():
            name = "data" if role is Role.DATA else "shapes"
            found.append((Part(role, name, stated[role], _base()), iter([text.encode(errors="surrogatepass")])))
    for name, role in _FILES.items():
        for file in request.files.getlist(name):
            if file.filename or file.stream.read(1):
                file.stream.seek(0)
                found.append((_part(file, role, stated[role]), _pieces(file.stream)))
    if not any(part.role is Role.DATA for part, _ in found):
        raise InputError("there is nothing to judge", where="data", expected="a file, or text")
    return found


def _part(file: FileStorage, role: Role, stated: str | None) -> Part:
    name = Path(file.filename or role.value).name
    form = by_media_type(file.mimetype) or _by_suffix(name)
    return Part(role, name, stated or (form.name if form else None), _base())


def _stated(field: str, name: str) -> str | None:
    """The format that a field of the form names."""
    if not name:
        return None
    try:
        return by_name(name, FORMATS).name
    except UsageError as error:
        raise UsageError(error.what, where=field, expected=error.expected) from error


def _by_suffix(name: str) -> Format | None:
    try:
        return by_file_name(Path(name))
    except UsageError:
        return None  # as it looks


def _base() -> str:
    return deployment().settings.base_iri


def _body(stack: ExitStack) -> IO[bytes]:
    spool = stack.enter_context(SpooledTemporaryFile(max_size=_IN_MEMORY))  # noqa: SIM115 - the stack is one
    for piece in _pieces(request.stream):
        spool.write(piece)
    spool.seek(0)
    return spool


def _pieces(stream: IO[bytes]) -> Iterator[bytes]:
    while piece := stream.read(_PIECE):
        yield piece
