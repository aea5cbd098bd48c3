"""Define the HTTP responses of the hub, each held in memory as a whole."""

from dataclasses import dataclass

Headers = tuple[tuple[bytes, bytes], ...]

JSON: Headers = ((b"content-type", b"application/json"),)
CLOSE: Headers = ((b"connection", b"close"),)
PRIVATE: Headers = ((b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"))


@dataclass(frozen=True, slots=True)
class Answer:
    """HTTP response of the hub. Header names are lower case; the transport adds Content-Length."""

    status: int
    body: bytes = b""
    headers: Headers = JSON


class Stop(Exception):
    """Raised to end a request with the given HTTP response."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer
