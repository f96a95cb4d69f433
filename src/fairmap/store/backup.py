"""Backups: an exact copy of a store's folder with a manifest, verified when it is made and when it is restored.

A backup lies in a folder of its own: ``public/`` (a checkpoint of the engine, which shares files with the store where the file
system allows), ``state/ledger.sqlite``, ``org/`` and ``state/org/`` with the same of each organisation, ``proposals/`` and
``state/proposals/`` with the same of what was proposed, ``state/audits.sqlite`` when FAIR audits were kept, and ``manifest.json``.
It has its final name only when all of it is there and verified.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import re
import shutil
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pyoxigraph import Store

from fairmap.access import organisation_name
from fairmap.errors import StoreError, StoreInUse, UsageError
from fairmap.rdf import digest
from fairmap.store.address import PROPOSALS, Address, level_place
from fairmap.store.audits import AUDITS, copy_audits, count_audits
from fairmap.store.ledger import FORMAT, Ledger
from fairmap.store.level import Level
from fairmap.store.levels import Levels, open_levels

if TYPE_CHECKING:
    from collections.abc import Iterator

MANIFEST: Final = "manifest.json"
_LEDGER: Final = "state/ledger.sqlite"
_AUDITS: Final = f"state/{AUDITS}"
_PARTIAL: Final = ".partial"
_PLACE: Final = re.compile(r"(?:public|state|(?:state/)?proposals|(?:state/)?org/[a-z0-9-]+)/[^/]+")


@dataclass(frozen=True)
class Contents:
    """What a level held when it was backed up.

    :ivar digest: SHA-256 of the whole graph as written (:func:`fairmap.rdf.digest`).
    """

    revision: int
    records: int
    digest: str


@dataclass(frozen=True)
class Manifest:
    """What a backup holds.

    :ivar format: form of the store's folder.
    :ivar digest: SHA-256 of the whole public graph as written (:func:`fairmap.rdf.digest`).
    :ivar version: the fairmap that made it.
    :ivar time: when it was made (ISO 8601, UTC).
    :ivar files: SHA-256 of each file, by its path in the backup.
    :ivar organisations: what each organisation's level held, by its name.
    :ivar proposals: what the level of proposals held; ``None``: there was none.
    :ivar audits: how many FAIR audits were kept; ``None``: there was no file of them.
    """

    revision: int
    format: int
    records: int
    digest: str
    version: str
    time: str
    files: dict[str, str]
    organisations: dict[str, Contents] = field(default_factory=dict)
    proposals: Contents | None = None
    audits: int | None = None

    def contents(self) -> dict[str | None, Contents]:
        """What each level held; ``None``: the public one, :data:`PROPOSALS`: that of proposals."""
        public: dict[str | None, Contents] = {None: Contents(self.revision, self.records, self.digest)}
        proposals = {} if self.proposals is None else {PROPOSALS: self.proposals}
        return public | dict(self.organisations.items()) | proposals

    def as_json(self) -> dict[str, Any]:
        """For the file and for the control socket."""
        told = asdict(self)
        return {name: value for name, value in told.items() if value is not None}


def write_backup(levels: Levels, folder: Path) -> Manifest:
    """Back up an open store to ``folder``, which must not exist or be empty. Nothing may write to its levels meanwhile.

    :raises StoreError: when the folder cannot be used, or what was written is not what the levels hold; nothing is left then.
    """
    partial = _partial(folder)
    try:
        with _disk_errors(partial):
            manifest = _write(levels, partial)
            _verify(partial, manifest)
            _take_name(partial, folder)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    return manifest


def restore_backup(folder: Path, address: Address) -> Manifest:
    """Make the store at ``address``, which must not exist or be empty, from the backup in ``folder``, which stays as it is.

    All records count as changed then: those who follow them may have later versions, and are told of these.
    Files are copied, never linked: the engine of the new store may change its own.

    :raises UsageError: for a store in memory.
    :raises StoreInUse: when the store is open somewhere.
    :raises StoreError: when there is no whole backup, or what was copied is not what its manifest says; nothing is left then.
    """
    if address.path is None:
        raise UsageError("a backup is restored to disk", where=str(address), expected="--store oxigraph:PATH")
    manifest = read_manifest(folder)
    _refuse_open(address)
    partial = _partial(address.path)
    try:
        with _disk_errors(partial):
            for name in manifest.files:
                _make(partial, Path(name).parent)
                shutil.copy2(folder / name, partial / name)
            _verify(partial, manifest)
            restored = open_levels(Address(partial))
            for _, level in restored.kept():  # opening a level finishes what its journal holds
                level.ledger.touch()
                level.ledger.settle()
            restored.close()
            _take_name(partial, address.path)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    return manifest


def read_manifest(folder: Path) -> Manifest:
    """The manifest of the backup in ``folder``.

    :raises StoreError: when it is no whole backup, or one of a newer fairmap.
    """
    path = folder / MANIFEST
    try:
        manifest = _read(json.loads(path.read_text()))
        is_sound = isinstance(manifest.format, int) and all(_is_inside(name) for name in manifest.files)
    except OSError as error:
        raise StoreError(f"there is no backup: {error.strerror}", where=str(path)) from error
    except (ValueError, TypeError, AttributeError) as error:
        raise StoreError("this is no manifest of a backup", where=str(path)) from error
    if not is_sound or not isinstance(manifest.files, dict) or _LEDGER not in manifest.files:
        raise StoreError("this is no manifest of a backup", where=str(path))
    if manifest.format > FORMAT:
        what = f"the backup has form {manifest.format}, this fairmap reads up to {FORMAT}"
        raise StoreError(what, where=str(path), expected=f"fairmap {manifest.version} or newer")
    return manifest


@contextlib.contextmanager
def reading(path: Path, organisation: str | None = None) -> Iterator[tuple[Level, list[str]]]:
    """A level of a closed store's folder, which changes nothing in it, and the records of its unfinished journal.

    :raises StoreError: when the engine or the ledger cannot be read.
    """
    with tempfile.TemporaryDirectory(prefix="fairmap-") as copy, _disk_errors(path):
        place = level_place(path, organisation)
        _copy_ledger(place.ledger, Path(copy) / "ledger.sqlite")
        with closing(Ledger(Path(copy) / "ledger.sqlite")) as ledger:
            unfinished = [iri for iri, _ in ledger.unfinished()]
            ledger.finish()  # in the copy: this level must not write
            yield Level(Store.read_only(str(place.engine)), ledger), unfinished


def holder(address: Address) -> str | None:
    """The process that has the store open for writing, as its lock tells; ``None`` when nobody has."""
    if address.state is None:
        return None
    try:
        descriptor = os.open(address.state / "lock", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return os.pread(descriptor, 32, 0).decode().strip() or "unknown"
    finally:
        os.close(descriptor)
    return None


def _partial(folder: Path) -> Path:
    """A new folder beside ``folder`` that takes its name when it is whole."""
    with _disk_errors(folder):
        if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
            raise StoreError("this is no folder", where=str(folder), expected="a folder that is empty or not there yet")
        if folder.is_dir() and any(folder.iterdir()):
            raise StoreError("it is not empty", where=str(folder), expected="a folder that is empty or not there yet")
    partial = folder.with_name(folder.name + _PARTIAL)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial.mkdir(mode=0o700)
    except FileExistsError as error:
        what = "a backup or restore is under way or was broken off here"
        raise StoreError(
            what, where=str(partial), expected="this folder to be removed when nothing works on it"
        ) from error
    except OSError as error:
        raise StoreError(f"the folder cannot be made: {error.strerror}", where=str(partial)) from error
    return partial


def _write(levels: Levels, partial: Path) -> Manifest:
    contents = {name: _write_level(level, partial, name) for name, level in levels.kept()}
    public, proposals = contents.pop(None), contents.pop(PROPOSALS, None)
    path = levels.address.path
    audits = copy_audits(path / _AUDITS, partial / _AUDITS) if path else None
    manifest = Manifest(
        revision=public.revision,
        format=levels.public.ledger.format,
        records=public.records,
        digest=public.digest,
        version=version("fairmap"),
        time=datetime.now(UTC).isoformat(timespec="seconds"),
        files=_files(partial),
        organisations={name: told for name, told in contents.items() if name is not None},
        proposals=proposals,
        audits=audits,
    )
    (partial / MANIFEST).write_text(json.dumps(manifest.as_json(), indent=1) + "\n")
    return manifest


def _write_level(level: Level, target: Path, organisation: str | None) -> Contents:
    place = level_place(target, organisation)
    level.engine.flush()
    level.ledger.finish()
    _make(target, place.engine.parent.relative_to(target))
    level.engine.backup(str(place.engine))
    place.engine.chmod(0o700)
    _make(target, place.ledger.parent.relative_to(target))
    level.ledger.copy(place.ledger)
    return _contents(level)


def _contents(level: Level) -> Contents:
    return Contents(level.ledger.revision, len(level.ledger.records()), digest(level.dump()))


def _make(folder: Path, inside: Path) -> None:
    """Make the folders on the way from ``folder`` to ``inside`` it, for this user alone."""
    for part in (*reversed(inside.parents), inside):
        (folder / part).mkdir(mode=0o700, exist_ok=True)


def _verify(folder: Path, manifest: Manifest) -> None:
    """Compare a folder with a manifest: each file first, since the graph alone shows only one of the engine's indexes."""
    found = _files(folder)
    wrong = sorted(name for name, sha256 in manifest.files.items() if found.get(name) != sha256)
    if wrong:
        raise StoreError(f"{len(wrong)} files are not as they were backed up, such as {wrong[0]}", where=str(folder))
    for organisation, wanted in manifest.contents().items():
        with reading(folder, organisation) as (level, _):
            told = _contents(level)
        if told != wanted:
            what = f"revision, records and digest are {told.revision}, {told.records}, {told.digest}"
            expected = f"{wanted.revision}, {wanted.records}, {wanted.digest} as the manifest says"
            where = f"{folder}, {organisation.lstrip(':')}" if organisation else str(folder)
            raise StoreError(what, where=where, expected=expected)
    audits = count_audits(folder / _AUDITS) if _AUDITS in manifest.files else None
    if audits != manifest.audits:
        raise StoreError(
            f"it holds {audits} audits", where=str(folder), expected=f"{manifest.audits} as the manifest says"
        )


