"""Who may do what: principals, tokens, and the record of every write and every refused access."""

from fairmap.access.audit import Audit, append
from fairmap.access.organisation import organisation_name
from fairmap.access.principal import LOCAL, NOBODY, Principal, Scope
from fairmap.access.tokens import SESSION, Token, Tokens, principal_of

__all__ = [
    "LOCAL",
    "NOBODY",
    "SESSION",
    "Audit",
    "Principal",
    "Scope",
    "Token",
    "Tokens",
    "append",
    "organisation_name",
    "principal_of",
]
