"""What the writer does when asked over the control socket. Who asks with a token must be allowed; each write is noted."""

from __future__ import annotations

import os
from collections import deque
from contextlib import closing
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from fairmap.access import LOCAL, NOBODY, Audit, Principal, Scope, Tokens, organisation_name
from fairmap.catalogue.reports import as_json
from fairmap.errors import AccessDenied, FairmapError, NotFound, ServiceDown, UsageError
from fairmap.fair.progress import Progress
from fairmap.rdf import FORMATS, by_name, canonical, serialise
from fairmap.service.metrics import WriteCounts
from fairmap.store import address_of
from fairmap.store.check import spot_check

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from fairmap.catalogue import Catalogue, Document
    from fairmap.config import Settings
    from fairmap.service.calls import Call
    from fairmap.service.places import Places
    from fairmap.service.views import RemoteViews, Views
    from fairmap.views.client import Outcome

_WRITES: Final = ("load", "put", "delete", "update")
_SUBMIT: Final = "proposal submit"
_SIGN_IN, _SIGN_OUT = "session open", "session close"


class Operations:
    """The operations of one store; used by the writer's thread only.

    ``token`` among the arguments is what a reader showed over HTTP (``None``: nothing); without that member the caller is
    the user who owns the socket. A ``session`` stands for the token that opened it, for proposals and nothing else. ``organisation``
    names whose records are meant (``None``: the public ones); who shows a token sees those of its own organisation and no other's.
    """

    def __init__(self, catalogue: Catalogue, settings: Settings, places: Places, views: Views | RemoteViews) -> None:
        state = address_of(settings).state
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
        self._writes: Mapping[str, Callable[..., Any]] = {
            "load": self._load,
            "put": self._put,
            "delete": self._delete,
        }
        self._administration: Mapping[str, Callable[..., tuple[Any, bytes]]] = {
            "token create": self._create_token,
            "token list": self._list_tokens,
            "token revoke": self._revoke_token,
            "backup": self._backup,
        }
        self._proposals: Mapping[str, Callable[..., tuple[Any, bytes]]] = {
            f"proposal {step}": partial(self._propose, step)
            for step in ("submit", "list", "show", "edit", "accept", "reject")
        }
        self._sessions: Mapping[str, Callable[..., tuple[Any, bytes]]] = {
            _SIGN_IN: self._open_session,
            _SIGN_OUT: self._close_session,
        }
        self._counts = WriteCounts()
        self._kept_audits = Progress(state) if state and settings.audit_keep else None

    def tidy(self) -> None:
        """What is due from time to time: the audit log begins a new file each day."""
        self._audit.tidy()

    def close(self) -> None:
        """Close the files beside the store."""
        self._tokens.close()
        self._audit.close()

    def carry_out_all(self, calls: Sequence[Call]) -> None:
        """End each of these calls, which all waited: reads first, then writes, as groups.

        A refused or failed write is noted, too.
        """
        for call in calls:
            if call.operation not in _WRITES:
                try:
                    call.value, call.body = self._carry_out(call)
                except FairmapError as error:
                    call.end(error)
                else:
                    call.end()
        waiting: dict[str | None, deque[Call]] = {}
        for call in calls:
            if call.operation in _WRITES and self._admit(call):
                waiting.setdefault(call.organisation, deque()).append(call)
        for organisation, writes in waiting.items():
            while writes:
                self._group(organisation, writes)

    def _carry_out(self, call: Call) -> tuple[Any, bytes]:
        known = {**self._reads, **self._administration, **self._proposals, **self._sessions}
        if call.operation not in known:
            expected = ", ".join([*known, *_WRITES])
            raise UsageError(f"there is no operation {call.operation!r}", expected=expected)
        try:
            self._identify(call)
            done = known[call.operation]({**call.arguments, "organisation": call.organisation}, call.documents)
        except FairmapError as error:
            if call.operation not in self._reads or isinstance(error, AccessDenied):
                self._note(call, error)
            raise
        if call.operation not in self._reads:
            call.value = done[0]
            self._note(call, None)
        return done

    def _identify(self, call: Call) -> None:
        """Who calls, and whose records are meant.

        :raises FairmapError: when it may not be done.
        """
        call.organisation = call.arguments.get("organisation")
        call.principal = self._principal(call.operation, call.arguments)
        call.organisation = self._target(call.principal, call.operation, call.organisation)

    def _admit(self, call: Call) -> bool:
        """Whether a write may be done, and there is a level for it; if not, it is ended."""
        try:
            self._identify(call)
            if call.operation == "update":
                self._views.public.check(call.arguments["update"])
            self._catalogue.levels.of(call.organisation)
        except FairmapError as error:
            self._end(call, error)
            return False
        return True

    def _end(self, call: Call, error: FairmapError | None = None) -> None:
        self._note(call, error)
        call.end(error)

    def _group(self, organisation: str | None, waiting: deque[Call]) -> None:
        """Carry out what waits as one group; what could not be worked out on the same state stays in ``waiting``.

        Updates come first: they are worked out on the view, which has nothing of the group. What fails is ended at once.
        """
        updates = [call for call in waiting if call.operation == "update"]
        others = [call for call in waiting if call.operation != "update"]
        waiting.clear()
        done: list[Call] = []
        try:
            with self._catalogue.group(organisation):
                waiting.extend(self._work_out_updates(organisation, updates, done))
                for call in others:
                    self._work_out(call, done, self._writes[call.operation])
        except FairmapError as error:
            for call in done:
                self._end(call, error)
        else:
            for call in done:
                self._end(call)

    def _work_out(self, call: Call, done: list[Call], write: Callable[..., Any]) -> bool:
        try:
            call.value = write({**call.arguments, "organisation": call.organisation}, call.documents)
        except FairmapError as error:
            self._end(call, error)
            return False
        done.append(call)
        return True

    def _work_out_updates(self, organisation: str | None, calls: Sequence[Call], done: list[Call]) -> Sequence[Call]:
        """Note what updates come to, up to the first that fails: those behind it, which saw its effect, are returned.

        One that fails behind others may fail for what they took of the deadline, so it is returned, too.
        """
        if not calls:
            return ()
        revision = self._catalogue.levels.revision(organisation)
        view = self._views.of(organisation)
        with closing(view.updates([call.arguments["update"] for call in calls])) as outcomes:
            for place, call in enumerate(calls):
                try:
                    outcome = next(outcomes)
                    if outcome.revision != revision:
                        raise ServiceDown("the view is not at the store's revision; nothing was written")
                except FairmapError as error:
                    if place:
                        return calls[place:]
                    self._end(call, error)
                    return calls[1:]
                if not self._work_out(call, done, partial(self._change, outcome)):
                    return calls[place + 1 :]
        return ()

    def _principal(self, operation: str, arguments: dict[str, Any]) -> Principal:
        session = arguments.get("session")
        if session is not None and (operation in self._proposals or operation == _SIGN_OUT):
            return self._tokens.session_principal(session)
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
        if operation in {_SUBMIT, _SIGN_OUT}:  # anybody's, whatever token is shown
            return None
        if operation in self._proposals or operation == _SIGN_IN:
            principal.require(Scope.CURATE, operation)
            return None
        principal.require(Scope.CONTRIBUTE if operation in _WRITES else Scope.ADMIN, operation)
        return principal.writes_to(named) if operation in _WRITES else named

    def _note(self, call: Call, error: FairmapError | None) -> None:
        """In the audit log and, when it is about public records, in the figures that everybody may read."""
        if call.operation in _WRITES and call.organisation is None:
            self._counts.count(error)
        outcome = type(error).__name__ if error else "done"
        graph = call.arguments.get("graph")
        if call.operation in self._proposals:
            told = call.value if isinstance(call.value, dict) else {}
            graph = call.arguments.get("name") or told.get("name")
        principal = call.principal or NOBODY
        self._audit.note(principal, call.operation, outcome, graph=graph, organisation=call.organisation)

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
        records = self._catalogue.level.ledger.count()
        pids = {"pid": os.getpid(), "supervisor": os.getppid()}
        found = {**pids, "records": records, "writes": self._counts.as_json()}
        if self._kept_audits:
            found["audits"] = asdict(self._kept_audits.counts())
        return found, b""

    def _check(self, _: dict[str, Any], __: list[Document]) -> tuple[Any, bytes]:
        return [(name, spot_check(level).as_json()) for name, level in self._catalogue.levels.all()], b""

    def _backup(self, arguments: dict[str, Any], _: list[Document]) -> tuple[Any, bytes]:
        return self._catalogue.backup(Path(arguments["folder"])).as_json(), b""

    def _validate(self, arguments: dict[str, Any], documents: list[Document]) -> tuple[Any, bytes]:
        iris, organisation = arguments.get("iris", ()), arguments["organisation"]
        return as_json(self._catalogue.validate(*documents, iris=iris, organisation=organisation)), b""

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
        self._views.of(arguments["organisation"])
        return {}, b""

    def _load(self, arguments: dict[str, Any], documents: list[Document]) -> Any:
        graph, organisation = arguments["graph"], arguments["organisation"]
        return as_json(self._catalogue.load(*documents, graph=graph, organisation=organisation))

    def _put(self, arguments: dict[str, Any], documents: list[Document]) -> Any:
        keep, organisation = arguments["keep"], arguments["organisation"]
        is_new = self._catalogue.replace(arguments["graph"], *documents, keep=keep, organisation=organisation)
        return {"new": is_new}

    def _delete(self, arguments: dict[str, Any], _: list[Document]) -> Any:
        self._catalogue.remove(arguments["graph"], organisation=arguments["organisation"])
        return {}

    def _change(self, outcome: Outcome, arguments: dict[str, Any], _: list[Document]) -> Any:
        return as_json(self._catalogue.change(outcome.graphs, organisation=arguments["organisation"]))

    def _propose(self, step: str, arguments: dict[str, Any], _: list[Document]) -> tuple[Any, bytes]:
        """A step with proposals; its name stands in the audit log where other operations have the graph."""
        given = {name: arguments[name] for name in ("name", "answers", "reason") if name in arguments}
        return self._catalogue.proposals.step(step, **given), b""

    def _open_session(self, arguments: dict[str, Any], _: list[Document]) -> tuple[Any, bytes]:
        return {"session": self._tokens.open_session(arguments.get("token") or "")}, b""

    def _close_session(self, arguments: dict[str, Any], _: list[Document]) -> tuple[Any, bytes]:
        self._tokens.close_session(arguments.get("session") or "")
        return {}, b""

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
