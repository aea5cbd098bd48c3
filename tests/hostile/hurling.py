"""One attacker: `python -m tests.hostile.hurling PORT SEED SECONDS RESULTS`, in a process of its own.

Hypothesis draws the requests. One that gets an answer that nobody may get is made as small as it can be, and written
down with its number of answers by status.
"""

import argparse
import json
import re
import socket
import time
from abc import abstractmethod
from collections import Counter
from contextlib import suppress
from itertools import count
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Flaky

from tests.hostile.requests import Request, requests

ANSWER_SECONDS = 60.0
"""Longer than any body may be read; who has no answer by then meets a hub that is frozen."""
EXAMPLES = 50
"""Drawn from one seed; the next ones from the next."""
SETTINGS = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
    report_multiple_bugs=False,
)


class Unfair(AssertionError):
    """An answer that nobody may get."""


def answer_to(port: int, request: Request) -> tuple[int, bytes]:
    """Status and head of the answer; (0, b"") where the hub hung up, as it may on what is no request. Raises Unfair
    where it is silent."""
    with socket.create_connection(("127.0.0.1", port), timeout=ANSWER_SECONDS) as connection:
        with suppress(OSError):  # it answers before it has read all, and hangs up
            connection.sendall(request.wire())
        head = b""
        try:
            while b"\r\n\r\n" not in head and (piece := connection.recv(65536)):
                head += piece
        except TimeoutError:
            raise Unfair("aucune réponse") from None
        except OSError:
            return 0, b""
    return (int(head[9:12]), head) if head.startswith(b"HTTP/1.1 ") else (0, b"")


def judge(status: int, head: bytes) -> None:
    """Raises Unfair for an error of ours. Only a hub that is short of memory, and says when to come back, may answer
    503. A SOAP fault is always a 500: a header has its own status."""
    if own := re.search(rb"\r\nsiao-statut: (\d{3})\r\n", head):
        status = int(own[1])
    if status >= 500 and not (status == 503 and b"retry-after:" in head.lower()):
        raise Unfair(f"réponse {status}")


class Told:
    """What somebody hostile tells of the answers to them."""

    def __init__(self, port: int, seconds: float) -> None:
        self.answers = Counter[int]()
        self.found: list[str] = []
        self._port = port
        self._deadline = time.monotonic() + seconds

    @abstractmethod
    def run(self, seed: int) -> None:
        """Attack until the time is over."""


class Attacker(Told):
    """Hurls requests until its time is over."""

    def run(self, seed: int) -> None:
        """Round after round, each of a seed of its own."""
        numbers = count(seed)
        while time.monotonic() < self._deadline:
            self._round(next(numbers))

    def _round(self, number: int) -> None:
        blamed: list[str] = []

        @seed(number)
        @SETTINGS
        @given(requests())
        def one(request: Request) -> None:
            if time.monotonic() < self._deadline:
                self._hurl(request, blamed)

        with suppress(Unfair, Flaky):  # flaky: its time was over while hypothesis made it smaller
            one()
        self.found += blamed[-1:]

    def _hurl(self, request: Request, blamed: list[str]) -> None:
        try:
            status, head = answer_to(self._port, request)
            self.answers[status] += 1
            judge(status, head)
        except Unfair as exc:
            blamed.append(f"{exc} : {request!r}")
            raise


def main(kind: type[Told]) -> None:
    """Run an attacker, and write down what it tells."""
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("seed", type=int)
    parser.add_argument("seconds", type=float)
    parser.add_argument("results", type=Path)
    told = parser.parse_args()
    attacker = kind(told.port, told.seconds)
    attacker.run(told.seed)
    said = {"reponses": attacker.answers, "trouvailles": attacker.found}
    told.results.write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main(Attacker)
