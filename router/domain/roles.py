"""Roles of the hub's processes. The module imports nothing of the hub, so that code which only names a role
starts fast."""

from enum import StrEnum


class Role(StrEnum):
    """Kind of work that a process of the hub does. A process may have several roles."""

    GATEWAY = "gateway"
    SOURCES = "sources"
    RELAY = "relay"
    WORKER = "worker"
    DISPATCHER = "dispatcher"
    SCHEDULER = "scheduler"
    CONSOLE = "console"
    DOUBLONS = "doublons"


AT_WORK = tuple(role for role in Role if role not in (Role.DOUBLONS, Role.CONSOLE))
"""Roles without which the hub does not work. The console and the search for duplicates are not among them."""
WITH_KEYS = frozenset(Role) - {Role.RELAY, Role.SCHEDULER}
"""Roles that need keys: to encrypt, to decrypt, or to prove that the hub wrote an event."""
GROUPS = ((Role.GATEWAY, Role.SOURCES, Role.RELAY, Role.SCHEDULER), (Role.WORKER, Role.DISPATCHER))
"""Roles of each process of a small hub: the first process handles incoming messages, the second outgoing
ones."""
