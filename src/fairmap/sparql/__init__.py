"""SPARQL: what may run, running it, and fixed queries with terms put in."""

from fairmap.sparql.bind import bind
from fairmap.sparql.evaluate import Request, evaluate
from fairmap.sparql.guard import Limits, guard

__all__ = ["Limits", "Request", "bind", "evaluate", "guard"]