def _read(value: dict[str, Any]) -> Manifest:
    told = value.get("organisations", {})
    organisations = {organisation_name(name): Contents(**contents) for name, contents in told.items()}
    proposals = Contents(**value["proposals"]) if value.get("proposals") else None
    return Manifest(**{**value, "organisations": organisations, "proposals": proposals})


def _files(folder: Path) -> dict[str, str]:
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != MANIFEST)
    found = {}
    for path in paths:
        with path.open("rb") as file:
            found[str(path.relative_to(folder))] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


def _is_inside(name: str) -> bool:
    """Whether ``name`` is a file where all of a backup's are: in a level's folder, or beside its ledger."""
    return bool(_PLACE.fullmatch(name)) and Path(name).name != ".."


def _take_name(partial: Path, folder: Path) -> None:
    """Let everything reach the disk, then the name."""
    for path in (*partial.rglob("*"), partial):
        _to_disk(path)
    partial.rename(folder)
    _to_disk(folder.parent)


def _to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _copy_ledger(path: Path, copy: Path) -> None:
    """Copy a ledger that nobody has open, with the log of a process that was killed."""
    shutil.copyfile(path, copy)
    log = path.with_name(f"{path.name}-wal")
    if log.exists():
        shutil.copyfile(log, copy.with_name(f"{copy.name}-wal"))


def _refuse_open(address: Address) -> None:
    owner = holder(address)
    if owner:
        raise StoreInUse(
            f"process {owner} has this store open", where=str(address), expected="a store that is not there yet"
        )


@contextlib.contextmanager
def _disk_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(error.strerror or str(error), where=str(error.filename or path)) from error
    except (RuntimeError, ValueError, sqlite3.Error) as error:
        raise StoreError(f"it cannot be used: {error}", where=str(path)) from error
