"""Where the graph lies: an engine, the ledger beside it, and the one writer of both."""

from fairmap.store.address import Address, address
from fairmap.store.ledger import FORMAT, Ledger
from fairmap.store.level import Level, drop_empty, open_level
from fairmap.store.levels import Levels, open_levels
from fairmap.store.literals import Written, as_written, name_of, node_of

__all__ = [
    "FORMAT",
    "Address",
    "Ledger",
    "Level",
    "Levels",
    "Written",
    "address",
    "as_written",
    "drop_empty",
    "name_of",
    "node_of",
    "open_level",
    "open_levels",
]
