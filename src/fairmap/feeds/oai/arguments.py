"""What a request of OAI-PMH asks for. Source: OAI-PMH 2.0, clauses 3.1, 3.3, 3.5 and 3.6."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections import Counter
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, Self

from fairmap.errors import InputError
from fairmap.model import moment_of, time_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SECOND: Final = 1_000_000
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d\Z")
_SECONDS: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\Z")
_LISTING: Final = frozenset({"from", "until", "metadataPrefix", "set", "resumptionToken"})
_ALLOWED: Final[Mapping[str, frozenset[str]]] = {
    "Identify": frozenset(),
    "ListMetadataFormats": frozenset({"identifier"}),
    "ListSets": frozenset({"resumptionToken"}),
    "GetRecord": frozenset({"identifier", "metadataPrefix"}),
    "ListIdentifiers": _LISTING,
    "ListRecords": _LISTING,
}
_REQUIRED: Final[Mapping[str, tuple[str, ...]]] = {
    "GetRecord": ("identifier", "metadataPrefix"),
    "ListIdentifiers": ("metadataPrefix",),
    "ListRecords": ("metadataPrefix",),
}


class OaiFault(InputError):
    """An error as the protocol tells it. Source: clause 3.6.

    :ivar code: such as ``badArgument``.
    """

    def __init__(self, code: str, what: str) -> None:
        super().__init__(what)
        self.code = code


@dataclass(frozen=True)
class Selection:
    """The records that a list has, and how far it was given. It is all that a resumption token holds.

    :ivar first: ``from``, ``until`` (``last``) and ``set`` as they came.
    :ivar after: moment of the last record that was given.
    :ivar given: how many were given.
    """

    prefix: str
    first: str = ""
    last: str = ""
    of: str = ""
    after: int = 0
    given: int = 0

    @property
    def begin(self) -> int:
        """The moment after which its records changed: datestamps are whole seconds, the next one after the change."""
        return max(self.after, moment_of(_time(self.first)) - SECOND) if self.first else self.after

    @property
    def end(self) -> int | None:
        """The moment before which they changed."""
        if not self.last:
            return None
        whole_day = timedelta(days=1, seconds=-1) if _DAY.match(self.last) else timedelta()
        return moment_of(_time(self.last) + whole_day) + 1

    def token(self) -> str:
        """The resumption token that leads on; the server keeps nothing."""
        return base64.urlsafe_b64encode(json.dumps(list(asdict(self).values())).encode()).decode().rstrip("=")

    @classmethod
    def of_token(cls, token: str) -> Self:
        """:raises OaiFault: for a token that is none of ours."""
        try:
            values = json.loads(base64.b64decode(token + "=" * (-len(token) % 4), b"-_", validate=True))
            made = cls(*values)
            kinds = [type(value) for value in asdict(made).values()]
            _ = made.begin, made.end
        except (binascii.Error, ValueError, TypeError, OverflowError, OaiFault) as error:
            raise OaiFault("badResumptionToken", "This token is none of this service.") from error
        if kinds != [str, str, str, str, int, int] or min(made.after, made.given) < 0:
            raise OaiFault("badResumptionToken", "This token is none of this service.")
        return made

    def further(self, after: int, given: int) -> Self:
        """The same, some records later."""
        return replace(self, after=after, given=self.given + given)


@dataclass(frozen=True)
class Arguments:
    """A request that is as the protocol wants it."""

    verb: str
    values: Mapping[str, str]

    @classmethod
    def read(cls, pairs: Iterable[tuple[str, str]]) -> Self:
        """The arguments in names and values.

        :raises OaiFault: when they are not as the protocol wants them.
        """
        listed = list(pairs)
        verbs = [value for name, value in listed if name == "verb"]
        if len(verbs) != 1 or verbs[0] not in _ALLOWED:
            raise OaiFault("badVerb", f"There must be one verb: {', '.join(_ALLOWED)}.")
        made = cls(verbs[0], {name: value for name, value in listed if name != "verb"})
        made._check(Counter(name for name, _ in listed))
        return made

    def _check(self, counts: Counter[str]) -> None:
        for name, count in counts.items():
            if count > 1:
                raise OaiFault("badArgument", f"{name!r} stands there more than once.")
            if name != "verb" and name not in _ALLOWED[self.verb]:
                raise OaiFault("badArgument", f"{self.verb} has no argument {name!r}.")
        if "resumptionToken" in self.values:
            if len(self.values) > 1:
                raise OaiFault("badArgument", "A resumptionToken stands alone.")
            return
        for name in _REQUIRED.get(self.verb, ()):
            if name not in self.values:
                raise OaiFault("badArgument", f"{self.verb} needs {name}.")

    def selection(self) -> Selection:
        """What a list is asked for.

        :raises OaiFault: for dates or a token that cannot be used.
        """
        if "resumptionToken" in self.values:
            return Selection.of_token(self.values["resumptionToken"])
        first, last = self.values.get("from", ""), self.values.get("until", "")
        for name in ("from", "until"):
            if name in self.values:
                _time(self.values[name])
        if first and last and len(first) != len(last):
            raise OaiFault("badArgument", "from and until must be of the same granularity.")
        if first and last and first > last:
            raise OaiFault("badArgument", "from is later than until.")
        return Selection(self.values["metadataPrefix"], first, last, self.values.get("set", ""))


def _time(text: str) -> datetime:
    """:raises OaiFault: when it is no date as the protocol wants it."""
    try:
        if _DAY.match(text) or _SECONDS.match(text):
            return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        pass
    raise OaiFault("badArgument", f"{text[:40]!r} is no date: YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ.")


def datestamp(moment: int) -> str:
    """The first whole second that is not before a moment: whoever asked within that second, before the change, asks from it on again.

    >>> datestamp(1_000_000), datestamp(1_000_001)
    ('1970-01-01T00:00:01Z', '1970-01-01T00:00:02Z')
    """
    return time_of(-(-moment // SECOND) * SECOND).strftime("%Y-%m-%dT%H:%M:%SZ")
