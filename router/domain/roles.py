"""Roles of the hub's processes, and their groups. Imports nothing, so that code that only names a role starts
fast."""

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
"""Roles without which the hub stops. It goes on without the search of duplicates or the console."""
WITH_KEYS = frozenset(Role) - {Role.RELAY, Role.SCHEDULER}
"""Roles that have the keys to encrypt, to decrypt, or to prove what they write."""
GROUPS = ((Role.GATEWAY, Role.SOURCES, Role.RELAY, Role.SCHEDULER), (Role.WORKER, Role.DISPATCHER))
"""Roles of the two processes of a small hub: one for incoming messages, one for outgoing messages."""
