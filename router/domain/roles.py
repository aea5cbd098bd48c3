"""Roles of the hub's processes, and their groups. Imports nothing: code that only names a role starts without
delay."""

from enum import StrEnum


class Role(StrEnum):
    """Work of a process. Each role can be scaled on its own."""

    GATEWAY = "gateway"
    SOURCES = "sources"
    RELAY = "relay"
    WORKER = "worker"
    DISPATCHER = "dispatcher"
    SCHEDULER = "scheduler"
    CONSOLE = "console"
    DOUBLONS = "doublons"


AT_WORK = tuple(role for role in Role if role not in (Role.DOUBLONS, Role.CONSOLE))
"""Roles that move messages or keep the hub in order. The hub stops without one of these, but goes on without
the search of duplicates or the console."""
WITH_KEYS = frozenset(Role) - {Role.RELAY, Role.SCHEDULER}
"""Roles that have the keys, to open or seal data, or to prove what they write to the log."""
GROUPS = ((Role.GATEWAY, Role.SOURCES, Role.RELAY, Role.SCHEDULER), (Role.WORKER, Role.DISPATCHER))
"""Roles of the two processes that run the hub of a small SIAO: one process for incoming messages, one for
outgoing messages."""
