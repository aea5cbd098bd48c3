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
"""Roles that move messages and keep the hub in order: if one of them is missing, the hub stands still. The
search of duplicates and the console are not among them."""
WITH_KEYS = frozenset(Role) - {Role.RELAY, Role.SCHEDULER}
"""Roles that open or seal data, or write to the log and prove it. The other roles need no key and have none.
"""
GROUPS = ((Role.GATEWAY, Role.SOURCES, Role.RELAY, Role.SCHEDULER), (Role.WORKER, Role.DISPATCHER))
"""Roles of the two processes of a small SIAO: the first handles incoming messages, the second outgoing ones."""
