"""Settings: flag, then environment ``FAIRMAP_*``, then ``fairmap.toml``, then default; each knows where it came from.

Secrets may also lie in a file that ``FAIRMAP_NAME_FILE`` names.
"""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from fairmap.errors import UsageError
from fairmap.namespaces import DEFAULT_BASE

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX: Final = "FAIRMAP_"
FILE: Final = "fairmap.toml"
_ENDPOINT: Final = re.compile(r"[!$&'()*+./0-9:;=?@A-Z\[\]_a-z~%-]+")
"""Letters of an absolute IRI in ASCII, without those that need an escape in SPARQL."""
_IN_FILE: Final = "_file"
"""What the name of a variable ends with that names a file with a secret."""


def _setting(default: Any, text: str, choices: tuple[str, ...] = (), *, secret: bool = False) -> Any:
    return field(default=default, metadata={"text": text, "choices": choices, "secret": secret}, repr=not secret)


@dataclass(frozen=True)
class Settings:
    """Every setting of a deployment."""

    store: str = _setting("oxigraph:fairmap-store", "where the graph lies: oxigraph:PATH, memory: or sparql:URL")
    state: str = _setting("", "folder of ledger, tokens, audit log, lock and sockets; of a sparql: store only")
    sparql_update: str = _setting("", "address for SPARQL updates of a sparql: store's engine")
    sparql_graph_store: str = _setting("", "address of the Graph Store Protocol of a sparql: store's engine")
    sparql_user: str = _setting("", "user at a sparql: store's engine (Basic or Digest, as it asks)")
    sparql_password: str = _setting("", "password of that user", secret=True)
    sparql_engine: str = _setting(
        "auto", "what a sparql: store's engine is; auto: as it says itself", ("auto", "oxigraph", "virtuoso", "other")
    )
    base_iri: str = _setting(DEFAULT_BASE, "base of record IRIs; never changes for a deployment")
    public_url: str = _setting("", "address by which readers reach the service; empty: the address it listens on")
    host: str = _setting("127.0.0.1", "address to listen on")
    port: int = _setting(8080, "port to listen on")
    union: bool = _setting(True, "the default graph of a query is the union of all graphs")
    shapes: bool = _setting(True, "records are judged by the shapes before they are written")
    publisher: str = _setting("", "name of who publishes this deployment; empty: told as missing")
    contact: str = _setting("", "mail address or page of the deployment's contact; empty: told as missing")
    query_deadline: float = _setting(30.0, "seconds after which a query is ended")
    query_memory: int = _setting(1024, "MiB that one query may use beyond the graph itself")
    view_memory: int = _setting(
        2048, "MiB up to which a graph is held in memory for queries; a larger one is read from disk"
    )
    query_workers: int = _setting(4, "queries that run at the same time")
    query_queue: int = _setting(32, "queries that may wait for a worker before a newcomer is sent away")
    query_length: int = _setting(262144, "bytes of the longest query that is run")
    rewrite: bool = _setting(True, "queries are put into other words that the engine answers faster")
    answer_size: int = _setting(512, "MiB of the largest answer that is given")
    result_cache: int = _setting(
        64, "MiB of answers that each web process keeps for the next who asks the same; 0: none"
    )
    upload: int = _setting(64, "MiB of the largest document that is read")
    web_workers: int = _setting(2, "web processes")
    web_threads: int = _setting(24, "requests that one web process answers at the same time")
    judge_deadline: float = _setting(30.0, "seconds after which a judgement (validation, FAIR audit) is ended")
    judge_memory: int = _setting(1024, "MiB that one judgement may use beyond the shapes")
    judge_workers: int = _setting(2, "judgements that run at the same time")
    judge_queue: int = _setting(16, "judgements that may wait for a worker before a newcomer is sent away")
    judge_size: int = _setting(32, "MiB of the largest submission that is judged")
    federation: str = _setting(
        "", "IRIs of the endpoints that SERVICE may name, with spaces or commas between; empty: SERVICE is refused"
    )
    federation_deadline: float = _setting(10.0, "seconds after which an endpoint that SERVICE names is given up")
    federation_size: int = _setting(64, "MiB of the largest answer that is taken from an endpoint that SERVICE names")
    catalogue_hosts: str = _setting(
        "", "hosts (host or host:port) that validate may read catalogues from, with spaces or commas between"
    )
    catalogue_deadline: float = _setting(60.0, "seconds after which reading a catalogue, all its pages, is given up")
    catalogue_size: int = _setting(64, "MiB of the largest catalogue, all its pages, that is read")
    rate_limit: int = _setting(600, "requests a minute that one client may send to read; 0: any number")
    write_rate_limit: int = _setting(60, "requests a minute that one client may send to write; 0: any number")
    trusted_proxies: int = _setting(
        0, "proxies before the service that tell the client's address in X-Forwarded-For; 0: the header is not read"
    )
    audit_days: int = _setting(365, "days for which lines of the audit log are kept; 0: for ever")
    audit_keep: bool = _setting(
        False,
        "a FAIR audit of each record that changes is kept, made beside the writer and shown as the record's history",
    )
    log: str = _setting("plain", "plain: only errors; json: a line for each request", ("plain", "json"))

    @property
    def endpoints(self) -> tuple[str, ...]:
        """The endpoints of ``federation``."""
        return tuple(dict.fromkeys(self.federation.replace(",", " ").split()))


