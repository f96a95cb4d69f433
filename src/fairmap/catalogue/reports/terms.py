"""Terms of fairmap's schemes and of built-in tables, found by what a reader wrote in their place: label, other names, key."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING, Final

from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from fairmap.namespaces import SKOS
from fairmap.profiles.tables import Tables
from fairmap.resources import folder

if TYPE_CHECKING:
    from collections.abc import Mapping

_MEDIA: Final = "https://www.iana.org/assignments/media-types/"
_MEDIA_TYPE: Final = re.compile(r"(?:application|audio|font|image|message|model|multipart|text|video)/[\w.+-]+\Z")
_NAMES: Final = {f"{SKOS}prefLabel", f"{SKOS}altLabel", f"{SKOS}notation"}
_ALSO: Final = {"annual": ("yearly",), "semiannual": ("half-yearly",)}
"""Other words for names of tables."""
_FEW: Final = 40
"""Terms of a table up to which all of them are named."""
_NEAR: Final = 3


@dataclass(frozen=True)
class Like:
    """What a reader may have meant.

    :ivar meant: IRI of the term that has this very name.
    :ivar near: IRIs of terms with names like it, the closest first.
    :ivar choice: what all terms are called, where they are few: the ends of their IRIs, and labels that say more.
    :ivar is_table: the terms are known here, and this is none of them.
    """

    meant: str | None = None
    near: tuple[str, ...] = ()
    choice: tuple[str, ...] = ()
    is_table: bool = False


def like(written: str, wanted: str) -> Like:
    """What a text, or the end of an IRI, may mean among the terms that ``wanted`` is one of."""
    if wanted.startswith(_MEDIA):
        return Like(f"{_MEDIA}{written}") if _MEDIA_TYPE.match(written) else Like()
    terms = _terms().get(_space(wanted), {})
    if not terms:
        return Like()
    names = {name: iri for iri, own in reversed(list(terms.items())) for name in own}
    words = _plain(re.split(r"[/#]", written.rstrip("/"))[-1])
    choice = tuple(_called(iri) for iri in terms) if len(terms) <= _FEW else ()
    if words in names:
        return Like(names[words], choice=choice)
    starts = [name for name in names if len(words) > 1 and name.startswith(words)]
    near = [*get_close_matches(words, names, n=_NEAR, cutoff=0.7), *sorted(starts, key=len)]
    return Like(None, tuple(dict.fromkeys(names[name] for name in near))[:_NEAR], choice, is_table=True)


def _called(iri: str) -> str:
    """The end of an IRI, with the label where that says more."""
    key = iri[len(_space(iri)) :]
    label = next((found for table in _tables().of(iri) if (found := table.label(iri))), "")
    return f"{key} ({label})" if label and _plain(label) != _plain(key) else key


def is_listed(iri: str) -> bool:
    """Whether it is a term of a table or scheme that comes with fairmap; these need no description beside them."""
    return bool(_tables().of(iri)) or iri in _terms().get(_space(iri), {}) or iri.startswith(_MEDIA)


@cache
def _tables() -> Tables:
    return Tables.shipped()


@cache
def _terms() -> Mapping[str, Mapping[str, list[str]]]:
    """By namespace and IRI, the names of each term, plain."""
    found: defaultdict[str, dict[str, list[str]]] = defaultdict(dict)

    def note(iri: str, *names: str) -> None:
        own = found[_space(iri)].setdefault(iri, [_plain(iri[len(_space(iri)) :])])
        own += [_plain(other) for name in names if name for other in (name, *_ALSO.get(name, ()))]

    for path in sorted(folder("ontology").glob("*.ttl")):
        for quad in parse(path=str(path), format=RdfFormat.TURTLE):
            named = quad.predicate.value in _NAMES and isinstance(quad.object, Literal)
            if named and isinstance(quad.subject, NamedNode):
                note(quad.subject.value, quad.object.value)
    for table in _tables():
        for iri, label in (table.labels or {}).items():
            note(iri, label)
    return found


def _space(iri: str) -> str:
    return iri[: max(iri.rfind("/"), iri.rfind("#")) + 1]


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).lower()
