"""What the writer does when asked over the control socket. Who asks with a token must be allowed; each write is noted."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fairmap.access import LOCAL, NOBODY, Audit, Principal, Scope, Tokens, organisation_name
from fairmap.catalogue.reports import as_json
from fairmap.errors import AccessDenied, FairmapError, NotFound, ServiceDown, UsageError
from fairmap.rdf import FORMATS, by_name, canonical, serialise
from fairmap.service.metrics import WriteCounts
from fairmap.store import address
from fairmap.store.backup import write_backup
from fairmap.store.check import spot_check

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fairmap.catalogue import Catalogue, Document
    from fairmap.config import Settings
    from fairmap.service.places import Places
    from fairmap.service.views import Views


class Operations:
    """The operations of one store; used by the writer's thread only.

    ``token`` among the arguments is what a reader showed over HTTP (``None``: nothing); without that member the caller is
    the user who owns the socket. ``organisation`` names whose records are meant (``None``: the public ones); who shows a token
    sees those of its own organisation and no other's.
    """

    def __init__(self, catalogue: Catalogue, settings: Settings, places: Places, views: Views) -> None:
        state = address(settings.store).state
        self._catalogue = catalogue
        self._settings = settings
        self._views = views
        self._tokens = Tokens(places.tokens)
        self._audit = Audit(state / "audit.jsonl" if state else None, settings.audit_days)
        self._reads: Mapping[str, Callable[..., tuple[Any, bytes]]] = {
            "status": self._status,
            "validate": self._validate,
            "export": self._export,
            "graph": self._graph,
            "view": self._view,
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

    def tidy(self) -> None:
        """What is due from time to time: the audit log begins a new file each day."""
        self._audit.tidy()

    def close(self) -> None:
        """Close the files beside the store."""
        self._tokens.close()
        self._audit.close()

    def carry_out(self, operation: str, arguments: dict[str, Any], documents: list[Document]) -> tuple[Any, bytes]:
        """Do what is asked.

        :raises FairmapError: as the operation says; a refused or failed write is noted, too.
        """
        known = {**self._reads, **self._writes, **self._administration}
        if operation not in known:
            raise UsageError(f"there is no operation {operation!r}", expected=", ".join(known))
        principal, target = NOBODY, arguments.get("organisation")
        try:
            principal = self._principal(arguments)
            target = self._target(principal, operation, target)
            done = known[operation]({**arguments, "organisation": target}, documents)
        except FairmapError as error:
            if operation not in self._reads or isinstance(error, AccessDenied):
                self._note(principal, operation, target, arguments, error)
            raise
        if operation not in self._reads:
            self._note(principal, operation, target, arguments, None)
        return done

    def _principal(self, arguments: dict[str, Any]) -> Principal:
        if "token" not in arguments:
            return LOCAL
        text = arguments["token"]
        return NOBODY if text is None else self._tokens.principal(text)

    def _target(self, principal: Principal, operation: str, named: str | None) -> str | None:
        """The organisation whose records are read or written; ``None``: the public ones."""
        if named is not None:
            organisation_name(named)
        if operation in self._reads:
            seen = named if principal is LOCAL else principal.organisation
            return None if seen is None else organisation_name(seen)
        principal.require(Scope.CONTRIBUTE if operation in self._writes else Scope.ADMIN, operation)
        return principal.writes_to(named) if operation in self._writes else named

    def _note(
        self,
        principal: Principal,
        operation: str,
        target: str | None,
        arguments: dict[str, Any],
        error: FairmapError | None,
    ) -> None:
        """In the audit log and, when it is about public records, in the figures that everybody may read."""
        if operation in self._writes and target is None:
            self._counts.count(error)
        outcome = type(error).__name__ if error else "done"
        self._audit.note(principal, operation, outcome, graph=arguments.get("graph"), organisation=target)

    def _status(self, _: dict[str, Any], __: list[Document]) -> tuple[Any, bytes]:
        revision = self._catalogue.level.ledger.revision
        return {
            "ready": True,
            "revision": revision,
            "pid": os.getpid(),
            "union": self._settings.union,
            "federation": self._settings.endpoints,
        }, b""

    def _stats(self, _: dict[str, Any], __: list[Document]) -> tuple[Any, bytes]:
        records = len(self._catalogue.level.ledger.records())
        pids = {"pid": os.getpid(), "supervisor": os.getppid()}
        return {**pids, "records": records, "writes": self._counts.as_json()}, b""

    def _check(self, _: dict[str, Any], __: list[Document]) -> tuple[Any, bytes]:
        return [(name, spot_check(level).as_json()) for name, level in self._catalogue.levels.all()], b""

    def _backup(self, arguments: dict[str, Any], _: list[Document]) -> tuple[Any, bytes]:
        return write_backup(self._catalogue.levels, Path(arguments["folder"])).as_json(), b""

    def _validate(self, arguments: dict[str, Any], documents: list[Document]) -> tuple[Any, bytes]:
        return as_json(self._catalogue.validate(*documents, organisation=arguments["organisation"])), b""

    def _export(self, arguments: dict[str, Any], _: list[Document]) -> tuple[Any, bytes]:
        organisation = arguments["organisation"]
        return {}, self._catalogue.export(*arguments["iris"], form=arguments["form"], organisation=organisation)

    def _graph(self, arguments: dict[str, Any], _: list[Document]) -> tuple[Any, bytes]:
        """One graph as it was written; an empty one that was put is there, too."""
        name = arguments["graph"]
        level = self._catalogue.levels.holder(name, arguments["organisation"])
        if level is None:
            raise NotFound("there is no such graph", where=name)
        record = level.record(name)
        triples = [quad.triple for quad in canonical(record.quads)] if record else []
        return {}, serialise(triples, by_name(arguments["form"], FORMATS))

    def _view(self, arguments: dict[str, Any], _: list[Document]) -> tuple[Any, bytes]:
        """Make the view of an organisation, when it is not there."""
        if arguments["organisation"] is None:
            raise UsageError("no organisation is named", expected="a token of an organisation")
        self._views.organisations.view(arguments["organisation"])
        return {}, b""

    def _load(self, arguments: dict[str, Any], documents: list[Document]) -> tuple[Any, bytes]:
        graph, organisation = arguments["graph"], arguments["organisation"]
        return as_json(self._catalogue.load(*documents, graph=graph, organisation=organisation)), b""

    def _put(self, arguments: dict[str, Any], documents: list[Document]) -> tuple[Any, bytes]:
        keep, organisation = arguments["keep"], arguments["organisation"]
        is_new = self._catalogue.replace(arguments["graph"], *documents, keep=keep, organisation=organisation)
        return {"new": is_new}, b""

    def _delete(self, arguments: dict[str, Any], _: list[Document]) -> tuple[Any, bytes]:
        self._catalogue.remove(arguments["graph"], organisation=arguments["organisation"])
        return {}, b""

    def _update(self, arguments: dict[str, Any], _: list[Document]) -> tuple[Any, bytes]:
        """The view tells what the update would change (in a worker that may die); that is judged and written."""
        organisation = arguments["organisation"]
        difference = self._views.of(organisation).update(arguments["update"])
        if difference.revision != self._catalogue.levels.revision(organisation):
            raise ServiceDown("the view is not at the store's revision; nothing was written")
        report = self._catalogue.change(difference.added, difference.removed, organisation=organisation)
        return as_json(report), b""

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
