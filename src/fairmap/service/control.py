"""The control socket: the command line's way into a running service."""

from __future__ import annotations

import contextlib
import io
import tempfile
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any, Final

from fairmap import errors, wire
from fairmap.catalogue.documents import LARGE, Document
from fairmap.catalogue.reports import as_json, from_json
from fairmap.service.calls import Call
from fairmap.service.places import places

if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence

    from fairmap.model import ValidationReport
    from fairmap.service.operations import Operations
    from fairmap.store import Address

_PATIENCE: Final = 30.0
"""Seconds without a byte after which a caller is given up, so that none can hold up a thread."""

GROUP: Final = 64
"""Calls that are carried out together at most."""


class ControlClient:
    """A running service seen from the command line. Each call is one connection."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def status(self) -> dict[str, Any]:
        """``ready``, ``revision``, ``pid`` of the writer, ``union`` and ``federation`` (endpoints) of the service.

        :raises ServiceDown: when there is none.
        """
        found: dict[str, Any] = self._call("status", {})[0]
        return found

    def load(
        self, documents: Sequence[Document], graph: str | None, organisation: str | None = None
    ) -> ValidationReport:
        """As :meth:`fairmap.catalogue.Catalogue.load`."""
        return from_json(self._call("load", {"graph": graph, "organisation": organisation}, documents)[0])

    def validate(
        self, documents: Sequence[Document], iris: Sequence[str] = (), organisation: str | None = None
    ) -> ValidationReport:
        """As :meth:`fairmap.catalogue.Catalogue.validate`."""
        return from_json(self._call("validate", {"iris": list(iris), "organisation": organisation}, documents)[0])

    def export(self, iris: Sequence[str], form: str, organisation: str | None = None) -> bytes:
        """As :meth:`fairmap.catalogue.Catalogue.export`."""
        return self._call("export", {"iris": list(iris), "form": form, "organisation": organisation})[1]

    def graph(self, name: str, form: str, **credentials: str | None) -> bytes:
        """One graph as it was written, out of what who shows ``token`` sees.

        :raises NotFound: when there is none.
        """
        return self._call("graph", {"graph": name, "form": form, **credentials})[1]

    def make_view(self, token: str | None) -> None:
        """Let the view be made that who shows ``token`` sees."""
        self._call("view", {"token": token})

    def put(self, name: str, documents: Sequence[Document], *, keep: bool, **credentials: str | None) -> bool:
        """As :meth:`fairmap.catalogue.Catalogue.replace`; ``token``: what a reader showed over HTTP, ``organisation``: the one it named."""
        arguments = {"graph": name, "keep": keep, **credentials}
        return bool(self._call("put", arguments, documents)[0]["new"])

    def delete(self, name: str, **credentials: str | None) -> None:
        """As :meth:`fairmap.catalogue.Catalogue.remove`; ``token``: what a reader showed over HTTP."""
        self._call("delete", {"graph": name, **credentials})

    def update(self, text: str, **credentials: str | None) -> ValidationReport:
        """Run an update; ``token``: what a reader showed over HTTP.

        :raises QuerySyntaxError, QueryRefused, QueryTimeout, NotConforming: the store is as it was.
        """
        return from_json(self._call("update", {"update": text, **credentials})[0])

    def proposal(self, step: str, **arguments: Any) -> Any:
        """As :meth:`fairmap.proposals.Desk.step`; ``token``: what a reader showed over HTTP."""
        return self._call(f"proposal {step}", arguments)[0]

    def open_session(self, token: str) -> str:
        """A session's text for a curator who shows ``token``.

        :raises NotAuthenticated, AccessDenied: when the token is worth nothing, or not enough.
        """
        return str(self._call("session open", {"token": token})[0]["session"])

    def close_session(self, session: str) -> None:
        """Let a session be worth nothing.

        :raises NotAuthenticated: when it was worth nothing before.
        """
        self._call("session close", {"token": None, "session": session})

    def create_token(self, name: str, scope: str, *, organisation: str | None, days: int | None) -> str:
        """A new token's text."""
        arguments = {"name": name, "scope": scope, "organisation": organisation, "days": days}
        return str(self._call("token create", arguments)[0]["token"])

    def list_tokens(self) -> list[dict[str, str | None]]:
        """All tokens without their secrets."""
        found: list[dict[str, str | None]] = self._call("token list", {})[0]
        return found

    def revoke_token(self, name: str) -> None:
        """Let a token be worth nothing."""
        self._call("token revoke", {"name": name})

    def backup(self, folder: Path) -> dict[str, Any]:
        """As :func:`fairmap.store.backup.write_backup`; its manifest. Queries go on meanwhile, writes wait.

        :raises StoreError: the folder is as it was.
        """
        found: dict[str, Any] = self._call("backup", {"folder": str(folder)})[0]
        return found

    def check(self) -> list[tuple[str | None, dict[str, Any]]]:
        """As :func:`fairmap.store.check.spot_check`, for each level with its organisation."""
        return [(name, found) for name, found in self._call("check", {})[0]]

    def stats(self, timeout: float = 2.0) -> dict[str, Any]:
        """``pid`` of the writer and of the ``supervisor``, ``records``, and ``writes`` by outcome.

        :raises TimeoutError: when it is at something else for longer.
        """
        found: dict[str, Any] = self._call("stats", {}, timeout=timeout)[0]
        return found

    def _call(
        self,
        operation: str,
        arguments: dict[str, Any],
        documents: Sequence[Document] = (),
        *,
        timeout: float | None = None,
    ) -> tuple[Any, bytes]:
        described = [{"form": d.form, "name": d.name, "base_iri": d.base_iri} for d in documents]
        with wire.talk(self._path, "the service") as connection:
            connection.settimeout(timeout)
            request = {"operation": operation, "arguments": arguments, "documents": described}
            wire.send_json(connection, wire.REQUEST, request)
            for document in documents:
                _send_document(connection, document.data)
            frame = wire.receive_json(connection)
            body = wire.receive(connection) if frame else None
        if frame is None:
            raise errors.ServiceDown("the service ended before it answered", where=str(self._path))
        if frame[0] == wire.ERROR:
            raise _fault(frame[1])
        return frame[1], body[1] if body else b""


