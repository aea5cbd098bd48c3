"""Reservation of ports on 127.0.0.1, which stay reserved while the server behind one is down."""

import random
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager

# Below Linux's range for outgoing connections (32768 and up): a client that hammers a dead node could
# otherwise be given the node's own port, and the node could not come back.
CANDIDATES = range(15_000, 32_000)


@contextmanager
def reserved_ports(count: int) -> Iterator[list[int]]:
    """Give free ports. Until the block ends, no other run of this package takes them, even while nothing listens on
    them."""
    with ExitStack() as held:
        yield [_reserve(held) for _ in range(count)]


def free_port() -> int:
    """Return a port that is free now, for a server that this process starts at once."""
    while True:
        port = random.choice(CANDIDATES)  # noqa: S311 - no secret
        if _is_free(port):
            return port


def _reserve(held: ExitStack) -> int:
    while not _claim(port := free_port(), held):
        pass
    return port


def _is_free(port: int) -> bool:
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _claim(port: int, held: ExitStack) -> bool:
    """Try to claim a port by a name in the kernel's abstract socket namespace; return whether it was unclaimed. The
    claim ends with the process, even at kill -9."""
    if sys.platform != "linux":
        return True
    claim = held.enter_context(socket.socket(socket.AF_UNIX))
    try:
        claim.bind(f"\0siao-hub-port-{port}")
    except OSError:
        return False
    return True
