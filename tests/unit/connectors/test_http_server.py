"""The sockets of the gateway."""

import asyncio
import socket

from connectors.http_server import listening


async def test_the_body_of_an_answer_does_not_wait_until_its_head_is_acknowledged() -> None:
    (door,) = await listening("127.0.0.1", 0)
    with door, socket.create_connection(door.getsockname()):
        accepted, _ = await asyncio.get_running_loop().sock_accept(door)
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
