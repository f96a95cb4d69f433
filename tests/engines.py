"""Real SPARQL engines for tests: started on private folders and free ports, stopped at the end."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fairmap.views.worker import die_with_parent
from service import free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PASSWORD = "dba"  # noqa: S105 - Virtuoso's own for a new database, on a loopback port that lives as long as a test
NAMES = ("oxigraph", "virtuoso")

VIRTUOSO_OWN = (
    "http://www.openlinksw.com/schemas/virtrdf#",
    "http://www.w3.org/ns/ldp#",
    "http://www.w3.org/2002/07/owl#",
    "http://localuriqaserver/sparql",
    "urn:core:services:sparql",
)
"""Graphs that a new database has."""

_INI = """
[Database]
DatabaseFile = {folder}/virtuoso.db
ErrorLogFile = {folder}/virtuoso.log
LockFile = {folder}/virtuoso.lck
TransactionFile = {folder}/virtuoso.trx
xa_persistent_file = {folder}/virtuoso.pxa
ErrorLogLevel = 7
FileExtend = 200
Striping = 0
TempStorage = TempDatabase

[TempDatabase]
DatabaseFile = {folder}/virtuoso-temp.db
TransactionFile = {folder}/virtuoso-temp.trx
Striping = 0

[Parameters]
ServerPort = {sql}
DisableUnixSocket = 1
CaseMode = 2
NumberOfBuffers = 10000
MaxDirtyBuffers = 6000
DirsAllowed = {folder}
MaxClientConnections = 20

[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerRoot = {folder}
ServerThreads = 10
MaxKeepAlives = 10
KeepAliveTimeout = 10

[SPARQL]
ResultSetMaxRows = 10000
MaxQueryCostEstimationTime = 4000
MaxQueryExecutionTime = 60
"""


@dataclass
class Engine:
    """An engine that can be killed and started again on the same folder and port."""

    name: str
    query: str
    update: str
    graph_store: str
    settings: dict[str, Any]
    command: list[str]
    log: Path
    sql: str = ""
    process: subprocess.Popen[bytes] | None = field(default=None)

    def start(self) -> None:
        """Start it and wait until it answers."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=die_with_parent,  # noqa: PLW1509 - one thread, and an engine must not outlive the tests
            )
        end = time.monotonic() + 60
        while time.monotonic() < end:
            assert self.process.poll() is None, self.log.read_text()
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{self.query}?query=ASK%7B%7D", timeout=10).close()
                return
            time.sleep(0.1)
        raise AssertionError(f"{self.name} does not answer: {self.log.read_text()[-2000:]}")

    def kill(self) -> None:
        """End it at once, as a crash does."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    @property
    def store(self) -> str:
        """As ``--store`` takes it."""
        return f"sparql:{self.query}"


def program(name: str) -> str | None:
    """The engine's program, ``None`` when it is not installed."""
    if name == "virtuoso":
        return shutil.which("virtuoso-t")
    beside = Path(sys.executable).with_name("oxigraph")
    return str(beside) if beside.exists() else shutil.which("oxigraph")


@contextlib.contextmanager
def running(name: str, folder: Path) -> Iterator[Engine]:
    """The engine of that name on a new store in ``folder``."""
    engine = _MAKERS[name](folder)
    engine.start()
    try:
        if engine.sql:
            _hide_own_graphs(engine.sql)
        yield engine
    finally:
        engine.kill()


def _oxigraph(folder: Path) -> Engine:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [str(program("oxigraph")), "serve", "--location", str(folder / "data"), "--bind", f"127.0.0.1:{port}"]
    settings = {"sparql_update": f"{url}/update", "sparql_graph_store": f"{url}/store"}
    return Engine("oxigraph", f"{url}/query", f"{url}/update", f"{url}/store", settings, command, folder / "log")


def _virtuoso(folder: Path) -> Engine:
    port = free_port()
    ini = folder / "virtuoso.ini"
    sql = f"127.0.0.1:{free_port()}"
    ini.write_text(_INI.format(folder=folder, http=port, sql=sql))
    url = f"http://127.0.0.1:{port}"
    command = [str(program("virtuoso")), "+foreground", "+configfile", str(ini)]
    update, graph_store = f"{url}/sparql-auth", f"{url}/sparql-graph-crud-auth"
    settings = {
        "sparql_update": update,
        "sparql_graph_store": graph_store,
        "sparql_user": "dba",
        "sparql_password": PASSWORD,
    }
    return Engine("virtuoso", f"{url}/sparql", update, graph_store, settings, command, folder / "log", sql)


def _hide_own_graphs(sql: str) -> None:
    """As docs/scale.md says: Virtuoso's own graphs are not for those who query."""
    group = "http://www.openlinksw.com/schemas/virtrdf#PrivateGraphs"
    statements = ["DB.DBA.RDF_DEFAULT_USER_PERMS_SET('nobody', 0, 1);", f"DB.DBA.RDF_GRAPH_GROUP_CREATE('{group}', 1);"]
    statements += [f"DB.DBA.RDF_GRAPH_GROUP_INS('{group}', '{graph}');" for graph in VIRTUOSO_OWN]
    for statement in statements:
        command = ["isql-vt", sql, "dba", PASSWORD, f"exec={statement}"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert "Error" not in done.stdout + done.stderr, done.stdout + done.stderr


_MAKERS: dict[str, Callable[[Path], Engine]] = {"oxigraph": _oxigraph, "virtuoso": _virtuoso}
