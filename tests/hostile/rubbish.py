"""A server that is no SSH server: the bytes that it sends before that shows are endless, or made to be expensive."""

import asyncio
import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import repeat
from struct import pack

VERSION = b"SSH-2.0-OpenSSH_9.6\r\n"
IGNORED = b"\0\0\0\x0c\x06\x02" + bytes(10)
"""The shortest packet, which a client has to ignore."""
PIECE_BYTES = 32 * 1024
SILENCE_SECONDS = 5.0
LISTS = 10
"""Number of lists of algorithms in the first packet of an SSH key exchange."""
LIST_BYTES = (0, 3000, 20_000)
Noisy = Callable[[], bool]


def first_packet(drawn: random.Random) -> bytes:
    """Return the packet that begins a key exchange, with very long lists of unknown algorithms."""
    names = b"a," * (drawn.choice(LIST_BYTES) // 2) + b"a"
    payload = b"\x14" + bytes(16) + (pack(">I", len(names)) + names) * LISTS + bytes(5)
    padding = 8 - (len(payload) + 5) % 8 + 8
    return pack(">IB", len(payload) + padding + 1, padding) + payload + bytes(padding)


def said(drawn: random.Random) -> Iterator[bytes]:
    """Yield what one connection gets, piece by piece; sometimes without end."""
    kind = drawn.randrange(7)
    if kind == 0:
        yield from repeat((b"bonjour" * 20 + b"\r\n") * 200)
    elif kind == 1:
        yield from repeat(b"a" * PIECE_BYTES)
    elif kind == 2:
        yield VERSION + pack(">I", drawn.choice((0, 1, 5, 2**18, 2**31, 2**32 - 1)))
        yield from repeat(bytes(PIECE_BYTES))
    elif kind == 3:
        yield VERSION + first_packet(drawn) * drawn.choice((1, 20))
    elif kind == 4:
        yield VERSION
        yield from repeat(IGNORED * (PIECE_BYTES // len(IGNORED)))
    elif kind == 5:
        yield VERSION + drawn.randbytes(PIECE_BYTES)
    else:
        yield b""


async def serve_rubbish(
    port: int, drawn: random.Random, noisy: Noisy, asked: Callable[[], None]
) -> asyncio.Server:
    """Listen on this port. While there is no noise, the server closes every connection at once."""

    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            if noisy():
                asked()
                for piece in said(drawn):
                    writer.write(piece)
                    await writer.drain()
                    await asyncio.sleep(0)
                await asyncio.sleep(SILENCE_SECONDS)
        writer.transport.abort()

    return await asyncio.start_server(talk, "127.0.0.1", port)
