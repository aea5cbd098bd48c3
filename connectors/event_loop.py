"""The event loop of the hub: a name that no DNS server answers for makes nobody wait but those who ask for it.

The C library waits for DNS in the thread that asks, for many seconds, and whoever gives up does not end that wait.
uvloop has four such threads, of which two may look names up: two dead names would stop every connection of a process.
Here each look has a thread of its own, and whoever asks for the same meanwhile shares it.
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
"""Names that may be looked up at once; who asks for one more is told at once that it cannot be. More than the partners
of most hubs: where no DNS server answers at all, PostgreSQL may still be known to the machine itself."""


class _Asked(NamedTuple):
    """What `socket.getaddrinfo` is asked."""

    host: Any
    port: Any
    family: int
    type: int
    proto: int
    flags: int


class Loop(uvloop.Loop):
    """uvloop, but for names."""

    def __init__(self) -> None:
        super().__init__()
        self._looks: dict[_Asked, asyncio.Future[list[Any]]] = {}

    async def getaddrinfo(
        self, host: Any, port: Any, *, family: int = 0, type: int = 0, proto: int = 0, flags: int = 0
    ) -> list[Any]:
        """The addresses of a name. Raises OSError, as `socket.getaddrinfo` does."""
        if not _is_name(host):
            return await super().getaddrinfo(host, port, family=family, type=type, proto=proto, flags=flags)
        asked = _Asked(host, port, family, type, proto, flags)
        return await asyncio.shield(self._looks.get(asked) or self._look(asked))

    async def create_connection(
        self, protocol_factory: Callable[[], Any], host: Any = None, port: Any = None, **how: Any
    ) -> tuple[Any, Any]:
        """uvloop's own looks its names up elsewhere: it is given a connection to an address instead."""
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
        """A connection to the first of these addresses that takes one. Raises OSError."""
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

    def _look(self, asked: _Asked) -> asyncio.Future[list[Any]]:
        """Look a name up in a thread that no stop of the process waits for."""
        if len(self._looks) >= LOOKS:
            raise socket.gaierror(socket.EAI_AGAIN, "too many names are being looked up")
        look: asyncio.Future[list[Any]] = self.create_future()
        Thread(target=self._wait_for_dns, args=(asked, look), name="dns", daemon=True).start()
        self._looks[asked] = look
        return look

    def _wait_for_dns(self, asked: _Asked, look: asyncio.Future[list[Any]]) -> None:
        end: Callable[[], None]
        try:
            end = partial(look.set_result, socket.getaddrinfo(*asked))
        except Exception as exc:  # noqa: BLE001  it is theirs who asked
            end = partial(look.set_exception, exc)
        with suppress(RuntimeError):  # the loop is closed
            self.call_soon_threadsafe(self._ended, asked, end)

    def _ended(self, asked: _Asked, end: Callable[[], None]) -> None:
        look = self._looks.pop(asked)
        end()
        look.exception()  # or asyncio prints it, where nobody waits any more


def _is_name(host: Any) -> bool:
    """Whether a host has to be looked up."""
    if not host:
        return False
    try:
        ip_address((host.decode("ascii", "replace") if isinstance(host, bytes) else host).partition("%")[0])
    except ValueError:
        return True
    return False
