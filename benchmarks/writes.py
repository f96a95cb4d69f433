"""Writes a second at the control socket with 1, 8 and 32 clients that each put one small record again and again.

``python benchmarks/writes.py [SECONDS]`` prints a table of docs/performance.md: without and with shapes.
"""

from __future__ import annotations

import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from fairmap.catalogue import Document
from fairmap.service import ControlClient, places
from service import serving

AGENT: Final = (ROOT / "tests" / "shapes" / "valid" / "agent-minimal.ttl").read_text()
IRI: Final = next(word[1:-1] for word in AGENT.split() if "/agent/" in word)
CLIENTS: Final = (1, 8, 32)


def put(control: ControlClient, client: int, seconds: float) -> int:
    """Puts until the time is over; how many were acknowledged."""
    iri = f"{IRI}-{client}"
    document = Document(AGENT.replace(IRI, iri).encode(), "turtle")
    end = time.monotonic() + seconds
    done = 0
    while time.monotonic() < end:
        control.put(iri, [document], keep=False)
        done += 1
    return done


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 5.0
    print(f"| writes a second | {' | '.join(f'{count} clients' for count in CLIENTS)} |")
    print("|---" * (len(CLIENTS) + 1) + "|", flush=True)
    for what, arguments in (("without shapes", ["--empty", "--no-shapes"]), ("with shapes, beside the map", [])):
        cells = []
        with tempfile.TemporaryDirectory() as folder:
            store = f"oxigraph:{folder}/store"
            with serving(store, *arguments, log=Path(folder) / "log"):
                found = places(store)
                if found is None:
                    raise SystemExit("the service has no control socket")
                control = ControlClient(found.control)
                put(control, 0, 0.1)
                for count in CLIENTS:
                    with ThreadPoolExecutor(count) as pool:
                        start = time.monotonic()
                        done = sum(pool.map(put, [control] * count, range(count), [seconds] * count))
                        cells.append(f"{done / (time.monotonic() - start):.1f}")
        print(f"| {what} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
