"""What may be wrong with an installation, a store and a running service, in plain words. Nothing is changed."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import secrets
import shutil
import socket
import sys
import time
from dataclasses import dataclass
from enum import Enum
from importlib.metadata import PackageNotFoundError, requires, version
from typing import TYPE_CHECKING, Any, Final

from fairmap.errors import FairmapError, StoreError
from fairmap.namespaces import DEFAULT_BASE
from fairmap.service.control import ControlClient
from fairmap.service.places import places
from fairmap.service.views import view_of
from fairmap.store import FORMAT, Engine, address_of, open_remote
from fairmap.store.backup import holder, reading
from fairmap.store.check import Check, spot_check

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fairmap.config import Settings
    from fairmap.store import Address, Remote

_MIB: Final = 1 << 20
_LITTLE: Final = 1024
"""MiB of free disk below which a warning is due."""
_TOO_LITTLE: Final = 100
_SLOW: Final = 1.0
"""Seconds of an empty query above which a warning is due."""
_REQUIREMENT: Final = re.compile(r"([A-Za-z0-9._-]+)\s*([^;]*)")
_BOUND: Final = re.compile(r"(>=|<)\s*([0-9.]+)")


class State(Enum):
    """How grave a finding is."""

    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True)
class Diagnosis:
    """One thing that was looked at.

    :ivar remedy: what to do; ``None`` when nothing is wrong.
    """

    subject: str
    state: State
    text: str
    remedy: str | None = None


def examine(settings: Settings) -> Iterator[Diagnosis]:
    """Look at everything, one after the other."""
    where = address_of(settings)
    yield from _packages()
    yield from _folder(where)
    control = _control(where)
    status = _status(control)
    yield _service(where, status)
    if control and status:
        yield _view(settings)
        yield from _served(control)
    else:
        yield from _closed(where)
    yield from _settings(settings)
    yield _port(settings, served=status is not None or holder(where) is not None)


def _ok(subject: str, text: str) -> Diagnosis:
    return Diagnosis(subject, State.OK, text)


def _warning(subject: str, text: str, remedy: str) -> Diagnosis:
    return Diagnosis(subject, State.WARNING, text, remedy)


def _fault(subject: str, text: str, remedy: str) -> Diagnosis:
    return Diagnosis(subject, State.FAULT, text, remedy)


def _packages() -> Iterator[Diagnosis]:
    yield _ok("python", f"Python {sys.version.split()[0]}, fairmap {version('fairmap')}")
    wrong, found = [], []
    for requirement in requires("fairmap") or ():
        match = _REQUIREMENT.match(requirement)
        if match is None or "extra" in requirement.partition(";")[2]:
            continue
        name, bounds = match.groups()
        try:
            present = version(name)
        except PackageNotFoundError:
            wrong.append(f"{name} is missing")
            continue
        found.append(f"{name} {present}")
        if not _fits(present, bounds):
            wrong.append(f"{name} is {present}, {bounds.strip()} is needed")
    if wrong:
        yield _fault("packages", "; ".join(wrong), "install fairmap again in this environment")
    else:
        yield _ok("packages", ", ".join(found))


def _fits(present: str, bounds: str) -> bool:
    """Whether a version lies within bounds as in ``>=0.5.13,<0.6``."""
    has = _numbers(present)
    return all(
        has >= _numbers(bound) if sign == ">=" else has < _numbers(bound) for sign, bound in _BOUND.findall(bounds)
    )


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", text.partition("+")[0]))


def _folder(where: Address) -> Iterator[Diagnosis]:
    if where.remote:
        yield _engine(where.remote)
    path = where.path or where.state
    if path is None:
        yield _ok("store", "in memory: nothing on disk")
        return
    above = next(folder for folder in (path, *path.parents) if folder.exists())
    if not above.is_dir():
        yield _fault("store", f"{above} is no folder", "give another --store")
        return
    if not os.access(above, os.R_OK | os.W_OK | os.X_OK):
        yield _fault("store", f"this user may not read and write {above}", "change its owner or run as its owner")
    elif above == path:
        yield _ok("store", f"{path} is there and writable")
    else:
        yield _warning("store", f"there is no store at {path}", "`fairmap serve` or `fairmap load` makes it")
    yield _disk(above)


def _disk(folder: Path) -> Diagnosis:
    free = shutil.disk_usage(folder).free // _MIB
    text = f"{free} MiB are free"
    remedy = "make room: a write that does not fit is refused, and a backup needs as much as the store at most"
    if free < _TOO_LITTLE:
        return _fault("disk", text, remedy)
    return _warning("disk", text, remedy) if free < _LITTLE else _ok("disk", text)


def _control(where: Address) -> ControlClient | None:
    found = places(where)
    return ControlClient(found.control) if found else None


def _status(control: ControlClient | None) -> dict[str, Any] | None:
    if control is None:
        return None
    try:
        return control.stats(timeout=10)
    except (FairmapError, OSError):
        return None


def _service(where: Address, status: dict[str, Any] | None) -> Diagnosis:
    owner = holder(where)
    if status:
        return _ok(
            "service", f"process {status['pid']} has the store and answers; the service is {status['supervisor']}"
        )
    if owner:
        text = f"process {owner} has the store open and does not answer: a command, or a service at a long write"
        return _warning("service", text, f"wait for process {owner}, or stop it when it hangs")
    return _ok("service", "none runs on this store, and nobody has it open")


def _view(settings: Settings) -> Diagnosis:
    found = places(address_of(settings))
    assert found is not None  # noqa: S101 - a service answered there
    started = time.monotonic()
    try:
        for _ in view_of(settings, found).query("ASK {}").chunks:
            pass
    except FairmapError as error:
        return _fault("view", f"queries are not answered: {error}", "look at the service's messages, start it again")
    seconds = time.monotonic() - started
    text = f"an empty query took {seconds * 1000:.0f} ms"
    if seconds > _SLOW:
        return _warning(
            "view", text, "the workers are busy: see /metrics, and the settings query_workers and query_deadline"
        )
    return _ok("view", text)


def _served(control: ControlClient) -> Iterator[Diagnosis]:
    try:
        found = control.check()
    except (FairmapError, OSError) as error:
        yield _fault("ledger", f"the service could not compare its records: {error}", "look at the service's messages")
        return
    for organisation, told in found:
        yield from _of_check(Check(**{**told, "wrong": tuple(told["wrong"])}), organisation)


def _closed(where: Address) -> Iterator[Diagnosis]:
    """A store that no service has. One that is being written is left alone: its files change."""
    if where.path is None or where.state is None or holder(where):
        if where.remote and where.state and not holder(where) and (where.state / "ledger.sqlite").exists():
            yield from _elsewhere(where)
        return
    try:
        if not (where.state / "ledger.sqlite").exists():
            if where.path.is_dir() and any(where.path.iterdir()):
                text = "the folder holds other things than a store"
                yield _fault("ledger", text, "give another --store, or restore a backup")
            return
        for organisation in (None, *where.organisations()):
            with reading(where.path, organisation) as (level, unfinished):
                yield _journal(unfinished, organisation)
                yield from _of_check(spot_check(level, leave_out=unfinished), organisation)
    except (StoreError, OSError) as error:
        yield _fault("ledger", str(error), "restore a backup (`fairmap restore`)")


def _journal(unfinished: list[str], organisation: str | None) -> Diagnosis:
    if not unfinished:
        return _ok("journal", f"{_of(organisation)}no write is unfinished")
    text = f"{_of(organisation)}a write of {len(unfinished)} records was broken off"
    return _warning("journal", text, "none needed: whatever opens the store next finishes it")


def _engine(remote: Remote) -> Diagnosis:
    engine = Engine(remote)
    try:
        name = engine.dialect.name
    except FairmapError as error:
        return _fault("engine", str(error), "start the engine, or mend the address and its credentials")
    finally:
        engine.close()
    if not remote.is_writable:
        return _warning("engine", f"{name} answers; it is only read", "set sparql_update or sparql_graph_store")
    return _ok("engine", f"{name} answers at {remote.query}")


def _elsewhere(where: Address) -> Iterator[Diagnosis]:
    """A store elsewhere that no service has: it is opened as a command does, which finishes what is unfinished."""
    try:
        with contextlib.closing(open_remote(where)) as level:
            yield from _of_check(spot_check(level))
    except FairmapError as error:
        yield _fault("ledger", str(error), "start the engine; restore its backup and the state folder's copy")


def _of_check(check: Check, organisation: str | None = None) -> Iterator[Diagnosis]:
    whose = _of(organisation)
    yield _ok("ledger", f"{whose}it opens; form {check.format} (this fairmap writes {FORMAT}), {check.records} records")
    if check.wrong:
        wrong = ", ".join(check.wrong)
        text = f"{whose}{len(check.wrong)} of {check.checked} records are not as they were written: {wrong}"
        yield _fault("records", text, "load them again, or restore a backup (`fairmap restore`)")
    else:
        yield _ok("records", f"{whose}{check.checked} chosen by chance are as they were written")


def _of(organisation: str | None) -> str:
    return f"organisation {organisation}: " if organisation else ""


def _settings(settings: Settings) -> Iterator[Diagnosis]:
    wrong = list(_doubtful(settings))
    yield from wrong or [_ok("settings", "nothing looks wrong")]


def _doubtful(settings: Settings) -> Iterator[Diagnosis]:
    for name in ("publisher", "contact"):
        if not getattr(settings, name):
            yield _warning("settings", f"{name} is not set: readers are told that it is missing", f"set {name}")
    if settings.base_iri != DEFAULT_BASE:
        text = f"base_iri is {settings.base_iri}: the map's records get IRIs that differ from those published"
        yield _warning(
            "settings", text, f"keep {DEFAULT_BASE}, unless the records are your own and it has always been so"
        )
    cores = os.cpu_count() or 1
    if settings.query_workers > 4 * cores:
        text = f"query_workers is {settings.query_workers} on {cores} cores"
        yield _warning("settings", text, f"at most {4 * cores}")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // _MIB
    needed = settings.query_workers * settings.query_memory
    if needed > memory:
        text = f"query_workers x query_memory is {needed} MiB, this machine has {memory} MiB"
        yield _warning("settings", text, "lower one of them")


def _port(settings: Settings, *, served: bool) -> Diagnosis:
    place = f"{settings.host}:{settings.port}"
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            if served and _is_ours(settings):
                return _ok("port", f"{place} is served by fairmap")
            return _fault(
                "port", f"{place} cannot be listened on: {error.strerror}", "another port or host, or end who has it"
            )
    if served:
        return _warning(
            "port", f"the service does not listen on {place}", "give doctor the service's own port and host"
        )
    return _ok("port", f"{place} is free")


def _is_ours(settings: Settings) -> bool:
    """Whether a fairmap answers there: it gives back the request's id."""
    asked = secrets.token_hex(8)
    with contextlib.suppress(OSError, http.client.HTTPException, ValueError):
        connection = http.client.HTTPConnection(settings.host, settings.port, timeout=5)
        with contextlib.closing(connection):
            connection.request("GET", "/health", headers={"X-Request-ID": asked})
            answer = connection.getresponse()
            return answer.headers["X-Request-ID"] == asked and json.load(answer)["status"] == "ok"
    return False
