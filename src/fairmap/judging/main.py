"""The judging process."""

from __future__ import annotations

import json
import signal
import socket
import sys

from fairmap.judging.bench import Bench
from fairmap.judging.rehearsal import rehearse
from fairmap.judging.worker import work
from fairmap.views.server import Server
from fairmap.views.worker import die_with_parent


def main() -> None:
    """Entry of the process: options as JSON in the first argument, the writer on standard input."""
    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the service's own process decides when to stop
    options = json.loads(sys.argv[1])
    bench = Bench(options["base_iri"])
    rehearse(bench)
    Server(options, socket.socket(fileno=0), bench, work).run()


if __name__ == "__main__":
    main()
