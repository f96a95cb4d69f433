"""What the writer does when asked over the control socket. Who asks with a token must be allowed; each write is noted."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fairmap.access import LOCAL, NOBODY, Audit, Principal, Scope, Tokens
from fairmap.catalogue.reports import as_json
from fairmap.errors import FairmapError, NotFound, ServiceDown, UsageError
from fairmap.rdf import FORMATS, by_name, canonical, serialise
from fairmap.service.metrics import WriteCounts
from fairmap.store.backup import write_backup
from fairmap.store.check import spot_check

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fairmap.catalogue import Catalogue, Document
    from fairmap.config import Settings
    from fairmap.views import ViewClient


class Operations:
    """The operations of one store; used by the writer's thread only.

    ``token`` among the arguments is what a reader showed over HTTP (``None``: nothing); without that member the caller is
    the user who owns the socket.
    """

    def __init__(self, catalogue: Catalogue, settings: Settings, state: Path | None, view: ViewClient) -> None:
        self._catalogue = catalogue
        self._settings = settings
        self._view = view
        self._tokens = Tokens(state / "tokens.sqlite" if state else None)
        self._audit = Audit(state / "audit.jsonl" if state else None)
        self._reads: Mapping[str, Callable[..., tuple[Any, bytes]]] = {
            "status": self._status,
            "validate": self._validate,
            "export": self._export,
            "graph": self._graph,
            "check": self._check,
            "stats": self._stats,
        }
        self._writes: Mapping[str, Callable[..., tuple[Any, bytes]]] = {
            "load": self._load,
            "put": self._put,
            "delete": self._delete,
            "update": self._update,
        }
        self._administration: Mapping[str, Callable[..., tuple[Any, bytes]]] = {
            "token create": self._create_token,
            "token list": self._list_tokens,
            "token revoke": self._revoke_token,
            "backup": self._backup,
        }
        self._counts = WriteCounts()

    def close(self) -> None:
        """Close the files beside the store."""
        self._tokens.close()
        self._audit.close()

    def carry_out(self, operation: str, arguments: dict[str, Any], documents: list[Document]) -> tuple[Any, bytes]:
        """Do what is asked.

        :raises FairmapError: as the operation says; a refused or failed write is noted, too.
        """
        if operation in self._reads:
            return self._reads[operation](arguments, documents)
        known = {**self._writes, **self._administration}
        if operation not in known:
            raise UsageError(f"there is no operation {operation!r}", expected=", ".join([*self._reads, *known]))
        scope = Scope.CURATE if operation in self._writes else Scope.ADMIN
        principal = NOBODY
        try:
            principal = self._principal(arguments)
            principal.require(scope, operation)
            done = known[operation](arguments, documents)
        except FairmapError as error:
            self._count(operation, error)
            self._audit.note(principal, operation, type(error).__name__, graph=arguments.get("graph"))
            raise
        self._count(operation, None)
        self._audit.note(principal, operation, "done", graph=arguments.get("graph"))
        return done

    def _principal(self, arguments: dict[str, Any]) -> Principal:
        if "token" not in arguments:
            return LOCAL
        text = arguments["token"]
        return NOBODY if text is None else self._tokens.principal(text)

    def _count(self, operation: str, error: FairmapError | None) -> None:
        if operation in self._writes:
            self._counts.count(error)

    def _status(self, _: dict[str, Any], __: list[Document]) -> tuple[Any, bytes]:
        revision = self._catalogue.level.ledger.revision
        return {"ready": True, "revision": revision, "pid": os.getpid(), "union": self._settings.union}, b""

    def _stats(self, _: dict[str, Any], __: list[Document]) -> tuple[Any, bytes]:
        records = len(self._catalogue.level.ledger.records())
        pids = {"pid": os.getpid(), "supervisor": os.getppid()}
        return {**pids, "records": records, "writes": self._counts.as_json()}, b""

    def _check(self, _: dict[str, Any], __: list[Document]) -> tuple[Any, bytes]:
        return spot_check(self._catalogue.level).as_json(), b""

    def _backup(self, arguments: dict[str, Any], _: list[Document]) -> tuple[Any, bytes]:
        return write_backup(self._catalogue.level, Path(arguments["folder"])).as_json(), b""

    def _validate(self, _: dict[str, Any], documents: list[Document]) -> tuple[Any, bytes]:
        return as_json(self._catalogue.validate(*documents)), b""

    def _export(self, arguments: dict[str, Any], _: list[Document]) -> tuple[Any, bytes]:
        return {}, self._catalogue.export(*arguments["iris"], form=arguments["form"])

    def _graph(self, arguments: dict[str, Any], _: list[Document]) -> tuple[Any, bytes]:
        """One graph as it was written; an empty one that was put is there, too."""
        record = self._catalogue.level.record(arguments["graph"])
        if record is None and not self._catalogue.has(arguments["graph"]):
            raise NotFound("there is no such graph", where=arguments["graph"])
        triples = [quad.triple for quad in canonical(record.quads)] if record else []
        return {}, serialise(triples, by_name(arguments["form"], FORMATS))

    def _load(self, arguments: dict[str, Any], documents: list[Document]) -> tuple[Any, bytes]:
        return as_json(self._catalogue.load(*documents, graph=arguments["graph"])), b""

    def _put(self, arguments: dict[str, Any], documents: list[Document]) -> tuple[Any, bytes]:
        is_new = self._catalogue.replace(arguments["graph"], *documents, keep=arguments["keep"])
        return {"new": is_new}, b""

    def _delete(self, arguments: dict[str, Any], _: list[Document]) -> tuple[Any, bytes]:
        self._catalogue.remove(arguments["graph"])
        return {}, b""

    def _update(self, arguments: dict[str, Any], _: list[Document]) -> tuple[Any, bytes]:
        """The view tells what the update would change (in a worker that may die); that is judged and written."""
        difference = self._view.update(arguments["update"])
        if difference.revision != self._catalogue.level.ledger.revision:
            raise ServiceDown("the view is not at the store's revision; nothing was written")
        return as_json(self._catalogue.change(difference.added, difference.removed)), b""

    def _create_token(self, arguments: dict[str, Any], _: list[Document]) -> tuple[Any, bytes]:
        scope = Scope(arguments["scope"])
        text = self._tokens.create(
            arguments["name"], scope, organisation=arguments["organisation"], days=arguments["days"]
        )
        return {"token": text}, b""

    def _list_tokens(self, _: dict[str, Any], __: list[Document]) -> tuple[Any, bytes]:
        return [{**vars(token), "scope": token.scope.value} for token in self._tokens.list()], b""

    def _revoke_token(self, arguments: dict[str, Any], _: list[Document]) -> tuple[Any, bytes]:
        self._tokens.revoke(arguments["name"])
        return {}, b""
