"""Count the connections to the gateway, and limit their number in all and for each address. Idle connections
make room for new ones."""

from collections import Counter, OrderedDict
from collections.abc import Callable, Collection
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address

from connectors.addresses import sender_of

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Room:
    """Limits on simultaneous connections: `connections` from all addresses together, `of_one_address` from
    one address. An IPv6 /64 network counts as one address. The address of a known proxy (`proxies`) has no
    limit of its own."""

    connections: int = 2000
    of_one_address: int = 500
    proxies: Collection[Network] = ()

    def of(self, host: str) -> int:
        """Return the limit on simultaneous connections from the address `host`. For a known proxy, this is the
        limit on all connections to the gateway (`connections`), because many senders share the proxy's
        address."""
        if self.proxies and any(ip_address(host) in network for network in self.proxies):
            return self.connections
        return self.of_one_address


class Visit:
    """Connection to the gateway, from its acceptance to its end."""

    __slots__ = ("_give_way", "most", "sender")

    def __init__(self, host: str, most: int, give_way: Callable[[], None]) -> None:
        self.sender = sender_of(host)
        self.most = most
        self._give_way = give_way

    def give_way(self) -> None:
        """Close the connection, which must be idle, to make room for another."""
        self._give_way()


class Visits:
    """All connections to the gateway. If their limit is reached, a new connection replaces the one that has
    been idle longest. If the limit of one address is reached, a new connection from this address replaces the
    one from there that has been idle longest."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._here: set[Visit] = set()
        self._of_sender: Counter[str] = Counter()
        self._waiting: OrderedDict[Visit, None] = OrderedDict()

    def begin(self, host: str, give_way: Callable[[], None]) -> Visit | None:
        """Register a new connection from the address `host` as idle; `give_way` closes it if another needs its
        place. Return None if there are too many connections, in all or from this address, and none of them is
        idle."""
        visit = Visit(host, self._room.of(host), give_way)
        if self._of_sender[visit.sender] >= visit.most and not self._make_room(visit.sender):
            return None
        if len(self._here) >= self._room.connections and not self._make_room():
            return None
        self._here.add(visit)
        self._of_sender[visit.sender] += 1
        self._waiting[visit] = None
        return visit

    def busy(self, visit: Visit) -> None:
        """Record that a request is under way on a connection. Until the request has ended, the connection is
        not closed to make room for a new one."""
        self._waiting.pop(visit, None)

    def waits(self, visit: Visit) -> None:
        """Record that a connection is idle: no request is under way on it. From then on it may be closed, to
        make room for a new connection."""
        if visit in self._here:
            self._waiting[visit] = None

    def end(self, visit: Visit) -> None:
        """Remove a connection that has ended. Idempotent."""
        if visit in self._here:
            self._here.remove(visit)
            self._waiting.pop(visit, None)
            self._of_sender[visit.sender] -= 1
            if not self._of_sender[visit.sender]:
                del self._of_sender[visit.sender]

    def _make_room(self, sender: str | None = None) -> bool:
        oldest = next((visit for visit in self._waiting if sender in (None, visit.sender)), None)
        if oldest is None:
            return False
        self.end(oldest)
        oldest.give_way()
        return True
