"""Program of one attacker, in a process of its own: `python -m tests.hostile.hurling PORT SEED SECONDS RESULTS`.

Hypothesis generates the requests. If one gets an unacceptable answer, Hypothesis shrinks it, and it is written to
RESULTS with the number of answers by status.
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
from typing import ClassVar

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Flaky

from tests.hostile.requests import Request, honest, requests

ANSWER_SECONDS = 60.0
"""Time limit for an answer. It is longer than the hub may read a body, so a hub without an answer by then is
frozen."""
SEEN = frozenset({202, 400, 422})
"""Statuses that show that bodies are accepted and read."""
PATIENCE_SECONDS = 90.0
"""Limit on the seconds for which an attack goes on after its end."""
EXAMPLES = 50
"""Number of requests generated from one seed; then the next seed follows."""
SETTINGS = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
    report_multiple_bugs=False,
)


class Unfair(AssertionError):
    """An answer that the hub must never give."""


def answer_to(port: int, request: Request) -> tuple[int, bytes]:
    """Return status and head of the answer to a request; (0, b"") if the hub closed the connection, which it may do
    when the request is no HTTP. Raises Unfair if there is no answer in time."""
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
    """Raise Unfair if the answer reports an error of the hub.

    Only a 503 with `Retry-After` is acceptable, for a hub that is short of memory. A SOAP fault always has status
    500; a header then carries the real status.
    """
    if own := re.search(rb"\r\nsiao-statut: (\d{3})\r\n", head):
        status = int(own[1])
    if status >= 500 and not (status == 503 and b"retry-after:" in head.lower()):
        raise Unfair(f"réponse {status}")


class Told:
    """An attacker with its results: answers by status, and unacceptable answers."""

    wanted: ClassVar[frozenset[int]]
    """Statuses that show that its attack reaches what it attacks. It goes on until it has had each of them."""

    def __init__(self, port: int, seconds: float) -> None:
        self.answers = Counter[int]()
        self.found: list[str] = []
        self._port = port
        self._deadline = time.monotonic() + seconds

    @abstractmethod
    def run(self, seed: int) -> None:
        """Attack while `_goes_on`."""

    def _goes_on(self) -> bool:
        late = time.monotonic() - self._deadline
        return late < (0 if self.answers.keys() >= self.wanted else PATIENCE_SECONDS)


class Attacker(Told):
    """Attacker that sends generated requests."""

    wanted = SEEN

    def run(self, seed: int) -> None:
        """Send valid messages, so that the hub has something to deliver, then the requests of one seed after the
        other."""
        for request in honest():
            self._hurl(request, self.found)
        numbers = count(seed)
        while self._goes_on():
            self._round(next(numbers))

    def _round(self, number: int) -> None:
        blamed: list[str] = []

        @seed(number)
        @SETTINGS
        @given(requests())
        def one(request: Request) -> None:
            if self._goes_on():
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
    """Run an attacker from the command line, and write its results."""
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
