"""The matches of a CONSTRUCT or DESCRIBE as a SELECT: for engines that cut them off and say so only of a SELECT."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fairmap.sparql.guard import tokens

if TYPE_CHECKING:
    import re


def matches_only(query: str) -> str | None:
    """The query with ``SELECT *`` in place of what it makes of its matches; ``None`` for a DESCRIBE without a pattern.

    >>> matches_only("CONSTRUCT { ?s ?p 1 } WHERE { ?s ?p ?o } LIMIT 5")
    'SELECT *  WHERE { ?s ?p ?o } LIMIT 5'
    >>> matches_only("CONSTRUCT WHERE { ?s ?p ?o }")
    'SELECT * WHERE { ?s ?p ?o }'
    >>> matches_only("DESCRIBE ?s { ?s ?p ?o }")
    'SELECT * { ?s ?p ?o }'
    >>> matches_only("DESCRIBE <https://example.org/a>")
    """
    found = [match for match in tokens(query) if match.lastgroup != "comment"]
    places = (number for number, match in enumerate(found) if _is_word(match, "CONSTRUCT", "DESCRIBE"))
    start = next(places, None)
    if start is None:
        return None
    rest = found[start + 1 :]
    if _is_word(found[start], "CONSTRUCT") and rest and rest[0].lastgroup == "open":
        end = _end_of_group(rest)
        return f"{query[: found[start].start()]}SELECT * {query[end:]}"
    pattern = next((match for match in rest if _is_word(match, "WHERE") or match.lastgroup == "open"), None)
    if pattern is None:
        return None
    begin = next((match for match in rest if _is_word(match, "FROM")), pattern)
    return f"{query[: found[start].start()]}SELECT * {query[min(begin.start(), pattern.start()) :]}"


def _is_word(match: re.Match[str], *words: str) -> bool:
    return match.lastgroup == "word" and match[0].upper() in words


def _end_of_group(found: list[re.Match[str]]) -> int:
    depth = 0
    for match in found:
        depth += (match.lastgroup == "open") - (match.lastgroup == "close")
        if depth == 0:
            return match.end()
    return found[-1].end()
