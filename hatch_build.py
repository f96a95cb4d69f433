"""Takes the SPARQL editor, YASGUI, from the npm registry into the package, when it is built or installed where npm is there.

Without npm or network the page of the endpoint is a plain form, which does the same: so nothing fails, unless ``FAIRMAP_EDITOR=required``
(wheels to release, CI). ``FAIRMAP_EDITOR=none`` leaves the editor out. See docs/adr on the editor.
"""

from __future__ import annotations

import base64
import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

if TYPE_CHECKING:
    from collections.abc import Callable

PACKAGE = "@zazuko/yasgui@4.6.2"
INTEGRITY = "sha512-Zw45KdPoAE1KRaAoxIHdQqeJxvaVG1oQdntw0hy0ktX35Zu8ZccuOLrXCLwR+GU+0xMzLw8Mjw6BkSZV2vUuQw=="
"""Of the archive, as npm publishes it (Subresource Integrity)."""
FILES = ("yasgui.min.js", "yasgui.min.css")
FOLDER = Path(__file__).parent / "src" / "fairmap" / "web" / "static" / "yasgui"
_SECONDS = 120
_INLINE_STYLE = b" style='text-decoration:underline'"


class EditorMissingError(RuntimeError):
    """The editor could not be taken, for the reason told."""


class CustomBuildHook(BuildHookInterface):  # type: ignore[type-arg] # its configuration is not used
    """Run by hatchling before a wheel or an editable installation is made."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling passes them
        """Put the editor into its folder, which the wheel takes from there."""
        ensure(self.app.display_warning)


def ensure(warn: Callable[[str], object]) -> None:
    """Put the editor into its folder unless it is there.

    :raises EditorMissingError: when that fails and ``FAIRMAP_EDITOR`` is ``required``; else the reason is told to ``warn``.
    """
    wanted = os.environ.get("FAIRMAP_EDITOR", "")
    if wanted == "none" or _is_there():
        return
    try:
        _unpack(_archive())
    except EditorMissingError as error:
        if wanted == "required":
            raise
        warn(f"/sparql will be a plain form, without the editor: {error}")


def _is_there() -> bool:
    stamp = FOLDER / "integrity"
    return stamp.is_file() and stamp.read_text() == INTEGRITY


def _archive() -> bytes:
    """The package, proved to be the one that was looked at.

    :raises EditorMissingError: without npm, when it fails, or when it brings other bytes.
    """
    npm = shutil.which("npm")
    if npm is None:
        raise EditorMissingError("npm is not installed")
    with tempfile.TemporaryDirectory() as folder:
        command = [npm, "pack", PACKAGE, "--silent", "--fetch-retries=1", "--fetch-timeout=30000"]
        try:
            subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True, timeout=_SECONDS)
        except subprocess.CalledProcessError as error:
            raise EditorMissingError(f"npm pack {PACKAGE} failed: {error.stderr.strip()[-500:]}") from error
        except subprocess.TimeoutExpired as error:
            raise EditorMissingError(f"npm pack {PACKAGE} took more than {_SECONDS} s") from error
        packed = next(Path(folder).glob("*.tgz")).read_bytes()
    found = "sha512-" + base64.b64encode(hashlib.sha512(packed).digest()).decode()
    if found != INTEGRITY:
        raise EditorMissingError(f"{PACKAGE} has integrity {found}, {INTEGRITY} was expected")
    return packed


def _unpack(packed: bytes) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        for name in FILES:
            try:
                member = archive.extractfile(f"package/build/{name}")
            except KeyError:
                member = None
            if member is None:
                raise EditorMissingError(f"{PACKAGE} has no build/{name}")
            (FOLDER / name).write_bytes(_fitted(member.read()))
    (FOLDER / "integrity").write_text(INTEGRITY)


def _fitted(content: bytes) -> bytes:
    """The file without what the Content-Security-Policy of our pages would refuse, and without the address of its source map."""
    return re.sub(rb"//# sourceMappingURL=\S+\s*\Z", b"", content.replace(_INLINE_STYLE, b""))


if __name__ == "__main__":
    ensure(lambda text: sys.stderr.write(f"{text}\n"))
