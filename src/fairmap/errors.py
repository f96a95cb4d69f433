"""Every exception that fairmap raises on purpose.

::

    FairmapError
    ├── InputError              what was given cannot be used
    │   ├── UnreadableInput     not RDF, not YAML: with file, line and column
    │   ├── UsageError          an option, setting or name that does not exist
    │   ├── QuerySyntaxError    not SPARQL 1.1: with line and column
    │   ├── QueryRefused        SPARQL that this service does not run (LOAD, SERVICE that is not listed, too deep)
    │   ├── IllFormedShapes     shapes that break a rule of SHACL, with each fault and its clause
    │   └── NotAcceptable       no such representation of this thing
    ├── NotConforming           the data were read and judged; the report says what is wrong
    ├── NotFound                no such record
    │   └── Gone                there was one; it was withdrawn
    ├── AccessDenied            the token does not allow it
    │   └── NotAuthenticated    it needs a token, and none that is valid was shown
    ├── QueryStopped            the query was ended before it was done
    │   ├── QueryTimeout        at its deadline
    │   ├── QueryCrashed        its worker died (memory limit, engine fault)
    │   └── EndpointFailed      an endpoint that it names with SERVICE did not give an answer that can be used
    │       └── EndpointTimeout it did not answer in time
    ├── RemoteFailed            a catalogue elsewhere could not be read
    ├── Busy                    too many queries wait; come again
    └── StoreError              disk, lock or process trouble
        ├── StoreInUse          another process writes to this store
        └── ServiceDown         the running service cannot be reached

Errors know nothing of HTTP or exit codes: ``fairmap.web.errors`` and ``fairmap.cli.errors`` map them by class.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fairmap.model import ValidationReport


class FairmapError(Exception):
    """What went wrong, where, and what was expected, in words for the person who must mend it."""

    def __init__(self, what: str, *, where: str | None = None, expected: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.expected = expected

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}" if self.where else self.what
        return f"{text} (expected: {self.expected})" if self.expected else text

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.what, self.where, self.expected))


def _rebuild(kind: type[FairmapError], what: str, where: str | None, expected: str | None) -> FairmapError:
    return kind(what, where=where, expected=expected)


class InputError(FairmapError):
    """What was given cannot be used."""


class UnreadableInput(InputError):
    """A document that is not in the form it claims."""


class UsageError(InputError):
    """An option, setting or name that does not exist or does not fit."""


class QuerySyntaxError(InputError):
    """Text that is not a SPARQL 1.1 query."""


class IllFormedShapes(InputError):
    """Shapes that break a rule of SHACL; the clause is named."""


class QueryRefused(InputError):
    """A query that this service does not run."""


class NotAcceptable(InputError):
    """No representation of the thing has the wanted media type."""


class NotConforming(FairmapError):
    """Data that were read and judged, and do not conform.

    :ivar report: the whole validation report.
    """

    def __init__(self, what: str, report: ValidationReport) -> None:
        super().__init__(what)
        self.report = report


class NotFound(FairmapError):
    """There is no such record in this view."""


class Gone(NotFound):
    """There was such a record; it was withdrawn."""


class AccessDenied(FairmapError):
    """The token does not allow it."""


class NotAuthenticated(AccessDenied):
    """It needs a token, and none that is valid was shown."""


class QueryStopped(FairmapError):
    """A query was ended before it was done."""


class QueryTimeout(QueryStopped):
    """A query ran into its deadline."""


class QueryCrashed(QueryStopped):
    """A query's worker died."""


class EndpointFailed(QueryStopped):
    """An endpoint that a query names with SERVICE did not give an answer that can be used."""


class EndpointTimeout(EndpointFailed):
    """An endpoint that a query names with SERVICE did not answer in time."""


class RemoteFailed(FairmapError):
    """A catalogue elsewhere did not answer, or not with what can be read."""


class Busy(FairmapError):
    """Too many queries wait already."""


class StoreError(FairmapError):
    """Disk, lock or process trouble."""


class StoreInUse(StoreError):
    """Another process writes to this store."""


class ServiceDown(StoreError):
    """The running service cannot be reached."""
