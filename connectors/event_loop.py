"""Provide the hub's event loop, in which a DNS lookup without an answer delays only the connections to that
name.

uvloop, on which this loop is built, has only four threads for lookups: two names without an answer would
block every new connection.
"""

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from ipaddress import ip_address
from threading import Thread
from typing import Any, NamedTuple

import uvloop

LOOKS = 256
"""Limit on simultaneous DNS lookups. A lookup above it fails at once."""
GOODBYE_SECONDS = 1.0
"""Longest wait for the other side to confirm the end of an encrypted connection. Kafka often does not confirm
it."""


class _Query(NamedTuple):
    host: Any
    port: Any
    family: int
    type: int
    proto: int
    flags: int


class Loop(uvloop.Loop):
    """Event loop of uvloop that looks up each host name in a separate thread, so that a slow lookup does not
    delay the others."""

    def __init__(self) -> None:
        super().__init__()
        self._lookups: dict[_Query, asyncio.Future[list[Any]]] = {}

    async def getaddrinfo(
        self, host: Any, port: Any, *, family: int = 0, type: int = 0, proto: int = 0, flags: int = 0
    ) -> list[Any]:
        """Return the addresses of a host name, looked up in a thread of its own. Raises OSError, as
        `socket.getaddrinfo` does, and for more than 256 (`LOOKS`) lookups at a time."""
        if not _is_name(host):
            return await super().getaddrinfo(host, port, family=family, type=type, proto=proto, flags=flags)
        query = _Query(host, port, family, type, proto, flags)
        return await asyncio.shield(self._lookups.get(query) or self._start_lookup(query))

    async def create_connection(
        self, protocol_factory: Callable[[], Any], host: Any = None, port: Any = None, **how: Any
    ) -> tuple[Any, Any]:
        """Connect as uvloop does, but look the host name up with this class's own `getaddrinfo`, unless
        `local_addr` is given. At the end of an encrypted connection, wait at most `GOODBYE_SECONDS` for the
        other side."""
        if how.get("ssl"):
            how.setdefault("ssl_shutdown_timeout", GOODBYE_SECONDS)
        if not _is_name(host) or how.get("local_addr"):
            return await super().create_connection(protocol_factory, host, port, **how)
        if how.get("ssl") and how.get("server_hostname") is None:
            how["server_hostname"] = host
        wanted = {name: how.pop(name, 0) for name in ("family", "proto", "flags")}
        how.pop("local_addr", None)
        connected = await self._connected(
            await self.getaddrinfo(host, port, type=socket.SOCK_STREAM, **wanted)
        )
        try:
            return await super().create_connection(protocol_factory, sock=connected, **how)
        except BaseException:
            connected.close()
            raise

    async def _connected(self, addresses: list[Any]) -> socket.socket:
        failed: OSError = socket.gaierror(socket.EAI_NONAME, "no address")
        for family, kind, proto, _, address in addresses:
            connecting = socket.socket(family, kind, proto)
            try:
                connecting.setblocking(False)
                await self.sock_connect(connecting, address)
            except OSError as exc:
                connecting.close()
                failed = exc
            except BaseException:
                connecting.close()
                raise
            else:
                return connecting
        raise failed

    def _start_lookup(self, query: _Query) -> asyncio.Future[list[Any]]:
        if len(self._lookups) >= LOOKS:
            raise socket.gaierror(socket.EAI_AGAIN, "too many names are being looked up")
        look: asyncio.Future[list[Any]] = self.create_future()
        Thread(target=self._wait_for_dns, args=(query, look), name="dns", daemon=True).start()
        self._lookups[query] = look
        return look

    def _wait_for_dns(self, query: _Query, look: asyncio.Future[list[Any]]) -> None:
        end: Callable[[], None]
        try:
            end = partial(look.set_result, socket.getaddrinfo(*query))
        except Exception as exc:  # noqa: BLE001  passed on to the caller
            end = partial(look.set_exception, exc)
        with suppress(RuntimeError):  # the loop is closed
            self.call_soon_threadsafe(self._ended, query, end)

    def _ended(self, query: _Query, end: Callable[[], None]) -> None:
        look = self._lookups.pop(query)
        end()
        look.exception()  # retrieved: asyncio would log it if nobody awaits the future any more


def _is_name(host: Any) -> bool:
    if not host:
        return False
    try:
        ip_address((host.decode("ascii", "replace") if isinstance(host, bytes) else host).partition("%")[0])
    except ValueError:
        return True
    return False