def _send_document(connection: socket.socket, data: bytes | Path) -> None:
    with io.BytesIO(data) if isinstance(data, bytes) else data.open("rb") as source:
        while piece := source.read(wire.PIECE):
            wire.send(connection, wire.DATA, piece)
    wire.send(connection, wire.END)


def running(store: str | Address) -> ControlClient | None:
    """The service that has this store open; ``None`` when none does, or the store is in memory."""
    found = places(store)
    if found is None:
        return None
    control = ControlClient(found.control)
    try:
        control.status()
    except errors.ServiceDown:
        return None
    return control


class ControlServer:
    """The writer's side. Each call is read, and answered, by a thread of its own; the writer's thread carries out all that wait."""

    def __init__(self, path: Path, operations: Operations) -> None:
        self._folder = path.parent
        self._listener = wire.listen(path)
        self._operations = operations
        self._calls: SimpleQueue[Call] = SimpleQueue()
        Thread(target=self._accept, daemon=True).start()

    def serve(self, timeout: float) -> None:
        """Carry out the calls that wait, or return after ``timeout`` seconds without one."""
        try:
            calls = [self._calls.get(timeout=timeout)]
        except Empty:
            return
        with contextlib.suppress(Empty):
            while len(calls) < GROUP:
                calls.append(self._calls.get_nowait())
        self._operations.carry_out_all(calls)

    def _accept(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(_PATIENCE)
        with connection, tempfile.TemporaryDirectory(dir=self._folder, prefix="call-") as folder:
            try:
                call = _read_call(connection, Path(folder))
                if call is not None:
                    self._calls.put(call)
                    call.wait()
                    _answer(connection, call)
            except (OSError, errors.ServiceDown):
                return  # the caller has left


def _read_call(connection: socket.socket, folder: Path) -> Call | None:
    frame = wire.receive_json(connection)
    if frame is None:
        return None
    request = frame[1]
    documents = [
        Document(_read_document(connection, folder / str(number)), **said)
        for number, said in enumerate(request["documents"])
    ]
    return Call(request["operation"], request["arguments"], documents)


def _read_document(connection: socket.socket, path: Path) -> bytes | Path:
    """A document's bytes, or the file that holds them when they are many."""
    kept = bytearray()
    with contextlib.ExitStack() as stack:
        file = None
        while frame := wire.receive(connection):
            kind, payload = frame
            if kind == wire.END:
                break
            kept += payload
            if len(kept) > LARGE:
                file = file or stack.enter_context(path.open("wb"))
                file.write(kept)
                kept.clear()
        else:
            raise errors.ServiceDown("the caller left before the document's end")
        if file is None:
            return bytes(kept)
        file.write(kept)
    return path


def _answer(connection: socket.socket, call: Call) -> None:
    if call.error is not None:
        wire.send_json(connection, wire.ERROR, _told(call.error))
    else:
        wire.send_json(connection, wire.HEAD, call.value)
        wire.send(connection, wire.DATA, call.body)


def _told(error: errors.FairmapError) -> dict[str, Any]:
    told = wire.error_as_json(error)
    return {**told, "report": as_json(error.report)} if isinstance(error, errors.NotConforming) else told


def _fault(told: dict[str, Any]) -> errors.FairmapError:
    if "report" in told:
        return errors.NotConforming(told["what"], from_json(told["report"]))
    return wire.error_of(told)
