"""Terms put into fairmap's own fixed queries."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyoxigraph import Literal, NamedNode

_PLACEHOLDER = re.compile(r"\$([a-z_]+)\b")


def bind(query: str, terms: Mapping[str, NamedNode | Literal]) -> str:
    """``query`` with each ``$name`` replaced by the term of that name, written by the engine, so that no text can break out.

    :raises KeyError: for a placeholder without a term.

    >>> from pyoxigraph import NamedNode
    >>> bind("ASK { $record ?p ?o }", {"record": NamedNode("https://example.org/a")})
    'ASK { <https://example.org/a> ?p ?o }'
    """
    return _PLACEHOLDER.sub(lambda match: str(terms[match[1]]), query)