_FIELDS: Final = {f.name: f for f in fields(Settings)}


@dataclass(frozen=True)
class Configuration:
    """Settings with the origin of each: ``flag``, ``environment``, the file's path, or ``default``."""

    settings: Settings
    origins: Mapping[str, str]


def configure(
    flags: Mapping[str, Any] | None = None,
    *,
    environment: Mapping[str, str] | None = None,
    directory: Path | None = None,
) -> Configuration:
    """Settings from all places.

    :param flags: values given on the command line; ``None`` values count as not given.
    :param environment: default: the process's.
    :param directory: where ``fairmap.toml`` is looked for; default: the current one.
    :raises UsageError: for a name that is no setting or a value that does not fit, with its place.
    """
    values: dict[str, Any] = {}
    origins = dict.fromkeys(_FIELDS, "default")
    sources = (
        _from_file((directory or Path.cwd()) / FILE),
        _from_environment(os.environ if environment is None else environment),
        {name: (value, "flag") for name, value in (flags or {}).items() if value is not None},
    )
    for source in sources:
        for name, (value, origin) in source.items():
            values[name] = _fit(name, value, origin)
            origins[name] = origin
    if not values.get("base_iri", DEFAULT_BASE).endswith(("/", "#")):
        raise UsageError(
            f"base_iri {values['base_iri']!r} has no end", where=origins["base_iri"], expected="a final / or #"
        )
    settings = Settings(**values)
    for endpoint in settings.endpoints:
        _check_endpoint(endpoint, origins["federation"])
    return Configuration(settings, origins)


def is_secret(name: str) -> bool:
    """Whether the setting's value is never shown."""
    return bool(_FIELDS[name].metadata["secret"])


def describe(name: str) -> str:
    """What the setting is for, in one line."""
    return str(_FIELDS[name].metadata["text"])


def _from_file(path: Path) -> dict[str, tuple[Any, str]]:
    if not path.is_file():
        return {}
    try:
        document = tomllib.loads(path.read_text())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"not TOML: {error}", where=str(path)) from error
    return {name.replace("-", "_"): (value, str(path)) for name, value in document.items()}


def _from_environment(environment: Mapping[str, str]) -> dict[str, tuple[Any, str]]:
    found = {}
    for variable, value in environment.items():
        name = variable.removeprefix(PREFIX).lower()
        of_file = name.removesuffix(_IN_FILE)
        if not variable.startswith(PREFIX):
            continue
        if name in _FIELDS:
            found[name] = (value, f"environment {variable}")
        elif of_file in _FIELDS and is_secret(of_file):
            found[of_file] = (_secret(Path(value), variable), f"environment {variable}")
    return found


def _check_endpoint(iri: str, origin: str) -> None:
    """Only what can be asked as it stands, and compared letter by letter.

    :raises UsageError: for anything else.
    """
    try:
        parts = urlsplit(iri)
        fits = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        fits = False
    if not fits or "@" in parts.netloc or not _ENDPOINT.fullmatch(iri):
        raise UsageError(
            f"{iri!r} is no endpoint",
            where=f"federation ({origin})",
            expected="http(s)://host/path, without user and #",
        )


def _secret(path: Path, variable: str) -> str:
    """The first line of a file that holds nothing else."""
    try:
        return path.read_text().rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"the file {path} cannot be read: {error}", where=f"environment {variable}") from error


def _fit(name: str, value: Any, origin: str) -> Any:
    if name not in _FIELDS:
        raise UsageError(f"there is no setting {name!r}", where=origin, expected=", ".join(_FIELDS))
    wanted: type[Any] = type(_FIELDS[name].default)
    choices = _FIELDS[name].metadata["choices"]
    if choices and value not in choices:
        raise UsageError(f"{name} = {value!r} does not fit", where=origin, expected=" or ".join(choices))
    try:
        return _as_bool(value) if wanted is bool else wanted(value)
    except (TypeError, ValueError) as error:
        raise UsageError(f"{name} = {value!r} does not fit", where=origin, expected=wanted.__name__) from error


def _as_bool(value: Any) -> bool:
    words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    word = str(value).lower()
    if word not in words:
        raise ValueError(value)
    return words[word]
