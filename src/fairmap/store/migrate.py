"""Bringing a store in an older form to the present one, after a backup of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fairmap.store.ledger import FORMAT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from pyoxigraph import Store

    from fairmap.store.ledger import Ledger

    Step = Callable[[Store, Ledger], None]

STEPS: Mapping[int, Step] = {}
"""For each older form the step to the next one. Form 1 is the first, so there is none yet."""


def migrate(
    engine: Store, ledger: Ledger, path: Path, *, steps: Mapping[int, Step] = STEPS, target: int = FORMAT
) -> Path | None:
    """Bring the store at ``path`` to the form ``target``.

    The folder ``backup-form-N`` beside the engine's keeps the store as it was: an exact checkpoint and a copy of the ledger.

    :return: the backup's folder, ``None`` when there was nothing to do.
    """
    if ledger.format >= target:
        return None
    backup = path / f"backup-form-{ledger.format}"
    backup.mkdir(mode=0o700)
    engine.backup(str(backup / "public"))
    (backup / "state").mkdir(mode=0o700)
    ledger.copy(backup / "state" / "ledger.sqlite")
    for form in range(ledger.format, target):
        steps[form](engine, ledger)
        ledger.set("format", str(form + 1))
    return backup
