"""Overloads the HTTP gateway: with the largest bodies on many connections, and with messages while the backlog is
full."""

import asyncio
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection

from bench.bodies import csv_file
from bench.ground import Ground, until
from bench.memory import peak_mib
from bench.sending import ready
from bench.territories import AIN
from router.settings import HttpSettings

CONNECTIONS = 64
LARGEST_BYTES = HttpSettings().max_body_bytes
PIECE_BYTES = 1024 * 1024
CUT_OFF = 0
"""Status recorded for a connection that was closed without an answer."""


async def refused_for_backlog(ground: Ground) -> int:
    """Send messages until the gateway refuses one because of its full backlog (503). Return its `Retry-After`, in
    seconds.

    Raises BenchFailed if messages are still accepted at the deadline.
    """
    asked: list[int] = []

    async def refused() -> bool:
        status, retry_after_s = await asyncio.to_thread(
            _post, ground.port, f"arriere-{len(asked)}", csv_file(1)
        )
        asked.append(retry_after_s)
        return status == 503

    await until(refused, "l'arriéré est plein, et la porte le dit")
    return asked[-1]


async def largest_bodies(ground: Ground) -> tuple[float, dict[str, int]]:
    """Send the largest accepted body on every connection at once. Return the gateway's peak memory in MiB, and the
    number of answers by status."""
    body = _largest()
    with ground.hub("gateway") as gateway:
        await ready(ground)
        with ThreadPoolExecutor(CONNECTIONS) as senders:
            loop = asyncio.get_running_loop()
            posts = [
                loop.run_in_executor(
                    senders, _post, ground.port, f"grand-{n}", body, f"\r\n{' ' * n}".encode()
                )
                for n in range(CONNECTIONS)
            ]
            answers = Counter(str(status) for status, _ in await asyncio.gather(*posts))
        assert gateway.pid
        return peak_mib(gateway.pid), dict(answers)


def _largest() -> bytes:
    """Return a file of vacancies of the largest size that the gateway accepts, less some bytes by which each sender
    varies it."""
    piece = csv_file(10_000)
    header, _, rows = piece.partition(b"\r\n")
    whole = header + (b"\r\n" + rows) * (LARGEST_BYTES // len(rows) + 1)
    return whole[: whole.rindex(b"\r\n", 0, LARGEST_BYTES - 2 * CONNECTIONS)]


def _post(port: int, key: str, body: bytes, end: bytes = b"") -> tuple[int, int]:
    """Send one message, `body` followed by `end`, and return status and `Retry-After`. The body is not copied as a
    whole."""
    connection = HTTPConnection("127.0.0.1", port, timeout=120)
    try:
        connection.putrequest("POST", "/v1/messages")
        connection.putheader("Authorization", f"Bearer {AIN.key}")
        connection.putheader("Content-Type", "text/csv")
        connection.putheader("SIAO-Dialecte", "hebergement_csv")
        connection.putheader("Idempotency-Key", key)
        connection.putheader("Content-Length", str(len(body) + len(end)))
        connection.endheaders()
        view = memoryview(body)
        for at in range(0, len(body), PIECE_BYTES):
            connection.send(view[at : at + PIECE_BYTES])
        connection.send(end)
        answer = connection.getresponse()
        answer.read()
        return answer.status, int(answer.headers.get("Retry-After", 0))
    except OSError:
        return CUT_OFF, 0
    finally:
        connection.close()
