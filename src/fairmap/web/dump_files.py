"""``/dump.trig.gz`` and ``/dump.nt.gz``: everything that is public, made once for each revision and served as a file.

Whoever asks gets the public records, with a token too: no file is ever made of what only some may see.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import tempfile
import weakref
import zlib
from contextlib import contextmanager
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from flask import Blueprint, Response, send_file

from fairmap.web.conditional import CACHE
from fairmap.web.deployment import deployment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fairmap.web.view import View

blueprint: Final = Blueprint("dumps", __name__)
FORMS: Final = ("trig", "nt")
_LEVEL: Final = 1
"""Of gzip: the quickest; with zlib each further level costs about as much as the dump itself."""
_GZIP: Final = zlib.MAX_WBITS | 16
_NAME: Final = re.compile(r"(?P<version>.+)-(?P<revision>\d+)-(?P<digest>[0-9a-f]{32})\.(?P<form>[a-z]+)\.gz\Z")


@blueprint.get(f"/dump.<any({', '.join(FORMS)}):form>.gz")
def dump(form: str) -> Response:
    """The file; a part of it by Range."""
    here = deployment()
    path, digest = here.dumps.file(here.view, form)
    name = f"fairmap.{form}.gz"
    response = send_file(path, mimetype="application/gzip", as_attachment=True, download_name=name, etag=digest)
    response.headers["Cache-Control"] = CACHE
    return response


class Dumps:
    """The files of one service, which its web processes share. Safe in threads and processes."""

    def __init__(self, folder: Path | None) -> None:
        """``folder`` is made when it is needed; ``None``: a temporary one."""
        self._folder = folder

    def file(self, view: View, form: str) -> tuple[Path, str]:
        """The file of the view's present revision and a digest of what is in it; made when it is not there.

        Who asks while it is made waits for it.
        """
        folder = self._made()
        revision = view.revision()
        found = _find(folder, form, revision)
        if found is None:
            with _alone(folder / f"{form}.lock"):
                found = _find(folder, form, view.revision()) or _write(folder, view, form)
        return found, _NAME.match(found.name)["digest"]  # type: ignore[index] # it was found by its name

    def _made(self) -> Path:
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="fairmap-dumps-"))
            weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return self._folder


def _find(folder: Path, form: str, revision: int) -> Path | None:
    for path in folder.glob(f"*.{form}.gz"):
        match = _NAME.match(path.name)
        if match and (match["version"], int(match["revision"])) == (version("fairmap"), revision):
            return path
    return None


def _write(folder: Path, view: View, form: str) -> Path:
    """Write the file, give it its name when it is whole, and remove those of other revisions, which readers may still have open."""
    for left in folder.glob(f"partial-{form}-*"):
        left.unlink(missing_ok=True)  # by a process that was killed
    with tempfile.NamedTemporaryFile(dir=folder, prefix=f"partial-{form}-", delete=False) as file:
        partial = Path(file.name)
        try:
            answer = view.dump(form)
            digest = compress(answer.chunks, file)
            name = f"{version('fairmap')}-{answer.revision}-{digest}.{form}.gz"
            partial.rename(folder / name)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
    for other in folder.glob(f"*.{form}.gz"):
        if other.name != name:
            other.unlink(missing_ok=True)
    return folder / name


def compress(chunks: Iterator[bytes], file: IO[bytes]) -> str:
    """Write the chunks as gzip, without a time in it; the digest of what was written."""
    compressor, hasher = _compressor(), hashlib.blake2b(digest_size=16)
    for chunk in chunks:
        piece = compressor.compress(chunk)
        hasher.update(piece)
        file.write(piece)
    piece = compressor.flush()
    hasher.update(piece)
    file.write(piece)
    return hasher.hexdigest()


def _compressor() -> Any:
    """ISA-L's, which takes a third of the time (ADR 29), or zlib's on a machine for which there is no wheel of it."""
    try:
        module = import_module("isal.isal_zlib")
    except ImportError:
        module = zlib
    return module.compressobj(_LEVEL, wbits=_GZIP)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Only one process and thread at a time."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
