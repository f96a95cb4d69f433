"""Whether the SPARQL editor is in this installation: ``hatch_build.py`` takes it from npm where that is there."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Final

_FILES: Final = ("yasgui.min.js", "yasgui.min.css")


@cache
def has_editor() -> bool:
    """Whether all files of the editor are there; without them the page of the endpoint is a plain form."""
    folder = files("fairmap.web") / "static" / "yasgui"
    return all((folder / name).is_file() for name in _FILES)
