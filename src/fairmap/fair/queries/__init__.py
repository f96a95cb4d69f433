"""The fixed queries of the audit, one file each, named for its answer."""

from __future__ import annotations

from importlib.resources import files


def load(name: str) -> str:
    """The text of a query; ``$name`` in it stands for a term (see :func:`fairmap.sparql.bind`)."""
    return (files(__name__) / f"{name}.rq").read_text(encoding="utf-8")
