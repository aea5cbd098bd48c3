"""Program that sends messages over keep-alive HTTP/1.1 on plain sockets, in a process of its own.

Closed loop: each connection sends its next message when the last one is answered. Open loop: message `i` is meant
to leave at `start + i / rate`, and this time is recorded, however late it leaves. `python -m bench.load PORT
TERRITORIES COUNT RESULTS [--rate N]`: the shelters of these territories (1,2…) send in turn. The file RESULTS`.cpu`
gets the sender's own CPU seconds. `--said FILE` sends the messages of a file, one a line: API key, space, JSON
body.
"""

import argparse
import asyncio
import math
import time
from array import array
from collections import deque
from collections.abc import Sequence
from pathlib import Path

import uvloop

from bench.bodies import PLACES, bodies
from bench.records import write_requests
from bench.territories import Territory

CONNECTIONS = 64
"""Largest number of connections. There are no more than messages per second, because servers close connections that
are idle for some seconds."""
START_SECONDS = 0.2
ID_MARK, ID_LENGTH = b'"id":"', 36


class Sending:
    """All requests of a run, built beforehand, and the answer to each."""

    def __init__(self, requests: Sequence[bytes]) -> None:
        count = len(requests)
        self.requests = requests
        self.moments = array("d", bytes(8 * count))
        self.answers = array("d", bytes(8 * count))
        self.statuses = array("H", bytes(2 * count))
        self.ids = [b""] * count
        self.next = self.answered = 0
        self.ready: deque[int] = deque()
        self.idle: deque[Connection] = deque()
        self.closed = True
        self.done = asyncio.Event()

    def take(self) -> int | None:
        """Return the number of the message to send now; None if there is none."""
        if not self.closed:
            return self.ready.popleft() if self.ready else None
        if self.next == len(self.requests):
            return None
        self.next += 1
        return self.next - 1

    def due(self, number: int) -> None:
        """In the open loop, send a message whose time has come, or queue it until a connection is idle."""
        self.ready.append(number)
        if self.idle:
            self.idle.popleft().go_on()

    def settle(self, number: int, status: int, message: bytes) -> None:
        """Record the answer to a message, with its time."""
        self.answers[number] = time.monotonic()
        self.statuses[number] = status
        self.ids[number] = message
        self.answered += 1
        if self.answered == len(self.requests):
            self.done.set()


def _in_turn(
    territories: Sequence[Territory], prefix: str, port: int, count: int, places: int
) -> list[bytes]:
    """Return the requests of several shelters that send in rotation."""
    each = count // len(territories) + 1
    turns = [_requests(territory, prefix, port, each, places) for territory in territories]
    return [turns[n % len(turns)][n // len(turns)] for n in range(count)]


def _requests(territory: Territory, prefix: str, port: int, count: int, places: int) -> list[bytes]:
    """Return the requests of one shelter, about its first `places` places in rotation."""
    head = _head(port, prefix, territory.key)
    texts = [_body(body) for body in bodies(territory)[:places]]
    return [b"%b%d%b" % (head, n, texts[n % len(texts)]) for n in range(count)]


def _as_written(said: Path, prefix: str, port: int) -> list[bytes]:
    """Return the requests for the messages in a file, one a line."""
    lines = (line.split(b" ", 1) for line in said.read_bytes().splitlines())
    return [
        b"%b%d%b" % (_head(port, prefix, key.decode()), n, _body(body)) for n, (key, body) in enumerate(lines)
    ]


def _head(port: int, prefix: str, key: str) -> bytes:
    """Return the head of a request, up to the number that ends its idempotency key."""
    return (
        f"POST /v1/messages HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: application/json\r\nIdempotency-Key: {prefix}-"
    ).encode()


def _body(body: bytes) -> bytes:
    return b"\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


class Connection(asyncio.Protocol):
    """An HTTP connection that sends one request at a time."""

    transport: asyncio.WriteTransport

    def __init__(self, sending: Sending) -> None:
        self._sending = sending
        self._number = -1
        self._buffer = b""

    def connection_lost(self, exc: Exception | None) -> None:
        self._sending.done.set()

    def go_on(self) -> None:
        """Send the next message, or become idle if there is none."""
        sending = self._sending
        number = sending.take()
        if number is None:
            sending.idle.append(self)
            return
        self._number = number
        if sending.closed:
            sending.moments[number] = time.monotonic()
        self.transport.write(sending.requests[number])

    def data_received(self, data: bytes) -> None:
        self._buffer = buffer = self._buffer + data if self._buffer else data
        end = buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        at = buffer.find(b"content-length: ") + 16
        if len(buffer) < end + 4 + int(buffer[at : buffer.find(b"\r", at)]):
            return
        self._buffer = b""
        at = buffer.find(ID_MARK, end) + len(ID_MARK)
        self._sending.settle(self._number, int(buffer[9:12]), buffer[at : at + ID_LENGTH])
        self.go_on()


async def send_all(sending: Sending, port: int, rate: float | None) -> None:
    """Send all messages and wait for their answers. Returns early if a connection breaks."""
    loop = asyncio.get_running_loop()
    sending.closed = rate is None
    made = [
        await loop.create_connection(lambda: Connection(sending), "127.0.0.1", port)
        for _ in range(CONNECTIONS if rate is None else min(CONNECTIONS, math.ceil(rate)))
    ]
    for transport, connection in made:
        connection.transport = transport
        connection.go_on()
    if rate is not None:
        start, now = time.monotonic() + START_SECONDS, loop.time() + START_SECONDS
        for number in range(len(sending.requests)):
            sending.moments[number] = start + number / rate
            loop.call_at(now + number / rate, sending.due, number)
    await sending.done.wait()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("territories")
    parser.add_argument("count", type=int)
    parser.add_argument("results", type=Path)
    parser.add_argument("--rate", type=float)
    parser.add_argument("--places", type=int, default=PLACES)
    parser.add_argument("--said", type=Path)
    given = parser.parse_args()
    prefix = given.results.stem
    if given.said is not None:
        requests = _as_written(given.said, prefix, given.port)
    else:
        territories = [Territory(int(number)) for number in given.territories.split(",")]
        requests = _in_turn(territories, prefix, given.port, given.count, given.places)
    sending = Sending(requests)
    before = time.process_time()
    uvloop.run(send_all(sending, given.port, given.rate))
    given.results.with_suffix(".cpu").write_text(str(time.process_time() - before))
    write_requests(given.results, sending.moments, sending.answers, sending.statuses, sending.ids)


if __name__ == "__main__":
    main()
