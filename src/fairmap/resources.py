"""Where the ontology, shapes, seeds and data lie: inside the package in a wheel, at the top of the tree in a checkout."""

from __future__ import annotations

from pathlib import Path

from fairmap.errors import StoreError

_PACKAGE = Path(__file__).parent


def folder(name: str) -> Path:
    """The folder ``ontology``, ``shapes``, ``seeds`` or ``data``.

    :raises StoreError: when the installation lacks it.
    """
    for root in (_PACKAGE / "files", _PACKAGE.parents[1]):
        if (root / name).is_dir():
            return root / name
    raise StoreError(
        f"the installation has no folder {name!r}", where=str(_PACKAGE), expected="a complete fairmap wheel"
    )
