"""What processes of the hub do, and how they are grouped. Imports nothing, so that the supervisor is small."""

from enum import StrEnum


class Role(StrEnum):
    """What a process does; each scales alone."""

    GATEWAY = "gateway"
    SOURCES = "sources"
    RELAY = "relay"
    WORKER = "worker"
    DISPATCHER = "dispatcher"
    SCHEDULER = "scheduler"


WITH_PLAINTEXT = frozenset({Role.GATEWAY, Role.SOURCES, Role.DISPATCHER})
"""They open or seal: they need the master key."""
WRITING = WITH_PLAINTEXT | {Role.WORKER}
"""They write into the log, and prove it: they need the key of HMACs. The others need none."""


GROUPS = ((Role.GATEWAY, Role.SOURCES, Role.RELAY, Role.SCHEDULER), (Role.WORKER, Role.DISPATCHER))
"""Processes of a small SIAO: what comes in, and what goes out."""
