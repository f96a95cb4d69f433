"""One module for each projection, with its mapping beside it as a CONSTRUCT query (``.rq``); each binds ``PROJECTION``."""

from __future__ import annotations

from importlib.resources import files


def load(name: str) -> str:
    """The text of a mapping; ``$records`` in it stands for the records of a batch (see :class:`fairmap.export.Batch`)."""
    return (files(__name__) / f"{name}.rq").read_text(encoding="utf-8")
