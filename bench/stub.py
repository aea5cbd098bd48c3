"""Program that plays a receiving partner: it answers 204 to every delivery, at once or after a delay, and records
each arrival.

`python -m bench.stub PORT RESULTS [--delay-ms N | --mute]`, in a process of its own, until SIGTERM; `--mute` never
answers. Of a request it reads only the length, the `webhook-id`, and in a delivery to a shelter the referral.
Referrals are written to RESULTS`.orientations`, each with its `webhook-id`.
"""

import argparse
import asyncio
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import cast

import uvloop

from bench.records import ARRIVAL

ANSWER = b"HTTP/1.1 204 No Content\r\n\r\n"
FLUSH_SECONDS = 0.02
LENGTH, KEY = b"\r\ncontent-length:", b"\r\nwebhook-id:"
REFERRAL, ID_LENGTH = b'"orientation":"', 36


class Partner(asyncio.Protocol):
    """One connection from the hub to the receiving partner."""

    def __init__(self, arrived: Callable[[bytes, bytes], None], delay_s: float, mute: bool) -> None:
        self._arrived, self._delay_s, self._mute = arrived, delay_s, mute
        self._loop = asyncio.get_running_loop()
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's own class is not registered as one

    def data_received(self, data: bytes) -> None:
        self._buffer = buffer = self._buffer + data if self._buffer else data
        end = buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = buffer[: end + 2].lower()
        if len(buffer) < end + 4 + int(_value(head, LENGTH)):
            return
        self._buffer = b""
        at = buffer.find(REFERRAL, end) + len(REFERRAL)
        self._arrived(_value(head, KEY), buffer[at : at + ID_LENGTH] if at >= end else b"")
        if self._mute:
            return
        if self._delay_s:
            self._loop.call_later(self._delay_s, self._answer)
        else:
            self._transport.write(ANSWER)

    def _answer(self) -> None:
        if not self._transport.is_closing():
            self._transport.write(ANSWER)


def _value(head: bytes, name: bytes) -> bytes:
    at = head.index(name) + len(name)
    return head[at : head.index(b"\r", at)].strip()


async def serve(port: int, results: Path, delay_s: float, mute: bool) -> None:
    """Serve deliveries until SIGTERM."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    arrivals: list[bytes] = []
    referrals: list[bytes] = []

    def arrived(key: bytes, referral: bytes) -> None:
        arrivals.append(ARRIVAL.pack(time.monotonic(), key))
        if referral:
            referrals.append(b"%b %b\n" % (key, referral))

    noted = results.with_name(f"{results.name}.orientations")
    with results.open("wb", buffering=0) as file, noted.open("wb", buffering=0) as beside:
        server = await loop.create_server(
            lambda: Partner(arrived, delay_s, mute), "127.0.0.1", port, backlog=1024
        )
        while not stop.is_set():
            await asyncio.sleep(FLUSH_SECONDS)
            beside.write(b"".join(referrals))
            file.write(b"".join(arrivals))
            referrals.clear()
            arrivals.clear()
        server.close()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("results", type=Path)
    parser.add_argument("--delay-ms", type=float, default=0.0)
    parser.add_argument("--mute", action="store_true")
    given = parser.parse_args()
    uvloop.run(serve(given.port, given.results, given.delay_ms / 1000, given.mute))


if __name__ == "__main__":
    main()
