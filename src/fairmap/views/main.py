"""The view process."""

from __future__ import annotations

import json
import signal
import socket
import sys

from fairmap.views.disk import DiskSnapshot
from fairmap.views.server import Server
from fairmap.views.snapshot import Snapshot
from fairmap.views.worker import die_with_parent, run


def main() -> None:
    """Entry of the process: options as JSON in the first argument, the writer on standard input."""
    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the service's own process decides when to stop
    options = json.loads(sys.argv[1])
    kind = DiskSnapshot if options["disk"] else Snapshot
    snapshot = kind(rewriting=bool(options["rewrite"]))
    Server(options, socket.socket(fileno=0), snapshot, run).run()


if __name__ == "__main__":
    main()
