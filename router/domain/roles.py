"""What processes of the hub do, and how they are grouped. Imports nothing: who only names a role waits for nothing."""

from enum import StrEnum


class Role(StrEnum):
    """What a process does; each scales alone."""

    GATEWAY = "gateway"
    SOURCES = "sources"
    RELAY = "relay"
    WORKER = "worker"
    DISPATCHER = "dispatcher"
    SCHEDULER = "scheduler"
    CONSOLE = "console"


AT_WORK = tuple(role for role in Role if role is not Role.CONSOLE)
"""They move messages and keep the hub in order: without one of them it stands still. It does without the console."""
WITH_KEYS = frozenset({Role.GATEWAY, Role.SOURCES, Role.WORKER, Role.DISPATCHER, Role.CONSOLE})
"""They open, seal, or write into the log and prove it. The others need no key, and have none."""
GROUPS = ((Role.GATEWAY, Role.SOURCES, Role.RELAY, Role.SCHEDULER), (Role.WORKER, Role.DISPATCHER))
"""Processes of a small SIAO: what comes in, and what goes out."""
