"""What to write in the place of a wrong value: made of the value, found by its name, in the document already, or an example."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pyoxigraph import BlankNode, Literal, NamedNode

from fairmap.catalogue.reports.guessing import guessed
from fairmap.catalogue.reports.kinds import in_file, link_to
from fairmap.catalogue.reports.mending import dated, described, mended
from fairmap.catalogue.reports.terms import like
from fairmap.catalogue.reports.words import short, term_of
from fairmap.namespaces import DEFAULT_BASE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from fairmap.catalogue.reports.examples import Example
    from fairmap.model import Finding, Source

    Term = NamedNode | BlankNode | Literal

_TABLE: Final = "should be an IRI of the EU table of corporate bodies"

_RADLEX: Final = "<http://www.radlex.org/RID/"
_RADLEX_HINT: Final = "The EU theme takes the place of the RadLex term. Tell its name as a keyword (dcat:keyword)."


@dataclass(frozen=True)
class Choice:
    """What to write.

    :ivar is_pattern: it is an example: the reader's own value goes in its place.
    :ivar hint: what to know of it.
    """

    found: Example
    is_pattern: bool = True
    hint: str = ""


def better(finding: Finding, found: Example, others: Sequence[Finding], source: Source | None) -> Choice:
    """The best that can be written in place of a finding's value; the example when there is nothing better."""
    value = term_of(finding.value or "")
    if _TABLE in finding.message:
        return Choice(
            found, hint="If your organisation is not in the table, leave the line as it is: this is a wish only."
        )
    return _of_value(finding, value, found) or _of_text(value, (finding, *others)) or _from_file(finding, found, source)


def _of_value(finding: Finding, value: Term, found: Example) -> Choice | None:
    """The value itself in another form."""
    if (address := _address(finding, value, found)) is not None:
        return address
    if one := mended(value, found):
        return Choice(one, is_pattern=one.texts > 1)
    if (read := dated(value, found)) and _takes(finding, read[0]):
        return Choice(read[0], is_pattern=False, hint=read[1])
    if guess := guessed(value, found):
        return Choice(guess[0], is_pattern=guess[1], hint=guess[2])
    return _named(value, found)


def _address(finding: Finding, value: Term, found: Example) -> Choice | None:
    """A web address that lacks ``https://``, so that it was read as a page beside the record."""
    if not finding.shape.endswith("/Homepage") or not isinstance(value, NamedNode):
        return None
    end = value.value.rstrip("/").rsplit("/", 1)[-1]
    if not value.value.startswith(DEFAULT_BASE) or "." not in end:
        return None
    hint = f"“{end}” lacks https:// and was read as a page of fairmap: check the address."
    return Choice(link_to(found, f"https://{end}/"), is_pattern=False, hint=hint)


def _takes(finding: Finding, found: Example) -> bool:
    """Whether the rule takes a date of this precision, as its message or one of its ways says."""
    wanted = found.statement.object
    kind = wanted.datatype.value.rpartition("#")[2] if isinstance(wanted, Literal) else ""
    if kind == "date" or kind in finding.message:
        return True
    return any(kind in (inner.example or "") for part in finding.parts for inner in part.findings)


def _of_text(value: Term, findings: Sequence[Finding]) -> Choice | None:
    """A description with the value as its name."""
    one = described(value, findings)
    return Choice(one, is_pattern=one.texts > 1) if one else None


def _from_file(finding: Finding, found: Example, source: Source | None) -> Choice:
    """A thing that the document describes, else the example."""
    if (finding.value or "").startswith(_RADLEX):
        return Choice(found, hint=_RADLEX_HINT)
    things = in_file(found, finding, source)
    if not things:
        return Choice(found)
    return Choice(
        link_to(found, things[0]), hint="It is described in this file already. Take it if it is the right one."
    )


def _named(value: Term, found: Example) -> Choice | None:
    """The term with the name that the value has, or with names like it."""
    wanted = found.statement.object
    if not isinstance(wanted, NamedNode) or isinstance(value, BlankNode):
        return None
    likely = like(value.value, wanted.value)
    written = value.value if isinstance(value, Literal) else value.value.rstrip("/").rsplit("/", 1)[-1]
    if likely.meant and likely.meant != value.value:
        return Choice(
            link_to(found, likely.meant), is_pattern=False, hint=f"Taken from your value “{written}”: check it."
        )
    if likely.near:
        told = f"Did you mean {_listed(likely.near)}?"
        return Choice(link_to(found, likely.near[0]), hint=f"{told} “{written}” is not known here.")
    if likely.choice:
        return Choice(found, hint=f"“{written}” is not known here. What can be chosen: {', '.join(likely.choice)}.")
    if likely.is_table and isinstance(value, Literal):
        return Choice(found, hint=f"This is an example: “{written}” is not the name of a term of this table.")
    return None


def _listed(iris: Iterable[str]) -> str:
    return ", ".join(short(iri) if not iri.startswith("http") else "/".join(iri.rsplit("/", 2)[-2:]) for iri in iris)
