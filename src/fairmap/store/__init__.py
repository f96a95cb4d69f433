"""Where the graph lies: an engine, the ledger beside it, and the one writer of both."""

from fairmap.store.address import Address, Remote, address, address_of
from fairmap.store.engine import Engine
from fairmap.store.history import History
from fairmap.store.ledger import FORMAT, Ledger
from fairmap.store.level import Level, drop_empty, open_level
from fairmap.store.levels import Levels, open_levels
from fairmap.store.literals import Written, as_written, name_of, node_of
from fairmap.store.protocol import Store
from fairmap.store.remote import RemoteLevel, open_remote
from fairmap.store.remote_levels import RemoteLevels

__all__ = [
    "FORMAT",
    "Address",
    "Engine",
    "History",
    "Ledger",
    "Level",
    "Levels",
    "Remote",
    "RemoteLevel",
    "RemoteLevels",
    "Store",
    "Written",
    "address",
    "address_of",
    "as_written",
    "drop_empty",
    "name_of",
    "node_of",
    "open_level",
    "open_levels",
    "open_remote",
]
