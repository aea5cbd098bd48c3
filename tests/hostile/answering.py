"""A partner's server that answers whatever costs: `python -m tests.hostile.answering PORT SEED FILE`.

HTTP, SOAP and REST alike: whoever asks gets the worst of some parser, under any status, with any headers. FILE
gets a byte for each answer.
"""

import asyncio
import random
import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

from tests.hostile.bodies import replies
from tests.hostile.parsers import FIELD_BYTES, PARSERS, Parser

STATUSES = (200, 200, 200, 200, 202, 204, 302, 400, 401, 404, 429, 500, 503, 599)
SIZES = (16_000, 64_000, 70_000)
LIST_SIZES = (16_000, 1_000_000, 8_000_000)
NO_BODY = (204,)
_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)


@cache
def named(name: str) -> Parser:
    """The parser of this name."""
    (found,) = (parser for parser in PARSERS if parser.name == name)
    return found


def answers(drawn: random.Random) -> Iterator[bytes]:
    """Endless answers, each as it is written on the wire."""
    while True:
        media_type, body = drawn.choice((_envelope, _refusal, _list, _plain))(drawn)
        status = drawn.choice(STATUSES)
        head = [b"HTTP/1.1 %d x" % status, b"Content-Type: " + media_type, *_headers(drawn)]
        if status in NO_BODY:
            body = b""
        yield b"\r\n".join([*head, b"Content-Length: %d" % len(body), b"Connection: close", b"", body])


def _envelope(drawn: random.Random) -> tuple[bytes, bytes]:
    reply, *_ = drawn.choice(list(named("enveloppe SOAP et pièces jointes").worst(drawn.choice(SIZES))))
    return reply.media_type.encode(), reply.body


def _refusal(drawn: random.Random) -> tuple[bytes, bytes]:
    media_type, body = drawn.choice(list(replies(drawn.choice(SIZES))))
    return media_type.encode(), body


def _list(drawn: random.Random) -> tuple[bytes, bytes]:
    (body,) = drawn.choice(list(named("liste de fiches").worst(drawn.choice(LIST_SIZES))))
    return b"application/json", body


def _plain(drawn: random.Random) -> tuple[bytes, bytes]:
    reply, *_ = drawn.choice(list(named("type de média").worst(FIELD_BYTES - 100)))
    return reply.media_type.encode(), reply.body


def _headers(drawn: random.Random) -> Iterator[bytes]:
    if drawn.random() < 0.3:
        date, _ = drawn.choice(list(named("`Retry-After`").worst(drawn.choice((20, 8000)))))
        yield b"Retry-After: " + date.encode()
    if drawn.random() < 0.3:
        for (fields,) in named("`Set-Cookie` (aiohttp : 50 par réponse)").worst(FIELD_BYTES - 100):
            yield b"Set-Cookie: " + fields[0].encode()


async def serve(port: int, seed: int, given: Path) -> None:
    """Until cancelled."""
    endless = answers(random.Random(seed))

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            head = await reader.readuntil(b"\r\n\r\n")
            if length := _LENGTH.search(head):
                await reader.readexactly(int(length[1]))
            writer.write(next(endless))
            await writer.drain()
            with given.open("ab") as counted:
                counted.write(b".")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", port) as server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])))
