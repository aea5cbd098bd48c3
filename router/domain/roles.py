"""Roles of the hub's processes. This module imports nothing of the hub, so that code which only names a role
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
"""Roles without which the hub does not work."""
WITH_KEYS = frozenset(Role) - {Role.RELAY, Role.SCHEDULER}
"""Roles that encrypt, decrypt or prove."""
GROUPS = ((Role.GATEWAY, Role.SOURCES, Role.RELAY, Role.SCHEDULER), (Role.WORKER, Role.DISPATCHER))
"""Roles of a small hub, which has only two processes. The first process takes messages in; the second applies
and delivers them."""
