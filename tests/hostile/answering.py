"""Program with servers that answer expensively: `python -m tests.hostile.answering HTTP SFTP RUBBISH IDENTITY SEED
FOLDER`.

The first port serves HTTP, SOAP and REST alike: any request gets the worst input for some parser, with any status
and headers. The others are an SFTP server, a server that only seems to be one, and an identity provider. Each adds
a byte to its file in FOLDER for every hostile answer. The first three are harmless while FOLDER has no file
`NOISE`.
"""

import asyncio
import random
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, suppress
from functools import cache, partial
from pathlib import Path

from tests.hostile.bodies import replies
from tests.hostile.filing import serve_files
from tests.hostile.parsers import FIELD_BYTES, PARSERS, Parser
from tests.hostile.rubbish import serve_rubbish
from tests.hostile.vouching import said

HTTP, SFTP, DROPS, RUBBISH, IDENTITY = (
    "hostile-http",
    "hostile-sftp",
    "hostile-depots",
    "hostile-faux-ssh",
    "hostile-identite",
)
"""Names of the files whose sizes count the hostile answers."""
NOISE = "hostile-bruit"
NOTHING = (
    b"HTTP/1.1 200 x\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n[]"
)
STATUSES = (200, 200, 200, 200, 202, 204, 302, 400, 401, 404, 429, 500, 503, 599)
SIZES = (16_000, 64_000, 70_000)
LIST_SIZES = (16_000, 1_000_000, 8_000_000)
NO_BODY = (204,)
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
CONTINUES = 300_000
CHUNKS = 100_000
"""Most bytes of a body that come in chunks of one byte."""
_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)


@cache
def named(name: str) -> Parser:
    """Return the parser of this name."""
    (found,) = (parser for parser in PARSERS if parser.name == name)
    return found


def answers(drawn: random.Random) -> Iterator[bytes]:
    """Yield hostile HTTP answers without end, each as raw bytes."""
    while True:
        media_type, body = drawn.choice((_envelope, _refusal, _list, _plain))(drawn)
        status = drawn.choice(STATUSES)
        head = [b"HTTP/1.1 %d x" % status, b"Content-Type: " + media_type, *_headers(drawn)]
        if status in NO_BODY:
            body = b""
        yield framed(drawn, head, body)


def framed(drawn: random.Random, head: list[bytes], body: bytes) -> bytes:
    """Return an answer as raw bytes. Many answers that say nothing may stand before it, and its body may come in
    chunks of one byte."""
    kind = drawn.randrange(10)
    before = CONTINUE * CONTINUES if kind == 0 else b""
    if kind == 1 and body:
        length, body = (
            b"Transfer-Encoding: chunked",
            b"".join(b"1\r\n%c\r\n" % each for each in body[:CHUNKS]),
        )
    else:
        length = b"Content-Length: %d" % len(body)
    return before + b"\r\n".join([*head, length, b"Connection: close", b"", body])


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


Answers = Callable[[bytes], bytes]
"""Function that returns a raw HTTP answer for the head of a request."""


async def serve(http: int, sftp: int, rubbish: int, identity: int, seed: int, folder: Path) -> None:
    """Run all servers until cancelled."""
    endless, drawn = answers(random.Random(seed)), random.Random(seed)
    issuer, noise = f"http://127.0.0.1:{identity}", folder / NOISE

    def partner(_: bytes) -> bytes:
        return next(endless) if noise.exists() else NOTHING

    def vouches(head: bytes) -> bytes:
        body = said(drawn, issuer, head.split(b" ", 2)[1].decode("latin-1"))
        return framed(drawn, [b"HTTP/1.1 200 x"], body)

    async with AsyncExitStack() as stack:
        for port, kind, answer in ((http, HTTP, partner), (identity, IDENTITY, vouches)):
            handler = partial(_answer, answer, partial(_count, folder / kind))
            await stack.enter_async_context(await asyncio.start_server(handler, "127.0.0.1", port))
        await stack.enter_async_context(
            await serve_files(
                sftp,
                drawn,
                folder,
                noise.exists,
                partial(_count, folder / SFTP),
                partial(_count, folder / DROPS),
            )
        )
        await stack.enter_async_context(
            await serve_rubbish(rubbish, drawn, noise.exists, partial(_count, folder / RUBBISH))
        )
        await asyncio.Event().wait()


async def _answer(
    answer: Answers, counted: Callable[[], None], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        head = await reader.readuntil(b"\r\n\r\n")
        if length := _LENGTH.search(head):
            await reader.readexactly(int(length[1]))
        told = answer(head)
        writer.write(told)
        await writer.drain()
        if told is not NOTHING:
            counted()
    writer.close()


def _count(file: Path) -> None:
    with file.open("ab") as counted:
        counted.write(b".")


if __name__ == "__main__":
    *numbers, folder = sys.argv[1:]
    http, sftp, rubbish, identity, seed = map(int, numbers)
    asyncio.run(serve(http, sftp, rubbish, identity, seed, Path(folder)))
