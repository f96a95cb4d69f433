"""The control socket: the command line's way into a running service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from fairmap import errors, wire
from fairmap.catalogue.documents import Document
from fairmap.catalogue.reports import as_json, from_json

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from fairmap.catalogue import Catalogue
    from fairmap.model import ValidationReport

_KINDS: Final[dict[str, type[errors.FairmapError]]] = {
    name: kind
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, errors.FairmapError) and kind is not errors.NotConforming
}


class ControlClient:
    """A running service seen from the command line. Each call is one connection."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def status(self) -> dict[str, Any]:
        """``ready``, ``revision``, ``pid`` of the writer and ``union`` of the service.

        :raises ServiceDown: when there is none.
        """
        found: dict[str, Any] = self._call("status", {})[0]
        return found

    def load(self, documents: Sequence[Document], graph: str | None) -> ValidationReport:
        """As :meth:`fairmap.catalogue.Catalogue.load`."""
        return from_json(self._call("load", {"graph": graph}, documents)[0])

    def validate(self, documents: Sequence[Document]) -> ValidationReport:
        """As :meth:`fairmap.catalogue.Catalogue.validate`."""
        return from_json(self._call("validate", {}, documents)[0])

    def export(self, iris: Sequence[str], form: str) -> bytes:
        """As :meth:`fairmap.catalogue.Catalogue.export`."""
        return self._call("export", {"iris": list(iris), "form": form})[1]

    def _call(self, operation: str, arguments: dict[str, Any], documents: Sequence[Document] = ()) -> tuple[Any, bytes]:
        described = [{"form": d.form, "name": d.name, "base_iri": d.base_iri} for d in documents]
        with wire.connect(self._path, "the service") as connection:
            request = {"operation": operation, "arguments": arguments, "documents": described}
            wire.send_json(connection, wire.REQUEST, request)
            for document in documents:
                wire.send(connection, wire.DATA, document.data)
            frame = wire.receive_json(connection)
            body = wire.receive(connection) if frame else None
        if frame is None:
            raise errors.ServiceDown("the service ended before it answered", where=str(self._path))
        if frame[0] == wire.ERROR:
            raise _fault(frame[1])
        return frame[1], body[1] if body else b""


class ControlServer:
    """The writer's side: one call at a time, in order of arrival."""

    def __init__(self, path: Path, catalogue: Catalogue, status: Callable[[], dict[str, Any]]) -> None:
        self._listener = wire.listen(path)
        self._catalogue = catalogue
        self._status = status

    def serve_one(self, timeout: float) -> None:
        """Answer one call, or return after ``timeout`` seconds without one."""
        self._listener.settimeout(timeout)
        try:
            connection, _ = self._listener.accept()
        except TimeoutError:
            return
        connection.setblocking(True)
        with connection:
            try:
                self._answer(connection)
            except (OSError, errors.ServiceDown):
                return  # the caller has left

    def _answer(self, connection: socket.socket) -> None:
        frame = wire.receive_json(connection)
        if frame is None:
            return
        request = frame[1]
        bodies = [wire.receive(connection) for _ in request["documents"]]
        documents = [Document(body[1], **said) for said, body in zip(request["documents"], bodies, strict=True) if body]
        try:
            value, body = self._carry_out(request["operation"], request["arguments"], documents)
        except errors.FairmapError as error:
            wire.send_json(connection, wire.ERROR, _told(error))
        else:
            wire.send_json(connection, wire.HEAD, value)
            wire.send(connection, wire.DATA, body)

    def _carry_out(self, operation: str, arguments: dict[str, Any], documents: list[Document]) -> tuple[Any, bytes]:
        operations: Mapping[str, Callable[[], tuple[Any, bytes]]] = {
            "status": lambda: (self._status(), b""),
            "load": lambda: (as_json(self._catalogue.load(*documents, graph=arguments["graph"])), b""),
            "validate": lambda: (as_json(self._catalogue.validate(*documents)), b""),
            "export": lambda: ({}, self._catalogue.export(*arguments["iris"], form=arguments["form"])),
        }
        if operation not in operations:
            raise errors.UsageError(f"there is no operation {operation!r}", expected=", ".join(operations))
        return operations[operation]()


def _told(error: errors.FairmapError) -> dict[str, Any]:
    told: dict[str, Any] = {
        "kind": type(error).__name__,
        "what": error.what,
        "where": error.where,
        "expected": error.expected,
    }
    if isinstance(error, errors.NotConforming):
        told["report"] = as_json(error.report)
    return told


def _fault(told: dict[str, Any]) -> errors.FairmapError:
    if "report" in told:
        return errors.NotConforming(told["what"], from_json(told["report"]))
    return _KINDS[told["kind"]](told["what"], where=told["where"], expected=told["expected"])
