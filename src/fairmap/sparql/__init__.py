"""SPARQL: what may run, running it, and fixed queries with terms put in."""

from fairmap.sparql.bind import bind
from fairmap.sparql.evaluate import Prepared, Request, engine_error, evaluate, syntax_error
from fairmap.sparql.federation import admit, redirected, with_graphs
from fairmap.sparql.guard import Limits, guard, is_deterministic
from fairmap.sparql.rewrite import Profile, evaluate_rewritten
from fairmap.sparql.strict import only_sparql
from fairmap.sparql.touched import changed_graphs
from fairmap.sparql.using import with_using

__all__ = [
    "Limits",
    "Prepared",
    "Profile",
    "Request",
    "admit",
    "bind",
    "changed_graphs",
    "engine_error",
    "evaluate",
    "evaluate_rewritten",
    "guard",
    "is_deterministic",
    "only_sparql",
    "redirected",
    "syntax_error",
    "with_graphs",
    "with_using",
]
