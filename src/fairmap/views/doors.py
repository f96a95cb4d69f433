"""Where a view process is asked."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

from fairmap import wire
from fairmap.views.revision import RevisionFile
from fairmap.views.stats import stats_path


def doors(options: dict[str, Any]) -> tuple[socket.socket, socket.socket, RevisionFile | None]:
    """The sockets of queries and figures, and where the revision is told; of a view on demand the sockets are handed over."""
    if "listeners" in options:
        queries, figures = (socket.socket(fileno=number) for number in options["listeners"])
        return queries, figures, None
    path = Path(options["socket"])
    return wire.listen(path), wire.listen(stats_path(path)), RevisionFile(path)
