"""SPARQL: what may run, running it, and fixed queries with terms put in."""

from fairmap.sparql.bind import bind
from fairmap.sparql.evaluate import Request, engine_error, evaluate, syntax_error
from fairmap.sparql.federation import admit, redirected, with_graphs
from fairmap.sparql.guard import Limits, guard, is_deterministic
from fairmap.sparql.using import with_using

__all__ = [
    "Limits",
    "Request",
    "admit",
    "bind",
    "engine_error",
    "evaluate",
    "guard",
    "is_deterministic",
    "redirected",
    "syntax_error",
    "with_graphs",
    "with_using",
]
