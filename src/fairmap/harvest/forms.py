"""The forms that are read, and how their terms are called here: ``forms.toml``, and a query for what is not DCAT."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from fairmap.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMS: Final = ("dcat-ap", "healthdcat-ap", "eucaim", "health-ri", "fdp", "schema-org")
"""The names of the forms. Those of DCAT are read alike: what one of them adds means the same in all."""

_PREFIX: Final = re.compile(r"^PREFIX (\w+): <([^>]*)>", re.MULTILINE)
_NAME: Final = re.compile(r"\b([a-z]+):(\w+)")


@dataclass(frozen=True)
class Form:
    """A published form of descriptions.

    :ivar names: what terms are called here, by their IRI.
    :ivar query: a CONSTRUCT that tells a form that is no DCAT in terms of DCAT; ``None``: there is no need.
    """

    name: str
    names: Mapping[str, str]
    query: str | None = None

    @property
    def understood(self) -> frozenset[str]:
        """IRIs of the properties that the query names."""
        spaces = dict(_PREFIX.findall(self.query or ""))
        found = _NAME.findall(self.query or "")
        return frozenset(f"{spaces[prefix]}{local}" for prefix, local in found if prefix in spaces)


def form(name: str) -> Form:
    """The form of that name.

    :raises UsageError: when it is not read.
    """
    if name not in FORMS:
        raise UsageError(f"descriptions in the form {name!r} are not read", expected=", ".join(FORMS))
    table = _table()
    query = (files(__package__) / "schema_org.rq").read_text(encoding="utf-8") if name == "schema-org" else None
    names = table["dcat"]["names"]
    return Form(name, {_expand(old, table): _expand(new, table) for old, new in names.items()}, query)


@cache
def spellings() -> tuple[tuple[str, str], ...]:
    """Beginnings of IRIs that were used for the same terms, the longest first, each with the one that is written here."""
    pairs = [(other, entry["of"]) for entry in _table()["spelling"] for other in entry["also"]]
    return tuple(sorted(pairs, key=lambda pair: -len(pair[0])))


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads((files(__package__) / "forms.toml").read_text(encoding="utf-8"))


def _expand(name: str, table: Mapping[str, Any]) -> str:
    prefix, _, local = name.partition(":")
    return f"{table['prefixes'][prefix]}{local}"
